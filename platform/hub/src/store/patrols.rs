//! Patrols: views folded from the change log.

use grid_model::terms::{ObservationKind, PatrolType, Proof, Transport, UnlocatedReason};
use grid_model::time::Occurred;
use grid_model::{OrgId, PatrolId, Point, WorkerId};

use super::Stored;
use crate::views::{Page, PatrolQuery, PatrolStatus};

/// A patrol.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredPatrol {
    /// Which patrol.
    pub id: PatrolId,
    /// Position of the change that began it.
    pub change: u64,
    /// The worker's organisation.
    pub org: OrgId,
    /// Who went.
    pub worker: WorkerId,
    /// Kind of patrol.
    pub patrol_type: PatrolType,
    /// How it moved.
    pub transport: Transport,
    /// Code of its post.
    pub post: String,
    /// Where it stands.
    pub status: PatrolStatus,
    /// When it started.
    pub started: Occurred,
    /// When it ended, UTC ms, by the best evidence.
    pub ended_at_ms: Option<i64>,
    /// Fixes the phone says it recorded.
    pub fixes: Option<u64>,
    /// Fixes received.
    pub points: u64,
    /// Distance, metres.
    pub distance_m: f64,
    /// Silences in the track.
    pub gaps: u32,
}

/// Numbers about a patrol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatrolTally {
    /// Checkpoints visited.
    pub visits: u32,
    /// Observations made.
    pub observations: u32,
    /// Counts made.
    pub counts: u32,
}

/// A stretch of track; its points are in the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredSegment {
    /// Which patrol.
    pub patrol: PatrolId,
    /// Position of the change that holds it.
    pub change: u64,
    /// Index of its first fix.
    pub first_index: u64,
    /// How many fixes.
    pub count: u32,
}

/// A visit to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVisit {
    /// Which patrol.
    pub patrol: PatrolId,
    /// Position of the change that says so.
    pub change: u64,
    /// Code of the checkpoint.
    pub checkpoint: String,
    /// How it was shown.
    pub proof: Proof,
    /// Where.
    pub point: Option<Point>,
    /// Why there is no position.
    pub unlocated_reason: Option<UnlocatedReason>,
    /// When.
    pub occurred: Occurred,
}

/// Something seen on patrol; its words are in the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObservation {
    /// Which patrol.
    pub patrol: PatrolId,
    /// Position of the change that holds it.
    pub change: u64,
    /// What it is.
    pub kind: ObservationKind,
    /// When.
    pub occurred: Occurred,
}

/// Reads patrols.
pub trait PatrolRead {
    /// One patrol.
    fn patrol(&self, id: PatrolId) -> Stored<Option<StoredPatrol>>;
    /// Patrols within `root` that match, newest first.
    fn patrols_within(&self, root: OrgId, query: &PatrolQuery) -> Stored<Page<StoredPatrol>>;
    /// Numbers about a patrol; only counts of `worker` are among them.
    fn patrol_tally(&self, id: PatrolId, worker: WorkerId) -> Stored<PatrolTally>;
    /// Stretches of its track, by the index of their first fix.
    fn segments_of(&self, id: PatrolId) -> Stored<Vec<StoredSegment>>;
    /// Its visits, in their order of time.
    fn visits_of(&self, id: PatrolId) -> Stored<Vec<StoredVisit>>;
    /// Its observations, in their order of time.
    fn observations_of(&self, id: PatrolId) -> Stored<Vec<StoredObservation>>;
}

/// Writes patrols.
pub trait PatrolWrite {
    /// Adds a patrol.
    fn add_patrol(&mut self, patrol: &StoredPatrol) -> Stored<()>;
    /// Sets what may change of a patrol: status, end, fixes, points, distance and gaps.
    fn put_patrol(&mut self, patrol: &StoredPatrol) -> Stored<()>;
    /// Adds a stretch of track.
    fn add_segment(&mut self, segment: &StoredSegment) -> Stored<()>;
    /// Adds a visit.
    fn add_visit(&mut self, visit: &StoredVisit) -> Stored<()>;
    /// Adds an observation.
    fn add_observation(&mut self, observation: &StoredObservation) -> Stored<()>;
}
