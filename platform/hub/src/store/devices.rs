//! Enrolment codes and devices.

use grid_model::id::PhoneId;
use grid_model::{DeviceId, Epoch, OrgId, Sha256, WorkerId};
use grid_wire::Beacon;

use super::Stored;
use crate::views::{Page, PageAsk};

/// A single-use code; only its hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// Hash of the code.
    pub code_hash: Sha256,
    /// Whom it enrols.
    pub worker: WorkerId,
    /// When it was issued, UTC ms.
    pub issued_at_ms: i64,
    /// When it ends, UTC ms.
    pub expires_at_ms: i64,
    /// The device that used it, and the key that device named.
    pub used_by: Option<(DeviceId, Vec<u8>)>,
    /// When it was used, UTC ms.
    pub used_at_ms: Option<i64>,
}

/// What is tried when a try is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TryKind {
    /// An enrolment code.
    Enroll,
    /// A password.
    Login,
}

/// Wrong tries within a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// How many.
    pub count: u64,
    /// The first of them, UTC ms.
    pub first_at_ms: Option<i64>,
}

/// An enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDevice {
    /// Which device.
    pub id: DeviceId,
    /// Whose vault.
    pub worker: WorkerId,
    /// The phone it lives on.
    pub phone: PhoneId,
    /// What people call the phone.
    pub phone_label: String,
    /// Its public key, SEC1.
    pub key: Vec<u8>,
    /// `android`, `ios`, `linux`.
    pub platform: String,
    /// When it was enrolled, UTC ms.
    pub enrolled_at_ms: i64,
    /// When it was revoked, UTC ms.
    pub revoked_at_ms: Option<i64>,
    /// What its last exchange said.
    pub contact: Option<Contact>,
    /// Version of the application, as last told.
    pub app_version: String,
}

/// What an exchange says about its device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// When, UTC ms.
    pub at_ms: i64,
    /// The life of its log.
    pub epoch: Epoch,
    /// Where its log ended.
    pub head_seq: u64,
    /// The feed position it had applied.
    pub cursor: u64,
    /// How it is doing.
    pub beacon: Beacon,
}

/// Numbers about a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceTally {
    /// Changes of its newest epoch that are here.
    pub stored: u64,
    /// Its changes that wait for a person.
    pub parked: u64,
    /// Second bodies under a key already taken.
    pub conflicts: u64,
    /// Signed heads that did not equal the platform's chain.
    pub forks: u64,
    /// Attachments its records name whose bytes are not here.
    pub photos_missing: u64,
}

/// Reads codes and devices.
pub trait DeviceRead {
    /// The code with this hash.
    fn code(&self, code_hash: Sha256) -> Stored<Option<StoredCode>>;
    /// Wrong tries of this kind since `since_ms`, about `subject` or about all of them together.
    fn tries_since(&self, kind: TryKind, subject: Option<&str>, since_ms: i64) -> Stored<Tries>;
    /// One device.
    fn device(&self, id: DeviceId) -> Stored<Option<StoredDevice>>;
    /// Devices of people within `root`, by worker and time of enrolment.
    fn devices_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredDevice>>;
    /// Numbers about one device; `epoch` is its newest.
    fn device_tally(&self, id: DeviceId, epoch: Option<Epoch>) -> Stored<DeviceTally>;
}

/// Writes codes and devices.
pub trait DeviceWrite {
    /// Adds a code that nobody used yet.
    fn add_code(&mut self, code: &StoredCode) -> Stored<()>;
    /// Notes who used a code.
    fn use_code(&mut self, code_hash: Sha256, device: DeviceId, key: &[u8], at_ms: i64) -> Stored<()>;
    /// Notes a wrong try and forgets those before `forget_before_ms`.
    fn add_try(&mut self, kind: TryKind, subject: &str, at_ms: i64, forget_before_ms: i64) -> Stored<()>;
    /// Adds a device.
    fn add_device(&mut self, device: &StoredDevice) -> Stored<()>;
    /// Notes an exchange.
    fn put_contact(&mut self, id: DeviceId, contact: &Contact) -> Stored<()>;
    /// Revokes a device.
    fn revoke(&mut self, id: DeviceId, at_ms: i64) -> Stored<()>;
}
