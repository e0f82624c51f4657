//! The rounds: each measures every side once, one after the other, so that what the machine does meanwhile meets all.

use std::path::Path;
use std::time::Instant;

use crate::BenchError;
use crate::generate::generated;
use crate::large::make_large;
use crate::meter::{Spent, folder_bytes, make_cold, spent};
use crate::ours::{act, act_grouped, make_vault, open_book, open_store};
use crate::plan::{Plan, bodies, plan};
use crate::probe::{Probe, Probed, Start, flushes, instructions};
use crate::raw::{self, Sealed};
use crate::record::{Record, kept_records};
use crate::search::search;
use crate::table::Measure;

/// What is measured with.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many rounds.
    pub rounds: usize,
    /// Seed of the records; `None` for those that are kept.
    pub seed: Option<u64>,
    /// Changes in a round of M1.
    pub single: usize,
    /// Changes in a round of M2.
    pub grouped: usize,
    /// Records of the large vault.
    pub large: usize,
    /// Tasks that are searched.
    pub searched: usize,
}

/// The records of a seed.
pub fn records(seed: Option<u64>, count: usize) -> Result<Vec<Record>, BenchError> {
    match seed {
        Some(seed) => Ok(generated(seed, count)),
        None => Ok(kept_records(count)?),
    }
}

/// Takes every measure of the store.
pub fn measure(settings: Settings) -> Result<Vec<Measure>, BenchError> {
    let records = records(settings.seed, settings.grouped.max(settings.single))?;
    let plan = plan(&records);
    let begun = Instant::now();
    let told = |what: &str| println!("[{:4.0} s] {what}", begun.elapsed().as_secs_f64());
    told("one change in a commit");
    let mut measures = single(settings, &plan)?;
    told("100 changes in a commit");
    measures.extend(grouped(settings, &plan)?);
    told("counting flushes and instructions");
    measures.extend(counted(settings)?);
    told("making a large vault, opening it cold");
    measures.extend(large(settings)?);
    measures.extend(search(&records, settings.searched, settings.seed.unwrap_or(1))?);
    Ok(measures)
}

fn rates(count: usize, spent: &[Spent]) -> Vec<f64> {
    spent.iter().map(|spent| count as f64 / spent.wall).collect()
}

fn processor(count: usize, spent: &[Spent]) -> Vec<f64> {
    spent.iter().map(|spent| spent.cpu * 1e6 / count as f64).collect()
}

#[derive(Default)]
struct Sides {
    ours: Vec<Spent>,
    apart: Vec<Spent>,
    sealed: Vec<Spent>,
    plain: Vec<Spent>,
}

fn single(settings: Settings, plan: &Plan) -> Result<Vec<Measure>, BenchError> {
    let count = settings.single;
    let steps = &plan.steps[..count];
    let bodies = bodies(steps);
    let mut sides = Sides::default();
    for _ in 0..settings.rounds {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        sides
            .sealed
            .push(raw::insert(&at("raw.db"), Sealed::Yes, &bodies, 1)?);
        for (lifeboat, side) in [(true, &mut sides.ours), (false, &mut sides.apart)] {
            let vault = at(if lifeboat { "ours" } else { "apart" });
            let patrol = make_vault(&vault, plan, lifeboat)?;
            let book = open_book(&vault, lifeboat)?;
            let steps = steps.to_vec();
            side.push(spent(|| act(&book, patrol, steps))?.1);
            book.close()?;
        }
        sides
            .plain
            .push(raw::insert(&at("plain.db"), Sealed::No, &bodies, 1)?);
    }
    let sealed = || rates(count, &sides.sealed);
    let unit = "changes/s";
    Ok(vec![
        Measure::beside("M1", unit, rates(count, &sides.ours), sealed(), "ratio >= 0.45"),
        Measure::beside(
            "M1 lifeboat off",
            unit,
            rates(count, &sides.apart),
            sealed(),
            "ratio >= 0.75",
        ),
        Measure::beside(
            "M1 CPU",
            "us/change",
            processor(count, &sides.ours),
            processor(count, &sides.sealed),
            "ratio <= 2.5",
        ),
        Measure::beside(
            "M1 CPU lifeboat off",
            "us/change",
            processor(count, &sides.apart),
            processor(count, &sides.sealed),
            "",
        ),
        Measure::beside(
            "M1 beside plain SQLite",
            unit,
            rates(count, &sides.ours),
            rates(count, &sides.plain),
            "",
        ),
        Measure::beside(
            "M1 CPU beside plain SQLite",
            "us/change",
            processor(count, &sides.ours),
            processor(count, &sides.plain),
            "",
        ),
    ])
}

fn grouped(settings: Settings, plan: &Plan) -> Result<Vec<Measure>, BenchError> {
    let count = settings.grouped;
    let steps = &plan.steps[..count];
    let bodies = bodies(steps);
    let mut sides = Sides::default();
    for _ in 0..settings.rounds {
        let folder = tempfile::tempdir()?;
        let at = |name: &str| folder.path().join(name);
        sides
            .sealed
            .push(raw::insert(&at("raw.db"), Sealed::Yes, &bodies, 100)?);
        make_vault(&at("ours"), plan, true)?;
        let store = open_store(&at("ours"), true)?;
        let steps = steps.to_vec();
        sides.ours.push(spent(|| act_grouped(&store, steps, 100))?.1);
        store.close()?;
        sides
            .plain
            .push(raw::insert(&at("plain.db"), Sealed::No, &bodies, 100)?);
    }
    let (ours, unit) = (|| rates(count, &sides.ours), "changes/s");
    Ok(vec![
        Measure::beside("M2", unit, ours(), rates(count, &sides.sealed), "ratio >= 0.25"),
        Measure::beside(
            "M2 CPU",
            "us/change",
            processor(count, &sides.ours),
            processor(count, &sides.sealed),
            "",
        ),
        Measure::beside(
            "M2 beside plain SQLite",
            unit,
            ours(),
            rates(count, &sides.plain),
            "",
        ),
    ])
}

/// What strace and callgrind count; a tool that is missing leaves its measures out and says so.
fn counted(settings: Settings) -> Result<Vec<Measure>, BenchError> {
    let mut measures = Vec::new();
    let seed = settings.seed;
    let mut take = |name: &str, unit: &str, found: Option<f64>, beside: Option<f64>, goal: &str| {
        if found.is_none() {
            eprintln!("{name} is left out: strace or valgrind is not installed");
        }
        let list = |value: Option<f64>| value.into_iter().collect();
        measures.push(Measure::beside(name, unit, list(found), list(beside), goal));
    };
    // A short stretch holds the flushes of the changes alone (both ends of it put their lanes away when they close); a long
    // one those of checkpoints and of the lifeboat's growth,
    // too, shared out.
    let (short, long) = ((40, 140), (100, 1_100));
    let each = "flushes/change";
    for (name, ours, bare, lengths, goal) in [
        ("M1 flushes", Probe::Single, true, short, "ours <= 2"),
        (
            "M1 flushes lifeboat off",
            Probe::SingleApart,
            false,
            short,
            "ours <= 1",
        ),
        ("M1 flushes with checkpoints", Probe::Single, true, long, ""),
    ] {
        let beside = if bare {
            flushes(Probe::RawSingle, seed, lengths)?
        } else {
            None
        };
        take(name, each, flushes(ours, seed, lengths)?, beside, goal);
    }
    let commit = |flushes: Option<f64>| flushes.map(|each| each * 100.0);
    for (name, lengths, goal) in [
        ("M2 flushes", (300, 500), "ours <= 2"),
        ("M2 flushes with checkpoints", (1_000, 9_000), ""),
    ] {
        take(
            name,
            "flushes/commit",
            commit(flushes(Probe::Grouped, seed, lengths)?),
            commit(flushes(Probe::RawGrouped, seed, lengths)?),
            goal,
        );
    }
    for (name, ours, bare, lengths) in [
        ("M1 instructions", Probe::Single, Probe::RawSingle, (20, 120)),
        ("M2 instructions", Probe::Grouped, Probe::RawGrouped, (300, 500)),
    ] {
        take(
            name,
            "instructions/change",
            instructions(ours, seed, lengths)?,
            instructions(bare, seed, lengths)?,
            "",
        );
    }
    Ok(measures)
}

fn large(settings: Settings) -> Result<Vec<Measure>, BenchError> {
    let folder = tempfile::tempdir()?;
    // The kept records are too few: the large vault is always made from a seed.
    make_large(
        folder.path(),
        &generated(settings.seed.unwrap_or(1), settings.large),
    )?;
    println!(
        "large vault: {:.1} MB with its lifeboat, bare database {:.1} MB",
        folder_bytes(&folder.path().join("ours"))? as f64 / 1e6,
        std::fs::metadata(folder.path().join("raw.db"))?.len() as f64 / 1e6
    );
    let (mut ours, mut bare, mut queued) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        ours.push(cold(folder.path(), Probe::Open)?);
        bare.push(cold(folder.path(), Probe::RawOpen)?);
        queued.push(cold(folder.path(), Probe::Queued)?);
    }
    let of = |side: &[Probed], what: fn(&Probed) -> f64| side.iter().map(what).collect::<Vec<_>>();
    Ok(vec![
        Measure::beside("M3", "ms", of(&ours, |p| p.ms), of(&bare, |p| p.ms), "ratio <= 3"),
        Measure::beside(
            "M3 CPU",
            "ms",
            of(&ours, |p| p.cpu_ms),
            of(&bare, |p| p.cpu_ms),
            "",
        ),
        Measure::beside(
            "M3 peak memory",
            "MB",
            of(&ours, |p| p.peak_mb),
            of(&bare, |p| p.peak_mb),
            "ours <= 12",
        ),
        Measure::beside(
            "memory 50,000 queued",
            "MB",
            of(&queued, |p| p.steady_mb),
            Vec::new(),
            "ours <= 16",
        ),
    ])
}

fn cold(folder: &Path, probe: Probe) -> Result<Probed, BenchError> {
    make_cold(folder)?;
    let start = Start {
        probe,
        folder,
        seed: None,
        changes: 0,
    };
    start.spawn()
}
