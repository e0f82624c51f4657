//! What a worker can do with a record that was sent back, beside `retry`: say it in other words, or hand it over.

use grid_model::TaskId;
use grid_model::id::Seq;
use grid_model::lane::{Lane, LaneKind};
use grid_model::{Coded as _, limits};
use grid_store::{RecordRow, RecordState, Writing};
use grid_vault::{key_id, seal_to};
use grid_wire::{Body, Fact, support_bytes};

use crate::drafts::{at_most, named};
use crate::tasks::{replay_known, report};
use crate::{AttachmentRef, FieldBook, FieldError, Problem, ReportDraft, Saved};

impl FieldBook {
    /// Says a record that was sent back in other words. What is recorded is a new one in the same lane, with everything else as it
    /// was; a report counts its version on. The old one stays on the platform with its reason, and waits for nobody here. Durable
    /// before return.
    ///
    /// `NotFound` when nothing at this place was sent back; `InvalidInput` of `record` when it has no words of the worker's.
    pub fn amend(&self, seq: Seq, words: &str) -> Result<Saved, FieldError> {
        self.durably(|tx| {
            let row = sent_back(tx, seq)?;
            let body = Body::from_bytes(row.kind, &row.body).map_err(|_| no_words())?;
            let fact = reworded(tx, row.lane, body.fact, words)?;
            let saved = self.append(tx, row.lane, fact)?;
            tx.lay_aside(seq)?;
            if row.lane.kind == LaneKind::Task {
                replay_known(tx, TaskId(row.lane.id))?;
            }
            Ok(saved)
        })
    }

    /// A record as a sealed file that a person can carry: `grid-platform admin support` opens it. Changes nothing. `NotFound` for a
    /// place without a record, and before enrolment: there is nobody to seal it to.
    pub fn export(&self, seq: Seq) -> Result<Vec<u8>, FieldError> {
        let row = self.store.read(|tx| tx.record(seq).map_err(FieldError::from))?;
        let row = row.ok_or(FieldError::NotFound { what: "record" })?;
        let enrolment = self
            .enrolment()?
            .ok_or(FieldError::NotFound { what: "enrolment" })?;
        let text = self.told_in_full(&row)?;
        let sealed = seal_to(&enrolment.sealing_key, self.host.random()?, text.as_bytes())?;
        Ok(support_bytes(&key_id(&enrolment.sealing_key), &sealed))
    }

    /// Everything that a desk needs to file a record by hand, and its bytes.
    fn told_in_full(&self, row: &RecordRow) -> Result<String, FieldError> {
        let key = self.key_of(row.place)?;
        let (epoch, seq) = key.map_or((0, 0), |(epoch, seq)| (epoch.0, seq.0));
        let state = match row.state {
            RecordState::Saved => "saved".to_owned(),
            RecordState::Received => "received".to_owned(),
            RecordState::BackedUp => "backed_up".to_owned(),
            RecordState::Parked(reason) => format!("parked: {}", reason.name()),
        };
        let hex: String = row.body.iter().map(|byte| format!("{byte:02x}")).collect();
        let body = Body::from_bytes(row.kind, &row.body);
        let photos = body.as_ref().map_or(Vec::new(), |body| {
            body.fact
                .attachments()
                .iter()
                .map(|photo| photo.sha256.to_string())
                .collect()
        });
        Ok([
            format!("device {} epoch {epoch} seq {seq}", self.device()),
            format!("record {} lane {} kind {}", row.place, row.lane, row.kind.name()),
            format!("recorded_at_ms {}", row.recorded_at_ms),
            format!("state {state}"),
            format!("words {}", crate::status::words_of(row)),
            format!("photos {}", photos.join(" ")),
            format!("body {hex}"),
        ]
        .join("\n")
            + "\n")
    }
}

/// The record at a place, if it was sent back.
fn sent_back(tx: &Writing<'_>, seq: Seq) -> Result<RecordRow, FieldError> {
    let row = tx.record(seq)?;
    let parked = |row: &RecordRow| matches!(row.state, RecordState::Parked(_));
    row.filter(parked).ok_or(FieldError::NotFound {
        what: "parked record",
    })
}

fn no_words() -> FieldError {
    FieldError::invalid("record", Problem::WrongState)
}

/// The same fact in other words.
fn reworded(tx: &Writing<'_>, lane: Lane, fact: Fact, words: &str) -> Result<Fact, FieldError> {
    let words = words.to_owned();
    Ok(match fact {
        Fact::ReportSubmitted(old) => {
            let draft = ReportDraft {
                result: old.result,
                measures: old.measures,
                narrative: words,
                party_told: old.party_told,
                agreement: old.agreement,
                self_handled: old.self_handled,
                point: old.point,
                attachments: old.attachments.into_iter().map(AttachmentRef).collect(),
            };
            draft.check()?;
            Fact::ReportSubmitted(report(tx, lane, draft)?)
        }
        Fact::ExtensionRequested(mut asked) => {
            named("reason", &words)?;
            at_most("reason", &words, limits::REASON_CHARS_MAX)?;
            asked.reason = words;
            Fact::ExtensionRequested(asked)
        }
        Fact::Observed(mut observed) => {
            at_most("note", &words, limits::NOTE_CHARS_MAX)?;
            observed.note = words;
            Fact::Observed(observed)
        }
        Fact::CaseReported(mut case) => {
            at_most("description", &words, limits::DESCRIPTION_CHARS_MAX)?;
            case.description = words;
            Fact::CaseReported(case)
        }
        Fact::TaskAccepted
        | Fact::TaskArrived(_)
        | Fact::PatrolStarted(_)
        | Fact::PatrolPaused
        | Fact::PatrolResumed
        | Fact::PatrolEnded(_)
        | Fact::CheckpointVisited(_)
        | Fact::TrackSegment(_)
        | Fact::UrgentStarted(_)
        | Fact::UrgentMilestone(_)
        | Fact::Counted(_)
        | Fact::Unknown => return Err(no_words()),
    })
}
