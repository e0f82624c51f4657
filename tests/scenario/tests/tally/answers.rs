//! A platform that lost nothing: its answers, made from the tally, for tests to spoil one by one.

use std::collections::BTreeMap;

use grid_scenario::photo::Print;
use grid_scenario::tally::{Subject, Tally};
use grid_scenario::{Plan, Received};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Bytes that stand for a photo: the tally only knows their hash.
pub(crate) fn photo(index: usize) -> Vec<u8> {
    format!("photo {index}").into_bytes()
}

pub(crate) fn prints(plan: &Plan) -> Vec<Print> {
    (0..plan.photos.len())
        .map(|index| Print::of(&photo(index)))
        .collect()
}

/// An id as a phone would draw it.
fn id(of: &str) -> String {
    let hex = hex::encode(Sha256::digest(of.as_bytes()));
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..32]
    )
}

/// The answers of the platform, as JSON that a test may change.
#[derive(Clone)]
pub(crate) struct Answers {
    pub(crate) records: Vec<Value>,
    pub(crate) tasks: Vec<Value>,
    pub(crate) counts: Vec<Value>,
    pub(crate) photos: Vec<(String, Vec<u8>)>,
    pub(crate) names: Vec<(String, String)>,
}

impl Answers {
    pub(crate) fn of(plan: &Plan, tally: &Tally) -> Self {
        let task = |(index, task): (usize, &grid_scenario::plan::PlannedTask)| {
            json!({ "id": id(&format!("task {index}")), "no": format!("DG-{index}"), "title": task.title,
                "status": task.expected.status, "late_report": task.expected.late_report, "level": task.level })
        };
        let count = |(kind, total): (&String, &grid_scenario::tally::Total)| json!({ "count_kind": kind, "unit": "", "total": total.total, "entries": total.entries });
        let worker = |officer: usize| plan.officers[officer].job_no.clone();
        let photos = plan.photos.iter().enumerate();
        Self {
            records: records(tally),
            tasks: plan.tasks.iter().enumerate().map(task).collect(),
            counts: tally.totals.iter().map(count).collect(),
            photos: photos
                .map(|(index, taken)| (worker(taken.officer), photo(index)))
                .collect(),
            names: plan
                .tasks
                .iter()
                .enumerate()
                .map(|(at, task)| (task.no.clone(), format!("DG-{at}")))
                .collect(),
        }
    }

    /// What a player would have gathered from these answers, page by page.
    pub(crate) fn received(&self) -> Received {
        let mut received = Received::new();
        for page in self.records.chunks(500) {
            received
                .add_records(&json!({ "items": page, "next": null }))
                .unwrap();
        }
        received
            .add_tasks(&json!({ "total": self.tasks.len(), "items": self.tasks }))
            .unwrap();
        received.add_counts(&json!({ "items": self.counts })).unwrap();
        for (worker, bytes) in &self.photos {
            received.add_photo(worker, bytes);
        }
        for (plan_no, platform_no) in &self.names {
            received.name_task(plan_no, platform_no);
        }
        received
    }

    /// Where a record of this kind stands; the n-th of them.
    pub(crate) fn position(&self, kind: &str, nth: usize) -> usize {
        let of_kind = |(at, record): (usize, &Value)| (record["kind"] == kind).then_some(at);
        self.records
            .iter()
            .enumerate()
            .filter_map(of_kind)
            .nth(nth)
            .unwrap()
    }
}

/// One record before it has its place in a log: worker, time, lane, kind, fact.
type Loose = (String, String, String, String, Value);

fn records(tally: &Tally) -> Vec<Value> {
    let mut loose: Vec<Loose> = Vec::new();
    for aggregate in &tally.aggregates {
        let worker = &aggregate.worker;
        let own = match aggregate.subject {
            Subject::Task(index) => format!("task {index}"),
            Subject::Case(index) | Subject::Urgent(index) => format!("case {index}"),
            Subject::Patrol(index) | Subject::PatrolCounts(index) => format!("patrol {index}"),
            Subject::LooseCounts(_) => format!("device {worker}"),
        };
        for record in &aggregate.records {
            let mut fact = record.fact.clone();
            if fact.get("patrol").is_some() {
                fact["patrol"] = json!(id(&own));
            }
            let lane = format!("{}:{}", aggregate.subject.family(), id(&own));
            loose.push((
                worker.clone(),
                record.recorded_at.clone(),
                lane,
                record.kind.to_owned(),
                fact,
            ));
        }
    }
    for track in &tally.tracks {
        let lane = format!("track:{}", id(&format!("patrol {}", track.patrol)));
        let mut first = 0;
        // Segments of changing length, as a phone seals them at pauses and ends.
        for (at, fixes) in track.fixes.chunks(30 + track.patrol as usize % 50).enumerate() {
            let fact = json!({ "first_index": first, "points": fixes });
            first += fixes.len();
            let recorded_at = format!("9999-{at:04}");
            loose.push((
                track.worker.clone(),
                recorded_at,
                lane.clone(),
                "track_segment".to_owned(),
                fact,
            ));
        }
    }
    // A log is in the order of time on its phone; segments come somewhere behind, which nobody compares.
    loose.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let mut heads: BTreeMap<String, u64> = BTreeMap::new();
    let mut records: Vec<Value> = Vec::new();
    for (worker, recorded_at, lane, kind, fact) in loose {
        let seq = heads.entry(worker.clone()).or_default();
        *seq += 1;
        let device = id(&format!("device {worker}"));
        records.push(
            json!({ "position": 0, "device": device, "epoch": "00000000000000ab", "seq": *seq, "lane": lane,
            "kind": kind, "verdict": "accepted", "worker": worker, "recorded_at": recorded_at,
            "received_at": "2026-01-21T00:00:00.000Z", "body_sha256": "", "fact": fact }),
        );
    }
    // The platform got them in the order of priority, not in the order of the logs.
    records.sort_by_key(|record| {
        (
            record["kind"].to_string(),
            u64::MAX - record["seq"].as_u64().unwrap_or_default(),
        )
    });
    for (position, record) in records.iter_mut().enumerate() {
        record["position"] = json!(position + 1);
    }
    records
}
