//! The crash suites on the command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grid_crash::cuts;

/// Cuts the power, fails operations and kills processes under a field book, and says what was lost.
#[derive(Parser)]
#[command(name = "grid-crash")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Cut the power in every operation of the disk, then at random.
    Cuts {
        /// Judged cuts.
        #[arg(long, default_value_t = 50_000)]
        count: u64,
        /// Decides everything random.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Only this operation (or several, divided by ` + `).
        #[arg(long)]
        only: Option<String>,
        /// Only the cut at this place.
        #[arg(long)]
        index: Option<u64>,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Cuts {
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
