//! What the app shows. Values only; words for people are made in `grid-screens`.

use grid_model::deadline::Light;
use grid_model::id::{CaseId, DeviceId, PatrolId, Seq, TaskId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::{CaseKind, CountKind, Level, PatrolType, Transport};
use grid_model::{ExtensionState, TaskStatus};
use grid_store::{PatrolStatus, RecordState};

/// The answer to a recorded fact: it is durable on this phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its place in this vault's log; the number a worker can quote.
    pub seq: Seq,
    /// The wall clock's claim, UTC ms.
    pub recorded_at_ms: i64,
    /// The lifeboat has it, too. Without a second copy it is durable in the database alone: the self-check says why.
    pub second_copy: bool,
}

/// The answer to a track fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixOutcome {
    /// Kept; survives a killed process now and a power cut within 15 seconds.
    Buffered,
    /// Durable.
    Saved,
}

/// A task: the platform's state plus own pending changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// Task id.
    pub id: TaskId,
    /// Human number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Description.
    pub description: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// How much time it is given.
    pub level: Level,
    /// Where it stands here: the platform's state plus own pending changes.
    pub status: TaskStatus,
    /// Revision of the platform's row; 0 while a restored platform has not told of it again.
    pub revision: u64,
    /// 15-digit grid code.
    pub grid_code: String,
    /// Where, in words.
    pub place_text: String,
    /// Dispatched, UTC ms.
    pub created_at_ms: i64,
    /// Due, UTC ms.
    pub due_at_ms: i64,
    /// Due light by this phone's clock; not red while a request for more time waits, up to the time it wants.
    pub light: Light,
    /// Why it came back or was recalled.
    pub reason: Option<String>,
    /// The report arrived after the task had moved on; it is kept.
    pub late_report: bool,
    /// The least advanced state of own changes on this task; `None` when there are none.
    pub own: Option<RecordState>,
    /// The request for more time that counts now: an own one that the platform has not taken in, or what it tells.
    pub extension: Option<ExtensionView>,
}

/// A request for more time and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionView {
    /// Where it stands.
    pub state: ExtensionState,
    /// The due time that was wanted, UTC ms.
    pub wanted_due_ms: i64,
    /// Why it was refused.
    pub answer: Option<String>,
}

impl ExtensionView {
    /// Whether nobody is late at this moment: the request waits, and the time that it wants is not over either.
    pub(crate) fn spares(&self, now_ms: i64) -> bool {
        self.state == ExtensionState::Pending && now_ms <= self.wanted_due_ms
    }
}

/// A patrol of this vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatrolView {
    /// Patrol id.
    pub id: PatrolId,
    /// Kind of patrol.
    pub patrol_type: PatrolType,
    /// How it moves.
    pub transport: Transport,
    /// Post code.
    pub post: String,
    /// Where it stands.
    pub status: PatrolStatus,
    /// Wall claim, UTC ms.
    pub started_at_ms: i64,
    /// Wall claim, UTC ms.
    pub ended_at_ms: Option<i64>,
    /// Fixes recorded.
    pub fixes: u64,
}

/// A case born on this phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseView {
    /// Case id.
    pub id: CaseId,
    /// A rescue.
    pub urgent: bool,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// Title.
    pub title: String,
    /// Place.
    pub place_text: String,
    /// Wall claim, UTC ms.
    pub reported_at_ms: i64,
    /// Reports submitted.
    pub reports: u32,
    /// The least advanced state of its records.
    pub own: Option<RecordState>,
}

/// A post with its checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostView {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code and name of each checkpoint.
    pub checkpoints: Vec<(String, String)>,
}

/// One counter of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyView {
    /// What is counted.
    pub count_kind: CountKind,
    /// Sum of own steps.
    pub total: i64,
    /// How many steps.
    pub entries: u64,
}

/// One record with its honest state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordView {
    /// Its place in this vault's log.
    pub seq: Seq,
    /// Which ordered stream.
    pub lane: Lane,
    /// What it says.
    pub kind: ChangeKind,
    /// A line of the worker's own words, if the record has any.
    pub words: String,
    /// Wall claim, UTC ms.
    pub recorded_at_ms: i64,
    /// 已存本机, 平台已收 or 被退回.
    pub state: RecordState,
    /// SHA-256 of each attachment it names.
    pub photos: u32,
}

/// How this vault stands, for the one line a worker reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The vault.
    pub device: DeviceId,
    /// Enrolled as (name, job number, station, phone label).
    pub worker: Option<(String, String, String, String)>,
    /// Base address of the platform.
    pub server: Option<String>,
    /// Records without a receipt.
    pub saved: u64,
    /// Records receipted.
    pub received: u64,
    /// Records sent back.
    pub parked: u64,
    /// When the oldest unsent one was recorded, UTC ms.
    pub oldest_at_ms: Option<i64>,
    /// Photos only on this phone.
    pub photos_waiting: u64,
    /// Photos on the platform.
    pub photos_stored: u64,
    /// Photos the platform would not take.
    pub photos_failed: u64,
    /// The platform's time at the last contact, UTC ms.
    pub last_contact_ms: Option<i64>,
    /// A patrol that is not ended.
    pub open_patrol: Option<PatrolId>,
}
