//! The change log, for export: every change as it was received, with what was decided on it.

use axum::Json;
use axum::extract::State;
use grid_hub::views::{Conflict as ConflictView, ConflictPage, Record as RecordView, RecordPage};
use grid_model::Coded as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Reply;
use super::asked::Asked;
use super::fact::fact;
use crate::Platform;
use crate::guard::SignedIn;
use crate::time::rfc3339;

const LIMIT_MAX: u32 = 2_000;
const LIMIT_USUAL: u32 = 500;

/// Which stretch of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RecordsAsk {
    /// Position after which to go on; 0 for the beginning.
    #[param(default = 0)]
    after: Option<u64>,
    /// How many at most.
    #[param(default = 500, maximum = 2000)]
    limit: Option<u32>,
}

/// A stretch of the change log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Records {
    /// The changes, in the platform's order.
    items: Vec<Record>,
    /// Position to ask after next; null at the end.
    next: Option<u64>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Record {
    /// Position in the platform's order.
    position: u64,
    /// Whose log.
    device: String,
    /// Which life of that log, 16 hex digits.
    epoch: String,
    /// Position in that life.
    seq: u64,
    /// The ordered stream it belongs to, such as `task:<uuid>`.
    lane: String,
    /// What the body says.
    kind: String,
    /// `accepted` or `parked`.
    verdict: &'static str,
    /// Why it was parked.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Job number of the worker.
    worker: String,
    /// What the phone's wall clock claimed; absent when the body cannot be read. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<String>,
    /// When it happened, by the best evidence; absent when the body cannot be read. RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    occurred_at: Option<String>,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<String>,
    /// When the platform received it. RFC 3339.
    received_at: String,
    /// SHA-256 of the body's exact bytes.
    body_sha256: String,
    /// What it says, by its kind; absent when this build cannot read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    fact: Option<serde_json::Value>,
}

impl From<RecordView> for Record {
    fn from(view: RecordView) -> Self {
        Self {
            position: view.position,
            device: view.device.to_string(),
            epoch: view.epoch.to_string(),
            seq: view.entry.seq.0,
            lane: view.entry.lane.to_string(),
            kind: view.entry.kind.name().into_owned(),
            verdict: if view.parked.is_some() {
                "parked"
            } else {
                "accepted"
            },
            reason: view.parked.map(|reason| reason.name().into_owned()),
            worker: view.job_no,
            recorded_at: view.recorded_at_ms.map(rfc3339),
            occurred_at: view.occurred.map(|occurred| rfc3339(occurred.at_ms)),
            clock: view.occurred.map(|occurred| occurred.quality.name().into_owned()),
            received_at: rfc3339(view.received_at_ms),
            body_sha256: view.body_sha256.to_string(),
            fact: view.body.as_ref().and_then(|body| fact(&body.fact)),
        }
    }
}

/// The change log of this subtree, in the platform's order.
#[utoipa::path(get, path = "/api/records", tag = "console", params(RecordsAsk), responses((status = 200, body = Records)))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<RecordsAsk>,
) -> Reply<Records> {
    let (after, limit) = (
        ask.after.unwrap_or(0),
        ask.limit.unwrap_or(LIMIT_USUAL).min(LIMIT_MAX),
    );
    let RecordPage { items, next } = platform
        .ask(move |hub, now_ms| hub.records(now_ms, &who, after, limit))
        .await?;
    Ok(Json(Records {
        items: items.into_iter().map(Record::from).collect(),
        next,
    }))
}

/// Which stretch of the conflicts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ConflictsAsk {
    /// Conflict after which to go on; 0 for the beginning.
    #[param(default = 0)]
    after: Option<u64>,
    /// How many at most.
    #[param(default = 100, maximum = 100)]
    limit: Option<u32>,
}

/// A stretch of the conflicts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conflicts {
    /// The conflicts, in the order they came.
    items: Vec<Conflict>,
    /// Which to ask after next; null at the end.
    next: Option<u64>,
}

/// Two changes under one number of one log. Both are kept; the first one counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Conflict {
    /// The one that came second. Its position counts conflicts.
    second: Record,
    /// The one that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<Record>,
}

impl From<ConflictView> for Conflict {
    fn from(view: ConflictView) -> Self {
        Self {
            second: view.second.into(),
            first: view.first.map(Record::from),
        }
    }
}

/// Second changes under numbers already taken, each beside the one that stands.
#[utoipa::path(get, path = "/api/conflicts", tag = "console", params(ConflictsAsk), responses((status = 200, body = Conflicts)))]
pub(crate) async fn conflicts(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<ConflictsAsk>,
) -> Reply<Conflicts> {
    let (after, limit) = (ask.after.unwrap_or(0), ask.limit.unwrap_or(u32::MAX));
    let ConflictPage { items, next } = platform
        .ask(move |hub, now_ms| hub.conflicts(now_ms, &who, after, limit))
        .await?;
    Ok(Json(Conflicts {
        items: items.into_iter().map(Conflict::from).collect(),
        next,
    }))
}
