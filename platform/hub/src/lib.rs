//! What the platform decides: who is enrolled, what a change means, what a receipt says, what a supervisor may see and do.
//! Never reads a clock, a random source, a socket or a file, and holds no SQL: time is an argument, randomness an
//! [`Entropy`], storage a [`HubStore`].
//!
//! Every call answers `Result<_, HubError>`; the error is the store's or a bug. What the protocol can answer is a value
//! inside: a [`grid_wire::Refusal`] to a device, a [`DeskRefusal`] to a supervisor, an [`AdminRefusal`] to an operator.
//!
//! **Invariant:** a receipt leaves only after the transaction that stored its changes is durable.

mod admin;
mod backup;
mod birth;
#[cfg(feature = "conformance")]
pub mod conformance;
mod console;
mod enroll;
mod entropy;
mod error;
mod exchange;
mod fold;
mod hub;
mod keys;
mod lateness;
mod lifeboat;
mod number;
pub mod store;
mod text;
mod upload;
pub mod views;

pub use admin::{
    Admin, AdminRefusal, CheckpointDraft, DivisionRow, ImportedTask, IssuedCode, OrgDraft, OrgView,
    PostDraft, TaskImport, WorkerDraft,
};
pub use backup::{BackupTag, CopyFlaw, Proof, ProofRefusal, ProvedLog, prove};
pub use console::{Desk, DeskRefusal, Login, LoginOutcome};
pub use entropy::Entropy;
pub use error::HubError;
pub use exchange::{Answered, ExchangeSender};
pub use grid_vault::{Hasher, RowSum, sha256};
pub use hub::{Hub, HubSettings};
pub use keys::{KEY_OVERLAP_MS, KeyState, KeyView, PlatformKeys, RetireRefusal};
pub use lifeboat::{SegmentRefusal, SegmentTaken, open_attachment};
pub use store::{HubRead, HubStore, HubTxn};
pub use upload::{UploadAsk, UploadId, UploadState};
pub use views::Session;
