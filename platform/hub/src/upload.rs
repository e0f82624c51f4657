//! Uploads of attachments. The bytes are the server's; the hub keeps who uploads what and how far it got.

use std::fmt;
use std::str::FromStr;

use grid_model::limits::ATTACHMENT_BYTES_MAX;
use grid_model::{DeviceId, Sha256};
use grid_vault::Grant;
use grid_wire::{Refusal, RefusalCode};

use crate::entropy::new_id;
use crate::store::{
    DeviceRead as _, HubRead, Stored, StoredBlob, StoredUpload, UploadRead as _, UploadWrite as _,
};
use crate::text::cut;
use crate::{Hub, HubError, HubStore};

const MIME_CHARS_MAX: usize = 100;

/// One device's upload of one attachment: names its spool file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadId(pub [u8; 16]);

impl From<[u8; 16]> for UploadId {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}
impl fmt::Display for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for UploadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UploadId({self})")
    }
}
impl FromStr for UploadId {
    type Err = grid_model::id::IdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = grid_model::id::IdError {
            expected: "32 hexadecimal digits",
        };
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        u128::from_str_radix(text, 16)
            .map(|n| Self(n.to_be_bytes()))
            .map_err(|_| wrong)
    }
}

/// What a device wants to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadAsk {
    /// Name of the attachment.
    pub sha256: Sha256,
    /// Media type.
    pub mime: String,
    /// Size, bytes.
    pub bytes: u64,
}

/// How far an upload got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadState {
    /// Which upload.
    pub id: UploadId,
    /// Name of the attachment.
    pub sha256: Sha256,
    /// Size, bytes.
    pub bytes: u64,
    /// Bytes that are durable here; the device goes on from there.
    pub offset: u64,
    /// Everything is here and has the right hash.
    pub complete: bool,
}

impl<S: HubStore> Hub<S> {
    /// The device that an upload grant speaks for, if it holds, is not over and the device is not revoked.
    pub fn granted(&self, now_ms: i64, grant: &str) -> Result<Result<DeviceId, Refusal>, HubError> {
        let refused = |detail| Ok(Err(Refusal::new(RefusalCode::NotGranted, detail)));
        let Ok(grant) = Grant::verify(&self.keys().grant, grant) else {
            return refused("no grant of this platform");
        };
        if now_ms >= grant.until_ms {
            return refused("the grant is over");
        }
        Ok(match self.store.read(|tx| tx.device(grant.device))? {
            None => Err(Refusal::new(RefusalCode::UnknownDevice, "no such device")),
            Some(device) if device.revoked_at_ms.is_some() => {
                Err(Refusal::new(RefusalCode::Revoked, "revoked"))
            }
            Some(device) => Ok(device.id),
        })
    }

    /// Whether this is a grant of this platform that is not over; the device may be revoked.
    pub fn is_grant(&self, now_ms: i64, grant: &str) -> bool {
        Grant::verify(&self.keys().grant, grant).is_ok_and(|grant| now_ms < grant.until_ms)
    }

    /// Begins an upload, or finds the one this device began. Complete only for a device that uploaded these bytes
    /// itself: knowing a hash is not possessing the file.
    pub fn upload_begin(
        &self,
        now_ms: i64,
        device: DeviceId,
        ask: &UploadAsk,
    ) -> Result<Result<UploadState, Refusal>, HubError> {
        if ask.bytes > ATTACHMENT_BYTES_MAX {
            return Ok(Err(Refusal::new(
                RefusalCode::TooLarge,
                "larger than an attachment may be",
            )));
        }
        let mime = cut(&ask.mime, MIME_CHARS_MAX);
        self.store.write(|tx| {
            let upload = match tx.upload_of(device, ask.sha256)? {
                Some(known) if known.complete || known.bytes == ask.bytes => return Ok(Ok(state(&known))),
                // A hash has one length: what was begun under another one cannot end well.
                Some(known) => StoredUpload {
                    bytes: ask.bytes,
                    offset: 0,
                    mime,
                    touched_at_ms: now_ms,
                    ..known
                },
                None => StoredUpload {
                    id: new_id(self.entropy.as_ref(), now_ms)?,
                    device,
                    sha256: ask.sha256,
                    mime,
                    bytes: ask.bytes,
                    offset: 0,
                    complete: false,
                    touched_at_ms: now_ms,
                },
            };
            tx.put_upload(&upload)?;
            Ok(Ok(state(&upload)))
        })
    }

    /// How far this device's upload got; `not_found` for anybody else's.
    pub fn upload_state(
        &self,
        device: DeviceId,
        id: UploadId,
    ) -> Result<Result<UploadState, Refusal>, HubError> {
        self.store
            .read(|tx| Ok(own(tx, device, id)?.map(|upload| state(&upload))))
    }

    /// Notes that the bytes `from..to` are durable in the spool. `wrong_offset` when `from` is not where it stands.
    pub fn upload_advance(
        &self,
        now_ms: i64,
        device: DeviceId,
        id: UploadId,
        (from, to): (u64, u64),
    ) -> Result<Result<UploadState, Refusal>, HubError> {
        self.store.write(|tx| {
            let mut upload = match own(tx, device, id)? {
                Ok(upload) => upload,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if upload.complete || from != upload.offset || to < from || to > upload.bytes {
                return Ok(Err(Refusal::new(
                    RefusalCode::WrongOffset,
                    format!("it stands at {}", upload.offset),
                )));
            }
            upload.offset = to;
            upload.touched_at_ms = now_ms;
            tx.put_upload(&upload)?;
            Ok(Ok(state(&upload)))
        })
    }

    /// Ends an upload. With `matches` all bytes are here and so is the blob; without, the bytes are wrong or gone, wherever
    /// it stood: it begins again at 0 and the answer is `hash_mismatch`. Call it after the blob is durable under its name.
    pub fn upload_finish(
        &self,
        now_ms: i64,
        device: DeviceId,
        id: UploadId,
        matches: bool,
    ) -> Result<Result<UploadState, Refusal>, HubError> {
        self.store.write(|tx| {
            let mut upload = match own(tx, device, id)? {
                Ok(upload) => upload,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if upload.complete {
                return Ok(Ok(state(&upload)));
            }
            if matches && upload.offset != upload.bytes {
                return Ok(Err(Refusal::new(
                    RefusalCode::WrongOffset,
                    "not everything is here",
                )));
            }
            upload.touched_at_ms = now_ms;
            upload.complete = matches;
            if !matches {
                upload.offset = 0;
                tx.put_upload(&upload)?;
                return Ok(Err(Refusal::new(
                    RefusalCode::HashMismatch,
                    "the bytes are not the ones announced",
                )));
            }
            tx.put_upload(&upload)?;
            let (sha256, mime, bytes) = (upload.sha256, upload.mime.clone(), upload.bytes);
            tx.add_blob(&StoredBlob {
                sha256,
                mime,
                bytes,
                stored_at_ms: now_ms,
            })?;
            Ok(Ok(state(&upload)))
        })
    }

    /// Whether the bytes of an attachment are here.
    pub fn blob_known(&self, sha256: Sha256) -> Result<bool, HubError> {
        self.store.read(|tx| Ok(tx.blob(sha256)?.is_some()))
    }
}

fn own<T: HubRead>(tx: &T, device: DeviceId, id: UploadId) -> Stored<Result<StoredUpload, Refusal>> {
    let found = tx.upload(id)?.filter(|upload| upload.device == device);
    Ok(found.ok_or_else(|| Refusal::new(RefusalCode::NotFound, "no such upload of this device")))
}

fn state(upload: &StoredUpload) -> UploadState {
    let StoredUpload {
        id,
        sha256,
        bytes,
        offset,
        complete,
        ..
    } = *upload;
    UploadState {
        id,
        sha256,
        bytes,
        offset,
        complete,
    }
}
