//! Cases born on the phone: matters found by the worker, and rescues.

use std::sync::Arc;

use crate::attachments::kept;
use crate::position::point;
use crate::terms::{id, name, term};
use crate::{FieldBook, FieldError, KeptAttachment, Position, RecordState, ReportDraft, SavedRecord};

/// A side of a dispute; never an identity.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Party {
    /// `A`, `B` or `other`.
    pub role: String,
    /// How the side is called, such as 三楼住户; at most 40 characters.
    pub label: String,
}

/// What a dispute adds to a case.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DisputeDraft {
    /// What it is about: `neighbour`, `labour_pay`, `mudflat`, …
    pub dispute_type: String,
    /// How many people, as a class: `under_50`, `50_100`, `100_500`, `over_500`.
    pub scale: String,
    /// How many people.
    pub involved_count: u32,
    /// Its sides.
    #[uniffi(default)]
    pub parties: Vec<Party>,
}

/// A matter found by the worker.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CaseDraft {
    /// Kind of matter: `dispute`, `hazard`, `public_order`, `environment`, …
    pub case_kind: String,
    /// At most 40 characters.
    pub title: String,
    /// At most 1,000 characters.
    pub description: String,
    /// At most 120 characters.
    pub place_text: String,
    /// Where, if there was a fix.
    #[uniffi(default)]
    pub position: Option<Position>,
    /// What a dispute adds.
    #[uniffi(default)]
    pub dispute: Option<DisputeDraft>,
    /// What belongs to it, at most 20.
    #[uniffi(default)]
    pub attachments: Vec<Arc<KeptAttachment>>,
}

/// A rescue or other urgent call; it begins now.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct UrgentDraft {
    /// At most 40 characters; may be empty.
    pub title: String,
    /// A named spot or a description; may be empty.
    pub place_text: String,
    /// Where, if there was a fix within 10 seconds.
    #[uniffi(default)]
    pub position: Option<Position>,
}

/// A case that was born on this phone.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BornCase {
    /// Its id for life.
    pub case_id: String,
    /// Its first record.
    pub saved: SavedRecord,
}

/// A case born on this phone, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CaseView {
    /// Case id.
    pub id: String,
    /// A rescue.
    pub urgent: bool,
    /// Kind of matter.
    pub case_kind: String,
    /// Title.
    pub title: String,
    /// Place.
    pub place_text: String,
    /// The wall clock's claim, UTC ms.
    pub reported_at_ms: i64,
    /// Reports submitted.
    pub reports: u32,
    /// The least advanced state of its records.
    pub own: Option<RecordState>,
}

#[uniffi::export]
impl FieldBook {
    /// Reports a matter found in the field; the case is born here and needs no network. Durable before return.
    pub fn report_case(&self, draft: CaseDraft) -> Result<BornCase, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.report_case(draft)?.into()))
    }

    /// Starts a rescue. Waits for no photo, form, log-in or network. Durable before return.
    pub fn start_urgent(&self, draft: UrgentDraft) -> Result<BornCase, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.start_urgent(draft)?.into()))
    }

    /// Records one step of a rescue: `received`, `partner_informed`, `departed`, `on_scene`, `contact_made`, `safe` or
    /// `handed_over`. Durable before return.
    pub fn urgent_milestone(&self, case_id: String, milestone: String) -> Result<SavedRecord, FieldError> {
        let (case, milestone) = (id("case", &case_id)?, term("milestone", &milestone)?);
        self.call(|book| Ok(book.urgent_milestone(case, milestone)?.into()))
    }

    /// Submits a disposition report on a case born here. Durable before return.
    pub fn submit_case(&self, case_id: String, draft: ReportDraft) -> Result<SavedRecord, FieldError> {
        let (case, draft) = (id("case", &case_id)?, draft.checked()?);
        self.call(|book| Ok(book.submit_case(case, draft)?.into()))
    }

    /// Cases born on this phone, the newest first.
    pub fn cases(&self, limit: u32) -> Result<Vec<CaseView>, FieldError> {
        self.look(|book| Ok(book.cases(limit)?.into_iter().map(CaseView::from).collect()))
    }
}

impl CaseDraft {
    pub(crate) fn checked(self) -> Result<grid_fieldbook::CaseDraft, FieldError> {
        Ok(grid_fieldbook::CaseDraft {
            case_kind: term("case_kind", &self.case_kind)?,
            title: self.title,
            description: self.description,
            place_text: self.place_text,
            point: point(self.position)?,
            dispute: self.dispute.map(DisputeDraft::checked).transpose()?,
            attachments: kept(&self.attachments),
        })
    }
}

impl UrgentDraft {
    pub(crate) fn checked(self) -> Result<grid_fieldbook::UrgentDraft, FieldError> {
        Ok(grid_fieldbook::UrgentDraft {
            title: self.title,
            place_text: self.place_text,
            point: point(self.position)?,
        })
    }
}

impl DisputeDraft {
    fn checked(self) -> Result<grid_fieldbook::DisputeDraft, FieldError> {
        let side = |party: Party| Ok((term("parties", &party.role)?, party.label));
        Ok(grid_fieldbook::DisputeDraft {
            dispute_type: term("dispute_type", &self.dispute_type)?,
            scale: term("scale", &self.scale)?,
            involved_count: self.involved_count,
            parties: self
                .parties
                .into_iter()
                .map(side)
                .collect::<Result<_, FieldError>>()?,
        })
    }
}

impl From<(grid_model::CaseId, grid_fieldbook::Saved)> for BornCase {
    fn from((case, saved): (grid_model::CaseId, grid_fieldbook::Saved)) -> Self {
        Self {
            case_id: case.to_string(),
            saved: saved.into(),
        }
    }
}

impl From<grid_fieldbook::CaseView> for CaseView {
    fn from(view: grid_fieldbook::CaseView) -> Self {
        Self {
            id: view.id.to_string(),
            urgent: view.urgent,
            case_kind: name(view.case_kind),
            title: view.title,
            place_text: view.place_text,
            reported_at_ms: view.reported_at_ms,
            reports: view.reports,
            own: view.own.map(RecordState::from),
        }
    }
}
