//! Uploads and the bytes that are here.

use grid_model::{DeviceId, Sha256};

use super::Stored;
use crate::UploadId;

/// One device's upload of one attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUpload {
    /// Which upload.
    pub id: UploadId,
    /// Whose.
    pub device: DeviceId,
    /// Name of the attachment.
    pub sha256: Sha256,
    /// Media type.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
    /// Bytes that are durable in its spool.
    pub offset: u64,
    /// Everything is here and has the right hash.
    pub complete: bool,
    /// Last change, UTC ms.
    pub touched_at_ms: i64,
}

/// An attachment whose bytes are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlob {
    /// Its name.
    pub sha256: Sha256,
    /// Media type.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
    /// Since when, UTC ms.
    pub stored_at_ms: i64,
}

/// Reads uploads.
pub trait UploadRead {
    /// One upload.
    fn upload(&self, id: UploadId) -> Stored<Option<StoredUpload>>;
    /// This device's upload of this attachment.
    fn upload_of(&self, device: DeviceId, sha256: Sha256) -> Stored<Option<StoredUpload>>;
    /// An attachment whose bytes are here.
    fn blob(&self, sha256: Sha256) -> Stored<Option<StoredBlob>>;
}

/// Writes uploads.
pub trait UploadWrite {
    /// Adds an upload or sets how far it got.
    fn put_upload(&mut self, upload: &StoredUpload) -> Stored<()>;
    /// Notes that the bytes of an attachment are here, once.
    fn add_blob(&mut self, blob: &StoredBlob) -> Stored<()>;
}
