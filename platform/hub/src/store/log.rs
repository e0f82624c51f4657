//! The change log: what devices wrote, raw, and what was decided on it.

use grid_model::terms::ParkReason;
use grid_model::{ChangeKind, DeviceId, Epoch, Lane, OrgId, Seq, Sha256};
use grid_wire::{Entry, Head};

use super::Stored;

/// Where a stored change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeState {
    /// Stored, not judged yet; only inside a transaction.
    Received,
    /// Accepted; waits for the change before it in its lane.
    Held,
    /// Accepted and taken into the views.
    Folded,
    /// A person has to look at it.
    Parked(ParkReason),
}

/// One change as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChange {
    /// Position in the platform's order.
    pub position: u64,
    /// Whose log.
    pub device: DeviceId,
    /// Which life of that log.
    pub epoch: Epoch,
    /// The change itself.
    pub entry: Entry,
    /// SHA-256 of the body.
    pub body_sha256: Sha256,
    /// Where it stands.
    pub state: ChangeState,
    /// When it was received, UTC ms.
    pub received_at_ms: i64,
}

/// How far one device's log is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainState {
    /// Everything up to here is stored.
    pub contiguous_to: Seq,
    /// The chain hash there.
    pub contiguous_h: Sha256,
    /// The highest signed head that equals our own chain.
    pub verified_to: Seq,
}

/// Reads the change log.
pub trait LogRead {
    /// The change under this key.
    fn change(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Stored<Option<StoredChange>>;
    /// Where the change under this key stands.
    fn change_state(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Stored<Option<ChangeState>>;
    /// The held changes of this lane that wait for `prev`.
    fn held_behind(&self, device: DeviceId, epoch: Epoch, lane: Lane, prev: Seq)
    -> Stored<Vec<StoredChange>>;
    /// Highest folded position of this log in this lane; 0 for none.
    fn folded_to(&self, device: DeviceId, epoch: Epoch, lane: Lane) -> Stored<Seq>;
    /// Kind and body of the change at `position`.
    fn body_at(&self, position: u64) -> Stored<Option<(ChangeKind, Vec<u8>)>>;
    /// The entries from `from` on without a hole, at most `limit` of them.
    fn entries_from(&self, device: DeviceId, epoch: Epoch, from: Seq, limit: u32) -> Stored<Vec<Entry>>;
    /// How far a log is complete; none before its first exchange.
    fn chain(&self, device: DeviceId, epoch: Epoch) -> Stored<Option<ChainState>>;
    /// Our chain hash at `seq`, where the log is complete so far.
    fn chain_hash(&self, device: DeviceId, epoch: Epoch, seq: Seq) -> Stored<Option<Sha256>>;
    /// Signed heads at positions above `after` up to `to`, ascending.
    fn heads_between(&self, device: DeviceId, epoch: Epoch, after: Seq, to: Seq) -> Stored<Vec<Head>>;
    /// The highest signed head of each life of this device's log.
    fn heads_told(&self, device: DeviceId) -> Stored<Vec<(Epoch, Seq)>>;
    /// The stretches of a log that are not here, behind the first position of `within` up to its second: first and last position
    /// of each, ascending, at most `limit` of them.
    fn gaps(&self, log: (DeviceId, Epoch), within: (Seq, Seq), limit: u32) -> Stored<Vec<(Seq, Seq)>>;
    /// How many changes of a log behind `after` up to `to` are here.
    fn stored_between(&self, device: DeviceId, epoch: Epoch, after: Seq, to: Seq) -> Stored<u64>;
    /// The device that wrote the change at `position`.
    fn writer_of(&self, position: u64) -> Stored<Option<DeviceId>>;
    /// Second changes under keys already taken, of devices within `root`, behind the conflict `after`, ascending, with the
    /// worker's job number. Their positions count conflicts, and each is parked as one.
    fn conflicts_within(&self, root: OrgId, after: u64, limit: u32) -> Stored<Vec<(StoredChange, String)>>;
    /// Changes of devices within `root` at positions above `after`, ascending, with the worker's job number.
    fn changes_within(&self, root: OrgId, after: u64, limit: u32) -> Stored<Vec<(StoredChange, String)>>;
}

/// Writes the change log. A stored body is never changed and never deleted.
pub trait LogWrite {
    /// Stores a change as received; answers its position.
    fn add_change(
        &mut self,
        log: (DeviceId, Epoch),
        entry: &Entry,
        body_sha256: Sha256,
        received_at_ms: i64,
    ) -> Stored<u64>;
    /// Notes where a change stands.
    fn settle_change(&mut self, position: u64, state: ChangeState) -> Stored<()>;
    /// Keeps a second change under a key already taken, once.
    fn add_conflict(
        &mut self,
        log: (DeviceId, Epoch),
        entry: &Entry,
        body_sha256: Sha256,
        received_at_ms: i64,
    ) -> Stored<()>;
    /// Notes our chain hash at `seq`.
    fn put_chain_hash(&mut self, device: DeviceId, epoch: Epoch, seq: Seq, h: Sha256) -> Stored<()>;
    /// Sets how far a log is complete.
    fn put_chain(&mut self, device: DeviceId, epoch: Epoch, chain: &ChainState) -> Stored<()>;
    /// Remembers a signed head, once.
    fn add_head(&mut self, device: DeviceId, epoch: Epoch, head: Head) -> Stored<()>;
    /// Notes that a signed head differs from our chain, once.
    fn add_fork(&mut self, log: (DeviceId, Epoch), claimed: Head, ours: Sha256, at_ms: i64) -> Stored<()>;
}
