//! The outbox: what the platform has not receipted yet, in order of urgency, and what it sent back.

use grid_model::Coded as _;
use grid_model::id::Seq;
use grid_model::terms::ParkReason;
use grid_wire::{Entry, Receipt, Signed, Verdict};
use rusqlite::{OptionalExtension as _, params};

use crate::log::{ENTRY_COLUMNS, entry_of};
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

impl Reading<'_> {
    /// Unsent changes for the next batch: urgent first, each lane in its order, at most `entries_max` changes and about
    /// `bytes_max` bytes of bodies (the first one always fits).
    pub fn unsent(&self, entries_max: usize, bytes_max: usize) -> Result<Vec<Entry>, StoreError> {
        let epoch = signed(self.current_epoch()?.0);
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM outbox o JOIN change c USING (epoch, seq)
             WHERE o.state = 'saved' AND o.epoch = ?1 ORDER BY o.priority, o.seq LIMIT ?2"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let mut chosen = std::collections::BTreeMap::new();
        let mut bytes = 0;
        for row in statement.query_map(params![epoch, count(entries_max as u64)], entry_of)? {
            let entry = row??;
            // A report outranks nothing it depends on: what its lane still owes goes with it.
            for owed in self.owed_before(epoch, &entry)?.into_iter().chain([entry]) {
                if chosen.contains_key(&owed.seq) {
                    continue;
                }
                bytes += owed.body.len();
                if bytes > bytes_max && !chosen.is_empty() || chosen.len() >= entries_max {
                    return Ok(chosen.into_values().collect());
                }
                chosen.insert(owed.seq, owed);
            }
        }
        Ok(chosen.into_values().collect())
    }

    /// Unsent changes of the same lane before this one.
    fn owed_before(&self, epoch: i64, entry: &Entry) -> Result<Vec<Entry>, StoreError> {
        if entry.prev_in_lane.0 == 0 {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT {ENTRY_COLUMNS} FROM change c JOIN outbox o USING (epoch, seq)
             WHERE c.lane_kind = ?1 AND c.lane_id = ?2 AND c.epoch = ?3 AND c.seq < ?4 AND o.state = 'saved'
             ORDER BY c.seq"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        let key = params![
            i64::from(entry.lane.kind.code()),
            entry.lane.id,
            epoch,
            count(entry.seq.0)
        ];
        statement.query_map(key, entry_of)?.map(|row| row?).collect()
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

    /// How many changes stand where.
    pub fn outbox_count(&self) -> Result<OutboxCount, StoreError> {
        let sql = "SELECT coalesce(sum(state = 'saved'), 0), coalesce(sum(body_bytes) FILTER (WHERE state = 'saved'), 0),
                   coalesce(sum(state = 'received'), 0), coalesce(sum(state = 'parked'), 0) FROM outbox";
        let mut found = self.sql().query_row(sql, [], |row| {
            Ok(OutboxCount {
                saved: counted(row.get(0)?),
                saved_bytes: counted(row.get(1)?),
                received: counted(row.get(2)?),
                parked: counted(row.get(3)?),
                oldest_at_ms: None,
            })
        })?;
        let oldest = "SELECT min(c.recorded_at_ms) FROM outbox o JOIN change c USING (epoch, seq) WHERE o.state = 'saved'";
        found.oldest_at_ms = self.sql().query_row(oldest, [], |row| row.get(0))?;
        Ok(found)
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
        let epoch = signed(receipt.epoch().0);
        let mut settled = Settled::default();
        let mut statement = self.sql().prepare_cached(
            "UPDATE outbox SET state = ?3, parked_reason = ?4 WHERE epoch = ?1 AND seq = ?2 AND state = 'saved'",
        )?;
        for entry in entries {
            let (state, reason) = match receipt.verdict_on(entry.seq) {
                Some(Verdict::Accepted | Verdict::Duplicate) => ("received", None),
                Some(Verdict::Parked(reason)) => ("parked", Some(i64::from(reason.code()))),
                Some(Verdict::TryLater) | None => continue,
            };
            let changed = statement.execute(params![epoch, count(entry.seq.0), state, reason])? as u64;
            match reason {
                None => settled.received += changed,
                Some(_) => settled.parked += changed,
            }
        }
        self.sql().execute(
            "INSERT INTO receipt (bytes, signature) VALUES (?1, ?2)",
            params![proof.bytes, proof.signature],
        )?;
        self.drop_batch()?;
        Ok(settled)
    }

    /// Drops the batch in flight; its entries stay unsent and go into the next one.
    pub fn drop_batch(&self) -> Result<(), StoreError> {
        self.sql().execute("DELETE FROM batch", [])?;
        Ok(())
    }

    /// Puts a parked change back among the unsent ones, as the worker asked.
    pub fn retry(&self, position: Seq) -> Result<(), StoreError> {
        let epoch = signed(self.current_epoch()?.0);
        let changed = self.sql().execute(
            "UPDATE outbox SET state = 'saved', parked_reason = NULL WHERE epoch = ?1 AND seq = ?2 AND state = 'parked'",
            params![epoch, count(position.0)],
        )?;
        if changed == 0 {
            Err(StoreError::NotFound("parked record"))
        } else {
            Ok(())
        }
    }
}

/// A stored reason as its value.
pub(crate) fn park_reason(code: Option<i64>) -> Option<ParkReason> {
    code.map(|code| ParkReason::from_code(crate::sql::code(code)))
}
