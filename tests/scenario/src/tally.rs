//! The paper tally: what must have arrived, computed from the plan alone, and the comparison with what the platform shows.
//!
//! Ids are random on the phone, so records are compared by content: who, what kind, when, and the fact without its ids.
//! Because no officer does two things in one millisecond, no two records of a plan have the same content. Records of one
//! lane must come in the order in which they were made, and every lane must be one aggregate of the plan, whole.

mod compare;
mod content;
mod facts;
mod ledger;
mod received;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::photo::Print;
use crate::plan::{Plan, What};
use crate::time;

pub use ledger::{Group, Ledger, Line};
pub use received::{Received, ReceivedError};

/// One fix as a track segment lists it: time ms, latitude, longitude (1e-7 degrees), accuracy (dm), speed (cm/s).
pub type FixRow = [i64; 5];

/// What the records of one lane belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// An assigned task of the plan.
    Task(u32),
    /// A case of the plan that was born on the phone.
    Case(u32),
    /// A rescue of the plan, a case too.
    Urgent(u32),
    /// A patrol of the plan.
    Patrol(u32),
    /// The counts made during a patrol of the plan.
    PatrolCounts(u32),
    /// The counts an officer made outside patrols.
    LooseCounts(u32),
}

/// One record that must have arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedRecord {
    /// Name of its kind.
    pub kind: &'static str,
    /// The time the phone claimed.
    pub recorded_at: String,
    /// What it says; where the phone puts a random id there is `true`.
    pub fact: Value,
}

/// The records of one lane, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// What they belong to.
    pub subject: Subject,
    /// Number of the officer who made them.
    pub worker: String,
    /// The records.
    pub records: Vec<ExpectedRecord>,
}

/// The fixes of one patrol, in their order. How many segments they come in is the phone's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// The patrol of the plan.
    pub patrol: u32,
    /// Number of the officer who walked it.
    pub worker: String,
    /// The fixes.
    pub fixes: Vec<FixRow>,
}

/// One photo that must have arrived.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ExpectedPhoto {
    /// Number of the officer who took it.
    pub worker: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
}

/// How one assigned task must stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedTask {
    /// The plan's number.
    pub no: String,
    /// Its title.
    pub title: String,
    /// Name of its status.
    pub status: String,
    /// Whether a report came for it after it had been taken back.
    pub late_report: bool,
}

/// Sum of one kind of count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Sum of the values, corrections taken off.
    pub total: i64,
    /// Number of entries, corrections among them.
    pub entries: i64,
}

/// The paper tally of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// All lanes but the tracks.
    pub aggregates: Vec<Aggregate>,
    /// All tracks.
    pub tracks: Vec<Track>,
    /// All photos.
    pub photos: Vec<ExpectedPhoto>,
    /// All assigned tasks.
    pub tasks: Vec<ExpectedTask>,
    /// Sums by kind of count.
    pub totals: BTreeMap<String, Total>,
}

impl Tally {
    /// The tally of a plan. `prints` are those of its photos in the plan's order ([`crate::photo::prints`]); a photo
    /// without a print can never be found again.
    pub fn from_plan(plan: &Plan, prints: &[Print]) -> Self {
        let mut aggregates: BTreeMap<Subject, Aggregate> = BTreeMap::new();
        let mut tracks: BTreeMap<u32, Track> = BTreeMap::new();
        let mut totals: BTreeMap<String, Total> = BTreeMap::new();
        let worker_of = |officer: usize| {
            plan.officers
                .get(officer)
                .map(|o| o.job_no.clone())
                .unwrap_or_default()
        };
        for action in &plan.actions {
            if let What::Fix {
                patrol,
                lat_e7,
                lon_e7,
                accuracy_dm,
                speed_cms,
            } = &action.what
            {
                let track = tracks.entry(*patrol).or_insert_with(|| Track {
                    patrol: *patrol,
                    worker: worker_of(action.officer),
                    fixes: Vec::new(),
                });
                let whole = |number: u32| i64::from(number);
                let place = [i64::from(*lat_e7), i64::from(*lon_e7)];
                track.fixes.push([
                    action.at_ms,
                    place[0],
                    place[1],
                    whole(*accuracy_dm),
                    whole(*speed_cms),
                ]);
            }
            if let What::Count { kind, value, .. } = &action.what {
                let total = totals.entry(kind.clone()).or_default();
                total.total += value;
                total.entries += 1;
            }
            if let Some((subject, kind, fact)) = facts::of(plan, action, prints) {
                let aggregate = aggregates.entry(subject).or_insert_with(|| Aggregate {
                    subject,
                    worker: worker_of(action.officer),
                    records: Vec::new(),
                });
                aggregate.records.push(ExpectedRecord {
                    kind,
                    recorded_at: time::text(action.at_ms),
                    fact,
                });
            }
        }
        let photo = |(index, photo): (usize, &crate::plan::Photo)| ExpectedPhoto {
            worker: worker_of(photo.officer),
            sha256: facts::print(prints, index).sha256,
        };
        let task = |task: &crate::plan::PlannedTask| ExpectedTask {
            no: task.no.clone(),
            title: task.title.clone(),
            status: task.expected.status.clone(),
            late_report: task.expected.late_report,
        };
        Self {
            aggregates: aggregates.into_values().collect(),
            tracks: tracks.into_values().collect(),
            photos: plan.photos.iter().enumerate().map(photo).collect(),
            tasks: plan.tasks.iter().map(task).collect(),
            totals,
        }
    }

    /// Lays what the platform shows beside the tally.
    pub fn compare(&self, received: &Received) -> Ledger {
        compare::ledger(self, received)
    }
}

impl Subject {
    /// The word in front of the lane's id.
    pub fn family(self) -> &'static str {
        match self {
            Self::Task(_) => "task",
            Self::Case(_) => "case",
            Self::Urgent(_) => "urgent",
            Self::Patrol(_) => "patrol",
            Self::PatrolCounts(_) | Self::LooseCounts(_) => "count",
        }
    }
}
