//! The JSON of patrols.

use grid_hub::views;
use grid_model::Coded as _;
use grid_model::track::TrackPoint;
use serde::Serialize;
use utoipa::ToSchema;

use crate::console::Named;
use crate::console::shapes::{Attachment, CountEntry, Place, attachments};
use crate::time::rfc3339;

/// What the list and the detail of a patrol share.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PatrolHead {
    /// UUID.
    id: String,
    /// Who went.
    worker: Named,
    /// Kind of patrol.
    patrol_type: String,
    /// How it moved.
    transport: String,
    /// Code of its post.
    post: String,
    /// Name of its post.
    post_name: String,
    /// started, paused, ended.
    status: &'static str,
    /// When it started, by the best evidence. RFC 3339.
    started_at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When it ended, by the best evidence. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
    /// Distance over the runs, metres; gaps add none.
    distance_m: f64,
    /// Fixes received.
    points: u64,
    /// Fixes the phone says it recorded; more than `points` means that the rest is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixes: Option<u64>,
    /// Silences in the track.
    gaps: u32,
}

/// A patrol in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PatrolSummary {
    #[serde(flatten)]
    head: PatrolHead,
    /// Checkpoints visited.
    visits: u32,
    /// Observations made.
    observations: u32,
    /// Counts made.
    counts: u32,
}

/// A patrol with its track and everything recorded on it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PatrolDetail {
    #[serde(flatten)]
    head: PatrolHead,
    /// Stretches without a gap, in order; each fix is `[longitude, latitude, UTC ms]`.
    runs: Vec<Vec<Fix>>,
    /// The silences between them; nothing is drawn across one.
    gaps_at: Vec<Gap>,
    /// Checkpoint visits, in order of time.
    visits: Vec<Visit>,
    /// Observations, in order of time.
    observations: Vec<Observation>,
    /// Counts, in order of time.
    counts: Vec<CountEntry>,
}

/// `[longitude, latitude, UTC ms]`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(value_type = Vec<f64>)]
pub(crate) struct Fix((f64, f64, i64));

/// A silence in a track.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Gap {
    /// Last fix before it.
    from: Place,
    /// First fix after it.
    to: Place,
    /// How long.
    seconds: i64,
}

/// A visit to a checkpoint.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Visit {
    /// Code of the checkpoint.
    checkpoint: String,
    /// When, by the best evidence. RFC 3339.
    at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// Whether it carries a position.
    located: bool,
    /// Why it carries none.
    #[serde(skip_serializing_if = "Option::is_none")]
    unlocated_reason: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<Place>,
}

/// Something seen on patrol.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Observation {
    /// What it is.
    kind: String,
    /// The worker's words.
    note: String,
    /// When, by the best evidence. RFC 3339.
    at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    point: Option<Place>,
    /// What belongs to it.
    attachments: Vec<Attachment>,
}

impl From<views::PatrolSummary> for PatrolSummary {
    fn from(view: views::PatrolSummary) -> Self {
        let (visits, observations, counts) = (view.visits, view.observations, view.counts);
        Self {
            head: view.into(),
            visits,
            observations,
            counts,
        }
    }
}

impl From<views::PatrolSummary> for PatrolHead {
    fn from(view: views::PatrolSummary) -> Self {
        Self {
            id: view.id.to_string(),
            worker: view.worker.into(),
            patrol_type: view.patrol_type.name().into_owned(),
            transport: view.transport.name().into_owned(),
            post: view.post,
            post_name: view.post_name,
            status: view.status.name(),
            started_at: rfc3339(view.started_at_ms),
            clock: view.clock.name().into_owned(),
            ended_at: view.ended_at_ms.map(rfc3339),
            distance_m: view.distance_m,
            points: view.points,
            fixes: view.fixes,
            gaps: view.gaps,
        }
    }
}

impl From<views::PatrolDetail> for PatrolDetail {
    fn from(view: views::PatrolDetail) -> Self {
        Self {
            head: view.summary.into(),
            runs: view
                .runs
                .iter()
                .map(|run| run.iter().map(Fix::from).collect())
                .collect(),
            gaps_at: view.gaps_at.into_iter().map(Gap::from).collect(),
            visits: view.visits.into_iter().map(Visit::from).collect(),
            observations: view.observations.into_iter().map(Observation::from).collect(),
            counts: view.counts.into_iter().map(CountEntry::from).collect(),
        }
    }
}

impl From<&TrackPoint> for Fix {
    fn from(point: &TrackPoint) -> Self {
        Self((
            f64::from(point.lon_e7) / 1e7,
            f64::from(point.lat_e7) / 1e7,
            point.at_ms,
        ))
    }
}

impl From<views::GapView> for Gap {
    fn from(view: views::GapView) -> Self {
        let place = |point: TrackPoint| Place::of_e7(point.lat_e7, point.lon_e7);
        Self {
            from: place(view.from),
            to: place(view.to),
            seconds: view.seconds,
        }
    }
}

impl From<views::VisitView> for Visit {
    fn from(view: views::VisitView) -> Self {
        Self {
            checkpoint: view.checkpoint,
            at: rfc3339(view.at_ms),
            clock: view.clock.name().into_owned(),
            located: view.located,
            unlocated_reason: view.unlocated_reason.map(|reason| reason.name().into_owned()),
            point: view.point.map(Place::from),
        }
    }
}

impl From<views::ObservationView> for Observation {
    fn from(view: views::ObservationView) -> Self {
        Self {
            kind: view.kind.name().into_owned(),
            note: view.note,
            at: rfc3339(view.at_ms),
            clock: view.clock.name().into_owned(),
            point: view.point.map(Place::from),
            attachments: attachments(view.attachments),
        }
    }
}
