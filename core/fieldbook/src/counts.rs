//! Counters: one tap, exactly once. A correction is a negative step with a reason, never an edit.

use grid_model::deadline::civil_date;
use grid_model::lane::Lane;
use grid_wire::Fact;
use grid_wire::fact::Counted;

use crate::{CountDraft, FieldBook, FieldError, Saved, TallyView};

impl FieldBook {
    /// Adds a step to a counter. Durable before return.
    pub fn count(&self, draft: CountDraft) -> Result<Saved, FieldError> {
        draft.check()?;
        let lane = draft
            .patrol
            .map_or(Lane::loose_counts(self.device()), Lane::patrol_counts);
        let (kind, value, patrol) = (draft.kind, draft.value, draft.patrol);
        let day = civil_day(self.host.clock.now().wall_ms);
        let fact = Fact::Counted(Counted {
            count_kind: draft.kind,
            value: draft.value,
            post: draft.post,
            patrol: draft.patrol,
            reason: draft.reason.filter(|reason| !reason.trim().is_empty()),
        });
        self.record(lane, fact, |tx| {
            if let Some(patrol) = patrol {
                tx.patrol(patrol)?
                    .ok_or(FieldError::NotFound { what: "patrol" })?;
            }
            Ok(tx.add_to_tally(&day, kind, value)?)
        })
    }

    /// Today's counters of this vault.
    pub fn tally_today(&self) -> Result<Vec<TallyView>, FieldError> {
        let day = civil_day(self.host.clock.now().wall_ms);
        let rows = self.store.read(|tx| tx.tally(&day).map_err(FieldError::from))?;
        let views = rows.into_iter().map(|row| TallyView {
            count_kind: row.count_kind,
            total: row.total,
            entries: row.entries,
        });
        Ok(views.collect())
    }
}

pub(crate) fn civil_day(wall_ms: i64) -> String {
    civil_date(wall_ms)
        .map(|date| date.to_string())
        .unwrap_or_default()
}
