//! `grid-bench-phone`: what is measured in a process of its own. It has what a phone has, and no platform: the pages of a program
//! count as its memory.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grid_bench::BenchError;
use grid_bench::probe::{Probe, run};
use grid_bench::rounds::records;
use grid_bench::sync::phone::{self, Act};

/// One measure in a process of its own; `grid-bench` starts these.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// A phone that syncs, and what it is compared with.
    Phone {
        act: Act,
        folder: PathBuf,
        address: std::net::SocketAddr,
        seed: u64,
        rows: usize,
    },
    /// A measure of the store.
    Probe {
        probe: Probe,
        folder: PathBuf,
        #[arg(long, default_value_t = 0)]
        changes: usize,
        #[arg(long)]
        seed: Option<u64>,
    },
}

fn main() -> ExitCode {
    match act(Arguments::parse().what) {
        Ok(found) => {
            println!("{found}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("grid-bench-phone: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures; answers what was found, in JSON.
fn act(what: What) -> Result<String, BenchError> {
    match what {
        What::Phone {
            act,
            folder,
            address,
            seed,
            rows,
        } => Ok(serde_json::to_string(&phone::act(
            act,
            &folder,
            address,
            (seed, rows),
        )?)?),
        What::Probe {
            probe,
            folder,
            changes,
            seed,
        } => {
            let records = if changes == 0 {
                Vec::new()
            } else {
                records(seed, changes)?
            };
            Ok(serde_json::to_string(&run(probe, &folder, &records, changes)?)?)
        }
    }
}
