//! What a stranger gets, on every route that is described.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn a_stranger_is_let_in_nowhere_but_where_it_is_declared() {
    let world = World::start();
    let document = world.get("", "/api/openapi.json").await.json();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            let path = path
                .replace("{id}", "00000000-0000-0000-0000-000000000000")
                .replace("{sha256}", &"0".repeat(64));
            let path = path
                .replace("{kind}", "rescued")
                .replace("{upload}", &"0".repeat(32));
            let request = Request::builder()
                .method(verb.to_uppercase().as_str())
                .uri(&path)
                .header("x-grid-console", "1");
            let status = world.send(request.body(Body::empty()).unwrap()).await.status;
            let description = operation["description"].as_str().unwrap();
            match operation.get("security") {
                Some(_) => assert_eq!(status, StatusCode::UNAUTHORIZED, "{verb} {path}"),
                None if description.starts_with("Open to everybody") => {
                    assert_ne!(status, StatusCode::UNAUTHORIZED)
                }
                None => assert_eq!(
                    status,
                    StatusCode::BAD_REQUEST,
                    "{verb} {path}: only a signed body is read"
                ),
            }
            asked += 1;
        }
    }
    assert!(asked > 25, "{asked}");
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let world = World::start();
    for path in [
        "/",
        "/api/me",
        "/api/x",
        "/v1/x",
        "/health/live",
        "/assets/none.js",
    ] {
        let answer = world.get("", path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "img-src 'self' blob: data:",
            "worker-src 'self' blob:",
            "style-src 'self' 'unsafe-inline'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.split("; ").any(|said| said == part), "{path}: {policy}");
        }
        assert_eq!(
            answer.header("date"),
            "Wed, 14 Jan 2026 02:00:00 GMT",
            "{path}: the platform's own time"
        );
        assert_eq!(
            answer.header("strict-transport-security"),
            "",
            "{path}: no TLS here"
        );
    }
    assert_eq!(world.get("", "/api/me").await.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_first_page_comes_with_or_without_a_build_of_the_console() {
    let world = World::start();
    for path in ["/", "/tasks/abc"] {
        let page = world.get("", path).await;
        assert_eq!(
            (page.status, page.header("content-type")),
            (StatusCode::OK, "text/html; charset=utf-8")
        );
    }
    assert_eq!(
        world.get("", "/assets/none.js").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        world.post("/tasks/abc", Vec::new()).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn health_tells_whether_the_platform_can_work() {
    let world = World::start();
    let ok: Value = serde_json::json!({"status": "ok"});
    assert_eq!(world.get("", "/health/live").await.json(), ok);
    assert_eq!(world.get("", "/health/ready").await.json(), ok);
    std::fs::remove_dir(world.path().join("blobs")).unwrap();
    let ready = world.get("", "/health/ready").await;
    assert_eq!(
        (ready.status, &ready.json()["error"]["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"try_later".into())
    );
    assert_eq!(world.get("", "/health/live").await.json(), ok);
}
