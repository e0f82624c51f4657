//! What a vault of schema 1 holds, read with raw SQL as it was before any migration.

use grid_model::id::{DeviceId, Epoch, Seq};
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::{Coded as _, Sha256};
use grid_wire::{Entry, Head};
use rusqlite::Row;

use crate::copy::Copy;

/// A row of `change` with its row of `outbox`.
pub(crate) struct OldChange {
    pub(crate) entry: Entry,
    pub(crate) body_hash: Vec<u8>,
    pub(crate) recorded_at_ms: i64,
    pub(crate) priority: i64,
    pub(crate) state: String,
}

/// A row of `fix`: patrol, number, and what was measured.
pub(crate) type OldFix = (Vec<u8>, u64, [i64; 5]);

/// Everything of schema 1 that a newer schema keeps in another form.
pub(crate) struct Old {
    pub(crate) device: DeviceId,
    pub(crate) epoch: Epoch,
    pub(crate) head: Head,
    pub(crate) changes: Vec<OldChange>,
    pub(crate) batch: Vec<u8>,
    pub(crate) fixes: Vec<OldFix>,
    pub(crate) photos_kept: Vec<Vec<u8>>,
}

impl Old {
    /// Reads a copy of its own, so that nobody's WAL is folded in.
    pub(crate) fn read() -> Self {
        let copy = Copy::of(1);
        let sql = copy.sql();
        let version: u32 = sql
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .expect("a version");
        assert_eq!(version, 1);
        let rows = |statement: &str| -> Vec<OldChange> {
            let mut statement = sql.prepare(statement).expect("SQL of schema 1");
            let rows = statement.query_map([], change_of).expect("rows");
            rows.map(|row| row.expect("a row")).collect()
        };
        let (device, epoch): (Vec<u8>, i64) = sql
            .query_row("SELECT device, epoch FROM identity", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .expect("an identity");
        let (head_seq, head_h): (i64, Vec<u8>) = sql
            .query_row("SELECT head_seq, head_h FROM epoch", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .expect("one epoch");
        let blobs = |statement: &str| -> Vec<Vec<u8>> {
            let mut statement = sql.prepare(statement).expect("SQL of schema 1");
            let rows = statement.query_map([], |row| row.get(0)).expect("rows");
            rows.map(|row| row.expect("a row")).collect()
        };
        let mut fixes = sql
            .prepare(
                "SELECT patrol, number, at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms FROM fix ORDER BY 1, 2",
            )
            .expect("SQL of schema 1");
        let fixes = fixes
            .query_map([], |row| {
                let measured = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?];
                Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs(), measured))
            })
            .expect("rows");
        Self {
            device: DeviceId(device.try_into().expect("16 bytes")),
            epoch: Epoch(epoch.cast_unsigned()),
            head: Head::new(
                Seq(head_seq.unsigned_abs()),
                Sha256(head_h.try_into().expect("32 bytes")),
            ),
            changes: rows(
                "SELECT c.seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, body_hash, recorded_at_ms,
                 priority, state FROM change c JOIN outbox o USING (epoch, seq) ORDER BY c.seq",
            ),
            batch: blobs("SELECT request FROM batch").remove(0),
            fixes: fixes.map(|row| row.expect("a row")).collect(),
            photos_kept: blobs("SELECT sha256 FROM attachment WHERE state = 'kept' ORDER BY id"),
        }
    }

    /// Positions of what was not receipted, in the old build's order of sending.
    pub(crate) fn unsent(&self) -> Vec<Seq> {
        let mut unsent: Vec<&OldChange> = self.changes.iter().filter(|c| c.state == "saved").collect();
        unsent.sort_by_key(|change| (change.priority, change.entry.seq));
        unsent.iter().map(|change| change.entry.seq).collect()
    }
}

fn change_of(row: &Row<'_>) -> rusqlite::Result<OldChange> {
    let lane_id: Vec<u8> = row.get(2)?;
    Ok(OldChange {
        entry: Entry {
            seq: Seq(row.get::<_, i64>(0)?.unsigned_abs()),
            lane: Lane {
                kind: LaneKind::from_code(row.get(1)?),
                id: lane_id.try_into().expect("16 bytes"),
            },
            prev_in_lane: Seq(row.get::<_, i64>(3)?.unsigned_abs()),
            kind: ChangeKind::from_code(row.get(4)?),
            schema_version: row.get(5)?,
            body: row.get(6)?,
        },
        body_hash: row.get(7)?,
        recorded_at_ms: row.get(8)?,
        priority: row.get(9)?,
        state: row.get(10)?,
    })
}
