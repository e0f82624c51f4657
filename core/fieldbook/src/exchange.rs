//! One exchange: sealing what goes, reading what comes, and going on with one that was cut.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use grid_model::id::{Epoch, Seq};
use grid_model::limits::{self, FRAME_BYTES};
use grid_store::{FeedState, Purpose, SealedBatch, Writing};
use grid_sync::{Input, LinkError, Method, Outcome, Request, Response};
use grid_vault::{Domain, cover_digest, frame_digests, sha256, sign_message};
use grid_wire::{
    BatchHeader, ContinueRequest, Continued, Entry, ExchangeRequest, ExchangeResponse, Part, Receipt,
    Refusal, RefusalCode, WireError, decode, encode, form,
};

use crate::pump::{Pump, unreadable};
use crate::settle::{Taken, settles};
use crate::{FieldBook, FieldError, Moment};

/// An exchange whose answer was cut. Kept in memory alone: after a restart the answer is made again.
#[derive(Debug)]
pub(crate) struct CutAnswer {
    sealed: SealedBatch,
    /// The bytes that came.
    bytes: Vec<u8>,
}

/// A request on its way: what was sealed, bytes of the request, when the exchange began, if that is known.
struct Sent<'s> {
    sealed: &'s SealedBatch,
    up: u64,
    began: Option<Moment>,
}

impl FieldBook {
    /// Bytes of a cut answer that are here.
    pub(crate) fn held_bytes(&self) -> u64 {
        let held = self.cut_answer.lock().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().map_or(0, |held| held.bytes.len() as u64)
    }

    /// Feed position up to which this phone had everything when a round last ended, as far as this process knows.
    fn whole_to(&self, feed: &FeedState, is_doubtful: bool) -> u64 {
        let known = self.whole_to.load(Ordering::Relaxed);
        let known = match (is_doubtful, feed.more) {
            (false, false) => feed.cursor,
            (false, true) if known <= feed.cursor => known,
            _ => 0,
        };
        self.whole_to.store(known, Ordering::Relaxed);
        known
    }

    fn take_held(&self) -> Option<CutAnswer> {
        self.cut_answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Forgets what came of a cut answer.
    pub(crate) fn let_go_of_held(&self) {
        drop(self.take_held());
    }

    fn hold(&self, cut: CutAnswer) {
        *self.cut_answer.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
    }
}

impl Pump<'_> {
    pub(crate) fn exchange(
        &mut self,
        body_bytes_max: usize,
        page_bytes_max: u64,
        room: u64,
    ) -> Result<Input, FieldError> {
        self.book.let_go_of_held();
        let Some(sealed) = self.seal_or_resume(body_bytes_max, page_bytes_max, room)? else {
            return Ok(Input::NoRoom);
        };
        let began = self.book.host.clock.now();
        self.began = Some((sealed.nonce, began));
        let sent = Sent {
            sealed: &sealed,
            up: sealed.request.len() as u64,
            began: Some(began),
        };
        match self.send(sealed.request.clone()) {
            Err(error) => {
                self.recorded_anew(&sealed)?;
                Ok(Input::Lost(error, sent.up))
            }
            Ok(answer) if answer.status == 413 && !is_ours(&answer.body) => {
                Ok(Input::TooMuch { up: sent.up })
            }
            Ok(answer) if answer.is_cut => Ok(self.held(&sent, answer.body, 0)),
            Ok(answer) => {
                let input = self.answered(&sent, &answer.body, answer.body.len() as u64, &answer)?;
                self.believes_without_receipt(&input, &sealed, answer.status)?;
                Ok(input)
            }
        }
    }

    fn send(&self, body: Vec<u8>) -> Result<Response, LinkError> {
        self.transport
            .send(&Request::new(Method::Post, "/v1/sync", body), self.cancel)
    }

    /// A refusal of the whole request.
    fn refused_whole(&self, refusal: &Refusal) -> Input {
        match refusal.code {
            RefusalCode::NewerVersion => return Input::Stopped(Outcome::NewerPlatform),
            RefusalCode::TryLater => {}
            // The form in which it was written may be what is not read.
            _ => self.book.forget_forms(),
        }
        Input::Refused(refusal.code, refusal.retry_after_s)
    }

    /// What came of an answer before it was cut, behind the bytes that were here.
    fn held(&self, sent: &Sent<'_>, bytes: Vec<u8>, before: usize) -> Input {
        if !ExchangeResponse::is_beginning(&bytes) || bytes.len() > limits::BATCH_INFLATED_BYTES_MAX {
            return Input::Lost(LinkError::Lost, sent.up);
        }
        let (down, held) = ((bytes.len() - before) as u64, bytes.len() as u64);
        self.book.hold(CutAnswer {
            sealed: sent.sealed.clone(),
            bytes,
        });
        Input::Cut {
            up: sent.up,
            down,
            held,
        }
    }

    /// Reads a whole answer. `down`: bytes of it that came just now.
    fn answered(
        &mut self,
        sent: &Sent<'_>,
        bytes: &[u8],
        down: u64,
        answer: &Response,
    ) -> Result<Input, FieldError> {
        let after = self.book.host.clock.now();
        let response = match ExchangeResponse::from_bytes(bytes) {
            Ok(Ok(response)) => response,
            Ok(Err(refusal)) => return Ok(self.refused_whole(&refusal)),
            Err(error) => return Ok(Input::Stopped(unreadable(answer, &error))),
        };
        self.keys.take_in(response.key_notices.as_deref());
        let Some(receipt) = self.verified(&response, sent.sealed) else {
            return Ok(Input::Stopped(Outcome::BadReceipt));
        };
        let entries = entries_of(sent.sealed)?;
        let covered: Vec<_> = entries.iter().filter(|e| settles(&receipt, e.seq)).collect();
        let digest = cover_digest(covered.iter().map(|entry| (entry.seq, sha256(&entry.body))));
        if digest != receipt.digest {
            return Ok(Input::Stopped(Outcome::BadReceipt));
        }
        let bodies = entries.iter().map(|entry| entry.body.len() as u64).sum();
        let settled = covered.len();
        let taken = Taken::new(
            (entries, settled),
            (receipt, response),
            &self.keys,
            (sent.began, after),
        );
        let bytes = (sent.up, down, bodies);
        let said = self.book.store.read(|tx| taken.answer(tx, bytes))?;
        self.taken = Some(taken);
        Ok(Input::Answered(Box::new(said)))
    }

    /// Goes on with an exchange that was cut: asks, or sends the rest of the batch from this frame on.
    pub(crate) fn go_on(&mut self, from_frame: Option<u32>, room: u64) -> Result<Input, FieldError> {
        let in_flight = self.book.store.read(|tx| tx.batch().map_err(FieldError::from))?;
        // What is held belongs to the batch in flight, or to an exchange that pushed nothing.
        let held = self.book.take_held().filter(|held| {
            let of = in_flight.as_ref().map(|sealed| sealed.nonce);
            of.is_none_or(|nonce| nonce == held.sealed.nonce)
        });
        let (sealed, held) = match (held, in_flight) {
            (Some(held), _) => (held.sealed, held.bytes),
            (None, Some(sealed)) => (sealed, Vec::new()),
            (None, None) => return Ok(Input::CannotContinue { up: 0, down: 0 }),
        };
        let Some(continued) = continuing(&sealed, &held, from_frame, room)? else {
            self.hold_again(&sealed, held);
            return Ok(Input::NoRoom);
        };
        let began = self.began.filter(|(nonce, _)| *nonce == sealed.nonce);
        let sent = Sent {
            sealed: &sealed,
            up: continued.len() as u64,
            began: began.map(|(_, began)| began),
        };
        match self.send(continued) {
            Err(error) => {
                self.hold_again(&sealed, held);
                Ok(Input::Lost(error, sent.up))
            }
            Ok(answer) => self.continued(&sent, held, &answer),
        }
    }

    fn hold_again(&self, sealed: &SealedBatch, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.book.hold(CutAnswer {
                sealed: sealed.clone(),
                bytes,
            });
        }
    }

    /// Reads what came in answer to going on.
    fn continued(
        &mut self,
        sent: &Sent<'_>,
        mut held: Vec<u8>,
        answer: &Response,
    ) -> Result<Input, FieldError> {
        let (up, down) = (sent.up, answer.body.len() as u64);
        let read = Continued::from_bytes(&answer.body);
        if answer.is_cut {
            let before = held.len();
            return Ok(match read {
                // A tail goes behind what is here; a whole answer takes its place.
                Ok(Continued::Tail(tail)) => {
                    held.extend_from_slice(&tail);
                    self.held(sent, held, before)
                }
                Ok(Continued::Whole(bytes)) => self.held(sent, bytes, 0),
                _ => {
                    self.hold_again(sent.sealed, held);
                    Input::Lost(LinkError::Lost, up)
                }
            });
        }
        match read {
            Ok(Continued::Whole(bytes)) => self.answered(sent, &bytes, down, answer),
            Ok(Continued::Tail(tail)) => {
                held.extend_from_slice(&tail);
                self.answered(sent, &held, down, answer)
            }
            Ok(Continued::Partial { frames }) => Ok(Input::Kept { frames, up, down }),
            // A platform that never heard of it, or a filter that knows our other requests alone.
            Ok(Continued::Refused(refusal)) if is_unheard_of(refusal.code) => {
                Ok(Input::CannotContinue { up, down })
            }
            Err(WireError::NotOurs) if matches!(answer.status, 400 | 404 | 405 | 415 | 422 | 501) => {
                Ok(Input::CannotContinue { up, down })
            }
            other => {
                self.hold_again(sent.sealed, held);
                Ok(match other {
                    Ok(Continued::Refused(refusal)) => self.refused_whole(&refusal),
                    _ if answer.status == 413 => Input::TooMuch { up },
                    Err(error) => Input::Stopped(unreadable(answer, &error)),
                    Ok(_) => Input::Stopped(Outcome::NotOurPlatform),
                })
            }
        }
    }

    /// The batch in flight, or a new one that is kept before it is sent. What takes more than `room` with the page that it
    /// asks for is sealed anew, smaller, at last without a page; `None` when one change alone has more.
    fn seal_or_resume(
        &self,
        body_bytes_max: usize,
        page_bytes_max: u64,
        room: u64,
    ) -> Result<Option<SealedBatch>, FieldError> {
        let nonce = u64::from_be_bytes(self.book.host.random()?);
        // Receipts are what frees a full disk: what asks for them may use the space that is kept for them. A batch that a power
        // cut takes is sealed anew; what the platform has of it then is a duplicate.
        self.book.store.write_buffered_for(Purpose::Settle, |tx| {
            match tx.batch()? {
                // Nothing is pushed: it stays in flight.
                Some(_) if body_bytes_max == 0 => {}
                Some(sealed) if fits(&sealed, page_bytes_max, room)? => return Ok(Some(sealed)),
                // What the platform has of it already is a duplicate.
                Some(_) => tx.drop_batch()?,
                None => {}
            }
            let (mut bytes, mut page) = (body_bytes_max, page_bytes_max);
            loop {
                let (sealed, changes) = self.sealed(tx, bytes, page, nonce)?;
                if changes == 0 || fits(&sealed, page, room)? {
                    if changes > 0 {
                        tx.keep_batch(&sealed)?;
                        self.book.remember_sealed();
                    }
                    return Ok(Some(sealed));
                }
                match (changes, page) {
                    (1, 0) => return Ok(None),
                    (1, _) => page = 0,
                    _ => bytes = (bytes / 2).max(1),
                }
            }
        })
    }

    /// A request of about this many bytes of bodies, and how many changes are in it.
    fn sealed(
        &self,
        tx: &Writing<'_>,
        body_bytes_max: usize,
        page_bytes_max: u64,
        nonce: u64,
    ) -> Result<(SealedBatch, usize), FieldError> {
        let book = self.book;
        let entries_max = if body_bytes_max == 0 {
            0
        } else {
            limits::ENTRIES_PER_BATCH_MAX
        };
        let entries_max = if book.is_poisoned(tx)? { 0 } else { entries_max };
        let unsent = tx.unsent(entries_max, body_bytes_max)?;
        let (epoch, changes) = (unsent.epoch, unsent.entries.len());
        let body = if changes == 0 {
            Vec::new()
        } else {
            form::pack_last(unsent.entries, book.forms(tx)?)
        };
        let head = tx.head(epoch)?;
        let mut header = BatchHeader::new(book.device(), epoch, head, &body, frame_digests(&body), nonce);
        let feed = tx.feed_state()?;
        header.incarnation = feed.incarnation;
        header.cursor = feed.cursor;
        header.cursor_at_ms = feed.cursor_at_ms;
        // While rows are missing or cannot be read, whole ones are what brings them.
        let is_doubtful = tx.has_unread()? || tx.fetched_anew_at()?.is_some();
        let whole_to = book.whole_to(&feed, is_doubtful);
        header.behind = (!is_doubtful).then_some(feed.cursor - whole_to);
        header.beacon = book.beacon(tx)?;
        let more_waits = changes > 0 && header.beacon.unsent > changes as u64;
        header.page_bytes_max = if more_waits {
            page_bytes_max.min(limits::PULL_PAGE_WHILE_QUEUED_BYTES)
        } else {
            page_bytes_max
        };
        self.keys.name_in(&mut header);
        let body = form::inline(&mut header, body, book.forms(tx)?);
        let header = sign_message(&book.key, Domain::Batch, encode(&header));
        let request = ExchangeRequest { header, body }.to_bytes();
        Ok((SealedBatch { request, nonce }, changes))
    }

    /// The receipt, if signature, addressee and nonce hold.
    fn verified(&self, response: &ExchangeResponse, sealed: &SealedBatch) -> Option<Receipt> {
        let bytes = self.keys.open(Domain::Receipt, &response.receipt)?;
        let receipt: Receipt = decode(bytes, "receipt").ok()?;
        let ours = receipt.device == self.book.device() && receipt.nonce == sealed.nonce;
        ours.then(|| self.book.learned(receipt))
    }
}

/// What a signed header takes of a request beside the packed bodies; the budget counts it apart.
const HEADER_BYTES: u64 = 500;

/// Whether a request, and the page that it asks for, keep within the room.
fn fits(sealed: &SealedBatch, page_bytes_max: u64, room: u64) -> Result<bool, FieldError> {
    let bytes = (sealed.request.len() as u64).saturating_sub(HEADER_BYTES);
    if bytes.saturating_add(page_bytes_max) <= room {
        let request = ExchangeRequest::from_bytes(&sealed.request).map_err(unreadable_batch)?;
        let header: BatchHeader = decode(&request.header.bytes, "batch header").map_err(unreadable_batch)?;
        return Ok(header.page_bytes_max <= page_bytes_max);
    }
    Ok(false)
}

fn unreadable_batch(error: WireError) -> FieldError {
    FieldError::Internal {
        detail: error.to_string(),
    }
}

/// Whether this change is in the batch.
pub(crate) fn carries(sealed: &SealedBatch, (epoch, seq): (Epoch, Seq)) -> Result<bool, FieldError> {
    let request = ExchangeRequest::from_bytes(&sealed.request).map_err(unreadable_batch)?;
    let header: BatchHeader = decode(&request.header.bytes, "batch header").map_err(unreadable_batch)?;
    Ok(header.epoch() == epoch && entries_of(sealed)?.iter().any(|entry| entry.seq == seq))
}

fn entries_of(sealed: &SealedBatch) -> Result<Vec<Entry>, FieldError> {
    ExchangeRequest::from_bytes(&sealed.request)
        .and_then(|request| form::entries_of(&request))
        .map_err(unreadable_batch)
}

/// The request with which a cut exchange goes on; `None` when not even a frame of it keeps within the room.
fn continuing(
    sealed: &SealedBatch,
    held: &[u8],
    from_frame: Option<u32>,
    room: u64,
) -> Result<Option<Vec<u8>>, FieldError> {
    let request = ExchangeRequest::from_bytes(&sealed.request).map_err(unreadable_batch)?;
    let header: BatchHeader = decode(&request.header.bytes, "batch header").map_err(unreadable_batch)?;
    // The answer may be made anew, as long as the page that was asked for then.
    let page = header.page_bytes_max.min(limits::PULL_PAGE_BYTES_MAX as u64);
    let Some(for_body) = room.checked_sub(page) else {
        return Ok(None);
    };
    let from = from_frame.map_or(request.body.len(), |frame| frame as usize * FRAME_BYTES);
    let rest = request.body.get(from..).unwrap_or_default();
    let whole_frames = usize::try_from(for_body).unwrap_or(usize::MAX) / FRAME_BYTES * FRAME_BYTES;
    let body = rest.get(..whole_frames).unwrap_or(rest).to_vec();
    if body.is_empty() && !rest.is_empty() {
        return Ok(None);
    }
    let part = Part {
        answer_have: held.len() as u64,
        answer_digest: (!held.is_empty()).then(|| sha256(held)),
        from_frame,
        ..Part::default()
    };
    let header = request.header;
    Ok(Some(ContinueRequest { header, part, body }.to_bytes()))
}

/// What a platform says that does not know how to go on, or no more from where.
const fn is_unheard_of(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::Malformed | RefusalCode::HashMismatch | RefusalCode::WrongOffset | RefusalCode::NotFound
    )
}

fn is_ours(body: &[u8]) -> bool {
    ExchangeResponse::from_bytes(body).is_ok()
}
