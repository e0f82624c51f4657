//! Makes durable what the engine plans: each write of a plan, in one transaction.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use grid_model::TaskId;
use grid_model::id::{Epoch, Seq};
use grid_model::lane::LaneKind;
use grid_model::time::Anchor;
use grid_store::{Applied, Flaw, Purpose, Reading, Settled, Writing};
use grid_sync::{Answer, Known, PagePlace, Verified, Write};
use grid_vault::Domain;
use grid_wire::{Checkpoint, Entry, ExchangeResponse, FeedRow, Receipt, Signed, Verdict, decode};

use crate::keys::TrustedKeys;
use crate::page::lay_rows;
use crate::pump::Pump;
use crate::tasks::replay_known;
use crate::{FieldError, Moment, scope};

/// Rows of a page that are laid into the database in one transaction: each may touch two or three pages of it, so that
/// no transaction takes more than about 2 MB of the log.
const ROWS_AT_ONCE: usize = 200;

/// An answer that holds, until it is durable.
pub(crate) struct Taken {
    entries: Vec<Entry>,
    settled: usize,
    receipt: Receipt,
    response: ExchangeResponse,
    checkpoint: Option<Checkpoint>,
    /// `None` when the exchange began before this sync: nobody knows then when the platform said so.
    anchor: Option<Anchor>,
}

/// What came of the writes.
#[derive(Default)]
struct Done {
    settled: Settled,
    applied: Applied,
    offered_again: u64,
    branched: bool,
    repaired: bool,
}

impl Taken {
    pub(crate) fn new(
        (entries, settled): (Vec<Entry>, usize),
        (receipt, response): (Receipt, ExchangeResponse),
        keys: &TrustedKeys,
        (began, after): (Option<Moment>, Moment),
    ) -> Self {
        let signed = response.page.checkpoint.as_ref();
        let checkpoint = signed.and_then(|signed| checkpoint(keys, signed, &receipt));
        Self {
            settled,
            entries,
            checkpoint,
            anchor: began
                .filter(|began| began.boot == after.boot)
                .map(|began| anchor(&receipt, began, after)),
            receipt,
            response,
        }
    }

    /// What the engine has to know of it. `bytes`: of the request, of the answer, of the bodies before packing.
    pub(crate) fn answer(&self, tx: &Reading<'_>, bytes: (u64, u64, u64)) -> Result<Answer, FieldError> {
        let feed = tx.feed_state()?;
        let page = &self.response.page;
        let verified = match &self.checkpoint {
            None => None,
            Some(checkpoint) => Some(Verified {
                to: checkpoint.verified_to(),
                is_elsewhere: is_elsewhere(tx, checkpoint)?,
                is_current: checkpoint.epoch() == tx.current_epoch()?,
            }),
        };
        Ok(Answer {
            up: bytes.0,
            down: bytes.1,
            bodies: bytes.2,
            pushed: self.entries.len(),
            settled: self.settled,
            incarnation: self.receipt.incarnation,
            known: Known {
                incarnation: feed.incarnation,
                has_met: tx.has_met_a_platform()?,
                cursor: feed.cursor,
            },
            page: PagePlace {
                from: page.from,
                next: page.next,
                more: page.more,
            },
            verified,
            is_of_this_log: self.receipt.epoch() == tx.current_epoch()?,
            tells_time: self.anchor.is_some(),
        })
    }
}

impl Pump<'_> {
    /// Makes these writes durable, all or none, and counts what came of them.
    pub(crate) fn make_durable(&mut self, writes: &[Write]) -> Result<(), FieldError> {
        let taken = self.taken.take();
        if writes.is_empty() {
            return Ok(());
        }
        let writes = &self.mistaken(writes)?;
        let store = &self.book.store;
        let rows = taken
            .as_ref()
            .map_or(&[][..], |taken| taken.response.page.rows.as_slice());
        // A long page goes in pieces. The cursor moves with the last of them, which is flushed and they with it; a row that is
        // laid in twice is the same.
        let (leading, last) = rows.split_at(rows.len().saturating_sub(ROWS_AT_ONCE));
        let mut done = Done::default();
        if self.book.makes(Flaw::PlaceBeforeRows) {
            let mut moves = writes.iter().filter(|write| matches!(write, Write::Feed { .. }));
            store.write_for(Purpose::Settle, |tx| {
                moves.try_for_each(|write| self.write(tx, *write, (taken.as_ref(), last), &mut done))
            })?;
        }
        if writes.contains(&Write::LayPage) {
            for piece in leading.chunks(ROWS_AT_ONCE) {
                done.applied += store.write_buffered_for(Purpose::Settle, |tx| {
                    lay_rows(tx, piece, &mut self.changed.borrow_mut())
                })?;
            }
        }
        store.write_for(Purpose::Settle, |tx| {
            for write in writes {
                self.write(tx, *write, (taken.as_ref(), last), &mut done)?;
            }
            if taken.is_some() {
                self.keys.keep(tx)?;
            }
            Ok::<_, FieldError>(())
        })?;
        self.report.received += done.settled.received;
        self.report.parked += done.settled.parked;
        self.report.pulled += done.applied.rows;
        self.report.offered_again += done.offered_again;
        self.report.branched |= done.branched;
        self.report.repaired |= done.repaired;
        if done.applied.skipped > 0 {
            log::warn!(
                "{} rows of the feed were not readable by this version",
                done.applied.skipped
            );
        }
        if let Some(taken) = taken {
            self.keys.kept(self.book);
            self.grant = taken.response.upload_grant;
        }
        Ok(())
    }

    fn write(
        &self,
        tx: &Writing<'_>,
        write: Write,
        (taken, last): (Option<&Taken>, &[FeedRow]),
        done: &mut Done,
    ) -> Result<(), FieldError> {
        if write == Write::DropBatch {
            return Ok(tx.drop_batch()?);
        }
        let taken = taken.ok_or_else(|| FieldError::Internal {
            detail: "an answer was planned that is not here".to_owned(),
        })?;
        let receipt = &taken.receipt;
        match write {
            Write::DropBatch => {}
            Write::Settle => {
                done.settled = tx.settle(receipt, &taken.response.receipt, &taken.entries)?;
                sent_back(tx, receipt, &taken.entries)?;
            }
            Write::Anchor => {
                if let Some(anchor) = &taken.anchor {
                    tx.set_anchor(anchor)?;
                }
            }
            Write::OfferAgain { verified_to } => {
                let photos = !self.book.makes(Flaw::PhotosNotOfferedAgain);
                done.offered_again = tx.offer_again(receipt, verified_to, photos)?;
            }
            Write::DoubtRows => {
                self.book.whole_to.store(0, Ordering::Relaxed);
                tx.doubt_rows()?;
            }
            Write::LayPage => {
                done.applied += lay_rows(tx, last, &mut self.changed.borrow_mut())?;
            }
            Write::Feed { cursor, more } => {
                tx.set_feed(cursor, more, receipt.incarnation, receipt.server_ms)?
            }
            Write::DropDoubted => {
                self.changed.borrow_mut().were_dropped(&tx.drop_doubted()?);
                let told = taken.checkpoint.as_ref().and_then(|told| told.scope.as_deref());
                done.repaired |= scope::compare(tx, told, receipt)?;
            }
            Write::Checkpoint => {
                if let Some(checkpoint) = &taken.checkpoint {
                    tx.set_checkpoint(checkpoint, receipt.server_ms)?;
                }
            }
            Write::BeginEpoch => {
                // Both branches are kept, and nothing is renumbered.
                if tx.current_epoch()? == receipt.epoch() {
                    let next = Epoch(u64::from_be_bytes(self.book.host.random()?));
                    tx.begin_epoch(self.book.device(), next)?;
                    log::warn!("the platform holds another branch of this log; a new epoch begins");
                    done.branched = true;
                }
            }
        }
        Ok(())
    }
}

/// Brings tasks up to date of which a change was sent back: it moves them no more.
fn sent_back(tx: &Writing<'_>, receipt: &Receipt, entries: &[Entry]) -> Result<(), FieldError> {
    let parked = |entry: &&Entry| matches!(receipt.verdict_on(entry.seq), Some(Verdict::Parked(_)));
    let tasks: BTreeSet<_> = entries
        .iter()
        .filter(parked)
        .filter(|entry| entry.lane.kind == LaneKind::Task)
        .map(|entry| entry.lane.id)
        .collect();
    for id in tasks {
        replay_known(tx, TaskId(id))?;
    }
    Ok(())
}

/// The checkpoint in an answer, if signature, addressee and store hold.
fn checkpoint(keys: &TrustedKeys, signed: &Signed, receipt: &Receipt) -> Option<Checkpoint> {
    let bytes = keys.open(Domain::Checkpoint, signed)?;
    let checkpoint: Checkpoint = decode(bytes, "checkpoint").ok()?;
    let ours = (checkpoint.device, checkpoint.epoch()) == (receipt.device, receipt.epoch());
    (ours && checkpoint.incarnation == receipt.incarnation).then_some(checkpoint)
}

/// Whether the platform verified what this phone does not have, or has otherwise: an older copy of the whole vault was put
/// back, or a clone went on. Of a log that is not here nothing can be said.
fn is_elsewhere(tx: &Reading<'_>, checkpoint: &Checkpoint) -> Result<bool, FieldError> {
    let (epoch, verified_to) = (checkpoint.epoch(), checkpoint.verified_to());
    if tx.life(epoch)?.is_none() {
        return Ok(false);
    }
    if verified_to > tx.head(epoch)?.seq() {
        return Ok(true);
    }
    // Where the chain is not here any more it was purged, and nothing can be said.
    let own = tx.chain_at(epoch, verified_to)?;
    Ok(matches!((own, checkpoint.verified_h), (Some(own), Some(theirs)) if own != theirs))
}

/// Whether the receipt decides on this change.
pub(crate) fn settles(receipt: &Receipt, seq: Seq) -> bool {
    !matches!(receipt.verdict_on(seq), None | Some(Verdict::TryLater))
}

/// The platform's time, taken at the middle of the exchange.
fn anchor(receipt: &Receipt, before: Moment, after: Moment) -> Anchor {
    let width_ms = (after.mono_ms - before.mono_ms).max(0) / 2;
    Anchor {
        server_ms: receipt.server_ms,
        mono_ms: before.mono_ms + width_ms,
        width_ms,
        boot: after.boot,
        wall_ms: before.wall_ms + width_ms,
    }
}
