//! The feed: the platform's ordered rows for a device, pulled page by page.

use grid_model::id::{DeviceId, Epoch, Incarnation, Seq, Sha256};
pub use grid_model::terms::RowKind;
use grid_model::terms::{CaseKind, Level};
use grid_model::{ExtensionState, TaskStatus};
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::codec::{self, WireError};
use crate::exchange::Signed;

/// One row: the newest state of one thing. A task or post with no body is none of this device's any more.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedRow {
    /// What the body is.
    #[cbor(n(0), with = "adapt::code")]
    pub kind: RowKind,
    /// Which thing.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub id: Vec<u8>,
    /// The platform's revision of it.
    #[n(2)]
    pub revision: u64,
    /// Its state in CBOR, read according to `kind`.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub body: Vec<u8>,
    /// What moved of a task that the device holds as a whole; `body` is empty then. Only for devices that say that they read
    /// it ([`crate::BatchHeader::behind`]).
    #[n(4)]
    pub moved: Option<TaskMoved>,
}

/// What moves of a task while its words stay. Values are those of [`TaskRow`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct TaskMoved {
    /// Where it stands on the platform.
    #[cbor(n(0), with = "adapt::code")]
    pub status: TaskStatus,
    /// When it is due, UTC ms.
    #[n(1)]
    pub due_at_ms: i64,
    /// Why it was sent back or recalled.
    #[n(2)]
    pub reason: Option<String>,
    /// The holder's report arrived after the task had moved on and is kept.
    #[n(3)]
    pub late_report: bool,
    /// What [`TaskRow::covers`] tells.
    #[n(4)]
    pub covers: u64,
    /// The request for more time that counts.
    #[n(5)]
    pub extension: Option<ExtensionRow>,
}

impl TaskMoved {
    /// The moving part of this row.
    pub fn of(row: TaskRow) -> Self {
        Self {
            status: row.status,
            due_at_ms: row.due_at_ms,
            reason: row.reason,
            late_report: row.late_report,
            covers: row.covers,
            extension: row.extension,
        }
    }

    /// The whole row again, as it is kept and as it reads: `body`, a [`TaskRow`] in CBOR, with this in place of what it said. What
    /// this build does not know of it stays.
    pub fn laid_into(self, body: &[u8]) -> Result<(Vec<u8>, TaskRow), WireError> {
        let what = "task row";
        let row: TaskRow = codec::decode(body, what)?;
        let row = TaskRow {
            status: self.status,
            due_at_ms: self.due_at_ms,
            reason: self.reason,
            late_report: self.late_report,
            covers: self.covers,
            extension: self.extension,
            ..row
        };
        let moved = codec::encode(&row);
        let mut pairs = codec::pairs(&moved, what)?;
        let unknown = codec::pairs(body, what)?;
        pairs.extend(unknown.into_iter().filter(|(key, _)| *key > TaskRow::LAST_KEY));
        Ok((codec::map_of(&pairs, what)?, row))
    }
}

/// A task as its holder sees it. Row kind `task`, id = task id.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct TaskRow {
    /// Human number, such as `DL-2026-0007`.
    #[n(0)]
    pub no: String,
    /// At most 40 characters.
    #[n(1)]
    pub title: String,
    /// At most 1,000 characters.
    #[n(2)]
    pub description: String,
    /// Kind of matter.
    #[cbor(n(3), with = "adapt::code")]
    pub case_kind: CaseKind,
    /// How much time it is given.
    #[cbor(n(4), with = "adapt::code")]
    pub level: Level,
    /// Where it stands on the platform.
    #[cbor(n(5), with = "adapt::code")]
    pub status: TaskStatus,
    /// 15-digit grid code.
    #[n(6)]
    pub grid_code: String,
    /// Where, in words.
    #[n(7)]
    pub place_text: String,
    /// When it was dispatched, UTC ms.
    #[n(8)]
    pub created_at_ms: i64,
    /// When it is due, UTC ms.
    #[n(9)]
    pub due_at_ms: i64,
    /// Why it was sent back or recalled.
    #[n(10)]
    pub reason: Option<String>,
    /// The holder's report arrived after the task had moved on and is kept.
    #[n(11)]
    pub late_report: bool,
    /// What [`TaskRow::covers`] tells; 0 takes in nothing.
    #[n(12)]
    pub covers: u64,
    /// The request for more time that counts now; absent while none was made, and from platforms that know none.
    #[n(13)]
    pub extension: Option<ExtensionRow>,
}

/// A request for more time and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExtensionRow {
    /// Where it stands.
    #[cbor(n(0), with = "adapt::code")]
    pub state: ExtensionState,
    /// The due time that was wanted, UTC ms.
    #[n(1)]
    pub wanted_due_ms: i64,
    /// What the supervisor said to it.
    #[n(2)]
    pub answer: Option<String>,
}

impl TaskRow {
    /// The highest key of its map that this build knows.
    const LAST_KEY: u64 = 13;

    /// The highest position of the receiving device's own changes that this row has taken in: later ones are replayed.
    pub const fn covers(&self) -> Seq {
        Seq(self.covers)
    }

    /// The same row, taking in own changes up to `seq`.
    #[must_use]
    pub fn covering(self, seq: Seq) -> Self {
        Self {
            covers: seq.0,
            ..self
        }
    }
}

/// A post with its checkpoints. Row kind `post`, id = post code as UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PostRow {
    /// Code, such as `DL-01`.
    #[n(0)]
    pub code: String,
    /// Name a person reads.
    #[n(1)]
    pub name: String,
    /// Latitude, 1e-7 degrees.
    #[n(2)]
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    #[n(3)]
    pub lon_e7: i32,
    /// Places to visit.
    #[n(4)]
    pub checkpoints: Vec<CheckpointRow>,
}

/// A place a patrol should visit.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CheckpointRow {
    /// Code, such as `DL-01-C2`.
    #[n(0)]
    pub code: String,
    /// Name a person reads.
    #[n(1)]
    pub name: String,
    /// Latitude, 1e-7 degrees.
    #[n(2)]
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    #[n(3)]
    pub lon_e7: i32,
    /// A visit within this many metres counts as located.
    #[n(4)]
    pub radius_m: u32,
}

/// What the platform vouches for, signed: how far the chain is complete, and how far it is safe from the platform's loss.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Checkpoint {
    #[n(0)]
    verified_to: u64,
    #[n(1)]
    backed_up_to: u64,
    /// The store that says so.
    #[cbor(n(2), with = "adapt::id")]
    pub incarnation: Incarnation,
    /// Whose log: a checkpoint of one vault says nothing to another.
    #[cbor(n(3), with = "adapt::id")]
    pub device: DeviceId,
    #[n(4)]
    epoch: u64,
    /// The platform's chain hash at `verified_to`, so that a device that lost its place can compare; absent where nothing is
    /// verified, and from platforms that do not tell it.
    #[cbor(n(5), with = "adapt::hash_maybe", has_nil)]
    pub verified_h: Option<Sha256>,
    /// What the device should hold of each kind of row when it has applied this page; only in the last page of a round, and
    /// not from platforms that do not tell it. A kind that is not among them has no rows.
    #[n(6)]
    pub scope: Option<Vec<ScopeSum>>,
}

/// The rows of one kind that a device should hold, summed up (`grid_vault::RowSum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ScopeSum {
    /// Which kind.
    #[cbor(n(0), with = "adapt::code")]
    pub kind: RowKind,
    /// How many rows.
    #[n(1)]
    pub count: u64,
    /// Their sum.
    #[cbor(n(2), with = "adapt::hash")]
    pub sum: Sha256,
}

impl Checkpoint {
    /// A checkpoint of this log; `backed_up_to` stays 0 until a backup was proved restorable.
    pub const fn new(
        (device, epoch): (DeviceId, Epoch),
        verified_to: Seq,
        backed_up_to: Seq,
        incarnation: Incarnation,
    ) -> Self {
        Self {
            verified_to: verified_to.0,
            backed_up_to: backed_up_to.0,
            incarnation,
            device,
            epoch: epoch.0,
            verified_h: None,
            scope: None,
        }
    }
    /// The same checkpoint, telling the chain hash at `verified_to`.
    #[must_use]
    pub const fn with_verified_h(mut self, h: Sha256) -> Self {
        self.verified_h = Some(h);
        self
    }
    /// The life of the log it speaks about.
    pub const fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }
    /// Everything up to here is there and its chain equals a signed head.
    pub const fn verified_to(&self) -> Seq {
        Seq(self.verified_to)
    }
    /// Everything up to here is in a backup that was proved restorable.
    pub const fn backed_up_to(&self) -> Seq {
        Seq(self.backed_up_to)
    }
}

/// One page of the feed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PullPage {
    /// Position this page starts after.
    #[n(0)]
    pub from: u64,
    /// The rows, in order.
    #[n(1)]
    pub rows: Vec<FeedRow>,
    /// Position to ask from next.
    #[n(2)]
    pub next: u64,
    /// There is more after `next`.
    #[n(3)]
    pub more: bool,
    /// What the platform vouches for.
    #[n(4)]
    pub checkpoint: Option<Signed>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_key_of_a_task_is_known() {
        let row = TaskRow {
            no: String::new(),
            title: String::new(),
            description: String::new(),
            case_kind: CaseKind::Other,
            level: Level::Simple,
            status: TaskStatus::Rework,
            grid_code: String::new(),
            place_text: String::new(),
            created_at_ms: 0,
            due_at_ms: 0,
            reason: Some(String::new()),
            late_report: true,
            covers: 1,
            extension: Some(ExtensionRow {
                state: ExtensionState::Pending,
                wanted_due_ms: 1,
                answer: None,
            }),
        };
        let bytes = codec::encode(&row);
        let keys = codec::pairs(&bytes, "task row").expect("a map");
        assert_eq!(keys.last().map(|(key, _)| *key), Some(TaskRow::LAST_KEY));
        let laid = TaskMoved::of(row.clone()).laid_into(&bytes);
        assert_eq!(laid.expect("laid"), (bytes, row));
    }
}
