//! Recovery: a damaged or lost database is set aside, whole, and a new one is built from everything that is intact in it and
//! in the lifeboat. The original is never changed and never deleted.
//!
//! **Invariant:** at every moment the folder holds the damaged database or a finished new one, or both; a recovery that was
//! cut off goes on where it stood when it is asked for again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use grid_model::ChangeKind;
use grid_model::id::{Epoch, Incarnation, PatrolId, Seq};
use grid_model::terms::{PatrolType, Transport};
use grid_store::{
    Adopted, Disk, Found, Identity, PatrolRow, PatrolStatus, QUARANTINE, Salvage, Store, StoreOptions, Wreck,
    is_whole, read_all, read_boats, rescue, write_durably,
};
use grid_vault::{
    DataKey, Domain, KeyVault, VerifyKey, chain_link, chain_start, cover_digest, open_signed, sha256,
};
use grid_wire::lifeboat::{FixesFrame, VaultPrivate};
use grid_wire::{Head, Receipt, Signed, decode};

use crate::boat::{BoatRows, enrolment_of, has_sealed};
use crate::book::{KEY, MADE};
use crate::check::unproved;
use crate::{FieldBook, FieldError, Host};

/// Where the new database is built.
const REBUILD: &str = "rebuild";
/// Says that the new database is whole.
const COMPLETE: &str = "complete";
const DATABASE: [&str; 3] = ["fieldbook.db-wal", "fieldbook.db-shm", "fieldbook.db"];

/// What a recovery found and did, for a page the worker can read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// The database was whole; only its second copy was written anew.
    pub database_was_whole: bool,
    /// Page images read from the damaged database.
    pub pages: u64,
    /// Of these, damaged.
    pub pages_damaged: u64,
    /// Changes read from the damaged database.
    pub from_database: u64,
    /// Changes that only the lifeboat had.
    pub from_lifeboat: u64,
    /// Places in the lifeboat that are damaged.
    pub lifeboat_damaged: u64,
    /// Records here now, and not receipted: they go with the next sync. What the platform has already it counts once.
    pub unsent: u64,
    /// Positions known to have been written that neither copy gives back: epoch, first, last.
    pub missing: Vec<(Epoch, Seq, Seq)>,
    /// Where the damaged database is kept, inside the vault's folder.
    pub quarantined: Option<String>,
}

impl FieldBook {
    /// Brings a vault back that `open` called `Damaged`. Safe to ask for at any time, and again after it was cut off; a vault
    /// that is whole stays as it is. `Damaged` when neither the database nor the lifeboat opens under this key: then nothing
    /// is touched, and the platform can still read the lifeboat.
    pub fn recover(folder: &Path, host: Host, keys: &dyn KeyVault) -> Result<(Self, Recovery), FieldError> {
        let disk = host.storage.disk.clone();
        let interrupted = is_interrupted(&*disk, folder)?;
        if !interrupted && let Some(whole) = Self::open_whole(folder, &host, keys)? {
            return Ok(whole);
        }
        let mut lock = disk.lock(&folder.join("lock"))?.ok_or(FieldError::AlreadyOpen)?;
        let built = set_aside(&*disk, folder, &host, keys);
        lock.unlock()?;
        let mut recovery = built?;
        let book = Self::open(folder, host, keys)?;
        recovery.unsent = book.status()?.saved;
        Ok((book, recovery))
    }

    /// The vault, if its database is whole; then only a damaged lifeboat is written anew.
    fn open_whole(
        folder: &Path,
        host: &Host,
        keys: &dyn KeyVault,
    ) -> Result<Option<(Self, Recovery)>, FieldError> {
        let disk = &*host.storage.disk;
        if disk.size(&folder.join(KEY))?.is_some() && disk.size(&folder.join(MADE))?.is_some() {
            // Opening moves the log into the database: what is damaged is not opened.
            let key = keys.unwrap(&read_all(disk, &folder.join(KEY))?)?;
            if !is_whole(&host.storage, folder, &key)? {
                return Ok(None);
            }
        }
        let book = match Self::open(folder, host.clone(), keys) {
            Ok(book) => book,
            Err(FieldError::Damaged | FieldError::Internal { .. } | FieldError::NotFound { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let device = book.device();
        let whole = book.store.read(|tx| {
            let mut whole = tx.is_intact()? && tx.outbox_is_sound()? && unproved(tx)? == 0;
            for life in tx.lives()? {
                whole = whole && tx.chain_holds(device, life.epoch)?;
            }
            Ok::<_, FieldError>(whole)
        });
        if !matches!(whole, Ok(true)) {
            book.close()?;
            return Ok(None);
        }
        let mut recovery = Recovery {
            database_was_whole: true,
            ..Recovery::default()
        };
        let boat = book.survey_lifeboat()?;
        if !boat.is_whole() {
            recovery.lifeboat_damaged = boat.damaged;
            recovery.quarantined = book.renew_lifeboat()?;
        }
        recovery.unsent = book.status()?.saved;
        Ok(Some((book, recovery)))
    }

    /// Writes the lifeboat anew and puts the damaged segments aside. What they alone hold is laid into the database first;
    /// segments that tell another story than the database stay where they are.
    fn renew_lifeboat(&self) -> Result<Option<String>, FieldError> {
        let (disk, folder) = (self.store.disk(), self.store.folder());
        self.adopt_lifeboat()?;
        self.store
            .write(|tx| tx.close_journals().map_err(FieldError::from))?;
        let boats = folder.join("lifeboat");
        let old = disk.list(&boats)?;
        let boat = self.survey_lifeboat()?;
        self.store.rebuild_lifeboat()?;
        if boat.differing > 0 || !self.store.has_second_copy() {
            return Ok(None);
        }
        let name = new_place(disk, folder)?;
        let place = folder.join(QUARANTINE).join(&name).join("lifeboat");
        disk.create_dir_all(&place)?;
        disk.sync_dir(&folder.join(QUARANTINE).join(&name))?;
        for segment in old.iter().filter(|segment| segment.ends_with(".boat")) {
            disk.rename(&boats.join(segment), &place.join(segment))?;
        }
        disk.sync_dir(&place)?;
        disk.sync_dir(&boats)?;
        Ok(Some(format!("{QUARANTINE}/{name}")))
    }
}

/// Whether a recovery built its database and was cut off before it was in place. Until it went on the vault is not opened:
/// what would be written now would be put aside then.
pub(crate) fn is_interrupted(disk: &dyn Disk, folder: &Path) -> Result<bool, FieldError> {
    Ok(disk.size(&folder.join(REBUILD).join(COMPLETE))?.is_some())
}

/// Builds the new database beside the old one, then changes their places.
fn set_aside(
    disk: &dyn Disk,
    folder: &Path,
    host: &Host,
    keys: &dyn KeyVault,
) -> Result<Recovery, FieldError> {
    let mut recovery = Recovery::default();
    if !is_interrupted(disk, folder)? {
        if disk.size(&folder.join(KEY))?.is_none() {
            return Err(FieldError::Damaged);
        }
        let key = keys.unwrap(&read_all(disk, &folder.join(KEY))?)?;
        recovery = rebuild(disk, folder, host, &key)?;
    }
    // The mark names the place, so that a move that was cut off goes on there and overwrites nothing.
    let rebuilt = folder.join(REBUILD);
    let name = String::from_utf8_lossy(&read_all(disk, &rebuilt.join(COMPLETE))?).into_owned();
    let database = rebuilt.join("fieldbook.db");
    if disk.size(&database)?.is_some() {
        quarantine(disk, folder, &name)?;
        disk.rename(&database, &folder.join("fieldbook.db"))?;
    }
    // Synced also when it was moved before: whether that was flushed is not known.
    disk.sync_dir(folder)?;
    disk.sync_dir(&rebuilt)?;
    recovery.quarantined = Some(format!("{QUARANTINE}/{name}"));
    write_durably(disk, &folder.join(MADE), b"")?;
    for leftover in disk.list(&rebuilt)? {
        // Removed last, one by one: without its mark a half-built database is begun anew.
        if leftover != COMPLETE && leftover != "attachments" {
            let _ = disk.remove(&rebuilt.join(&leftover));
        }
    }
    disk.remove(&rebuilt.join(COMPLETE))?;
    disk.sync_dir(&rebuilt)?;
    Ok(recovery)
}

/// A place in the quarantine where nothing lies.
fn new_place(disk: &dyn Disk, folder: &Path) -> Result<String, FieldError> {
    let shelf = folder.join(QUARANTINE);
    disk.create_dir_all(&shelf)?;
    let taken = disk.list(&shelf)?;
    let numbers = taken.iter().filter_map(|name| name.parse::<u64>().ok());
    let name = format!("{:04}", numbers.max().unwrap_or(0) + 1);
    disk.create_dir_all(&shelf.join(&name))?;
    disk.sync_dir(&shelf)?;
    disk.sync_dir(folder)?;
    Ok(name)
}

/// Moves the damaged database and the segments of its lifeboat aside, as far as that was not done before.
fn quarantine(disk: &dyn Disk, folder: &Path, name: &str) -> Result<(), FieldError> {
    let place = folder.join(QUARANTINE).join(name);
    disk.create_dir_all(&place.join("lifeboat"))?;
    let boats = folder.join("lifeboat");
    for boat in disk.list(&boats)? {
        if boat.ends_with(".boat") {
            disk.rename(&boats.join(&boat), &place.join("lifeboat").join(&boat))?;
        }
    }
    for file in DATABASE {
        if disk.size(&folder.join(file))?.is_some() {
            disk.rename(&folder.join(file), &place.join(file))?;
        }
    }
    disk.create_dir_all(&boats)?;
    for synced in [&place.join("lifeboat"), &place, &boats, folder] {
        disk.sync_dir(synced)?;
    }
    Ok(())
}

/// Builds a new database from everything that is intact in the old one and in the lifeboat.
fn rebuild(disk: &dyn Disk, folder: &Path, host: &Host, key: &DataKey) -> Result<Recovery, FieldError> {
    let mut boat = BoatRows::default();
    let mut private: Option<VaultPrivate> = None;
    let mut device = None;
    let (read, unreadable) = read_boats(disk, &folder.join("lifeboat"), key, &mut |segment, row| {
        boat.take(segment.epoch, row);
    })?;
    for segment in &read {
        device = Some(segment.device);
        private = segment.private.clone().or(private);
    }
    let mut wreck = Wreck::at(&folder.join("fieldbook.db"));
    wreck.salt = private
        .as_ref()
        .and_then(|private| private.salt.clone().try_into().ok());
    let stop_at_misfit = host.storage.flaw == Some(grid_store::Flaw::SalvageAllOrNothing);
    let mut found = rescue(&mut Salvage::open(disk, &wreck, key)?, stop_at_misfit)?;
    boat.keep_files_in(disk, folder)?;
    let mut there = BTreeMap::new();
    for (sha256, row) in std::mem::take(&mut found.attachments) {
        if has_sealed(disk, folder, sha256)? {
            there.insert(sha256, row);
        }
    }
    found.attachments = there;
    let newest_in = |epoch: Epoch, boat: &BoatRows| {
        let changes = boat.changes.iter().filter(|(of, ..)| *of == epoch);
        changes.map(|(_, change, _)| change.entry().seq).max()
    };
    let identity = found
        .identity
        .take()
        .or_else(|| identity_of(device?, private.as_ref()?))
        .ok_or(FieldError::Damaged)?;
    if found.enrolment.is_none() {
        found.enrolment = private.and_then(|private| private.enrolment).map(enrolment_of);
    }
    let mut recovery = Recovery {
        pages: found.scan.pages,
        pages_damaged: found.scan.damaged,
        from_database: found.changes.len() as u64,
        lifeboat_damaged: unreadable
            + read
                .iter()
                .map(|segment| segment.damaged + u64::from(segment.header_damaged))
                .sum::<u64>(),
        ..Recovery::default()
    };
    let rebuilt = folder.join(REBUILD);
    for leftover in disk.list(&rebuilt)? {
        if disk.size(&rebuilt.join(&leftover))?.is_some() && leftover != "attachments" {
            disk.remove(&rebuilt.join(&leftover))?;
        }
    }
    let options = StoreOptions {
        lifeboat: false,
        ..host.storage.clone()
    };
    let store = Store::open_with(&rebuilt, options, |_| Ok::<_, FieldError>(key.clone()))?;
    // What was written last may be lost without a trace, and the platform may have it: then no position is given twice.
    let of_database = found
        .changes
        .range((identity.epoch.0, 0)..=(identity.epoch.0, u64::MAX));
    let of_database = of_database.last().map(|((_, position), _)| Seq(*position));
    let of_boat = newest_in(identity.epoch, &boat);
    let ends_surely = recovery.lifeboat_damaged == 0
        && of_boat.is_some()
        && of_database.is_some()
        && of_database <= of_boat;
    fill(&store, &identity, found, boat, &mut recovery)?;
    if !ends_surely {
        let epoch = Epoch(u64::from_be_bytes(host.random()?));
        store.write(|tx| tx.begin_epoch(identity.device, epoch).map_err(FieldError::from))?;
    }
    store.close()?;
    write_durably(disk, &rebuilt.join(COMPLETE), new_place(disk, folder)?.as_bytes())?;
    Ok(recovery)
}

fn identity_of(device: grid_model::DeviceId, private: &VaultPrivate) -> Option<Identity> {
    Some(Identity {
        device,
        secret: private.secret.clone().try_into().ok()?,
        sealing_secret: private.sealing_secret.clone().try_into().ok(),
        epoch: private.epoch(),
    })
}

/// Lays what was found into the new database: the log first, in order, then what it means, then what was settled.
fn fill(
    store: &Store,
    identity: &Identity,
    found: Found,
    boat: BoatRows,
    recovery: &mut Recovery,
) -> Result<(), FieldError> {
    let mut changes = found.changes;
    let bases: BTreeMap<u64, Head> = found
        .lives
        .values()
        .filter_map(|(epoch, base)| Some((epoch.0, (*base)?)))
        .collect();
    let base_of = |epoch: Epoch| bases.get(&epoch.0).copied().unwrap_or(start(identity, epoch));
    let entries = merge(&base_of, &mut changes, boat.changes, recovery);
    store.write(|tx| {
        for (epoch, _) in found.lives.values() {
            tx.life_from(*epoch, base_of(*epoch))?;
        }
        tx.create_identity(identity, 0)?;
        if let Some(enrolment) = &found.enrolment {
            tx.set_enrolment(enrolment)?;
        }
        if let Some(anchor) = &found.anchor {
            tx.set_anchor(anchor)?;
        }
        found
            .attachments
            .values()
            .try_for_each(|row| tx.restore_attachment(row))?;
        boat.files.iter().try_for_each(|file| tx.adopt_file(file))?;
        found.tasks.values().try_for_each(|task| tx.put_task(task))?;
        found
            .posts
            .iter()
            .try_for_each(|(post, body)| tx.put_post(post, body))?;
        Ok::<_, FieldError>(())
    })?;
    let begun: BTreeSet<PatrolId> = entries
        .iter()
        .filter(|merged| merged.entry.kind == ChangeKind::PatrolStarted)
        .map(|merged| PatrolId(merged.entry.lane.id))
        .collect();
    store.write(|tx| {
        // A patrol whose start was purged is taken as it was; one that only its fixes tell of goes on without its name.
        for (id, (patrol, born)) in found.patrols.iter().filter(|(id, _)| !begun.contains(id)) {
            debug_assert_eq!(*id, patrol.id, "rows are kept under their own id");
            tx.insert_patrol(patrol, Some(*born))?;
        }
        for fixes in boat.fixes.iter().filter(|fixes| !begun.contains(&fixes.patrol)) {
            tx.insert_patrol(&nameless(fixes), Some(Seq(0)))?;
        }
        Ok::<_, FieldError>(())
    })?;
    for piece in entries.chunks(500) {
        store.write(|tx| {
            for merged in piece {
                let adopted = Adopted {
                    entry: merged.entry.clone(),
                    h: merged.h,
                    recorded_at_ms: merged.recorded_at_ms,
                    base: base_of(merged.epoch),
                };
                if let Some(place) = tx.adopt(merged.epoch, adopted)? {
                    if !merged.follows {
                        tx.mark_gap(place)?;
                    }
                    crate::replay::replay_without_tasks(tx, place, &merged.entry, merged.recorded_at_ms)?;
                }
            }
            Ok::<_, FieldError>(())
        })?;
    }
    store.write(|tx| {
        // What was purged shows in no change any more: those rows are taken as they were.
        for (case, born) in found.cases.values() {
            tx.insert_case(case, Some(*born))?;
        }
        found
            .tallies
            .values()
            .try_for_each(|tally| tx.restore_tally(tally))?;
        for fixes in &boat.fixes {
            tx.adopt_fixes(fixes.patrol, fixes.first, &fixes.fixes())?;
        }
        for ((patrol, number), point) in &found.fixes {
            tx.adopt_fixes(*patrol, *number, &[*point])?;
        }
        tx.close_journals()?;
        if let Some(enrolment) = &found.enrolment {
            let platform = VerifyKey::from_sec1(&enrolment.platform_key)?;
            // A receipt of a platform store that was since restored from a backup proves nothing any more.
            let incarnation = found.incarnation;
            for proof in found.receipts.values() {
                settle(tx, identity, &platform, incarnation, proof)?;
            }
        }
        Ok::<_, FieldError>(())
    })
}

/// A patrol of which only fixes are left.
fn nameless(fixes: &FixesFrame) -> PatrolRow {
    PatrolRow {
        id: fixes.patrol,
        patrol_type: PatrolType::Unknown(0),
        transport: Transport::Unknown(0),
        post: String::new(),
        status: PatrolStatus::Started,
        started_at_ms: fixes.fixes().first().map_or(0, |fix| fix.at_ms),
        ended_at_ms: None,
        fixes: 0,
        sealed: 0,
    }
}

/// A change as it goes into the new log.
struct Merged {
    epoch: Epoch,
    entry: grid_wire::Entry,
    h: grid_model::Sha256,
    recorded_at_ms: i64,
    /// It follows from the change before it; if not, that one is lost.
    follows: bool,
}

fn start(identity: &Identity, epoch: Epoch) -> Head {
    Head::new(Seq(0), chain_start(identity.device, epoch))
}

/// All changes of both copies, in order, each with its chain.
fn merge(
    base_of: &dyn Fn(Epoch) -> Head,
    database: &mut BTreeMap<(u64, u64), grid_store::FoundChange>,
    boat: Vec<(Epoch, grid_wire::lifeboat::ChangeFrame, grid_model::Sha256)>,
    recovery: &mut Recovery,
) -> Vec<Merged> {
    let mut all: BTreeMap<(u64, u64), (grid_wire::Entry, Option<grid_model::Sha256>, i64)> = BTreeMap::new();
    for (key, change) in std::mem::take(database) {
        all.insert(key, (change.entry, change.h, change.recorded_at_ms));
    }
    for (epoch, change, h) in boat {
        let entry = change.entry();
        let at = (epoch.0, entry.seq.0);
        let differs = all
            .get(&at)
            .is_none_or(|(_, known, _)| known.is_some_and(|known| known != h));
        if differs {
            recovery.from_lifeboat += u64::from(!all.contains_key(&at));
            // The lifeboat's frame was flushed after a commit: what differs from it never was acknowledged.
            all.insert(at, (entry, Some(h), change.recorded_at_ms));
        }
    }
    all.retain(|(epoch, position), _| Seq(*position) > base_of(Epoch(*epoch)).seq());
    let mut merged: Vec<Merged> = Vec::new();
    let mut at: Option<(u64, Head)> = None;
    for ((epoch, position), (entry, h, recorded_at_ms)) in all {
        let before = match at {
            Some((of, head)) if of == epoch => head,
            _ => base_of(Epoch(epoch)),
        };
        if before.seq().0 + 1 < position {
            recovery
                .missing
                .push((Epoch(epoch), before.seq().next(), Seq(position - 1)));
        }
        let linked = chain_link(before.h, &entry);
        let h = h.unwrap_or(linked);
        at = Some((epoch, Head::new(Seq(position), h)));
        merged.push(Merged {
            epoch: Epoch(epoch),
            follows: before.seq().0 + 1 == position && linked == h,
            entry,
            h,
            recorded_at_ms,
        });
    }
    merged
}

/// Settles again what a receipt of this platform settled: its signature and its digest over the very bodies must hold.
fn settle(
    tx: &grid_store::Writing<'_>,
    identity: &Identity,
    platform: &VerifyKey,
    incarnation: Option<Incarnation>,
    proof: &Signed,
) -> Result<(), FieldError> {
    let Ok(bytes) = open_signed(platform, Domain::Receipt, proof) else {
        return Ok(());
    };
    let Ok(receipt) = decode::<Receipt>(bytes, "receipt") else {
        return Ok(());
    };
    if receipt.device != identity.device || Some(receipt.incarnation) != incarnation {
        return Ok(());
    }
    let mut entries = Vec::new();
    for range in &receipt.ranges {
        if !matches!(range.verdict(), grid_wire::Verdict::TryLater) {
            entries.extend(tx.entries_between(receipt.epoch(), range.from(), range.to())?);
        }
    }
    let digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
    // What was sent back may have been offered anew since: it is offered once more, and sent back again if it must be.
    entries.retain(|entry| {
        let verdict = receipt.verdict_on(entry.seq);
        matches!(
            verdict,
            Some(grid_wire::Verdict::Accepted | grid_wire::Verdict::Duplicate)
        )
    });
    if digest == receipt.digest && !entries.is_empty() {
        tx.settle(&receipt, proof, &entries)?;
    }
    Ok(())
}
