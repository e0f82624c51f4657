//! Backups: made while the platform serves, proved before anything is believed of them, and put back into an empty folder.
//!
//! A backup store is a folder with `blobs/`, shared by all its backups and named by content, and a folder for each backup:
//! the database, then, last of all, its manifest. **Invariant:** a folder without a manifest is no backup. Keys are never in
//! one: they go to a file of their own.

mod check;
mod error;
mod files;
mod keys;
mod make;
mod manifest;
mod restore;
mod say;

use std::path::Path;

use grid_model::Incarnation;

pub use error::{BackupError, BackupFlaw, BlobFlaw};
pub use restore::restore;

use crate::{Admin, Platform};

/// A backup and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSummary {
    /// Name of its folder.
    pub name: String,
    /// Changes.
    pub changes: u64,
    /// Attachments.
    pub files: u64,
    /// Size of its database and its attachments, bytes.
    pub bytes: u64,
}

/// A backup that was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedSummary {
    /// The backup.
    pub backup: BackupSummary,
    /// Logs of which it holds something that their devices signed.
    pub logs: u64,
}

/// A backup that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredSummary {
    /// The backup.
    pub backup: BackupSummary,
    /// The life of the store that began.
    pub incarnation: Incarnation,
}

impl Admin<'_> {
    /// Makes a backup in the backup store at `to`, which may hold others. A server may work on the folder meanwhile.
    pub fn backup(&self, to: &Path) -> Result<BackupSummary, BackupError> {
        make::make(self.platform(), to)
    }

    /// Proves a backup, and moves the backed-up mark of every log it holds. A server may work on the folder meanwhile, and
    /// tells its devices. Where anything does not hold, nothing moves.
    pub fn verify_backup(&self, backup: &Path) -> Result<ProvedSummary, BackupError> {
        verify(self.platform(), backup)
    }

    /// Writes the platform's keys and its certificate authority to one new file that only this user may read.
    pub fn backup_keys(&self, to: &Path) -> Result<(), BackupError> {
        keys::write(self.platform(), to)
    }
}

fn verify(platform: &Platform, backup: &Path) -> Result<ProvedSummary, BackupError> {
    let place = files::Place::of(backup)?;
    let checked = check::check(&place, &place.store, Some(platform.hub().incarnation()))?;
    platform
        .hub()
        .note_backup(platform.now_ms(), &checked.tag, &checked.proof)?
        .map_err(|refusal| BackupError::flaw(&place, BackupFlaw::of(refusal)))?;
    Ok(ProvedSummary {
        logs: checked.proof.logs.len() as u64,
        backup: checked.summary(&place),
    })
}
