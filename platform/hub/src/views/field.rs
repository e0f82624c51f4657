//! Cases, patrols and counts as a supervisor sees them.

use grid_model::terms::{
    CaseKind, CountKind, Milestone, ObservationKind, PatrolType, Proof, Transport, UnlocatedReason,
};
use grid_model::time::ClockQuality;
use grid_model::track::TrackPoint;
use grid_model::{CaseId, DeviceId, PatrolId, Point, Seq};

use grid_wire::PostRow;

use super::{AttachmentView, PageAsk, Period, Person};

/// Which cases.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseQuery {
    /// Only those of this kind.
    pub case_kind: Option<CaseKind>,
    /// Which part of the list.
    pub page: PageAsk,
}

/// A case born on a phone, newest first in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseSummary {
    /// Which case.
    pub id: CaseId,
    /// Human number, such as `DL-2026-C0001`.
    pub no: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// Title.
    pub title: String,
    /// Where, in words.
    pub place_text: String,
    /// Who reported it.
    pub reporter: Person,
    /// When, by the best evidence.
    pub reported_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When the platform received it.
    pub received_at_ms: i64,
    /// A call for help.
    pub urgent: bool,
    /// Steps of the call, in their order of time.
    pub milestones: Vec<MilestoneView>,
    /// How many reports it has.
    pub reports: u32,
    /// Photos that its records name.
    pub photos_expected: u32,
    /// Those whose bytes are here.
    pub photos_here: u32,
}

/// A step of an urgent call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MilestoneView {
    /// Which step.
    pub milestone: Milestone,
    /// When, by the best evidence.
    pub at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
}

/// Where a patrol stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatrolStatus {
    /// Under way.
    Started,
    /// Paused.
    Paused,
    /// Over.
    Ended,
}

impl PatrolStatus {
    /// The name of domain terms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

/// Which patrols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatrolQuery {
    /// Only those of this post.
    pub post: Option<String>,
    /// Only those that started in this period.
    pub period: Option<Period>,
    /// Which part of the list.
    pub page: PageAsk,
}

/// A patrol in a list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct PatrolSummary {
    /// Which patrol.
    pub id: PatrolId,
    /// Who went.
    pub worker: Person,
    /// Kind of patrol.
    pub patrol_type: PatrolType,
    /// How it moved.
    pub transport: Transport,
    /// Code of its post.
    pub post: String,
    /// Name of its post; the code where the post is not known.
    pub post_name: String,
    /// Where it stands.
    pub status: PatrolStatus,
    /// When it started, by the best evidence.
    pub started_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When it ended, by the best evidence.
    pub ended_at_ms: Option<i64>,
    /// Distance, metres; gaps add none.
    pub distance_m: f64,
    /// Fixes received.
    pub points: u64,
    /// Fixes the phone says it recorded; more than `points` means that segments are still on their way.
    pub fixes: Option<u64>,
    /// Silences in the track.
    pub gaps: u32,
    /// Checkpoints visited.
    pub visits: u32,
    /// Observations made.
    pub observations: u32,
    /// Counts made.
    pub counts: u32,
}

/// A patrol with its track and everything recorded on it.
#[derive(Clone, Debug, PartialEq)]
pub struct PatrolDetail {
    /// As in the list.
    pub summary: PatrolSummary,
    /// Stretches of believed fixes without a gap, in order.
    pub runs: Vec<Vec<TrackPoint>>,
    /// The silences between them.
    pub gaps_at: Vec<GapView>,
    /// Checkpoint visits, in order of time.
    pub visits: Vec<VisitView>,
    /// Observations, in order of time.
    pub observations: Vec<ObservationView>,
    /// Counts, in order of time.
    pub counts: Vec<CountEntry>,
}

/// A silence in a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapView {
    /// Last fix before it.
    pub from: TrackPoint,
    /// First fix after it.
    pub to: TrackPoint,
    /// How long, seconds.
    pub seconds: i64,
}

/// A visit to a checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitView {
    /// Code of the checkpoint.
    pub checkpoint: String,
    /// When, by the best evidence.
    pub at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// How it was shown.
    pub proof: Proof,
    /// Whether it carries a position.
    pub located: bool,
    /// Why it carries none.
    pub unlocated_reason: Option<UnlocatedReason>,
    /// Where.
    pub point: Option<Point>,
}

/// Something seen on patrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservationView {
    /// What it is.
    pub kind: ObservationKind,
    /// The worker's words.
    pub note: String,
    /// When, by the best evidence.
    pub at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// Where.
    pub point: Option<Point>,
    /// What belongs to it.
    pub attachments: Vec<AttachmentView>,
}

/// A total of one kind of count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountTotal {
    /// What is counted.
    pub count_kind: CountKind,
    /// The sum of the believed steps.
    pub total: i64,
    /// How many steps, believed or not.
    pub entries: u64,
}

/// One step of a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountEntry {
    /// What is counted.
    pub count_kind: CountKind,
    /// How much was added.
    pub value: i64,
    /// False for a step beyond `grid_model::limits::COUNT_VALUE_MAX`: kept and shown, but not summed.
    pub summed: bool,
    /// Code of the post.
    pub post: String,
    /// Name of the post; the code where the post is not known.
    pub post_name: String,
    /// Who counted.
    pub worker: Person,
    /// When, by the best evidence.
    pub recorded_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When the platform received it.
    pub received_at_ms: i64,
    /// During which patrol of the counting person; absent when it is not here or not his.
    pub patrol: Option<PatrolId>,
    /// Why a correction was made.
    pub reason: Option<String>,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Its position in that device's log.
    pub seq: Seq,
}

/// The map's own shapes: what the server turns into one GeoJSON collection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// GeoJSON texts as the administrator gave them (a geometry, a feature or a collection each).
    pub shapes: Vec<String>,
    /// The posts with their checkpoints.
    pub posts: Vec<PostRow>,
}
