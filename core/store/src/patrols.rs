//! Patrols and their journal of fixes. A patrol is rows on disk from its first moment, so it survives a killed process.

use grid_model::Coded as _;
use grid_model::id::{PatrolId, Seq};
use grid_model::terms::{PatrolType, Transport};
use grid_model::track::TrackPoint;
use rusqlite::{OptionalExtension as _, Row, params};

use crate::sql::{code, count, counted, id16};
use crate::txn::Unguarded;
use crate::{Reading, StoreError, Writing};

/// Where a patrol stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatrolStatus {
    /// Under way.
    Started,
    /// Paused; fixes are not expected.
    Paused,
    /// Over.
    Ended,
}

impl PatrolStatus {
    const fn text(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Paused => "paused",
            Self::Ended => "ended",
        }
    }
}

/// A patrol of this vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatrolRow {
    /// Patrol id.
    pub id: PatrolId,
    /// Kind of patrol.
    pub patrol_type: PatrolType,
    /// How it moves.
    pub transport: Transport,
    /// Post code.
    pub post: String,
    /// Where it stands.
    pub status: PatrolStatus,
    /// Wall claim, UTC ms.
    pub started_at_ms: i64,
    /// Wall claim, UTC ms.
    pub ended_at_ms: Option<i64>,
    /// Fixes recorded.
    pub fixes: u64,
    /// Of these, sealed into segments.
    pub sealed: u64,
}

const COLUMNS: &str = "id, patrol_type, transport, post, status, started_at_ms, ended_at_ms, fixes, sealed";

fn patrol_of(row: &Row<'_>) -> rusqlite::Result<Result<PatrolRow, StoreError>> {
    let (id, status): (Vec<u8>, String) = (row.get(0)?, row.get(4)?);
    let patrol = PatrolRow {
        id: PatrolId([0; 16]),
        patrol_type: PatrolType::from_code(code(row.get(1)?)),
        transport: Transport::from_code(code(row.get(2)?)),
        post: row.get(3)?,
        status: match status.as_str() {
            "started" => PatrolStatus::Started,
            "paused" => PatrolStatus::Paused,
            _ => PatrolStatus::Ended,
        },
        started_at_ms: row.get(5)?,
        ended_at_ms: row.get(6)?,
        fixes: counted(row.get(7)?),
        sealed: counted(row.get(8)?),
    };
    Ok(id16(&id, "patrol").map(|id| PatrolRow {
        id: PatrolId(id),
        ..patrol
    }))
}

impl Reading<'_> {
    /// One patrol.
    pub fn patrol(&self, id: PatrolId) -> Result<Option<PatrolRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM patrol WHERE id = ?1");
        self.sql()
            .prepare_cached(&sql)?
            .query_row([id.bytes()], patrol_of)
            .optional()?
            .transpose()
    }

    /// Patrols, the newest first.
    pub fn patrols(&self, limit: u32) -> Result<Vec<PatrolRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM patrol ORDER BY born_seq DESC LIMIT ?1");
        self.sql()
            .prepare_cached(&sql)?
            .query_map([limit], patrol_of)?
            .map(|row| row?)
            .collect()
    }

    /// Fixes of a patrol that no segment holds yet, in order.
    pub fn unsealed_fixes(&self, id: PatrolId) -> Result<Vec<TrackPoint>, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms FROM fix WHERE patrol = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([id.bytes()], |row| {
            Ok(TrackPoint {
                at_ms: row.get(0)?,
                lat_e7: row.get(1)?,
                lon_e7: row.get(2)?,
                accuracy_dm: row.get(3)?,
                speed_cms: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The journal of a patrol with the number of each fix, in order.
    pub fn journal(&self, id: PatrolId) -> Result<Vec<(u64, TrackPoint)>, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT number FROM fix WHERE patrol = ?1 ORDER BY number")?;
        let numbers = statement.query_map([id.bytes()], |row| row.get::<_, i64>(0))?;
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        let fixes = self.unsealed_fixes(id)?;
        Ok(numbers.into_iter().map(counted).zip(fixes).collect())
    }

    /// When the oldest fix that no segment holds yet was taken, UTC ms.
    pub fn first_unsealed_at_ms(&self, id: PatrolId) -> Result<Option<i64>, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT at_ms FROM fix WHERE patrol = ?1 ORDER BY number LIMIT 1")?;
        Ok(statement.query_row([id.bytes()], |row| row.get(0)).optional()?)
    }
}

impl Writing<'_> {
    /// A new patrol that started at this place; `None`: its start is the last change of the log. One that is here stays.
    pub fn insert_patrol(&self, patrol: &PatrolRow, born: Option<Seq>) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT INTO patrol (born_seq, id, patrol_type, transport, post, status, started_at_ms, ended_at_ms, fixes, sealed)
             VALUES (coalesce(?10, (SELECT max(id) FROM log), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
            params![
                patrol.id.bytes(),
                i64::from(patrol.patrol_type.code()),
                i64::from(patrol.transport.code()),
                patrol.post,
                patrol.status.text(),
                patrol.started_at_ms,
                patrol.ended_at_ms,
                count(patrol.fixes),
                count(patrol.sealed),
                born.map(|born| count(born.0))
            ],
        )?;
        Ok(())
    }

    /// Moves a patrol; `ended_at_ms` when it ends.
    pub fn set_patrol_status(
        &self,
        id: PatrolId,
        status: PatrolStatus,
        ended_at_ms: Option<i64>,
    ) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE patrol SET status = ?2, ended_at_ms = ?3 WHERE id = ?1",
            params![id.bytes(), status.text(), ended_at_ms],
        )?;
        Ok(())
    }

    /// Adds a fix to the journal and answers its number.
    pub fn insert_fix(&self, id: PatrolId, point: &TrackPoint) -> Result<u64, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("UPDATE patrol SET fixes = fixes + 1 WHERE id = ?1 RETURNING fixes - 1")?;
        let number: i64 = statement.query_row([id.bytes()], |row| row.get(0))?;
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO fix (patrol, number, at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        statement.execute(params![
            id.bytes(),
            number,
            point.at_ms,
            point.lat_e7,
            point.lon_e7,
            point.accuracy_dm,
            point.speed_cms
        ])?;
        self.leave_unguarded(Unguarded::Fix {
            patrol: id,
            number: counted(number),
            point: *point,
        });
        Ok(counted(number))
    }

    /// Lays fixes into the journal that a lifeboat had; those that are there or are held by a segment stay as they are.
    pub fn adopt_fixes(&self, id: PatrolId, first: u64, fixes: &[TrackPoint]) -> Result<(), StoreError> {
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO fix (patrol, number, at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 FROM patrol WHERE id = ?1 AND sealed <= ?2 ON CONFLICT DO NOTHING",
        )?;
        for (point, number) in fixes.iter().zip(first..) {
            statement.execute(params![
                id.bytes(),
                count(number),
                point.at_ms,
                point.lat_e7,
                point.lon_e7,
                point.accuracy_dm,
                point.speed_cms
            ])?;
        }
        self.sql().execute(
            "UPDATE patrol SET fixes = max(fixes, ?2) WHERE id = ?1",
            params![id.bytes(), count(first + fixes.len() as u64)],
        )?;
        Ok(())
    }

    /// Numbers the journals anew without holes, after fixes were lost: a segment holds consecutive ones.
    pub fn close_journals(&self) -> Result<(), StoreError> {
        for patrol in self.patrols(u32::MAX)? {
            let journal = self.journal(patrol.id)?;
            let (id, length) = (patrol.id.bytes(), count(journal.len() as u64));
            let wanted = patrol.sealed..;
            for ((number, _), wanted) in journal.into_iter().zip(wanted) {
                let mut statement = self
                    .sql()
                    .prepare_cached("UPDATE fix SET number = ?3 WHERE patrol = ?1 AND number = ?2")?;
                statement.execute(params![id, count(number), count(wanted)])?;
            }
            let sql = "UPDATE patrol SET fixes = sealed + ?2 WHERE id = ?1";
            self.sql().execute(sql, params![id, length])?;
        }
        Ok(())
    }

    /// A segment of the log holds these fixes: they leave the journal.
    pub fn segment_known(&self, id: PatrolId, first: u64, fixes: u64) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE patrol SET fixes = max(fixes, ?2), sealed = max(sealed, ?2) WHERE id = ?1",
            params![id.bytes(), count(first + fixes)],
        )?;
        self.sql().execute(
            "DELETE FROM fix WHERE patrol = ?1 AND number < (SELECT sealed FROM patrol WHERE id = ?1)",
            [id.bytes()],
        )?;
        Ok(())
    }

    /// Takes the first `taken` fixes out of the journal: a segment holds them now.
    pub fn fixes_sealed(&self, id: PatrolId, taken: u64) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE patrol SET sealed = sealed + ?2 WHERE id = ?1",
            params![id.bytes(), count(taken)],
        )?;
        self.sql().execute(
            "DELETE FROM fix WHERE patrol = ?1 AND number < (SELECT sealed FROM patrol WHERE id = ?1)",
            [id.bytes()],
        )?;
        Ok(())
    }
}
