//! The command line: the global options and one command each. Help texts in Chinese stand in `help_zh`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{
    amend, case, completions, count, doctor, enroll, extend, patrol, records, recover, report, status, sync,
    tasks, urgent,
};

/// Grid Fieldbook in the terminal: record with no network, sync when there is one.
#[derive(Debug, Parser)]
#[command(
    name = "grid",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 refused or input not usable, 2 usage, 3 no link, 4 storage, 5 internal"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// Folder of the field book [default: $GRID_VAULT, else grid-fieldbook/vault in your data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) vault: Option<PathBuf>,
    /// Key file [default: $GRID_KEY_FILE, else DIR.key beside the vault's folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Print one JSON document on standard output, errors too
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Language of the texts, from LC_ALL, LC_MESSAGES or LANG unless given
    #[arg(long, global = true, value_name = "LANG", value_parser = ["zh", "en"])]
    pub(crate) lang: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enrol this field book with a ticket from the supervisor
    Enroll(enroll::Enroll),
    /// List tasks by due time
    Tasks(tasks::Tasks),
    /// Show one task
    Task(tasks::One),
    /// Accept a task
    Accept(tasks::Accept),
    /// Record that you are on the scene of a task
    Arrive(tasks::Arrive),
    /// Report on a task
    Submit(report::Submit),
    /// Ask for more time for a task
    Extend(extend::Extend),
    /// Patrols: start, record, end
    #[command(subcommand)]
    Patrol(patrol::Patrol),
    /// Add to a counter
    Count(count::Count),
    /// Rescues: start, steps, report
    #[command(subcommand)]
    Urgent(urgent::Urgent),
    /// Matters you found yourself: report, follow up
    #[command(subcommand)]
    Case(case::Case),
    /// List posts and checkpoints
    Posts(tasks::Posts),
    /// Send what waits and fetch what is new
    Sync(sync::Sync),
    /// Say how this field book stands
    Status(status::StatusOf),
    /// List your records, the newest first
    Records(records::Records),
    /// Offer a record or a photo that was sent back once more
    Retry(records::Retry),
    /// Say a record that was sent back in other words
    Amend(amend::Amend),
    /// Write a record into a sealed file that can be carried to the duty desk
    Export(amend::Export),
    /// Find tasks and records by their words
    Search(records::Search),
    /// Check the field book; exit code 0 when all is well, else 1
    Doctor(doctor::Doctor),
    /// Bring back a field book that does not open; the damaged file is kept
    Recover(recover::Recover),
    /// Print the completions of a shell
    Completions(completions::Completions),
}

/// How a command meets the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// Needs none.
    Never,
    /// Looks into one that is there: a mistyped folder is told, not filled.
    Existing,
    /// May be the first to record into a new one.
    OrNew,
}

impl Command {
    pub(crate) const fn opening(&self) -> Opening {
        match self {
            Self::Completions(_) => Opening::Never,
            Self::Enroll(_)
            | Self::Count(_)
            | Self::Patrol(patrol::Patrol::Start(_))
            | Self::Urgent(urgent::Urgent::Start(_))
            | Self::Case(case::Case::Report(_)) => Opening::OrNew,
            _ => Opening::Existing,
        }
    }
}
