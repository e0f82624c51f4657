//! The platform's keys in one file, to be kept apart from every backup.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::{HubError, PlatformKeys};
use serde::{Deserialize, Serialize};

use super::error::BackupError;
use super::files::failed;
use crate::folder::{PlatformFolder, folder_of, private_folder, sync_folder, write_private};
use crate::platform::keys_of;
use crate::{Platform, time};

/// Newest format of the file: 2 has keys that came later, which a program of format 1 would pass over.
const FORMAT: u32 = 2;
/// Format of a file with the keys that the platform was made with and no others.
const FIRST_KEYS_ONLY: u32 = 1;
/// The folders that hold secrets.
const FOLDERS: [&str; 2] = ["keys", "ca"];
/// Where the platform's own key lies among them.
const PLATFORM_KEY: &str = "keys/platform.key";
/// Where those that came later lie.
const LATER_KEYS: &str = "keys/rotated.key";

/// The file: paths below the data folder, and what stands there in Base64.
#[derive(Serialize, Deserialize)]
struct KeyFile {
    /// For whoever opens it: what this is.
    what: String,
    format: u32,
    made_at: String,
    files: BTreeMap<String, String>,
}

/// Keys that were brought, by their paths below a data folder.
pub(super) struct KeyBundle(BTreeMap<String, Vec<u8>>);

/// Writes keys and certificate authority to `to`, which must not exist.
pub(super) fn write(platform: &Platform, to: &Path) -> Result<(), BackupError> {
    let bundle = KeyBundle::of_folder(platform.folder().root())?;
    let file = KeyFile {
        what: "Keys of a Grid Fieldbook platform; whoever has them can speak for it. 网格外勤簿平台密钥，须与数据备份分开保管。"
            .to_owned(),
        format: if bundle.0.contains_key(LATER_KEYS) {
            FORMAT
        } else {
            FIRST_KEYS_ONLY
        },
        made_at: time::rfc3339(platform.now_ms()),
        files: bundle
            .0
            .into_iter()
            .map(|(path, bytes)| (path, STANDARD.encode(bytes)))
            .collect(),
    };
    let mut text = serde_json::to_vec_pretty(&file)
        .map_err(|_| HubError::Bug("a key file that cannot be written as JSON"))?;
    text.push(b'\n');
    let mut file = fresh_file(to).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists { path: to.to_owned() },
        _ => failed(to)(source),
    })?;
    let folder = folder_of(to);
    let written = file
        .write_all(&text)
        .and_then(|()| file.sync_all())
        .and_then(|()| sync_folder(folder));
    if written.is_err() {
        let _ = fs::remove_file(to);
    }
    written.map_err(failed(to))
}

impl KeyBundle {
    /// The keys in a file that `backup-keys` wrote, in a keys folder, or in a data folder.
    pub(super) fn read(path: &Path) -> Result<Self, BackupError> {
        let bundle = if path.join(PLATFORM_KEY).is_file() {
            Self::of_folder(path)?
        } else if path.is_dir() {
            Self(folder_files(path, FOLDERS[0])?)
        } else {
            Self::of_file(path)?
        };
        if bundle.0.contains_key(PLATFORM_KEY) {
            Ok(bundle)
        } else {
            Err(BackupError::NoKeyFile {
                path: path.to_owned(),
            })
        }
    }

    fn of_folder(root: &Path) -> Result<Self, BackupError> {
        let mut files = BTreeMap::new();
        for folder in FOLDERS {
            if root.join(folder).is_dir() {
                files.extend(folder_files(&root.join(folder), folder)?);
            }
        }
        Ok(Self(files))
    }

    fn of_file(path: &Path) -> Result<Self, BackupError> {
        let strange = || BackupError::NoKeyFile {
            path: path.to_owned(),
        };
        let text = fs::read(path).map_err(failed(path))?;
        let file: KeyFile = serde_json::from_slice(&text).map_err(|_| strange())?;
        if file.format > FORMAT {
            return Err(strange());
        }
        let files = file.files.into_iter().map(|(name, text)| {
            let bytes = STANDARD.decode(text).ok().filter(|_| sound(&name));
            bytes.map(|bytes| (name, bytes)).ok_or_else(strange)
        });
        files.collect::<Result<_, _>>().map(Self)
    }

    /// All keys that the platform signs with and is sealed to.
    pub(super) fn platform_keys(&self) -> Option<PlatformKeys> {
        let later = self.0.get(LATER_KEYS).map(|bytes| std::str::from_utf8(bytes));
        keys_of(self.0.get(PLATFORM_KEY)?.clone(), later.transpose().ok()?)
    }

    /// The first of these files that is in a data folder already and says something else.
    pub(super) fn taken(&self, root: &Path) -> Option<PathBuf> {
        let files = self.0.iter().map(|(name, bytes)| (root.join(name), bytes));
        files
            .filter(|(path, _)| path.exists())
            .find(|(path, bytes)| !fs::read(path).is_ok_and(|found| found == **bytes))
            .map(|(path, _)| path)
    }

    /// Writes them into a data folder.
    pub(super) fn put(&self, folder: &PlatformFolder) -> Result<(), BackupError> {
        for (name, bytes) in &self.0 {
            let path = folder.root().join(name);
            let parent = path.parent().unwrap_or(folder.root());
            fs::create_dir_all(parent)
                .and_then(|()| private_folder(parent))
                .and_then(|()| write_private(&path, bytes))
                .map_err(failed(&path))?;
        }
        sync_folder(folder.root()).map_err(failed(folder.root()))
    }
}

/// Whether a path of a key file names a file in one of our folders and nothing else.
fn sound(name: &str) -> bool {
    name.split_once('/').is_some_and(|(folder, file)| {
        FOLDERS.contains(&folder) && !file.is_empty() && !file.contains(['/', '\\']) && !file.starts_with('.')
    })
}

/// What lies in a folder, as if that were `called` in a data folder.
fn folder_files(folder: &Path, called: &str) -> Result<BTreeMap<String, Vec<u8>>, BackupError> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let name = format!("{called}/{}", entry.file_name().display());
        if entry.path().is_file() && sound(&name) && !name.ends_with(".partial") {
            let bytes = fs::read(entry.path()).map_err(failed(&entry.path()))?;
            files.insert(name, bytes);
        }
    }
    Ok(files)
}

#[cfg(unix)]
fn fresh_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
}

#[cfg(not(unix))]
fn fresh_file(path: &Path) -> io::Result<fs::File> {
    fs::File::create_new(path)
}
