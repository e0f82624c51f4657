//! Tasks as a supervisor sees them.

use grid_model::deadline::Light;
use grid_model::terms::{AttachmentRole, CaseKind, Level, ReviewFailReason};
use grid_model::time::ClockQuality;
use grid_model::{ExtensionState, Sha256, TaskEvent, TaskId, TaskStatus, WorkerId};
use grid_wire::fact::Report;

use super::{PageAsk, Person};
use crate::store::DueMoved;

/// Which tasks, in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskQuery {
    /// Only those in this status.
    pub status: Option<TaskStatus>,
    /// In which order.
    pub sort: TaskSort,
    /// Only those whose number, title or place holds this text.
    pub text: Option<String>,
    /// Which part of the list.
    pub page: PageAsk,
}

/// Order of a list of tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskSort {
    /// The next one due first.
    #[default]
    Due,
    /// The newest first.
    Created,
}

/// Whether a task was done in time. Judged by when the work was done, never by when its record arrived (domain §6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// Not done yet; the light says how much time is left.
    Open,
    /// Done, and nothing shows that it was done too late.
    OnTime,
    /// Even the earliest moment at which it may have been done lies past the due time.
    Overdue,
    /// The time of the work is suspect, or it was done past the due time while a request for more time waits that was made in
    /// time: neither on time nor overdue until a person decides.
    Undecided,
    /// Ended without being done, by a recall or as void.
    Stopped,
}

impl Timeliness {
    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::OnTime => "on_time",
            Self::Overdue => "overdue",
            Self::Undecided => "undecided",
            Self::Stopped => "stopped",
        }
    }
}

/// A task in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskSummary {
    /// Which task.
    pub id: TaskId,
    /// Human number.
    pub no: String,
    /// Title.
    pub title: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// How much time it is given.
    pub level: Level,
    /// Where it stands.
    pub status: TaskStatus,
    /// Who has it.
    pub holder: Person,
    /// 15-digit grid code; may be empty.
    pub grid_code: String,
    /// Where, in words.
    pub place_text: String,
    /// When it was dispatched.
    pub created_at_ms: i64,
    /// When a device of the holder had it.
    pub delivered_at_ms: Option<i64>,
    /// When it is due.
    pub due_at_ms: i64,
    /// When the work was done, by the fact's own time; absent while undone and while the time is undecided.
    pub done_at_ms: Option<i64>,
    /// How that time is known; `suspect` with no `done_at_ms` means undecided, never overdue.
    pub done_clock: Option<ClockQuality>,
    /// Whether it was done in time.
    pub timeliness: Timeliness,
    /// A report arrived after the task had been recalled and waits for a decision.
    pub late_report: bool,
    /// A request for more time waits for an answer.
    pub extension_waits: bool,
    /// The due light; not red while a request waits that was made in time, up to the time it wants.
    pub light: Light,
    /// What a decision must name.
    pub revision: u64,
    /// Photos that records of this task name.
    pub photos_expected: u32,
    /// Those whose bytes are here.
    pub photos_here: u32,
}

/// A task with everything that happened to it.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskDetail {
    /// As in the list.
    pub summary: TaskSummary,
    /// What it is about.
    pub description: String,
    /// The 流转日志, oldest first.
    pub log: Vec<TaskEventView>,
    /// The requests for more time, in the order they arrived.
    pub extensions: Vec<ExtensionView>,
    /// The reports, in the order they arrived.
    pub reports: Vec<ReportView>,
    /// Every attachment its reports name.
    pub attachments: Vec<AttachmentView>,
}

/// One line of a task's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskEventView {
    /// Position in the platform's order.
    pub position: u64,
    /// What happened.
    pub event: TaskEvent,
    /// Who did it.
    pub actor: Person,
    /// Status before; absent for the dispatch.
    pub from: Option<TaskStatus>,
    /// Status after.
    pub to: TaskStatus,
    /// Reason as a code.
    pub reason_code: Option<ReviewFailReason>,
    /// Reason in words.
    pub reason_text: Option<String>,
    /// When it happened, by the best evidence.
    pub occurred_at_ms: i64,
    /// When the platform learned of it.
    pub received_at_ms: i64,
    /// How far the time can be believed.
    pub clock: ClockQuality,
    /// How it moved the due time, if it did.
    pub due_moved: Option<DueMoved>,
}

/// A request for more time with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionView {
    /// Who asked.
    pub author: Person,
    /// The due time he wants.
    pub wanted_due_ms: i64,
    /// The due time that was in force when he asked.
    pub due_then_ms: i64,
    /// Why, in his words.
    pub reason: String,
    /// Where it stands.
    pub state: ExtensionState,
    /// When he asked, by the best evidence.
    pub occurred_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When the platform received it.
    pub received_at_ms: i64,
    /// Who answered.
    pub decided_by: Option<Person>,
    /// When.
    pub decided_at_ms: Option<i64>,
    /// The due time that was given.
    pub given_due_ms: Option<i64>,
    /// Why it was refused.
    pub answer: Option<String>,
}

/// A request that waits, with its task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingExtension {
    /// The task.
    pub task: TaskSummary,
    /// The request.
    pub extension: ExtensionView,
}

/// What a supervisor answers to a request for more time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExtensionAnswer {
    /// The due time moves.
    Grant {
        /// To when; as it was asked, if nothing is said.
        due_at_ms: Option<i64>,
    },
    /// It stays.
    Refuse {
        /// Why; the holder reads it.
        reason: String,
    },
}

/// A report with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportView {
    /// The fact itself: version, result, measures, narrative and the rest.
    pub fact: Report,
    /// Who wrote it.
    pub author: Person,
    /// When the work was done, by the best evidence.
    pub occurred_at_ms: i64,
    /// How far that time can be believed.
    pub clock: ClockQuality,
    /// When the platform received it.
    pub received_at_ms: i64,
    /// Kept beside a task that was already decided.
    pub supplement: bool,
    /// Arrived after the task had been recalled.
    pub late: bool,
    /// What belongs to it.
    pub attachments: Vec<AttachmentView>,
}

/// An attachment that a record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentView {
    /// Its name.
    pub sha256: Sha256,
    /// What it shows.
    pub role: AttachmentRole,
    /// Media type as the phone says.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
    /// When it was taken, by the phone's wall clock.
    pub taken_at_ms: i64,
    /// Whether the bytes are here.
    pub here: bool,
    /// The phone that has it.
    pub phone_label: String,
}

/// An attachment that may be shown to the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFile {
    /// Its name in the blob folder.
    pub sha256: Sha256,
    /// Media type.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
    /// Whether the bytes are here; if not, the phone still has them.
    pub here: bool,
}

/// A task to dispatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDraft {
    /// At most 40 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub description: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// How much time it is given.
    pub level: Level,
    /// Who gets it.
    pub holder: WorkerId,
    /// 15-digit grid code, if known.
    pub grid_code: Option<String>,
    /// At most 120 characters.
    pub place_text: String,
    /// When it is due; needed for a complex matter, computed from the calendar otherwise.
    pub due_at_ms: Option<i64>,
    /// Why this due time or this holder.
    pub reason: Option<String>,
}

/// What a reviewer decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Review {
    /// The matter is closed.
    Pass,
    /// It goes back to the holder, with a reason.
    Fail {
        /// Reason as a code.
        reason_code: ReviewFailReason,
        /// Reason in words.
        reason_text: Option<String>,
    },
}
