//! Enrolment codes, wrong tries and devices.

use grid_hub::store::{
    Contact, DeviceRead, DeviceTally, DeviceWrite, Stored, StoredCode, StoredDevice, Tries, TryKind,
};
use grid_hub::views::{Page, PageAsk};
use grid_model::{DeviceId, Epoch, OrgId, Sha256};
use grid_wire::Beacon;
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, epoch, int};

macro_rules! device_columns {
    ($rest:literal) => {
        concat!(
            "SELECT d.device_id, d.worker_id, d.phone_id, d.phone_label, d.public_key, d.platform, d.app_version, ",
            "d.enrolled_at_ms, d.revoked_at_ms, d.contact_at_ms, d.contact_epoch, d.contact_head_seq, ",
            "d.contact_cursor, d.beacon_unsent, d.beacon_parked, d.beacon_photos_unsent, d.beacon_oldest_at_ms, ",
            "d.beacon_free_bytes, d.beacon_schema, d.beacon_clock_ahead_ms FROM device AS d ",
            $rest
        )
    };
}

fn device(c: &mut Cells<'_>) -> rusqlite::Result<StoredDevice> {
    let mut device = StoredDevice {
        id: c.id()?,
        worker: c.id()?,
        phone: c.id()?,
        phone_label: c.take()?,
        key: c.take()?,
        platform: c.take()?,
        app_version: c.take()?,
        enrolled_at_ms: c.take()?,
        revoked_at_ms: c.take()?,
        contact: None,
    };
    if let Some(at_ms) = c.take()? {
        device.contact = Some(Contact {
            at_ms,
            epoch: c.epoch()?,
            head_seq: c.number()?,
            cursor: c.number()?,
            beacon: Beacon {
                unsent: c.number()?,
                parked: c.number()?,
                photos_unsent: c.number()?,
                app_version: device.app_version.clone(),
                oldest_at_ms: c.take()?,
                free_bytes: c.take::<Option<i64>>()?.map(i64::unsigned_abs),
                schema: c.take()?,
                clock_ahead_ms: c.take()?,
            },
        });
    }
    Ok(device)
}

const fn try_kind(kind: TryKind) -> i64 {
    match kind {
        TryKind::Enroll => 1,
        TryKind::Login => 2,
    }
}

impl<M> DeviceRead for Access<'_, M> {
    fn code(&self, code_hash: Sha256) -> Stored<Option<StoredCode>> {
        self.one(
            "SELECT code_hash, worker_id, issued_at_ms, expires_at_ms, used_at_ms, used_device_id, used_key
             FROM enroll_code WHERE code_hash = ?1",
            [code_hash.0],
            |c| {
                let (code_hash, worker) = (c.hash()?, c.id()?);
                let (issued_at_ms, expires_at_ms, used_at_ms) = (c.take()?, c.take()?, c.take()?);
                let (device, key) = (c.id_maybe()?, c.take::<Option<Vec<u8>>>()?);
                let used_by = device.zip(key);
                Ok(StoredCode {
                    code_hash,
                    worker,
                    issued_at_ms,
                    expires_at_ms,
                    used_by,
                    used_at_ms,
                })
            },
        )
    }

    fn tries_since(&self, kind: TryKind, subject: Option<&str>, since_ms: i64) -> Stored<Tries> {
        let tries = self.one(
            "SELECT count(*), min(at_ms) FROM wrong_try
             WHERE kind = ?1 AND (?2 IS NULL OR subject = ?2) AND at_ms >= ?3",
            params![try_kind(kind), subject, since_ms],
            |c| {
                Ok(Tries {
                    count: c.number()?,
                    first_at_ms: c.take()?,
                })
            },
        )?;
        Ok(tries.unwrap_or_default())
    }

    fn device(&self, id: DeviceId) -> Stored<Option<StoredDevice>> {
        self.one(device_columns!("WHERE d.device_id = ?1"), [id.0], device)
    }

    fn devices_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredDevice>> {
        self.page(
            (
                within!(
                    "SELECT count(*) FROM device AS d JOIN worker AS w ON w.worker_id = d.worker_id
                     WHERE w.org_id IN scope"
                ),
                [root.0],
            ),
            (
                within!(device_columns!(
                    "JOIN worker AS w ON w.worker_id = d.worker_id WHERE w.org_id IN scope
                     ORDER BY w.job_no, d.enrolled_at_ms, d.device_id LIMIT ?2 OFFSET ?3"
                )),
                params![root.0, page.limit, page.offset],
            ),
            device,
        )
    }

    fn device_tally(&self, id: DeviceId, newest: Option<Epoch>) -> Stored<DeviceTally> {
        Ok(DeviceTally {
            stored: self.number(
                "SELECT count(*) FROM change WHERE device_id = ?1 AND epoch = ?2",
                params![id.0, newest.map(epoch)],
            )?,
            parked: self.number(
                "SELECT count(*) FROM change WHERE device_id = ?1 AND state = 3",
                [id.0],
            )?,
            conflicts: self.number("SELECT count(*) FROM conflict WHERE device_id = ?1", [id.0])?,
            forks: self.number("SELECT count(*) FROM fork WHERE device_id = ?1", [id.0])?,
            photos_missing: self.number(
                "SELECT count(DISTINCT a.sha256) FROM attachment AS a
                 LEFT JOIN upload AS b ON b.device_id = a.device_id AND b.sha256 = a.sha256 AND b.complete = 1
                 WHERE a.device_id = ?1 AND b.sha256 IS NULL",
                [id.0],
            )?,
        })
    }
}

impl DeviceWrite for Access<'_, Writes> {
    fn add_code(&mut self, code: &StoredCode) -> Stored<()> {
        self.run(
            "INSERT INTO enroll_code (code_hash, worker_id, issued_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![code.code_hash.0, code.worker.0, code.issued_at_ms, code.expires_at_ms],
        )?;
        Ok(())
    }

    fn use_code(&mut self, code_hash: Sha256, device: DeviceId, key: &[u8], at_ms: i64) -> Stored<()> {
        self.run(
            "UPDATE enroll_code SET used_at_ms = ?2, used_device_id = ?3, used_key = ?4 WHERE code_hash = ?1",
            params![code_hash.0, at_ms, device.0, key],
        )?;
        Ok(())
    }

    fn add_try(&mut self, kind: TryKind, subject: &str, at_ms: i64, forget_before_ms: i64) -> Stored<()> {
        self.run("DELETE FROM wrong_try WHERE at_ms < ?1", [forget_before_ms])?;
        self.run(
            "INSERT INTO wrong_try (kind, subject, at_ms) VALUES (?1, ?2, ?3)",
            params![try_kind(kind), subject, at_ms],
        )?;
        Ok(())
    }

    fn add_device(&mut self, device: &StoredDevice) -> Stored<()> {
        self.run(
            "INSERT INTO device (device_id, worker_id, phone_id, phone_label, public_key, platform, app_version,
                                 enrolled_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                device.id.0,
                device.worker.0,
                device.phone.0,
                device.phone_label,
                device.key,
                device.platform,
                device.app_version,
                device.enrolled_at_ms
            ],
        )?;
        Ok(())
    }

    fn put_contact(&mut self, id: DeviceId, contact: &Contact) -> Stored<()> {
        self.run(
            "UPDATE device SET contact_at_ms = ?2, contact_epoch = ?3, contact_head_seq = ?4, contact_cursor = ?5,
                 beacon_unsent = ?6, beacon_parked = ?7, beacon_photos_unsent = ?8, app_version = ?9,
                 beacon_oldest_at_ms = ?10, beacon_free_bytes = ?11, beacon_schema = ?12, beacon_clock_ahead_ms = ?13
             WHERE device_id = ?1",
            params![
                id.0,
                contact.at_ms,
                epoch(contact.epoch),
                int(contact.head_seq),
                int(contact.cursor),
                int(contact.beacon.unsent),
                int(contact.beacon.parked),
                int(contact.beacon.photos_unsent),
                contact.beacon.app_version,
                contact.beacon.oldest_at_ms,
                contact.beacon.free_bytes.map(int),
                contact.beacon.schema,
                contact.beacon.clock_ahead_ms
            ],
        )?;
        Ok(())
    }

    fn revoke(&mut self, id: DeviceId, at_ms: i64) -> Stored<()> {
        self.run(
            "UPDATE device SET revoked_at_ms = ?2 WHERE device_id = ?1",
            params![id.0, at_ms],
        )?;
        Ok(())
    }
}
