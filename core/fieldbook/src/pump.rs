//! The sync pump: performs the engine's steps, makes durable what it plans of each result, and only then lets it believe.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::PoisonError;

use grid_model::Sha256;
use grid_model::lane::Priority;
use grid_store::{Enrolment, Reading};
use grid_sync::{
    Budget, CancelToken, Engine, Input, Outcome, PhotoWork, Response, Step, Summary, Transport, Work,
};
use grid_wire::{Entry, WireError};

use crate::changed::Changed;
use crate::exchange::carries;
use crate::keys::TrustedKeys;
use crate::settle::Taken;
use crate::{Changes, FieldBook, FieldError, Moment};

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

/// The state of one running sync.
pub(crate) struct Pump<'a> {
    pub(crate) book: &'a FieldBook,
    pub(crate) transport: &'a dyn Transport,
    pub(crate) cancel: &'a CancelToken,
    pub(crate) keys: TrustedKeys,
    pub(crate) grant: String,
    /// How often a photo had to begin again; twice is a fault, not bad luck.
    pub(crate) restarts: BTreeMap<Sha256, u32>,
    pub(crate) report: SyncReport,
    pub(crate) changed: RefCell<Changed>,
    /// When the newest exchange of this sync began, by its nonce.
    pub(crate) began: Option<(u64, Moment)>,
    /// The answer that is to be made durable.
    pub(crate) taken: Option<Taken>,
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
        if self.waits_for_a_write()? {
            return Ok(SyncReport::default());
        }
        let seed = u64::from_be_bytes(self.host.random()?);
        let (failures, networks) = self.failures_before();
        let mut engine = Engine::new(budget, self.host.clock.now().mono_ms, seed, failures);
        let mut pump = Pump::new(self, transport, cancel, &enrolment)?;
        loop {
            let step = engine.poll();
            if let Step::Idle(summary) = step {
                self.rest_after(&summary, networks);
                self.note_sync(&summary, budget);
                self.remember_failure(summary.outcome != Outcome::Complete)?;
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
            let plan = engine.plan(self.host.clock.now().mono_ms, input);
            pump.make_durable(&plan.writes)
                .inspect_err(|_| self.purge_after_sync())?;
            engine.commit(plan);
            progress(pump.progress);
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
            keys: TrustedKeys::of(enrolment)?,
            grant: String::new(),
            restarts: BTreeMap::new(),
            report: SyncReport::default(),
            changed: RefCell::new(Changed::since_now(book)?),
            began: None,
            taken: None,
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
            Step::Continue { from_frame, room } => self.go_on(from_frame, room),
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
                in_flight: tx.batch()?.map(|sealed| sealed.request.len() as u64),
                held: self.book.held_bytes(),
                urgent_waits: urgent_waits(tx)?,
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
        Ok(Input::Work(self.book.leased(work)))
    }
}

/// Whether an urgent change waits that is not in the batch in flight.
fn urgent_waits(tx: &Reading<'_>) -> Result<bool, FieldError> {
    let Some(sealed) = tx.batch()? else {
        return Ok(false);
    };
    let first = tx.unsent(1, 1)?;
    let urgent = |entry: &&Entry| Priority::of(entry.lane, entry.kind) == Priority::Urgent;
    let Some(first) = first
        .entries
        .iter()
        .find(urgent)
        .map(|entry| (first.epoch, entry.seq))
    else {
        return Ok(false);
    };
    Ok(!carries(&sealed, first)?)
}

/// What an answer that is no message of ours means.
pub(crate) fn unreadable(answer: &Response, error: &WireError) -> Outcome {
    match (error, answer.status) {
        (WireError::Newer { .. }, _) => Outcome::NewerPlatform,
        (_, 429 | 500..=599) if answer.status != 511 => Outcome::TryLater,
        _ => Outcome::NotOurPlatform,
    }
}
