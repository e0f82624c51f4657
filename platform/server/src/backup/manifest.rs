//! What a backup says it holds: written last, so that its presence says that everything else is there.

use std::fs;
use std::io;

use grid_hub::store::{BackupRead as _, StoredBlob};
use grid_hub::{BackupTag, Hasher, HubError, HubStore as _, sha256};
use grid_hub_sqlite::SqliteStore;
use grid_model::{Incarnation, Sha256};
use serde::{Deserialize, Serialize};

use super::error::{BackupError, BackupFlaw};
use super::files::{self, Place};
use crate::start::StartError;

/// The newest format this program writes and reads.
pub(super) const FORMAT: u32 = 1;
/// Attachments read at a time.
const STRETCH: u32 = 1_000;

/// Size and hash of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileMark {
    pub(super) bytes: u64,
    #[serde(with = "as_text")]
    pub(super) sha256: Sha256,
}

/// How many attachments the database names, their size, and a digest over `<name> <size>` lines in the order of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BlobMark {
    pub(super) count: u64,
    pub(super) bytes: u64,
    #[serde(with = "as_text")]
    pub(super) sha256: Sha256,
}

/// The manifest itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) format: u32,
    /// 32 hexadecimal digits.
    #[serde(with = "as_hex")]
    pub(super) id: [u8; 16],
    /// RFC 3339, for people.
    pub(super) made_at: String,
    pub(super) made_at_ms: i64,
    #[serde(with = "as_text")]
    pub(super) incarnation: Incarnation,
    pub(super) schema: u32,
    pub(super) changes: u64,
    pub(super) database: FileMark,
    pub(super) blobs: BlobMark,
    /// The operator's own calendar, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) calendar: Option<FileMark>,
}

impl Manifest {
    /// The manifest of this backup, and its tag.
    pub(super) fn read(place: &Place) -> Result<(Self, BackupTag), BackupError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let flaw = |flaw| BackupError::flaw(place, flaw);
        let path = place.manifest();
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(flaw(BackupFlaw::NoManifest));
            }
            Err(source) => return Err(StartError::folder(&path, source).into()),
        };
        let format: Format =
            serde_json::from_slice(&bytes).map_err(|_| flaw(BackupFlaw::UnreadableManifest))?;
        if format.format > FORMAT {
            let found = format.format;
            return Err(flaw(BackupFlaw::NewerFormat {
                found,
                supported: FORMAT,
            }));
        }
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|_| flaw(BackupFlaw::UnreadableManifest))?;
        let tag = BackupTag {
            id: manifest.id,
            made_at_ms: manifest.made_at_ms,
            manifest_sha256: sha256(&bytes),
        };
        Ok((manifest, tag))
    }

    /// Writes it durably: with this the folder becomes a backup.
    pub(super) fn write(&self, place: &Place) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|_| HubError::Bug("a manifest that cannot be written as JSON"))?;
        text.push(b'\n');
        let path = place.manifest();
        crate::folder::write_private(&path, &text).map_err(files::failed(&path))
    }
}

/// Asks `each` about every attachment that a database names, in the order of their names; answers what the manifest says of
/// them.
pub(super) fn each_blob(
    store: &SqliteStore,
    mut each: impl FnMut(&StoredBlob) -> Result<(), BackupError>,
) -> Result<BlobMark, BackupError> {
    let (mut count, mut bytes, mut after) = (0, 0, None);
    let mut hasher = Hasher::default();
    loop {
        let blobs = store.read(|tx| tx.blobs_behind(after, STRETCH))?;
        for blob in &blobs {
            each(blob)?;
            hasher.update(format!("{} {}\n", blob.sha256, blob.bytes).as_bytes());
            count += 1;
            bytes += blob.bytes;
            after = Some(blob.sha256);
        }
        if blobs.len() < STRETCH as usize {
            break;
        }
    }
    Ok(BlobMark {
        count,
        bytes,
        sha256: hasher.finish(),
    })
}

/// Values as their text.
mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    pub(super) fn deserialize<'d, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'d>,
    {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// Sixteen bytes as hexadecimal digits.
mod as_hex {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(id: &[u8; 16], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(id))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<[u8; 16], D::Error> {
        let mut id = [0; 16];
        hex::decode_to_slice(String::deserialize(from)?, &mut id).map_err(de::Error::custom)?;
        Ok(id)
    }
}
