//! Recovery: a damaged or lost database is set aside, whole, and a new one is built from everything that is intact in it and
//! in the lifeboat. The original is never changed and never deleted.
//!
//! **Invariant:** at every moment the folder holds the damaged database or a finished new one, or both; a recovery that was
//! cut off goes on where it stood when it is asked for again.

use std::collections::BTreeMap;
use std::path::Path;

use grid_model::id::{Epoch, Seq};
use grid_model::terms::RefusalCode;
use grid_store::{
    AttachmentRow, AttachmentState, Disk, Found, Identity, QUARANTINE, Salvage, Store, StoreOptions, Wreck,
    is_whole, read_all, read_boats, rescue, write_durably,
};
use grid_vault::{DataKey, KeyVault};
use grid_wire::lifeboat::VaultPrivate;

use crate::boat::{BoatRows, enrolment_of, has_sealed};
use crate::book::{KEY, MADE};
use crate::check::unproved;
use crate::{FieldBook, FieldError, Host};

mod fill;

use fill::fill;

/// Where the new database is built.
const REBUILD: &str = "rebuild";
/// Says that the new database is whole.
const COMPLETE: &str = "complete";
const DATABASE: &str = "fieldbook.db";
/// Its files, in the order in which they are put aside.
const DATABASE_FILES: [&str; 3] = ["fieldbook.db-wal", "fieldbook.db-shm", DATABASE];

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
        // Only now that the new database has its frames may the segments it was built from be put aside.
        if !book.survey_lifeboat()?.is_whole() {
            book.renew_lifeboat(recovery.quarantined.as_deref())?;
        }
        book.tell_what_is_left(&mut recovery)?;
        Ok((book, recovery))
    }

    fn tell_what_is_left(&self, recovery: &mut Recovery) -> Result<(), FieldError> {
        recovery.unsent = self.status()?.saved;
        recovery.missing = self.store.read(|tx| tx.gaps().map_err(FieldError::from))?;
        Ok(())
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
            recovery.quarantined = book.renew_lifeboat(None)?;
        }
        book.tell_what_is_left(&mut recovery)?;
        Ok(Some((book, recovery)))
    }

    /// Writes the lifeboat anew and puts the damaged segments aside, to where the database was put if it was. What they
    /// alone hold is laid into the database first; segments that tell another story than the database stay where they are.
    fn renew_lifeboat(&self, beside: Option<&str>) -> Result<Option<String>, FieldError> {
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
        let shelf = match beside {
            Some(shelf) => shelf.to_owned(),
            None => format!("{QUARANTINE}/{}", new_place(disk, folder)?),
        };
        let place = folder.join(&shelf).join("lifeboat");
        disk.create_dir_all(&place)?;
        disk.sync_dir(&folder.join(&shelf))?;
        for segment in old.iter().filter(|segment| segment.ends_with(".boat")) {
            disk.rename(&boats.join(segment), &place.join(segment))?;
        }
        disk.sync_dir(&place)?;
        disk.sync_dir(&boats)?;
        Ok(Some(shelf))
    }
}

/// Whether a recovery built its database and was cut off before it was in place. Until it went on the vault is not opened:
/// what would be written now would be put aside then. Where the new database is lost, too, recovery begins anew.
pub(crate) fn is_interrupted(disk: &dyn Disk, folder: &Path) -> Result<bool, FieldError> {
    let rebuilt = folder.join(REBUILD);
    let there = |path: &Path| Ok::<_, FieldError>(disk.size(path)?.is_some());
    Ok(
        there(&rebuilt.join(COMPLETE))?
            && (there(&rebuilt.join(DATABASE))? || there(&folder.join(DATABASE))?),
    )
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
    let database = rebuilt.join(DATABASE);
    if disk.size(&database)?.is_some() {
        quarantine(disk, folder, &name)?;
        disk.rename(&database, &folder.join(DATABASE))?;
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

/// Moves the damaged database aside, as far as that was not done before.
fn quarantine(disk: &dyn Disk, folder: &Path, name: &str) -> Result<(), FieldError> {
    let place = folder.join(QUARANTINE).join(name);
    disk.create_dir_all(&place)?;
    // A file moved into a folder whose own name is not durable goes with it when the power is cut.
    disk.sync_dir(&folder.join(QUARANTINE))?;
    for file in DATABASE_FILES {
        if disk.size(&folder.join(file))?.is_some() {
            disk.rename(&folder.join(file), &place.join(file))?;
        }
    }
    disk.sync_dir(&place)?;
    Ok(disk.sync_dir(folder)?)
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
    let mut wreck = Wreck::at(&folder.join(DATABASE));
    wreck.salt = private
        .as_ref()
        .and_then(|private| private.salt.clone().try_into().ok());
    let stop_at_misfit = host.storage.flaw == Some(grid_store::Flaw::SalvageAllOrNothing);
    let mut found = rescue(&mut Salvage::open(disk, &wreck, key)?, stop_at_misfit)?;
    boat.keep_files_in(disk, folder)?;
    tell_missing(disk, folder, &mut found)?;
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
    clear(disk, &rebuilt)?;
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
    // Only the database changes its place, not its log, and closing would go well with a log that could not be moved.
    store.settle()?;
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

/// Attachments whose files are gone: what the platform has was purged, and is not taken over; what it has not is lost, and the
/// worker is told as of any photo that cannot be read.
fn tell_missing(disk: &dyn Disk, folder: &Path, found: &mut Found) -> Result<(), FieldError> {
    let mut there = BTreeMap::new();
    for (sha256, row) in std::mem::take(&mut found.attachments) {
        let is_here = has_sealed(disk, folder, sha256)?;
        match row.state {
            _ if is_here => drop(there.insert(sha256, row)),
            AttachmentState::Stored => {}
            AttachmentState::Kept | AttachmentState::Failed(_) => {
                let state = AttachmentState::Failed(RefusalCode::NotFound);
                there.insert(sha256, AttachmentRow { state, ..row });
            }
        }
    }
    found.attachments = there;
    Ok(())
}

/// Removes what a recovery that was cut off left behind.
fn clear(disk: &dyn Disk, rebuilt: &Path) -> Result<(), FieldError> {
    let leftovers = disk.list(rebuilt)?;
    for leftover in &leftovers {
        if disk.size(&rebuilt.join(leftover))?.is_some() && leftover != "attachments" {
            disk.remove(&rebuilt.join(leftover))?;
        }
    }
    if !leftovers.is_empty() {
        // A mark of before must not come back beside a database that is not finished.
        disk.sync_dir(rebuilt)?;
    }
    Ok(())
}
