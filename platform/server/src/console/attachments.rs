//! Photos and papers, as they came from the phone.

use std::fs;
use std::io;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use grid_model::Sha256;

use super::asked::Which;
use super::{Problem, ProblemBody};
use crate::Platform;
use crate::fault::Fault;
use crate::guard::SignedIn;
use crate::openapi::Octets;

/// Types that a browser may be told; anything else is bytes to save.
const TOLD_TYPES: [&str; 9] = [
    "image/jpeg",
    "image/png",
    "image/heic",
    "image/webp",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "video/mp4",
    "application/pdf",
];
/// The one type that is shown in the page.
const SHOWN_TYPE: &str = "image/jpeg";

/// The bytes of an attachment that a record names. The access is logged by the hub.
#[utoipa::path(get, path = "/api/attachments/{sha256}", tag = "console",
    params(("sha256" = String, Path, description = "64 hex digits")),
    responses(
        (status = 200, description = "The bytes; to be saved rather than shown unless they are image/jpeg", body = Octets, content_type = "application/octet-stream"),
        (status = 304, description = "The browser has them already"),
        (status = 404, description = "not_found, or not_here_yet: the phone still has it", body = ProblemBody),
    ))]
pub(crate) async fn bytes(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(sha256): Which<Sha256>,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let file = platform
        .desk(move |hub, now_ms| hub.attachment(now_ms, &who, sha256))
        .await?;
    if !file.here {
        return Err(Problem::not_here_yet(true));
    }
    let tag = format!("\"{sha256}\"");
    let headers = headers(&file.mime, sha256, &tag);
    if asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let bytes = platform.blocking(move |platform| read(platform, sha256)).await?;
    Ok((headers, bytes).into_response())
}

fn read(platform: &Platform, sha256: Sha256) -> Result<Vec<u8>, Problem> {
    fs::read(platform.folder().blob(sha256)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::not_here_yet(false),
        _ => Fault::from(error).into(),
    })
}

fn headers(mime: &str, sha256: Sha256, tag: &str) -> [(header::HeaderName, String); 4] {
    let told = TOLD_TYPES
        .iter()
        .find(|told| **told == mime)
        .copied()
        .unwrap_or("application/octet-stream");
    let disposition = if told == SHOWN_TYPE {
        "inline".to_owned()
    } else {
        format!("attachment; filename=\"{sha256}\"")
    };
    [
        (header::CONTENT_TYPE, told.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::ETAG, tag.to_owned()),
        // Kept by this person's browser, but asked for again each time: leave may have been taken away.
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ]
}
