//! Patrols: start, visits, observations, pause, end. A patrol is on disk from its first moment and survives a killed
//! process; the gap is kept as a gap.

use grid_model::id::PatrolId;
use grid_model::lane::Lane;
use grid_model::limits;
use grid_store::{PatrolRow, PatrolStatus, Reading};
use grid_wire::Fact;
use grid_wire::fact::{CheckpointVisited, Observed, PatrolEnded, PatrolStarted};

use crate::drafts::{at_most, attachments_fit, named, named_by};
use crate::{FieldBook, FieldError, ObservationDraft, PatrolDraft, PatrolView, Problem, Saved, VisitDraft};

impl FieldBook {
    /// Starts a patrol. Durable before return.
    pub fn start_patrol(&self, draft: PatrolDraft) -> Result<(PatrolId, Saved), FieldError> {
        named("post", &draft.post)?;
        let id = PatrolId(self.host.random()?);
        let row = PatrolRow {
            id,
            patrol_type: draft.patrol_type,
            transport: draft.transport,
            post: draft.post.clone(),
            status: PatrolStatus::Started,
            started_at_ms: self.host.clock.now().wall_ms,
            ended_at_ms: None,
            fixes: 0,
            sealed: 0,
        };
        let fact = Fact::PatrolStarted(PatrolStarted {
            patrol_type: draft.patrol_type,
            transport: draft.transport,
            post: draft.post,
            point: draft.point,
        });
        let saved = self.record(Lane::patrol(id), fact, |tx| Ok(tx.insert_patrol(&row, None)?))?;
        Ok((id, saved))
    }

    /// Records a checkpoint visit; one without a position is a visit, too. Durable before return.
    pub fn visit(&self, patrol: PatrolId, draft: VisitDraft) -> Result<Saved, FieldError> {
        named("checkpoint", &draft.checkpoint)?;
        let fact = Fact::CheckpointVisited(CheckpointVisited {
            checkpoint: draft.checkpoint,
            proof: draft.proof,
            point: draft.point,
            unlocated_reason: draft.unlocated_reason,
        });
        self.record(Lane::patrol(patrol), fact, |tx| running(tx, patrol).map(|_| ()))
    }

    /// Records something seen. Durable before return.
    pub fn observe(&self, patrol: PatrolId, draft: ObservationDraft) -> Result<Saved, FieldError> {
        at_most("note", &draft.note, limits::NOTE_CHARS_MAX)?;
        attachments_fit(&draft.attachments)?;
        let fact = Fact::Observed(Observed {
            observation_kind: draft.kind,
            note: draft.note,
            point: draft.point,
            attachments: named_by(&draft.attachments),
        });
        self.record(Lane::patrol(patrol), fact, |tx| running(tx, patrol).map(|_| ()))
    }

    /// Pauses a patrol and seals its track so far. Durable before return.
    pub fn pause_patrol(&self, patrol: PatrolId) -> Result<Saved, FieldError> {
        self.move_patrol(
            patrol,
            PatrolStatus::Started,
            PatrolStatus::Paused,
            Fact::PatrolPaused,
        )
    }

    /// Takes a paused patrol up again. Durable before return.
    pub fn resume_patrol(&self, patrol: PatrolId) -> Result<Saved, FieldError> {
        self.move_patrol(
            patrol,
            PatrolStatus::Paused,
            PatrolStatus::Started,
            Fact::PatrolResumed,
        )
    }

    /// Ends a patrol and seals the rest of its track. Durable before return.
    pub fn end_patrol(&self, patrol: PatrolId) -> Result<Saved, FieldError> {
        self.durably(|tx| {
            let row = running(tx, patrol)?;
            self.seal_fixes(tx, patrol)?;
            let fact = Fact::PatrolEnded(PatrolEnded { fixes: row.fixes });
            let saved = self.append(tx, Lane::patrol(patrol), fact)?;
            tx.set_patrol_status(patrol, PatrolStatus::Ended, Some(saved.recorded_at_ms))?;
            Ok(saved)
        })
    }

    /// Patrols of this vault, the newest first.
    pub fn patrols(&self, limit: u32) -> Result<Vec<PatrolView>, FieldError> {
        let rows = self
            .store
            .read(|tx| tx.patrols(limit).map_err(FieldError::from))?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// One patrol.
    pub fn patrol(&self, id: PatrolId) -> Result<PatrolView, FieldError> {
        let row = self.store.read(|tx| tx.patrol(id).map_err(FieldError::from))?;
        row.map(view).ok_or(FieldError::NotFound { what: "patrol" })
    }

    fn move_patrol(
        &self,
        patrol: PatrolId,
        from: PatrolStatus,
        to: PatrolStatus,
        fact: Fact,
    ) -> Result<Saved, FieldError> {
        self.durably(|tx| {
            if running(tx, patrol)?.status != from {
                return Err(FieldError::invalid("patrol", Problem::WrongState));
            }
            self.seal_fixes(tx, patrol)?;
            let saved = self.append(tx, Lane::patrol(patrol), fact)?;
            tx.set_patrol_status(patrol, to, None)?;
            Ok(saved)
        })
    }
}

/// The patrol, if it is not ended.
pub(crate) fn running(tx: &Reading<'_>, id: PatrolId) -> Result<PatrolRow, FieldError> {
    let row = tx.patrol(id)?.ok_or(FieldError::NotFound { what: "patrol" })?;
    if row.status == PatrolStatus::Ended {
        return Err(FieldError::invalid("patrol", Problem::WrongState));
    }
    Ok(row)
}

fn view(row: PatrolRow) -> PatrolView {
    PatrolView {
        id: row.id,
        patrol_type: row.patrol_type,
        transport: row.transport,
        post: row.post,
        status: row.status,
        started_at_ms: row.started_at_ms,
        ended_at_ms: row.ended_at_ms,
        fixes: row.fixes,
    }
}
