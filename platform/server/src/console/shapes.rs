//! Shapes that several answers share.

use grid_hub::views::{AttachmentView, CountEntry as CountView, Page, Person};
use grid_model::{Coded as _, Point};
use serde::Serialize;
use utoipa::ToSchema;

use crate::time::rfc3339;

/// A part of a list, with the length of the whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    /// How many there are in all.
    total: u64,
    /// The part asked for.
    items: Vec<T>,
}

impl<T> Listed<T> {
    pub(crate) fn of<V: Into<T>>(page: Page<V>) -> Self {
        Self {
            total: page.total,
            items: page.items.into_iter().map(Into::into).collect(),
        }
    }
}

/// Somebody or something by id and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Named {
    /// UUID.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) name: String,
}

impl From<Person> for Named {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name,
        }
    }
}

/// A photo, voice note or paper that a record names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Attachment {
    /// SHA-256, 64 hex digits.
    sha256: String,
    /// What it shows: before, during, after, agreement, notice, voice, other.
    role: String,
    /// Media type, as the phone says.
    mime: String,
    /// Size.
    bytes: u64,
    /// When it was taken, by the phone's wall clock. RFC 3339.
    taken_at: String,
    /// Whether the bytes are here; if not, the phone still has them.
    here: bool,
    /// The phone that has it.
    phone_label: String,
}

impl From<AttachmentView> for Attachment {
    fn from(view: AttachmentView) -> Self {
        Self {
            sha256: view.sha256.to_string(),
            role: view.role.name().into_owned(),
            mime: view.mime,
            bytes: view.bytes,
            taken_at: rfc3339(view.taken_at_ms),
            here: view.here,
            phone_label: view.phone_label,
        }
    }
}

/// The attachments of a record.
pub(crate) fn attachments(views: Vec<AttachmentView>) -> Vec<Attachment> {
    views.into_iter().map(Attachment::from).collect()
}

/// One step of a counter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountEntry {
    /// What is counted.
    count_kind: String,
    /// How much was added; negative for a correction.
    value: i64,
    /// False for a number too large to believe: kept and shown, but not in the sum.
    summed: bool,
    /// Code of the post.
    post: String,
    /// Name of the post.
    post_name: String,
    /// Who counted.
    worker: Named,
    /// When, by the best evidence. RFC 3339.
    recorded_at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When the platform received it. RFC 3339.
    received_at: String,
    /// During which patrol, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    patrol: Option<String>,
    /// Why a correction was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The device that wrote it.
    device: String,
    /// Its position in that device's log.
    seq: u64,
}

impl From<CountView> for CountEntry {
    fn from(view: CountView) -> Self {
        Self {
            count_kind: view.count_kind.name().into_owned(),
            value: view.value,
            summed: view.summed,
            post: view.post,
            post_name: view.post_name,
            worker: view.worker.into(),
            recorded_at: rfc3339(view.recorded_at_ms),
            clock: view.clock.name().into_owned(),
            received_at: rfc3339(view.received_at_ms),
            patrol: view.patrol.map(|id| id.to_string()),
            reason: view.reason,
            device: view.device.to_string(),
            seq: view.seq.0,
        }
    }
}

/// `[longitude, latitude]` in degrees, WGS-84: the order of GeoJSON.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(value_type = Vec<f64>)]
pub(crate) struct Place((f64, f64));

impl Place {
    pub(crate) fn of_e7(lat_e7: i32, lon_e7: i32) -> Self {
        Self((f64::from(lon_e7) / 1e7, f64::from(lat_e7) / 1e7))
    }
}

impl From<Point> for Place {
    fn from(point: Point) -> Self {
        Self((point.lon(), point.lat()))
    }
}
