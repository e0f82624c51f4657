//! The outbox: what the platform has not receipted yet, in order of urgency, and what it sent back.

use grid_model::Coded as _;
use grid_model::id::{Epoch, Seq};
use grid_model::lane::Priority;
use grid_model::terms::ParkReason;
use grid_wire::{Entry, Receipt, Signed, Verdict};
use rusqlite::{OptionalExtension as _, params};

use crate::log::{Life, life_of, seq_of, written};
use crate::sql::{count, counted, signed, unsigned};
use crate::{Reading, StoreError, Writing};

/// A batch in flight: immutable until settled, so that sending it again is the very same request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBatch {
    /// The encoded request.
    pub request: Vec<u8>,
    /// Echoed by its receipt.
    pub nonce: u64,
}

/// How many changes stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxCount {
    /// Saved on this phone, no receipt yet.
    pub saved: u64,
    /// Size of their bodies, bytes.
    pub saved_bytes: u64,
    /// Receipted by the platform.
    pub received: u64,
    /// Sent back with a reason.
    pub parked: u64,
    /// When the oldest unsent one was recorded (wall claim), UTC ms.
    pub oldest_at_ms: Option<i64>,
}

/// What a receipt settled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Now receipted.
    pub received: u64,
    /// Now parked.
    pub parked: u64,
}

/// Unsent changes of one epoch, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The epoch they belong to; the current one when there are none.
    pub epoch: Epoch,
    /// The changes.
    pub entries: Vec<Entry>,
}

impl Reading<'_> {
    /// Unsent changes for the next batch, all of one epoch: that of the most urgent one. Urgent first, each lane in its
    /// order, at most `entries_max` changes and about `bytes_max` bytes of bodies (the first one always fits).
    pub fn unsent(&self, entries_max: usize, bytes_max: usize) -> Result<Unsent, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT id FROM unsent ORDER BY priority, id")?;
        let mut rows = statement.query([])?;
        let mut chosen = std::collections::BTreeMap::new();
        let mut of: Option<Life> = None;
        let mut bytes = 0;
        'rows: while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let life = match of {
                Some(life) if life_of(id) == life.life => life,
                Some(_) => continue,
                None => *of.insert(self.life_at(id)?),
            };
            let Some(entry) = self.entry(&life, seq_of(id))? else {
                continue;
            };
            // A report outranks nothing it depends on: what its lane still owes goes with it.
            for owed in self
                .owed_before(&life, &entry, &chosen)?
                .into_iter()
                .chain([entry])
            {
                if chosen.contains_key(&owed.seq) {
                    continue;
                }
                bytes += owed.body.len();
                if bytes > bytes_max && !chosen.is_empty() || chosen.len() >= entries_max {
                    break 'rows;
                }
                chosen.insert(owed.seq, owed);
            }
            if chosen.len() >= entries_max {
                break;
            }
        }
        let epoch = match of {
            Some(life) => life.epoch,
            None => self.current_epoch()?,
        };
        Ok(Unsent {
            epoch,
            entries: chosen.into_values().collect(),
        })
    }

    /// The unsent changes of the same lane before this one.
    fn owed_before(
        &self,
        life: &Life,
        entry: &Entry,
        chosen: &std::collections::BTreeMap<Seq, Entry>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut owed = Vec::new();
        let mut at = entry.prev_in_lane;
        while at.0 != 0 && !chosen.contains_key(&at) && self.is_unsent(life.id(at))? {
            let Some(before) = self.entry(life, at)? else {
                break;
            };
            at = before.prev_in_lane;
            owed.push(before);
        }
        owed.reverse();
        Ok(owed)
    }

    /// Sizes of the unsent changes' bodies, bytes, in the order in which they would go.
    pub fn each_unsent(&self, visit: &mut dyn FnMut(u64)) -> Result<(), StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT bytes FROM unsent ORDER BY priority, id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(counted(row.get(0)?));
        }
        Ok(())
    }

    /// The oldest change that was sent back; beyond every place when there is none.
    pub(crate) fn first_parked(&self) -> Result<i64, StoreError> {
        let mut statement = self.sql().prepare_cached("SELECT min(id) FROM parked")?;
        let first: Option<i64> = statement.query_row([], |row| row.get(0))?;
        Ok(first.unwrap_or(i64::MAX))
    }

    /// The oldest unsent change; beyond every place when there is none.
    pub(crate) fn first_unsent(&self) -> Result<i64, StoreError> {
        let mut statement = self.sql().prepare_cached("SELECT min(id) FROM unsent")?;
        let first: Option<i64> = statement.query_row([], |row| row.get(0))?;
        Ok(first.unwrap_or(i64::MAX))
    }

    pub(crate) fn is_unsent(&self, id: i64) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM unsent WHERE id = ?1)";
        Ok(self
            .sql()
            .prepare_cached(sql)?
            .query_row([id], |row| row.get(0))?)
    }

    /// The key under which the platform knows the change at a place of this phone; `None` for a place of no life here.
    pub fn key_of(&self, place: Seq) -> Result<Option<(Epoch, Seq)>, StoreError> {
        let id = count(place.0);
        let life = self.lives()?.into_iter().find(|life| life.life == life_of(id));
        Ok(life.map(|life| (life.epoch, seq_of(id))))
    }

    pub(crate) fn life_at(&self, id: i64) -> Result<Life, StoreError> {
        self.lives()?
            .into_iter()
            .find(|life| life.life == life_of(id))
            .ok_or(StoreError::Unreadable("life"))
    }

    /// The batch in flight, if one is.
    pub fn batch(&self) -> Result<Option<SealedBatch>, StoreError> {
        let row = self
            .sql()
            .query_row("SELECT request, nonce FROM batch", [], |row| {
                Ok(SealedBatch {
                    request: row.get(0)?,
                    nonce: unsigned(row.get(1)?),
                })
            });
        Ok(row.optional()?)
    }

    /// Whether every entry of the outbox has its change, and every parked mark.
    pub fn outbox_is_sound(&self) -> Result<bool, StoreError> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM unsent o WHERE NOT EXISTS (SELECT 1 FROM log c WHERE c.id = o.id))
                   AND NOT EXISTS (SELECT 1 FROM parked p WHERE NOT EXISTS (SELECT 1 FROM log c WHERE c.id = p.id))";
        Ok(self.sql().query_row(sql, [], |row| row.get(0))?)
    }

    /// Changes that are called received: their epoch and position.
    pub fn each_received(&self, visit: &mut dyn FnMut(Epoch, Seq)) -> Result<(), StoreError> {
        let sql = "SELECT c.id FROM log c WHERE c.id > ?1 AND c.id < ?2
                   AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.id = c.id)
                   AND NOT EXISTS (SELECT 1 FROM unsent o WHERE o.id = c.id)";
        for life in self.lives()? {
            let mut statement = self.sql().prepare_cached(sql)?;
            let mut rows = statement.query(params![life.id(life.base.seq()), life.end()])?;
            while let Some(row) = rows.next()? {
                visit(life.epoch, seq_of(row.get(0)?));
            }
        }
        Ok(())
    }

    /// The receipt that came last.
    pub fn last_receipt(&self) -> Result<Option<Signed>, StoreError> {
        let sql = "SELECT bytes, signature FROM receipt ORDER BY id DESC LIMIT 1";
        let row = self.sql().prepare_cached(sql)?.query_row([], |row| {
            Ok(Signed {
                bytes: row.get(0)?,
                signature: row.get(1)?,
            })
        });
        Ok(row.optional()?)
    }

    /// Every receipt that was kept, in the order they came.
    pub fn receipts(&self) -> Result<Vec<Signed>, StoreError> {
        let mut statement = self
            .sql()
            .prepare("SELECT bytes, signature FROM receipt ORDER BY id")?;
        let rows = statement.query_map([], |row| {
            Ok(Signed {
                bytes: row.get(0)?,
                signature: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How many changes stand where.
    pub fn outbox_count(&self) -> Result<OutboxCount, StoreError> {
        let sql = "SELECT count(*), coalesce(sum(bytes), 0), min(id) FROM unsent";
        let (saved, saved_bytes, oldest): (i64, i64, Option<i64>) = self
            .sql()
            .prepare_cached(sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let parked: i64 = self
            .sql()
            .query_row("SELECT count(*) FROM parked", [], |row| row.get(0))?;
        let oldest_at_ms = oldest
            .map(|id| {
                self.sql()
                    .query_row("SELECT recorded_at_ms FROM log WHERE id = ?1", [id], |row| {
                        row.get(0)
                    })
                    .optional()?
                    // An entry without its change is of another moment than the log.
                    .ok_or(StoreError::WrongKeyOrDamaged)
            })
            .transpose()?;
        let lives = self.lives()?;
        let heads = lives
            .iter()
            .map(|life| self.head_of(life))
            .collect::<Result<Vec<_>, _>>()?;
        let (saved, parked) = (counted(saved), counted(parked));
        Ok(OutboxCount {
            saved,
            saved_bytes: counted(saved_bytes),
            received: written(heads).saturating_sub(saved + parked),
            parked,
            oldest_at_ms,
        })
    }
}

impl Writing<'_> {
    /// Keeps the batch that is about to be sent. There must be none in flight.
    pub fn keep_batch(&self, batch: &SealedBatch) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT INTO batch (one, request, nonce) VALUES (1, ?1, ?2)",
            params![batch.request, signed(batch.nonce)],
        )?;
        Ok(())
    }

    /// Settles what the receipt decided on these entries of the batch in flight, keeps the receipt and drops the batch.
    /// The caller has checked signature, nonce and digest. Only entries still unsent change their state.
    pub fn settle(
        &self,
        receipt: &Receipt,
        proof: &Signed,
        entries: &[Entry],
    ) -> Result<Settled, StoreError> {
        let life = self.life(receipt.epoch())?.ok_or(StoreError::NotFound("epoch"))?;
        let mut settled = Settled::default();
        for entry in entries {
            let reason = match receipt.verdict_on(entry.seq) {
                Some(Verdict::Accepted | Verdict::Duplicate) => None,
                Some(Verdict::Parked(reason)) => Some(reason),
                Some(Verdict::TryLater) | None => continue,
            };
            let id = life.id(entry.seq);
            if !self.take_unsent(id)? {
                continue;
            }
            match reason {
                None => settled.received += 1,
                Some(reason) => {
                    settled.parked += 1;
                    self.sql()
                        .prepare_cached("INSERT INTO parked (id, reason) VALUES (?1, ?2)")?
                        .execute(params![id, i64::from(reason.code())])?;
                }
            }
        }
        self.sql().execute(
            "INSERT INTO receipt (bytes, signature, incarnation) VALUES (?1, ?2, ?3)",
            params![proof.bytes, proof.signature, receipt.incarnation.bytes()],
        )?;
        self.drop_batch()?;
        Ok(settled)
    }

    /// Puts a change among the unsent ones.
    pub(crate) fn put_unsent(&self, id: i64, priority: Priority, bytes: u64) -> Result<(), StoreError> {
        self.sql()
            .prepare_cached("INSERT INTO unsent (id, priority, bytes) VALUES (?1, ?2, ?3)")?
            .execute(params![id, priority as i64, count(bytes)])?;
        Ok(())
    }

    /// Takes a change out of the outbox; `false` when it is not there.
    fn take_unsent(&self, id: i64) -> Result<bool, StoreError> {
        let mut statement = self.sql().prepare_cached("DELETE FROM unsent WHERE id = ?1")?;
        Ok(statement.execute([id])? == 1)
    }

    /// Takes the whole outbox out of this transaction: the mistake [`crate::Flaw::OutboxApart`].
    pub(crate) fn take_outbox(&self) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        let mut statement = self
            .sql()
            .prepare("DELETE FROM unsent RETURNING id, priority, bytes")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Puts it back, in another transaction.
    pub(crate) fn put_outbox(&self, rows: &[(i64, i64, i64)]) -> Result<(), StoreError> {
        let mut statement = self
            .sql()
            .prepare("INSERT INTO unsent (id, priority, bytes) VALUES (?1, ?2, ?3)")?;
        rows.iter()
            .try_for_each(|row| statement.execute(params![row.0, row.1, row.2]).map(|_| ()))?;
        Ok(())
    }

    /// Drops the batch in flight; its entries stay unsent and go into the next one.
    pub fn drop_batch(&self) -> Result<(), StoreError> {
        self.sql().execute("DELETE FROM batch", [])?;
        Ok(())
    }

    /// Puts a parked change back among the unsent ones, as the worker asked. `place` is what `RecordRow::place` says.
    pub fn retry(&self, place: Seq) -> Result<(), StoreError> {
        let id = count(place.0);
        if self.sql().execute("DELETE FROM parked WHERE id = ?1", [id])? == 0 {
            return Err(StoreError::NotFound("parked record"));
        }
        let life = self.life_at(id)?;
        let entry = self
            .entry(&life, seq_of(id))?
            .ok_or(StoreError::NotFound("parked record"))?;
        let bytes = entry.body.len() as u64;
        self.put_unsent(id, Priority::of(entry.lane, entry.kind), bytes)
    }

    /// A change that was sent back waits for nobody any more: another one says it in its place. The platform keeps both.
    pub fn lay_aside(&self, place: Seq) -> Result<(), StoreError> {
        match self
            .sql()
            .execute("DELETE FROM parked WHERE id = ?1", [count(place.0)])?
        {
            0 => Err(StoreError::NotFound("parked record")),
            _ => Ok(()),
        }
    }
}

/// A stored reason as its value.
pub(crate) fn park_reason(code: Option<i64>) -> Option<ParkReason> {
    code.map(|code| ParkReason::from_code(crate::sql::code(code)))
}
