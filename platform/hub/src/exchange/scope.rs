//! What a device should hold when its round ends: the same sums on both sides, so that a difference is noticed.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use grid_model::terms::RowKind;
use grid_model::{OrgId, WorkerId};
use grid_vault::RowSum;
use grid_wire::ScopeSum;

use crate::store::{FeedRead as _, HubStore, Stored};

/// Sums over more rows than this are kept for a while: to make those of so many takes some milliseconds.
const KEPT_ABOVE_ROWS: u64 = 1_000;
/// How long, ms: what was altered behind the feed's back is noticed when they are made anew.
const KEPT_MS: i64 = 10 * 60 * 1000;
/// Of how many people they are kept.
const KEPT_MAX: usize = 10_000;

/// Sums that were made lately.
#[derive(Debug, Default)]
pub(crate) struct Sums(Mutex<BTreeMap<WorkerId, Kept>>);

#[derive(Clone, Debug)]
struct Kept {
    /// Where the feed of this audience ended.
    last: u64,
    at_ms: i64,
    sums: Vec<ScopeSum>,
}

impl Sums {
    /// What a person's device should hold once it has applied everything up to `next`. `None` when there is more by now: then
    /// it is told at the end of another round.
    pub(super) fn told<S: HubStore>(
        &self,
        store: &S,
        now_ms: i64,
        (worker, org): (WorkerId, OrgId),
        next: u64,
    ) -> Stored<Option<Vec<ScopeSum>>> {
        store.read(|tx| {
            let last = tx.feed_last(worker, org)?;
            if last > next {
                return Ok(None);
            }
            if let Some(kept) = self.kept(worker, last, now_ms) {
                return Ok(Some(kept));
            }
            let mut sums: BTreeMap<RowKind, RowSum> = BTreeMap::new();
            tx.each_in_scope(worker, org, &mut |kind, id, revision| {
                sums.entry(kind).or_default().add(kind, id, revision);
            })?;
            let rows = sums.values().map(RowSum::count).sum::<u64>();
            let sums: Vec<_> = sums
                .into_iter()
                .map(|(kind, sum)| ScopeSum {
                    kind,
                    count: sum.count(),
                    sum: sum.sum(),
                })
                .collect();
            if rows > KEPT_ABOVE_ROWS {
                self.keep(worker, last, now_ms, &sums);
            }
            Ok(Some(sums))
        })
    }

    fn kept(&self, worker: WorkerId, last: u64, now_ms: i64) -> Option<Vec<ScopeSum>> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(&worker)?;
        let is_fresh = kept.last == last && (0..KEPT_MS).contains(&now_ms.saturating_sub(kept.at_ms));
        is_fresh.then(|| kept.sums.clone())
    }

    fn keep(&self, worker: WorkerId, last: u64, at_ms: i64, sums: &[ScopeSum]) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX {
            all.clear();
        }
        let sums = sums.to_vec();
        all.insert(worker, Kept { last, at_ms, sums });
    }
}
