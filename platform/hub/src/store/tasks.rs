//! Tasks and their log.

use grid_model::terms::{CaseKind, Level, ReviewFailReason};
use grid_model::time::{ClockQuality, Occurred};
use grid_model::{OrgId, TaskEvent, TaskId, TaskStatus, WorkerId};

use super::Stored;
use crate::views::{Page, TaskQuery};

/// A task as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTask {
    /// Which task.
    pub id: TaskId,
    /// Whose: the holder's organisation at dispatch.
    pub org: OrgId,
    /// Human number.
    pub no: String,
    /// Title.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// How much time it is given.
    pub level: Level,
    /// Where it stands.
    pub status: TaskStatus,
    /// Who has it.
    pub holder: WorkerId,
    /// Who dispatched it.
    pub dispatcher: WorkerId,
    /// 15-digit grid code; may be empty.
    pub grid_code: String,
    /// Where, in words.
    pub place_text: String,
    /// When it was dispatched, UTC ms.
    pub created_at_ms: i64,
    /// Feed position of its dispatch: a device that has applied it has the task.
    pub dispatched_position: u64,
    /// When a device of the holder had it, UTC ms.
    pub delivered_at_ms: Option<i64>,
    /// When it is due, UTC ms.
    pub due_at_ms: i64,
    /// When the work was done, by the fact's own time, UTC ms; absent while undone or undecided.
    pub done_at_ms: Option<i64>,
    /// How the time of the work is known; absent while undone.
    pub done_clock: Option<ClockQuality>,
    /// A report came after the recall.
    pub late_report: bool,
    /// Why it came back or was recalled, in the holder's words to read.
    pub reason: Option<String>,
    /// Grows with everything that a decision must have seen.
    pub revision: u64,
}

/// One line of a task's log, append-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTaskEvent {
    /// Position in the platform's order; 0 before it is stored.
    pub position: u64,
    /// Which task.
    pub task: TaskId,
    /// What happened.
    pub event: TaskEvent,
    /// Who did it.
    pub actor: WorkerId,
    /// Status before.
    pub from: Option<TaskStatus>,
    /// Status after.
    pub to: TaskStatus,
    /// Reason as a code.
    pub reason_code: Option<ReviewFailReason>,
    /// Reason in words.
    pub reason_text: Option<String>,
    /// When it happened.
    pub occurred: Occurred,
    /// When the platform learned of it, UTC ms.
    pub received_at_ms: i64,
    /// Position of the change that says so.
    pub change: Option<u64>,
    /// How it moved the due time, if it did.
    pub due_moved: Option<DueMoved>,
}

/// A due time that was moved; the old one is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueMoved {
    /// Due before, UTC ms.
    pub from_ms: i64,
    /// Due after, UTC ms.
    pub to_ms: i64,
}

/// Reads tasks.
pub trait TaskRead {
    /// One task.
    fn task(&self, id: TaskId) -> Stored<Option<StoredTask>>;
    /// The task with this number.
    fn task_by_no(&self, no: &str) -> Stored<Option<StoredTask>>;
    /// Tasks within `root` that match, in the order asked for.
    fn tasks_within(&self, root: OrgId, query: &TaskQuery) -> Stored<Page<StoredTask>>;
    /// Tasks of this holder, dispatched at or before this feed position, that no device of his was known to have.
    fn undelivered(&self, holder: WorkerId, position: u64) -> Stored<Vec<StoredTask>>;
    /// The log of a task, oldest first.
    fn task_events(&self, task: TaskId) -> Stored<Vec<StoredTaskEvent>>;
}

/// Writes tasks.
pub trait TaskWrite {
    /// Adds a task.
    fn add_task(&mut self, task: &StoredTask) -> Stored<()>;
    /// Sets what may change of a task: status, times, late report, reason and revision.
    fn put_task(&mut self, task: &StoredTask) -> Stored<()>;
    /// Adds a line to a task's log; answers its position.
    fn add_task_event(&mut self, event: &StoredTaskEvent) -> Stored<u64>;
}
