//! How devices are doing: a care signal, never a score.

use axum::Json;
use axum::extract::State;
use grid_hub::views::{DeviceView, MissingRange};
use serde::Serialize;
use utoipa::ToSchema;

use super::asked::{Asked, Slice};
use super::shapes::Listed;
use super::{Named, Reply};
use crate::Platform;
use crate::guard::SignedIn;
use crate::time::rfc3339;

/// A device and what of its log is here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Device {
    /// UUID of the vault.
    device: String,
    /// What people call the phone.
    phone_label: String,
    /// Whose vault it is.
    worker: Named,
    /// `android`, `ios`, `linux`.
    platform: String,
    /// Last exchange. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact_at: Option<String>,
    /// Highest position without a hole before it.
    received_to: u64,
    /// Everything up to here is in a backup that was proved to be restorable.
    backed_up_to: u64,
    /// Where the device's log ended at the last exchange.
    head: u64,
    /// Stretches of its logs that its signed heads speak of and that are not here; the first 100.
    missing: Vec<Missing>,
    /// Changes in all such stretches, those left off too.
    missing_count: u64,
    /// Changes that had not arrived by then.
    unsent: u64,
    /// When the oldest of them was recorded, as the phone's clock then said. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_unsent_at: Option<String>,
    /// Version of the application, as last told.
    app_version: String,
    /// Schema of its vault.
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<u32>,
    /// Space that was free for the application, bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_bytes: Option<u64>,
    /// By how much its clock was ahead of the platform's time, ms; negative for one that is behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_ahead_ms: Option<i64>,
    /// Photos that its records name and whose bytes are not here.
    photos_missing: u64,
    /// Its changes that wait for a person.
    parked: u64,
    /// Second records that came under a number already taken; both are kept.
    conflicts: u64,
    /// How often the device's signed account of its log differed from what is here; both are kept.
    forks: u64,
    /// When it was revoked. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
}

/// Positions of a log that are not here, from the first to the last.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Missing {
    /// Which life of the log, 16 hex digits.
    epoch: String,
    /// First position.
    from: u64,
    /// Last position.
    to: u64,
}

impl From<MissingRange> for Missing {
    fn from(range: MissingRange) -> Self {
        Self {
            epoch: range.epoch.to_string(),
            from: range.from,
            to: range.to,
        }
    }
}

impl From<DeviceView> for Device {
    fn from(view: DeviceView) -> Self {
        Self {
            device: view.device.to_string(),
            phone_label: view.phone_label,
            worker: view.worker.into(),
            platform: view.platform,
            last_contact_at: view.last_contact_at_ms.map(rfc3339),
            received_to: view.received_to,
            backed_up_to: view.backed_up_to,
            head: view.head,
            missing: view.missing.into_iter().map(Missing::from).collect(),
            missing_count: view.missing_count,
            unsent: view.unsent,
            oldest_unsent_at: view.oldest_at_ms.map(rfc3339),
            app_version: view.app_version,
            schema: view.schema,
            free_bytes: view.free_bytes,
            clock_ahead_ms: view.clock_ahead_ms,
            photos_missing: view.photos_missing,
            parked: view.parked,
            conflicts: view.conflicts,
            forks: view.forks,
            revoked_at: view.revoked_at_ms.map(rfc3339),
        }
    }
}

/// Devices and how they are doing.
#[utoipa::path(get, path = "/api/devices", tag = "console", params(Slice), responses((status = 200, body = Listed<Device>)))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(slice): Asked<Slice>,
) -> Reply<Listed<Device>> {
    let page = platform
        .ask(move |hub, now_ms| hub.devices(now_ms, &who, slice.page()))
        .await?;
    Ok(Json(Listed::of(page)))
}
