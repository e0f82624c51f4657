//! What an operator sets up. These calls know no scope: only the machine's own administrator reaches them.

mod people;
mod places;
mod tasks;

use grid_model::terms::{CaseKind, Level, Role};
use grid_model::{OrgId, TaskId};

use crate::HubError;

/// A post to create or replace, and a checkpoint of it: as devices get them.
pub use grid_wire::feed::{CheckpointRow as CheckpointDraft, PostRow as PostDraft};

/// Why an operator's request was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRefusal {
    /// There is no such thing.
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The name or number is taken.
    Taken {
        /// Which field.
        field: &'static str,
    },
    /// A field cannot be taken as it is.
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A row of a list cannot be taken; nothing of the list was.
    BadRow {
        /// Row number, from 1.
        row: usize,
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
}

/// What an operator's request comes to.
pub type Admin<T> = Result<Result<T, AdminRefusal>, HubError>;

/// An organisation to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgDraft {
    /// Name a person reads.
    pub name: String,
    /// The one above it.
    pub parent: Option<OrgId>,
    /// What its numbers begin with, such as `DL`: 1 to 8 capital letters or digits, taken once.
    pub prefix: String,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgView {
    /// Which one.
    pub id: OrgId,
    /// Its name.
    pub name: String,
    /// The one above it.
    pub parent: Option<OrgId>,
    /// What its numbers begin with.
    pub prefix: String,
}

/// A person to create.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerDraft {
    /// Where the person belongs.
    pub org: OrgId,
    /// The name typed at login; taken once.
    pub name: String,
    /// How the person is called.
    pub display_name: String,
    /// Job number; taken once.
    pub job_no: String,
    /// Role.
    pub role: Role,
    /// Code of the post, for those who have one.
    pub post: Option<String>,
    /// Password hash, for those who sign in at a desk. The hub never sees a password.
    pub password_hash: Option<String>,
}

/// A row of the division table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivisionRow {
    /// 12 digits; a row above the village ends in zeros.
    pub code: String,
    /// Name.
    pub name: String,
    /// 1 province, 2 city, 3 county, 4 town, 5 village.
    pub level: u8,
    /// Code of the row above; none for a province.
    pub parent: Option<String>,
}

/// A single-use enrolment code, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedCode {
    /// As a person reads it: `XXXX-XXXX`.
    pub code: String,
    /// When it ends, UTC ms.
    pub expires_at_ms: i64,
}

/// A task from a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskImport {
    /// Human number; the next free one when absent. A number that is here already is left as it is.
    pub no: Option<String>,
    /// At most 40 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub description: String,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// How much time it is given.
    pub level: Level,
    /// Job number of the holder.
    pub holder_job_no: String,
    /// 15-digit grid code, if known.
    pub grid_code: Option<String>,
    /// At most 120 characters.
    pub place_text: String,
    /// When it was dispatched, UTC ms.
    pub dispatched_at_ms: i64,
    /// When it is due; computed from the calendar when absent.
    pub due_at_ms: Option<i64>,
}

/// A task of a list, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTask {
    /// Which task.
    pub id: TaskId,
    /// Its number.
    pub no: String,
    /// False when the number was here before.
    pub created: bool,
}

/// Passes on a value, or answers the request with its refusal.
macro_rules! granted {
    ($outcome:expr) => {
        match $outcome {
            Ok(value) => value,
            Err(refusal) => return Ok(Err(refusal)),
        }
    };
}
pub(crate) use granted;

/// What there must be.
pub(crate) fn found<T>(thing: Option<T>, what: &'static str) -> Result<T, AdminRefusal> {
    thing.ok_or(AdminRefusal::NotFound { what })
}

/// The refusal of a field, if something is wrong with it.
pub(crate) fn sound(field: &'static str, wrong: Option<&'static str>) -> Result<(), AdminRefusal> {
    wrong.map_or(Ok(()), |detail| Err(AdminRefusal::Invalid { field, detail }))
}
