//! Where the parts of a backup lie, and copies of files that are whole and flushed or not there.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use grid_hub::Hasher;
use grid_hub::store::StoredBlob;
use grid_model::Sha256;

use super::error::{BackupError, BackupFlaw, BlobFlaw};
use super::manifest::FileMark;
use crate::StartError;
use crate::folder::{folder_of, private_file, private_folder, sync_folder};

/// One backup in its store.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The backup store.
    pub(super) store: PathBuf,
    /// The backup's folder in it.
    pub(super) folder: PathBuf,
    /// The name of that folder.
    pub(super) name: String,
}

impl Place {
    /// The backup that is in this folder.
    pub(super) fn of(backup: &Path) -> Result<Self, BackupError> {
        let folder = fs::canonicalize(backup).map_err(failed(backup))?;
        let name = folder.file_name().map(|name| name.display().to_string());
        let name = name.unwrap_or_default();
        let place = Self {
            store: folder.parent().unwrap_or(&folder).to_owned(),
            folder,
            name,
        };
        if place.folder.is_dir() {
            Ok(place)
        } else {
            Err(BackupError::flaw(&place, BackupFlaw::NoManifest))
        }
    }

    /// Makes a folder for a new backup.
    pub(super) fn make(store: &Path, name: &str) -> Result<Self, BackupError> {
        let blobs = store.join("blobs");
        let above = folder_of(store);
        fs::create_dir_all(&blobs)
            .and_then(|()| private_folder(&blobs))
            .and_then(|()| sync_folder(above))
            .map_err(failed(&blobs))?;
        let folder = store.join(name);
        fs::create_dir(&folder).map_err(failed(&folder))?;
        private_folder(&folder).map_err(failed(&folder))?;
        sync_folder(store).map_err(failed(store))?;
        Ok(Self {
            store: store.to_owned(),
            folder,
            name: name.to_owned(),
        })
    }

    /// Where the attachments of the store lie.
    pub(super) fn blobs(&self) -> PathBuf {
        self.store.join("blobs")
    }

    pub(super) fn database(&self) -> PathBuf {
        self.folder.join("hub.sqlite")
    }

    pub(super) fn calendar(&self) -> PathBuf {
        self.folder.join("work_calendar.csv")
    }

    pub(super) fn manifest(&self) -> PathBuf {
        self.folder.join("manifest.json")
    }

    /// Where an attachment lies in the store.
    pub(super) fn blob(&self, sha256: Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.blobs().join(&name[..2]).join(name)
    }
}

/// Makes every name of an attachment survive a power cut, those too that were there before: whoever moved them there may
/// have been stopped before that.
pub(super) fn sync_blobs(blobs: &Path) -> Result<(), BackupError> {
    let shelves = fs::read_dir(blobs).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    for shelf in shelves.map_err(failed(blobs))? {
        if shelf.path().is_dir() {
            sync_folder(&shelf.path()).map_err(failed(blobs))?;
        }
    }
    sync_folder(blobs).map_err(failed(blobs))
}

/// A folder that is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    /// A new one in `parent`.
    pub(super) fn within(parent: &Path) -> Result<Self, BackupError> {
        let path = parent.join(format!(".scratch-{}", hex::encode(super::make::random_id()?)));
        fs::create_dir(&path).map_err(failed(&path))?;
        let scratch = Self(path);
        private_folder(&scratch.0).map_err(failed(&scratch.0))?;
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file that cannot be read or written, by its path.
pub(super) fn failed(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |source| StartError::folder(path, source).into()
}

/// Reads a file to its end, writing it to `to` where one is given; answers what it held.
fn read(from: &Path, mut to: Option<&mut File>) -> io::Result<FileMark> {
    let mut file = File::open(from)?;
    let (mut hasher, mut bytes) = (Hasher::default(), 0);
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hasher.update(&piece[..read]);
        if let Some(to) = to.as_deref_mut() {
            to.write_all(&piece[..read])?;
        }
        bytes += read as u64;
    }
    if let Some(to) = to {
        to.sync_all()?;
    }
    Ok(FileMark {
        bytes,
        sha256: hasher.finish(),
    })
}

/// What a file holds.
pub(super) fn mark(path: &Path) -> io::Result<FileMark> {
    read(path, None)
}

/// Copies a file and flushes it; the name is not durable yet.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<FileMark> {
    read(from, Some(&mut private_file(to)?))
}

/// Whether an attachment is what it should be.
pub(super) fn blob_flaw(path: &Path, blob: &StoredBlob) -> io::Result<Option<BlobFlaw>> {
    judged(mark(path), blob)
}

fn judged(found: io::Result<FileMark>, blob: &StoredBlob) -> io::Result<Option<BlobFlaw>> {
    match found {
        Ok(found) if found.bytes != blob.bytes => Ok(Some(BlobFlaw::Size)),
        Ok(found) if found.sha256 != blob.sha256 => Ok(Some(BlobFlaw::Damaged)),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Some(BlobFlaw::Missing)),
        Err(error) => Err(error),
    }
}

/// Copies an attachment, flushed, to its name, unless one of its size is there; [`sync_blobs`] makes the names durable. What is
/// wrong with the original is told and nothing is left.
pub(super) fn copy_blob(from: &Path, to: &Path, blob: &StoredBlob) -> Result<Option<BlobFlaw>, BackupError> {
    if fs::metadata(to).is_ok_and(|found| found.len() == blob.bytes) {
        return Ok(None);
    }
    let shelf = to.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(shelf).map_err(failed(shelf))?;
    let draft = to.with_extension(format!("{}.draft", hex::encode(super::make::random_id()?)));
    let copied = match judged(copy(from, &draft), blob) {
        Ok(None) => fs::rename(&draft, to).map(|()| None),
        other => other,
    };
    if !matches!(copied, Ok(None)) {
        let _ = fs::remove_file(&draft);
    }
    copied.map_err(failed(to))
}
