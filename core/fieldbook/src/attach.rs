//! Keeping attachments: hashed as they were taken, sealed under a key of their own, durable before they are named.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::PoisonError;

use grid_model::limits;
use grid_store::{AttachmentRow, AttachmentState, read_within};
use grid_vault::{FileKey, seal, sha256};
use grid_wire::Attachment;

use crate::drafts::named;
use crate::{AttachmentDraft, AttachmentRef, FieldBook, FieldError, Problem};

impl FieldBook {
    /// Keeps an attachment that lies in a file, such as the camera's. Its size is looked at before a byte is read; one that
    /// vanished meanwhile is `NotFound`. Durable before return; the file is the caller's to remove.
    pub fn attach_file(&self, file: &Path, draft: AttachmentDraft) -> Result<AttachmentRef, FieldError> {
        let disk = self.store.disk();
        let bytes = disk
            .size(file)?
            .ok_or(FieldError::NotFound { what: "attachment" })?;
        fits(bytes)?;
        self.store.photo_fits(bytes)?;
        let content = match read_within(disk, file, limits::ATTACHMENT_BYTES_MAX) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(FieldError::NotFound { what: "attachment" });
            }
            // It grew since it was looked at.
            Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(too_large()),
            other => other?,
        };
        self.attach(AttachmentDraft { content, ..draft })
    }

    /// Keeps an attachment. Durable before return; then name it in a draft. The same bytes twice are kept once.
    pub fn attach(&self, draft: AttachmentDraft) -> Result<AttachmentRef, FieldError> {
        named("mime", &draft.mime)?;
        let bytes = draft.content.len() as u64;
        fits(bytes)?;
        let sha256 = sha256(&draft.content);
        // One at a time: two that keep the same bytes at once would seal them under two keys, and one file.
        let one_at_a_time = self.attaching.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self
            .store
            .read(|tx| tx.attachment(sha256).map_err(FieldError::from))?;
        match known {
            None => {
                self.store.photo_fits(bytes)?;
                let row = AttachmentRow {
                    sha256,
                    mime: draft.mime.clone(),
                    bytes,
                    file_key: FileKey::from_bytes(self.host.random()?),
                    urgent: false,
                    state: AttachmentState::Kept,
                    upload_path: None,
                };
                self.store
                    .keep_sealed(sha256, &seal(&row.file_key, &draft.content)?)?;
                self.store
                    .write(|tx| tx.insert_attachment(&row).map_err(FieldError::from))?;
            }
            Some(row) => self.keep_again(&row, &draft.content)?,
        }
        drop(one_at_a_time);
        let taken_at_ms = self.host.clock.now().wall_ms;
        let (role, mime, point) = (draft.role, draft.mime, draft.point);
        Ok(AttachmentRef(Attachment {
            sha256,
            role,
            mime,
            bytes,
            taken_at_ms,
            point,
        }))
    }

    /// An attachment that is known, whose file may have been removed or damaged, or that the platform would not take.
    fn keep_again(&self, row: &AttachmentRow, content: &[u8]) -> Result<(), FieldError> {
        let failed = matches!(row.state, AttachmentState::Failed(_));
        if !failed && self.is_whole(row) {
            return Ok(());
        }
        self.store.photo_fits(row.bytes)?;
        // The same key and the same bytes give the same sealed file.
        self.store
            .keep_sealed(row.sha256, &seal(&row.file_key, content)?)?;
        if failed {
            self.store.write(|tx| {
                tx.set_upload_path(row.sha256, None)?;
                Ok::<_, FieldError>(tx.set_attachment_state(row.sha256, AttachmentState::Kept)?)
            })?;
        }
        Ok(())
    }
}

fn fits(bytes: u64) -> Result<(), FieldError> {
    if bytes == 0 {
        return Err(FieldError::invalid("content", Problem::Empty));
    }
    if bytes > limits::ATTACHMENT_BYTES_MAX {
        return Err(too_large());
    }
    Ok(())
}

fn too_large() -> FieldError {
    let max = limits::ATTACHMENT_BYTES_MAX;
    FieldError::invalid("content", Problem::TooMany { max })
}
