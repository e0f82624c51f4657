//! What supervisors see and decide.

mod decide;
mod extend;
mod field;
mod records;
mod session;
mod show;
mod tasks;

use grid_model::TaskStatus;
use grid_model::terms::Role;

use crate::HubError;
use crate::store::{Access, AccessPurpose, AccessSubject, HubTxn, Stored};
use crate::views::Session;

/// What a supervisor's request comes to: the answer, or why not.
pub type Desk<T> = Result<Result<T, DeskRefusal>, HubError>;

/// Why a supervisor's request was not carried out. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeskRefusal {
    /// There is no such thing in what this person sees.
    NotFound,
    /// Somebody decided meanwhile: look again.
    Conflict {
        /// The revision it has now.
        revision: u64,
    },
    /// The task's status does not allow this.
    NotNow {
        /// The status it has.
        status: TaskStatus,
    },
    /// Nobody reviews his own work, or gives himself more time.
    OwnWork,
    /// This role may not do this.
    NotAllowed {
        /// The role.
        role: Role,
    },
    /// The task was given more time before: a second time only the head of the station can give it.
    NeedsHead,
    /// A field cannot be taken as it is.
    Invalid {
        /// Which field, by its name in the API.
        field: &'static str,
        /// What is wrong with it, for a developer.
        detail: &'static str,
    },
}

/// A successful login.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The session cookie's value; the store keeps only its hash.
    pub token: String,
    /// Who.
    pub session: Session,
}

/// What a login comes to.
#[derive(Clone, PartialEq, Eq)]
pub enum LoginOutcome {
    /// Signed in.
    In(Login),
    /// Name or password is wrong, or this person has no place at a desk; which one is not said.
    Wrong,
    /// Too many wrong tries for this name.
    TryLater {
        /// Ask again after this many seconds.
        retry_after_s: u32,
    },
}

/// Writes who reads what, when and what for; the transaction that reads it is the one that logs it, so nothing leaves
/// unlogged.
pub(crate) fn log_access<T: HubTxn>(
    tx: &mut T,
    now_ms: i64,
    who: &Session,
    (purpose, subject): (AccessPurpose, AccessSubject),
    ids: &[&[u8]],
) -> Stored<()> {
    tx.add_access(&Access {
        position: 0,
        worker: who.worker,
        subject: subject.name().to_owned(),
        subject_ids: ids.concat(),
        items: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        purpose: purpose.name().to_owned(),
        at_ms: now_ms,
    })
}
