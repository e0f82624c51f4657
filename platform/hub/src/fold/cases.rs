//! Cases born on a phone, calls for help with their milestones, and reports on both.

use grid_model::terms::CaseKind;
use grid_model::time::Occurred;
use grid_model::{CaseId, LaneKind};
use grid_wire::Fact;

use super::Fold;
use crate::number::next_case_no;
use crate::store::{HubTxn, Stored, StoredCase, StoredChange, StoredMilestone, StoredReport};

impl Fold {
    pub(super) fn case_fact<T: HubTxn>(
        &mut self,
        tx: &mut T,
        id: CaseId,
        change: &StoredChange,
        fact: &Fact,
        occurred: Occurred,
    ) -> Stored<()> {
        match fact {
            Fact::CaseReported(case) => self.case_birth(
                tx,
                id,
                change,
                (case.case_kind, &case.title, &case.place_text),
                occurred,
            ),
            Fact::UrgentStarted(urgent) => self.case_birth(
                tx,
                id,
                change,
                (CaseKind::Urgent, &urgent.title, &urgent.place_text),
                occurred,
            ),
            Fact::UrgentMilestone(step) => tx.add_milestone(&StoredMilestone {
                case: id,
                change: change.position,
                milestone: step.milestone,
                occurred,
            }),
            Fact::ReportSubmitted(report) => tx.add_report(&StoredReport {
                lane: change.entry.lane,
                change: change.position,
                version: report.version,
                author: self.worker.id,
                occurred,
                received_at_ms: change.received_at_ms,
                supplement: false,
                late: false,
            }),
            _ => Ok(()),
        }
    }

    /// A case is born once; a second birth under its id stays in the log.
    fn case_birth<T: HubTxn>(
        &mut self,
        tx: &mut T,
        id: CaseId,
        change: &StoredChange,
        (case_kind, title, place_text): (CaseKind, &str, &str),
        occurred: Occurred,
    ) -> Stored<()> {
        if tx.case(id)?.is_some() {
            return Ok(());
        }
        let no = next_case_no(tx, &self.org.prefix, change.received_at_ms)?;
        tx.add_case(&StoredCase {
            id,
            change: change.position,
            org: self.worker.org,
            no,
            case_kind,
            title: title.to_owned(),
            place_text: place_text.to_owned(),
            urgent: change.entry.lane.kind == LaneKind::Urgent,
            reporter: self.worker.id,
            occurred,
            received_at_ms: change.received_at_ms,
        })
    }
}
