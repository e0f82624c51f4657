//! The device API: bytes in, bytes out. Everything is decided by the hub; here it only gets an HTTP status.

mod answers;
mod begun;
mod refused;
mod resume;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use grid_model::DeviceId;
use grid_wire::{Refusal, RefusalCode, enroll, lifeboat};

pub(crate) use answers::Answers;
pub(crate) use refused::Refused;

use crate::body::Gathered;
use crate::guard::Connection;
use crate::logging::DevicePrefix;
use crate::openapi::Octets;
use crate::{Platform, body};

/// Media type of our frames; a captive portal never says it.
pub(crate) const FRAME_TYPE: &str = "application/vnd.grid-fieldbook";

/// Turns a single-use code into an enrolled vault.
#[utoipa::path(
    post, path = "/v1/enroll", tag = "device",
    request_body(content = Octets, content_type = "application/vnd.grid-fieldbook", description = "A signed enrolment request, `GFE1` (grid-wire)"),
    responses(
        (status = 200, description = "The enrolled vault, `GFN1`", content_type = "application/vnd.grid-fieldbook", body = Octets),
        (status = 400, description = "Refusal `GFX1`: malformed"),
        (status = 403, description = "Refusal `GFX1`: code_wrong or bad_signature"),
        (status = 409, description = "Refusal `GFX1`: code_used"),
        (status = 410, description = "Refusal `GFX1`: code_expired"),
        (status = 413, description = "Refusal `GFX1`: too_large"),
        (status = 426, description = "Refusal `GFX1`: newer_version"),
        (status = 429, description = "Refusal `GFX1`: try_later, too many wrong codes"),
        (status = 503, description = "Refusal `GFX1`: try_later"),
        (status = 507, description = "Refusal `GFX1`: try_later, the platform's disk is full"),
    ))]
pub(crate) async fn enroll(State(platform): State<Platform>, request: Request) -> Result<Response, Refused> {
    let connection = request.extensions().get::<Connection>();
    let source = connection
        .map(|connection| connection.source())
        .unwrap_or_default();
    let bytes = body::whole(request).await?;
    let device = enroll::request_from(&bytes).ok().map(|(_, asked)| asked.device);
    let answer = platform
        .ask_device(move |hub, now_ms| hub.enroll(now_ms, &source, &bytes))
        .await;
    Ok(answered(
        device,
        answer.map(|answer| enroll::answer_bytes(&answer).into()),
    ))
}

/// Takes a push and answers with a receipt and the next page of the feed; goes on with one that was cut.
#[utoipa::path(
    post, path = "/v1/sync", tag = "device",
    request_body(content = Octets, content_type = "application/vnd.grid-fieldbook", description = "A signed header and a batch, `GFB1`; or `GFC1`: the same header, what is here of the answer, and the rest of the batch (grid-wire)"),
    responses(
        (status = 200, description = "Receipt and page, `GFR1`; to `GFC1` also `GFT1`, the rest of the answer that was cut, or `GFP1`, how many whole frames of the batch are here while some are missing", content_type = "application/vnd.grid-fieldbook", body = Octets),
        (status = 400, description = "Refusal `GFX1`: malformed"),
        (status = 403, description = "Refusal `GFX1`: unknown_device, revoked or bad_signature"),
        (status = 409, description = "Refusal `GFX1`: fork"),
        (status = 413, description = "Refusal `GFX1`: too_large"),
        (status = 426, description = "Refusal `GFX1`: newer_version"),
        (status = 460, description = "Refusal `GFX1`: hash_mismatch, the batch is not the one that was signed"),
        (status = 503, description = "Refusal `GFX1`: try_later"),
        (status = 507, description = "Refusal `GFX1`: try_later, the platform's disk is full"),
    ))]
pub(crate) async fn sync(State(platform): State<Platform>, request: Request) -> Result<Response, Refused> {
    let mut body = Gathered::of(request)?;
    let beginning = resume::beginning(&mut body).await?;
    let (asked, before) = (beginning.clone(), beginning.len());
    // Only an enrolled device makes us hold more than a header.
    let sender = platform
        .ask_device(move |hub, _| hub.exchange_sender(&asked))
        .await;
    let sender = match sender {
        Ok(sender) => sender,
        Err(refused) => {
            body.pass_over().await;
            return Ok(answered(resume::claimed_device(&beginning), Err(refused)));
        }
    };
    let device = sender.header.device;
    let answer = resume::answer(platform, sender, before, body).await;
    Ok(answered(Some(device), answer))
}

/// Takes in a lifeboat segment as it lies in its file: from a phone that can no longer open its own database, or was locked.
#[utoipa::path(
    post, path = "/v1/lifeboat", tag = "device",
    request_body(content = Octets, content_type = "application/vnd.grid-fieldbook", description = "A segment, `GFL1` (grid-wire)"),
    responses(
        (status = 200, description = "What became of it, `GFA1`", content_type = "application/vnd.grid-fieldbook", body = Octets),
        (status = 400, description = "Refusal `GFX1`: malformed"),
        (status = 403, description = "Refusal `GFX1`: unknown_device or bad_signature"),
        (status = 413, description = "Refusal `GFX1`: too_large"),
        (status = 422, description = "Refusal `GFX1`: no_key, it is not sealed to this platform"),
        (status = 426, description = "Refusal `GFX1`: newer_version"),
        (status = 503, description = "Refusal `GFX1`: try_later"),
    ))]
pub(crate) async fn lifeboat(
    State(platform): State<Platform>,
    request: Request,
) -> Result<Response, Refused> {
    let mut body = Gathered::of(request)?;
    // Only an enrolled device makes us hold more than a header.
    let beginning = body.up_to(lifeboat::FRAMES_FROM as usize).await?.to_vec();
    let device = platform
        .ask_device(move |hub, _| Ok(hub.segment_sender(&beginning)?.map_err(Refusal::from)))
        .await?;
    let answer = match body.rest().await {
        Ok(bytes) => {
            platform
                .ask_device(move |hub, now_ms| Ok(hub.take_segment(now_ms, &bytes)?.map_err(Refusal::from)))
                .await
        }
        Err(error) => Err(error.into()),
    };
    Ok(answered(
        Some(device),
        answer.map(|taken| lifeboat::answer_bytes(&taken.answer).into()),
    ))
}

fn answered(device: Option<DeviceId>, answer: Result<Bytes, Refused>) -> Response {
    let mut response = match answer {
        Ok(bytes) => ([(header::CONTENT_TYPE, FRAME_TYPE)], bytes).into_response(),
        Err(refused) => refused.into_response(),
    };
    if let Some(device) = device {
        response.extensions_mut().insert(DevicePrefix::of(device));
    }
    response
}

/// What an unknown path under `/v1` gets.
pub(crate) fn nothing_here() -> Refused {
    Refusal::new(RefusalCode::NotFound, "no such route").into()
}
