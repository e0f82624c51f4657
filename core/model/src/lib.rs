//! Nouns of the field and the rules that need nothing but their arguments. Never reads a clock, a file, a socket or a
//! random number: callers pass what happened.
//!
//! Terms and rules follow `docs/glossary.md`. Everything here is a value: both the phone and the platform compute the
//! same answer from the same facts.

mod coded;
pub mod deadline;
pub mod id;
pub mod lane;
pub mod limits;
pub mod place;
pub mod private;
pub mod task;
pub mod terms;
pub mod time;
pub mod track;

pub use coded::Coded;
pub use id::{CaseId, DeviceId, Epoch, Incarnation, OrgId, PatrolId, PhoneId, Seq, Sha256, TaskId, WorkerId};
pub use lane::{ChangeKind, Lane, LaneKind, Priority};
pub use place::Point;
pub use private::Private;
pub use task::{ExtensionState, TaskEvent, TaskStatus};
