//! M4: 10,000 queued records, one record, and M7 of a push.

use std::collections::BTreeMap;
use std::net::TcpListener;

use grid_cut::{Cut, Direction, Style};

use crate::BenchError;
use crate::ours::act;
use crate::plan::{Plan, Step, plan};
use crate::raw::{self, Sealed};
use crate::record::{Record, kept_lines};
use crate::rounds::records;
use crate::sync::phone::{Act, Acted, Start};
use crate::sync::world::{Run, World, imports, record_plan};
use crate::sync::{SyncSettings, limit, resent_kib};
use crate::table::Measure;

/// Takes them.
pub(crate) fn measures(settings: SyncSettings) -> Result<Vec<Measure>, BenchError> {
    let records = records(settings.seed, settings.queued)?;
    let (queued, names, patrol) = queued(&records)?;
    record_plan(&queued.vault(), plan(&records), &names, patrol)?;
    let bare = bare(settings, &records)?;
    let (mut ours, mut stream) = (Vec::new(), Vec::new());
    for _ in 0..settings.rounds {
        stream.push(streamed(bare.path())?);
        ours.push(queued.run(|_| ())?);
    }
    let of = |what: fn(&Run) -> f64| ours.iter().map(what).collect::<Vec<_>>();
    let beside = |what: fn(&(Acted, u64)) -> f64| stream.iter().map(what).collect::<Vec<_>>();
    let mut measures = vec![
        Measure::beside(
            "M4 bytes up",
            "bytes",
            of(|run| run.up as f64),
            beside(|one| one.1 as f64),
            "ours <= 950000",
        ),
        Measure::beside(
            "M4 bytes down",
            "bytes",
            of(|run| run.down as f64),
            beside(|_| 2.0),
            "ours <= 60000",
        ),
        Measure::beside(
            "M4 turns",
            "turns",
            of(|run| f64::from(run.acted.turns)),
            beside(|_| 1.0),
            "ours <= 12",
        ),
        Measure::beside(
            "M4 client CPU",
            "ms",
            of(|run| run.acted.cpu_ms),
            beside(|one| one.0.cpu_ms),
            "ratio <= 6",
        ),
        Measure::beside(
            "M4 peak memory",
            "MB",
            of(|run| run.acted.peak_mb),
            beside(|one| one.0.peak_mb),
            "ours <= 16",
        ),
    ];
    measures.extend(flushes(&queued)?);
    measures.push(one_record(&records)?);
    measures.push(cut(&queued, ours.first())?);
    Ok(measures)
}

type Queued = (
    World,
    BTreeMap<grid_model::TaskId, grid_model::TaskId>,
    grid_model::id::PatrolId,
);

/// A platform with the tasks that these records are about, and a vault that has pulled them.
fn queued(records: &[Record]) -> Result<Queued, BenchError> {
    let tasks = dispatched(records);
    let of: Vec<Record> = tasks.iter().map(|(_, record)| record.clone()).collect();
    let (world, ids) = World::make(imports("W01", &of))?;
    let names = tasks.iter().map(|(id, _)| *id).zip(ids).collect();
    let patrol = world.record(|_, _| Ok(()))?;
    Ok((world, names, patrol))
}

/// The tasks that updates are about, with the first record that speaks of each.
fn dispatched(records: &[Record]) -> Vec<(grid_model::TaskId, Record)> {
    let wanted: std::collections::BTreeSet<_> = plan(records).tasks.iter().map(|task| task.id).collect();
    let mut found = BTreeMap::new();
    for record in records {
        let id = grid_model::TaskId(crate::plan::id16(record.task.as_ref().unwrap_or(&record.id)));
        if wanted.contains(&id) && record.kind == crate::record::Kind::Update {
            found.entry(id).or_insert_with(|| record.clone());
        }
    }
    found.into_iter().collect()
}

/// A bare encrypted table that holds the records as they were written.
fn bare(settings: SyncSettings, records: &[Record]) -> Result<tempfile::TempDir, BenchError> {
    let folder = tempfile::tempdir()?;
    let lines = match settings.seed {
        None => kept_lines(settings.queued)?,
        Some(_) => records.iter().map(serde_json::to_vec).collect::<Result<_, _>>()?,
    };
    raw::insert(&folder.path().join("raw.db"), Sealed::Yes, &lines, 100)?;
    Ok(folder)
}

fn streamed(folder: &std::path::Path) -> Result<(Acted, u64), BenchError> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let taking = std::thread::spawn(move || limit::sink(&listener));
    let start = Start {
        act: Act::Stream,
        folder,
        address,
        rows: (0, 0),
    };
    let acted = start.run()?;
    let bytes = taking
        .join()
        .map_err(|_| BenchError::Child("the sink of the stream panicked".to_owned()))??;
    Ok((acted, bytes))
}

/// Flushes of a phone's sync, those of opening and closing taken off, per batch.
fn flushes(queued: &World) -> Result<Vec<Measure>, BenchError> {
    let counted = |act| {
        let copy = queued.copy()?;
        let bed = grid_cut::Bed::open(&copy.platform())?;
        let start = Start {
            act,
            folder: &copy.vault(),
            address: bed.address(),
            rows: (0, 0),
        };
        let flushes = start.flushes()?;

        bed.stop()?;
        Ok::<_, BenchError>(flushes)
    };
    let (Some(all), Some(rest)) = (counted(Act::Sync)?, counted(Act::Rest)?) else {
        eprintln!("M4 flushes is left out: strace is not installed");
        return Ok(Vec::new());
    };
    let turns = f64::from(queued.run(|_| ())?.acted.turns);
    let each = (all - rest) / turns.max(1.0);
    Ok(vec![Measure::beside(
        "M4 flushes",
        "flushes/batch",
        vec![each],
        Vec::new(),
        "ours <= 1",
    )])
}

/// One record of a phone that has met the platform before; its process begins anew.
fn one_record(records: &[Record]) -> Result<Measure, BenchError> {
    let first = &records[..records.len().min(1)];
    let (world, names, _) = queued(first)?;
    let mut plan: Plan = plan(first);
    for (_, step) in &mut plan.steps {
        if let Step::Accept(id) | Step::Arrive(id, _) | Step::Submit(id, ..) = step {
            *id = names.get(id).copied().unwrap_or(*id);
        }
    }
    world.record(|book, patrol| act(book, patrol, plan.steps))?;
    let run = world.run(|_| ())?;
    Ok(Measure::beside(
        "one record bytes up",
        "bytes",
        vec![run.up as f64],
        Vec::new(),
        "ours <= 500",
    ))
}

fn cut(queued: &World, uncut: Option<&Run>) -> Result<Measure, BenchError> {
    let uncut = uncut.map_or(0, |run| run.up);
    let half = Cut {
        direction: Direction::Up,
        after: uncut / 2,
        style: Style::Close,
    };
    let run = queued.run(|link| link.arm(half))?;
    Ok(Measure::beside(
        "M7 resent bytes",
        "KiB",
        vec![resent_kib(run.up, uncut)],
        Vec::new(),
        "ours <= 16",
    ))
}
