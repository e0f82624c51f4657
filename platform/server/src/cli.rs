//! The command line of `grid-platform`. Knows how to read arguments and say results; what they do is in `admin`, `serve`.

mod admin;
mod args;
mod backup;
mod keys;
mod serve;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser as _;

pub use args::Arguments;
use args::Command;

use crate::{AdminError, BackupError, Language, Sentence, StartError};

/// Exit code of everything that was not done.
const NOT_DONE: u8 = 2;
/// Exit code of a check that was done and found a flaw.
const DOES_NOT_HOLD: u8 = 1;

/// Runs the program with the process's own arguments.
pub fn main() -> ExitCode {
    let language = language();
    match run(Arguments::parse(), language, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("grid-platform: {}", failure.sentence().in_language(language));
            ExitCode::from(failure.code())
        }
    }
}

/// Runs one command; what it has to say goes to `out`.
pub fn run(arguments: Arguments, language: Language, out: &mut dyn Write) -> Result<(), Failure> {
    match arguments.command {
        Command::Serve(serve) => serve::run(serve, out),
        Command::Admin(admin) => admin::run(admin, language, out),
        Command::Backup(asked) => backup::make(&asked, language, out),
        Command::BackupKeys(asked) => backup::keys(&asked, language, out),
        Command::Verify(asked) => backup::verify(&asked, language, out),
        Command::Restore(asked) => backup::put_back(&asked, language, out),
    }
}

/// Where results go, and in which language.
struct Says<'o> {
    language: Language,
    out: &'o mut dyn Write,
}

impl Says<'_> {
    fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) -> Result<(), Failure> {
        let sentence = Sentence::new(zh, en);
        Ok(writeln!(self.out, "{}", sentence.in_language(self.language))?)
    }

    fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{text}")?)
    }
}

/// Why a command was not carried out.
#[derive(Debug)]
pub enum Failure {
    /// The platform does not start.
    Start(StartError),
    /// The operation was not done.
    Admin(AdminError),
    /// A backup was not made, does not hold, or was not put back.
    Backup(BackupError),
    /// The result could not be written; it was done all the same.
    Output(io::Error),
}

impl Failure {
    /// Exit code of the program: 1 when a backup was looked at and does not hold, 2 for everything else.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Backup(BackupError::Flaw { .. }) => DOES_NOT_HOLD,
            _ => NOT_DONE,
        }
    }

    /// What happened and what to do.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Start(error) => error.sentence(),
            Self::Admin(error) => error.sentence(),
            Self::Backup(error) => error.sentence(),
            Self::Output(error) => Sentence::new(
                format!("操作已完成，但结果无法显示（{error}）。"),
                format!("it was done, but the result could not be shown ({error})."),
            ),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

impl From<AdminError> for Failure {
    fn from(error: AdminError) -> Self {
        Self::Admin(error)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        Self::Backup(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn language() -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .filter_map(|name| std::env::var(name).ok());
    set.into_iter()
        .find(|value| !value.is_empty())
        .map_or(Language::En, |name| Language::of_locale(&name))
}
