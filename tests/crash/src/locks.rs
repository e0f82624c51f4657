//! Who holds which lock of SQLite on a disk, within this process. Never waits: a lock is had at once or it is busy.

use std::collections::BTreeMap;

use crate::NodeId;

/// Of an open file of SQLite.
pub(crate) type HandleId = u64;

/// The five states of a database file, in SQLite's order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    #[default]
    Unlocked,
    Shared,
    Reserved,
    Pending,
    Exclusive,
}

/// The locks of one database file.
#[derive(Debug, Default)]
struct FileLocks {
    holders: BTreeMap<HandleId, Level>,
}

impl FileLocks {
    fn others(&self, own: HandleId) -> Level {
        let others = self.holders.iter().filter(|(handle, _)| **handle != own);
        others.map(|(_, level)| *level).max().unwrap_or_default()
    }
}

/// The locks of all database files of a disk.
#[derive(Debug, Default)]
pub(crate) struct Locks {
    files: BTreeMap<NodeId, FileLocks>,
}

impl Locks {
    /// Raises a lock; `false` when another one is in the way. A wish for `Exclusive` that only readers are in the way of
    /// leaves `Pending` behind, so that no further reader comes in.
    pub(crate) fn raise(&mut self, node: NodeId, own: HandleId, wanted: Level) -> bool {
        let locks = self.files.entry(node).or_default();
        let held = locks.holders.get(&own).copied().unwrap_or_default();
        let others = locks.others(own);
        let (had, now) = match wanted {
            _ if held >= wanted => (true, held),
            Level::Unlocked => (true, held),
            Level::Shared if others < Level::Pending => (true, Level::Shared),
            Level::Reserved if others < Level::Reserved => (true, Level::Reserved),
            Level::Pending | Level::Exclusive if others == Level::Unlocked => (true, wanted),
            Level::Pending | Level::Exclusive if others == Level::Shared => {
                (wanted == Level::Pending, Level::Pending)
            }
            _ => (false, held),
        };
        if now > Level::Unlocked {
            locks.holders.insert(own, now);
        }
        had
    }

    pub(crate) fn lower(&mut self, node: NodeId, own: HandleId, wanted: Level) {
        let Some(locks) = self.files.get_mut(&node) else {
            return;
        };
        if wanted == Level::Unlocked {
            locks.holders.remove(&own);
        } else if let Some(held) = locks.holders.get_mut(&own) {
            *held = (*held).min(wanted);
        }
        if locks.holders.is_empty() {
            self.files.remove(&node);
        }
    }

    /// Whether anybody means to write.
    pub(crate) fn is_reserved(&self, node: NodeId) -> bool {
        self.files
            .get(&node)
            .is_some_and(|locks| locks.holders.values().any(|level| *level >= Level::Reserved))
    }
}

/// Number of locks on the shared memory of one write-ahead log.
pub(crate) const SLOTS: usize = 8;

/// The locks on the shared memory of one write-ahead log.
#[derive(Debug, Default)]
pub(crate) struct SharedLocks {
    /// Holders for reading, or -1 for one who writes.
    slots: [i32; SLOTS],
}

/// The slots that one handle holds, as bits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    shared: u16,
    exclusive: u16,
}

impl SharedLocks {
    pub(crate) fn share(&mut self, held: &mut Held, mask: u16) -> bool {
        if held.shared & mask == mask {
            return true;
        }
        if self.any(mask, |holders| holders < 0) {
            return false;
        }
        self.each(mask & !held.shared, |slot| *slot += 1);
        held.shared |= mask;
        true
    }

    pub(crate) fn exclude(&mut self, held: &mut Held, mask: u16) -> bool {
        if held.exclusive & mask == mask {
            return true;
        }
        if self.any(mask, |holders| holders != 0) {
            return false;
        }
        self.each(mask, |slot| *slot = -1);
        held.exclusive |= mask;
        true
    }

    pub(crate) fn release(&mut self, held: &mut Held, mask: u16) {
        self.each(mask & held.shared, |slot| *slot -= 1);
        self.each(mask & held.exclusive, |slot| *slot = 0);
        held.shared &= !mask;
        held.exclusive &= !mask;
    }

    fn any(&self, mask: u16, test: impl Fn(i32) -> bool) -> bool {
        (0..SLOTS).any(|slot| mask >> slot & 1 == 1 && test(self.slots[slot]))
    }

    fn each(&mut self, mask: u16, change: impl Fn(&mut i32)) {
        for (slot, holders) in self.slots.iter_mut().enumerate() {
            if mask >> slot & 1 == 1 {
                change(holders);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_waits_for_readers_and_lets_no_new_one_in() {
        let mut locks = Locks::default();
        assert!(locks.raise(1, 10, Level::Shared));
        assert!(locks.raise(1, 11, Level::Shared));
        assert!(locks.raise(1, 10, Level::Reserved));
        assert!(!locks.raise(1, 11, Level::Reserved));
        assert!(!locks.raise(1, 10, Level::Exclusive));
        assert!(!locks.raise(1, 12, Level::Shared), "a writer is waiting");
        locks.lower(1, 11, Level::Unlocked);
        assert!(locks.raise(1, 10, Level::Exclusive));
        locks.lower(1, 10, Level::Shared);
        assert!(!locks.is_reserved(1));
        assert!(locks.raise(1, 12, Level::Shared));
        assert!(locks.raise(2, 12, Level::Exclusive), "another file");
    }

    #[test]
    fn shared_slots_exclude_one_writer() {
        let (mut locks, mut a, mut b) = (SharedLocks::default(), Held::default(), Held::default());
        assert!(locks.share(&mut a, 0b1000));
        assert!(locks.share(&mut a, 0b1000));
        assert!(locks.share(&mut b, 0b1000));
        locks.release(&mut a, 0b1000);
        assert!(!locks.exclude(&mut a, 0b1100));
        locks.release(&mut b, 0b1000);
        assert!(locks.exclude(&mut a, 0b1100));
        assert!(!locks.share(&mut b, 0b0100));
    }
}
