//! What the app hands in. A draft is checked before anything is written; the error names the field.

use grid_model::id::PatrolId;
use grid_model::terms::{
    AgreementForm, AttachmentRole, CaseKind, CountKind, DisputeType, Measure, ObservationKind, PartyRole,
    PartyTold, PatrolType, Proof, ReportResult, Scale, Transport, UnlocatedReason,
};
use grid_model::{Point, Sha256, limits};
use grid_wire::Attachment;

use crate::{FieldError, Problem};

/// An attachment that is already kept and may now be named by a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentRef(pub(crate) Attachment);

impl AttachmentRef {
    /// SHA-256 of the original.
    pub const fn sha256(&self) -> Sha256 {
        self.0.sha256
    }
}

/// A photo, voice note or paper to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentDraft {
    /// What it shows.
    pub role: AttachmentRole,
    /// Media type, such as `image/jpeg`.
    pub mime: String,
    /// Where it was taken, if there was a fix.
    pub point: Option<Point>,
    /// The original bytes.
    pub content: Vec<u8>,
}

/// A disposition report (处置反馈).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDraft {
    /// What came of it.
    pub result: ReportResult,
    /// What was done.
    pub measures: Vec<Measure>,
    /// The worker's words.
    pub narrative: String,
    /// Whether the person concerned was told.
    pub party_told: Option<PartyTold>,
    /// Form of an agreement reached.
    pub agreement: Option<AgreementForm>,
    /// Found and fixed on the spot.
    pub self_handled: bool,
    /// Where, if there was a fix.
    pub point: Option<Point>,
    /// What belongs to it.
    pub attachments: Vec<AttachmentRef>,
}

impl ReportDraft {
    /// A report with only a result and words.
    pub fn new(result: ReportResult, narrative: impl Into<String>) -> Self {
        Self {
            result,
            measures: Vec::new(),
            narrative: narrative.into(),
            party_told: None,
            agreement: None,
            self_handled: false,
            point: None,
            attachments: Vec::new(),
        }
    }

    /// Solved needs words or a voice note (domain §8); photos only as the task type says.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        at_most("narrative", &self.narrative, limits::NARRATIVE_CHARS_MAX)?;
        let voice = self.attachments.iter().any(|a| a.0.role == AttachmentRole::Voice);
        let short = self.narrative.trim().chars().count() < limits::NARRATIVE_CHARS_MIN;
        if self.result == ReportResult::Solved && short && !voice {
            let problem = Problem::TooShort {
                chars_min: limits::NARRATIVE_CHARS_MIN,
            };
            return Err(FieldError::invalid("narrative", problem));
        }
        attachments_fit(&self.attachments)
    }
}

/// A request for more time (申请延期).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionDraft {
    /// The due time that is wanted, UTC ms; later than it is due now, and within ten years of the dispatch.
    pub wanted_due_ms: i64,
    /// Why, at most 500 characters; never empty.
    pub reason: String,
}

impl ExtensionDraft {
    pub(crate) fn check(&self, created_at_ms: i64, due_at_ms: i64) -> Result<(), FieldError> {
        named("reason", &self.reason)?;
        at_most("reason", &self.reason, limits::REASON_CHARS_MAX)?;
        let last_ms = created_at_ms.saturating_add(limits::DUE_WITHIN_MS);
        if self.wanted_due_ms <= due_at_ms || self.wanted_due_ms > last_ms {
            return Err(FieldError::invalid("wanted_due", Problem::OutOfRange));
        }
        Ok(())
    }
}

/// A patrol about to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatrolDraft {
    /// Kind of patrol.
    pub patrol_type: PatrolType,
    /// How it moves.
    pub transport: Transport,
    /// Code of the post.
    pub post: String,
    /// Where it begins, if there was a fix.
    pub point: Option<Point>,
}

/// One fix of the phone's receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixDraft {
    /// Latitude, 1e-7 degrees.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    pub lon_e7: i32,
    /// Claimed accuracy, decimetres.
    pub accuracy_dm: u32,
    /// Claimed speed, cm/s.
    pub speed_cms: u32,
}

/// A checkpoint visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitDraft {
    /// Code of the checkpoint.
    pub checkpoint: String,
    /// How it is shown.
    pub proof: Proof,
    /// Where, if there was a fix.
    pub point: Option<Point>,
    /// Why there is no position.
    pub unlocated_reason: Option<UnlocatedReason>,
}

/// Something seen on patrol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObservationDraft {
    /// What it is.
    pub kind: ObservationKind,
    /// The worker's words.
    pub note: String,
    /// Where, if there was a fix.
    pub point: Option<Point>,
    /// What belongs to it.
    pub attachments: Vec<AttachmentRef>,
}

/// A step of a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountDraft {
    /// What is counted.
    pub kind: CountKind,
    /// How much to add; negative for a correction, which needs a reason.
    pub value: i64,
    /// Code of the post.
    pub post: String,
    /// The patrol during which it is counted.
    pub patrol: Option<PatrolId>,
    /// Why a correction is made.
    pub reason: Option<String>,
}

impl CountDraft {
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        named("post", &self.post)?;
        if self.value == 0 || self.value.unsigned_abs() > limits::COUNT_VALUE_MAX.unsigned_abs() {
            return Err(FieldError::invalid("value", Problem::OutOfRange));
        }
        let reason = self.reason.as_deref().unwrap_or_default();
        at_most("reason", reason, limits::REASON_CHARS_MAX)?;
        if self.value < 0 && reason.trim().is_empty() {
            return Err(FieldError::invalid("reason", Problem::NeedsReason));
        }
        Ok(())
    }
}

/// What a dispute adds to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeDraft {
    /// What it is about.
    pub dispute_type: DisputeType,
    /// How many people, as a class.
    pub scale: Scale,
    /// How many people.
    pub involved_count: u32,
    /// The sides: role and label, never an identity.
    pub parties: Vec<(PartyRole, String)>,
}

/// A matter found by the worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDraft {
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// At most 40 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub description: String,
    /// At most 120 characters.
    pub place_text: String,
    /// Where, if there was a fix.
    pub point: Option<Point>,
    /// What a dispute adds.
    pub dispute: Option<DisputeDraft>,
    /// What belongs to it.
    pub attachments: Vec<AttachmentRef>,
}

impl CaseDraft {
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        named("title", &self.title)?;
        at_most("title", &self.title, limits::TITLE_CHARS_MAX)?;
        at_most("description", &self.description, limits::DESCRIPTION_CHARS_MAX)?;
        at_most("place_text", &self.place_text, limits::PLACE_CHARS_MAX)?;
        for (_, label) in self.dispute.iter().flat_map(|dispute| &dispute.parties) {
            at_most("parties", label, limits::TITLE_CHARS_MAX)?;
        }
        attachments_fit(&self.attachments)
    }
}

/// A rescue or other urgent call; T0 is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrgentDraft {
    /// At most 40 characters.
    pub title: String,
    /// A named spot or a description.
    pub place_text: String,
    /// Where, if there was a fix within 10 s.
    pub point: Option<Point>,
}

impl UrgentDraft {
    /// Nothing may hold up a rescue: only what could not be stored at all is refused.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        at_most("title", &self.title, limits::TITLE_CHARS_MAX)?;
        at_most("place_text", &self.place_text, limits::PLACE_CHARS_MAX)
    }
}

pub(crate) fn named(field: &'static str, text: &str) -> Result<(), FieldError> {
    if text.trim().is_empty() {
        Err(FieldError::invalid(field, Problem::Empty))
    } else {
        Ok(())
    }
}

pub(crate) fn at_most(field: &'static str, text: &str, chars_max: usize) -> Result<(), FieldError> {
    if text.chars().count() > chars_max {
        Err(FieldError::invalid(field, Problem::TooLong { chars_max }))
    } else {
        Ok(())
    }
}

pub(crate) fn attachments_fit(attachments: &[AttachmentRef]) -> Result<(), FieldError> {
    let max = limits::ATTACHMENTS_MAX;
    if attachments.len() > max {
        return Err(FieldError::invalid(
            "attachments",
            Problem::TooMany { max: max as u64 },
        ));
    }
    Ok(())
}

pub(crate) fn named_by(attachments: &[AttachmentRef]) -> Vec<Attachment> {
    attachments
        .iter()
        .map(|attachment| attachment.0.clone())
        .collect()
}
