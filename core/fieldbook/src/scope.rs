//! At the end of each round: whether this phone holds what the platform says it should, and what happens when it does not.

use std::collections::BTreeMap;

use grid_model::id::Sha256;
use grid_model::terms::RowKind;
use grid_store::Writing;
use grid_wire::{Receipt, ScopeSum};

use crate::FieldError;

/// Everything is fetched anew at most once in so long when it does not help, ms of platform time.
const ANEW_AGAIN_MS: i64 = 24 * 60 * 60 * 1000;

/// Compares what is here with what the platform says should be. A difference puts the cursor back to the beginning, so that
/// everything is told again: what is not told then goes, and no record with it. Where that did not help, it is tried again a
/// day later and not before. Answers whether a difference was found before and is gone.
pub(crate) fn compare(
    tx: &Writing<'_>,
    told: Option<&[ScopeSum]>,
    receipt: &Receipt,
) -> Result<bool, FieldError> {
    let Some(told) = told else { return Ok(false) };
    let before = tx.fetched_anew_at()?;
    let differ = differing(tx, told)?;
    if differ.is_empty() {
        if before.is_some() {
            tx.set_fetched_anew(None)?;
        }
        return Ok(before.is_some());
    }
    let since = before.map(|at_ms| receipt.server_ms.saturating_sub(at_ms));
    if since.is_some_and(|since| (0..ANEW_AGAIN_MS).contains(&since)) {
        log::warn!("{differ:?} still differ from the platform's after all was fetched anew");
        return Ok(false);
    }
    log::warn!("{differ:?} differ from the platform's: all is fetched anew");
    tx.set_fetched_anew(Some(receipt.server_ms))?;
    tx.doubt_rows()?;
    tx.set_feed(0, true, receipt.incarnation, receipt.server_ms)?;
    Ok(false)
}

/// The kinds of rows that are not here as they should be.
fn differing(tx: &Writing<'_>, told: &[ScopeSum]) -> Result<Vec<RowKind>, FieldError> {
    let mut should: BTreeMap<RowKind, (u64, Sha256)> =
        told.iter().map(|sum| (sum.kind, (sum.count, sum.sum))).collect();
    let mut differ = Vec::new();
    for (kind, held) in tx.scope()? {
        if should.remove(&kind) != Some((held.count(), held.sum())) {
            differ.push(kind);
        }
    }
    differ.extend(
        should
            .into_iter()
            .filter(|(_, (count, _))| *count > 0)
            .map(|(kind, _)| kind),
    );
    Ok(differ)
}
