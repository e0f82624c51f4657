//! The change log.

use grid_hub::HubError;
use grid_hub::store::{ChainState, ChangeState, LogRead, LogWrite, Stored, StoredChange};
use grid_model::terms::ParkReason;
use grid_model::{ChangeKind, Coded as _, DeviceId, Epoch, Lane, OrgId, Seq, Sha256};
use grid_wire::{Entry, Head};
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, code_maybe, epoch, int};

/// The last position behind which SQLite can still count one on.
const POSITION_LAST: u64 = i64::MAX as u64 - 1;

macro_rules! change_columns {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT c.position, c.device_id, c.epoch, c.seq, c.lane_kind, c.lane_id, c.prev_in_lane, c.kind, ",
            "c.schema_version, c.body, c.body_sha256, c.state, c.park_reason, c.received_at_ms",
            $more,
            " FROM change AS c ",
            $rest
        )
    };
}

pub(crate) fn entry(c: &mut Cells<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        seq: c.seq()?,
        lane: c.lane()?,
        prev_in_lane: c.seq()?,
        kind: c.code()?,
        schema_version: c.take()?,
        body: c.take()?,
    })
}

fn state(c: &mut Cells<'_>) -> rusqlite::Result<ChangeState> {
    let (state, reason): (i64, _) = (c.take()?, c.code_maybe()?);
    Ok(match (state, reason) {
        (_, Some(reason)) => ChangeState::Parked(reason),
        (1, None) => ChangeState::Held,
        (2, None) => ChangeState::Folded,
        _ => ChangeState::Received,
    })
}

fn change(c: &mut Cells<'_>) -> rusqlite::Result<StoredChange> {
    Ok(StoredChange {
        position: c.number()?,
        device: c.id()?,
        epoch: c.epoch()?,
        entry: entry(c)?,
        body_sha256: c.hash()?,
        state: state(c)?,
        received_at_ms: c.take()?,
    })
}

impl<M> LogRead for Access<'_, M> {
    fn change(&self, device: DeviceId, life: Epoch, seq: Seq) -> Stored<Option<StoredChange>> {
        let sql = change_columns!("", "WHERE c.device_id = ?1 AND c.epoch = ?2 AND c.seq = ?3");
        self.one(sql, params![device.0, epoch(life), int(seq.0)], change)
    }

    fn change_state(&self, device: DeviceId, life: Epoch, seq: Seq) -> Stored<Option<ChangeState>> {
        self.one(
            "SELECT state, park_reason FROM change WHERE device_id = ?1 AND epoch = ?2 AND seq = ?3",
            params![device.0, epoch(life), int(seq.0)],
            state,
        )
    }

    fn held_behind(&self, device: DeviceId, life: Epoch, lane: Lane, prev: Seq) -> Stored<Vec<StoredChange>> {
        self.all(
            change_columns!(
                "",
                "WHERE c.device_id = ?1 AND c.epoch = ?2 AND c.lane_kind = ?3 AND c.lane_id = ?4
                 AND c.prev_in_lane = ?5 AND c.state = 1 ORDER BY c.seq"
            ),
            params![device.0, epoch(life), lane.kind.code(), lane.id, int(prev.0)],
            change,
        )
    }

    fn folded_to(&self, device: DeviceId, life: Epoch, lane: Lane) -> Stored<Seq> {
        let seq = self.number(
            "SELECT max(seq) FROM change
             WHERE device_id = ?1 AND epoch = ?2 AND lane_kind = ?3 AND lane_id = ?4 AND state = 2",
            params![device.0, epoch(life), lane.kind.code(), lane.id],
        )?;
        Ok(Seq(seq))
    }

    fn body_at(&self, position: u64) -> Stored<Option<(ChangeKind, Vec<u8>)>> {
        let sql = "SELECT kind, body FROM change WHERE position = ?1";
        self.one(sql, [int(position)], |c| Ok((c.code()?, c.take()?)))
    }

    fn entries_from(&self, device: DeviceId, life: Epoch, from: Seq, limit: u32) -> Stored<Vec<Entry>> {
        let mut entries = self.all(
            "SELECT seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body FROM change
             WHERE device_id = ?1 AND epoch = ?2 AND seq >= ?3 ORDER BY seq LIMIT ?4",
            params![device.0, epoch(life), int(from.0), limit],
            entry,
        )?;
        let whole = entries
            .iter()
            .zip(from.0..)
            .take_while(|(entry, seq)| entry.seq.0 == *seq)
            .count();
        entries.truncate(whole);
        Ok(entries)
    }

    fn chain(&self, device: DeviceId, life: Epoch) -> Stored<Option<ChainState>> {
        self.one(
            "SELECT contiguous_to, contiguous_h, verified_to FROM chain WHERE device_id = ?1 AND epoch = ?2",
            params![device.0, epoch(life)],
            |c| {
                Ok(ChainState {
                    contiguous_to: c.seq()?,
                    contiguous_h: c.hash()?,
                    verified_to: c.seq()?,
                })
            },
        )
    }

    fn chain_hash(&self, device: DeviceId, life: Epoch, seq: Seq) -> Stored<Option<Sha256>> {
        let found = self.one(
            "SELECT chain_h FROM change WHERE device_id = ?1 AND epoch = ?2 AND seq = ?3",
            params![device.0, epoch(life), int(seq.0)],
            |c| c.hash_maybe(),
        )?;
        Ok(found.flatten())
    }

    fn heads_between(&self, device: DeviceId, life: Epoch, after: Seq, to: Seq) -> Stored<Vec<Head>> {
        self.all(
            "SELECT seq, h FROM signed_head
             WHERE device_id = ?1 AND epoch = ?2 AND seq > ?3 AND seq <= ?4 ORDER BY seq",
            params![device.0, epoch(life), int(after.0), int(to.0)],
            |c| Ok(Head::new(c.seq()?, c.hash()?)),
        )
    }

    fn heads_told(&self, device: DeviceId) -> Stored<Vec<(Epoch, Seq)>> {
        self.all(
            "SELECT epoch, max(seq) FROM signed_head WHERE device_id = ?1 GROUP BY epoch ORDER BY epoch",
            [device.0],
            |c| Ok((c.epoch()?, c.seq()?)),
        )
    }

    fn gaps(
        &self,
        (device, life): (DeviceId, Epoch),
        (after, to): (Seq, Seq),
        limit: u32,
    ) -> Stored<Vec<(Seq, Seq)>> {
        // The position behind the end stands for the change that would close the last gap.
        self.all(
            "WITH here (seq) AS (
                 SELECT seq FROM change WHERE device_id = ?1 AND epoch = ?2 AND seq > ?3 AND seq <= ?4
                 UNION ALL SELECT ?4 + 1
             )
             SELECT before + 1, seq - 1 FROM (SELECT seq, lag(seq, 1, ?3) OVER (ORDER BY seq) AS before FROM here)
             WHERE seq > before + 1 ORDER BY seq LIMIT ?5",
            params![
                device.0,
                epoch(life),
                int(after.0),
                int(to.0.min(POSITION_LAST)),
                limit
            ],
            |c| Ok((c.seq()?, c.seq()?)),
        )
    }

    fn stored_between(&self, device: DeviceId, life: Epoch, after: Seq, to: Seq) -> Stored<u64> {
        self.number(
            "SELECT count(*) FROM change WHERE device_id = ?1 AND epoch = ?2 AND seq > ?3 AND seq <= ?4",
            params![device.0, epoch(life), int(after.0), int(to.0)],
        )
    }

    fn writer_of(&self, position: u64) -> Stored<Option<DeviceId>> {
        let sql = "SELECT device_id FROM change WHERE position = ?1";
        self.one(sql, [int(position)], |c| c.id())
    }

    fn conflicts_within(&self, root: OrgId, after: u64, limit: u32) -> Stored<Vec<(StoredChange, String)>> {
        self.all(
            within!(
                "SELECT c.conflict_id, c.device_id, c.epoch, c.seq, c.lane_kind, c.lane_id, c.prev_in_lane, c.kind,
                        c.schema_version, c.body, c.body_sha256, c.received_at_ms, w.job_no
                 FROM conflict AS c JOIN device AS d ON d.device_id = c.device_id
                      JOIN worker AS w ON w.worker_id = d.worker_id
                 WHERE w.org_id IN scope AND c.conflict_id > ?2 ORDER BY c.conflict_id LIMIT ?3"
            ),
            params![root.0, int(after), limit],
            |c| {
                let second = StoredChange {
                    position: c.number()?,
                    device: c.id()?,
                    epoch: c.epoch()?,
                    entry: entry(c)?,
                    body_sha256: c.hash()?,
                    state: ChangeState::Parked(ParkReason::Conflict),
                    received_at_ms: c.take()?,
                };
                Ok((second, c.take()?))
            },
        )
    }

    fn changes_within(&self, root: OrgId, after: u64, limit: u32) -> Stored<Vec<(StoredChange, String)>> {
        self.all(
            within!(change_columns!(
                ", w.job_no",
                "JOIN device AS d ON d.device_id = c.device_id JOIN worker AS w ON w.worker_id = d.worker_id
                 WHERE w.org_id IN scope AND c.position > ?2 ORDER BY c.position LIMIT ?3"
            )),
            params![root.0, int(after), limit],
            |c| Ok((change(c)?, c.take()?)),
        )
    }
}

impl LogWrite for Access<'_, Writes> {
    fn add_change(
        &mut self,
        (device, life): (DeviceId, Epoch),
        entry: &Entry,
        body_sha256: Sha256,
        received_at_ms: i64,
    ) -> Stored<u64> {
        self.insert(
            "INSERT INTO change (device_id, epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body,
                                 body_sha256, received_at_ms, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)",
            params![
                device.0,
                epoch(life),
                int(entry.seq.0),
                entry.lane.kind.code(),
                entry.lane.id,
                int(entry.prev_in_lane.0),
                entry.kind.code(),
                entry.schema_version,
                entry.body,
                body_sha256.0,
                received_at_ms
            ],
        )
    }

    fn settle_change(&mut self, position: u64, state: ChangeState) -> Stored<()> {
        let (state, reason) = match state {
            ChangeState::Received => return Err(HubError::Bug("a change is settled without a decision")),
            ChangeState::Held => (1, None),
            ChangeState::Folded => (2, None),
            ChangeState::Parked(reason) => (3, Some(reason)),
        };
        self.run(
            "UPDATE change SET state = ?2, park_reason = ?3 WHERE position = ?1",
            params![int(position), state, code_maybe(reason)],
        )?;
        Ok(())
    }

    fn add_conflict(
        &mut self,
        (device, life): (DeviceId, Epoch),
        entry: &Entry,
        body_sha256: Sha256,
        received_at_ms: i64,
    ) -> Stored<()> {
        self.run(
            "INSERT INTO conflict (device_id, epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body,
                                   body_sha256, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
            params![
                device.0,
                epoch(life),
                int(entry.seq.0),
                entry.lane.kind.code(),
                entry.lane.id,
                int(entry.prev_in_lane.0),
                entry.kind.code(),
                entry.schema_version,
                entry.body,
                body_sha256.0,
                received_at_ms
            ],
        )?;
        Ok(())
    }

    fn put_chain_hash(&mut self, device: DeviceId, life: Epoch, seq: Seq, h: Sha256) -> Stored<()> {
        self.run(
            "UPDATE change SET chain_h = ?4 WHERE device_id = ?1 AND epoch = ?2 AND seq = ?3",
            params![device.0, epoch(life), int(seq.0), h.0],
        )?;
        Ok(())
    }

    fn put_chain(&mut self, device: DeviceId, life: Epoch, chain: &ChainState) -> Stored<()> {
        self.run(
            "INSERT INTO chain (device_id, epoch, contiguous_to, contiguous_h, verified_to) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (device_id, epoch) DO UPDATE SET contiguous_to = ?3, contiguous_h = ?4, verified_to = ?5",
            params![
                device.0,
                epoch(life),
                int(chain.contiguous_to.0),
                chain.contiguous_h.0,
                int(chain.verified_to.0)
            ],
        )?;
        Ok(())
    }

    fn add_head(&mut self, device: DeviceId, life: Epoch, head: Head) -> Stored<()> {
        self.run(
            "INSERT INTO signed_head (device_id, epoch, seq, h) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![device.0, epoch(life), int(head.seq().0), head.h.0],
        )?;
        Ok(())
    }

    fn add_fork(
        &mut self,
        (device, life): (DeviceId, Epoch),
        claimed: Head,
        ours: Sha256,
        at_ms: i64,
    ) -> Stored<()> {
        self.run(
            "INSERT INTO fork (device_id, epoch, seq, claimed_h, our_h, noticed_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO NOTHING",
            params![device.0, epoch(life), int(claimed.seq().0), claimed.h.0, ours.0, at_ms],
        )?;
        Ok(())
    }
}
