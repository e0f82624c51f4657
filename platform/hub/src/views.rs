//! What a supervisor sees: plain values that the server turns into JSON. Times are UTC ms.

mod field;
mod records;
mod tasks;

pub use crate::store::DueMoved;
pub use field::{
    CaseQuery, CaseSummary, CountEntry, CountTotal, GapView, MilestoneView, ObservationView, Outline,
    PatrolDetail, PatrolQuery, PatrolStatus, PatrolSummary, VisitView,
};
/// Posts look the same to a device, to a map and to an operator.
pub use grid_wire::feed::{CheckpointRow as CheckpointView, PostRow as PostView};
pub use records::{Conflict, ConflictPage, DeviceView, MissingRange, Record, RecordPage};
pub use tasks::{
    AttachmentFile, AttachmentView, ExtensionAnswer, ExtensionView, ReportView, Review, TaskDetail,
    TaskDraft, TaskEventView, TaskQuery, TaskSort, TaskSummary, Timeliness, WaitingExtension,
};

use grid_model::terms::Role;
use grid_model::{OrgId, WorkerId};

/// A person as named beside what he did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: WorkerId,
    /// How he is called.
    pub name: String,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// How many to skip.
    pub offset: u32,
    /// How many at most; the hub cuts it at [`PageAsk::LIMIT_MAX`].
    pub limit: u32,
}

impl PageAsk {
    /// Most items of one page.
    pub const LIMIT_MAX: u32 = 500;

    /// The same wish within the limit.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            offset: self.offset,
            limit: self.limit.min(Self::LIMIT_MAX),
        }
    }
}

impl Default for PageAsk {
    fn default() -> Self {
        Self { offset: 0, limit: 50 }
    }
}

/// A part of a list, with the length of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// How many there are in all.
    pub total: u64,
    /// The part asked for.
    pub items: Vec<T>,
}

/// A stretch of time, UTC ms; the end is not in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First moment.
    pub from_ms: i64,
    /// First moment after it.
    pub to_ms: i64,
}

impl Period {
    /// All of time.
    pub const ALWAYS: Self = Self {
        from_ms: i64::MIN,
        to_ms: i64::MAX,
    };

    /// The civil day (Asia/Shanghai) named `2026-01-14`, or `None` for anything else.
    pub fn civil_day(text: &str) -> Option<Self> {
        // Ten characters keep the year at four digits, within what date arithmetic can do.
        let to_ms = grid_model::deadline::end_of_day_ms(text.parse().ok().filter(|_| text.len() == 10)?);
        Some(Self {
            from_ms: to_ms - 24 * 3600 * 1000,
            to_ms,
        })
    }
}

/// A signed-in supervisor. Only [`crate::Hub::session`] and [`crate::Hub::login`] make one, so a call that takes it
/// is closed to everybody else; what it sees is the subtree of its organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Session {
    /// Who.
    pub worker: WorkerId,
    /// The name typed at login.
    pub name: String,
    /// How the person is called.
    pub display_name: String,
    /// In which role.
    pub role: Role,
    /// The root of what is seen.
    pub org: OrgId,
    /// Its name.
    pub org_name: String,
    /// When it ends, UTC ms.
    pub expires_at_ms: i64,
}

/// A person who can be given a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerView {
    /// Who.
    pub id: WorkerId,
    /// How the person is called.
    pub name: String,
    /// Job number.
    pub job_no: String,
    /// Role.
    pub role: Role,
    /// Code of the post, for those who have one.
    pub post: Option<String>,
}
