//! The device's encrypted SQLite: the change log, the outbox and the local views. All device SQL lives here. Never sends
//! anything and never reads a clock.
//!
//! **Invariant:** one writer; a change, the view it alters and its outbox entry commit in one transaction; a commit is
//! flushed (`synchronous=FULL`) and its lifeboat frame is flushed before the call returns. A damaged database is never
//! reset.

mod attachments;
mod authentic;
mod boarding;
mod connect;
mod copy;
mod disk;
mod feed;
mod gaps;
mod identity;
mod lanes;
mod lifeboat;
mod log;
mod migrate;
mod open;
mod options;
mod outbox;
mod patrols;
mod purge;
mod records;
mod reoffer;
mod rescue;
mod salvage;
mod scope;
mod search;
mod space;
mod sql;
mod tasks;
mod txn;
mod wal;

pub use attachments::{AttachmentRow, AttachmentState};
pub use authentic::{is_authentic, is_whole};
#[doc(hidden)]
pub use boarding::set_schema_for_tests;
pub use boarding::{Boarding, QUARANTINE, read_boats};
pub use connect::wait_for_cipher;
pub use copy::copy_live;
pub use disk::{Disk, DiskFile, DiskLock, Open, SystemDisk, read_all, read_within, write_durably};
pub use feed::{Applied, FeedState};
pub use identity::{Enrolment, Identity};
pub use lifeboat::{
    BoatRow, CaptureRead, Crew, LockedBoat, Random, SegmentRead, read_locked, read_segment, segment_header,
};
pub use log::{Adopted, Draft, Life};
pub use migrate::SCHEMA;
pub use open::{SQLITE_VERSION_MIN, Store};
#[doc(hidden)]
pub use options::Flaw;
pub use options::{StoreLimits, StoreOptions};
pub use outbox::{OutboxCount, SealedBatch, Settled, Unsent};
pub use patrols::{PatrolRow, PatrolStatus};
pub use purge::{Purged, TEXT_STAYS_MS};
pub use records::{CaseRow, RecordRow, RecordState, TallyRow};
pub use rescue::{Found, FoundChange, rescue};
pub use salvage::{Rank, Row, Salvage, Scan, SchemaRow, Value, Wreck};
pub use scope::Dropped;
pub use search::Query;
pub use space::{Purpose, SpaceLeft};
pub use tasks::TaskBase;
pub use txn::{Reading, Writing};

use std::fmt;

/// Why the store could not do what was asked. Nothing acknowledged is lost by any of these.
#[derive(Debug)]
pub enum StoreError {
    /// Another process or object has this vault open.
    AlreadyOpen,
    /// The store was closed; `reopen` it.
    Closed,
    /// No space left: free some, then try again.
    Full,
    /// The key does not open this database, or its pages were altered.
    WrongKeyOrDamaged,
    /// Written by a newer application.
    TooNew {
        /// Schema found in the file.
        found: u32,
        /// Newest schema this build writes.
        supported: u32,
    },
    /// A row that must be there is not.
    NotFound(&'static str),
    /// Stored bytes that do not read; names the table.
    Unreadable(&'static str),
    /// The database failed otherwise.
    Sqlite(rusqlite::Error),
    /// The file system failed otherwise.
    Io(std::io::Error),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyOpen => f.write_str("the vault is open elsewhere"),
            Self::Closed => f.write_str("the store is closed"),
            Self::Full => f.write_str("no space left on the device"),
            Self::WrongKeyOrDamaged => f.write_str("the key does not open this database, or it is damaged"),
            Self::TooNew { found, supported } => write!(f, "schema {found} is newer than {supported}"),
            Self::NotFound(what) => write!(f, "no such {what}"),
            Self::Unreadable(what) => write!(f, "unreadable bytes in {what}"),
            Self::Sqlite(error) => write!(f, "database: {error}"),
            Self::Io(error) => write!(f, "file system: {error}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What a closure inside a transaction may fail with.
pub trait Failure: From<StoreError> {
    /// Whether database or disk failed, so that nothing which a connection remembers is to be believed any more.
    fn is_of_disk(&self) -> bool;
}

impl StoreError {
    /// Whether the connection to the database failed: it goes on failing, so it must be opened anew.
    pub(crate) const fn is_of_connection(&self) -> bool {
        matches!(self, Self::Sqlite(_) | Self::WrongKeyOrDamaged)
    }
}

impl Failure for StoreError {
    fn is_of_disk(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(_) | Self::Io(_) | Self::WrongKeyOrDamaged | Self::Unreadable(_)
        )
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => {
                Self::WrongKeyOrDamaged
            }
            // Rows that are meant to be there once are looked for first: one that is there all the same is of another moment.
            Some(rusqlite::ErrorCode::ConstraintViolation) if is_twice(&error) => Self::WrongKeyOrDamaged,
            _ => Self::Sqlite(error),
        }
    }
}

fn is_twice(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE};
    let code = error.sqlite_error().map_or(0, |error| error.extended_code);
    [
        SQLITE_CONSTRAINT_PRIMARYKEY,
        SQLITE_CONSTRAINT_ROWID,
        SQLITE_CONSTRAINT_UNIQUE,
    ]
    .contains(&code)
}

impl From<grid_vault::VaultError> for StoreError {
    fn from(_: grid_vault::VaultError) -> Self {
        Self::Unreadable("sealed bytes")
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io(error),
        }
    }
}
