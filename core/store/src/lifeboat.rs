//! The lifeboat: a second copy of everything unsent, in append-only segments beside the database. Order of a durable change:
//! database commit (flushed), frame (flushed), `Saved`. So a lifeboat ahead of its database means damage, never a crash,
//! and a database ahead of its lifeboat is completed at open.
//!
//! **Invariant:** a segment is written from its start to its end once, under a key of its own; after a failed write nothing
//! more is written to it. A database that is whole never waits for its lifeboat: when the second copy cannot be written,
//! the change stands with one copy and `Store::has_second_copy` says so.

mod locked;
mod read;
mod segment;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grid_model::Sha256;
use grid_model::id::{DeviceId, Epoch, PatrolId, Seq};
use grid_model::track::TrackPoint;
use grid_vault::{DataKey, SignatureKey};
use grid_wire::lifeboat::{ChangeFrame, FixesFrame, FrameKind};
use grid_wire::{Head, encode};

pub use locked::{CaptureRead, LockedBoat, read_locked};
pub(crate) use read::was_never_written;
pub use read::{BoatRow, SegmentRead, read_segment, segment_header};
use segment::{Plain, Segment};

use crate::disk::Disk;
use crate::options::{Flaw, StoreLimits};
use crate::txn::Unguarded;
use crate::{Reading, StoreError};

/// Fills a buffer with random bytes; `false` when there are none to be had.
pub type Random = Arc<dyn Fn(&mut [u8]) -> bool + Send + Sync>;

/// Who writes a lifeboat, and for whom it is sealed.
#[derive(Clone)]
pub struct Crew {
    /// The vault.
    pub device: DeviceId,
    /// Signs headers.
    pub signer: SignatureKey,
    /// Opens segments on this phone.
    pub data_key: DataKey,
    /// What the vault needs to be itself again (`grid_wire::lifeboat::VaultPrivate`), in CBOR.
    pub private: Vec<u8>,
    /// The platform's sealing key; empty before enrolment.
    pub platform: Vec<u8>,
    /// The host's random source.
    pub random: Random,
}

impl Crew {
    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], StoreError> {
        let mut bytes = [0; N];
        if (self.random)(&mut bytes) {
            Ok(bytes)
        } else {
            Err(StoreError::Unreadable("randomness"))
        }
    }
}

/// The lifeboat of an open store.
pub(crate) struct Lifeboat {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folder: PathBuf,
    pub(crate) crew: Crew,
    pub(crate) limits: StoreLimits,
    pub(crate) flaw: Option<Flaw>,
    open: Option<Segment>,
    next_number: u64,
    /// Newest change of each epoch that has its frame.
    guarded: BTreeMap<u64, Seq>,
    /// Committed, not flushed yet, so without a frame.
    waiting: Vec<Unguarded>,
    /// Changes of another epoch were committed that have no frame yet.
    behind: bool,
    broken: bool,
    /// Saves since it broke.
    repairs: u32,
}

/// Sealed frames with their room on the disk made sure.
pub(crate) struct Prepared {
    epoch: Epoch,
    bytes: Vec<u8>,
    newest: Option<Head>,
}

/// What a look at the segments at open found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The newest change of the epoch that has a frame.
    pub(crate) newest: Option<Head>,
    /// Up to here every change of the epoch has its frame, or none.
    pub(crate) guarded: Seq,
    /// The newest segment cannot be read, or the platform that this vault is enrolled with could not read it.
    pub(crate) damaged: bool,
    /// The segments that were looked at were ended in good order.
    pub(crate) ended: bool,
}

impl Lifeboat {
    /// Mans the lifeboat in `folder` and says what its segments hold of this epoch.
    pub(crate) fn man(
        disk: Arc<dyn Disk>,
        folder: PathBuf,
        crew: Crew,
        limits: StoreLimits,
        flaw: Option<Flaw>,
        epoch: Epoch,
    ) -> Result<(Self, Survey), StoreError> {
        disk.create_dir_all(&folder)?;
        let names = segment_names(&*disk, &folder)?;
        let next_number = names.last().map_or(0, |(number, _)| number + 1);
        let survey = read::survey(&*disk, &folder, &names, &crew, epoch)?;
        let mut boat = Self {
            disk,
            folder,
            crew,
            limits,
            flaw,
            open: None,
            next_number,
            guarded: BTreeMap::new(),
            waiting: Vec::new(),
            behind: false,
            broken: false,
            repairs: 0,
        };
        boat.learn(epoch, &survey);
        Ok((boat, survey))
    }

    /// Looks up what the segments hold of another epoch of this vault.
    pub(crate) fn know(&mut self, epoch: Epoch) -> Result<(), StoreError> {
        let names = segment_names(&*self.disk, &self.folder)?;
        let survey = read::survey(&*self.disk, &self.folder, &names, &self.crew, epoch)?;
        self.learn(epoch, &survey);
        Ok(())
    }

    fn learn(&mut self, epoch: Epoch, survey: &Survey) {
        if survey.guarded > Seq(0) && !survey.damaged {
            self.guarded.insert(epoch.0, survey.guarded);
        }
    }

    /// Whether everything written so far has its second copy.
    pub(crate) const fn is_whole(&self) -> bool {
        !self.broken && !self.behind
    }

    /// Whether a repair should be tried now: at once, then ever more seldom, so that a failing disk is not written to at
    /// every save.
    pub(crate) fn wants_repair(&mut self) -> bool {
        if self.is_whole() {
            self.repairs = 0;
            return false;
        }
        self.repairs = self.repairs.wrapping_add(1);
        self.behind || self.repairs.is_power_of_two() || self.repairs.is_multiple_of(64)
    }

    /// What is at or below this position has its frame.
    pub(crate) fn guarded_to(&self, epoch: Epoch) -> Seq {
        self.guarded.get(&epoch.0).copied().unwrap_or_default()
    }

    /// What was committed without a flush: its frames go with the next flushed commit.
    pub(crate) fn wait(&mut self, what: Vec<Unguarded>) {
        // A broken lifeboat gets all of it from the database when it is mended.
        if !self.broken {
            self.waiting.extend(what);
        }
    }

    /// Whether a commit would bring frames.
    pub(crate) const fn is_due(&self, what: &[Unguarded]) -> bool {
        !what.is_empty() || !self.waiting.is_empty()
    }

    /// Seals the frames of a transaction and makes room for them before it commits, so that a full disk is told before
    /// `Saved`. Only a full disk is worth refusing for: a failing one leaves the change with one copy.
    pub(crate) fn prepare(
        &mut self,
        what: &[Unguarded],
        head: &Head,
        epoch: Epoch,
    ) -> Result<Option<Prepared>, StoreError> {
        if self.broken {
            return Ok(None);
        }
        // A segment is of one epoch, and holds what came before each of its changes or follows a segment that does: what
        // was adopted into another epoch, or comes behind a change without a frame, gets its frames by `guard_rest`.
        let here = |one: &&Unguarded| one.epoch().is_none_or(|of| of == epoch);
        self.behind |= !what.iter().all(|one| here(&one)) || self.leaves_a_gap(what, epoch);
        if self.behind {
            let loose = what.iter().filter(|one| one.epoch().is_none());
            self.waiting.extend(loose.cloned());
            return Ok(None);
        }
        let group = plains(self.waiting.iter().chain(what).filter(here), head);
        if group.is_empty() {
            return Ok(None);
        }
        match self.seal(&group, epoch) {
            Ok(prepared) => Ok(Some(prepared)),
            Err(StoreError::Full) => Err(StoreError::Full),
            Err(error) => {
                self.abandon(&error);
                Ok(None)
            }
        }
    }

    /// Whether a change before the first of these has no frame.
    fn leaves_a_gap(&self, what: &[Unguarded], epoch: Epoch) -> bool {
        let first = what.iter().find_map(|one| match one {
            Unguarded::Change { entry, .. } => Some(entry.seq),
            _ => None,
        });
        first.is_some_and(|first| first > self.guarded_to(epoch).next())
    }

    /// Whether something is committed that has no frame.
    pub(crate) const fn owes_frames(&self) -> bool {
        !self.waiting.is_empty() || !self.is_whole()
    }

    /// Writes the frames of a committed transaction and flushes them. When that fails the second copy is missing.
    pub(crate) fn board(&mut self, prepared: Option<Prepared>) {
        let Some(prepared) = prepared else { return };
        self.waiting.clear();
        if let Err(error) = self.write(prepared) {
            self.abandon(&error);
        }
    }

    fn abandon(&mut self, error: &StoreError) {
        ::log::warn!("the lifeboat cannot be written: {error}");
        self.open = None;
        self.broken = true;
    }

    fn seal(&mut self, group: &[Plain], epoch: Epoch) -> Result<Prepared, StoreError> {
        let newest = group
            .iter()
            .filter(|plain| plain.kind == FrameKind::Change)
            .map(|plain| plain.head)
            .max_by_key(Head::seq);
        let segment = self.segment_for(epoch)?;
        let bytes = segment.seal(group)?;
        segment.reserve(bytes.len() as u64)?;
        Ok(Prepared { epoch, bytes, newest })
    }

    fn write(&mut self, prepared: Prepared) -> Result<(), StoreError> {
        let segment = self.open.as_mut().ok_or(StoreError::Closed)?;
        segment.write(&prepared.bytes, prepared.newest)?;
        if let Some(newest) = prepared.newest {
            let known = self.guarded.entry(prepared.epoch.0).or_default();
            *known = newest.seq().max(*known);
        }
        Ok(())
    }

    /// The segment that frames of this epoch go to: the open one while it has room, or a new one.
    fn segment_for(&mut self, epoch: Epoch) -> Result<&mut Segment, StoreError> {
        let fits = self
            .open
            .as_ref()
            .is_some_and(|s| s.epoch() == epoch && s.used() < self.limits.segment_bytes);
        if !fits {
            self.close_segment();
            let segment = Segment::begin(self, epoch, self.next_number);
            // A number is used once, even when the file could not be written.
            self.next_number += 1;
            self.open = Some(segment?);
        }
        self.open.as_mut().ok_or(StoreError::Closed)
    }

    /// Writes frames for every change that has none yet, from the database. A broken lifeboat, and one that is new to a
    /// database with a past, get all the rest, too: keys of photos, fixes of the journal.
    pub(crate) fn guard_rest(&mut self, tx: &Reading<'_>) -> Result<(), StoreError> {
        let result = self.guard_all_of(tx);
        if let Err(error) = &result {
            self.abandon(error);
        }
        result
    }

    fn guard_all_of(&mut self, tx: &Reading<'_>) -> Result<(), StoreError> {
        let epoch = tx.current_epoch()?;
        if self.broken {
            self.open = None;
        }
        // What is no change goes first: segments that hold a change then hold what was loose before it, even if the power
        // goes in between.
        let all_of_it = self.broken || self.guarded.is_empty() || !self.waiting.is_empty();
        let loose = if all_of_it {
            tx.unguarded_loose()?
        } else {
            Vec::new()
        };
        if !loose.is_empty() {
            self.seal_and_write(&loose, &tx.head(epoch)?, epoch)?;
        }
        for life in tx.lives()? {
            loop {
                let after = self.guarded_to(life.epoch).max(life.base.seq());
                let rest = tx.unguarded_after(&life, after, self.limits.grow_bytes)?;
                if rest.is_empty() {
                    break;
                }
                self.seal_and_write(&rest, &tx.head_of(&life)?, life.epoch)?;
            }
        }
        self.waiting.clear();
        (self.behind, self.broken) = (false, false);
        Ok(())
    }

    fn seal_and_write(&mut self, what: &[Unguarded], head: &Head, epoch: Epoch) -> Result<(), StoreError> {
        let prepared = self.seal(&plains(what.iter(), head), epoch)?;
        self.write(prepared)
    }

    /// Forgets what the segments hold, so that `guard_rest` writes all of it anew.
    pub(crate) fn forget(&mut self) {
        self.open = None;
        self.guarded.clear();
        self.broken = true;
    }

    /// Has `guard_rest` write what is no change, too.
    pub(crate) const fn distrust_loose(&mut self) {
        self.broken = true;
    }

    /// Ends the open segment in good order. What fails here costs a slower look at the next open, nothing else.
    pub(crate) fn close_segment(&mut self) {
        if let Some(segment) = self.open.take()
            && let Err(error) = segment.end()
        {
            ::log::warn!("ending a lifeboat segment: {error}");
        }
    }

    /// Removes segments all of whose changes lie at or below `purged` of their epoch; what they hold besides and is still
    /// needed gets its frames anew before. Answers how many.
    pub(crate) fn trim(&mut self, tx: &Reading<'_>, purged: &BTreeMap<u64, Seq>) -> Result<u64, StoreError> {
        self.close_segment();
        let mut done = Vec::new();
        for (number, name) in segment_names(&*self.disk, &self.folder)? {
            let path = self.folder.join(&name);
            let is_done = read::newest_change(&*self.disk, &path)?
                .is_some_and(|(epoch, newest)| purged.get(&epoch.0).is_some_and(|purged| newest <= *purged));
            if is_done && number + 1 < self.next_number {
                done.push(path);
            }
        }
        if done.is_empty() || !self.is_whole() {
            return Ok(0);
        }
        let epoch = tx.current_epoch()?;
        let loose = tx.unguarded_loose()?;
        if !loose.is_empty()
            && let Err(error) = self.seal_and_write(&loose, &tx.head(epoch)?, epoch)
        {
            self.abandon(&error);
            return Err(error);
        }
        for path in &done {
            self.disk.remove(path)?;
        }
        self.disk.sync_dir(&self.folder)?;
        Ok(done.len() as u64)
    }
}

impl Unguarded {
    /// The epoch of a change; what is no change goes with the epoch that is written to.
    pub(crate) const fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Change { epoch, .. } => Some(*epoch),
            Self::File(_) | Self::Fix { .. } => None,
        }
    }
}

/// The frames of what a transaction wrote; consecutive fixes of a patrol share one.
fn plains<'u>(what: impl Iterator<Item = &'u Unguarded>, head: &Head) -> Vec<Plain> {
    let mut group = Vec::new();
    let mut run: Option<(PatrolId, u64, Vec<TrackPoint>)> = None;
    for one in what {
        if let Unguarded::Fix {
            patrol,
            number,
            point,
        } = one
        {
            match &mut run {
                Some((of, first, fixes)) if of == patrol && *first + fixes.len() as u64 == *number => {
                    fixes.push(*point)
                }
                _ => {
                    end_run(run.take(), head, &mut group);
                    run = Some((*patrol, *number, vec![*point]));
                }
            }
            continue;
        }
        end_run(run.take(), head, &mut group);
        match one {
            Unguarded::Change {
                entry,
                h,
                body_hash,
                recorded_at_ms,
                files,
                ..
            } => group.push(Plain {
                kind: FrameKind::Change,
                head: Head::new(entry.seq, *h),
                body_hash: *body_hash,
                bytes: encode(&ChangeFrame::new(entry, *recorded_at_ms, files.clone())),
            }),
            Unguarded::File(row) => group.push(loose(FrameKind::File, head, encode(row))),
            Unguarded::Fix { .. } => {}
        }
    }
    end_run(run, head, &mut group);
    group
}

fn end_run(run: Option<(PatrolId, u64, Vec<TrackPoint>)>, head: &Head, group: &mut Vec<Plain>) {
    if let Some((patrol, first, fixes)) = run {
        let bytes = encode(&FixesFrame::new(patrol, first, &fixes));
        group.push(loose(FrameKind::Fixes, head, bytes));
    }
}

const fn loose(kind: FrameKind, head: &Head, bytes: Vec<u8>) -> Plain {
    Plain {
        kind,
        head: *head,
        body_hash: Sha256([0; 32]),
        bytes,
    }
}

const SUFFIX: &str = ".boat";

/// The file of a segment.
pub(crate) fn segment_name(number: u64) -> String {
    format!("{number:010}{SUFFIX}")
}

/// Segments in a folder by number, the oldest first.
pub(crate) fn segment_names(disk: &dyn Disk, folder: &Path) -> Result<Vec<(u64, String)>, StoreError> {
    let mut found: Vec<(u64, String)> = disk
        .list(folder)?
        .into_iter()
        .filter_map(|name| Some((number_of(name.strip_suffix(SUFFIX)?)?, name)))
        .collect();
    found.sort();
    Ok(found)
}

/// The number in the name of a file that this build could have written.
fn number_of(digits: &str) -> Option<u64> {
    (digits.len() == 10).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
