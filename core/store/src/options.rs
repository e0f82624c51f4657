//! What a store is opened with: its disk, its sizes, and, for tests only, a known mistake to make.

use std::sync::Arc;

use crate::disk::{Disk, SystemDisk};

/// Sizes of a store, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreLimits {
    /// The write-ahead log is brought back below this size.
    pub wal_bytes: u64,
    /// Space kept back for acknowledgements, purge and the last words: at least `wal_bytes` and 4 MiB.
    pub ballast_bytes: u64,
    /// Of the ballast, what text may not use: acknowledgements and purge must always find room.
    pub ballast_kept_bytes: u64,
    /// A lifeboat segment ends here.
    pub segment_bytes: u64,
    /// Zeros written beforehand in a lifeboat segment.
    pub grow_bytes: u64,
    /// Free space below which a photo is not taken in.
    pub photo_headroom_bytes: u64,
}

impl StoreLimits {
    /// The sizes on a phone.
    pub const PHONE: Self = Self {
        wal_bytes: 10 * MIB,
        ballast_bytes: 15 * MIB,
        ballast_kept_bytes: 4 * MIB,
        segment_bytes: 4 * MIB,
        grow_bytes: 256 * 1024,
        photo_headroom_bytes: 64 * MIB,
    };
    /// Small sizes, for tests with very many stores.
    pub const SMALL: Self = Self {
        wal_bytes: 256 * 1024,
        ballast_bytes: 512 * 1024,
        ballast_kept_bytes: 128 * 1024,
        segment_bytes: 64 * 1024,
        grow_bytes: 4 * 1024,
        photo_headroom_bytes: 1024 * 1024,
    };
}

const MIB: u64 = 1024 * 1024;
const _: () = assert!(StoreLimits::PHONE.ballast_bytes >= StoreLimits::PHONE.wal_bytes + 4 * MIB);
const _: () = assert!(StoreLimits::PHONE.ballast_kept_bytes < StoreLimits::PHONE.ballast_bytes);

/// A mistake that other systems made, switched on by a test to see that the suites find it. Never set in a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Commits are not flushed (`synchronous=NORMAL`, a common default).
    NormalSync,
    /// Frames are written but not flushed (lazy fsync).
    LifeboatWithoutFlush,
    /// The frame goes before the commit, so an aborted change can come back.
    FrameBeforeCommit,
    /// A damaged or missing database is made anew, empty.
    ResetOnDamage,
    /// A rescue gives up everything at the first row that does not fit.
    SalvageAllOrNothing,
    /// The outbox entry commits after the change, in a transaction of its own.
    OutboxApart,
    /// A row may name a photo whose file is not durable yet.
    PhotoRowFirst,
    /// Closing leaves the lock file held.
    CloseKeepsLock,
    /// No lock file: a second opener is let in.
    NoLockFile,
    /// A receipt is enough to purge, no backup needed.
    PurgeOnReceipt,
    /// A newer schema is opened as if it were known.
    OpensNewerSchema,
    /// The write-ahead log grows without bound.
    WalUnbounded,
    /// After a failed sync nothing goes before something new is recorded.
    RetryWaitsForWrite,
    /// What was in flight when the process died stays so.
    LeaseForEver,
    /// Whatever answers with 200 has received the batch.
    SentOn200,
    /// A batch that is refused as a whole is dropped with its changes.
    DropsOnRefusal,
    /// Behind a change that was sent back nothing goes.
    FifoPoison,
    /// What got no answer is sent again under new keys.
    NewKeyOnRetry,
    /// A store that was restored from a backup is taken for the one it was.
    RestoreUnnoticed,
    /// Tasks that a restored store does not know stay on the phone.
    GoneTasksStay,
    /// Photos are not offered again to a restored store.
    PhotosNotOfferedAgain,
    /// The place in the feed moves before its rows are laid in.
    PlaceBeforeRows,
    /// A photo has gone when its last piece has.
    PhotoDoneWhenSent,
}

/// What a store is opened with.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The file system below.
    pub disk: Arc<dyn Disk>,
    /// Its sizes.
    pub limits: StoreLimits,
    /// Whether a second copy is written; off only to measure what it costs.
    pub lifeboat: bool,
    /// A mistake to make on purpose.
    #[doc(hidden)]
    pub flaw: Option<Flaw>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            disk: SystemDisk::shared(),
            limits: StoreLimits::PHONE,
            lifeboat: true,
            flaw: None,
        }
    }
}
