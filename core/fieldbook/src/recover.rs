//! Recovery: a damaged or lost database is set aside, whole, and a new one is built from everything that is intact in it and
//! in the lifeboat. The original is never changed and never deleted.
//!
//! **Invariant:** at every moment the folder holds the damaged database or a finished new one, or both; a recovery that was
//! cut off goes on where it stood when it is asked for again.

use std::collections::BTreeMap;
use std::path::Path;

use grid_model::id::{Epoch, Seq};
use grid_store::{
    Adopted, Disk, Found, Identity, Salvage, Store, StoreOptions, Wreck, read_all, read_boats, rescue,
    write_durably,
};
use grid_vault::{
    DataKey, Domain, KeyVault, VerifyKey, chain_link, chain_start, cover_digest, open_signed, sha256,
};
use grid_wire::lifeboat::VaultPrivate;
use grid_wire::{Head, Receipt, Signed, decode};

use crate::boat::{BoatRows, enrolment_of};
use crate::book::{KEY, MADE};
use crate::{FieldBook, FieldError, Host};

/// Where damaged databases are kept.
const QUARANTINE: &str = "quarantine";
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
        let interrupted = disk.size(&folder.join(REBUILD).join(COMPLETE))?.is_some();
        if !interrupted && let Some(whole) = Self::open_whole(folder, &host, keys)? {
            return Ok(whole);
        }
        let mut lock = disk.lock(&folder.join("lock"))?.ok_or(FieldError::AlreadyOpen)?;
        let built = set_aside(&*disk, folder, &host, keys, interrupted);
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
        let book = match Self::open(folder, host.clone(), keys) {
            Ok(book) => book,
            Err(FieldError::Damaged | FieldError::Internal { .. } | FieldError::NotFound { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let device = book.device();
        let whole = book.store.read(|tx| {
            let mut whole = tx.is_intact()?;
            for life in tx.lives()? {
                whole = whole && tx.chain_holds(device, life.epoch)?;
            }
            Ok::<_, FieldError>(whole)
        });
        if !matches!(whole, Ok(true)) {
            book.close()?;
            return Ok(None);
        }
        let (read, unreadable) = book.store.read_lifeboat(&mut |_, _| {})?;
        let damaged = unreadable
            + read
                .iter()
                .map(|segment| segment.damaged + u64::from(segment.header_damaged))
                .sum::<u64>();
        if damaged > 0 {
            book.store.rebuild_lifeboat()?;
        }
        let unsent = book.status()?.saved;
        Ok(Some((
            book,
            Recovery {
                database_was_whole: true,
                lifeboat_damaged: damaged,
                unsent,
                ..Recovery::default()
            },
        )))
    }
}

/// Builds the new database beside the old one, then changes their places.
fn set_aside(
    disk: &dyn Disk,
    folder: &Path,
    host: &Host,
    keys: &dyn KeyVault,
    interrupted: bool,
) -> Result<Recovery, FieldError> {
    let mut recovery = Recovery::default();
    if !interrupted {
        if disk.size(&folder.join(KEY))?.is_none() {
            return Err(FieldError::Damaged);
        }
        let key = keys.unwrap(&read_all(disk, &folder.join(KEY))?)?;
        recovery = rebuild(disk, folder, host, &key)?;
    }
    let place = quarantine(disk, folder)?;
    recovery.quarantined = Some(place);
    let rebuilt = folder.join(REBUILD);
    disk.rename(&rebuilt.join("fieldbook.db"), &folder.join("fieldbook.db"))?;
    disk.sync_dir(folder)?;
    write_durably(disk, &folder.join(MADE), b"")?;
    for leftover in disk.list(&rebuilt)? {
        // Removed last, one by one: without its mark a half-built database is begun anew.
        if leftover != COMPLETE && disk.size(&rebuilt.join(&leftover))?.is_some() {
            let _ = disk.remove(&rebuilt.join(&leftover));
        }
    }
    disk.remove(&rebuilt.join(COMPLETE))?;
    disk.sync_dir(&rebuilt)?;
    Ok(recovery)
}

/// Moves the damaged database and the segments of its lifeboat aside. Answers where to.
fn quarantine(disk: &dyn Disk, folder: &Path) -> Result<String, FieldError> {
    let shelf = folder.join(QUARANTINE);
    disk.create_dir_all(&shelf)?;
    let known = disk.list(&shelf)?;
    // A move that was cut off goes on in the same place: the database itself is moved last.
    let unfinished = known.last().filter(|last| {
        let database = shelf.join(last.as_str()).join("fieldbook.db");
        matches!(disk.size(&database), Ok(None))
    });
    let name = unfinished
        .cloned()
        .unwrap_or_else(|| format!("{:04}", known.len() + 1));
    let place = shelf.join(&name);
    disk.create_dir_all(&place.join("lifeboat"))?;
    disk.sync_dir(&shelf)?;
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
    disk.sync_dir(&place)?;
    if !disk.list(&boats)?.is_empty() || disk.size(&boats)?.is_none() {
        disk.create_dir_all(&boats)?;
    }
    disk.sync_dir(&boats)?;
    disk.sync_dir(folder)?;
    Ok(format!("{QUARANTINE}/{name}"))
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
    fill(&store, &identity, found, boat, &mut recovery)?;
    store.close()?;
    write_durably(disk, &rebuilt.join(COMPLETE), b"")?;
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
    let (chains, entries) = merge(identity, &mut changes, boat.changes, recovery);
    store.write(|tx| {
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
    for piece in entries.chunks(500) {
        store.write(|tx| {
            for (epoch, entry, h, recorded_at_ms) in piece {
                let adopted = Adopted {
                    entry: entry.clone(),
                    h: *h,
                    recorded_at_ms: *recorded_at_ms,
                    base: chains.get(&epoch.0).copied().unwrap_or(start(identity, *epoch)),
                };
                if let Some(place) = tx.adopt(*epoch, adopted)? {
                    crate::replay::replay_without_tasks(tx, place, entry, *recorded_at_ms)?;
                }
            }
            Ok::<_, FieldError>(())
        })?;
    }
    store.write(|tx| {
        for fixes in &boat.fixes {
            tx.adopt_fixes(fixes.patrol, fixes.first, &fixes.fixes())?;
        }
        for ((patrol, number), point) in &found.fixes {
            tx.adopt_fixes(*patrol, *number, &[*point])?;
        }
        if let Some(enrolment) = &found.enrolment {
            let platform = VerifyKey::from_sec1(&enrolment.platform_key)?;
            for proof in &found.receipts {
                settle(tx, identity, &platform, proof)?;
            }
        }
        Ok::<_, FieldError>(())
    })
}

type Merged = (Epoch, grid_wire::Entry, grid_model::Sha256, i64);

fn start(identity: &Identity, epoch: Epoch) -> Head {
    Head::new(Seq(0), chain_start(identity.device, epoch))
}

/// All changes of both copies, in order, each with its chain, and where the chain of each epoch begins here.
fn merge(
    identity: &Identity,
    database: &mut BTreeMap<(u64, u64), grid_store::FoundChange>,
    boat: Vec<(Epoch, grid_wire::lifeboat::ChangeFrame, grid_model::Sha256)>,
    recovery: &mut Recovery,
) -> (BTreeMap<u64, Head>, Vec<Merged>) {
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
    let mut chains: BTreeMap<u64, Head> = BTreeMap::new();
    let mut merged: Vec<Merged> = Vec::new();
    let mut at: Option<(u64, Head)> = None;
    for ((epoch, position), (entry, h, recorded_at_ms)) in all {
        let begin = start(identity, Epoch(epoch));
        let before = match at {
            Some((of, head)) if of == epoch => head,
            _ => begin,
        };
        if before.seq().0 + 1 < position {
            recovery
                .missing
                .push((Epoch(epoch), before.seq().next(), Seq(position - 1)));
        }
        let linked = chain_link(before.h, &entry);
        let h = h.unwrap_or(linked);
        chains.entry(epoch).or_insert(begin);
        at = Some((epoch, Head::new(Seq(position), h)));
        merged.push((Epoch(epoch), entry, h, recorded_at_ms));
    }
    (chains, merged)
}

/// Settles again what a receipt of this platform settled: its signature and its digest over the very bodies must hold.
fn settle(
    tx: &grid_store::Writing<'_>,
    identity: &Identity,
    platform: &VerifyKey,
    proof: &Signed,
) -> Result<(), FieldError> {
    let Ok(bytes) = open_signed(platform, Domain::Receipt, proof) else {
        return Ok(());
    };
    let Ok(receipt) = decode::<Receipt>(bytes, "receipt") else {
        return Ok(());
    };
    if receipt.device != identity.device {
        return Ok(());
    }
    let mut entries = Vec::new();
    for range in &receipt.ranges {
        if !matches!(range.verdict(), grid_wire::Verdict::TryLater) {
            entries.extend(tx.entries_between(receipt.epoch(), range.from(), range.to())?);
        }
    }
    let digest = cover_digest(entries.iter().map(|entry| (entry.seq, sha256(&entry.body))));
    if digest == receipt.digest && !entries.is_empty() {
        tx.settle(&receipt, proof, &entries)?;
    }
    Ok(())
}
