//! A small island with every order of events: two phones, three records, a task, a net that loses, cuts, doubles and plays
//! back old answers, a crash, a backup, a restore, a revoked phone. The phones are driven by the real engine's `plan` and
//! `commit`; what a plan names is written to a phone of a few bits, and the platform is the protocol's few rules.
//!
//! It knows no cryptography: that an answer belongs to a request is its nonce, as it is for a phone whose signatures hold.

mod explore;
mod island;
mod phone;
mod platform;
mod verdict;

pub use explore::{Explored, explore};
pub use island::{Act, Island, State};

/// Phones on the island.
pub const PHONES: usize = 2;
/// Records that each phone makes at most.
pub const RECORDS: [u8; PHONES] = [2, 1];
/// Tasks that are dispatched.
pub const TASKS: u8 = 1;

/// A mistake that other systems made, planted to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// A store that was restored from a backup is taken for the one it was.
    RestoreUnnoticed,
    /// Whatever answers with 200 has received what was sent.
    AnyAnswerIsAReceipt,
    /// What has a receipt is deleted, backup or not.
    PurgeOnReceipt,
    /// The place in the feed moves, and the rows are laid in another time.
    PlaceBeforeRows,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::RestoreUnnoticed,
        Self::AnyAnswerIsAReceipt,
        Self::PurgeOnReceipt,
        Self::PlaceBeforeRows,
    ];
}

/// How often each thing may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Left {
    /// Requests or answers that get lost.
    pub losses: u8,
    /// Requests that are cut while they go up.
    pub cuts: u8,
    /// Requests that arrive once more, later.
    pub doubles: u8,
    /// Old answers that a proxy plays back.
    pub replays: u8,
    /// Phones that are killed.
    pub crashes: u8,
    /// Proved backups.
    pub backups: u8,
    /// Restores.
    pub restores: u8,
    /// Revoked phones.
    pub revokes: u8,
    /// Syncs of the first phone, before the one that heals; the other has one.
    pub syncs: u8,
}

impl Left {
    /// What the issue asks for: a lossy and doubling net, one crash, one restore, one revoked phone.
    pub const FULL: Self = Self {
        losses: 1,
        cuts: 1,
        doubles: 1,
        replays: 1,
        crashes: 1,
        backups: 1,
        restores: 1,
        revokes: 1,
        syncs: 1,
    };
    /// Enough for each planted mistake to show.
    pub const SMALL: Self = Self {
        losses: 0,
        cuts: 0,
        doubles: 0,
        revokes: 0,
        syncs: 2,
        ..Self::FULL
    };
}
