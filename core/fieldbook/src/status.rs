//! How the vault stands, in honest numbers.

use grid_model::id::{Epoch, Seq};
use grid_model::lane::{Lane, LaneKind};
use grid_model::{Coded as _, TaskId};
use grid_store::{PatrolStatus, Reading, RecordRow, SCHEMA};
use grid_wire::{Beacon, Body, Fact};

use crate::tasks::replay_known;
use crate::{FieldBook, FieldError, RecordView, Status};

const APP_VERSION: &str = env!("CARGO_PKG_VERSION");

impl FieldBook {
    /// How this vault stands.
    pub fn status(&self) -> Result<Status, FieldError> {
        self.look_after_wake();
        self.store.read(|tx| {
            let outbox = tx.outbox_count()?;
            let (photos_waiting, photos_stored, photos_failed) = tx.attachment_counts()?;
            let enrolment = tx.enrolment()?;
            let open_patrol = tx
                .patrols(50)?
                .into_iter()
                .find(|patrol| patrol.status != PatrolStatus::Ended);
            Ok(Status {
                device: self.device(),
                server: enrolment.as_ref().map(|e| e.server.clone()),
                worker: enrolment.map(|e| (e.display_name, e.job_no, e.org_name, e.phone_label)),
                saved: outbox.saved,
                received: outbox.received,
                parked: outbox.parked,
                oldest_at_ms: outbox.oldest_at_ms,
                photos_waiting,
                photos_stored,
                photos_failed,
                last_contact_ms: tx.anchor()?.map(|anchor| anchor.server_ms),
                open_patrol: open_patrol.map(|patrol| patrol.id),
            })
        })
    }

    /// How this phone is doing, for the supervisor's page of devices; nothing about the person.
    pub(crate) fn beacon(&self, tx: &Reading<'_>) -> Result<Beacon, FieldError> {
        let (outbox, photos) = (tx.outbox_count()?, tx.attachment_counts()?);
        // A disk that cannot be asked keeps no record from going.
        let space = self.store.space_left().ok();
        Ok(Beacon {
            unsent: outbox.saved,
            parked: outbox.parked,
            photos_unsent: photos.0,
            app_version: APP_VERSION.to_owned(),
            oldest_at_ms: outbox.oldest_at_ms,
            free_bytes: space.map(|space| space.free_bytes),
            schema: Some(SCHEMA),
            clock_ahead_ms: tx
                .anchor()?
                .map(|anchor| anchor.wall_ms.saturating_sub(anchor.server_ms)),
        })
    }

    /// Own records, the newest first, before position `before` (0: from the newest).
    pub fn records(&self, before: Seq, limit: u32) -> Result<Vec<RecordView>, FieldError> {
        let rows = self
            .store
            .read(|tx| tx.records(before, limit).map_err(FieldError::from))?;
        Ok(rows.iter().map(record_view).collect())
    }

    /// Records the platform sent back, the newest first.
    pub fn parked(&self, limit: u32) -> Result<Vec<RecordView>, FieldError> {
        let rows = self.store.read(|tx| tx.parked(limit).map_err(FieldError::from))?;
        Ok(rows.iter().map(record_view).collect())
    }

    /// Epoch and position under which the platform knows the record that a worker quotes by its place; `None` for a place
    /// that is of no log here.
    pub fn key_of(&self, place: Seq) -> Result<Option<(Epoch, Seq)>, FieldError> {
        self.store.read(|tx| tx.key_of(place).map_err(FieldError::from))
    }

    /// Offers a record that was sent back once more, as it is.
    pub fn retry(&self, seq: Seq) -> Result<(), FieldError> {
        self.store.write(|tx| {
            let lane = tx.record(seq)?.map(|row| row.lane);
            tx.retry(seq)?;
            match lane {
                Some(Lane {
                    kind: LaneKind::Task,
                    id,
                }) => replay_known(tx, TaskId(id)),
                _ => Ok(()),
            }
        })
    }
}

pub(crate) fn record_view(row: &RecordRow) -> RecordView {
    let fact = Body::from_bytes(row.kind, &row.body).map_or(Fact::Unknown, |body| body.fact);
    RecordView {
        seq: row.place,
        lane: row.lane,
        kind: row.kind,
        words: words(&fact),
        recorded_at_ms: row.recorded_at_ms,
        state: row.state,
        photos: u32::try_from(fact.attachments().len()).unwrap_or(u32::MAX),
    }
}

/// The worker's own words in a stored record.
pub(crate) fn words_of(row: &RecordRow) -> String {
    Body::from_bytes(row.kind, &row.body).map_or_else(|_| String::new(), |body| words(&body.fact))
}

/// The worker's own words in a fact, for a list and for search.
pub(crate) fn words(fact: &Fact) -> String {
    match fact {
        Fact::ReportSubmitted(report) => report.narrative.clone(),
        Fact::ExtensionRequested(asked) => asked.reason.clone(),
        Fact::Observed(observed) => observed.note.clone(),
        Fact::CaseReported(case) => [&*case.title, &*case.description, &*case.place_text].join(" "),
        Fact::UrgentStarted(urgent) => [&*urgent.title, &*urgent.place_text].join(" "),
        Fact::UrgentMilestone(step) => step.milestone.name().into_owned(),
        Fact::Counted(count) => {
            let reason = count.reason.as_deref().unwrap_or_default();
            format!(
                "{} {:+} {} {reason}",
                count.count_kind.name(),
                count.value,
                count.count_kind.unit()
            )
            .trim()
            .to_owned()
        }
        Fact::CheckpointVisited(visit) => visit.checkpoint.clone(),
        Fact::PatrolStarted(patrol) => patrol.post.clone(),
        _ => String::new(),
    }
}
