//! The change log: append-only, hash-chained. The outbox entry is born in the same statement group.

use grid_model::Sha256;
use grid_model::id::{Epoch, Seq};
use grid_model::lane::{ChangeKind, Lane, LaneKind, Priority};
use grid_model::{Coded as _, limits};
use grid_vault::{chain_link, sha256};
use grid_wire::{Entry, Head};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::sql::{code, count, hash, id16, seq, signed};
use crate::{Reading, StoreError, Writing};

/// A change about to be written.
pub struct Draft {
    /// Which ordered stream it belongs to.
    pub lane: Lane,
    /// What the body says.
    pub kind: ChangeKind,
    /// Schema of the body.
    pub schema_version: u16,
    /// The body, immutable from here on.
    pub body: Vec<u8>,
    /// Wall claim, for showing, UTC ms.
    pub recorded_at_ms: i64,
}

pub(crate) const ENTRY_COLUMNS: &str =
    "c.seq, c.lane_kind, c.lane_id, c.prev_in_lane, c.kind, c.schema_version, c.body";

pub(crate) fn entry_of(row: &Row<'_>) -> rusqlite::Result<Result<Entry, StoreError>> {
    let lane_id: Vec<u8> = row.get(2)?;
    let lane_kind = LaneKind::from_code(code(row.get(1)?));
    let entry = id16(&lane_id, "change").map(|id| (id, lane_kind));
    let (position, prev, kind, schema): (i64, i64, i64, i64) =
        (row.get(0)?, row.get(3)?, row.get(4)?, row.get(5)?);
    let body = row.get(6)?;
    Ok(entry.map(|(id, lane_kind)| Entry {
        seq: seq(position),
        lane: Lane { kind: lane_kind, id },
        prev_in_lane: seq(prev),
        kind: ChangeKind::from_code(code(kind)),
        schema_version: code(schema),
        body,
    }))
}

impl Reading<'_> {
    /// The life of the log that is written to now.
    pub fn current_epoch(&self) -> Result<Epoch, StoreError> {
        self.identity()?
            .map(|identity| identity.epoch)
            .ok_or(StoreError::NotFound("identity"))
    }

    /// Where the log of `epoch` ends.
    pub fn head(&self, epoch: Epoch) -> Result<Head, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT head_seq, head_h FROM epoch WHERE epoch = ?1")?;
        let (position, h): (i64, Vec<u8>) =
            statement.query_row([signed(epoch.0)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Head::new(seq(position), hash(&h, "epoch")?))
    }

    /// The changes of a lane written after `after`, in order.
    pub fn lane_after(&self, epoch: Epoch, lane: Lane, after: Seq) -> Result<Vec<Entry>, StoreError> {
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM change c
             WHERE c.lane_kind = ?1 AND c.lane_id = ?2 AND c.epoch = ?3 AND c.seq > ?4 ORDER BY c.seq"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let lane_kind = i64::from(lane.kind.code());
        let rows = statement.query_map(
            params![lane_kind, lane.id, signed(epoch.0), count(after.0)],
            entry_of,
        )?;
        rows.map(|row| row?).collect()
    }

    /// Whether every page of the database authenticates and every index agrees with its table.
    pub fn is_intact(&self) -> Result<bool, StoreError> {
        let mut broken_pages = self.sql().prepare("PRAGMA cipher_integrity_check")?;
        if broken_pages.query([])?.next()?.is_some() {
            return Ok(false);
        }
        let verdict: String = self
            .sql()
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok(verdict == "ok")
    }

    /// Recomputes the chain from the start and compares it with the stored head: `Ok(true)` when it holds.
    pub fn chain_holds(&self, device: grid_model::DeviceId, epoch: Epoch) -> Result<bool, StoreError> {
        let sql = format!("SELECT {ENTRY_COLUMNS} FROM change c WHERE c.epoch = ?1 ORDER BY c.seq");
        let mut statement = self.sql().prepare(&sql)?;
        let mut h: Sha256 = grid_vault::chain_start(device, epoch);
        let mut last = Seq(0);
        for row in statement.query_map([signed(epoch.0)], entry_of)? {
            let entry = row??;
            if entry.seq != last.next() {
                return Ok(false);
            }
            h = chain_link(h, &entry);
            last = entry.seq;
        }
        Ok(self.head(epoch)? == Head::new(last, h))
    }
}

impl Writing<'_> {
    /// Appends a change to the log and its entry to the outbox. The key is born here, with the fact.
    pub fn append(&self, draft: Draft) -> Result<Seq, StoreError> {
        debug_assert!(
            draft.body.len() <= limits::BODY_BYTES_MAX,
            "the façade checks the size of a body"
        );
        let epoch = self.current_epoch()?;
        let head = self.head(epoch)?;
        let entry = Entry {
            seq: head.seq().next(),
            lane: draft.lane,
            prev_in_lane: self.last_in_lane(epoch, draft.lane)?,
            kind: draft.kind,
            schema_version: draft.schema_version,
            body: draft.body,
        };
        self.insert_change(epoch, &entry, draft.recorded_at_ms)?;
        let h = chain_link(head.h, &entry);
        let mut statement = self
            .sql()
            .prepare_cached("UPDATE epoch SET head_seq = ?2, head_h = ?3 WHERE epoch = ?1")?;
        statement.execute(params![signed(epoch.0), count(entry.seq.0), h.bytes()])?;
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO outbox (epoch, seq, priority, body_bytes, state) VALUES (?1, ?2, ?3, ?4, 'saved')",
        )?;
        let priority = Priority::of(entry.lane, entry.kind) as i64;
        statement.execute(params![
            signed(epoch.0),
            count(entry.seq.0),
            priority,
            count(entry.body.len() as u64)
        ])?;
        Ok(entry.seq)
    }

    fn insert_change(&self, epoch: Epoch, entry: &Entry, recorded_at_ms: i64) -> Result<(), StoreError> {
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO change (epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, body_hash,
             recorded_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?;
        statement.execute(params![
            signed(epoch.0),
            count(entry.seq.0),
            i64::from(entry.lane.kind.code()),
            entry.lane.id,
            count(entry.prev_in_lane.0),
            i64::from(entry.kind.code()),
            i64::from(entry.schema_version),
            entry.body,
            sha256(&entry.body).bytes(),
            recorded_at_ms
        ])?;
        Ok(())
    }

    fn last_in_lane(&self, epoch: Epoch, lane: Lane) -> Result<Seq, StoreError> {
        let mut statement = self.sql().prepare_cached(
            "SELECT seq FROM change WHERE lane_kind = ?1 AND lane_id = ?2 AND epoch = ?3 ORDER BY seq DESC LIMIT 1",
        )?;
        let last = statement
            .query_row(
                params![i64::from(lane.kind.code()), lane.id, signed(epoch.0)],
                |row| row.get::<_, i64>(0),
            )
            .optional()?;
        Ok(last.map_or(Seq(0), seq))
    }
}
