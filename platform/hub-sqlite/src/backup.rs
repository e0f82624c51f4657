//! Proved backups, and what a proof looks at.

use grid_hub::store::{BackupRead, BackupWrite, ProvedBackup, Stored, StoredBlob, StoredLink};
use grid_model::{DeviceId, Epoch, Seq, Sha256};
use rusqlite::params;

use crate::access::{Access, Writes};
use crate::cells::{epoch, int};
use crate::log::entry;
use crate::uploads::blob;

impl<M> BackupRead for Access<'_, M> {
    fn proved_backups(&self) -> Stored<Vec<ProvedBackup>> {
        self.all(
            "SELECT backup_id, made_at_ms, proved_at_ms, incarnation, manifest_sha256 FROM proved_backup
             ORDER BY proved_at_ms DESC, backup_id",
            [],
            |c| {
                Ok(ProvedBackup {
                    id: c.take()?,
                    made_at_ms: c.take()?,
                    proved_at_ms: c.take()?,
                    incarnation: c.id()?,
                    manifest_sha256: c.hash()?,
                })
            },
        )
    }

    fn backed_up_to(&self, device: DeviceId, life: Epoch) -> Stored<Seq> {
        let seq = self.number(
            "SELECT to_seq FROM backed_up WHERE device_id = ?1 AND epoch = ?2",
            params![device.0, epoch(life)],
        )?;
        Ok(Seq(seq))
    }

    fn logs(&self) -> Stored<Vec<(DeviceId, Epoch)>> {
        self.all(
            "SELECT device_id, epoch FROM change UNION SELECT device_id, epoch FROM chain ORDER BY device_id, epoch",
            [],
            |c| Ok((c.id()?, c.epoch()?)),
        )
    }

    fn change_count(&self) -> Stored<u64> {
        self.number("SELECT count(*) FROM change", [])
    }

    fn links_behind(&self, device: DeviceId, life: Epoch, after: Seq, limit: u32) -> Stored<Vec<StoredLink>> {
        self.all(
            "SELECT seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, body_sha256, chain_h FROM change
             WHERE device_id = ?1 AND epoch = ?2 AND seq > ?3 ORDER BY seq LIMIT ?4",
            params![device.0, epoch(life), int(after.0), limit],
            |c| {
                Ok(StoredLink {
                    entry: entry(c)?,
                    body_sha256: c.hash()?,
                    chain_h: c.hash_maybe()?,
                })
            },
        )
    }

    fn conflicts_behind(&self, after: u64, limit: u32) -> Stored<Vec<(u64, Vec<u8>, Sha256)>> {
        self.all(
            "SELECT conflict_id, body, body_sha256 FROM conflict WHERE conflict_id > ?1 ORDER BY conflict_id LIMIT ?2",
            params![int(after), limit],
            |c| Ok((c.number()?, c.take()?, c.hash()?)),
        )
    }

    fn blobs_behind(&self, after: Option<Sha256>, limit: u32) -> Stored<Vec<StoredBlob>> {
        self.all(
            "SELECT sha256, mime, bytes, stored_at_ms FROM blob WHERE sha256 > ?1 ORDER BY sha256 LIMIT ?2",
            // An empty name lies before every other.
            params![after.map_or_else(Vec::new, |name| name.0.to_vec()), limit],
            blob,
        )
    }
}

impl BackupWrite for Access<'_, Writes> {
    fn add_proved_backup(&mut self, backup: &ProvedBackup) -> Stored<()> {
        self.run(
            "INSERT INTO proved_backup (backup_id, made_at_ms, proved_at_ms, incarnation, manifest_sha256)
             VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            params![
                backup.id,
                backup.made_at_ms,
                backup.proved_at_ms,
                backup.incarnation.0,
                backup.manifest_sha256.0
            ],
        )?;
        Ok(())
    }

    fn raise_backed_up(&mut self, device: DeviceId, life: Epoch, to: Seq, at_ms: i64) -> Stored<()> {
        if to == Seq(0) {
            return Ok(());
        }
        self.run(
            "INSERT INTO backed_up (device_id, epoch, to_seq, at_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (device_id, epoch) DO UPDATE SET to_seq = ?3, at_ms = ?4 WHERE to_seq < ?3",
            params![device.0, epoch(life), int(to.0), at_ms],
        )?;
        Ok(())
    }

    fn clear_backed_up(&mut self) -> Stored<()> {
        self.run("DELETE FROM backed_up", [])?;
        Ok(())
    }
}
