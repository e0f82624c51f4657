//! Uploads of attachments: tus 1.0 with creation. The hub keeps who uploads what and how far it got; here are the bytes.
//!
//! **Invariant:** an offset is reported only after the bytes before it are flushed to disk, and a byte that arrived is
//! never asked for again, whatever became of its connection.

mod bring;
mod headers;
mod receive;
mod spool;
mod writers;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use grid_hub::{UploadId, UploadState};
use grid_model::limits::ATTACHMENT_BYTES_MAX;

pub(crate) use bring::{Brought, bring};
pub(crate) use headers::TUS_RESUMABLE;
pub(crate) use writers::Writers;

use crate::device::Refused;
use crate::guard::Uploader;
use crate::logging::DevicePrefix;
use crate::openapi::Octets;
use crate::{Platform, body::Pieces};

/// What this server can do.
#[utoipa::path(options, path = "/v1/uploads", tag = "device", responses(
    (status = 204, description = "Version 1.0.0 with `creation`; `Tus-Max-Size` is the largest attachment"),
))]
pub(crate) async fn abilities() -> Response {
    let abilities = [
        ("tus-version", "1.0.0".to_owned()),
        ("tus-extension", "creation".to_owned()),
        ("tus-max-size", ATTACHMENT_BYTES_MAX.to_string()),
    ];
    (StatusCode::NO_CONTENT, abilities).into_response()
}

/// Begins an upload, or finds the one this device began.
#[utoipa::path(
    post, path = "/v1/uploads", tag = "device",
    params(
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
        ("Upload-Length" = u64, Header, description = "Size of the attachment, bytes"),
        ("Upload-Metadata" = String, Header, description = "`sha256 <base64 of 64 hex digits>,mime <base64 of the media type>`; `mime` may be absent"),
    ),
    responses(
        (status = 201, description = "`Location` names the upload, `Upload-Offset` says from where to go on; equal to the length: all is here"),
        (status = 400, description = "Refusal `GFX1`: malformed"),
        (status = 401, description = "Refusal `GFX1`: not_granted"),
        (status = 403, description = "Refusal `GFX1`: revoked"),
        (status = 412, description = "Another version of tus"),
        (status = 413, description = "Refusal `GFX1`: too_large"),
    ))]
pub(crate) async fn begin(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    asked: HeaderMap,
) -> Result<Response, Refused> {
    let ask = headers::ask(&asked)?;
    let state = platform
        .ask_device(move |hub, now_ms| hub.upload_begin(now_ms, device, &ask))
        .await?;
    let state = receive::settled(&platform, device, state).await?;
    let place = [("location", format!("/v1/uploads/{}", state.id))];
    Ok(named(
        (StatusCode::CREATED, place, progress(&state)).into_response(),
        device,
    ))
}

/// How far an upload got. A writer that still hangs on a dead connection gives way first.
#[utoipa::path(
    head, path = "/v1/uploads/{upload}", tag = "device",
    params(("upload" = String, Path, description = "From `Location`")),
    responses(
        (status = 200, description = "`Upload-Offset`, `Upload-Length`"),
        (status = 401, description = "Not granted"),
        (status = 404, description = "No upload of this device"),
    ))]
pub(crate) async fn standing(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    Path(upload): Path<String>,
    asked: HeaderMap,
) -> Result<Response, Refused> {
    headers::version(&asked)?;
    let id = upload_id(&upload)?;
    let _turn = platform.writers().take(id).await;
    let state = platform
        .ask_device(move |hub, _| hub.upload_state(device, id))
        .await?;
    let state = receive::settled(&platform, device, state).await?;
    Ok(named(
        (StatusCode::OK, [("cache-control", "no-store")], progress(&state)).into_response(),
        device,
    ))
}

/// Takes the next bytes.
#[utoipa::path(
    patch, path = "/v1/uploads/{upload}", tag = "device",
    params(
        ("upload" = String, Path, description = "From `Location`"),
        ("Upload-Offset" = u64, Header, description = "Where these bytes begin"),
    ),
    request_body(content = Octets, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "`Upload-Offset` after these bytes; equal to the length: all is here and the hash is right"),
        (status = 400, description = "Refusal `GFX1`: malformed"),
        (status = 401, description = "Refusal `GFX1`: not_granted"),
        (status = 404, description = "Refusal `GFX1`: not_found"),
        (status = 409, description = "Refusal `GFX1`: wrong_offset; `Upload-Offset` says the right one"),
        (status = 413, description = "Refusal `GFX1`: too_large, more than `Upload-Length`"),
        (status = 415, description = "Refusal `GFX1`: malformed, another content type"),
        (status = 460, description = "Refusal `GFX1`: hash_mismatch; the upload begins again at 0"),
        (status = 503, description = "Refusal `GFX1`: try_later"),
        (status = 507, description = "Refusal `GFX1`: try_later, the platform's disk is full"),
    ))]
pub(crate) async fn take(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    Path(upload): Path<String>,
    request: Request,
) -> Result<Response, Refused> {
    let from = headers::piece(request.headers())?;
    let id = upload_id(&upload)?;
    let pieces = Pieces(request.into_body());
    let response = match receive::receive(platform, device, id, from, pieces).await? {
        receive::Taken::To(state) => (StatusCode::NO_CONTENT, progress(&state)).into_response(),
        receive::Taken::Not(state, refused) => (progress(&state), refused).into_response(),
    };
    Ok(named(response, device))
}

fn progress(state: &UploadState) -> [(&'static str, String); 2] {
    [
        ("upload-offset", state.offset.to_string()),
        ("upload-length", state.bytes.to_string()),
    ]
}

fn upload_id(text: &str) -> Result<UploadId, Refused> {
    text.parse().map_err(|_| headers::unknown_upload())
}

fn named(mut response: Response, device: grid_model::DeviceId) -> Response {
    response.extensions_mut().insert(DevicePrefix::of(device));
    response
}
