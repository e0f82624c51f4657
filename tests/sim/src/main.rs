//! `grid-sim`: plays seeds and says what was wrong.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use grid_sim::{FAULTS, Place, Settings, Sums, minimised, play_many};

/// Plays days of work on many phones under faults, and checks that nothing is lost, doubled, stuck or diverged.
#[derive(Parser)]
struct Arguments {
    /// How many seeds are played.
    #[arg(long, default_value_t = 43, value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Phones in each world.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(2..=50))]
    devices: u16,
    /// Days that each world lasts.
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u32).range(1..=60))]
    days: u32,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    first_seed: u64,
    /// Write the history of the first seed here, a line for each event.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Play with these faults only, such as the few that a failing seed takes.
    #[arg(long, value_delimiter = ',')]
    faults: Option<Vec<u8>>,
    /// Do not look for the few faults that a failing seed takes.
    #[arg(long)]
    no_minimise: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (devices, days) = (usize::from(arguments.devices), arguments.days);
    let shown = std::io::stderr().is_terminal();
    let every = if shown { 1 } else { (arguments.seeds / 10).max(1) };
    let sums = play_many(
        (arguments.first_seed, arguments.seeds),
        (devices, days),
        arguments.history.as_deref(),
        arguments
            .faults
            .as_ref()
            .map(|faults| faults.iter().copied().collect()),
        &|played| {
            if played % every == 0 {
                eprintln!("{played} of {} seeds", arguments.seeds);
            }
        },
    );
    for (seed, text) in &sums.failed {
        println!("seed {seed}\n{text}");
        if !arguments.no_minimise {
            let settings = Settings {
                seed: *seed,
                devices,
                days,
                flaw: None,
            };
            println!("  needs the faults {:?}", minimised(&settings));
        }
    }
    report(&sums)
}

fn report(sums: &Sums) -> ExitCode {
    for listed in FAULTS {
        if let Place::NotHere(because) = listed.place {
            println!(
                "not simulated: {} {}, because: {because}",
                listed.number, listed.name
            );
        }
    }
    let never = sums.never_hit();
    for listed in &never {
        println!("never hit: {} {}", listed.number, listed.name);
    }
    println!(
        "records {}, syncs {}, broken {}",
        sums.records, sums.syncs, sums.broken
    );
    println!("{}", sums.line());
    if sums.failed.is_empty() && never.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
