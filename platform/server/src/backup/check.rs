//! Proving a backup: on a copy of its database, with the store and the rules of the living platform.

use std::io;
use std::path::Path;

use grid_hub::store::PlatformRead as _;
use grid_hub::{BackupTag, HubError, HubStore as _, Proof, prove};
use grid_hub_sqlite::{SqliteSettings, SqliteStore};
use grid_model::Incarnation;

use super::BackupSummary;
use super::error::{BackupError, BackupFlaw};
use super::files::{self, Place, Scratch, failed};
use super::manifest::{Manifest, each_blob};

/// A backup that holds, with the copy it was proved on.
pub(super) struct Checked {
    pub(super) manifest: Manifest,
    pub(super) tag: BackupTag,
    pub(super) proof: Proof,
    /// The copy, its schema brought up to date.
    pub(super) copy: SqliteStore,
    /// Where the copy lies; gone when this is dropped, after the copy was closed.
    pub(super) scratch: Scratch,
}

impl Checked {
    pub(super) fn summary(&self, place: &Place) -> BackupSummary {
        self.manifest.summary(place)
    }
}

/// Proves everything that can be proved without the living store, in a scratch folder within `parent`; first of all that the
/// backup is of this life, if one is given.
pub(super) fn check(place: &Place, parent: &Path, ours: Option<Incarnation>) -> Result<Checked, BackupError> {
    let flaw = |flaw| BackupError::flaw(place, flaw);
    let (manifest, tag) = Manifest::read(place)?;
    match ours {
        Some(ours) if ours != manifest.incarnation => {
            return Err(flaw(BackupFlaw::OtherLife {
                copied: manifest.incarnation,
                ours,
            }));
        }
        _ => {}
    }
    let scratch = Scratch::within(parent)?;
    let copy = opened(place, &manifest, &scratch.0.join("hub.sqlite"))?;
    if let Some(detail) = copy.damage()? {
        return Err(flaw(BackupFlaw::Damaged { detail }));
    }
    let platform = copy.read(|tx| tx.platform())?;
    if platform.map(|platform| platform.incarnation) != Some(manifest.incarnation) {
        return Err(flaw(BackupFlaw::OtherManifest));
    }
    let proof = prove(&copy, tag.made_at_ms)?.map_err(|found| flaw(BackupFlaw::Copy(found)))?;
    let blobs = each_blob(&copy, |blob| {
        let path = place.blob(blob.sha256);
        match files::blob_flaw(&path, blob).map_err(failed(&path))? {
            None => Ok(()),
            Some(what) => Err(flaw(BackupFlaw::Blob { path, what })),
        }
    })?;
    if blobs != manifest.blobs || proof.changes != manifest.changes {
        return Err(flaw(BackupFlaw::OtherManifest));
    }
    if let Some(expected) = manifest.calendar {
        let path = place.calendar();
        if files::mark(&path).map_err(failed(&path))? != expected {
            return Err(flaw(BackupFlaw::OtherFile { path }));
        }
    }
    Ok(Checked {
        manifest,
        tag,
        proof,
        copy,
        scratch,
    })
}

/// The database, copied to `to` and opened there, if it is the one that the manifest speaks of.
fn opened(place: &Place, manifest: &Manifest, to: &Path) -> Result<SqliteStore, BackupError> {
    let path = place.database();
    let found = match files::copy(&path, to) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(BackupError::flaw(place, BackupFlaw::NoDatabase));
        }
        Err(source) => return Err(failed(&path)(source)),
    };
    if found != manifest.database {
        return Err(BackupError::flaw(place, BackupFlaw::OtherFile { path }));
    }
    SqliteStore::open(to, &SqliteSettings::default()).map_err(|error| match error {
        HubError::SchemaTooNew { found, supported } => {
            BackupError::flaw(place, BackupFlaw::NewerSchema { found, supported })
        }
        HubError::Full(_) => error.into(),
        other => {
            let detail = other.to_string();
            BackupError::flaw(place, BackupFlaw::Damaged { detail })
        }
    })
}
