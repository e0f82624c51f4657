//! The crash suites on the command line. The last line says what came of it, the exit code whether it is good.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grid_crash::{cuts, damage, io, kill, museum};

/// Cuts the power, fails operations, kills processes and damages files under a field book, and says what was lost.
#[derive(Parser)]
#[command(name = "grid-crash")]
struct Arguments {
    #[command(subcommand)]
    suite: Suite,
}

#[derive(Subcommand)]
enum Suite {
    /// Cut the power in every operation of the disk, then at random.
    Cuts {
        /// Judged cuts, the whole sweep at least.
        #[arg(long, default_value_t = 50_000)]
        count: u64,
        /// Decides everything random.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only this operation, or several divided by ` + `.
        #[arg(long)]
        only: Option<String>,
        /// Only the cut at this place.
        #[arg(long)]
        index: Option<u64>,
    },
    /// Fail every operation of the disk, once and for ever.
    Io {
        /// Decides which of the disks that a power cut may leave is looked at.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only this operation.
        #[arg(long)]
        only: Option<String>,
        /// Only the operation of the disk with this number.
        #[arg(long)]
        index: Option<u64>,
    },
    /// Kill processes that record in a real folder.
    Kill {
        /// Kills.
        #[arg(long, default_value_t = 300)]
        count: u64,
        /// Decides what is recorded; the moment of a kill is the machine's.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Damage files of vaults.
    Damage {
        /// Images.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
        /// Decides everything random.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only the image with this number.
        #[arg(long)]
        image: Option<u64>,
    },
    /// Make known mistakes on purpose, one by one: the suites must find each.
    Museum {
        /// Whose mistakes.
        #[arg(value_parser = ["store"])]
        which: String,
        /// Decides keys, ids and bodies.
        #[arg(long, default_value_t = 0)]
        seed: u64,
    },
    /// Records until it is killed.
    #[command(hide = true)]
    KillChild {
        /// The vault.
        folder: PathBuf,
        /// Decides what is recorded.
        seed: u64,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().suite {
        Suite::Cuts {
            count,
            seed,
            only,
            index,
        } => {
            let order = cuts::Order {
                count,
                seed,
                only,
                index,
            };
            cuts::run(&order).map(|outcome| (outcome.line(), outcome.is_good()))
        }
        Suite::Io { seed, only, index } => {
            let order = io::Order {
                seed,
                only,
                index,
                every: 1,
            };
            io::run(&order).map(|outcome| {
                println!("answers: {:?}", outcome.answers);
                (outcome.line(), outcome.is_good())
            })
        }
        Suite::Kill { count, seed } => std::env::current_exe()
            .map_err(|error| error.to_string())
            .and_then(|program| kill::run(&program, count, seed))
            .map(|outcome| (outcome.line(), outcome.is_good())),
        Suite::Damage { count, seed, image } => {
            damage::run(count, seed, image).map(|report| (report.text(), report.is_clean(image.is_some())))
        }
        Suite::Museum { which: _, seed } => {
            let visit = museum::store(seed);
            Ok((visit.text(), visit.bugs == visit.caught))
        }
        Suite::KillChild { folder, seed } => {
            kill::child(folder, seed);
            return ExitCode::SUCCESS;
        }
    };
    match done {
        Ok((line, good)) => {
            println!("{line}");
            if good {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(what) => {
            eprintln!("{what}");
            ExitCode::FAILURE
        }
    }
}
