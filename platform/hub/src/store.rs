//! What a database must offer. Rows in, rows out: a store decides nothing.
//!
//! **Isolation law.** Write transactions are serialisable and durable when `write` returns `Ok`; if the closure fails,
//! nothing of it remains. A store without space says [`HubError::Full`] and goes on reading. A read transaction sees one moment. Positions handed out by a store grow in the order of
//! commits and are never reused. The conformance suite checks this for every store.
//!
//! Lists take a `root`: they hold what belongs to that organisation or to one below it, and nothing else.

mod backup;
mod desk;
mod devices;
mod extensions;
mod feed;
mod field;
mod log;
mod patrols;
mod people;
mod platform;
mod tasks;
mod uploads;

pub use backup::{BackupRead, BackupWrite, ProvedBackup, StoredLink};
pub use desk::{Access, AccessPurpose, AccessSubject, DeskRead, DeskWrite, StoredSession};
pub use devices::{Contact, DeviceRead, DeviceTally, DeviceWrite, StoredCode, StoredDevice, Tries, TryKind};
pub use extensions::{ExtensionRead, ExtensionWrite, StoredAnswer, StoredExtension};
pub use feed::{Audience, FeedPlace, FeedRead, FeedWrite};
pub use field::{
    AttachmentCount, FieldRead, FieldWrite, StoredAttachment, StoredCase, StoredCount, StoredMilestone,
    StoredReport,
};
pub use log::{ChainState, ChangeState, LogRead, LogWrite, StoredChange};
pub use patrols::{
    PatrolRead, PatrolTally, PatrolWrite, StoredObservation, StoredPatrol, StoredSegment, StoredVisit,
};
pub use people::{PeopleRead, PeopleWrite, StoredOrg, StoredPost, StoredWorker};
pub use platform::{Platform, PlatformRead, PlatformWrite};
pub use tasks::{DueMoved, StoredTask, StoredTaskEvent, TaskRead, TaskWrite};
pub use uploads::{StoredBlob, StoredUpload, UploadRead, UploadWrite};

use crate::HubError;

/// What a store answers.
pub type Stored<T> = Result<T, HubError>;

/// A place where a platform keeps its rows.
pub trait HubStore: Send + Sync {
    /// A read transaction.
    type Snapshot<'s>: HubRead;
    /// A write transaction.
    type Txn<'t>: HubTxn;

    /// Runs `f` in a write transaction and commits it durably, or leaves no trace.
    fn write<R>(&self, f: impl FnOnce(&mut Self::Txn<'_>) -> Stored<R>) -> Stored<R>;

    /// Runs `f` on one moment of the store.
    fn read<R>(&self, f: impl FnOnce(&Self::Snapshot<'_>) -> Stored<R>) -> Stored<R>;
}

/// Everything that can be read.
pub trait HubRead:
    PlatformRead
    + PeopleRead
    + DeviceRead
    + LogRead
    + TaskRead
    + ExtensionRead
    + FieldRead
    + PatrolRead
    + FeedRead
    + UploadRead
    + DeskRead
    + BackupRead
{
}
impl<T> HubRead for T where
    T: PlatformRead
        + PeopleRead
        + DeviceRead
        + LogRead
        + TaskRead
        + ExtensionRead
        + FieldRead
        + PatrolRead
        + FeedRead
        + UploadRead
        + DeskRead
        + BackupRead
{
}

/// Everything that can be read and written.
pub trait HubTxn:
    HubRead
    + PlatformWrite
    + PeopleWrite
    + DeviceWrite
    + LogWrite
    + TaskWrite
    + ExtensionWrite
    + FieldWrite
    + PatrolWrite
    + FeedWrite
    + UploadWrite
    + DeskWrite
    + BackupWrite
{
}
impl<T> HubTxn for T where
    T: HubRead
        + PlatformWrite
        + PeopleWrite
        + DeviceWrite
        + LogWrite
        + TaskWrite
        + ExtensionWrite
        + FieldWrite
        + PatrolWrite
        + FeedWrite
        + UploadWrite
        + DeskWrite
        + BackupWrite
{
}
