//! `grid-cut`: cuts a field book's connections at every byte and says what was lost.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Parser;
use grid_cut::{
    Cut, Order, PROFILES, Profile, Profiled, Storm, Swept, Trouble, play_as_is, play_profile, storm, sweep,
};

/// Records and photos of the big sync.
const BIG: (usize, usize) = (2_000, 40);

/// Cuts the connections between a field book and a platform, and checks that nothing is lost or doubled.
#[derive(Parser)]
struct Arguments {
    /// Decides what is recorded, every random byte of both sides, and where the big sync is cut.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Cuts at random places of the big sync.
    #[arg(long, default_value_t = 400)]
    count: u64,
    /// The small sync is cut at every so many bytes of each direction.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Only this cut of the small sync, such as up:120:close (or swallow, or dead).
    #[arg(long)]
    only: Option<Cut>,
    /// Only one sync past the proxy, in real time, for a link that somebody else has made slow.
    #[arg(long, hide = true)]
    as_is: bool,
    /// Records that go in that sync.
    #[arg(long, hide = true, default_value_t = 40)]
    records: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = if arguments.as_is {
        as_is(arguments.seed, arguments.records)
    } else {
        all(&arguments)
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(trouble) => {
            eprintln!("{trouble}");
            ExitCode::FAILURE
        }
    }
}

fn all(arguments: &Arguments) -> Result<bool, Trouble> {
    let order = Order {
        seed: arguments.seed,
        every: arguments.every,
        only: arguments.only,
        spoil: None,
    };
    let tenths = AtomicUsize::new(0);
    let swept = sweep(&order, &|done, all| {
        let tenth = done * 10 / all.max(1);
        if tenths.fetch_max(tenth, Ordering::SeqCst) < tenth {
            eprintln!("{done} of {all} cuts of the small sync");
        }
    })?;
    tell_sweep(&swept, arguments.seed);
    let mut good = swept.failed.is_empty();
    let mut big = Storm::default();
    let (mut lost, mut doubled) = (swept.lost, swept.doubled);
    if arguments.only.is_none() {
        if arguments.count > 0 {
            big = storm(arguments.seed, BIG, arguments.count, &|cuts| {
                eprintln!("{cuts} of {} cuts of the big sync", arguments.count);
            })?;
            tell_storm(&big, arguments);
            good &= big.failed.is_empty();
        }
        for profile in &PROFILES {
            let profiled = play_profile(profile, arguments.seed)?;
            tell_profile(profile, &profiled);
            good &= profiled.verdict.is_clean();
            lost += profiled.verdict.lost.len() as u64;
            doubled += profiled.verdict.doubled.len() as u64;
        }
    }
    println!(
        "cuts {}, lost {}, doubled {}, resent at most {} bytes",
        swept.cuts + big.cuts,
        lost + big.lost,
        doubled + big.doubled,
        swept.resent_max
    );
    Ok(good)
}

fn tell_sweep(swept: &Swept, seed: u64) {
    for (cut, what) in swept.failed.iter().take(20) {
        println!("cut {cut}, seed {seed}: scripts/cut --seed {seed} --only {cut}\n{what}");
    }
    let [up, down] = swept.bytes;
    let at = swept
        .resent_at
        .map_or_else(String::new, |cut| format!(" ({cut})"));
    println!(
        "small sync of {up} bytes up and {down} down: {} cuts, {} places not reached, failed {}, at most {} syncs, \
         resent at most {} bytes{at}",
        swept.cuts,
        swept.missed,
        swept.failed.len(),
        swept.syncs_max,
        swept.resent_max
    );
}

fn tell_storm(storm: &Storm, arguments: &Arguments) {
    for (round, what) in &storm.failed {
        let (seed, count) = (arguments.seed, arguments.count);
        println!("big sync, round seed {round}: scripts/cut --seed {seed} --count {count}\n{what}");
    }
    println!(
        "big sync of {} records and {} photos, {} bytes up: {} cuts in {} rounds, {} syncs, lost {}, doubled {}, resent \
         {} bytes a cut on average",
        storm.records,
        storm.photos,
        storm.bytes_up,
        storm.cuts,
        storm.rounds,
        storm.syncs,
        storm.lost,
        storm.doubled,
        storm.resent / storm.cuts.max(1)
    );
}

fn tell_profile(profile: &Profile, profiled: &Profiled) {
    print!("{}", profiled.verdict);
    let windows = profiled
        .windows
        .map_or_else(String::new, |windows| format!(" in {windows} windows"));
    let [up, down] = profiled.bytes;
    let (connections, lost) = profiled.connections;
    println!(
        "{} (played {} times faster): {} syncs{windows}, {} turns, {up} bytes up, {down} down, connections {connections}, \
         of which lost {lost}; took {} s of the link's time; lost {}, doubled {}",
        profile.name,
        profile.nature.faster,
        profiled.syncs,
        profiled.turns,
        profiled.took.as_secs(),
        profiled.verdict.lost.len(),
        profiled.verdict.doubled.len()
    );
}

fn as_is(seed: u64, records: usize) -> Result<bool, Trouble> {
    let profiled = play_as_is(seed, records, (1, 150_000))?;
    print!("{}", profiled.verdict);
    let [up, down] = profiled.bodies;
    println!(
        "{} syncs, {} turns of which {} unanswered, bodies of {up} bytes up and {down} down, in {} s of real time; lost {}, \
         doubled {}",
        profiled.syncs,
        profiled.turns,
        profiled.unanswered,
        profiled.took.as_secs(),
        profiled.verdict.lost.len(),
        profiled.verdict.doubled.len()
    );
    Ok(profiled.verdict.is_clean())
}
