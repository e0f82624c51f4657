//! Photos, voice notes and papers.

use std::sync::Arc;

use grid_fieldbook::AttachmentRef;

use crate::position::point;
use crate::terms::{id, term};
use crate::{FieldBook, FieldError, Position};

/// A photo, voice note or paper to keep.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct AttachmentDraft {
    /// What it shows: `before`, `during`, `after`, `agreement`, `notice`, `voice`, `other`.
    pub role: String,
    /// Media type, such as `image/jpeg`.
    pub mime: String,
    /// Where it was taken, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
    /// The original bytes, at most 20 MiB.
    pub content: Vec<u8>,
}

/// An attachment that is kept and can be named in a draft. After a restart keep the same bytes again: they are stored once.
#[derive(Clone, Debug, uniffi::Object)]
pub struct KeptAttachment(AttachmentRef);

#[uniffi::export]
impl KeptAttachment {
    /// SHA-256 of the original, 64 hexadecimal digits.
    pub fn sha256(&self) -> String {
        self.0.sha256().to_string()
    }
}

#[uniffi::export]
impl FieldBook {
    /// Keeps an attachment. Durable before return; then name it in a draft.
    pub fn attach(&self, draft: AttachmentDraft) -> Result<Arc<KeptAttachment>, FieldError> {
        let draft = grid_fieldbook::AttachmentDraft {
            role: term("role", &draft.role)?,
            mime: draft.mime,
            point: point(draft.position)?,
            content: draft.content,
        };
        self.call(|book| Ok(Arc::new(KeptAttachment(book.attach(draft)?))))
    }

    /// Takes up a photo that the platform would not take once more, as the worker asked.
    pub fn retry_photo(&self, sha256: String) -> Result<(), FieldError> {
        let sha256 = id("sha256", &sha256)?;
        self.call(|book| Ok(book.retry_photo(sha256)?))
    }
}

/// The references in a draft.
pub(crate) fn kept(attachments: &[Arc<KeptAttachment>]) -> Vec<AttachmentRef> {
    attachments
        .iter()
        .map(|attachment| attachment.0.clone())
        .collect()
}
