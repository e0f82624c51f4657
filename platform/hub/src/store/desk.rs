//! Sessions and the access log.

use grid_model::{Sha256, WorkerId};

use super::Stored;

/// A session; only the hash of its token is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    /// Hash of the token.
    pub token_hash: Sha256,
    /// Who.
    pub worker: WorkerId,
    /// Since when, UTC ms.
    pub began_at_ms: i64,
    /// Until when, UTC ms.
    pub expires_at_ms: i64,
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessSubject {
    /// Tasks.
    Task,
    /// Cases.
    Case,
    /// Patrols.
    Patrol,
    /// Attachments.
    Attachment,
    /// The change log.
    Record,
    /// Steps of counters.
    Count,
    /// Devices and whose they are.
    Device,
    /// People who can be given a task.
    Worker,
}

impl AccessSubject {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Case => "case",
            Self::Patrol => "patrol",
            Self::Attachment => "attachment",
            Self::Record => "record",
            Self::Count => "count",
            Self::Device => "device",
            Self::Worker => "worker",
        }
    }
}

/// What for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessPurpose {
    /// To see a list.
    List,
    /// To see one thing in full.
    Detail,
    /// To decide on it.
    Decide,
    /// To take it out of the platform.
    Export,
}

impl AccessPurpose {
    /// Its name in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Detail => "detail",
            Self::Decide => "decide",
            Self::Export => "export",
        }
    }
}

/// One line of the access log: who read what, when and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Position in the log; 0 before it is stored.
    pub position: u64,
    /// Who.
    pub worker: WorkerId,
    /// What kind of thing, by [`AccessSubject::name`].
    pub subject: String,
    /// Which ones: 16-byte ids or 32-byte hashes, one after the other; 8-byte positions for the change log and for counts.
    pub subject_ids: Vec<u8>,
    /// How many.
    pub items: u32,
    /// What for, by [`AccessPurpose::name`].
    pub purpose: String,
    /// When, UTC ms.
    pub at_ms: i64,
}

/// Reads sessions and the access log.
pub trait DeskRead {
    /// The session with this token.
    fn session(&self, token_hash: Sha256) -> Stored<Option<StoredSession>>;
    /// Lines of the access log after `after`, ascending, at most `limit`.
    fn accesses(&self, after: u64, limit: u32) -> Stored<Vec<Access>>;
}

/// Writes sessions and the access log.
pub trait DeskWrite {
    /// Adds a session and drops those that ended before it began.
    fn add_session(&mut self, session: &StoredSession) -> Stored<()>;
    /// Ends one session.
    fn end_session(&mut self, token_hash: Sha256) -> Stored<()>;
    /// Ends all sessions of a person.
    fn end_sessions_of(&mut self, worker: WorkerId) -> Stored<()>;
    /// Adds a line to the access log.
    fn add_access(&mut self, access: &Access) -> Stored<()>;
}
