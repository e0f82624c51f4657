//! Patrols: start to end, visits, observations, and the track, which travels in a lane of its own.

use grid_model::PatrolId;
use grid_model::time::Occurred;
use grid_model::track::{TrackPoint, measure};
use grid_wire::fact::{CheckpointVisited, PatrolStarted};
use grid_wire::{Body, Fact};

use super::{Fold, TIME_MS_MAX};
use crate::store::{
    HubRead, HubTxn, Stored, StoredChange, StoredObservation, StoredPatrol, StoredSegment, StoredVisit,
};
use crate::views::PatrolStatus;

impl Fold {
    pub(super) fn patrol_fact<T: HubTxn>(
        &mut self,
        tx: &mut T,
        id: PatrolId,
        change: &StoredChange,
        fact: &Fact,
        occurred: Occurred,
    ) -> Stored<()> {
        let position = change.position;
        match fact {
            Fact::PatrolStarted(started) => self.patrol_start(tx, id, position, started, occurred),
            Fact::PatrolPaused => set_status(tx, id, PatrolStatus::Paused),
            Fact::PatrolResumed => set_status(tx, id, PatrolStatus::Started),
            Fact::PatrolEnded(ended) => {
                let Some(mut patrol) = tx.patrol(id)? else {
                    return Ok(());
                };
                patrol.status = PatrolStatus::Ended;
                patrol.ended_at_ms = Some(occurred.at_ms);
                patrol.fixes = Some(ended.fixes.min(i64::MAX as u64));
                self.patrols.insert(id);
                tx.put_patrol(&patrol)
            }
            Fact::CheckpointVisited(visited) => tx.add_visit(&visit(id, position, visited, occurred)),
            Fact::Observed(observed) => tx.add_observation(&StoredObservation {
                patrol: id,
                change: position,
                kind: observed.observation_kind,
                occurred,
            }),
            Fact::TrackSegment(segment) => {
                self.patrols.insert(id);
                let first_index = segment.first_index.min(i64::MAX as u64);
                tx.add_segment(&StoredSegment {
                    patrol: id,
                    change: position,
                    first_index,
                    count: segment.count,
                })
            }
            _ => Ok(()),
        }
    }

    /// A patrol starts once; a second start under its id stays in the log.
    fn patrol_start<T: HubTxn>(
        &mut self,
        tx: &mut T,
        id: PatrolId,
        change: u64,
        started: &PatrolStarted,
        occurred: Occurred,
    ) -> Stored<()> {
        if tx.patrol(id)?.is_some() {
            return Ok(());
        }
        self.patrols.insert(id);
        tx.add_patrol(&StoredPatrol {
            id,
            change,
            org: self.worker.org,
            worker: self.worker.id,
            patrol_type: started.patrol_type,
            transport: started.transport,
            post: started.post.clone(),
            status: PatrolStatus::Started,
            started: occurred,
            ended_at_ms: None,
            fixes: None,
            points: 0,
            distance_m: 0.0,
            gaps: 0,
        })
    }
}

fn visit(patrol: PatrolId, change: u64, visited: &CheckpointVisited, occurred: Occurred) -> StoredVisit {
    StoredVisit {
        patrol,
        change,
        checkpoint: visited.checkpoint.clone(),
        proof: visited.proof,
        point: visited.point,
        unlocated_reason: visited.unlocated_reason,
        occurred,
    }
}

/// A patrol that is over stays over, whatever comes behind its end.
fn set_status<T: HubTxn>(tx: &mut T, id: PatrolId, status: PatrolStatus) -> Stored<()> {
    match tx.patrol(id)? {
        Some(patrol) if patrol.status != PatrolStatus::Ended => {
            tx.put_patrol(&StoredPatrol { status, ..patrol })
        }
        _ => Ok(()),
    }
}

/// Measures a patrol over everything that is here of its track. A segment may be here before its patrol's start is.
pub(super) fn measure_again<T: HubTxn>(tx: &mut T, id: PatrolId) -> Stored<()> {
    let Some(patrol) = tx.patrol(id)? else {
        return Ok(());
    };
    let points = track_of(tx, id)?;
    let measured = measure(&believed(&points), patrol.transport);
    tx.put_patrol(&StoredPatrol {
        points: points.len() as u64,
        distance_m: measured.distance_m,
        gaps: u32::try_from(measured.gaps.len()).unwrap_or(u32::MAX),
        ..patrol
    })
}

/// Every fix of a patrol that is here, in the order of its index.
pub(crate) fn track_of<T: HubRead>(tx: &T, id: PatrolId) -> Stored<Vec<TrackPoint>> {
    let mut points = Vec::new();
    for segment in tx.segments_of(id)? {
        let Some((kind, bytes)) = tx.body_at(segment.change)? else {
            continue;
        };
        // It could be read when it was judged; if not any more, its fixes stay in the log.
        if let Ok(Body {
            fact: Fact::TrackSegment(segment),
            ..
        }) = Body::from_bytes(kind, &bytes)
        {
            points.extend(segment.points().unwrap_or_default());
        }
    }
    Ok(points)
}

/// The fixes that lie on the earth and in time; the others are kept in the log and measured nowhere.
pub(crate) fn believed(points: &[TrackPoint]) -> Vec<TrackPoint> {
    let sane = |p: &&TrackPoint| {
        p.at_ms.unsigned_abs() <= TIME_MS_MAX.unsigned_abs()
            && p.lat_e7.unsigned_abs() <= 900_000_000
            && p.lon_e7.unsigned_abs() <= 1_800_000_000
    };
    points.iter().filter(sane).copied().collect()
}
