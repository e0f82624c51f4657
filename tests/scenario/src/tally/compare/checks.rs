//! What must hold besides: each place in a log once, nothing parked, one vault for each officer, parts that belong together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::ledger::{Group, Line};
use super::super::received::Received;
use super::super::{Subject, Tally};
use super::number;
use super::sorting::Sorting;
use super::tracks::Tracks;

/// No place in a device's log is shown twice.
pub(super) fn keys(sorting: &Sorting<'_>) -> Line {
    let all = sorting.received.records.len();
    let doubled = sorting.keys_doubled.len();
    let note = sorting
        .keys_doubled
        .first()
        .map(|key| format!("twice, e.g. {key}"))
        .unwrap_or_default();
    let mut line = Line::new(Group::Check, "keys", number(all - doubled), number(all)).noted(note);
    line.doubled = number(doubled);
    line.ok = doubled == 0;
    line
}

/// The platform has accepted every record; none is parked.
pub(super) fn verdicts(received: &Received) -> Line {
    let parked: Vec<_> = received
        .records
        .iter()
        .filter(|record| record.verdict != "accepted")
        .collect();
    let note = parked.first().map(|record| {
        let reason = record.reason.as_deref().unwrap_or("no reason given");
        format!(
            "{} {} of {} at {}: {reason}",
            record.verdict, record.kind, record.worker, record.recorded_at
        )
    });
    let all = number(received.records.len());
    let accepted = all - number(parked.len());
    let line = Line::new(Group::Check, "verdicts", all, accepted);
    line.with(number(parked.len()), 0, 0)
        .noted(note.unwrap_or_default())
}

/// Every officer who recorded anything has one device id, and every device id one officer.
pub(super) fn vaults(tally: &Tally, received: &Received) -> Line {
    let officers: BTreeSet<&str> = tally
        .aggregates
        .iter()
        .map(|aggregate| aggregate.worker.as_str())
        .collect();
    let pairs: BTreeSet<(&str, &str)> = received
        .records
        .iter()
        .map(|record| (record.worker.as_str(), record.device.as_str()))
        .collect();
    let devices: BTreeSet<&str> = pairs.iter().map(|(_, device)| *device).collect();
    let shown: BTreeSet<&str> = pairs.iter().map(|(worker, _)| *worker).collect();
    let missing = officers.difference(&shown).count();
    let unexpected = pairs.len().saturating_sub(officers.len() - missing);
    let shared = pairs.len() - devices.len();
    let note = if shared > 0 {
        format!("{shared} device ids carry records of two officers")
    } else {
        String::new()
    };
    let mut line = Line::new(
        Group::Check,
        "vaults",
        number(officers.len()),
        number(devices.len()),
    );
    line = line.with(number(missing), 0, number(unexpected)).noted(note);
    line.ok = line.ok && shared == 0;
    line
}

/// The parts of a patrol carry one id, reports lie in their task's lane, loose counts on their device's sheet.
pub(super) fn links(sorting: &Sorting<'_>, tracks: &Tracks<'_>) -> Line {
    let tasks = task_ids(sorting);
    let track_lanes = tracks.lanes_of_patrols();
    let mut ids: BTreeMap<Part, BTreeSet<&str>> = BTreeMap::new();
    for (aggregate, lanes) in sorting.tally.aggregates.iter().zip(sorting.lanes_of_aggregates()) {
        let part = match aggregate.subject {
            Subject::Patrol(patrol) | Subject::PatrolCounts(patrol) => Part::Patrol(patrol),
            Subject::Task(task) => Part::Task(task),
            Subject::LooseCounts(_) | Subject::Case(_) | Subject::Urgent(_) => continue,
        };
        ids.entry(part)
            .or_default()
            .extend(lanes.keys().map(|lane| id_of(lane)));
    }
    for (patrol, lanes) in &track_lanes {
        ids.entry(Part::Patrol(*patrol))
            .or_default()
            .extend(lanes.iter().map(|lane| id_of(lane)));
    }
    let mut wrong: Vec<String> = Vec::new();
    for (part, ids) in &mut ids {
        if let Part::Task(task) = part {
            ids.extend(tasks.get(task));
        }
        if ids.len() > 1 {
            wrong.push(format!("{part:?} carries {} ids", ids.len()));
        }
    }
    let parts = ids.len();
    let is_astray = |record: &&super::super::received::ReceivedRecord| {
        let home = record
            .fact
            .get("patrol")
            .and_then(Value::as_str)
            .unwrap_or(&record.device);
        record.kind == "counted" && id_of(&record.lane) != home
    };
    let astray: Vec<_> = sorting.received.records.iter().filter(is_astray).collect();
    wrong.extend(
        astray
            .first()
            .map(|record| format!("a count lies in {}, not on its own sheet", record.lane)),
    );
    Line::new(
        Group::Check,
        "links",
        number(parts),
        number(parts - wrong.len().min(parts)),
    )
    .with(number(wrong.len()), 0, 0)
    .noted(wrong.first().cloned().unwrap_or_default())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Patrol(u32),
    Task(u32),
}

fn id_of(lane: &str) -> &str {
    lane.split_once(':').map_or(lane, |(_, id)| id)
}

/// The platform's ids of the plan's tasks.
fn task_ids<'a>(sorting: &Sorting<'a>) -> BTreeMap<u32, &'a str> {
    let received = sorting.received;
    let id = |(index, task): (usize, &super::super::ExpectedTask)| {
        let no = received.task_names.get(&task.no).unwrap_or(&task.no);
        let shown = received.tasks.iter().find(|shown| shown.no == *no)?;
        Some((index as u32, shown.id.as_str()))
    };
    sorting.tally.tasks.iter().enumerate().filter_map(id).collect()
}
