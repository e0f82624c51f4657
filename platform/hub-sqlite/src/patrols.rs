//! Patrols with their track, visits and observations.

use grid_hub::store::{
    PatrolRead, PatrolTally, PatrolWrite, Stored, StoredObservation, StoredPatrol, StoredSegment, StoredVisit,
};
use grid_hub::views::{Page, PatrolQuery, PatrolStatus, Period};
use grid_model::{Coded as _, OrgId, PatrolId, WorkerId};
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, code_maybe, int};

macro_rules! patrol_columns {
    ($rest:literal) => {
        concat!(
            "SELECT patrol_id, change_position, org_id, worker_id, patrol_type, transport, post_code, status, ",
            "started_at_ms, earliest_ms, latest_ms, clock, ended_at_ms, fixes, points, distance_m, gaps FROM patrol ",
            $rest
        )
    };
}

/// What a query asks for, with `?2` post and `?3`, `?4` period.
macro_rules! matching {
    ($rest:literal) => {
        concat!(
            "WHERE org_id IN scope AND (?2 IS NULL OR post_code = ?2) ",
            "AND started_at_ms >= ?3 AND started_at_ms < ?4 ",
            $rest
        )
    };
}

const fn status_code(status: PatrolStatus) -> i64 {
    match status {
        PatrolStatus::Started => 1,
        PatrolStatus::Paused => 2,
        PatrolStatus::Ended => 3,
    }
}

fn patrol(c: &mut Cells<'_>) -> rusqlite::Result<StoredPatrol> {
    Ok(StoredPatrol {
        id: c.id()?,
        change: c.number()?,
        org: c.id()?,
        worker: c.id()?,
        patrol_type: c.code()?,
        transport: c.code()?,
        post: c.take()?,
        status: match c.take::<i64>()? {
            1 => PatrolStatus::Started,
            2 => PatrolStatus::Paused,
            _ => PatrolStatus::Ended,
        },
        started: c.occurred()?,
        ended_at_ms: c.take()?,
        fixes: c.number_maybe()?,
        points: c.number()?,
        distance_m: c.take()?,
        gaps: c.take()?,
    })
}

impl<M> PatrolRead for Access<'_, M> {
    fn patrol(&self, id: PatrolId) -> Stored<Option<StoredPatrol>> {
        self.one(patrol_columns!("WHERE patrol_id = ?1"), [id.0], patrol)
    }

    fn patrols_within(&self, root: OrgId, query: &PatrolQuery) -> Stored<Page<StoredPatrol>> {
        let Period { from_ms, to_ms } = query.period.unwrap_or(Period::ALWAYS);
        let (post, page) = (query.post.as_deref(), query.page);
        self.page(
            (
                within!(concat!("SELECT count(*) FROM patrol ", matching!(""))),
                params![root.0, post, from_ms, to_ms],
            ),
            (
                within!(concat!(
                    patrol_columns!(""),
                    matching!("ORDER BY started_at_ms DESC, patrol_id DESC LIMIT ?5 OFFSET ?6")
                )),
                params![root.0, post, from_ms, to_ms, page.limit, page.offset],
            ),
            patrol,
        )
    }

    fn patrol_tally(&self, id: PatrolId, worker: WorkerId) -> Stored<PatrolTally> {
        let tally = self.one(
            "SELECT (SELECT count(*) FROM visit WHERE patrol_id = ?1),
                    (SELECT count(*) FROM observation WHERE patrol_id = ?1),
                    (SELECT count(*) FROM count_step WHERE patrol_id = ?1 AND worker_id = ?2)",
            [id.0, worker.0],
            |c| {
                Ok(PatrolTally {
                    visits: c.take()?,
                    observations: c.take()?,
                    counts: c.take()?,
                })
            },
        )?;
        Ok(tally.unwrap_or_default())
    }

    fn segments_of(&self, id: PatrolId) -> Stored<Vec<StoredSegment>> {
        self.all(
            "SELECT patrol_id, change_position, first_index, count FROM track_segment
             WHERE patrol_id = ?1 ORDER BY first_index, change_position",
            [id.0],
            |c| {
                let (patrol, change, first_index) = (c.id()?, c.number()?, c.number()?);
                Ok(StoredSegment {
                    patrol,
                    change,
                    first_index,
                    count: c.take()?,
                })
            },
        )
    }

    fn visits_of(&self, id: PatrolId) -> Stored<Vec<StoredVisit>> {
        self.all(
            "SELECT patrol_id, change_position, checkpoint_code, proof, lat_e7, lon_e7, accuracy_dm, unlocated_reason,
                    occurred_at_ms, earliest_ms, latest_ms, clock
             FROM visit WHERE patrol_id = ?1 ORDER BY occurred_at_ms, change_position",
            [id.0],
            |c| {
                Ok(StoredVisit {
                    patrol: c.id()?,
                    change: c.number()?,
                    checkpoint: c.take()?,
                    proof: c.code()?,
                    point: c.point()?,
                    unlocated_reason: c.code_maybe()?,
                    occurred: c.occurred()?,
                })
            },
        )
    }

    fn observations_of(&self, id: PatrolId) -> Stored<Vec<StoredObservation>> {
        self.all(
            "SELECT patrol_id, change_position, kind, occurred_at_ms, earliest_ms, latest_ms, clock
             FROM observation WHERE patrol_id = ?1 ORDER BY occurred_at_ms, change_position",
            [id.0],
            |c| {
                let (patrol, change) = (c.id()?, c.number()?);
                Ok(StoredObservation {
                    patrol,
                    change,
                    kind: c.code()?,
                    occurred: c.occurred()?,
                })
            },
        )
    }
}

impl PatrolWrite for Access<'_, Writes> {
    fn add_patrol(&mut self, patrol: &StoredPatrol) -> Stored<()> {
        self.run(
            "INSERT INTO patrol (patrol_id, change_position, org_id, worker_id, patrol_type, transport, post_code, status,
                 started_at_ms, earliest_ms, latest_ms, clock, ended_at_ms, fixes, points, distance_m, gaps)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
            params![
                patrol.id.0,
                int(patrol.change),
                patrol.org.0,
                patrol.worker.0,
                patrol.patrol_type.code(),
                patrol.transport.code(),
                patrol.post,
                status_code(patrol.status),
                patrol.started.at_ms,
                patrol.started.earliest_ms,
                patrol.started.latest_ms,
                patrol.started.quality.code(),
                patrol.ended_at_ms,
                patrol.fixes.map(int),
                int(patrol.points),
                patrol.distance_m,
                patrol.gaps
            ],
        )?;
        Ok(())
    }

    fn put_patrol(&mut self, patrol: &StoredPatrol) -> Stored<()> {
        self.run(
            "UPDATE patrol SET status = ?2, ended_at_ms = ?3, fixes = ?4, points = ?5, distance_m = ?6, gaps = ?7
             WHERE patrol_id = ?1",
            params![
                patrol.id.0,
                status_code(patrol.status),
                patrol.ended_at_ms,
                patrol.fixes.map(int),
                int(patrol.points),
                patrol.distance_m,
                patrol.gaps
            ],
        )?;
        Ok(())
    }

    fn add_segment(&mut self, segment: &StoredSegment) -> Stored<()> {
        self.run(
            "INSERT INTO track_segment (change_position, patrol_id, first_index, count) VALUES (?1, ?2, ?3, ?4)",
            params![int(segment.change), segment.patrol.0, int(segment.first_index), segment.count],
        )?;
        Ok(())
    }

    fn add_visit(&mut self, visit: &StoredVisit) -> Stored<()> {
        self.run(
            "INSERT INTO visit (change_position, patrol_id, checkpoint_code, proof, lat_e7, lon_e7, accuracy_dm,
                 unlocated_reason, occurred_at_ms, earliest_ms, latest_ms, clock)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                int(visit.change),
                visit.patrol.0,
                visit.checkpoint,
                visit.proof.code(),
                visit.point.map(|point| point.lat_e7),
                visit.point.map(|point| point.lon_e7),
                visit.point.and_then(|point| point.accuracy_dm),
                code_maybe(visit.unlocated_reason),
                visit.occurred.at_ms,
                visit.occurred.earliest_ms,
                visit.occurred.latest_ms,
                visit.occurred.quality.code()
            ],
        )?;
        Ok(())
    }

    fn add_observation(&mut self, observation: &StoredObservation) -> Stored<()> {
        let occurred = observation.occurred;
        self.run(
            "INSERT INTO observation (change_position, patrol_id, kind, occurred_at_ms, earliest_ms, latest_ms, clock)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                int(observation.change),
                observation.patrol.0,
                observation.kind.code(),
                occurred.at_ms,
                occurred.earliest_ms,
                occurred.latest_ms,
                occurred.quality.code()
            ],
        )?;
        Ok(())
    }
}
