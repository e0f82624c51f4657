//! Backups that were proved restorable, and how much of each log they hold.

use grid_model::{DeviceId, Epoch, Incarnation, Seq, Sha256};
use grid_wire::Entry;

use super::{Stored, StoredBlob};

/// A backup that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedBackup {
    /// Which one.
    pub id: [u8; 16],
    /// When it was made, UTC ms.
    pub made_at_ms: i64,
    /// When it was first proved, UTC ms.
    pub proved_at_ms: i64,
    /// The life of the store for which it was proved.
    pub incarnation: Incarnation,
    /// Digest of its manifest.
    pub manifest_sha256: Sha256,
}

/// A stored change with what was computed when it was stored: what a proof computes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredLink {
    /// The change.
    pub entry: Entry,
    /// The hash kept beside its body.
    pub body_sha256: Sha256,
    /// The chain hash kept beside it; none where something before it is missing.
    pub chain_h: Option<Sha256>,
}

/// Reads what was proved, and what a proof has to look at.
pub trait BackupRead {
    /// Proved backups, newest first.
    fn proved_backups(&self) -> Stored<Vec<ProvedBackup>>;
    /// Everything up to here is in a proved backup of this life of the store; 0 for nothing.
    fn backed_up_to(&self, device: DeviceId, epoch: Epoch) -> Stored<Seq>;
    /// Every log of which something is here, in a fixed order.
    fn logs(&self) -> Stored<Vec<(DeviceId, Epoch)>>;
    /// How many changes are here.
    fn change_count(&self) -> Stored<u64>;
    /// The stored changes of a log behind `after`, ascending, holes or not, at most `limit` of them.
    fn links_behind(&self, device: DeviceId, epoch: Epoch, after: Seq, limit: u32)
    -> Stored<Vec<StoredLink>>;
    /// Second changes under a taken key behind the place `after`, ascending, at most `limit` of them: place, body, and the hash
    /// kept beside it.
    fn conflicts_behind(&self, after: u64, limit: u32) -> Stored<Vec<(u64, Vec<u8>, Sha256)>>;
    /// Attachments whose bytes are here and whose name lies behind `after`, by name, at most `limit` of them.
    fn blobs_behind(&self, after: Option<Sha256>, limit: u32) -> Stored<Vec<StoredBlob>>;
}

/// Writes what was proved.
pub trait BackupWrite {
    /// Notes a proved backup, once.
    fn add_proved_backup(&mut self, backup: &ProvedBackup) -> Stored<()>;
    /// Moves the mark of a log up to `to`; never back.
    fn raise_backed_up(&mut self, device: DeviceId, epoch: Epoch, to: Seq, at_ms: i64) -> Stored<()>;
    /// Takes every mark back: another life of the store begins. The proved backups stay noted.
    fn clear_backed_up(&mut self) -> Stored<()>;
}
