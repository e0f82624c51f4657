//! The change log and the devices, for export and care.

use grid_model::terms::ParkReason;
use grid_model::time::Occurred;
use grid_model::{DeviceId, Epoch, Sha256};
use grid_wire::{Body, Entry};

use super::Person;

/// One change as it was received, with what was decided on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Position in the platform's order.
    pub position: u64,
    /// Whose log.
    pub device: DeviceId,
    /// Which life of that log.
    pub epoch: Epoch,
    /// The change itself: seq, lane, kind and the exact bytes.
    pub entry: Entry,
    /// SHA-256 of the body.
    pub body_sha256: Sha256,
    /// The body read; absent when this build cannot.
    pub body: Option<Body>,
    /// Why it was parked; absent when it was accepted.
    pub parked: Option<ParkReason>,
    /// Job number of the worker.
    pub job_no: String,
    /// The phone's wall clock's claim, UTC ms; absent when the body cannot be read.
    pub recorded_at_ms: Option<i64>,
    /// When it happened, by the best evidence; absent when the body cannot be read.
    pub occurred: Option<Occurred>,
    /// When the platform received it, UTC ms.
    pub received_at_ms: i64,
}

/// A stretch of the change log.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordPage {
    /// The changes, in the platform's order.
    pub items: Vec<Record>,
    /// Position to ask after next; absent at the end.
    pub next: Option<u64>,
}

/// Two changes under one key: the one that stands, and the one that came second and is kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The second one, parked as a conflict. Its position counts conflicts, not changes.
    pub second: Record,
    /// The one that came first.
    pub first: Option<Record>,
}

/// A stretch of the conflicts.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictPage {
    /// The conflicts, in the order they came.
    pub items: Vec<Conflict>,
    /// Which to ask after next; absent at the end.
    pub next: Option<u64>,
}

/// Positions of a log that a signed head speaks of and that are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingRange {
    /// Which life of the log.
    pub epoch: Epoch,
    /// First position.
    pub from: u64,
    /// Last position.
    pub to: u64,
}

/// How a device is doing: a care signal, never a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    /// Which device.
    pub device: DeviceId,
    /// What people call the phone.
    pub phone_label: String,
    /// Whose vault it is.
    pub worker: Person,
    /// `android`, `ios`, `linux`.
    pub platform: String,
    /// Version of the application, as last told.
    pub app_version: String,
    /// Last exchange, UTC ms.
    pub last_contact_at_ms: Option<i64>,
    /// Highest position without a hole before it, in the newest epoch.
    pub received_to: u64,
    /// Highest position with an equal signed head, in the newest epoch.
    pub verified_to: u64,
    /// Everything up to here is in a backup that was proved, in the newest epoch.
    pub backed_up_to: u64,
    /// Where the device's log ended at the last exchange.
    pub head: u64,
    /// Stretches of its logs that this store knows of and does not hold, by epoch; the first 100.
    pub missing: Vec<MissingRange>,
    /// Changes in all such stretches, those left off too.
    pub missing_count: u64,
    /// Changes of the newest epoch that had not arrived by then.
    pub unsent: u64,
    /// When the oldest of them was recorded, as the phone's wall clock then said, UTC ms.
    pub oldest_at_ms: Option<i64>,
    /// Space that was free for the application, bytes.
    pub free_bytes: Option<u64>,
    /// Schema of its vault.
    pub schema: Option<u32>,
    /// By how much its wall clock was ahead of the platform's time, ms.
    pub clock_ahead_ms: Option<i64>,
    /// Photos that its records name and whose bytes are not here.
    pub photos_missing: u64,
    /// Its changes that wait for a person.
    pub parked: u64,
    /// Second bodies that came under a key already taken.
    pub conflicts: u64,
    /// Signed heads that did not equal the platform's own chain.
    pub forks: u64,
    /// When it was revoked, UTC ms.
    pub revoked_at_ms: Option<i64>,
}
