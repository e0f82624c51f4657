//! Views from facts: what a change that is already in the log means for the lists a worker sees. Used when a change comes
//! back from the lifeboat, from a damaged database, or from a locked capture; recording does the same inside its own use
//! case.

use grid_model::id::{CaseId, PatrolId, Seq, TaskId};
use grid_model::lane::LaneKind;
use grid_model::terms::CaseKind;
use grid_model::{ChangeKind, TaskEvent};
use grid_store::{CaseRow, PatrolRow, PatrolStatus, Writing};
use grid_wire::{Body, Entry, Fact};

use crate::FieldError;
use crate::counts::civil_day;

/// Like `replay`, for a database whose task rows already show what own changes made of them.
pub(crate) fn replay_without_tasks(
    tx: &Writing<'_>,
    place: Seq,
    entry: &Entry,
    recorded_at_ms: i64,
) -> Result<(), FieldError> {
    if entry.lane.kind == LaneKind::Task {
        return Ok(());
    }
    replay(tx, place, entry, recorded_at_ms)
}

/// Lays a change into the views. One that this build cannot read stays in the log and shows in no view.
pub(crate) fn replay(
    tx: &Writing<'_>,
    place: Seq,
    entry: &Entry,
    recorded_at_ms: i64,
) -> Result<(), FieldError> {
    let Ok(body) = Body::from_bytes(entry.kind, &entry.body) else {
        return Ok(());
    };
    let id = entry.lane.id;
    match body.fact {
        Fact::CaseReported(case) => {
            let row = case_row(
                id,
                false,
                case.case_kind,
                case.title,
                case.place_text,
                recorded_at_ms,
            );
            tx.insert_case(&row, Some(place))?;
        }
        Fact::UrgentStarted(urgent) => {
            let kind = CaseKind::Urgent;
            let row = case_row(id, true, kind, urgent.title, urgent.place_text, recorded_at_ms);
            tx.insert_case(&row, Some(place))?;
        }
        Fact::ReportSubmitted(_) if matches!(entry.lane.kind, LaneKind::Case | LaneKind::Urgent) => {
            tx.case_reported_on(CaseId(id))?;
        }
        Fact::Counted(count) => {
            tx.add_to_tally(&civil_day(recorded_at_ms), count.count_kind, count.value)?;
        }
        Fact::PatrolStarted(patrol) => {
            let row = PatrolRow {
                id: PatrolId(id),
                patrol_type: patrol.patrol_type,
                transport: patrol.transport,
                post: patrol.post,
                status: PatrolStatus::Started,
                started_at_ms: recorded_at_ms,
                ended_at_ms: None,
                fixes: 0,
                sealed: 0,
            };
            tx.insert_patrol(&row, Some(place))?;
        }
        Fact::PatrolPaused => tx.set_patrol_status(PatrolId(id), PatrolStatus::Paused, None)?,
        Fact::PatrolResumed => tx.set_patrol_status(PatrolId(id), PatrolStatus::Started, None)?,
        Fact::PatrolEnded(_) => {
            tx.set_patrol_status(PatrolId(id), PatrolStatus::Ended, Some(recorded_at_ms))?;
        }
        Fact::TrackSegment(segment) => {
            tx.segment_known(PatrolId(id), segment.first_index, u64::from(segment.count))?;
        }
        _ if entry.lane.kind == LaneKind::Task => move_task(tx, TaskId(id), entry.kind)?,
        _ => {}
    }
    Ok(())
}

/// An own change moves the task it is about, if the task is here; a pull replays it again.
fn move_task(tx: &Writing<'_>, id: TaskId, kind: ChangeKind) -> Result<(), FieldError> {
    let event = match kind {
        ChangeKind::TaskAccepted => TaskEvent::Accept,
        ChangeKind::TaskArrived => TaskEvent::Arrive,
        ChangeKind::ReportSubmitted => TaskEvent::Submit,
        _ => return Ok(()),
    };
    if let Some(status) = tx.task(id)?.and_then(|task| task.local_status.after(event)) {
        tx.set_local_status(id, status)?;
    }
    Ok(())
}

fn case_row(
    id: [u8; 16],
    urgent: bool,
    case_kind: CaseKind,
    title: String,
    place_text: String,
    reported_at_ms: i64,
) -> CaseRow {
    CaseRow {
        id: CaseId(id),
        urgent,
        case_kind,
        title,
        place_text,
        reported_at_ms,
        reports: 0,
    }
}
