//! What must be true of a vault after whatever happened to it. Knows what a whole run writes; a run that was cut off wrote a
//! beginning of that.

use std::collections::{BTreeMap, BTreeSet};

use grid_fieldbook::{AttachmentState, FieldBook, FieldError, Saved};
use grid_model::Sha256;
use grid_model::id::{Epoch, Seq};
use grid_store::{BoatRow, Store, read_all};
use grid_vault::sha256;
use grid_wire::lifeboat::{FRAMES_FROM, FrameAt, FrameKind, HEADER_BLOCK_BYTES, frame_at, header_from};

use crate::operations::{Ack, Facts, drafts_fix};

/// A position in a log of a vault.
pub type At = (u64, u64);

/// What a vault keeps.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Its lives in order: epoch.
    lives: Vec<u64>,
    /// Its changes: the chain there and the body.
    changes: BTreeMap<At, (Sha256, Vec<u8>)>,
    /// Its attachments and whether each opens with its hash, where the file must be there.
    attachments: BTreeMap<Sha256, bool>,
    /// Fixes of the running patrol; `None` when they contradict themselves.
    fixes: Option<u64>,
    /// What its lifeboat holds.
    boat: BTreeMap<At, Sha256>,
    /// The chain of every life holds.
    chained: bool,
}

/// How closely a vault is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// How the lifeboat is read.
    pub boat: Boat,
    /// Checks every page and index, too.
    pub pages: bool,
}

/// How the lifeboat is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Boat {
    /// Not at all.
    Apart,
    /// The heads of its frames, which are in clear.
    Heads,
    /// Every frame is opened, every header's signature checked.
    Opened,
}

/// Reads what a vault keeps.
pub fn look(book: &FieldBook, facts: &Facts, look: Look) -> Result<Kept, FieldError> {
    let store = book.store_for_tests();
    let device = book.device();
    let mut kept = Kept {
        chained: true,
        ..Kept::default()
    };
    let rows = store.read(|tx| {
        for life in tx.lives()? {
            kept.lives.push(life.epoch.0);
            kept.chained &= tx.chain_holds(device, life.epoch)?;
            for entry in tx.entries_between(life.epoch, Seq(1), Seq(1 << 39))? {
                kept.changes
                    .insert((life.epoch.0, entry.seq.0), (Sha256([0; 32]), entry.body));
            }
        }
        tx.each_change(&mut |epoch: Epoch, seq: Seq, h| {
            if let Some(change) = kept.changes.get_mut(&(epoch.0, seq.0)) {
                change.0 = h;
            }
        })?;
        if look.pages {
            kept.chained &= tx.is_intact()?;
        }
        if let Some(patrol) = tx.patrol(facts.patrol)? {
            let journal = tx.unsealed_fixes(facts.patrol)?;
            let right = journal.iter().zip(patrol.sealed..).all(|(point, n)| {
                let wanted = drafts_fix(n);
                (point.lat_e7, point.lon_e7) == (wanted.lat_e7, wanted.lon_e7)
            });
            let adds_up = patrol.sealed + journal.len() as u64 == patrol.fixes;
            kept.fixes = (right && adds_up).then_some(patrol.fixes);
        }
        Ok::<_, FieldError>(tx.attachments_unsent(u32::MAX)?)
    })?;
    for row in rows {
        let length = usize::try_from(row.bytes).unwrap_or(usize::MAX);
        let whole = store
            .read_attachment(&row, 0, length)
            .is_ok_and(|plain| sha256(&plain) == row.sha256);
        kept.attachments
            .insert(row.sha256, whole || row.state != AttachmentState::Kept);
    }
    match look.boat {
        Boat::Apart => {}
        Boat::Heads => kept.boat = frame_heads(store)?,
        Boat::Opened => {
            store.read_lifeboat(&mut |segment, row| {
                if let BoatRow::Change(change, h) = row {
                    kept.boat.insert((segment.epoch.0, change.entry().seq.0), h);
                }
            })?;
        }
    }
    Ok(kept)
}

/// The changes that the frames of a lifeboat name in clear, whole frames only; without a key.
fn frame_heads(store: &Store) -> Result<BTreeMap<At, Sha256>, FieldError> {
    let (disk, folder) = (store.disk(), store.folder().join("lifeboat"));
    let mut found = BTreeMap::new();
    for name in disk.list(&folder)? {
        let bytes = read_all(disk, &folder.join(name))?;
        let block = |from: usize| bytes.get(from..from + HEADER_BLOCK_BYTES).unwrap_or_default();
        let header = header_from(block(0)).or_else(|_| header_from(block(HEADER_BLOCK_BYTES)));
        let Ok((header, _)) = header else { continue };
        let mut at = FRAMES_FROM as usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let FrameAt::Whole(frame, length) = frame_at(rest, header.mark()) else {
                break;
            };
            if frame.head.kind == FrameKind::Change {
                let seq = frame.head.head.seq().0;
                found.insert((header.epoch().0, seq), frame.head.head.h);
            }
            at += length;
        }
    }
    Ok(found)
}

/// What a whole run of a program does, and so what a run that was cut off may have done.
#[derive(Clone, Debug)]
pub struct Reference {
    before: Kept,
    after: Kept,
    /// Number of new changes that are there when the n-th acknowledgement of a change has come, from 0.
    groups: Vec<usize>,
    new: BTreeSet<At>,
    facts: Facts,
}

impl Reference {
    /// From what was there before, what is there afterwards, and what was acknowledged on the way.
    pub fn of(before: Kept, after: Kept, acks: &[Ack], facts: Facts) -> Result<Self, String> {
        let new: BTreeSet<At> = after
            .changes
            .keys()
            .filter(|at| !before.changes.contains_key(at))
            .copied()
            .collect();
        let mut reference = Self {
            before,
            after,
            groups: vec![0],
            new,
            facts,
        };
        for ack in acks {
            let Some(at) = reference.place_of(ack) else {
                continue;
            };
            if !reference.after.changes.contains_key(&at) {
                return Err(format!("the whole run lost {ack:?}"));
            }
            let order = |at: &At| (reference.order_of(at.0), at.1);
            let upto = reference
                .new
                .iter()
                .filter(|one| order(one) <= order(&at))
                .count();
            reference.groups.push(upto);
        }
        if reference.groups.last() != Some(&reference.new.len()) {
            reference.groups.push(reference.new.len());
        }
        Ok(reference)
    }

    fn order_of(&self, epoch: u64) -> usize {
        let found = self.after.lives.iter().position(|life| *life == epoch);
        found.unwrap_or(usize::MAX)
    }

    /// Where an acknowledged change lies.
    fn place_of(&self, ack: &Ack) -> Option<At> {
        match ack {
            Ack::Saved(Saved { seq, .. }) => {
                let life = usize::try_from(seq.0 >> 40).ok()?;
                let epoch = self.after.lives.get(life).copied().unwrap_or_default();
                Some((epoch, seq.0 & ((1 << 40) - 1)))
            }
            Ack::Captured(seq) => {
                let captured = self
                    .after
                    .lives
                    .iter()
                    .find(|life| !self.before.lives.contains(life));
                Some((captured.copied().unwrap_or_default(), *seq))
            }
            Ack::Attached(..) | Ack::Fixes(..) => None,
        }
    }

    /// Judges what is left after a cut. `boat`: the database was lost with it, so only what has a second copy is promised.
    pub fn judge(
        &self,
        acks: &[Ack],
        left: &Kept,
        (depth, database_lost): (Look, bool),
    ) -> Result<(), Violation> {
        let mut must: Vec<At> = self
            .before
            .changes
            .keys()
            .filter(|at| self.after.changes.contains_key(at))
            .copied()
            .collect();
        let mut acknowledged = 0;
        for ack in acks {
            let Some(at) = self.place_of(ack) else { continue };
            acknowledged += 1;
            let only_database = matches!(ack, Ack::Saved(saved) if !saved.second_copy);
            if !(database_lost && only_database) {
                must.push(at);
            }
        }
        for at in must {
            match (left.changes.get(&at), self.after.changes.get(&at)) {
                (None, _) => return Err(Violation::Lost(format!("change {at:?} is gone"))),
                (Some(found), Some(wanted)) if found != wanted => {
                    let what = if found.1 == wanted.1 {
                        "another chain"
                    } else {
                        "other bytes"
                    };
                    return Err(Violation::Lost(format!(
                        "change {at:?} has {what}: {:?} {:?}",
                        found.0, wanted.0
                    )));
                }
                _ => {}
            }
        }
        self.judge_prefix(left, acknowledged, database_lost)?;
        self.judge_rest(
            acks,
            left,
            (depth.boat != Boat::Apart && !database_lost, database_lost),
        )
    }

    fn judge_prefix(&self, left: &Kept, acknowledged: usize, database_lost: bool) -> Result<(), Violation> {
        let mut new = 0;
        for (at, found) in &left.changes {
            let wanted = self.after.changes.get(at).or_else(|| self.before.changes.get(at));
            if wanted != Some(found) {
                return Err(Violation::Prefix(format!("change {at:?} was never written")));
            }
            new += usize::from(self.new.contains(at));
        }
        let allowed = [acknowledged, acknowledged + 1].map(|n| self.groups.get(n.min(self.groups.len() - 1)));
        if !database_lost && !allowed.contains(&Some(&new)) {
            return Err(Violation::Prefix(format!(
                "{new} new changes after {acknowledged} acknowledged groups of {:?}",
                self.groups
            )));
        }
        if !left.chained {
            return Err(Violation::Prefix("the chain or a page does not hold".to_owned()));
        }
        Ok(())
    }

    fn judge_rest(
        &self,
        acks: &[Ack],
        left: &Kept,
        (whole_boat, database_lost): (bool, bool),
    ) -> Result<(), Violation> {
        let mut fixes = if self.before.fixes.is_some() {
            self.facts.fixes
        } else {
            0
        };
        let mut attachments: BTreeSet<Sha256> = self.facts.photos.iter().copied().collect();
        for ack in acks {
            match ack {
                Ack::Attached(_, second) | Ack::Fixes(_, second) if database_lost && !second => {}
                Ack::Attached(sha256, _) => _ = attachments.insert(*sha256),
                Ack::Fixes(n, _) => fixes = fixes.max(*n),
                Ack::Saved(_) | Ack::Captured(_) => {}
            }
        }
        for (sha256, whole) in &left.attachments {
            if !whole {
                return Err(Violation::Lost(format!("attachment {sha256} does not open")));
            }
        }
        for sha256 in &attachments {
            // One that the platform has is no longer among those that are only here.
            let gone = !left.attachments.contains_key(sha256) && self.after.attachments.contains_key(sha256);
            if gone {
                return Err(Violation::Lost(format!("attachment {sha256} is gone")));
            }
        }
        if fixes > 0 && left.fixes.is_none_or(|left| left < fixes) {
            return Err(Violation::Lost(format!("fixes {:?} of {fixes}", left.fixes)));
        }
        let framed = |(at, (h, _)): (&At, &(Sha256, Vec<u8>))| left.boat.get(at) == Some(h);
        if whole_boat {
            let missing = left.changes.iter().filter(|change| !framed(*change)).count();
            if missing > 0 {
                return Err(Violation::Lost(format!(
                    "{missing} changes without their second copy"
                )));
            }
        }
        Ok(())
    }
}

/// What was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Violation {
    /// Something acknowledged is gone.
    Lost(String),
    /// What is there is no state that the vault was ever in.
    Prefix(String),
    /// The vault does not open, or something panicked.
    Shut(String),
}
