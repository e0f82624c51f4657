//! `grid-sim-museum`: switches each mistake on in turn and says how many seeds it took to catch it.

use std::process::ExitCode;

use clap::Parser;
use grid_sim::museum::{SYNC, visit};

/// Mistakes that other systems made in syncing, each of which the simulation must catch.
#[derive(Parser)]
#[command(name = "scripts/museum sync", version)]
struct Arguments {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Seeds after which a mistake counts as not caught.
    #[arg(long, default_value_t = 40)]
    seeds: u64,
    /// Only the mistakes whose switch has this in its name.
    #[arg(long, default_value = "")]
    only: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |flaw| format!("{flaw:?}").contains(&arguments.only);
    let exhibits: Vec<_> = SYNC.into_iter().filter(|one| wanted(one.flaw)).collect();
    let visits = visit(&exhibits, arguments.seed, arguments.seeds);
    for visit in &visits {
        let exhibit = &visit.exhibit;
        match (&visit.caught, &visit.without) {
            (Some((seeds, what)), None) => println!(
                "{:?}: {} ({}): caught by the simulation after {seeds} seeds: {what}",
                exhibit.flaw, exhibit.name, exhibit.source
            ),
            (Some(_), Some(what)) => println!("{:?}: NOT CLEAN without it: {what}", exhibit.flaw),
            (None, _) => println!(
                "{:?}: {} ({}): NOT CAUGHT in {} seeds",
                exhibit.flaw, exhibit.name, exhibit.source, arguments.seeds
            ),
        }
    }
    let caught = visits.iter().filter(|visit| visit.is_good()).count();
    println!("bugs {}, caught {caught}", visits.len());
    if caught == visits.len() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
