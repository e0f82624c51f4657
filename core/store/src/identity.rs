//! Who this vault is, and with whom it is enrolled.

use grid_model::id::{DeviceId, Epoch, PhoneId, Seq, WorkerId};
use grid_vault::chain_start;
use grid_wire::Head;
use rusqlite::{OptionalExtension as _, params};

use crate::sql::{id16, signed, unsigned};
use crate::{Reading, StoreError, Writing};

/// What makes this vault itself: made once, when the folder is new.
#[derive(Clone)]
pub struct Identity {
    /// Random id of the vault.
    pub device: DeviceId,
    /// Secret scalar of its signing key.
    pub secret: [u8; 32],
    /// Secret scalar that opens what was captured while it was locked; none in a vault of the first schema.
    pub sealing_secret: Option<[u8; 32]>,
    /// Current life of its log.
    pub epoch: Epoch,
}

/// With whom this vault is enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Base address of the platform.
    pub server: String,
    /// Pinned CA certificate in DER; empty on loopback without TLS.
    pub authority: Vec<u8>,
    /// The phone, shared by the vaults on it.
    pub phone: PhoneId,
    /// What people call the phone.
    pub phone_label: String,
    /// Whose vault this is.
    pub worker: WorkerId,
    /// How the worker is called.
    pub display_name: String,
    /// Job number.
    pub job_no: String,
    /// Station or centre.
    pub org_name: String,
    /// Public keys that verify receipts, SEC1 uncompressed, 65 bytes each, the newest first: one, but for the time in which a
    /// new key and an older one are both good. A zero byte behind them: the platform said something of its keys since.
    pub platform_key: Vec<u8>,
    /// Lifeboat segments are sealed to it.
    pub sealing_key: Vec<u8>,
}

impl Reading<'_> {
    /// The identity, if this vault has been made.
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        let row = self.sql().query_row(
            "SELECT device, secret, epoch, sealing_secret FROM identity",
            [],
            |row| {
                Ok((
                    row.get::<_, Vec<u8>>(0)?,
                    row.get::<_, Vec<u8>>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, Option<Vec<u8>>>(3)?,
                ))
            },
        );
        let Some((device, secret, epoch, sealing)) = row.optional()? else {
            return Ok(None);
        };
        let scalar =
            |bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).map_err(|_| StoreError::Unreadable("identity"));
        Ok(Some(Identity {
            device: DeviceId(id16(&device, "identity")?),
            secret: scalar(secret)?,
            sealing_secret: sealing.map(scalar).transpose()?,
            epoch: Epoch(unsigned(epoch)),
        }))
    }

    /// The enrolment, if there is one.
    pub fn enrolment(&self) -> Result<Option<Enrolment>, StoreError> {
        let sql = "SELECT server, authority, phone_label, display_name, job_no, org_name, platform_key, sealing_key,
                   phone, worker FROM enrolment";
        let row = self.sql().query_row(sql, [], |row| {
            let blank = Enrolment {
                server: row.get(0)?,
                authority: row.get(1)?,
                phone: PhoneId([0; 16]),
                phone_label: row.get(2)?,
                worker: WorkerId([0; 16]),
                display_name: row.get(3)?,
                job_no: row.get(4)?,
                org_name: row.get(5)?,
                platform_key: row.get(6)?,
                sealing_key: row.get(7)?,
            };
            Ok((blank, row.get::<_, Vec<u8>>(8)?, row.get::<_, Vec<u8>>(9)?))
        });
        let Some((blank, phone, worker)) = row.optional()? else {
            return Ok(None);
        };
        let phone = PhoneId(id16(&phone, "enrolment")?);
        Ok(Some(Enrolment {
            phone,
            worker: WorkerId(id16(&worker, "enrolment")?),
            ..blank
        }))
    }
}

impl Writing<'_> {
    /// Makes this vault: its identity and the start of its log.
    pub fn create_identity(&self, identity: &Identity, wall_ms: i64) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT INTO identity (one, device, secret, epoch, created_at_ms, sealing_secret)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            params![
                identity.device.bytes(),
                identity.secret,
                signed(identity.epoch.0),
                wall_ms,
                identity.sealing_secret
            ],
        )?;
        self.begin_epoch(identity.device, identity.epoch)
    }

    /// Begins a new life of the log, which is written to from now on. What the former lives hold stays and is sent.
    pub fn begin_epoch(&self, device: DeviceId, epoch: Epoch) -> Result<(), StoreError> {
        let life = self.life_from(epoch, Head::new(Seq(0), chain_start(device, epoch)))?;
        self.begin_lanes(&life)?;
        self.sql()
            .execute("UPDATE identity SET epoch = ?1 WHERE one = 1", [signed(epoch.0)])?;
        self.forget_life();
        Ok(())
    }

    /// Gives a vault of the first schema the key that opens what is captured while it is locked.
    pub fn set_sealing_secret(&self, secret: &[u8; 32]) -> Result<(), StoreError> {
        self.sql()
            .execute("UPDATE identity SET sealing_secret = ?1 WHERE one = 1", [secret])?;
        Ok(())
    }

    /// Remembers with whom this vault is enrolled; a repeated enrolment replaces the former.
    pub fn set_enrolment(&self, e: &Enrolment) -> Result<(), StoreError> {
        self.sql().execute(
            "INSERT OR REPLACE INTO enrolment (one, server, authority, phone, phone_label, worker, display_name, job_no,
             org_name, platform_key, sealing_key) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                e.server,
                e.authority,
                e.phone.bytes(),
                e.phone_label,
                e.worker.bytes(),
                e.display_name,
                e.job_no,
                e.org_name,
                e.platform_key,
                e.sealing_key
            ],
        )?;
        Ok(())
    }
}
