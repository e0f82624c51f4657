//! Requests for more time (延期) and what became of them.

use grid_model::time::Occurred;
use grid_model::{ExtensionState, OrgId, TaskId, WorkerId};

use super::Stored;
use crate::views::{Page, PageAsk};

/// A request for more time; its reason is in the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExtension {
    /// Position of the change that holds it.
    pub change: u64,
    /// For which task.
    pub task: TaskId,
    /// Who asked.
    pub author: WorkerId,
    /// The due time he wants, UTC ms.
    pub wanted_due_ms: i64,
    /// The due time that was in force when he asked, UTC ms.
    pub due_then_ms: i64,
    /// Where it stands.
    pub state: ExtensionState,
    /// When he asked.
    pub occurred: Occurred,
    /// When the platform received it, UTC ms.
    pub received_at_ms: i64,
    /// The answer, once there is one.
    pub answer: Option<StoredAnswer>,
}

/// What a supervisor answered to a request for more time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// Who.
    pub by: WorkerId,
    /// When, UTC ms.
    pub at_ms: i64,
    /// The due time he gave, UTC ms; absent when he refused.
    pub due_at_ms: Option<i64>,
    /// Why he refused.
    pub reason: Option<String>,
}

/// Reads requests for more time.
pub trait ExtensionRead {
    /// Those for a task, the first heard first.
    fn extensions_of(&self, task: TaskId) -> Stored<Vec<StoredExtension>>;
    /// Those within `root` that wait for an answer, the one with the earliest due time first. A task that was recalled or is
    /// void waits for none.
    fn extensions_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredExtension>>;
}

/// Writes requests for more time.
pub trait ExtensionWrite {
    /// Adds a request.
    fn add_extension(&mut self, extension: &StoredExtension) -> Stored<()>;
    /// Sets what may change of a request: state and answer.
    fn put_extension(&mut self, extension: &StoredExtension) -> Stored<()>;
}
