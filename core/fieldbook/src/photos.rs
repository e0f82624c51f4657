//! Photos by tus 1.0: a place is asked for once, pieces go in order, and after a loss the platform is asked what it kept.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_model::Sha256;
use grid_model::terms::RefusalCode;
use grid_store::{AttachmentRow, AttachmentState};
use grid_sync::{Input, LinkError, Method, Outcome, Request, Response};
use grid_wire::exchange::refusal_from;

use crate::pump::Pump;
use crate::{FieldError, Problem};

/// After this many new beginnings the photo is marked as failed instead of being tried for ever.
const RESTARTS_MAX: u32 = 3;

impl Pump<'_> {
    /// Asks for a place for the photo's bytes. Asking twice gives the same place.
    pub(crate) fn begin_photo(&mut self, sha256: Sha256) -> Result<Input, FieldError> {
        let row = self.photo(sha256)?;
        let encoded = |text: &str| STANDARD.encode(text);
        let metadata = format!(
            "sha256 {},mime {}",
            encoded(&sha256.to_string()),
            encoded(&row.mime)
        );
        let request = Request::new(Method::Post, "/v1/uploads", Vec::new())
            .with("upload-length", row.bytes.to_string())
            .with("upload-metadata", metadata);
        let answer = match self.ask(request) {
            Ok(answer) => answer,
            Err(input) => return Ok(input),
        };
        let Some(path) = answer
            .header("location")
            .and_then(path_of)
            .filter(|_| answer.status == 201)
        else {
            return self.refused(sha256, &answer, 0);
        };
        let path = path.to_owned();
        self.book
            .store
            .write(|tx| tx.set_upload_path(sha256, Some(&path)).map_err(FieldError::from))?;
        match offset(&answer) {
            Some(offset) => self.photo_at(&row, offset, 0),
            None => Ok(Input::PhotoRestart { sha256, begun: true }),
        }
    }

    /// Asks how many bytes of the photo the platform has.
    pub(crate) fn ask_photo(&mut self, sha256: Sha256) -> Result<Input, FieldError> {
        let row = self.photo(sha256)?;
        let Some(path) = row.upload_path.clone() else {
            return Ok(Input::PhotoRestart { sha256, begun: false });
        };
        match self.ask(Request::new(Method::Head, path, Vec::new())) {
            Err(input) => Ok(input),
            Ok(answer) => match offset(&answer).filter(|_| matches!(answer.status, 200 | 204)) {
                Some(offset) => self.photo_at(&row, offset, 0),
                None => self.refused(sha256, &answer, 0),
            },
        }
    }

    /// Sends a piece of the photo.
    pub(crate) fn send_photo(
        &mut self,
        sha256: Sha256,
        from: u64,
        length: usize,
    ) -> Result<Input, FieldError> {
        let row = self.photo(sha256)?;
        let Some(path) = row.upload_path.clone() else {
            return Ok(Input::PhotoRestart { sha256, begun: false });
        };
        let piece = match self.book.store.read_attachment(&row, from, length) {
            Ok(piece) => piece,
            // The sealed file is gone or altered: the record still stands, the worker is asked to take it again.
            Err(error) => {
                log::warn!("an attachment cannot be read: {error}");
                return self.give_up(sha256, RefusalCode::NotFound);
            }
        };
        let up = piece.len() as u64;
        let request = Request::new(Method::Patch, path, piece)
            .with("content-type", "application/offset+octet-stream")
            .with("upload-offset", from.to_string());
        match self.ask(request) {
            Err(Input::Lost(error, _)) => {
                self.takes_for_done(&row, from + up)?;
                Ok(Input::Lost(error, up))
            }
            Err(input) => Ok(input),
            Ok(answer) => match offset(&answer).filter(|_| matches!(answer.status, 200 | 204)) {
                Some(offset) => self.photo_at(&row, offset, up),
                None => self.refused(sha256, &answer, up),
            },
        }
    }

    fn photo(&self, sha256: Sha256) -> Result<AttachmentRow, FieldError> {
        let row = self
            .book
            .store
            .read(|tx| tx.attachment(sha256).map_err(FieldError::from))?;
        row.ok_or(FieldError::NotFound { what: "attachment" })
    }

    fn ask(&self, request: Request) -> Result<Response, Input> {
        let up = request.body.len() as u64;
        let request = request
            .with("tus-resumable", "1.0.0")
            .with("authorization", format!("Grid {}", self.grant));
        match self.transport.send(&request, self.cancel) {
            Ok(answer) if answer.is_cut => Err(Input::Lost(LinkError::Lost, up)),
            answer => answer.map_err(|error| Input::Lost(error, up)),
        }
    }

    /// The platform has `offset` bytes; all of them means it has verified the hash.
    fn photo_at(&mut self, row: &AttachmentRow, offset: u64, up: u64) -> Result<Input, FieldError> {
        let sha256 = row.sha256;
        if offset > row.bytes {
            return self.restart(sha256);
        }
        if offset == row.bytes {
            self.book.store.write(|tx| {
                tx.set_attachment_state(sha256, AttachmentState::Stored)
                    .map_err(FieldError::from)
            })?;
            self.photos_done += 1;
        }
        Ok(Input::PhotoAt { sha256, offset, up })
    }

    /// An answer that is not what was asked for.
    fn refused(&mut self, sha256: Sha256, answer: &Response, up: u64) -> Result<Input, FieldError> {
        let code = refusal_from(&answer.body).map(|refusal| refusal.code);
        match (answer.status, code) {
            (404 | 410, _) => self.restart(sha256),
            (409, _) => self.ask_again(sha256),
            (422 | 460, _) | (_, Some(RefusalCode::HashMismatch)) => self.restart(sha256),
            (401 | 403, _) => Ok(Input::Stopped(Outcome::Refused(
                code.unwrap_or(RefusalCode::NotGranted),
            ))),
            (413 | 415, Some(_)) => self.give_up(sha256, RefusalCode::TooLarge),
            // Somebody on the way takes no more than so much at once: a smaller piece may get through.
            (413, None) if up > 0 => Ok(Input::Lost(LinkError::Lost, up)),
            (429 | 500..=599, _) if answer.status != 511 => Ok(Input::Refused(RefusalCode::TryLater, None)),
            _ => Ok(Input::Stopped(Outcome::NotOurPlatform)),
        }
    }

    /// The platform stands elsewhere: ask where. One that keeps saying so is not asked for ever.
    fn ask_again(&mut self, sha256: Sha256) -> Result<Input, FieldError> {
        let restarts = self.restarts.entry(sha256).or_default();
        *restarts += 1;
        if *restarts > RESTARTS_MAX {
            return self.give_up(sha256, RefusalCode::WrongOffset);
        }
        Ok(Input::PhotoRestart { sha256, begun: true })
    }

    /// Forgets the place and begins again; a photo that never gets through is marked, and holds up nothing.
    fn restart(&mut self, sha256: Sha256) -> Result<Input, FieldError> {
        let restarts = self.restarts.entry(sha256).or_default();
        *restarts += 1;
        if *restarts > RESTARTS_MAX {
            return self.give_up(sha256, RefusalCode::HashMismatch);
        }
        self.book
            .store
            .write(|tx| tx.set_upload_path(sha256, None).map_err(FieldError::from))?;
        Ok(Input::PhotoRestart { sha256, begun: false })
    }

    fn give_up(&self, sha256: Sha256, reason: RefusalCode) -> Result<Input, FieldError> {
        let failed = AttachmentState::Failed(reason);
        self.book
            .store
            .write(|tx| tx.set_attachment_state(sha256, failed).map_err(FieldError::from))?;
        Ok(Input::PhotoFailed(sha256))
    }
}

fn offset(answer: &Response) -> Option<u64> {
    answer.header("upload-offset")?.parse().ok()
}

/// The path of a `Location`, which may be a whole address of the platform.
fn path_of(location: &str) -> Option<&str> {
    let path = match location.split_once("://") {
        Some((_, rest)) => &rest[rest.find('/')?..],
        None => location,
    };
    path.starts_with("/v1/uploads/").then_some(path)
}

impl crate::FieldBook {
    /// Takes up a photo that was marked as failed, as the worker asked.
    pub fn retry_photo(&self, sha256: Sha256) -> Result<(), FieldError> {
        self.store.write(|tx| {
            let row = tx
                .attachment(sha256)?
                .ok_or(FieldError::NotFound { what: "attachment" })?;
            if !matches!(row.state, AttachmentState::Failed(_)) {
                return Err(FieldError::invalid("attachment", Problem::WrongState));
            }
            tx.set_upload_path(sha256, None)?;
            tx.set_attachment_state(sha256, AttachmentState::Kept)?;
            Ok(())
        })
    }
}
