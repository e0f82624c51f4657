//! How the vault stands, and whether what it says of itself holds.

use crate::{FieldBook, FieldError};

/// Who a vault is enrolled for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Worker {
    /// How the worker is called.
    pub display_name: String,
    /// Job number.
    pub job_no: String,
    /// Station or centre.
    pub org_name: String,
    /// What people call the phone.
    pub phone_label: String,
}

/// How this vault stands, for the one line a worker reads.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct VaultStatus {
    /// Id of the vault.
    pub device: String,
    /// Enrolled for whom; none before enrolment.
    pub worker: Option<Worker>,
    /// Base address of the platform.
    pub server: Option<String>,
    /// Records without a receipt.
    pub saved: u64,
    /// Records receipted.
    pub received: u64,
    /// Records sent back.
    pub parked: u64,
    /// When the oldest unsent one was recorded, UTC ms.
    pub oldest_at_ms: Option<i64>,
    /// Photos only on this phone.
    pub photos_waiting: u64,
    /// Photos on the platform.
    pub photos_stored: u64,
    /// Photos the platform would not take.
    pub photos_failed: u64,
    /// The platform's time at the last contact, UTC ms.
    pub last_contact_ms: Option<i64>,
    /// Id of a patrol that is not ended.
    pub open_patrol: Option<String>,
}

/// One thing checked.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Check {
    /// `database`, `chain`, `lifeboat`, `attachments`, `space`, `enrolment`, `outbox`, `clock`, `key`.
    pub name: String,
    /// Whether it holds.
    pub ok: bool,
    /// A technical detail without personal data.
    pub detail: String,
}

#[uniffi::export]
impl FieldBook {
    /// How this vault stands.
    pub fn status(&self) -> Result<VaultStatus, FieldError> {
        self.look(|book| Ok(book.status()?.into()))
    }

    /// Checks database pages, chain, lifeboat, attachment files, space, enrolment, outbox and clock. Reads only; may take seconds.
    pub fn self_check(&self) -> Result<Vec<Check>, FieldError> {
        self.look(|book| Ok(book.self_check()?.into_iter().map(Check::from).collect()))
    }
}

impl From<grid_fieldbook::Status> for VaultStatus {
    fn from(status: grid_fieldbook::Status) -> Self {
        let worker = |(display_name, job_no, org_name, phone_label)| Worker {
            display_name,
            job_no,
            org_name,
            phone_label,
        };
        Self {
            device: status.device.to_string(),
            worker: status.worker.map(worker),
            server: status.server,
            saved: status.saved,
            received: status.received,
            parked: status.parked,
            oldest_at_ms: status.oldest_at_ms,
            photos_waiting: status.photos_waiting,
            photos_stored: status.photos_stored,
            photos_failed: status.photos_failed,
            last_contact_ms: status.last_contact_ms,
            open_patrol: status.open_patrol.map(|id| id.to_string()),
        }
    }
}

impl From<grid_fieldbook::Check> for Check {
    fn from(check: grid_fieldbook::Check) -> Self {
        Self {
            name: check.name.to_owned(),
            ok: check.ok,
            detail: check.detail,
        }
    }
}
