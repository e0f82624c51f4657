//! One run: read the command line, open the vault, do it, close, and say what came of it.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory as _, FromArgMatches as _};
use grid_fieldbook::{FieldBook, FieldError, FileKeyVault, Recovery};
use grid_screens::Lang;
use serde_json::json;

use crate::answer::Answer;
use crate::args::{Arguments, Command, Opening};
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::{Failure, Snag};
use crate::help::localized;
use crate::recover::Recover;
use crate::say::Say;
use crate::setting::Setting;
use crate::table::Paint;
use crate::usage;

/// Between two looks whether a vault was closed, ms.
const LOOK_AGAIN_MS: u64 = 50;

/// Runs with this process's own arguments and surroundings.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let setting = Setting::of_process();
    let exit = run(
        &arguments,
        &setting,
        &mut std::io::stdout(),
        &mut std::io::stderr(),
    );
    ExitCode::from(exit as u8)
}

/// Runs one command; answers go to `out`, what did not go as asked and progress to `err`.
///
/// With `--json` everything a script needs is one document on `out`, failures too.
pub fn run(arguments: &[OsString], setting: &Setting, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
    let lang = usage::lang_of(arguments).unwrap_or_else(|| setting.lang());
    let json = usage::wants_json(arguments);
    let command = localized(Arguments::command(), lang, setting.terminal.columns);
    let words = std::iter::once(OsString::from("grid")).chain(arguments.iter().cloned());
    let parsed = command.clone().try_get_matches_from(words);
    let answered = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => execute(&arguments, command, setting, lang, err),
        Err(error) => match usage::help(&error, setting.terminal.colour_out) {
            Some(text) => {
                put(out, &text);
                return Exit::Done;
            }
            None => {
                if !json {
                    put(err, &usage::page(&error));
                }
                Err(usage::failure(&error, &command, arguments, lang))
            }
        },
    };
    let (answer, failure) = match answered {
        Ok(mut answer) => {
            let failure = answer.failure.take();
            (Some(answer), failure)
        }
        Err(failure) => (None, Some(failure)),
    };
    if json {
        let mut document = answer.map_or_else(|| json!({}), |answer| answer.json);
        if let Some(failure) = &failure {
            let key = match failure.exit {
                Exit::Done => "warning",
                _ => "error",
            };
            document[key] = failure.json();
        }
        put(out, &format!("{document}\n"));
    } else {
        put(out, &answer.map(|answer| answer.text).unwrap_or_default());
        if let Some(failure) = &failure {
            put(err, &failure.text(Paint(setting.terminal.colour_err), lang));
        }
    }
    failure.map_or(Exit::Done, |failure| failure.exit)
}

/// Writes; a reader that went away (`grid records | head`) is nobody's fault.
fn put(to: &mut dyn Write, text: &str) {
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

fn execute(
    arguments: &Arguments,
    command: clap::Command,
    setting: &Setting,
    lang: Lang,
    err: &mut dyn Write,
) -> Result<Answer, Failure> {
    if let Command::Completions(completions) = &arguments.command {
        return Ok(completions.run(command));
    }
    let vault = setting
        .vault(arguments.global.vault.as_deref())
        .ok_or_else(|| Snag::NoHome.with("", lang))?;
    let key_file = setting.key_file(arguments.global.key_file.as_deref(), &vault);
    let paint = Paint(setting.terminal.colour_out && !arguments.global.json);
    if let Command::Recover(_) = &arguments.command {
        return recover(&vault, &key_file, setting, lang);
    }
    // A doctor need not wait for another program to be done: it looks at a copy.
    let patience_ms = match arguments.command {
        Command::Doctor(_) => 0,
        _ => setting.patience_ms,
    };
    let opening = arguments.command.opening();
    let opened = open(&vault, &key_file, (opening, patience_ms), setting, lang);
    let book = match (opened, &arguments.command) {
        (Err((FieldError::AlreadyOpen, _)), Command::Doctor(doctor)) => {
            let keys = FileKeyVault::at(&key_file);
            return doctor.on_copy(setting, &keys, (&vault, &key_file), lang, paint);
        }
        (opened, _) => opened.map_err(|(_, failure)| failure)?,
    };
    let desk = Desk {
        book: &book,
        lang,
        now_ms: setting.host.clock.now().wall_ms,
        paint,
        setting,
        vault: &vault,
        key_file: &key_file,
    };
    let answered = perform(&desk, &arguments.command, arguments.global.json, err);
    let closed = desk.ask(FieldBook::close);
    let answer = answered?;
    closed?;
    Ok(answer)
}

fn perform(desk: &Desk<'_>, command: &Command, json: bool, err: &mut dyn Write) -> Result<Answer, Failure> {
    match command {
        Command::Enroll(enroll) => enroll.run(desk),
        Command::Tasks(tasks) => tasks.run(desk),
        Command::Task(one) => one.run(desk),
        Command::Accept(accept) => accept.run(desk),
        Command::Arrive(arrive) => arrive.run(desk),
        Command::Submit(submit) => submit.run(desk),
        Command::Extend(extend) => extend.run(desk),
        Command::Patrol(patrol) => patrol.run(desk),
        Command::Count(count) => count.run(desk),
        Command::Urgent(urgent) => urgent.run(desk),
        Command::Case(case) => case.run(desk),
        Command::Posts(posts) => posts.run(desk),
        Command::Sync(sync) => sync.run(desk, json, err),
        Command::Status(status) => status.run(desk),
        Command::Records(records) => records.run(desk),
        Command::Retry(retry) => retry.run(desk),
        Command::Amend(amend) => amend.run(desk),
        Command::Export(export) => export.run(desk),
        Command::Search(search) => search.run(desk),
        Command::Doctor(doctor) => doctor.run(desk),
        // `execute` does this one without an open vault; a vault that opens is whole.
        Command::Recover(_) => Ok(Recover::told(&Recovery::default(), desk.book, desk.lang)),
        Command::Completions(completions) => {
            let command = localized(Arguments::command(), desk.lang, None);
            Ok(completions.run(command))
        }
    }
}

fn open(
    vault: &Path,
    key_file: &Path,
    (opening, patience_ms): (Opening, u64),
    setting: &Setting,
    lang: Lang,
) -> Result<FieldBook, (FieldError, Failure)> {
    if !is_there(vault) {
        let named = vault.display().to_string();
        let unfit = |snag: Snag| (FieldError::NotFound { what: "vault" }, snag.with(&named, lang));
        if opening == Opening::Existing {
            return Err(unfit(Snag::NoVault));
        }
        make_folder(vault).map_err(|()| unfit(Snag::NoFolder))?;
    }
    let keys = FileKeyVault::at(key_file);
    let open = || FieldBook::open(vault, setting.host.clone(), &keys);
    let mut opened = open();
    let mut waited_ms = 0;
    while matches!(opened, Err(FieldError::AlreadyOpen)) && waited_ms < patience_ms {
        // Another `grid` is usually done in a moment.
        std::thread::sleep(Duration::from_millis(LOOK_AGAIN_MS));
        waited_ms += LOOK_AGAIN_MS;
        opened = open();
    }
    opened.map_err(|error| {
        let mut failure = Failure::field(&error, lang);
        if matches!(error, FieldError::Damaged | FieldError::Locked) {
            let say = if key_file.exists() {
                Say::KeyThere
            } else {
                Say::KeyMissing
            };
            let named = say.fill(lang, &[&key_file.display().to_string()]);
            let next = format!("{}{}{named}", failure.advice.next, lang.pick("；", "; "));
            failure.advice.next = next;
        }
        if failure.exit == Exit::Internal {
            // A vault that cannot even be opened is a matter of its files.
            failure.exit = Exit::Storage;
        }
        (error, failure)
    })
}

fn is_there(vault: &Path) -> bool {
    ["fieldbook.db", "key", "made"]
        .iter()
        .any(|name| vault.join(name).exists())
}

fn recover(vault: &Path, key_file: &Path, setting: &Setting, lang: Lang) -> Result<Answer, Failure> {
    if !is_there(vault) {
        return Err(Snag::NoVault.with(&vault.display().to_string(), lang));
    }
    let keys = FileKeyVault::at(key_file);
    let failed = |error: FieldError| Failure::field(&error, lang);
    let (book, recovery) = FieldBook::recover(vault, setting.host.clone(), &keys).map_err(failed)?;
    let answer = Recover::told(&recovery, &book, lang);
    book.close().map_err(failed)?;
    Ok(answer)
}

/// Makes the vault's folder; on Unix only its owner may look in.
fn make_folder(vault: &Path) -> Result<(), ()> {
    if vault.is_dir() {
        return Ok(());
    }
    let parent: PathBuf = crate::setting::beside(vault);
    std::fs::create_dir_all(parent).map_err(drop)?;
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(vault).map_err(drop)
}
