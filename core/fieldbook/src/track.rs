//! Track fixes: journal rows first, sealed into segments of about 30 minutes, or at pause and end.

use std::sync::PoisonError;

use grid_model::Point;
use grid_model::id::PatrolId;
use grid_model::lane::Lane;
use grid_model::limits::{FIX_DURABLE_WITHIN_MS, SEGMENT_POINTS_MAX};
use grid_model::track::TrackPoint;
use grid_store::Writing;
use grid_wire::Fact;
use grid_wire::track::Segment;

use crate::patrols::running;
use crate::{FieldBook, FieldError, FixDraft, FixOutcome, Problem};

/// A segment is sealed when its first fix is this old, ms.
const SEGMENT_LASTS_MS: u64 = 30 * 60 * 1000;

impl FieldBook {
    /// Records one fix of a running patrol. Answers `Buffered`: it survives a killed process at once and a power cut within
    /// 15 seconds; every flush in between makes it durable earlier and answers `Saved`.
    pub fn record_fix(&self, patrol: PatrolId, draft: FixDraft) -> Result<FixOutcome, FieldError> {
        if Point::checked(draft.lat_e7, draft.lon_e7, None).is_none() {
            return Err(FieldError::invalid("fix", Problem::OutOfRange));
        }
        let now = self.host.clock.now();
        let point = TrackPoint {
            at_ms: now.wall_ms,
            lat_e7: draft.lat_e7,
            lon_e7: draft.lon_e7,
            accuracy_dm: draft.accuracy_dm,
            speed_cms: draft.speed_cms,
        };
        let journal = |tx: &Writing<'_>| {
            let row = running(tx, patrol)?;
            tx.insert_fix(patrol, &point)?;
            let full = (row.fixes + 1 - row.sealed) as usize >= SEGMENT_POINTS_MAX;
            let first = tx.first_unsealed_at_ms(patrol)?.unwrap_or(now.wall_ms);
            let old = now.wall_ms.abs_diff(first) >= SEGMENT_LASTS_MS;
            if full || old {
                self.seal_fixes(tx, patrol)?;
            }
            Ok::<_, FieldError>(full || old)
        };
        let mut buffered_at = self
            .fix_buffered_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let due = buffered_at.is_some_and(|since| now.mono_ms.saturating_sub(since) >= FIX_DURABLE_WITHIN_MS);
        if due {
            self.store.write(journal)?;
            *buffered_at = None;
            return Ok(FixOutcome::Saved);
        }
        self.store.write_buffered(journal)?;
        buffered_at.get_or_insert(now.mono_ms);
        Ok(FixOutcome::Buffered)
    }

    /// Makes buffered fixes durable when the oldest is about to be 15 seconds old; for a host's timer.
    pub fn flush_fixes_if_due(&self) -> Result<(), FieldError> {
        let since = *self
            .fix_buffered_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // A timer of 5 s must not come too late.
        let due_after = FIX_DURABLE_WITHIN_MS - 6_000;
        match since {
            Some(since) if self.host.clock.now().mono_ms.saturating_sub(since) >= due_after => {
                self.flush_buffered()
            }
            _ => Ok(()),
        }
    }

    /// Makes buffered fixes durable now.
    pub fn flush_fixes(&self) -> Result<(), FieldError> {
        self.store.check_open()?;
        self.flush_buffered()
    }

    /// The same; nothing to do when nothing is buffered, also in a closed book.
    pub(crate) fn flush_buffered(&self) -> Result<(), FieldError> {
        let mut buffered_at = self
            .fix_buffered_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if buffered_at.is_some() {
            self.store.flush()?;
            *buffered_at = None;
        }
        Ok(())
    }

    /// Moves the fixes in the journal into segments of the log.
    pub(crate) fn seal_fixes(&self, tx: &Writing<'_>, patrol: PatrolId) -> Result<(), FieldError> {
        let mut first_index = tx.patrol(patrol)?.map_or(0, |row| row.sealed);
        for points in tx.unsealed_fixes(patrol)?.chunks(SEGMENT_POINTS_MAX) {
            let Some(segment) = Segment::of(first_index, points) else {
                continue;
            };
            self.append(tx, Lane::track(patrol), Fact::TrackSegment(segment))?;
            tx.fixes_sealed(patrol, points.len() as u64)?;
            first_index += points.len() as u64;
        }
        Ok(())
    }
}
