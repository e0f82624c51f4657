//! Cases, reports, counts and the attachments that records name: views folded from the change log.

use grid_model::terms::{AttachmentRole, CaseKind, CountKind, Milestone};
use grid_model::time::{ClockQuality, Occurred};
use grid_model::{CaseId, DeviceId, Lane, OrgId, PatrolId, Seq, Sha256, WorkerId};

use super::Stored;
use crate::views::{CaseQuery, CountTotal, Page, PageAsk, Period};

/// A case born on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCase {
    /// Which case.
    pub id: CaseId,
    /// Position of the change that bore it.
    pub change: u64,
    /// The reporter's organisation.
    pub org: OrgId,
    /// Human number.
    pub no: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// Title.
    pub title: String,
    /// Where, in words.
    pub place_text: String,
    /// A call for help.
    pub urgent: bool,
    /// Who reported it.
    pub reporter: WorkerId,
    /// When.
    pub occurred: Occurred,
    /// When the platform received it, UTC ms.
    pub received_at_ms: i64,
}

/// A step of an urgent call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredMilestone {
    /// Which case.
    pub case: CaseId,
    /// Position of the change that says so.
    pub change: u64,
    /// Which step.
    pub milestone: Milestone,
    /// When.
    pub occurred: Occurred,
}

/// A report; its words are in the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// The lane it came in: its task or case.
    pub lane: Lane,
    /// Position of the change that holds it.
    pub change: u64,
    /// Its version, as the phone counted.
    pub version: u32,
    /// Who wrote it.
    pub author: WorkerId,
    /// When.
    pub occurred: Occurred,
    /// When the platform received it, UTC ms.
    pub received_at_ms: i64,
    /// Kept beside a task that was already decided.
    pub supplement: bool,
    /// Came after the recall.
    pub late: bool,
}

/// A step of a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCount {
    /// Position of the change that holds it.
    pub change: u64,
    /// The counting person's organisation.
    pub org: OrgId,
    /// Who counted.
    pub worker: WorkerId,
    /// The device that wrote it.
    pub device: DeviceId,
    /// Its position in that device's log.
    pub seq: Seq,
    /// What is counted.
    pub count_kind: CountKind,
    /// How much was added.
    pub value: i64,
    /// Whether it takes part in totals.
    pub summed: bool,
    /// Code of the post.
    pub post: String,
    /// During which patrol, as the phone says; it may be nobody's, or somebody else's.
    pub patrol: Option<PatrolId>,
    /// Why a correction was made.
    pub reason: Option<String>,
    /// When, UTC ms, by the best evidence.
    pub recorded_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When the platform received it, UTC ms.
    pub received_at_ms: i64,
}

/// An attachment that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAttachment {
    /// Position of the change that names it.
    pub change: u64,
    /// Its place in that change's list.
    pub item: u32,
    /// The lane of that change.
    pub lane: Lane,
    /// Its name.
    pub sha256: Sha256,
    /// What it shows.
    pub role: AttachmentRole,
    /// Media type as the phone says.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
    /// When it was taken, UTC ms by the phone's wall clock.
    pub taken_at_ms: i64,
    /// The device that has it.
    pub device: DeviceId,
    /// Whether the bytes are here; ignored when it is added.
    pub here: bool,
}

/// How many attachments are expected and here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttachmentCount {
    /// Different ones that records name.
    pub expected: u32,
    /// Those whose bytes are here.
    pub here: u32,
}

/// Reads what came from the field.
pub trait FieldRead {
    /// One case.
    fn case(&self, id: CaseId) -> Stored<Option<StoredCase>>;
    /// Cases within `root` that match, newest first.
    fn cases_within(&self, root: OrgId, query: &CaseQuery) -> Stored<Page<StoredCase>>;
    /// Steps of a case, in their order of time.
    fn milestones_of(&self, case: CaseId) -> Stored<Vec<StoredMilestone>>;
    /// Reports of a lane, in the order they arrived.
    fn reports_of(&self, lane: Lane) -> Stored<Vec<StoredReport>>;
    /// Whether a report that this device wrote in a lane is kept as a supplement.
    fn has_supplement_of(&self, device: DeviceId, lane: Lane) -> Stored<bool>;
    /// Totals within `root` over a period, by kind.
    fn count_totals(&self, root: OrgId, period: Period) -> Stored<Vec<CountTotal>>;
    /// Steps of one kind within `root` over a period, newest first.
    fn counts_within(
        &self,
        root: OrgId,
        kind: CountKind,
        period: Period,
        page: PageAsk,
    ) -> Stored<Page<StoredCount>>;
    /// Steps that `worker` says he made during a patrol, in their order of time.
    fn counts_of(&self, patrol: PatrolId, worker: WorkerId) -> Stored<Vec<StoredCount>>;
    /// Attachments named in a lane, in the order they arrived.
    fn attachments_of_lane(&self, lane: Lane) -> Stored<Vec<StoredAttachment>>;
    /// Attachments that one change names, in its order.
    fn attachments_of_change(&self, change: u64) -> Stored<Vec<StoredAttachment>>;
    /// How many attachments a lane names.
    fn attachment_count(&self, lane: Lane) -> Stored<AttachmentCount>;
    /// An attachment that a device within `root` names.
    fn attachment_within(&self, root: OrgId, sha256: Sha256) -> Stored<Option<StoredAttachment>>;
}

/// Writes what came from the field.
pub trait FieldWrite {
    /// Adds a case.
    fn add_case(&mut self, case: &StoredCase) -> Stored<()>;
    /// Adds a step of an urgent call.
    fn add_milestone(&mut self, milestone: &StoredMilestone) -> Stored<()>;
    /// Adds a report.
    fn add_report(&mut self, report: &StoredReport) -> Stored<()>;
    /// Keeps the report of this change as a supplement from now on.
    fn make_supplement(&mut self, change: u64) -> Stored<()>;
    /// Adds a step of a counter.
    fn add_count(&mut self, count: &StoredCount) -> Stored<()>;
    /// Adds an expected attachment.
    fn add_attachment(&mut self, attachment: &StoredAttachment) -> Stored<()>;
}
