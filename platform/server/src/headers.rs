//! Headers that every answer carries.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::guard::Connection;
use crate::upload::TUS_RESUMABLE;
use crate::{Platform, time};

/// The console loads its own files and nothing else; styles inline because its components write them.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' blob: data:; worker-src 'self' blob:; \
     style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'";

const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(CONTENT_SECURITY_POLICY),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Adds them: protection always, the platform's own time as `Date`, the tus version where uploads are.
pub(crate) async fn add(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let tls = request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.tls);
    let path = request.uri().path();
    let (uploads, api) = (path.starts_with("/v1/uploads"), path.starts_with("/api/"));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.extend(ALWAYS);
    set(headers, header::DATE, &time::http_date(platform.now_ms()));
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, NO_STORE);
    }
    if uploads {
        set(headers, HeaderName::from_static("tus-resumable"), TUS_RESUMABLE);
        set(headers, HeaderName::from_static("tus-version"), TUS_RESUMABLE);
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
