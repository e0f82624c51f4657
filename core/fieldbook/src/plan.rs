//! What a sync within a budget would send, said before it starts.

use grid_model::limits;
use grid_sync::{Budget, HEAD_BYTES};
use grid_wire::batch;

use crate::{FieldBook, FieldError};

/// Bytes of bodies that are packed to learn what packing takes off.
const PACKED_TO_LEARN_BYTES: usize = 64 * 1024;
/// What an exchange takes beside its bodies: signed header, receipt and checkpoint, about.
const EXCHANGE_BYTES: u64 = 1_100;
/// Bodies in one exchange, as the engine begins.
const BATCH_BYTES: u64 = 128 * 1024;
/// Bytes of a photo in one piece, as the engine begins.
const PIECE_BYTES: u64 = 64 * 1024;
/// Photos looked at.
const PHOTOS_READ: u32 = 10_000;

/// What would go and what would stay. About: what packing takes off is learnt from the first records, and what the platform
/// has to tell is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncPlan {
    /// Records that would go.
    pub records_go: u64,
    /// Records that would stay for another time.
    pub records_stay: u64,
    /// Photos that would go whole.
    pub photos_go: u64,
    /// Photos that would stay, or go in part.
    pub photos_stay: u64,
    /// Bytes it would take, both ways, heads counted.
    pub bytes: u64,
}

impl FieldBook {
    /// What a sync within this budget would send now. Sends nothing; the link's speed is not known, so the budget's time is
    /// not looked at.
    pub fn plan_sync(&self, budget: Budget) -> Result<SyncPlan, FieldError> {
        self.store.read(|tx| {
            let mut left = Left(budget.bytes);
            let mut plan = SyncPlan::default();
            let sample = tx
                .unsent(limits::ENTRIES_PER_BATCH_MAX, PACKED_TO_LEARN_BYTES)?
                .entries;
            let bodies: u64 = sample.iter().map(|entry| entry.body.len() as u64).sum();
            let packed = if sample.is_empty() {
                0
            } else {
                batch::pack(&sample).len() as u64
            };
            // The first exchange is made in any case: it brings the platform's time, tasks and recalls.
            let mut open = left.take(HEAD_BYTES + EXCHANGE_BYTES);
            let mut in_batch = 0;
            tx.each_unsent(&mut |bytes| {
                let takes = (bytes * packed).div_ceil(bodies.max(1));
                in_batch += bytes;
                if in_batch > BATCH_BYTES {
                    open = open && left.take(HEAD_BYTES + EXCHANGE_BYTES);
                    in_batch = bytes;
                }
                open = open && left.take(takes);
                plan.records_go += u64::from(open);
                plan.records_stay += u64::from(!open);
            })?;
            for photo in tx.attachments_unsent(PHOTOS_READ)? {
                let allowed = budget.photos && (photo.urgent || !budget.metered);
                let pieces = photo.bytes.div_ceil(PIECE_BYTES) + 1;
                open = open && (!allowed || left.take(photo.bytes + pieces * HEAD_BYTES));
                plan.photos_go += u64::from(open && allowed);
                plan.photos_stay += u64::from(!(open && allowed));
            }
            plan.bytes = budget.bytes - left.0;
            Ok(plan)
        })
    }
}

/// What is left of a budget.
struct Left(u64);

impl Left {
    /// Takes so much, if there is so much.
    fn take(&mut self, bytes: u64) -> bool {
        let rest = self.0.checked_sub(bytes);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}
