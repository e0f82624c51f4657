//! Lanes: order is kept inside one aggregate and nowhere else, so a parked change holds up nothing but its own lane.

use std::fmt;

use crate::coded::coded;
use crate::{CaseId, Coded, DeviceId, PatrolId, TaskId};

coded! {
    /// The family of an aggregate whose changes keep their order.
    pub enum LaneKind {
        Task = 1 "task",
        Case = 2 "case",
        Urgent = 3 "urgent",
        Patrol = 4 "patrol",
        Track = 5 "track",
        Count = 6 "count",
    }
}

/// One ordered stream of changes: an aggregate and its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Which family of aggregate.
    pub kind: LaneKind,
    /// The aggregate's 16 random bytes.
    pub id: [u8; 16],
}

impl Lane {
    /// The lane of a task's own events and reports.
    pub const fn task(id: TaskId) -> Self {
        Self {
            kind: LaneKind::Task,
            id: id.0,
        }
    }
    /// The lane of a case born on the phone.
    pub const fn case(id: CaseId) -> Self {
        Self {
            kind: LaneKind::Case,
            id: id.0,
        }
    }
    /// The lane of an urgent case born on the phone.
    pub const fn urgent(id: CaseId) -> Self {
        Self {
            kind: LaneKind::Urgent,
            id: id.0,
        }
    }
    /// The lane of a patrol's events.
    pub const fn patrol(id: PatrolId) -> Self {
        Self {
            kind: LaneKind::Patrol,
            id: id.0,
        }
    }
    /// The lane of a patrol's track segments; apart from its events, which must not wait for kilobytes of points.
    pub const fn track(id: PatrolId) -> Self {
        Self {
            kind: LaneKind::Track,
            id: id.0,
        }
    }
    /// The lane of counts made during a patrol.
    pub const fn patrol_counts(id: PatrolId) -> Self {
        Self {
            kind: LaneKind::Count,
            id: id.0,
        }
    }
    /// The lane of counts made outside any patrol: one tally sheet per vault.
    pub const fn loose_counts(id: DeviceId) -> Self {
        Self {
            kind: LaneKind::Count,
            id: id.0,
        }
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), uuid::Uuid::from_bytes(self.id))
    }
}

coded! {
    /// What a change says; the number is frozen for ever.
    pub enum ChangeKind {
        TaskAccepted = 1 "task_accepted",
        TaskArrived = 2 "task_arrived",
        ReportSubmitted = 3 "report_submitted",
        ExtensionRequested = 4 "extension_requested",
        PatrolStarted = 10 "patrol_started",
        CheckpointVisited = 11 "checkpoint_visited",
        Observed = 12 "observed",
        PatrolPaused = 13 "patrol_paused",
        PatrolResumed = 14 "patrol_resumed",
        PatrolEnded = 15 "patrol_ended",
        TrackSegment = 16 "track_segment",
        Counted = 20 "counted",
        CaseReported = 30 "case_reported",
        UrgentStarted = 40 "urgent_started",
        UrgentMilestone = 41 "urgent_milestone",
    }
}

/// What goes first when the link is short: a smaller number goes earlier. Source: domain §10 rule 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Urgent events and their reports.
    Urgent = 0,
    /// Accept, arrive, requests for more time, new cases: what dispatchers wait for.
    TaskEvents = 1,
    /// Disposition reports.
    Reports = 2,
    /// Patrol events and observations.
    Patrols = 3,
    /// Counts.
    Counts = 4,
    /// Track segments.
    Tracks = 5,
}

impl Priority {
    /// The priority of a change of this kind in this lane. An unknown kind travels with the counts.
    pub fn of(lane: Lane, kind: ChangeKind) -> Self {
        if lane.kind == LaneKind::Urgent {
            return Self::Urgent;
        }
        match kind {
            ChangeKind::UrgentStarted | ChangeKind::UrgentMilestone => Self::Urgent,
            ChangeKind::TaskAccepted
            | ChangeKind::TaskArrived
            | ChangeKind::ExtensionRequested
            | ChangeKind::CaseReported => Self::TaskEvents,
            ChangeKind::ReportSubmitted => Self::Reports,
            ChangeKind::PatrolStarted
            | ChangeKind::CheckpointVisited
            | ChangeKind::Observed
            | ChangeKind::PatrolPaused
            | ChangeKind::PatrolResumed
            | ChangeKind::PatrolEnded => Self::Patrols,
            ChangeKind::Counted | ChangeKind::Unknown(_) => Self::Counts,
            ChangeKind::TrackSegment => Self::Tracks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_for_a_rescue_is_urgent_and_for_a_task_is_not() {
        let rescue = Lane::urgent(CaseId([1; 16]));
        let task = Lane::task(TaskId([1; 16]));
        assert_eq!(
            Priority::of(rescue, ChangeKind::ReportSubmitted),
            Priority::Urgent
        );
        assert_eq!(Priority::of(task, ChangeKind::ReportSubmitted), Priority::Reports);
        assert!(Priority::Urgent < Priority::Tracks);
    }
}
