//! M5: a fresh device pulls 100,000 rows, and M7 of a pull.

use grid_cut::{Bed, Cut, Direction, Style};

use crate::BenchError;
use crate::generate::generated;
use crate::sync::phone::{Act, Start};
use crate::sync::world::{Run, World, imports};
use crate::sync::{SyncSettings, limit, resent_kib};
use crate::table::Measure;

/// Takes them.
pub(crate) fn measures(settings: SyncSettings) -> Result<Vec<Measure>, BenchError> {
    let seed = settings.seed.unwrap_or(1);
    let records = generated(seed, settings.rows);
    let lines = records
        .iter()
        .filter_map(|record| serde_json::to_vec(record).ok());
    let stream = limit::compressed(lines)? as f64;
    let (world, _) = World::make(imports("W01", &records))?;
    drop(records);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        let folder = tempfile::tempdir()?;
        let start = Start {
            act: Act::Insert,
            folder: folder.path(),
            address: ([127, 0, 0, 1], 1).into(),
            rows: (seed, settings.rows),
        };
        bare.push(start.run()?.cpu_ms);
        ours.push(pulled(&world, None)?);
    }
    let of = |what: fn(&Run) -> f64| ours.iter().map(what).collect::<Vec<_>>();
    let down = ours.first().map_or(0, |run| run.down);
    let half = Cut {
        direction: Direction::Down,
        after: down / 2,
        style: Style::Close,
    };
    let cut = pulled(&world, Some(half))?;
    Ok(vec![
        Measure::beside(
            "M5 bytes down",
            "bytes",
            of(|run| run.down as f64),
            vec![stream],
            "ours <= 9000000",
        ),
        Measure::beside(
            "M5 turns",
            "turns",
            of(|run| f64::from(run.acted.turns)),
            Vec::new(),
            "",
        ),
        Measure::beside(
            "M5 tasks can be listed after",
            "ms",
            of(|run| run.acted.first_tasks_ms),
            Vec::new(),
            "",
        ),
        Measure::beside(
            "M5 client CPU",
            "ms",
            of(|run| run.acted.cpu_ms),
            bare,
            "ratio <= 1.5",
        ),
        Measure::beside(
            "M5 peak memory",
            "MB",
            of(|run| run.acted.peak_mb),
            Vec::new(),
            "ours <= 24",
        ),
        Measure::beside(
            "M7 resent bytes, pull",
            "KiB",
            vec![resent_kib(cut.down, down)],
            Vec::new(),
            "ours <= 16",
        ),
    ])
}

/// A fresh device against the one platform: its feed is the same for each.
fn pulled(world: &World, cut: Option<Cut>) -> Result<Run, BenchError> {
    let folder = tempfile::tempdir()?;
    let vault = folder.path().join("vault");
    let bed = Bed::open(&world.platform())?;
    world.enrol(&bed, &vault)?;
    if let Some(cut) = cut {
        bed.link().arm(cut);
    }
    let start = Start {
        act: Act::Sync,
        folder: &vault,
        address: bed.address(),
        rows: (0, 0),
    };
    let acted = start.run()?;
    world.ended(bed, acted)
}
