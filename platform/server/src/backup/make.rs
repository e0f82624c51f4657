//! Making a backup: database first, then what it names, then the manifest.

use std::fs::{self, File};
use std::path::Path;

use grid_hub::store::BackupRead as _;
use grid_hub::{Entropy as _, HubError, HubStore as _};
use grid_hub_sqlite::{SCHEMA_VERSION, SqliteSettings, SqliteStore};

use super::BackupSummary;
use super::error::BackupError;
use super::files::{self, Place, failed};
use super::manifest::{FORMAT, FileMark, Manifest, each_blob};
use crate::entropy::SystemEntropy;
use crate::folder::sync_folder;
use crate::{Platform, time};

/// Makes a backup in the store at `to`. What was copied of one that fails is taken away again, attachments apart.
pub(super) fn make(platform: &Platform, to: &Path) -> Result<BackupSummary, BackupError> {
    let (id, now_ms) = (random_id()?, platform.now_ms());
    let name = format!("{}-{}", time::compact(now_ms), hex::encode(&id[..4]));
    let place = Place::make(to, &name)?;
    let filled = fill(platform, &place, id, now_ms);
    if filled.is_err() {
        let _ = fs::remove_dir_all(&place.folder);
    }
    filled
}

fn fill(platform: &Platform, place: &Place, id: [u8; 16], now_ms: i64) -> Result<BackupSummary, BackupError> {
    let database = place.database();
    platform.hub().store().copy_to(&database)?;
    // Opened before it is marked: opening writes to it.
    let copy = SqliteStore::open(&database, &SqliteSettings::default())?;
    let changes = copy.read(|tx| tx.change_count())?;
    let blobs = each_blob(&copy, |blob| {
        let (from, to) = (platform.folder().blob(blob.sha256), place.blob(blob.sha256));
        match files::copy_blob(&from, &to, blob)? {
            None => Ok(()),
            Some(flaw) => Err(BackupError::OwnBlob { path: from, flaw }),
        }
    })?;
    files::sync_blobs(&place.blobs())?;
    drop(copy);
    if place.folder.join("hub.sqlite-wal").exists() {
        return Err(HubError::Bug("a copy that was closed left a log").into());
    }
    File::open(&database)
        .and_then(|file| file.sync_all())
        .map_err(failed(&database))?;
    let manifest = Manifest {
        format: FORMAT,
        id,
        made_at: time::rfc3339(now_ms),
        made_at_ms: now_ms,
        incarnation: platform.hub().incarnation(),
        schema: SCHEMA_VERSION,
        changes,
        database: files::mark(&database).map_err(failed(&database))?,
        blobs,
        calendar: calendar(platform, place)?,
    };
    sync_folder(&place.folder).map_err(failed(&place.folder))?;
    manifest.write(place)?;
    Ok(manifest.summary(place))
}

/// Copies the operator's calendar, if there is one.
fn calendar(platform: &Platform, place: &Place) -> Result<Option<FileMark>, BackupError> {
    let own = platform.folder().calendar();
    if !own.exists() {
        return Ok(None);
    }
    files::copy(&own, &place.calendar())
        .map(Some)
        .map_err(failed(&own))
}

impl Manifest {
    /// The backup in a few numbers.
    pub(super) fn summary(&self, place: &Place) -> BackupSummary {
        BackupSummary {
            name: place.name.clone(),
            changes: self.changes,
            files: self.blobs.count,
            bytes: self.database.bytes + self.blobs.bytes,
        }
    }
}

/// 16 random bytes: names a backup, or a draft.
pub(super) fn random_id() -> Result<[u8; 16], BackupError> {
    let mut id = [0; 16];
    SystemEntropy.fill(&mut id)?;
    Ok(id)
}
