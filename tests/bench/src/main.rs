//! `grid-bench`: the measures of the field core, as a table and as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grid_bench::bindings::{BindingsSettings, Language, measure_bindings};
use grid_bench::rounds::{Settings, measure};
use grid_bench::sync::{SyncSettings, measure_sync};
use grid_bench::table::{Measure, sheet};
use grid_bench::{BenchError, samples};

/// Measures the field core beside a bare database, side by side in one run.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Durable changes, a cold open and memory of the store on this machine's disk (TMPDIR).
    Store {
        /// Where the measures are written as JSON.
        #[arg(long)]
        json: PathBuf,
        /// How many rounds; figures are medians over them.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
        /// Seed of the records; without one the kept records are used.
        #[arg(long)]
        seed: Option<u64>,
        /// Records of the large vault, of which one in ten is a task; at 1,100,000 it takes about 2 GB for a while.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(60_000..))]
        large: u32,
    },
    /// Bytes, turns, processor time and memory of sync over sockets of this machine.
    Sync {
        /// Where the measures are written as JSON.
        #[arg(long)]
        json: PathBuf,
        /// How many rounds; figures are medians over them.
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
        /// Seed of the records; without one the kept records are used.
        #[arg(long)]
        seed: Option<u64>,
        /// Rows that a fresh device pulls.
        #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..))]
        rows: u32,
    },
    /// What a call costs through the packages for Kotlin, Swift and Python, beside the same call from Rust.
    Bindings {
        /// Where the measures are written as JSON.
        #[arg(long)]
        json: PathBuf,
        /// How many rounds; figures are medians over them.
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
        rounds: u16,
        /// The library as apps ship it.
        #[arg(long)]
        library: PathBuf,
        /// What times the same calls from Rust in a language's process.
        #[arg(long)]
        peer: PathBuf,
        /// `scripts/bindings`, which runs each language's program.
        #[arg(long)]
        script: PathBuf,
        /// Which languages.
        #[arg(long, value_delimiter = ',', default_value = "kotlin,swift,python")]
        languages: Vec<Language>,
    },
    /// Writes columns of batches of a few records, a file each: what `scripts/train-dictionary` trains on.
    #[command(hide = true)]
    Samples {
        folder: PathBuf,
        seed: u64,
        count: usize,
    },
}

fn main() -> ExitCode {
    match act(Arguments::parse().what) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("grid-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn act(what: What) -> Result<(), BenchError> {
    match what {
        What::Store {
            json,
            rounds,
            seed,
            large,
        } => {
            let measures = measure(Settings {
                rounds: usize::from(rounds),
                seed,
                single: 1_000,
                grouped: 10_000,
                large: large as usize,
                searched: 100_000,
            })?;
            tell(&json, &measures)?;
        }
        What::Sync {
            json,
            rounds,
            seed,
            rows,
        } => tell(
            &json,
            &measure_sync(SyncSettings {
                rounds: usize::from(rounds),
                seed,
                queued: 10_000,
                rows: rows as usize,
                photos: (90, 25_000_000),
                cuts: 30,
            })?,
        )?,
        What::Bindings {
            json,
            rounds,
            library,
            peer,
            script,
            languages,
        } => tell(
            &json,
            &measure_bindings(&BindingsSettings {
                rounds: usize::from(rounds),
                library,
                peer,
                script,
                languages,
            })?,
        )?,
        What::Samples { folder, seed, count } => samples::write(&folder, seed, count)?,
    }
    Ok(())
}

fn tell(json: &std::path::Path, measures: &[Measure]) -> Result<(), BenchError> {
    std::fs::write(json, serde_json::to_string_pretty(measures)? + "\n")?;
    print!("{}", sheet(measures));
    println!("written to {}", json.display());
    Ok(())
}
