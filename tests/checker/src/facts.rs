//! What is known before a line is judged: hashes, positions and states, never the bytes of a packet.

use std::collections::{BTreeMap, BTreeSet};

use crate::Ranges;
use crate::history::View;
use crate::seal::Hash;
use crate::wire::Id;

/// A log: device and epoch.
pub(crate) type LogKey = (Id, u64);
/// A change: device, epoch and position.
pub(crate) type Key = (Id, u64, u64);

/// Everything known.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) vaults: BTreeMap<String, Vault>,
    /// Every change that was handed to a transport, with the hash of its body: after a rollback a key has two.
    pub(crate) sent: BTreeMap<(Key, Hash), Sent>,
    /// What the platform promised by receipts, for each life of its store.
    pub(crate) promised: BTreeMap<Id, BTreeMap<Key, Promise>>,
    /// The highest head that was signed in an answered request, for each life of the store.
    pub(crate) heads: BTreeMap<Id, BTreeMap<LogKey, u64>>,
    /// How far each life of the store has said that a log is whole.
    pub(crate) verified: BTreeMap<(Id, LogKey), u64>,
    /// The highest position of a log that was ever spoken of.
    pub(crate) highest: BTreeMap<LogKey, u64>,
    /// The platform's tables as they were last read.
    pub(crate) reading: Reading,
    /// Acts that were answered `Saved`.
    pub(crate) acts: BTreeSet<String>,
    pub(crate) commands: BTreeMap<String, Command>,
    pub(crate) restores: u64,
    /// The furthest that the platform's clock was ever off, ms.
    pub(crate) platform_off_ms: i64,
    /// The life of the platform's store as it was last told.
    pub(crate) incarnation: Option<Id>,
    pub(crate) healed: bool,
    /// Resumptions from the start that a restore explains.
    pub(crate) begun_again: BTreeMap<(String, Hash), u64>,
}

/// The last command on a task.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Command {
    pub(crate) line: u64,
    pub(crate) revision: u64,
}

/// A change as it went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) lane_kind: u64,
    pub(crate) lane_id: Id,
    pub(crate) prev_in_lane: u64,
    pub(crate) kind: u64,
    pub(crate) count: Option<(&'static str, i64)>,
}

/// What a receipt said of a change.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    pub(crate) line: u64,
    /// The body that was taken first; none when all that is known was answered as a conflict.
    pub(crate) body: Option<Hash>,
    /// Accepted or a duplicate, at least once.
    pub(crate) settled: bool,
    /// Other bodies under the same key.
    pub(crate) others: Vec<Hash>,
}

/// A vault, as the calls and packets of its phone tell it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vault {
    pub(crate) device: Option<Id>,
    pub(crate) key: Vec<u8>,
    pub(crate) platform_key: Vec<u8>,
    pub(crate) worker: Option<String>,
    pub(crate) logs: BTreeMap<u64, OwnLog>,
    /// The epoch that was written last.
    pub(crate) newest: Option<u64>,
    /// Something took records away; the next view shows which.
    pub(crate) excuse: Option<Excuse>,
    /// What the last damage hit.
    pub(crate) damage: Option<String>,
    pub(crate) files_damaged: bool,
    /// Whether any of its records names an attachment.
    pub(crate) names_files: bool,
    /// After a crash, until the next view: how many records may be there that nobody was told of.
    pub(crate) crashed: Option<u64>,
    pub(crate) is_lost: bool,
    pub(crate) wall_offset_ms: i64,
    /// The life of the store that was met last, and in how many answers since the process started.
    pub(crate) met: Option<(Id, u32)>,
    /// Not to ask before this.
    pub(crate) wait_until_ms: Option<i64>,
    /// The log as it was when the running sync began, and when a sync said that nothing is left.
    pub(crate) sync_began: BTreeMap<u64, Ranges>,
    pub(crate) complete: BTreeMap<u64, Ranges>,
    /// Urgent records that no request carried yet, with the line of their act.
    pub(crate) urgent_waiting: BTreeMap<(u64, u64), u64>,
    pub(crate) sync_line: u64,
    pub(crate) tasks: BTreeMap<String, LocalTask>,
    pub(crate) cloned: Option<Cloned>,
    pub(crate) rollback: Option<Rollback>,
    pub(crate) viewed_since_healed: bool,
    /// The last comparison since the faults stopped: round, whether equal.
    pub(crate) agreed: Option<(u64, bool)>,
}

/// Why records may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Excuse {
    /// The database was lost: what the platform has may be gone, what is unsent may not.
    Received,
    /// An older copy, or both copies damaged: anything may be gone.
    Anything,
}

/// A copy of another vault.
#[derive(Clone, Debug)]
pub(crate) struct Cloned {
    pub(crate) line: u64,
    pub(crate) of: String,
    pub(crate) epochs: Vec<u64>,
}

/// A vault that was put back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rollback {
    pub(crate) line: u64,
    pub(crate) epoch: u64,
    /// Whether the platform had verified a position that is gone.
    pub(crate) is_behind: bool,
    /// Answers that arrived since, in the running process.
    pub(crate) answers: u32,
    /// Whether an answer arrived at all.
    pub(crate) met: bool,
}

/// A task as a phone showed it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalTask {
    pub(crate) revision: Option<u64>,
    pub(crate) own: bool,
    /// How far own work has brought it on top of that revision.
    pub(crate) at_least: u8,
}

/// One life of a vault's log.
#[derive(Clone, Debug, Default)]
pub(crate) struct OwnLog {
    pub(crate) acts: BTreeMap<u64, Act>,
    /// Positions that are known to be written and not gone.
    pub(crate) written: Ranges,
    /// The body that this vault sent under a position.
    pub(crate) bodies: BTreeMap<u64, Hash>,
    /// Acts that a rollback or damage took away.
    pub(crate) former: Vec<(u64, Act, Option<Hash>)>,
    /// Positions that a rollback or damage took away.
    pub(crate) taken: Ranges,
    /// Positions with a verified receipt, for the body that was sent, that said accepted or duplicate.
    pub(crate) received: Ranges,
    /// The same, parked.
    pub(crate) parked: Ranges,
    /// What checkpoints that got through vouched for: platform time and position.
    pub(crate) vouched: Vec<(i64, u64)>,
    pub(crate) view: Option<View>,
}

/// A call that returned `Saved`.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) at: i64,
    pub(crate) op: String,
    pub(crate) lane: String,
    pub(crate) attachments: Vec<Hash>,
    pub(crate) count: Option<(String, i64)>,
    pub(crate) wall_error_ms: i64,
}

/// One reading of the platform's tables.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Between the end of the dump and the first line that is not the platform's.
    pub(crate) is_fresh: bool,
    /// Whether there was one at all.
    pub(crate) is_whole: bool,
    pub(crate) line: u64,
    pub(crate) at: i64,
    pub(crate) incarnation: Id,
    pub(crate) rows: BTreeMap<Key, Row>,
    pub(crate) stored: BTreeMap<LogKey, Ranges>,
    pub(crate) conflicts: BTreeSet<(Key, Hash)>,
    pub(crate) missing: BTreeMap<LogKey, Ranges>,
    pub(crate) forks: BTreeSet<LogKey>,
    pub(crate) losses: BTreeMap<LogKey, Ranges>,
    pub(crate) totals: BTreeSet<String>,
    pub(crate) photos: BTreeMap<Hash, bool>,
    /// Rows that are reports on a task, by the task.
    pub(crate) reports: BTreeMap<Id, Vec<Key>>,
}

/// A row of the platform's table of changes.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) body: Hash,
    pub(crate) verdict: RowVerdict,
    pub(crate) reason: Option<String>,
    pub(crate) folded: bool,
    pub(crate) interval: Option<(i64, i64)>,
    /// Its end is a claim of the phone.
    pub(crate) is_suspect: bool,
    /// It is as wide as a right clock may be off, around what the phone's clock said.
    pub(crate) is_inherited: bool,
}

/// What the platform made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowVerdict {
    Accepted,
    Parked,
    Held,
    /// A word that is not known.
    Other,
}

impl Sent {
    /// A report in the lane of a task, by the frozen numbers of lane kind and change kind.
    pub(crate) fn is_report_on_task(&self) -> bool {
        (self.lane_kind, self.kind) == (1, 3)
    }
}

impl View {
    /// Everything that the phone still holds.
    pub(crate) fn held(&self) -> Ranges {
        self.saved.union(&self.received).union(&self.parked)
    }

    pub(crate) fn purged(&self) -> Ranges {
        Ranges::span(1, self.purged_to)
    }
}

impl OwnLog {
    /// The act of a position and body, among those that are there and those that are gone.
    fn acts_of(&self, seq: u64) -> impl Iterator<Item = (&Act, Option<Hash>)> {
        let here = self
            .acts
            .get(&seq)
            .map(|act| (act, self.bodies.get(&seq).copied()));
        let gone = self.former.iter().filter(move |(own, ..)| *own == seq);
        here.into_iter().chain(gone.map(|(_, act, body)| (act, *body)))
    }

    /// What the phone holds, as far as its last view tells.
    pub(crate) fn retained(&self) -> Ranges {
        self.view.as_ref().map(View::held).unwrap_or_default()
    }
}

impl Facts {
    /// The vaults that speak for a device: one, or more after a clone.
    pub(crate) fn vaults_of(&self, device: Id) -> impl Iterator<Item = (&String, &Vault)> {
        self.vaults
            .iter()
            .filter(move |(_, vault)| vault.device == Some(device))
    }

    /// The act behind a body under a key. Nothing when none is known, or when it cannot be told which of several it is.
    pub(crate) fn act_of(&self, key: Key, body: Hash) -> Option<&Act> {
        let logs = self
            .vaults_of(key.0)
            .filter_map(|(_, vault)| vault.logs.get(&key.1));
        let known: Vec<(&Act, Option<Hash>)> = logs.flat_map(|log| log.acts_of(key.2)).collect();
        let same = known
            .iter()
            .find(|(_, own)| *own == Some(body))
            .map(|(act, _)| *act);
        same.or(match known.as_slice() {
            [(act, None)] => Some(*act),
            _ => None,
        })
    }

    /// What the packet told of the change in a row.
    pub(crate) fn sent_row(&self, key: Key, row: &Row) -> Option<&Sent> {
        self.sent.get(&(key, row.body))
    }

    /// What signed heads speak of and the reading lacks: at least, and at most.
    pub(crate) fn lacking(&self, log: LogKey) -> (Ranges, Ranges) {
        let here = self.reading.stored.get(&log).cloned().unwrap_or_default();
        let told = self
            .heads
            .get(&self.reading.incarnation)
            .and_then(|heads| heads.get(&log))
            .copied()
            .unwrap_or(0);
        let highest = self.highest.get(&log).copied().unwrap_or(0).max(told);
        (
            Ranges::span(1, told).minus(&here),
            Ranges::span(1, highest).minus(&here),
        )
    }

    /// A name for a device that a reader of the history knows.
    pub(crate) fn name(&self, device: Id) -> String {
        self.vaults_of(device)
            .next()
            .map_or_else(|| hex::encode(device), |(name, _)| name.clone())
    }
}

/// The id of a lane or task without its dashes, for comparing.
pub(crate) fn plain_id(id: &str) -> String {
    id.chars().filter(|letter| *letter != '-').collect()
}

/// The task that a lane is about.
pub(crate) fn task_of(lane: &str) -> Option<String> {
    lane.strip_prefix("task:").map(plain_id)
}
