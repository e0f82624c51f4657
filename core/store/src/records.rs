//! What the worker sees of his own work: every record with its honest state, own cases, today's tally.

use grid_model::Coded as _;
use grid_model::id::{CaseId, Seq};
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::terms::{CaseKind, CountKind, ParkReason};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::log::{Life, SEQ_BITS};
use crate::outbox::park_reason;
use crate::sql::{code, count, counted, id16, seq};
use crate::{Reading, StoreError, Writing};

/// The honest state of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordState {
    /// 已存本机: durable on this phone, no receipt yet.
    Saved,
    /// 平台已收: the platform's receipt for this very record was verified.
    Received,
    /// 已入账: received, and in a backup of the platform that was proved restorable.
    BackedUp,
    /// 被退回: the platform keeps it, but a person has to look.
    Parked(ParkReason),
}

impl RecordState {
    /// How far it has come; what was sent back comes first, because a person has to look.
    const fn rank(&self) -> u8 {
        match self {
            Self::Parked(_) => 0,
            Self::Saved => 1,
            Self::Received => 2,
            Self::BackedUp => 3,
        }
    }
}

/// One record of this vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Its place on this phone, for naming it; equal to its position for a vault with one epoch.
    pub place: Seq,
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
    let state = state_of(row.get(6)?, row.get(7)?, row.get(8)?);
    Ok(id16(&lane_id, "log").map(|id| RecordRow {
        place: seq(position),
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

fn state_of(unsent: bool, parked: Option<i64>, backed_up: bool) -> RecordState {
    match park_reason(parked) {
        Some(reason) => RecordState::Parked(reason),
        None if unsent => RecordState::Saved,
        None if backed_up => RecordState::BackedUp,
        None => RecordState::Received,
    }
}

/// Where a change `c` stands: unsent, why it was sent back, backed up by the platform store that was last met.
fn standing_columns() -> String {
    format!(
        "EXISTS (SELECT 1 FROM unsent o WHERE o.id = c.id),
         (SELECT p.reason FROM parked p WHERE p.id = c.id),
         EXISTS (SELECT 1 FROM vouched v WHERE v.life = c.id >> {SEQ_BITS} AND v.incarnation = (SELECT incarnation FROM feed)
                 AND v.backed_up_to >= (c.id & ((1 << {SEQ_BITS}) - 1)))"
    )
}

/// A change with where it stands.
fn records_sql(which: &str) -> String {
    format!(
        "SELECT c.id, c.lane_kind, c.lane_id, c.kind, c.body, c.recorded_at_ms, {} FROM log c {which}",
        standing_columns()
    )
}

impl Reading<'_> {
    /// Records of this vault before the place `before` (0: from the end), the newest first.
    pub fn records(&self, before: Seq, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let sql = records_sql("WHERE c.id < ?1 ORDER BY c.id DESC LIMIT ?2");
        let before = if before.0 == 0 { i64::MAX } else { count(before.0) };
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement
            .query_map(params![before, limit], record_of)?
            .map(|row| row?)
            .collect()
    }

    /// The least advanced state among own records of a lane: sent back, then unsent, then received, then backed up. Reads no more of the lane than may be sent back or unsent.
    pub fn lane_state(&self, lane: Lane) -> Result<Option<RecordState>, StoreError> {
        let mut found = Vec::new();
        for life in self.lives()? {
            found.extend(self.lane_state_in(&life, lane)?);
        }
        Ok(found.into_iter().min_by_key(RecordState::rank))
    }

    /// The same of one life of the log.
    fn lane_state_in(&self, life: &Life, lane: Lane) -> Result<Option<RecordState>, StoreError> {
        let mut at = self.last_in_lane(life, lane)?;
        if at.0 == 0 {
            return Ok(None);
        }
        let parked_from = self.first_parked()?;
        if self.is_unsent(life.id(at))? && parked_from > life.id(at) {
            return Ok(Some(RecordState::Saved));
        }
        let oldest = parked_from.min(self.first_unsent()?);
        if oldest > life.id(at) && at > life.base.seq() {
            // Nothing of this lane is sent back or unsent, and nothing behind the base was purged.
            return Ok(Some(state_of(false, None, self.is_backed_up(life, at)?)));
        }
        // The newest is always looked up: a lane whose changes were purged has no state.
        let from = oldest.min(life.id(at));
        let standing = standing_columns();
        let sql = format!("SELECT c.prev_in_lane, {standing} FROM log c WHERE c.id = ?1");
        let mut statement = self.sql().prepare_cached(&sql)?;
        let mut least = None;
        while at.0 != 0 && life.id(at) >= from {
            let row = statement
                .query_row([life.id(at)], |row| {
                    let state = state_of(row.get(1)?, row.get(2)?, row.get(3)?);
                    Ok((row.get::<_, i64>(0)?, state))
                })
                .optional()?;
            let Some((before, state)) = row else { break };
            if matches!(state, RecordState::Parked(_)) {
                return Ok(Some(state));
            }
            least = least.into_iter().chain([state]).min_by_key(RecordState::rank);
            at = seq(before);
        }
        Ok(least)
    }

    /// Whether the platform store that was last met vouches for a change.
    fn is_backed_up(&self, life: &Life, at: Seq) -> Result<bool, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM vouched v WHERE v.life = ?1
                 AND v.incarnation = (SELECT incarnation FROM feed) AND v.backed_up_to >= ?2)",
        )?;
        Ok(statement.query_row(params![life.life, count(at.0)], |row| row.get(0))?)
    }

    /// One record, by its place.
    pub fn record(&self, place: Seq) -> Result<Option<RecordRow>, StoreError> {
        let sql = records_sql("WHERE c.id = ?1");
        self.sql()
            .prepare_cached(&sql)?
            .query_row([count(place.0)], record_of)
            .optional()?
            .transpose()
    }

    /// Records the platform sent back, the newest first.
    pub fn parked(&self, limit: u32) -> Result<Vec<RecordRow>, StoreError> {
        let sql = records_sql("JOIN parked q ON q.id = c.id ORDER BY q.id DESC LIMIT ?1");
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
    /// A new case born on this phone, at this place; `None`: its birth is the last change of the log. One that is here stays.
    pub fn insert_case(&self, case: &CaseRow, born: Option<Seq>) -> Result<(), StoreError> {
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO own_case (born_seq, id, urgent, case_kind, title, place_text, reported_at_ms, reports)
             VALUES (coalesce(?8, (SELECT max(id) FROM log), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        )?;
        statement.execute(params![
            case.id.bytes(),
            case.urgent,
            i64::from(case.case_kind.code()),
            case.title,
            case.place_text,
            case.reported_at_ms,
            case.reports,
            born.map(|born| count(born.0))
        ])?;
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

    /// A day's counter as a damaged database had it, when it knows of more steps than are here: the others were purged.
    pub fn restore_tally(&self, tally: &TallyRow) -> Result<(), StoreError> {
        let kind = i64::from(tally.count_kind.code());
        self.sql().execute(
            "INSERT INTO tally (day, count_kind, total, entries) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (day, count_kind) DO UPDATE SET total = excluded.total, entries = excluded.entries
             WHERE excluded.entries > entries",
            params![tally.day, kind, tally.total, count(tally.entries)],
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
