//! What a change comes to. Facts are never refused: a change is accepted, or parked for a person to look at.

use grid_model::terms::ParkReason;
use grid_model::{CaseId, ChangeKind, LaneKind, PatrolId, TaskId, WorkerId};
use grid_wire::fact::SCHEMA_VERSION;
use grid_wire::{Body, Entry, Fact, WireError};

use crate::fold::occurred;
use crate::store::{HubRead, Stored, StoredChange, StoredWorker};

/// The body of an accepted change, or why it is parked.
pub(super) fn judge<T: HubRead>(
    tx: &T,
    change: &StoredChange,
    author: &StoredWorker,
) -> Stored<Result<Body, ParkReason>> {
    let (entry, worker) = (&change.entry, author.id);
    let body = match read(entry) {
        Ok(body) => body,
        Err(reason) => return Ok(Err(reason)),
    };
    let stranger = |holder: Option<WorkerId>| holder.is_some_and(|holder| holder != worker);
    let id = entry.lane.id;
    let foreign = match entry.lane.kind {
        LaneKind::Task => match tx.task(TaskId(id))? {
            None => return Ok(Err(ParkReason::UnknownTask)),
            Some(task) if task.holder != worker => true,
            Some(_) if is_after_posting(author, &body, change.received_at_ms) => {
                return Ok(Err(ParkReason::PostingEnded));
            }
            Some(_) => false,
        },
        // What is born on a phone has no row yet when its birth arrives; a row of somebody else's is not ours to add to.
        LaneKind::Case | LaneKind::Urgent => stranger(tx.case(CaseId(id))?.map(|case| case.reporter)),
        LaneKind::Patrol | LaneKind::Track => stranger(tx.patrol(PatrolId(id))?.map(|patrol| patrol.worker)),
        LaneKind::Count | LaneKind::Unknown(_) => false,
    };
    Ok(if foreign {
        Err(ParkReason::NotHolder)
    } else {
        Ok(body)
    })
}

/// Whether even the earliest moment at which this may have happened lies behind the end of the posting (C6).
fn is_after_posting(author: &StoredWorker, body: &Body, received_at_ms: i64) -> bool {
    let earliest_ms = occurred(&body.stamp, received_at_ms).earliest_ms;
    author
        .posted_until_ms
        .is_some_and(|until_ms| earliest_ms > until_ms)
}

/// The body, as far as this build can read it. Odd values are kept as they are.
pub(crate) fn read(entry: &Entry) -> Result<Body, ParkReason> {
    let unknown =
        matches!(entry.kind, ChangeKind::Unknown(_)) || matches!(entry.lane.kind, LaneKind::Unknown(_));
    if unknown || entry.schema_version > SCHEMA_VERSION {
        return Err(ParkReason::NewerFormat);
    }
    let body = Body::from_bytes(entry.kind, &entry.body).map_err(|error| match error {
        WireError::TooLarge { .. } => ParkReason::TooLarge,
        WireError::Newer { .. } => ParkReason::NewerFormat,
        WireError::NotOurs | WireError::Malformed { .. } => ParkReason::Unreadable,
    })?;
    match &body.fact {
        Fact::Unknown => Err(ParkReason::NewerFormat),
        Fact::TrackSegment(segment) if segment.points().is_err() => Err(ParkReason::Unreadable),
        _ => Ok(body),
    }
}
