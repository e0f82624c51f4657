//! What the worker sees of his own work: every record with its honest state, own cases, today's tally.

use grid_model::Coded as _;
use grid_model::id::{CaseId, Seq};
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::terms::{CaseKind, CountKind, ParkReason};
use rusqlite::{Row, params};

use crate::outbox::park_reason;
use crate::sql::{code, count, counted, id16, seq, signed};
use crate::{Reading, StoreError, Writing};

/// The honest state of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// 已存本机: durable on this phone, no receipt yet.
    Saved,
    /// 平台已收: the platform's receipt for this very record was verified.
    Received,
    /// 被退回: the platform keeps it, but a person has to look.
    Parked(ParkReason),
}

/// One record of this vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Position in the log.
    pub seq: Seq,
    /// Which ordered stream it belongs to.
    pub lane: Lane,
    /// What it says.
    pub kind: ChangeKind,
    /// Its bytes.
    pub body: Vec<u8>,
    /// When it was recorded (wall claim), UTC ms.
    pub recorded_at_ms: i64,
    /// Where it stands.
    pub state: RecordState,
}

/// A case born on this phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRow {
    /// Case id.
    pub id: CaseId,
    /// A rescue.
    pub urgent: bool,
    /// Kind of matter.
    pub case_kind: CaseKind,
    /// Title as typed.
    pub title: String,
    /// Place as typed.
    pub place_text: String,
    /// Wall claim, UTC ms.
    pub reported_at_ms: i64,
    /// How many reports were submitted.
    pub reports: u32,
}

/// The sum of one counter on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    /// Civil date, Asia/Shanghai.
    pub day: String,
    /// What is counted.
    pub count_kind: CountKind,
    /// Sum of the steps.
    pub total: i64,
    /// How many steps.
    pub entries: u64,
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<Result<RecordRow, StoreError>> {
    let (position, lane_kind, lane_id): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (kind, body, recorded_at_ms): (i64, Vec<u8>, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let (state, reason): (String, Option<i64>) = (row.get(6)?, row.get(7)?);
    let state = state_of(&state, reason);
    Ok(id16(&lane_id, "change").map(|id| RecordRow {
        seq: seq(position),
        lane: Lane {
            kind: LaneKind::from_code(code(lane_kind)),
            id,
        },
        kind: ChangeKind::from_code(code(kind)),
        body,
        recorded_at_ms,
        state,
    }))
}

fn state_of(state: &str, reason: Option<i64>) -> RecordState {
    match (state, park_reason(reason)) {
        ("received", _) => RecordState::Received,
        ("parked", Some(reason)) => RecordState::Parked(reason),
        _ => RecordState::Saved,
    }
}

const COLUMNS: &str = "c.seq, c.lane_kind, c.lane_id, c.kind, c.body, c.recorded_at_ms, coalesce(o.state, 'received'), o.parked_reason";

impl Reading<'_> {
    /// Records of this vault before `before` (0: from the end), the newest first.
    pub fn records(&self, before: Seq, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let epoch = signed(self.current_epoch()?.0);
        let sql = format!(
            "SELECT {COLUMNS} FROM change c LEFT JOIN outbox o USING (epoch, seq)
             WHERE c.epoch = ?1 AND (?2 = 0 OR c.seq < ?2) ORDER BY c.seq DESC LIMIT ?3"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement
            .query_map(params![epoch, count(before.0), limit], record_of)?
            .map(|row| row?)
            .collect()
    }

    /// The states of own records in a lane.
    pub fn lane_states(&self, lane: Lane) -> Result<Vec<RecordState>, StoreError> {
        let epoch = signed(self.current_epoch()?.0);
        let mut statement = self.sql().prepare_cached(
            "SELECT DISTINCT coalesce(o.state, 'received'), o.parked_reason FROM change c LEFT JOIN outbox o USING (epoch, seq)
             WHERE c.lane_kind = ?1 AND c.lane_id = ?2 AND c.epoch = ?3",
        )?;
        let key = params![i64::from(lane.kind.code()), lane.id, epoch];
        let rows = statement.query_map(key, |row| Ok(state_of(&row.get::<_, String>(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// One record.
    pub fn record(&self, position: Seq) -> Result<Option<RecordRow>, StoreError> {
        Ok(self
            .records(position.next(), 1)?
            .into_iter()
            .find(|record| record.seq == position))
    }

    /// Records the platform sent back, the newest first.
    pub fn parked(&self, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM outbox o JOIN change c USING (epoch, seq)
             WHERE o.state = 'parked' ORDER BY o.seq DESC LIMIT ?1"
        );
        self.sql()
            .prepare_cached(&sql)?
            .query_map([limit], record_of)?
            .map(|row| row?)
            .collect()
    }

    /// Cases born on this phone, the newest first.
    pub fn own_cases(&self, limit: u32) -> Result<Vec<CaseRow>, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT id, urgent, case_kind, title, place_text, reported_at_ms, reports FROM own_case
             ORDER BY born_seq DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([limit], |row| {
            let id: Vec<u8> = row.get(0)?;
            let case = CaseRow {
                id: CaseId([0; 16]),
                urgent: row.get(1)?,
                case_kind: CaseKind::from_code(code(row.get(2)?)),
                title: row.get(3)?,
                place_text: row.get(4)?,
                reported_at_ms: row.get(5)?,
                reports: row.get(6)?,
            };
            Ok(id16(&id, "own_case").map(|id| CaseRow {
                id: CaseId(id),
                ..case
            }))
        })?;
        rows.map(|row| row?).collect()
    }

    /// One case born on this phone.
    pub fn own_case(&self, id: CaseId) -> Result<Option<CaseRow>, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT urgent, case_kind, title, place_text, reported_at_ms, reports FROM own_case WHERE id = ?1",
        )?;
        let mut rows = statement.query([id.bytes()])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(CaseRow {
            id,
            urgent: row.get(0)?,
            case_kind: CaseKind::from_code(code(row.get(1)?)),
            title: row.get(2)?,
            place_text: row.get(3)?,
            reported_at_ms: row.get(4)?,
            reports: row.get(5)?,
        }))
    }

    /// The counters of one day.
    pub fn tally(&self, day: &str) -> Result<Vec<TallyRow>, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT day, count_kind, total, entries FROM tally WHERE day = ?1 ORDER BY count_kind",
        )?;
        let rows = statement.query_map([day], |row| {
            Ok(TallyRow {
                day: row.get(0)?,
                count_kind: CountKind::from_code(code(row.get(1)?)),
                total: row.get(2)?,
                entries: counted(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// A new case born on this phone; its birth is the last change of the log.
    pub fn insert_case(&self, case: &CaseRow) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT INTO own_case (born_seq, id, urgent, case_kind, title, place_text, reported_at_ms, reports)
             VALUES ((SELECT head_seq FROM epoch WHERE epoch = (SELECT epoch FROM identity)),
             ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                case.id.bytes(),
                case.urgent,
                i64::from(case.case_kind.code()),
                case.title,
                case.place_text,
                case.reported_at_ms,
                case.reports
            ],
        )?;
        Ok(())
    }

    /// Counts one more report of a case.
    pub fn case_reported_on(&self, id: CaseId) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE own_case SET reports = reports + 1 WHERE id = ?1",
            [id.bytes()],
        )?;
        Ok(())
    }

    /// Adds a step to a day's counter.
    pub fn add_to_tally(&self, day: &str, kind: CountKind, value: i64) -> Result<(), StoreError> {
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO tally (day, count_kind, total, entries) VALUES (?1, ?2, ?3, 1)
             ON CONFLICT (day, count_kind) DO UPDATE SET total = total + excluded.total, entries = entries + 1",
        )?;
        statement.execute(params![day, i64::from(kind.code()), value])?;
        Ok(())
    }
}
