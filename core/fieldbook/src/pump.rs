//! The sync pump: performs the engine's steps, makes each result durable, and only then tells the engine.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use grid_model::id::Seq;
use grid_model::{Sha256, limits};
use grid_store::{Applied, Enrolment, Purpose, SealedBatch, Writing};
use grid_sync::{
    Budget, CancelToken, Engine, Input, LinkError, Method, Outcome, PhotoWork, Request, Step, Summary,
    Transport, Work,
};
use grid_vault::{Domain, VerifyKey, cover_digest, frame_digests, open_signed, sha256, sign_message};
use grid_wire::{
    BatchHeader, Checkpoint, Entry, ExchangeRequest, ExchangeResponse, FeedRow, PullPage, Receipt, Refusal,
    RefusalCode, Signed, Verdict, WireError, batch, decode, encode,
};

use crate::answer::{anchor, unreadable};
use crate::branch::verified_of_own;
use crate::changed::Changed;
use crate::page::{PagePlace, lay_rows};
use crate::{Changes, FieldBook, FieldError, Moment, scope};

/// A lost request larger than this is not repeated as it was, bytes.
const RESEAL_ABOVE_BYTES: u64 = 32 * 1024;
/// Rows of a page that are laid into the database in one transaction: each may touch two or three pages of it, so that
/// no transaction takes more than about 2 MB of the log.
const ROWS_AT_ONCE: usize = 200;
/// Photos looked at at once.
const PHOTOS_READ: u32 = 64;

/// Where a running sync is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Records receipted in this sync.
    pub received: u64,
    /// Records without a receipt.
    pub unsent: u64,
    /// Photos finished in this sync.
    pub photos_done: u64,
    /// Photos still waiting.
    pub photos_waiting: u64,
}

/// What a sync did. Whatever the outcome, nothing saved is lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// How it ended, bytes, turns, and when to try again.
    pub summary: Summary,
    /// Records receipted in this sync.
    pub received: u64,
    /// Records sent back in this sync.
    pub parked: u64,
    /// Rows of the feed taken in.
    pub pulled: u64,
    /// Photos finished.
    pub photos_done: u64,
    /// Records that were received once and are offered again: the platform was restored from a backup.
    pub offered_again: u64,
    /// The platform holds another branch of this phone's log, so that a new one was begun: an older copy was put back.
    pub branched: bool,
    /// Tasks or posts here were not what they should be; all were fetched anew, and now they are.
    pub repaired: bool,
    /// What a worker should look at.
    pub changes: Changes,
}

/// What an answer told of the past.
#[derive(Default)]
struct Met {
    offered_again: u64,
    branched: bool,
    repaired: bool,
}

/// The state of one running sync.
pub(crate) struct Pump<'a> {
    pub(crate) book: &'a FieldBook,
    pub(crate) transport: &'a dyn Transport,
    pub(crate) cancel: &'a CancelToken,
    platform_key: VerifyKey,
    pub(crate) grant: String,
    /// How often a photo had to begin again; twice is a fault, not bad luck.
    pub(crate) restarts: BTreeMap<Sha256, u32>,
    report: SyncReport,
    changed: RefCell<Changed>,
    pub(crate) photos_done: u64,
    progress: Progress,
}

impl FieldBook {
    /// Sends what waits and fetches what is new, within the budget, until idle. Blocking; stops early when cancelled.
    pub fn sync(
        &self,
        transport: &dyn Transport,
        budget: Budget,
        cancel: &CancelToken,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<SyncReport, FieldError> {
        let _one = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let enrolment = self
            .enrolment()?
            .ok_or(FieldError::NotFound { what: "enrolment" })?;
        self.look_after_wake();
        let seed = u64::from_be_bytes(self.host.random()?);
        let (failures, networks) = self.failures_before();
        let mut engine = Engine::new(budget, self.host.clock.now().mono_ms, seed, failures);
        let mut pump = Pump::new(self, transport, cancel, &enrolment)?;
        loop {
            let step = engine.poll();
            if let Step::Idle(summary) = step {
                self.rest_after(&summary, networks);
                self.purge_after_sync();
                self.index_after_sync(cancel);
                return Ok(SyncReport {
                    summary,
                    photos_done: pump.photos_done,
                    changes: pump.changed.into_inner().finish(self),
                    ..pump.report
                });
            }
            let input = if cancel.is_cancelled() {
                Input::Cancelled
            } else {
                pump.perform(&step).inspect_err(|_| self.purge_after_sync())?
            };
            engine.input(self.host.clock.now().mono_ms, input);
            progress(pump.progress);
        }
    }
}

impl FieldBook {
    /// Lets go of what the platform vouches for. The sync is over and stands: trouble here is not its failure.
    fn purge_after_sync(&self) {
        let known = self
            .store
            .read(|tx| Ok::<_, FieldError>((tx.feed_state()?.incarnation, tx.anchor()?)));
        if let Ok((Some(incarnation), Some(anchor))) = known
            && let Err(error) = self.store.purge(incarnation, anchor.server_ms)
        {
            log::warn!("purging: {error}");
        }
    }
}

impl<'a> Pump<'a> {
    fn new(
        book: &'a FieldBook,
        transport: &'a dyn Transport,
        cancel: &'a CancelToken,
        enrolment: &Enrolment,
    ) -> Result<Self, FieldError> {
        Ok(Self {
            book,
            transport,
            cancel,
            platform_key: VerifyKey::from_sec1(&enrolment.platform_key)?,
            grant: String::new(),
            restarts: BTreeMap::new(),
            report: SyncReport::default(),
            changed: RefCell::new(Changed::since_now(book)?),
            photos_done: 0,
            progress: Progress::default(),
        })
    }

    fn perform(&mut self, step: &Step) -> Result<Input, FieldError> {
        match *step {
            Step::ReadWork => self.read_work(),
            Step::Exchange {
                body_bytes_max,
                page_bytes_max,
                room,
            } => self.exchange(body_bytes_max, page_bytes_max, room),
            Step::BeginPhoto(sha256) => self.begin_photo(sha256),
            Step::AskPhoto(sha256) => self.ask_photo(sha256),
            Step::SendPhoto { sha256, from, length } => self.send_photo(sha256, from, length),
            Step::Idle(_) => Ok(Input::Cancelled),
        }
    }

    fn read_work(&mut self) -> Result<Input, FieldError> {
        let (work, waiting) = self.book.store.read(|tx| {
            let photos = tx.attachments_unsent(PHOTOS_READ)?.into_iter();
            let outbox = tx.outbox_count()?;
            let work = Work {
                batch_in_flight: tx.batch()?.is_some(),
                unsent: outbox.saved,
                more_to_pull: tx.feed_state()?.more,
                photos: photos
                    .map(|p| PhotoWork {
                        sha256: p.sha256,
                        bytes: p.bytes,
                        begun: p.upload_path.is_some(),
                        urgent: p.urgent,
                    })
                    .collect(),
            };
            Ok::<_, FieldError>((work, tx.attachment_counts()?.0))
        })?;
        self.progress = Progress {
            received: self.report.received,
            unsent: work.unsent,
            photos_done: self.photos_done,
            photos_waiting: waiting,
        };
        Ok(Input::Work(work))
    }

    fn exchange(
        &mut self,
        body_bytes_max: usize,
        page_bytes_max: u64,
        room: u64,
    ) -> Result<Input, FieldError> {
        let Some(sealed) = self.seal_or_resume(body_bytes_max, page_bytes_max, room)? else {
            return Ok(Input::NoRoom);
        };
        let up = sealed.request.len() as u64;
        let request = Request::new(Method::Post, "/v1/sync", sealed.request.clone())
            .with("content-type", "application/vnd.grid-fieldbook");
        let before = self.book.host.clock.now();
        let answer = match self.transport.send(&request, self.cancel) {
            Ok(answer) => answer,
            Err(error) => return self.lost_batch(error, up),
        };
        let after = self.book.host.clock.now();
        let down = answer.body.len() as u64;
        let response = match ExchangeResponse::from_bytes(&answer.body) {
            Ok(Ok(response)) => response,
            Ok(Err(refusal)) => return self.refused_batch(&refusal),
            // A proxy that takes no more than so much: the same bytes would be refused for ever.
            Err(_) if answer.status == 413 => {
                self.book
                    .store
                    .write_for(Purpose::Settle, |tx| tx.drop_batch().map_err(FieldError::from))?;
                return Ok(Input::Lost(LinkError::Lost, up));
            }
            Err(error) => return Ok(Input::Stopped(unreadable(&answer, &error))),
        };
        let Some(receipt) = self.verified(&response, &sealed) else {
            return Ok(Input::Stopped(Outcome::BadReceipt));
        };
        let entries = entries_of(&sealed)?;
        let bodies = entries.iter().map(|entry| entry.body.len() as u64).sum();
        Ok(match self.apply(&entries, &receipt, response, before, after)? {
            None => Input::Stopped(Outcome::BadReceipt),
            Some(false) => Input::Refused(RefusalCode::TryLater, None),
            Some(true) => Input::Exchanged { up, down, bodies },
        })
    }

    /// A small batch that got lost is sent again byte for byte. A large one is sealed anew, smaller: on a link whose windows
    /// are too short for it, the same bytes would be lost for ever. What the platform has of it already is a duplicate.
    fn lost_batch(&self, error: LinkError, up: u64) -> Result<Input, FieldError> {
        if up > RESEAL_ABOVE_BYTES {
            self.book
                .store
                .write_for(Purpose::Settle, |tx| tx.drop_batch().map_err(FieldError::from))?;
        }
        Ok(Input::Lost(error, up))
    }

    /// A batch that was refused as a whole is sealed anew next time: its changes are still unsent, and the form in which
    /// they were refused must not stand in their way for ever.
    fn refused_batch(&self, refusal: &Refusal) -> Result<Input, FieldError> {
        if refusal.code == RefusalCode::NewerVersion {
            return Ok(Input::Stopped(Outcome::NewerPlatform));
        }
        if refusal.code != RefusalCode::TryLater {
            self.book
                .store
                .write_for(Purpose::Settle, |tx| tx.drop_batch().map_err(FieldError::from))?;
        }
        Ok(Input::Refused(refusal.code, refusal.retry_after_s))
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
        // Receipts are what frees a full disk: what asks for them may use the space that is kept for them.
        self.book.store.write_for(Purpose::Settle, |tx| {
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
        let unsent = tx.unsent(entries_max, body_bytes_max)?;
        let (epoch, entries) = (unsent.epoch, unsent.entries);
        let body = if entries.is_empty() {
            Vec::new()
        } else {
            batch::pack(&entries)
        };
        let head = tx.head(epoch)?;
        let mut header = BatchHeader::new(book.device(), epoch, head, &body, frame_digests(&body), nonce);
        let feed = tx.feed_state()?;
        header.incarnation = feed.incarnation;
        header.cursor = feed.cursor;
        header.cursor_at_ms = feed.cursor_at_ms;
        header.page_bytes_max = page_bytes_max;
        header.beacon = book.beacon(tx)?;
        let header = sign_message(&book.key, Domain::Batch, encode(&header));
        let request = ExchangeRequest { header, body }.to_bytes();
        Ok((SealedBatch { request, nonce }, entries.len()))
    }

    /// The receipt, if signature, addressee and nonce hold.
    fn verified(&self, response: &ExchangeResponse, sealed: &SealedBatch) -> Option<Receipt> {
        let bytes = open_signed(&self.platform_key, Domain::Receipt, &response.receipt).ok()?;
        let receipt: Receipt = decode(bytes, "receipt").ok()?;
        let ours = receipt.device == self.book.device() && receipt.nonce == sealed.nonce;
        ours.then_some(receipt)
    }

    /// Settles the batch, takes in the page and the platform's time: one transaction. Answers whether anything moved;
    /// `None` when the receipt does not cover these very bytes.
    fn apply(
        &mut self,
        entries: &[Entry],
        receipt: &Receipt,
        response: ExchangeResponse,
        before: Moment,
        after: Moment,
    ) -> Result<Option<bool>, FieldError> {
        let covered: Vec<_> = entries.iter().filter(|e| settles(receipt, e.seq)).collect();
        let digest = cover_digest(covered.iter().map(|entry| (entry.seq, sha256(&entry.body))));
        if digest != receipt.digest {
            return Ok(None);
        }
        let progressed = entries.is_empty() || !covered.is_empty();
        // A long page goes in pieces. The cursor moves with the last of them, and a row that is laid in twice is the same.
        let page = &response.page;
        let (leading, last) = page.rows.split_at(page.rows.len().saturating_sub(ROWS_AT_ONCE));
        let mut pulled = Applied::default();
        let place = self.book.store.read(|tx| PagePlace::of(tx, page, receipt))?;
        for piece in leading.chunks(ROWS_AT_ONCE).filter(|_| place.is_next) {
            pulled += self.book.store.write_for(Purpose::Settle, |tx| {
                lay_rows(tx, piece, &mut self.changed.borrow_mut())
            })?;
        }
        let (settled, applied, met) = self.book.store.write_for(Purpose::Settle, |tx| {
            let settled = if entries.is_empty() {
                grid_store::Settled::default()
            } else {
                tx.settle(receipt, &response.receipt, entries)?
            };
            tx.set_anchor(&anchor(receipt, before, after))?;
            let (applied, met) = self.apply_page(tx, place, (page, last), receipt)?;
            Ok::<_, FieldError>((settled, applied, met))
        })?;
        self.report.received += settled.received;
        self.report.parked += settled.parked;
        pulled += applied;
        self.report.pulled += pulled.rows;
        self.report.offered_again += met.offered_again;
        self.report.branched |= met.branched;
        self.report.repaired |= met.repaired;
        self.grant = response.upload_grant;
        if pulled.skipped > 0 {
            log::warn!(
                "{} rows of the feed were not readable by this version",
                pulled.skipped
            );
        }
        Ok(Some(progressed))
    }

    /// Lays the last rows of a page in, moves the cursor behind it, and takes in what the answer tells of the past.
    fn apply_page(
        &self,
        tx: &Writing<'_>,
        place: PagePlace,
        (page, last): (&PullPage, &[FeedRow]),
        receipt: &Receipt,
    ) -> Result<(Applied, Met), FieldError> {
        let checkpoint = page.checkpoint.as_ref();
        let checkpoint = checkpoint.and_then(|signed| self.checkpoint(signed, receipt));
        let mut met = Met::default();
        if !place.same_store {
            // What came after the backup of a restored store is on this phone alone.
            let verified_to = match &checkpoint {
                Some(checkpoint) => verified_of_own(tx, checkpoint)?,
                None => Seq(0),
            };
            met.offered_again = tx.offer_again(receipt, verified_to)?;
            tx.doubt_rows()?;
        }
        if !place.is_next {
            tx.set_feed(0, true, receipt.incarnation, receipt.server_ms)?;
            return Ok((Applied::default(), met));
        }
        let applied = lay_rows(tx, last, &mut self.changed.borrow_mut())?;
        tx.set_feed(page.next, page.more, receipt.incarnation, receipt.server_ms)?;
        if !page.more {
            self.changed.borrow_mut().were_dropped(&tx.drop_doubted()?);
            let told = checkpoint
                .as_ref()
                .and_then(|checkpoint| checkpoint.scope.as_deref());
            met.repaired = scope::compare(tx, told, receipt)?;
        }
        if let Some(checkpoint) = checkpoint {
            tx.set_checkpoint(&checkpoint, receipt.server_ms)?;
            met.branched = self.book.leave_branch(tx, &checkpoint)?;
        }
        Ok((applied, met))
    }

    fn checkpoint(&self, signed: &Signed, receipt: &Receipt) -> Option<Checkpoint> {
        let bytes = open_signed(&self.platform_key, Domain::Checkpoint, signed).ok()?;
        let checkpoint: Checkpoint = decode(bytes, "checkpoint").ok()?;
        let ours = (checkpoint.device, checkpoint.epoch()) == (receipt.device, receipt.epoch());
        (ours && checkpoint.incarnation == receipt.incarnation).then_some(checkpoint)
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

fn entries_of(sealed: &SealedBatch) -> Result<Vec<Entry>, FieldError> {
    ExchangeRequest::from_bytes(&sealed.request)
        .and_then(|request| batch::unpack(&request.body))
        .map_err(unreadable_batch)
}

fn settles(receipt: &Receipt, seq: Seq) -> bool {
    !matches!(receipt.verdict_on(seq), None | Some(Verdict::TryLater))
}
