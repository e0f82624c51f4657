//! Cases born on the phone: matters found by the worker, and rescues.

use grid_model::id::CaseId;
use grid_model::lane::Lane;
use grid_model::terms::{CaseKind, Milestone};
use grid_store::{CaseRow, Reading};
use grid_wire::Fact;
use grid_wire::fact::{CaseReported, Dispute, Party, UrgentMilestone, UrgentStarted};

use crate::drafts::named_by;
use crate::tasks::report;
use crate::{
    CaseDraft, CaseView, DisputeDraft, FieldBook, FieldError, Problem, ReportDraft, Saved, UrgentDraft,
};

impl FieldBook {
    /// Reports a matter found in the field; the case is born here and needs no network. Durable before return.
    pub fn report_case(&self, draft: CaseDraft) -> Result<(CaseId, Saved), FieldError> {
        draft.check()?;
        let row = self.case_row(false, draft.case_kind, &draft.title, &draft.place_text)?;
        let dispute = draft.dispute.map(dispute);
        let fact = Fact::CaseReported(CaseReported {
            case_kind: draft.case_kind,
            title: draft.title,
            description: draft.description,
            place_text: draft.place_text,
            point: draft.point,
            dispute,
            attachments: named_by(&draft.attachments),
        });
        let saved = self.record(Lane::case(row.id), fact, |tx| Ok(tx.insert_case(&row, None)?))?;
        Ok((row.id, saved))
    }

    /// Starts a rescue: T0 is now. Waits for no photo, form, log-in or network. Durable before return.
    pub fn start_urgent(&self, draft: UrgentDraft) -> Result<(CaseId, Saved), FieldError> {
        draft.check()?;
        let row = self.case_row(true, CaseKind::Urgent, &draft.title, &draft.place_text)?;
        let fact = Fact::UrgentStarted(UrgentStarted {
            title: draft.title,
            place_text: draft.place_text,
            point: draft.point,
        });
        let saved = self.record(Lane::urgent(row.id), fact, |tx| Ok(tx.insert_case(&row, None)?))?;
        Ok((row.id, saved))
    }

    /// Records one step of a rescue, one tap. Durable before return.
    pub fn urgent_milestone(&self, case: CaseId, milestone: Milestone) -> Result<Saved, FieldError> {
        let fact = Fact::UrgentMilestone(UrgentMilestone { milestone });
        self.record(Lane::urgent(case), fact, |tx| {
            if own_case(tx, case)?.urgent {
                Ok(())
            } else {
                Err(FieldError::invalid("case", Problem::WrongState))
            }
        })
    }

    /// Submits a disposition report on a case born here; photos of a rescue go before other photos. Durable before return.
    pub fn submit_case(&self, case: CaseId, draft: ReportDraft) -> Result<Saved, FieldError> {
        draft.check()?;
        self.durably(|tx| {
            let row = own_case(tx, case)?;
            let lane = case_lane(&row);
            if row.urgent {
                draft
                    .attachments
                    .iter()
                    .try_for_each(|photo| tx.set_attachment_urgent(photo.sha256()))?;
            }
            let fact = Fact::ReportSubmitted(report(tx, lane, draft)?);
            let saved = self.append(tx, lane, fact)?;
            tx.case_reported_on(case)?;
            Ok(saved)
        })
    }

    /// Cases born on this phone, the newest first.
    pub fn cases(&self, limit: u32) -> Result<Vec<CaseView>, FieldError> {
        self.store.read(|tx| {
            let rows = tx.own_cases(limit)?;
            rows.into_iter()
                .map(|row| {
                    let own = tx.lane_state(case_lane(&row))?;
                    Ok(CaseView {
                        id: row.id,
                        urgent: row.urgent,
                        case_kind: row.case_kind,
                        title: row.title,
                        place_text: row.place_text,
                        reported_at_ms: row.reported_at_ms,
                        reports: row.reports,
                        own,
                    })
                })
                .collect()
        })
    }

    fn case_row(
        &self,
        urgent: bool,
        case_kind: CaseKind,
        title: &str,
        place: &str,
    ) -> Result<CaseRow, FieldError> {
        Ok(CaseRow {
            id: CaseId(self.host.random()?),
            urgent,
            case_kind,
            title: title.to_owned(),
            place_text: place.to_owned(),
            reported_at_ms: self.host.clock.now().wall_ms,
            reports: 0,
        })
    }
}

/// The dispute of a draft, as it is written down.
pub(crate) fn dispute(draft: DisputeDraft) -> Dispute {
    Dispute {
        dispute_type: draft.dispute_type,
        scale: draft.scale,
        involved_count: draft.involved_count,
        parties: draft
            .parties
            .into_iter()
            .map(|(role, label)| Party { role, label })
            .collect(),
    }
}

fn own_case(tx: &Reading<'_>, id: CaseId) -> Result<CaseRow, FieldError> {
    tx.own_case(id)?.ok_or(FieldError::NotFound { what: "case" })
}

const fn case_lane(row: &CaseRow) -> Lane {
    if row.urgent {
        Lane::urgent(row.id)
    } else {
        Lane::case(row.id)
    }
}
