//! The newest change of each lane. The table `lane` knows them up to a mark; what was written behind the mark is read from the
//! log once and then remembered, so that a change writes no page of a table whose pages are all over the place. The table is
//! brought up to date many changes at a time, when the write-ahead log is moved and when the vault is let go of.

use std::cell::RefMut;
use std::collections::BTreeMap;

use grid_model::Coded as _;
use grid_model::id::Seq;
use grid_model::lane::Lane;
use rusqlite::{OptionalExtension as _, params};

use crate::log::{Life, SEQ_BITS, seq_of};
use crate::sql::{count, id16, seq};
use crate::{Reading, StoreError, Writing};

/// What the log says behind the mark.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// The life that is written to; none before a vault has one.
    life: Option<i64>,
    /// The mark: what is at or below it is in the table.
    from: Seq,
    newest: BTreeMap<(i64, [u8; 16]), Seq>,
}

impl Tail {
    /// How many lanes the table does not know yet.
    pub(crate) fn len(&self) -> usize {
        self.newest.len()
    }

    /// How many changes lie behind the mark: so many are read when nothing is remembered.
    pub(crate) fn changes(&self) -> u64 {
        let newest = self.newest.values().max().map_or(0, |newest| newest.0);
        newest.saturating_sub(self.from.0)
    }
}

fn key(lane: Lane) -> (i64, [u8; 16]) {
    (i64::from(lane.kind.code()), lane.id)
}

impl Reading<'_> {
    /// The newest change of a lane in a life; 0 when there is none.
    pub(crate) fn last_in_lane(&self, life: &Life, lane: Lane) -> Result<Seq, StoreError> {
        let tail = self.tail()?;
        if tail.life == Some(life.life)
            && let Some(newest) = tail.newest.get(&key(lane))
        {
            return Ok(*newest);
        }
        let mut statement = self.sql().prepare_cached(
            "SELECT last_seq FROM lane WHERE lane_kind = ?1 AND lane_id = ?2 AND life = ?3",
        )?;
        let key = params![i64::from(lane.kind.code()), lane.id, life.life];
        let last = statement.query_row(key, |row| row.get::<_, i64>(0)).optional()?;
        Ok(last.map_or(Seq(0), seq))
    }

    fn tail(&self) -> Result<RefMut<'_, Tail>, StoreError> {
        let mut known = self.known_tail();
        if known.is_none() {
            *known = Some(self.read_tail()?);
        }
        Ok(RefMut::map(known, |known| known.get_or_insert_default()))
    }

    fn read_tail(&self) -> Result<Tail, StoreError> {
        let mut mark = self.sql().prepare_cached("SELECT life, seq FROM lane_mark")?;
        let mark = mark.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
        let Some((life, from)) = mark.optional()? else {
            return Ok(Tail::default());
        };
        let mut tail = Tail {
            life: Some(life),
            from: seq(from),
            newest: BTreeMap::new(),
        };
        let mut statement = self
            .sql()
            .prepare_cached("SELECT id, lane_kind, lane_id FROM log WHERE id > ?1 AND id < ?2 ORDER BY id")?;
        let mut rows = statement.query([(life << SEQ_BITS) | from, (life + 1) << SEQ_BITS])?;
        while let Some(row) = rows.next()? {
            let lane_id: Vec<u8> = row.get(2)?;
            tail.newest
                .insert((row.get(1)?, id16(&lane_id, "log")?), seq_of(row.get(0)?));
        }
        Ok(tail)
    }
}

impl Writing<'_> {
    /// Remembers that a change of a lane was written at this position.
    pub(crate) fn note_lane(&self, life: &Life, lane: Lane, position: Seq) -> Result<(), StoreError> {
        let mut tail = self.tail()?;
        if tail.life == Some(life.life) && position > tail.from {
            let newest = tail.newest.entry(key(lane)).or_default();
            *newest = position.max(*newest);
            return Ok(());
        }
        self.put_lane(life.life, key(lane), position)
    }

    fn put_lane(&self, life: i64, lane: (i64, [u8; 16]), position: Seq) -> Result<(), StoreError> {
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO lane (lane_kind, lane_id, life, last_seq) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET last_seq = max(last_seq, excluded.last_seq)",
        )?;
        statement.execute(params![lane.0, lane.1, life, count(position.0)])?;
        Ok(())
    }

    /// Brings the table up to date and moves the mark.
    pub(crate) fn settle_lanes(&self) -> Result<(), StoreError> {
        let mut tail = self.tail()?;
        let Some(life) = tail.life else { return Ok(()) };
        let Some(to) = tail.newest.values().max().copied() else {
            return Ok(());
        };
        for (lane, position) in std::mem::take(&mut tail.newest) {
            self.put_lane(life, lane, position)?;
        }
        tail.from = to;
        self.sql()
            .execute("UPDATE lane_mark SET seq = ?1 WHERE one = 1", [count(to.0)])?;
        Ok(())
    }

    /// This life is written to from now on; the table knows all of its lanes, and now those of the former one, too.
    pub(crate) fn begin_lanes(&self, life: &Life) -> Result<(), StoreError> {
        self.settle_lanes()?;
        let head = self.head_of(life)?.seq();
        self.sql().execute(
            "INSERT OR REPLACE INTO lane_mark (one, life, seq) VALUES (1, ?1, ?2)",
            params![life.life, count(head.0)],
        )?;
        *self.tail()? = Tail {
            life: Some(life.life),
            from: head,
            newest: BTreeMap::new(),
        };
        Ok(())
    }
}
