//! Uploads of attachments: tus 1.0 with creation, checksum, expiration and termination. The hub keeps who uploads what and how far it got; here are the bytes.
//!
//! **Invariant:** an offset is reported only after the bytes before it are flushed to disk, and a byte that arrived is
//! never asked for again, whatever became of its connection; only a request that announced a checksum is kept whole or
//! not at all.

mod bring;
mod checksum;
mod ending;
mod headers;
mod receive;
mod spool;
mod writers;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use grid_hub::{UploadId, UploadState};
use grid_model::limits::ATTACHMENT_BYTES_MAX;

pub(crate) use bring::{Brought, bring};
pub(crate) use ending::SWEPT_EVERY_MS;
pub(crate) use headers::TUS_RESUMABLE;
pub(crate) use writers::{Queued, Turn, Writers};

use checksum::Checksum;

use crate::device::Refused;
use crate::fault::Fault;
use crate::guard::Uploader;
use crate::logging::DevicePrefix;
use crate::openapi::Octets;
use crate::{Platform, body::Pieces, time};

/// What this server can do.
#[utoipa::path(options, path = "/v1/uploads", tag = "device", responses(
    (status = 204, description = "Version 1.0.0 with `creation`, `checksum`, `expiration` and `termination`; `Tus-Max-Size` is the largest attachment"),
))]
pub(crate) async fn abilities() -> Response {
    let abilities = [
        ("tus-version", "1.0.0".to_owned()),
        (
            "tus-extension",
            "creation,checksum,expiration,termination".to_owned(),
        ),
        ("tus-checksum-algorithm", checksum::ALGORITHMS.to_owned()),
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
        (status = 201, description = "`Location` names the upload, `Upload-Offset` says from where to go on; equal to the length: all is here. `Upload-Expires`: kept until then at the least"),
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
        .blocking(move |platform| {
            let begun = platform.hub().upload_begin(platform.now_ms(), device, &ask);
            let state = begun.map_err(Fault::from)?.map_err(Refused::from)?;
            if !state.complete && state.offset == 0 {
                spool::open(platform.folder(), state.id).map_err(Fault::from)?;
            }
            Ok::<_, Refused>(state)
        })
        .await?;
    let state = receive::settled(&platform, device, state).await?;
    platform.sweep_when_due().await;
    let place = [("location", format!("/v1/uploads/{}", state.id))];
    let progress = progress(&platform, &state).await?;
    Ok(named(
        (StatusCode::CREATED, place, progress).into_response(),
        device,
    ))
}

/// How far an upload got. A writer that still hangs on a dead connection gives way first.
#[utoipa::path(
    head, path = "/v1/uploads/{upload}", tag = "device",
    params(("upload" = String, Path, description = "From `Location`")),
    responses(
        (status = 200, description = "`Upload-Offset`, `Upload-Length`; `Upload-Expires` while it is unfinished"),
        (status = 401, description = "Not granted"),
        (status = 404, description = "No upload of this device"),
        (status = 410, description = "It was ended, by its device or because nobody went on with it; to be begun again"),
        (status = 412, description = "Another version of tus"),
    ))]
pub(crate) async fn standing(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    Path(upload): Path<String>,
    _turn: Turn,
    asked: HeaderMap,
) -> Result<Response, Refused> {
    headers::version(&asked)?;
    let id = upload_id(&upload)?;
    let state = ending::standing(&platform, device, id).await?;
    let state = receive::settled(&platform, device, state).await?;
    let progress = progress(&platform, &state).await?;
    Ok(named(
        (StatusCode::OK, [("cache-control", "no-store")], progress).into_response(),
        device,
    ))
}

/// Takes the next bytes.
#[utoipa::path(
    patch, path = "/v1/uploads/{upload}", tag = "device",
    params(
        ("upload" = String, Path, description = "From `Location`"),
        ("Upload-Offset" = u64, Header, description = "Where these bytes begin"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha256` or `sha1`, a space, and the base64 of what it makes of these bytes; nothing of them is kept unless it holds"),
    ),
    request_body(content = Octets, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "`Upload-Offset` after these bytes; equal to the length: all is here and the hash is right. `Upload-Expires` while it is unfinished"),
        (status = 400, description = "Refusal `GFX1`: malformed, also an `Upload-Checksum` that cannot be checked"),
        (status = 401, description = "Refusal `GFX1`: not_granted"),
        (status = 404, description = "Refusal `GFX1`: not_found"),
        (status = 409, description = "Refusal `GFX1`: wrong_offset; `Upload-Offset` says the right one"),
        (status = 410, description = "Refusal `GFX1`: not_found, the upload was ended; to be begun again"),
        (status = 412, description = "Another version of tus"),
        (status = 413, description = "Refusal `GFX1`: too_large, more than `Upload-Length`"),
        (status = 415, description = "Refusal `GFX1`: malformed, another content type"),
        (status = 460, description = "Refusal `GFX1`: hash_mismatch; of the whole: the upload begins again at 0; of `Upload-Checksum`: nothing of this request is kept and `Upload-Offset` says where it stands"),
        (status = 503, description = "Refusal `GFX1`: try_later"),
        (status = 507, description = "Refusal `GFX1`: try_later, the platform's disk is full"),
    ))]
pub(crate) async fn take(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    Path(upload): Path<String>,
    turn: Turn,
    request: Request,
) -> Result<Response, Refused> {
    let said = said(&upload, request.headers());
    let pieces = Pieces::of(request);
    let (id, from, checksum) = match said {
        Ok(said) => said,
        Err(refused) => {
            pieces.read_away();
            return Err(refused);
        }
    };
    let piece = receive::Piece {
        from,
        checksum,
        pieces,
    };
    let response = match receive::receive(platform.clone(), device, (id, turn), piece).await? {
        receive::Taken::To(state) => {
            (StatusCode::NO_CONTENT, progress(&platform, &state).await?).into_response()
        }
        receive::Taken::Not(state, refused) => (progress(&platform, &state).await?, refused).into_response(),
    };
    Ok(named(response, device))
}

/// What a piece says before its bytes: of which upload it is, where it begins, and its checksum.
fn said(upload: &str, headers: &HeaderMap) -> Result<(UploadId, u64, Option<Checksum>), Refused> {
    let from = headers::piece(headers)?;
    Ok((upload_id(upload)?, from, Checksum::of(headers)?))
}

/// Ends an unfinished upload of this device and frees its bytes.
#[utoipa::path(
    delete, path = "/v1/uploads/{upload}", tag = "device",
    params(("upload" = String, Path, description = "From `Location`")),
    responses(
        (status = 204, description = "Its bytes are gone; the same attachment may be begun again"),
        (status = 401, description = "Refusal `GFX1`: not_granted"),
        (status = 404, description = "Refusal `GFX1`: not_found, no upload of this device"),
        (status = 409, description = "Refusal `GFX1`: wrong_offset; all of it is here and stays"),
        (status = 410, description = "Refusal `GFX1`: not_found, it was ended before"),
        (status = 412, description = "Another version of tus"),
    ))]
pub(crate) async fn end(
    State(platform): State<Platform>,
    Uploader(device): Uploader,
    Path(upload): Path<String>,
    _turn: Turn,
    asked: HeaderMap,
) -> Result<Response, Refused> {
    headers::version(&asked)?;
    let id = upload_id(&upload)?;
    let response = match ending::end(&platform, device, id).await? {
        ending::Ended::Freed => StatusCode::NO_CONTENT.into_response(),
        ending::Ended::Whole(state, refused) => (progress(&platform, &state).await?, refused).into_response(),
    };
    Ok(named(response, device))
}

/// How far an upload got, and until when it is kept while it is unfinished.
async fn progress(platform: &Platform, state: &UploadState) -> Result<HeaderMap, Refused> {
    let mut said = HeaderMap::new();
    said.insert("upload-offset", state.offset.into());
    said.insert("upload-length", state.bytes.into());
    let until = ending::kept_until(platform, state.id).await?;
    if let Some(date) = until.and_then(|until| HeaderValue::from_str(&time::http_date(until)).ok()) {
        said.insert("upload-expires", date);
    }
    Ok(said)
}

fn upload_id(text: &str) -> Result<UploadId, Refused> {
    text.parse().map_err(|_| headers::unknown_upload())
}

fn named(mut response: Response, device: grid_model::DeviceId) -> Response {
    response.extensions_mut().insert(DevicePrefix::of(device));
    response
}
