//! `FieldBook`: one worker's durable record on one phone. Use cases, views and the sync pump; clock, randomness and key
//! store are the host's.
//!
//! **Invariant:** a `record_*`-like call returns `Saved` only after the change, the view it alters and its outbox entry are
//! committed and flushed, and its second copy is flushed to the lifeboat (or `Saved` says that it is not). Nothing unsent is
//! ever deleted.

mod after;
mod amend;
mod attach;
mod boat;
mod book;
mod bundle;
mod cases;
mod changed;
mod check;
mod counts;
mod drafts;
mod enroll;
mod error;
mod exchange;
mod flawed;
mod forms;
mod host;
mod host_system;
mod keys;
mod locked;
mod page;
mod patrols;
mod photos;
mod plan;
mod pump;
mod record;
mod recover;
mod replay;
mod rest;
mod scope;
mod search;
mod settle;
mod status;
mod tasks;
mod ticket;
mod track;
mod views;
mod waiting;

pub use after::LastSync;
pub use book::FieldBook;
pub use changed::{CHANGES_MAX, Change, Changes, TaskNews};
pub use check::Check;
pub use drafts::{
    AttachmentDraft, AttachmentRef, CaseDraft, CountDraft, DisputeDraft, ExtensionDraft, FixDraft,
    ObservationDraft, PatrolDraft, ReportDraft, UrgentDraft, VisitDraft,
};
pub use enroll::{EnrollError, PhoneDraft, PlatformAddress};
pub use error::{FieldError, Problem};
pub use host::{Clock, Entropy, Host, Moment};
pub use host_system::{FileKeyVault, FixTimer, SystemClock, SystemEntropy, keep_fixes_durable};
pub use plan::SyncPlan;
pub use pump::{Progress, SyncReport};
pub use recover::Recovery;
pub use rest::Network;
pub use search::Found;
pub use ticket::{Ticket, TicketError};
pub use views::{
    CaseView, ExtensionView, FixOutcome, PatrolView, PostView, RecordView, Saved, Status, TallyView, TaskView,
};
pub use waiting::{Cause, Waiting, WaitingFor};

pub use grid_net::{Address, AddressError, HttpTransport};
pub use grid_store::{
    AttachmentState, Disk, PatrolStatus, Purged, RecordState, SpaceLeft, StoreLimits, StoreOptions,
    SystemDisk,
};
pub use grid_sync::{
    Budget, CancelToken, HEAD_BYTES, LinkError, Method, Outcome, Request, Response, Summary, Transport,
};
pub use grid_vault::{DataKey, KeyVault, KeyVaultError};
pub use locked::LockedBook;
