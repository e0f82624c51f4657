//! What is offered again when the platform's store was restored from a backup: what came after the backup exists on the
//! phones alone.

use grid_model::Coded as _;
use grid_model::id::Seq;
use grid_model::lane::{ChangeKind, Lane, LaneKind, Priority};
use grid_wire::Receipt;
use rusqlite::params;

use crate::log::seq_of;
use crate::sql::{code, counted, id16};
use crate::{StoreError, Writing};

impl Writing<'_> {
    /// Offers again every change that is here and that the platform's present store may lack: of the epoch of this receipt
    /// those behind `verified_to` that the receipt does not cover, of other epochs all. What was sent back is judged anew.
    /// Every attachment is offered again; the platform asks for the bytes that it lacks only. Answers how many changes. With
    /// `photos` off it makes the mistake [`crate::Flaw::PhotosNotOfferedAgain`].
    ///
    /// One transaction, so that no crash leaves a part of it unoffered: about 30 bytes for each change of the days that are
    /// kept.
    pub fn offer_again(&self, receipt: &Receipt, verified_to: Seq, photos: bool) -> Result<u64, StoreError> {
        let mut again = 0;
        for life in self.lives()? {
            let is_answered = life.epoch == receipt.epoch();
            let after = if is_answered { verified_to } else { Seq(0) }.max(life.base.seq());
            let range = params![life.id(after), life.end()];
            let mut statement = self.sql().prepare_cached(
                "SELECT id, lane_kind, lane_id, kind, length(body) FROM log WHERE id > ?1 AND id < ?2 ORDER BY id",
            )?;
            let mut rows = statement.query(range)?;
            while let Some(row) = rows.next()? {
                let (id, lane_kind, lane_id): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if is_answered && receipt.verdict_on(seq_of(id)).is_some() {
                    continue;
                }
                let lane = Lane {
                    kind: LaneKind::from_code(code(lane_kind)),
                    id: id16(&lane_id, "log")?,
                };
                let priority = Priority::of(lane, ChangeKind::from_code(code(row.get(3)?)));
                again += u64::from(self.offer(id, priority, counted(row.get(4)?))?);
            }
        }
        if photos {
            self.sql().execute_batch(
                "UPDATE attachment SET state = 'kept' WHERE state = 'stored'; UPDATE attachment SET upload_path = NULL;",
            )?;
        }
        self.drop_batch()?;
        Ok(again)
    }

    /// Puts a change among the unsent ones, whatever it was before; `false` when it is there already.
    fn offer(&self, id: i64, priority: Priority, bytes: u64) -> Result<bool, StoreError> {
        if self.is_unsent(id)? {
            return Ok(false);
        }
        self.sql()
            .prepare_cached("DELETE FROM parked WHERE id = ?1")?
            .execute([id])?;
        self.put_unsent(id, priority, bytes)?;
        Ok(true)
    }
}
