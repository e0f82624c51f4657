//! Places of the log that no copy gives back. They are marked, so that the chain may begin anew behind them and the worker is
//! told of each.

use grid_model::Sha256;
use grid_model::id::{Epoch, Seq};
use grid_vault::chain_link;
use grid_wire::Entry;
use rusqlite::{OptionalExtension as _, params};

use crate::log::{Life, seq_of};
use crate::sql::{count, hash};
use crate::{Reading, StoreError, Writing};

impl Reading<'_> {
    /// Positions known to have been written that are lost: epoch, first, last.
    pub fn gaps(&self) -> Result<Vec<(Epoch, Seq, Seq)>, StoreError> {
        let mut found = Vec::new();
        for life in self.lives()? {
            let mut statement = self.sql().prepare_cached(
                "SELECT coalesce((SELECT max(c.id) FROM log c WHERE c.id >= ?1 AND c.id < g.id), ?1), g.id FROM gap g
                 WHERE g.id > ?1 AND g.id < ?2 ORDER BY g.id",
            )?;
            let mut rows = statement.query(params![life.id(life.base.seq()), life.end()])?;
            while let Some(row) = rows.next()? {
                let (before, behind) = (seq_of(row.get(0)?), seq_of(row.get(1)?));
                if before.next() < behind {
                    found.push((life.epoch, before.next(), Seq(behind.0 - 1)));
                }
            }
        }
        Ok(found)
    }

    /// Whether the change that this one was chained to is known to be lost.
    pub(crate) fn is_behind_gap(&self, id: i64) -> Result<bool, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM gap WHERE id = ?1)")?;
        Ok(statement.query_row([id], |row| row.get(0))?)
    }

    /// The chain of an epoch at a position; `None` where it is not here (not written, or purged).
    pub fn chain_at(&self, epoch: Epoch, at: Seq) -> Result<Option<Sha256>, StoreError> {
        self.life(epoch)?
            .map_or(Ok(None), |life| self.chain_in(&life, at))
    }

    fn chain_in(&self, life: &Life, at: Seq) -> Result<Option<Sha256>, StoreError> {
        if at == life.base.seq() {
            return Ok(Some(life.base.h));
        }
        let mut statement = self.sql().prepare_cached("SELECT h FROM log WHERE id = ?1")?;
        let h: Option<Option<Vec<u8>>> = statement.query_row([life.id(at)], |row| row.get(0)).optional()?;
        h.flatten().map(|h| hash(&h, "log")).transpose()
    }

    /// Whether this chain follows from the change that stands before it here.
    pub(crate) fn is_chained(&self, life: &Life, entry: &Entry, h: Sha256) -> Result<bool, StoreError> {
        let Some(before) = entry.seq.0.checked_sub(1).map(Seq) else {
            return Ok(false);
        };
        let before = self.chain_in(life, before)?;
        Ok(before.is_some_and(|before| chain_link(before, entry) == h))
    }
}

impl Writing<'_> {
    /// Remembers that what stood before this place is lost.
    pub(crate) fn mark_gap(&self, place: Seq) -> Result<(), StoreError> {
        let sql = "INSERT INTO gap (id) VALUES (?1) ON CONFLICT DO NOTHING";
        self.sql().execute(sql, [count(place.0)])?;
        Ok(())
    }
}
