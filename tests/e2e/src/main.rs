//! `grid-demo`: plays the island scenario and compares it with the paper tally. `scripts/demo` builds and runs it.

use std::process::ExitCode;

use clap::Parser;
use grid_e2e::{Demo, demo, leftover};

/// Plays the nine days on the island: six phones, no link, then windows of ten minutes; and counts what arrived.
#[derive(Parser)]
#[command(name = "grid-demo", version)]
struct Arguments {
    /// Compare only: leave nothing running; exit code 1 on any difference.
    #[arg(long)]
    check: bool,
    /// Seed of every random choice.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the ledger to this file as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<std::path::PathBuf>,
    /// Another scenario file.
    #[arg(long, value_name = "FILE")]
    scenario: Option<std::path::PathBuf>,
    /// Stop the platform that a former demo left running.
    #[arg(long)]
    stop: bool,
    /// Spoil one record on the way, to see the comparison fail: drop, double or alter.
    #[arg(long, hide = true, value_name = "HOW")]
    spoil: Option<grid_e2e::Spoil>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = if arguments.stop {
        leftover::stop().map(|said| {
            println!("{said}");
            true
        })
    } else {
        demo(&Demo {
            check: arguments.check,
            seed: arguments.seed,
            json: arguments.json,
            scenario: arguments.scenario,
            spoil: arguments.spoil,
        })
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
