//! Logs without people: enrolment, exchange, uploads and console calls, and not one personal value in any line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by failing"
)]

#[path = "../server/world.rs"]
#[allow(dead_code, reason = "shared with the other suite, which uses all of it")]
mod world;

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use grid_hub::conformance::device::{report, with_attachments};
use grid_model::terms::AttachmentRole;
use grid_model::{Lane, Point};
use grid_wire::fact::Arrived;
use grid_wire::{Attachment, Fact};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use world::{NAMES, PASSWORD, START, World};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_personal_value_reaches_a_log_line() {
    let lines = Lines::default();
    // Everything, dependencies too: what a library would say at its most talkative.
    let everything = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone());
    everything.with_ansi(false).init();
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = world.dispatch(&cookie).await;
    let id = world::id_of(&task);
    let mut device = world.enrol(1, "W01").await;
    let point = Point::checked(397_531_337, 1_237_331_337, Some(50));
    device.record(START, Lane::task(id), Fact::TaskArrived(Arrived { point }));
    let (sha256, role, mime) = (
        grid_hub::sha256(b"a photo"),
        AttachmentRole::After,
        "image/jpeg".to_owned(),
    );
    let photo = Attachment {
        sha256,
        role,
        mime,
        bytes: 7,
        taken_at_ms: START,
        point,
    };
    device.record(
        START,
        Lane::task(id),
        with_attachments(report(1), vec![photo.clone()]),
    );
    let grant = world.sync(&mut device).await.upload_grant;
    world.upload(&grant, &photo, b"a photo").await;
    let shown = world.get(&cookie, &format!("/api/attachments/{sha256}")).await;
    assert_eq!(shown.status, StatusCode::OK);
    for path in [
        "/api/tasks?q=礁石",
        "/api/patrols",
        "/api/cases",
        "/api/devices",
        "/api/records",
        "/api/workers",
        "/api/outline",
    ] {
        world.seen(&cookie, path).await;
    }
    world.seen(&cookie, &format!("/api/tasks/{id}")).await;
    let revision = world.seen(&cookie, &format!("/api/tasks/{id}")).await["revision"].clone();
    let review = json!({"revision": revision, "result": "fail", "reason_code": "not_solved", "reason_text": "仍有残网7743"});
    assert_eq!(
        world
            .tell(&cookie, &format!("/api/tasks/{id}/review"), &review)
            .await
            .status,
        StatusCode::OK
    );
    assert_eq!(
        world.login("d01", "wrong-password-7744").await.status,
        StatusCode::UNAUTHORIZED
    );
    let mut wrong = world::draft(world.workers[0]);
    wrong["title"] = json!("长长的标题7745".repeat(10));
    assert_eq!(
        world.tell(&cookie, "/api/tasks", &wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );

    let said = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let secrets = [
        PASSWORD,
        "wrong-password-7744",
        &grant,
        cookie.split('=').nth(1).unwrap(),
    ];
    let personal = [
        "7741",
        "7742",
        "7743",
        "7745",
        "杂物已清走",
        "397531337",
        "1237331337",
        "39.753",
        "123.733",
        "一号机",
        "礁石",
        "d01",
        "W01",
    ];
    for value in NAMES.iter().chain(&personal).chain(&secrets) {
        let leak = said.lines().find(|line| line.contains(value));
        assert_eq!(leak, None, "{value} stands in a log line");
    }
    for line in [
        "method=\"POST\" route=\"/v1/sync\" status=200",
        "route=\"/api/tasks/{id}/review\" status=200",
        "device=\"01010101\"",
    ] {
        assert!(said.contains(line), "no line holds {line}");
    }
}
