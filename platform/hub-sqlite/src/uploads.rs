//! Uploads and the bytes that are here.

use grid_hub::UploadId;
use grid_hub::store::{Stored, StoredBlob, StoredUpload, UploadRead, UploadWrite};
use grid_model::{DeviceId, Sha256};
use rusqlite::params;

use crate::access::{Access, Writes};
use crate::cells::{Cells, int};

macro_rules! upload_columns {
    ($rest:literal) => {
        concat!(
            "SELECT upload_id, device_id, sha256, mime, bytes, spooled, complete, touched_at_ms FROM upload ",
            $rest
        )
    };
}

fn upload(c: &mut Cells<'_>) -> rusqlite::Result<StoredUpload> {
    Ok(StoredUpload {
        id: c.id()?,
        device: c.id()?,
        sha256: c.hash()?,
        mime: c.take()?,
        bytes: c.number()?,
        offset: c.number()?,
        complete: c.take()?,
        touched_at_ms: c.take()?,
    })
}

pub(crate) fn blob(c: &mut Cells<'_>) -> rusqlite::Result<StoredBlob> {
    let (sha256, mime, bytes) = (c.hash()?, c.take()?, c.number()?);
    Ok(StoredBlob {
        sha256,
        mime,
        bytes,
        stored_at_ms: c.take()?,
    })
}

impl<M> UploadRead for Access<'_, M> {
    fn upload(&self, id: UploadId) -> Stored<Option<StoredUpload>> {
        self.one(upload_columns!("WHERE upload_id = ?1"), [id.0], upload)
    }

    fn upload_of(&self, device: DeviceId, sha256: Sha256) -> Stored<Option<StoredUpload>> {
        self.one(
            upload_columns!("WHERE device_id = ?1 AND sha256 = ?2"),
            params![device.0, sha256.0],
            upload,
        )
    }

    fn blob(&self, sha256: Sha256) -> Stored<Option<StoredBlob>> {
        self.one(
            "SELECT sha256, mime, bytes, stored_at_ms FROM blob WHERE sha256 = ?1",
            [sha256.0],
            blob,
        )
    }
}

impl UploadWrite for Access<'_, Writes> {
    fn put_upload(&mut self, upload: &StoredUpload) -> Stored<()> {
        self.run(
            "INSERT INTO upload (upload_id, device_id, sha256, mime, bytes, spooled, complete, touched_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (upload_id) DO UPDATE SET mime = ?4, bytes = ?5, spooled = ?6, complete = ?7, touched_at_ms = ?8",
            params![
                upload.id.0,
                upload.device.0,
                upload.sha256.0,
                upload.mime,
                int(upload.bytes),
                int(upload.offset),
                upload.complete,
                upload.touched_at_ms
            ],
        )?;
        Ok(())
    }

    fn add_blob(&mut self, blob: &StoredBlob) -> Stored<()> {
        self.run(
            "INSERT INTO blob (sha256, mime, bytes, stored_at_ms) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![blob.sha256.0, blob.mime, int(blob.bytes), blob.stored_at_ms],
        )?;
        Ok(())
    }
}
