//! Attachments: sealed files beside the database, one row each. A photo is never deleted here.

use grid_model::terms::RefusalCode;
use grid_model::{ChangeKind, Coded as _, Sha256};
use grid_vault::{FileKey, SealedLayout, open_chunk};
use grid_wire::lifeboat::FileKeyRow;
use grid_wire::{Body, Entry};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::disk::{Open, fill_from, write_durably};
use crate::options::Flaw;
use crate::sql::{code, count, counted, hash};
use crate::txn::Unguarded;
use crate::{Reading, Store, StoreError, Writing};

/// Where an attachment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentState {
    /// On this phone only.
    Kept,
    /// The platform has every byte, under the same hash.
    Stored,
    /// The platform will not take it; the record it belongs to is not held up.
    Failed(RefusalCode),
}

/// An attachment of this vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRow {
    /// SHA-256 of the original.
    pub sha256: Sha256,
    /// Media type.
    pub mime: String,
    /// Size of the original, bytes.
    pub bytes: u64,
    /// Key of its sealed file.
    pub file_key: FileKey,
    /// Goes before the others.
    pub urgent: bool,
    /// Where it stands.
    pub state: AttachmentState,
    /// Where the platform takes its bytes, once begun.
    pub upload_path: Option<String>,
}

const COLUMNS: &str = "sha256, mime, bytes, file_key, urgent, state, failed_reason, upload_path";

fn attachment_of(row: &Row<'_>) -> rusqlite::Result<Result<AttachmentRow, StoreError>> {
    let (sha256, key): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(3)?);
    let (state, reason): (String, Option<i64>) = (row.get(5)?, row.get(6)?);
    let state = match (state.as_str(), reason) {
        ("stored", _) => AttachmentState::Stored,
        ("failed", Some(reason)) => AttachmentState::Failed(RefusalCode::from_code(code(reason))),
        _ => AttachmentState::Kept,
    };
    let (mime, bytes, urgent, upload_path) = (row.get(1)?, counted(row.get(2)?), row.get(4)?, row.get(7)?);
    Ok(hash(&sha256, "attachment").and_then(|sha256| {
        let key: [u8; 32] = key.try_into().map_err(|_| StoreError::Unreadable("attachment"))?;
        let file_key = FileKey::from_bytes(key);
        Ok(AttachmentRow {
            sha256,
            mime,
            bytes,
            file_key,
            urgent,
            state,
            upload_path,
        })
    }))
}

impl Reading<'_> {
    /// Attachments the platform does not have yet: urgent ones first, then in the order they were taken.
    pub fn attachments_unsent(&self, limit: u32) -> Result<Vec<AttachmentRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM attachment WHERE state = 'kept' ORDER BY urgent DESC, id LIMIT ?1"
        );
        self.sql()
            .prepare_cached(&sql)?
            .query_map([limit], attachment_of)?
            .map(|row| row?)
            .collect()
    }

    /// Attachments whose bytes are here only, those that the platform would not take included.
    pub fn attachments_only_here(&self) -> Result<Vec<AttachmentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachment WHERE state <> 'stored' ORDER BY id");
        self.sql()
            .prepare_cached(&sql)?
            .query_map([], attachment_of)?
            .map(|row| row?)
            .collect()
    }

    /// One attachment.
    pub fn attachment(&self, sha256: Sha256) -> Result<Option<AttachmentRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM attachment WHERE sha256 = ?1");
        self.sql()
            .prepare_cached(&sql)?
            .query_row([sha256.bytes()], attachment_of)
            .optional()?
            .transpose()
    }

    /// The keys of these attachments, as far as they are here.
    pub(crate) fn file_keys(&self, named: &[Sha256]) -> Result<Vec<FileKeyRow>, StoreError> {
        let rows = named.iter().map(|sha256| self.attachment(*sha256));
        Ok(rows
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .flatten()
            .map(|row| row.key_row())
            .collect())
    }

    /// How many attachments are kept, stored and failed.
    pub fn attachment_counts(&self) -> Result<(u64, u64, u64), StoreError> {
        let sql = "SELECT coalesce(sum(state = 'kept'), 0), coalesce(sum(state = 'stored'), 0),
                   coalesce(sum(state = 'failed'), 0) FROM attachment";
        let count = |row: &Row<'_>, column| row.get::<_, i64>(column).map(counted);
        Ok(self.sql().query_row(sql, [], |row| {
            Ok((count(row, 0)?, count(row, 1)?, count(row, 2)?))
        })?)
    }
}

impl Writing<'_> {
    /// A new attachment, whose sealed file is already durable. The same bytes twice are one attachment.
    pub fn insert_attachment(&self, a: &AttachmentRow) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT INTO attachment (sha256, mime, bytes, file_key, urgent, state, failed_reason, upload_path)
             VALUES (?1, ?2, ?3, ?4, ?5, 'kept', NULL, NULL) ON CONFLICT (sha256) DO NOTHING",
            params![a.sha256.bytes(), a.mime, count(a.bytes), a.file_key.expose(), a.urgent],
        )?;
        self.leave_unguarded(Unguarded::File(a.key_row()));
        Ok(())
    }

    /// Takes in an attachment as a damaged database had it.
    pub fn restore_attachment(&self, a: &AttachmentRow) -> Result<(), StoreError> {
        self.insert_attachment(a)?;
        self.set_attachment_state(a.sha256, a.state)?;
        if a.urgent {
            self.set_attachment_urgent(a.sha256)?;
        }
        Ok(())
    }

    /// Takes in the key of an attachment that a lifeboat had; one that is here stays as it is.
    pub fn adopt_file(&self, file: &FileKeyRow) -> Result<(), StoreError> {
        let Ok(key) = <[u8; 32]>::try_from(file.file_key.as_slice()) else {
            return Ok(());
        };
        self.insert_attachment(&AttachmentRow {
            sha256: file.sha256,
            mime: file.mime.clone(),
            bytes: file.bytes,
            file_key: FileKey::from_bytes(key),
            urgent: false,
            state: AttachmentState::Kept,
            upload_path: None,
        })
    }

    /// Remembers where the platform takes the bytes; `None` when that place is gone.
    pub fn set_upload_path(&self, sha256: Sha256, path: Option<&str>) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE attachment SET upload_path = ?2 WHERE sha256 = ?1",
            params![sha256.bytes(), path],
        )?;
        Ok(())
    }

    /// Marks a rescue's photo, so that it goes first.
    pub fn set_attachment_urgent(&self, sha256: Sha256) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE attachment SET urgent = 1 WHERE sha256 = ?1",
            [sha256.bytes()],
        )?;
        Ok(())
    }

    /// Moves an attachment.
    pub fn set_attachment_state(&self, sha256: Sha256, state: AttachmentState) -> Result<(), StoreError> {
        let (text, reason) = match state {
            AttachmentState::Kept => ("kept", None),
            AttachmentState::Stored => ("stored", None),
            AttachmentState::Failed(reason) => ("failed", Some(i64::from(reason.code()))),
        };
        self.sql().execute(
            "UPDATE attachment SET state = ?2, failed_reason = ?3 WHERE sha256 = ?1",
            params![sha256.bytes(), text, reason],
        )?;
        Ok(())
    }
}

/// The attachments that a change names; none when its body cannot be read here.
pub(crate) fn named_files(entry: &Entry) -> Vec<Sha256> {
    let may_name = matches!(
        entry.kind,
        ChangeKind::ReportSubmitted | ChangeKind::Observed | ChangeKind::CaseReported
    );
    match Body::from_bytes(entry.kind, &entry.body) {
        Ok(body) if may_name => body.fact.attachments().iter().map(|file| file.sha256).collect(),
        _ => Vec::new(),
    }
}

impl AttachmentRow {
    /// What the lifeboat keeps of it.
    pub(crate) fn key_row(&self) -> FileKeyRow {
        FileKeyRow {
            sha256: self.sha256,
            mime: self.mime.clone(),
            bytes: self.bytes,
            file_key: self.file_key.expose().to_vec(),
        }
    }
}

impl Store {
    /// Whether a photo of this size may be taken in now: photos stop long before text does.
    pub fn photo_fits(&self, bytes: u64) -> Result<(), StoreError> {
        // Space that came free in the meantime is kept back first.
        self.space.fill()?;
        self.space.photo_fits(bytes)
    }

    /// Writes a sealed attachment and makes it durable, name included, before its row exists.
    pub fn keep_sealed(&self, sha256: Sha256, sealed: &[u8]) -> Result<(), StoreError> {
        let folder = self.folder().join("attachments");
        let place = folder.join(format!("{sha256}.sealed"));
        if self.options.flaw == Some(Flaw::PhotoRowFirst) {
            return Ok(self.disk().open(&place, Open::Create)?.write_at(0, sealed)?);
        }
        Ok(write_durably(self.disk(), &place, sealed)?)
    }

    /// Plain bytes `from..from+length` of an attachment, shorter at its end. Chunks that were altered do not open.
    pub fn read_attachment(
        &self,
        a: &AttachmentRow,
        from: u64,
        length: usize,
    ) -> Result<Vec<u8>, StoreError> {
        let layout = SealedLayout::of(a.bytes);
        let chunk_bytes = grid_vault::CHUNK_BYTES as u64;
        let end = a.bytes.min(from.saturating_add(length as u64));
        let place = self
            .folder()
            .join("attachments")
            .join(format!("{}.sealed", a.sha256));
        let mut file = self.disk().open(&place, Open::Read)?;
        let mut plain = Vec::new();
        let mut index = from / chunk_bytes;
        while index * chunk_bytes < end {
            let (offset, sealed_bytes, last) = layout
                .chunk(index)
                .ok_or(StoreError::Unreadable("attachment file"))?;
            let mut sealed = vec![0; sealed_bytes];
            let read = fill_from(&mut *file, offset, &mut sealed)?;
            let chunk = open_chunk(&a.file_key, index, last, &sealed[..read])
                .map_err(|_| StoreError::Unreadable("attachment file"))?;
            let skip = from.saturating_sub(index * chunk_bytes) as usize;
            plain.extend(chunk.get(skip..).unwrap_or_default());
            index += 1;
        }
        plain.truncate(end.saturating_sub(from) as usize);
        Ok(plain)
    }
}
