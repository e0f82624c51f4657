//! The data folder: everything the platform keeps lies under one path.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use grid_model::Sha256;

use crate::start::StartError;

/// The folder given as `--data`, with the places inside it.
#[derive(Clone, Debug)]
pub(crate) struct PlatformFolder {
    root: PathBuf,
}

impl PlatformFolder {
    /// Makes the folder and its parts; what is there stays.
    pub(crate) fn make(root: &Path) -> Result<Self, StartError> {
        let folder = Self {
            root: root.to_owned(),
        };
        let parts = [folder.blobs(), folder.spool(), folder.begun(), folder.keys()];
        for part in [folder.root.clone()].into_iter().chain(parts) {
            fs::create_dir_all(&part).map_err(|source| StartError::folder(&part, source))?;
        }
        for part in [folder.root.clone(), folder.keys()] {
            private_folder(&part).map_err(|source| StartError::folder(&part, source))?;
        }
        Ok(folder)
    }

    /// A folder that `make` made before.
    pub(crate) fn existing(root: &Path) -> Result<Self, StartError> {
        let folder = Self {
            root: root.to_owned(),
        };
        if !folder.store().is_file() {
            return Err(StartError::NoPlatform {
                folder: root.to_owned(),
            });
        }
        Self::make(root)
    }

    /// Holds the folder for one server: a second one would write to the same files. Admin commands work beside it.
    pub(crate) fn hold(&self) -> Result<fs::File, StartError> {
        let path = self.root.join("serving.lock");
        let file = fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|source| StartError::folder(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => Err(StartError::Served {
                folder: self.root.clone(),
            }),
            Err(fs::TryLockError::Error(source)) => Err(StartError::folder(&path, source)),
        }
    }

    /// The hub's database.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("hub.sqlite")
    }

    /// Finished attachments.
    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Attachments that are still arriving.
    pub(crate) fn spool(&self) -> PathBuf {
        self.root.join("spool")
    }

    /// Beginnings of batches whose rest is still to come. In no backup: whoever finds none there sends the whole again.
    pub(crate) fn begun(&self) -> PathBuf {
        self.root.join("begun")
    }

    /// The platform's own keys, to be backed up apart from the rest.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The keys that the platform was made with.
    pub(crate) fn first_keys(&self) -> PathBuf {
        self.keys().join("platform.key")
    }

    /// The keys that came later.
    pub(crate) fn later_keys(&self) -> PathBuf {
        self.keys().join("rotated.key")
    }

    /// Which days are worked, where the shipped table is out of date.
    pub(crate) fn calendar(&self) -> PathBuf {
        self.root.join("work_calendar.csv")
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The private certificate authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.root.join("ca")
    }

    /// Where an attachment lies once it is whole.
    pub(crate) fn blob(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.blobs().join(&name[..2]).join(name)
    }

    /// Whether a file can be written, flushed and removed in the blob folder.
    pub(crate) fn blobs_writable(&self) -> io::Result<()> {
        let probe = self.blobs().join(".probe");
        let mut file = fs::File::create(&probe)?;
        file.write_all(b"grid")?;
        file.sync_data()?;
        fs::remove_file(&probe)
    }
}

/// Makes a new name in `folder` survive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// Writes a file that only this user may read; it is whole or absent after a crash, and an older one is replaced.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let partial = path.with_extension("partial");
    let mut file = private_file(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)?;
    sync_folder(folder)
}

/// Makes a file that only this user may read, or empties it.
#[cfg(unix)]
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
}

/// Files take their rights from their folder here.
#[cfg(not(unix))]
pub(crate) fn private_file(path: &Path) -> io::Result<fs::File> {
    fs::File::create(path)
}

/// Closes a folder to everybody but this user.
#[cfg(unix)]
pub(crate) fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

/// Folders take their rights from their parent here.
#[cfg(not(unix))]
pub(crate) fn private_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
