//! The console's own files, embedded from `platform/console/dist`. A build of the server needs no build of the console;
//! without one the first page says so and how to make it.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::console::Problem;
use crate::{device, logging};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../console/dist"]
#[allow_missing = true]
struct Files;

const FIRST_PAGE: &str = "index.html";
/// Vite puts a hash into the name of everything under here, so its content never changes.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>Grid Fieldbook</title>\
<body style=\"font-family:sans-serif;max-width:42rem;margin:4rem auto;line-height:1.6\">\
<h1>平台正在运行，管理页面尚未构建</h1><p>手机同步不受影响。请运行 <code>cd platform/console &amp;&amp; npm ci &amp;&amp; npm run build</code>，\
再重新编译并启动 grid-platform。</p>\
<h1>The platform runs, its console was not built</h1><p>Phones synchronise all the same. Run \
<code>cd platform/console &amp;&amp; npm ci &amp;&amp; npm run build</code>, then build and start grid-platform again.</p>";

/// Answers every path that no route has: an API path is unknown, a file is a file, anything else is a page of the console.
pub(crate) async fn page(request: Request) -> Response {
    let started = Instant::now();
    let path = request.uri().path();
    // A path may hold anything that somebody typed, so the log line says only of which kind it was.
    let (route, response) = if path.starts_with("/api/") {
        ("/api/?", Problem::not_found().into_response())
    } else if path.starts_with("/v1/") {
        ("/v1/?", device::nothing_here().into_response())
    } else {
        ("/?", console(&request))
    };
    let method = if request.method() == Method::GET {
        "GET"
    } else {
        "other"
    };
    logging::answered(method, route, &response, started.elapsed());
    response
}

fn console(request: &Request) -> Response {
    let path = request.uri().path();
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let name = path.trim_start_matches('/');
    match Files::get(name) {
        Some(found) if !name.is_empty() => file(name, found),
        // A missing script must not come back as a page of HTML.
        _ if name.starts_with(HASHED) => StatusCode::NOT_FOUND.into_response(),
        _ => first_page(),
    }
}

fn first_page() -> Response {
    match Files::get(FIRST_PAGE) {
        Some(found) => file(FIRST_PAGE, found),
        None => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, NOT_BUILT).into_response()
        }
    }
}

fn file(name: &str, found: EmbeddedFile) -> Response {
    let cache = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, media_type(name)),
        (header::CACHE_CONTROL, cache),
    ];
    (headers, found.data.into_owned()).into_response()
}

/// The media types that a build of the console holds.
fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
