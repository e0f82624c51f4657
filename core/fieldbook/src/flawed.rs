//! Mistakes that other systems made in syncing, made on purpose when a test asks for one (the museum). Each is a few lines
//! beside the right way, so that the suites that pass without it can be seen to fail with it. Never set in a product.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use grid_store::{AttachmentRow, AttachmentState, Draft, Flaw, Purpose, SealedBatch, Writing};
use grid_sync::{Input, Work, Write};
use grid_vault::cover_digest;
use grid_wire::{BatchHeader, Entry, ExchangeRequest, Receipt, Signed, Verdict, decode};

use crate::pump::Pump;
use crate::{FieldBook, FieldError};

/// What a mistake has to remember.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// A batch was sealed since this book was opened.
    sealed_here: AtomicBool,
    /// Unsent changes when a sync failed, and one more; 0: none failed.
    unsent_when_it_failed: AtomicU64,
}

impl FieldBook {
    pub(crate) fn makes(&self, flaw: Flaw) -> bool {
        self.host.storage.flaw == Some(flaw)
    }

    /// [`Flaw::RetryWaitsForWrite`]: nothing goes before something new is recorded.
    pub(crate) fn waits_for_a_write(&self) -> Result<bool, FieldError> {
        if !self.makes(Flaw::RetryWaitsForWrite) {
            return Ok(false);
        }
        let unsent = self
            .store
            .read(|tx| tx.outbox_count().map_err(FieldError::from))?
            .saved;
        let failed = self.flawed.unsent_when_it_failed.load(Ordering::Relaxed);
        Ok(unsent > 0 && failed == unsent + 1)
    }

    pub(crate) fn remember_failure(&self, failed: bool) -> Result<(), FieldError> {
        if self.makes(Flaw::RetryWaitsForWrite) {
            let unsent = self
                .store
                .read(|tx| tx.outbox_count().map_err(FieldError::from))?
                .saved;
            let remembered = if failed { unsent + 1 } else { 0 };
            self.flawed
                .unsent_when_it_failed
                .store(remembered, Ordering::Relaxed);
        }
        Ok(())
    }

    pub(crate) fn remember_sealed(&self) {
        self.flawed.sealed_here.store(true, Ordering::Relaxed);
    }

    /// [`Flaw::LeaseForEver`]: a batch that an earlier process had in flight is left to it.
    pub(crate) fn leased(&self, work: Work) -> Work {
        let elsewhere = work.in_flight.is_some() && !self.flawed.sealed_here.load(Ordering::Relaxed);
        if self.makes(Flaw::LeaseForEver) && elsewhere {
            return Work {
                in_flight: None,
                unsent: 0,
                ..work
            };
        }
        work
    }

    /// [`Flaw::FifoPoison`]: behind what was sent back nothing goes.
    pub(crate) fn is_poisoned(&self, tx: &Writing<'_>) -> Result<bool, FieldError> {
        Ok(self.makes(Flaw::FifoPoison) && tx.outbox_count()?.parked > 0)
    }
}

impl Pump<'_> {
    /// What of a plan is written, and whether the place in the feed moves before its rows.
    pub(crate) fn mistaken(&self, writes: &[Write]) -> Result<Vec<Write>, FieldError> {
        let left_out = |write: &Write| match write {
            Write::OfferAgain { .. } => self.book.makes(Flaw::RestoreUnnoticed),
            Write::DoubtRows => {
                self.book.makes(Flaw::RestoreUnnoticed) || self.book.makes(Flaw::GoneTasksStay)
            }
            _ => false,
        };
        Ok(writes.iter().copied().filter(|write| !left_out(write)).collect())
    }

    /// [`Flaw::PhotoDoneWhenSent`]: the last piece has gone, so the photo is there.
    pub(crate) fn takes_for_done(&self, row: &AttachmentRow, sent_to: u64) -> Result<(), FieldError> {
        if self.book.makes(Flaw::PhotoDoneWhenSent) && sent_to >= row.bytes {
            self.book.store.write(|tx| {
                tx.set_attachment_state(row.sha256, AttachmentState::Stored)
                    .map_err(FieldError::from)
            })?;
        }
        Ok(())
    }

    /// [`Flaw::SentOn200`], [`Flaw::DropsOnRefusal`]: something answered, so the batch has gone.
    pub(crate) fn believes_without_receipt(
        &self,
        input: &Input,
        sealed: &SealedBatch,
        status: u16,
    ) -> Result<(), FieldError> {
        let believes = match input {
            Input::Stopped(_) => self.book.makes(Flaw::SentOn200) && status == 200,
            Input::Refused(code, _) => {
                self.book.makes(Flaw::DropsOnRefusal) && *code != grid_wire::RefusalCode::TryLater
            }
            _ => false,
        };
        if believes {
            self.book
                .store
                .write_for(Purpose::Settle, |tx| believe(tx, sealed))?;
        }
        Ok(())
    }

    /// [`Flaw::NewKeyOnRetry`]: what got no answer is sent as something new.
    pub(crate) fn recorded_anew(&self, sealed: &SealedBatch) -> Result<(), FieldError> {
        if !self.book.makes(Flaw::NewKeyOnRetry) {
            return Ok(());
        }
        self.book.store.write_for(Purpose::Settle, |tx| {
            for entry in believe(tx, sealed)? {
                tx.append(Draft {
                    lane: entry.lane,
                    kind: entry.kind,
                    schema_version: entry.schema_version,
                    body: entry.body,
                    files: Vec::new(),
                    recorded_at_ms: 0,
                })?;
            }
            Ok(())
        })
    }
}

/// Calls the whole batch received.
fn believe(tx: &Writing<'_>, sealed: &SealedBatch) -> Result<Vec<Entry>, FieldError> {
    let wrong = |error: grid_wire::WireError| FieldError::Internal {
        detail: error.to_string(),
    };
    let request = ExchangeRequest::from_bytes(&sealed.request).map_err(wrong)?;
    let header: BatchHeader = decode(&request.header.bytes, "batch header").map_err(wrong)?;
    let entries = grid_wire::form::entries_of(&request).map_err(wrong)?;
    let mut seqs: Vec<_> = entries.iter().map(|entry| entry.seq).collect();
    seqs.sort_unstable();
    let receipt = Receipt::new(
        (header.device, header.epoch()),
        Receipt::join(seqs.into_iter().map(|seq| (seq, Verdict::Accepted))),
        cover_digest(std::iter::empty()),
        header.incarnation.unwrap_or(grid_model::Incarnation([0; 16])),
        (0, header.nonce),
    );
    let proof = Signed {
        bytes: Vec::new(),
        signature: Vec::new(),
    };
    tx.settle(&receipt, &proof, &entries)?;
    tx.drop_batch()?;
    Ok(entries)
}
