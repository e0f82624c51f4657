//! Why a backup was not made, not believed or not put back: one sentence each.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use grid_hub::{CopyFlaw, HubError, ProofRefusal};
use grid_model::{DeviceId, Incarnation, Seq};

use super::files::Place;
use super::say;
use crate::{Sentence, StartError};

/// Why something about a backup was not done. The living store was not changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupError {
    /// Something in the backup does not hold; it proves nothing.
    Flaw {
        /// Name of the backup.
        name: String,
        /// The first thing that does not hold.
        flaw: BackupFlaw,
    },
    /// An attachment of the platform itself is not what it should be, so that no whole backup can be made.
    OwnBlob {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong with it.
        flaw: BlobFlaw,
    },
    /// The folder to restore into holds a store.
    Occupied {
        /// Which folder.
        folder: PathBuf,
    },
    /// A file that would have to be written is there already.
    Exists {
        /// Which file.
        path: PathBuf,
    },
    /// What was given as keys holds none.
    NoKeyFile {
        /// What was given.
        path: PathBuf,
    },
    /// No keys were given and none are there.
    NoKeys,
    /// The keys are another platform's.
    OtherKeys {
        /// Where they would belong.
        folder: PathBuf,
    },
    /// A file or folder cannot be used.
    Start(StartError),
    /// The store failed.
    Store(HubError),
}

/// What does not hold in a backup.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupFlaw {
    /// There is no manifest: it was never finished, or is no backup.
    NoManifest,
    /// The manifest cannot be read.
    UnreadableManifest,
    /// The manifest was written by a newer program.
    NewerFormat {
        /// Format found.
        found: u32,
        /// Newest format this program knows.
        supported: u32,
    },
    /// The database is gone.
    NoDatabase,
    /// A file is not the one that the manifest speaks of.
    OtherFile {
        /// Which file.
        path: PathBuf,
    },
    /// The database was written by a newer program.
    NewerSchema {
        /// Schema found.
        found: u32,
        /// Newest schema this program knows.
        supported: u32,
    },
    /// The database is damaged.
    Damaged {
        /// What SQLite says.
        detail: String,
    },
    /// The database is not the one that the manifest describes.
    OtherManifest,
    /// The change log in the database is not what devices signed.
    Copy(CopyFlaw),
    /// An attachment is not there as it should be.
    Blob {
        /// Where it should be.
        path: PathBuf,
        /// What is wrong with it.
        what: BlobFlaw,
    },
    /// It is of another life of the store.
    OtherLife {
        /// Of which.
        copied: Incarnation,
        /// Which lives now.
        ours: Incarnation,
    },
    /// It holds changes that the living store does not hold.
    Ahead {
        /// Whose log.
        device: DeviceId,
        /// Where the backup's mark stands.
        seq: Seq,
    },
}

/// What is wrong with an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlobFlaw {
    /// It is not there.
    Missing,
    /// It has another size.
    Size,
    /// It has other bytes.
    Damaged,
}

impl BackupFlaw {
    pub(super) fn of(refusal: ProofRefusal) -> Self {
        match refusal {
            ProofRefusal::OtherLife { copied, ours } => Self::OtherLife { copied, ours },
            ProofRefusal::Ahead { device, seq } => Self::Ahead { device, seq },
        }
    }
}

impl BackupError {
    pub(super) fn flaw(place: &Place, flaw: BackupFlaw) -> Self {
        Self::Flaw {
            name: place.name.clone(),
            flaw,
        }
    }

    /// What happened and what to do, for the person at the terminal.
    pub fn sentence(&self) -> Sentence {
        match self {
            Self::Flaw { name, flaw } => say::flaw(name, flaw),
            Self::OwnBlob { path, flaw } => say::own_blob(path, *flaw),
            Self::Occupied { folder } => say::occupied(folder),
            Self::Exists { path } => say::exists(path),
            Self::NoKeyFile { path } => say::no_key_file(path),
            Self::NoKeys => say::no_keys(),
            Self::OtherKeys { folder } => say::other_keys(folder),
            Self::Start(error) => error.sentence(),
            Self::Store(error) => say::store(error),
        }
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sentence().fmt(f)
    }
}

impl Error for BackupError {}

impl From<HubError> for BackupError {
    fn from(error: HubError) -> Self {
        Self::Store(error)
    }
}

impl From<StartError> for BackupError {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}
