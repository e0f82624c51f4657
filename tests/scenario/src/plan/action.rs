//! What an officer does. Each action but a fix becomes one record with the action's time.

use serde::{Deserialize, Serialize};

use super::Point;

/// One thing an officer does at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// The simulated clock of the phone is set to this, UTC ms; no officer does two things in one millisecond.
    pub at_ms: i64,
    /// Who.
    pub officer: usize,
    /// What.
    pub what: What,
}

/// What is done. Code names are those of the records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fields have the names of the record's fields, or are indexes of the plan"
)]
pub enum What {
    /// Begins a patrol.
    StartPatrol {
        patrol: u32,
        patrol_type: String,
        transport: String,
        post: String,
        point: Option<Point>,
    },
    /// The phone gets a fix; its time is the action's.
    Fix {
        patrol: u32,
        lat_e7: i32,
        lon_e7: i32,
        accuracy_dm: u32,
        speed_cms: u32,
    },
    /// Visits a checkpoint; without a position there is a reason.
    Visit {
        patrol: u32,
        checkpoint: String,
        proof: String,
        point: Option<Point>,
        unlocated_reason: Option<String>,
    },
    /// Notes what is seen.
    Observe {
        patrol: u32,
        kind: String,
        note: String,
        point: Option<Point>,
        photos: Vec<Shot>,
    },
    /// Taps a counter; a negative value has a reason. Without a patrol it belongs to the officer's own tally sheet.
    Count {
        kind: String,
        value: i64,
        post: String,
        patrol: Option<u32>,
        reason: Option<String>,
    },
    /// Rests.
    Pause { patrol: u32 },
    /// Goes on.
    Resume { patrol: u32 },
    /// Ends the patrol.
    End { patrol: u32 },
    /// Accepts a task.
    Accept { task: u32 },
    /// Arrives at a task's place.
    Arrive { task: u32, point: Option<Point> },
    /// Reports on a task: version 1.
    Submit { task: u32, report: Report },
    /// Reports a case that is born on the phone.
    ReportCase { case: u32, birth: Birth },
    /// Reports on that case: version 1.
    SubmitCase { case: u32, report: Report },
    /// Presses the red button.
    StartUrgent {
        case: u32,
        title: String,
        place_text: String,
        point: Option<Point>,
    },
    /// One step of the rescue, one tap.
    Milestone { case: u32, milestone: String },
    /// Reports on the rescue: version 1.
    SubmitUrgent { case: u32, report: Report },
}

/// A photo that a record names. It is a JPEG taken at the time of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shot {
    /// Index in [`super::Plan::photos`].
    pub photo: u32,
    /// What it shows.
    pub role: String,
    /// Where it was taken.
    pub point: Option<Point>,
}

/// A disposition report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Report {
    pub result: String,
    pub measures: Vec<String>,
    pub narrative: String,
    pub party_told: Option<String>,
    pub agreement: Option<String>,
    pub self_handled: bool,
    pub point: Option<Point>,
    pub photos: Vec<Shot>,
}

/// A case that an officer found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Birth {
    pub case_kind: String,
    pub title: String,
    pub description: String,
    pub place_text: String,
    pub point: Option<Point>,
    pub dispute: Option<Dispute>,
    pub photos: Vec<Shot>,
}

/// What a dispute adds to a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Dispute {
    pub dispute_type: String,
    pub scale: String,
    pub involved_count: u32,
    pub parties: Vec<Party>,
}

/// A side of a dispute: a role and a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names of the record's fields")]
pub struct Party {
    pub role: String,
    pub label: String,
}

impl What {
    /// The patrol it belongs to.
    pub fn patrol(&self) -> Option<u32> {
        match self {
            Self::StartPatrol { patrol, .. }
            | Self::Fix { patrol, .. }
            | Self::Visit { patrol, .. }
            | Self::Observe { patrol, .. }
            | Self::Pause { patrol }
            | Self::Resume { patrol }
            | Self::End { patrol } => Some(*patrol),
            Self::Count { patrol, .. } => *patrol,
            _ => None,
        }
    }

    /// Where it says it is done.
    pub fn point(&self) -> Option<Point> {
        match self {
            Self::StartPatrol { point, .. }
            | Self::Visit { point, .. }
            | Self::Observe { point, .. }
            | Self::Arrive { point, .. }
            | Self::StartUrgent { point, .. } => *point,
            Self::ReportCase { birth, .. } => birth.point,
            Self::Submit { report, .. }
            | Self::SubmitCase { report, .. }
            | Self::SubmitUrgent { report, .. } => report.point,
            _ => None,
        }
    }

    /// The photos it names.
    pub fn photos(&self) -> &[Shot] {
        match self {
            Self::Observe { photos, .. } => photos,
            Self::ReportCase { birth, .. } => &birth.photos,
            Self::Submit { report, .. }
            | Self::SubmitCase { report, .. }
            | Self::SubmitUrgent { report, .. } => &report.photos,
            _ => &[],
        }
    }

    /// The list of photos it may name; `None` when its record has none.
    pub(crate) fn photos_mut(&mut self) -> Option<&mut Vec<Shot>> {
        match self {
            Self::Observe { photos, .. } => Some(photos),
            Self::ReportCase { birth, .. } => Some(&mut birth.photos),
            Self::Submit { report, .. }
            | Self::SubmitCase { report, .. }
            | Self::SubmitUrgent { report, .. } => Some(&mut report.photos),
            _ => None,
        }
    }
}
