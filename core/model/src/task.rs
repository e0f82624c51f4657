//! The task machine (domain §5.2). An illegal pair is refused on the device with a sentence; a pair that was legal when
//! made and is not at arrival is kept as a fact and decided by rules C1–C7.

use crate::coded::coded;

coded! {
    /// Where a task stands.
    pub enum TaskStatus {
        Assigned = 1 "assigned",
        Accepted = 2 "accepted",
        OnSite = 3 "on_site",
        Submitted = 4 "submitted",
        Rework = 5 "rework",
        Suspended = 6 "suspended",
        Escalated = 7 "escalated",
        Returned = 8 "returned",
        Recalled = 9 "recalled",
        Voided = 10 "voided",
        Closed = 11 "closed",
    }
}

coded! {
    /// What happened to a task; the log of these is the 流转日志.
    pub enum TaskEvent {
        Dispatch = 1 "dispatch",
        Deliver = 2 "deliver",
        Accept = 3 "accept",
        Arrive = 4 "arrive",
        Submit = 5 "submit",
        Amend = 6 "amend",
        ReviewPass = 7 "review_pass",
        ReviewFail = 8 "review_fail",
        Recall = 9 "recall",
        Void = 10 "void",
        LateReport = 11 "late_report",
        Restore = 12 "restore",
        RequestExtension = 13 "request_extension",
        GrantExtension = 14 "grant_extension",
        RefuseExtension = 15 "refuse_extension",
        LateExtension = 16 "late_extension",
        WithdrawOverdue = 17 "withdraw_overdue",
    }
}

coded! {
    /// What became of a request for more time (延期).
    pub enum ExtensionState {
        Pending = 1 "pending",
        Granted = 2 "granted",
        Refused = 3 "refused",
        Late = 4 "late",
        Superseded = 5 "superseded",
    }
}

impl TaskStatus {
    /// True while somebody still has something to do.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Assigned | Self::Accepted | Self::OnSite | Self::Submitted | Self::Rework | Self::Suspended
        )
    }

    /// True while the holder himself has something to do.
    pub fn is_open_for_holder(self) -> bool {
        matches!(
            self,
            Self::Assigned | Self::Accepted | Self::OnSite | Self::Rework
        )
    }

    /// The state after `event`, or `None` when the pair is illegal. Rows refer to domain §5.2.
    pub fn after(self, event: TaskEvent) -> Option<Self> {
        use TaskEvent as E;
        match (self, event) {
            // Row 2: delivery stamps a time and changes nothing.
            (Self::Assigned, E::Deliver) => Some(Self::Assigned),
            // Row 3.
            (Self::Assigned, E::Accept) => Some(Self::Accepted),
            // Row 4: arriving implies accepting.
            (Self::Assigned | Self::Accepted | Self::Rework, E::Arrive) => Some(Self::OnSite),
            // Row 5: submitting implies both.
            (Self::Assigned | Self::Accepted | Self::OnSite | Self::Rework, E::Submit) => {
                Some(Self::Submitted)
            }
            // Row 6: until review opens.
            (Self::Submitted, E::Amend) => Some(Self::Submitted),
            // Row 9: a request moves nothing until it is answered.
            (state, E::RequestExtension) if state.is_open_for_holder() => Some(state),
            // Row 10: the answer moves the due time alone, and may come when the work is done.
            (state, E::GrantExtension | E::RefuseExtension) if state.is_live() || state == Self::Closed => {
                Some(state)
            }
            // Rows 14 and 15.
            (Self::Submitted, E::ReviewPass) => Some(Self::Closed),
            (Self::Submitted, E::ReviewFail) => Some(Self::Rework),
            // Rows 16 and 17.
            (state, E::Recall) if state.is_live() => Some(Self::Recalled),
            (state, E::Void) if state.is_live() => Some(Self::Voided),
            // Conflict C2: the report of a recalled task is kept and changes nothing until restored (row 22).
            (Self::Recalled, E::LateReport) => Some(Self::Recalled),
            (Self::Recalled, E::Restore) => Some(Self::Submitted),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Coded;

    #[test]
    fn the_holder_can_submit_without_accepting_first() {
        assert_eq!(
            TaskStatus::Assigned.after(TaskEvent::Submit),
            Some(TaskStatus::Submitted)
        );
    }

    #[test]
    fn final_states_stay_final_but_a_recall_can_be_undone() {
        for state in [
            TaskStatus::Closed,
            TaskStatus::Voided,
            TaskStatus::Returned,
            TaskStatus::Escalated,
        ] {
            for event in TaskEvent::known() {
                let after = state.after(*event);
                assert!(
                    after.is_none_or(|after| after == state),
                    "{state:?} {event:?} {after:?}"
                );
            }
        }
        assert_eq!(
            TaskStatus::Recalled.after(TaskEvent::Restore),
            Some(TaskStatus::Submitted)
        );
    }

    #[test]
    fn a_request_for_more_time_and_its_answer_move_no_state() {
        for state in TaskStatus::known() {
            let asked = state.after(TaskEvent::RequestExtension);
            assert_eq!(asked.is_some(), state.is_open_for_holder(), "{state:?}");
            for event in [TaskEvent::GrantExtension, TaskEvent::RefuseExtension] {
                let answered = state.after(event);
                assert!(
                    answered.is_none_or(|after| after == *state),
                    "{state:?} {event:?}"
                );
                assert!(asked.is_none() || answered.is_some(), "{state:?} {event:?}");
            }
        }
        assert_eq!(TaskStatus::Recalled.after(TaskEvent::GrantExtension), None);
    }

    #[test]
    fn every_live_state_can_be_recalled_and_no_other() {
        for state in TaskStatus::known() {
            assert_eq!(
                state.after(TaskEvent::Recall).is_some(),
                state.is_live(),
                "{state:?}"
            );
        }
    }
}
