//! Putting a backup back into a folder that holds no platform, as a new life of the store.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use grid_hub::store::{Platform as PlatformRow, PlatformRead as _};
use grid_hub::{Entropy, Hub, HubError, HubSettings, HubStore as _, PlatformKeys};
use grid_model::Incarnation;

use super::RestoredSummary;
use super::check::{Checked, check};
use super::error::{BackupError, BackupFlaw, BlobFlaw};
use super::files::{self, Place, failed};
use super::keys::KeyBundle;
use super::manifest::each_blob;
use crate::folder::{PlatformFolder, sync_folder};
use crate::{Clock, Settings, StartError, platform};

/// Proves the backup and puts it into `data`, which must hold no store: attachments, keys, and the database last, which has
/// begun a new life before it gets its name. `keys` is a file that `backup-keys` wrote or a folder; without it, they must be in
/// `data/keys` already. A restore that was interrupted is begun again and goes on.
pub fn restore(
    backup: &Path,
    data: &Path,
    keys: Option<&Path>,
    clock: &dyn Clock,
    settings: &Settings,
) -> Result<RestoredSummary, BackupError> {
    let place = Place::of(backup)?;
    vacant(data)?;
    let brought = keys.map(KeyBundle::read).transpose()?;
    if let Some(path) = brought.as_ref().and_then(|bundle| bundle.taken(data)) {
        return Err(BackupError::Exists { path });
    }
    let bundle = match &brought {
        Some(bundle) => bundle,
        None => &KeyBundle::read(data).map_err(|_| BackupError::NoKeys)?,
    };
    let own = bundle.platform_keys().ok_or(BackupError::NoKeys)?;
    let folder = PlatformFolder::make(data)?;
    let _held = folder.hold()?;
    let checked = check(&place, data, None)?;
    fitting(&checked, &own, &folder)?;
    each_blob(&checked.copy, |blob| {
        let (from, to) = (place.blob(blob.sha256), folder.blob(blob.sha256));
        // What an interrupted restore left is believed by its bytes, never by its size.
        if let Some(BlobFlaw::Size | BlobFlaw::Damaged) = files::blob_flaw(&to, blob).map_err(failed(&to))? {
            fs::remove_file(&to).map_err(failed(&to))?;
        }
        match files::copy_blob(&from, &to, blob)? {
            None => Ok(()),
            Some(what) => Err(BackupError::flaw(&place, BackupFlaw::Blob { path: from, what })),
        }
    })?;
    files::sync_blobs(&folder.blobs())?;
    if checked.manifest.calendar.is_some() && !folder.calendar().exists() {
        let (to, draft) = (folder.calendar(), folder.calendar().with_extension("draft"));
        files::copy(&place.calendar(), &draft)
            .and_then(|_| fs::rename(&draft, &to))
            .map_err(failed(&to))?;
    }
    if let Some(bundle) = brought {
        bundle.put(&folder)?;
    }
    let backup = checked.summary(&place);
    let incarnation = begin(checked, own, &folder, clock.now_ms(), settings.entropy.clone())?;
    Ok(RestoredSummary { backup, incarnation })
}

/// Whether no store is in the folder.
fn vacant(data: &Path) -> Result<(), BackupError> {
    let taken = ["hub.sqlite", "hub.sqlite-wal"]
        .into_iter()
        .map(|name| data.join(name))
        .find(|path| path.exists());
    taken.map_or(Ok(()), |_| {
        Err(BackupError::Occupied {
            folder: data.to_owned(),
        })
    })
}

/// Whether the keys are those that phones know this platform by.
fn fitting(checked: &Checked, keys: &PlatformKeys, folder: &PlatformFolder) -> Result<(), BackupError> {
    let row: Option<PlatformRow> = checked.copy.read(|tx| tx.platform())?;
    let row = row.ok_or(HubError::NotInitialised)?;
    if keys.fit(&row.signing_public, &row.sealing_public) {
        Ok(())
    } else {
        Err(BackupError::OtherKeys {
            folder: folder.keys(),
        })
    }
}

/// Begins the new life in the copy, and gives it the name of a store once it is durable.
fn begin(
    checked: Checked,
    keys: PlatformKeys,
    folder: &PlatformFolder,
    now_ms: i64,
    entropy: Arc<dyn Entropy>,
) -> Result<Incarnation, BackupError> {
    let settings = HubSettings {
        keys,
        calendar: platform::calendar(folder)?,
        entropy: Box::new(entropy),
    };
    let Checked {
        tag,
        proof,
        copy,
        scratch,
        ..
    } = checked;
    let hub = Hub::open(copy, settings)?;
    let incarnation = hub.begin_restored(now_ms, &tag, &proof)?;
    let draft = folder.root().join("hub.sqlite.draft");
    if draft.exists() {
        fs::remove_file(&draft).map_err(failed(&draft))?;
    }
    hub.store().copy_to(&draft)?;
    drop(hub);
    drop(scratch);
    vacant(folder.root())?;
    File::open(&draft)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&draft, folder.store()))
        .and_then(|()| sync_folder(folder.root()))
        .map_err(|source| StartError::folder(&draft, source))?;
    Ok(incarnation)
}
