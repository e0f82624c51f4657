//! Requests for more time, as the console sees and answers them.

use axum::http::StatusCode;
use grid_model::Lane;
use grid_wire::Fact;
use grid_wire::fact::ExtensionRequested;
use serde_json::{Value, json};

use crate::world::{DAY, START, World, id_of};

fn asks(wanted_due_ms: i64) -> Fact {
    Fact::ExtensionRequested(ExtensionRequested {
        wanted_due_ms,
        reason: "住户外出".into(),
    })
}

fn code(answer: &Value) -> Value {
    answer["error"]["code"].clone()
}

#[tokio::test]
async fn a_request_that_waits_is_listed_answered_and_gone_from_the_list() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = world.dispatch(&cookie).await;
    let (id, path) = (id_of(&task), format!("/api/tasks/{}/extension", id_of(&task)));
    let mut device = world.enrol(1, "W01").await;
    device.record(START, Lane::task(id), asks(START + 30 * DAY));
    world.sync(&mut device).await;
    let listed = world.seen(&cookie, "/api/extensions").await;
    let (item, revision) = (&listed["items"][0], &listed["items"][0]["task"]["revision"]);
    assert_eq!(
        (
            &listed["total"],
            &item["task"]["extension_waits"],
            &item["extension"]["state"]
        ),
        (&json!(1), &json!(true), &json!("pending"))
    );
    assert_eq!(
        (&item["extension"]["reason"], &item["extension"]["wanted_due_at"]),
        (&json!("住户外出"), &json!("2026-02-13T02:00:00.000Z"))
    );
    for (form, status, problem, field) in [
        (json!({"revision": 0, "result": "grant"}), 409, "conflict", None),
        (
            json!({"revision": revision, "result": "maybe"}),
            422,
            "invalid",
            Some("result"),
        ),
        (
            json!({"revision": revision, "result": "refuse"}),
            422,
            "invalid",
            Some("reason_text"),
        ),
        (
            json!({"revision": revision, "result": "grant", "due_at": "soon"}),
            422,
            "invalid",
            Some("due_at"),
        ),
        (
            json!({"revision": revision, "result": "grant", "due_at": "2026-01-14T03:00:00Z"}),
            422,
            "invalid",
            Some("due_at"),
        ),
    ] {
        let answer = world.tell(&cookie, &path, &form).await;
        let body = answer.json();
        assert_eq!(
            (answer.status.as_u16(), code(&body), body["error"].get("field")),
            (status, json!(problem), field.map(|name| json!(name)).as_ref()),
            "{form}"
        );
    }
    let form = json!({"revision": revision, "result": "grant"});
    let granted = world.tell(&cookie, &path, &form).await.json();
    assert_eq!(
        (&granted["due_at"], &granted["extensions"][0]["state"]),
        (&json!("2026-02-13T02:00:00.000Z"), &json!("granted"))
    );
    let line = granted["log"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&line["event"], &line["due_from"], &line["due_to"]),
        (&json!("grant_extension"), &task["due_at"], &granted["due_at"])
    );
    assert_eq!(world.seen(&cookie, "/api/extensions").await["total"], 0);
    let again = json!({"revision": granted["revision"], "result": "grant"});
    let again = world.tell(&cookie, &path, &again).await;
    assert_eq!(
        (again.status, code(&again.json())),
        (StatusCode::CONFLICT, json!("not_now"))
    );
}

#[tokio::test]
async fn a_second_time_only_the_station_leader_gives_more_time() {
    let world = World::start();
    let (duty, leader) = (world.sign_in("d01").await, world.sign_in("s01").await);
    let task = id_of(&world.dispatch(&duty).await);
    let path = format!("/api/tasks/{task}/extension");
    let mut device = world.enrol(1, "W01").await;
    let mut answers = Vec::new();
    for (cookie, days) in [(&duty, 30), (&duty, 40), (&leader, 40)] {
        device.record(START, Lane::task(task), asks(START + days * DAY));
        world.sync(&mut device).await;
        let revision = world.seen(cookie, &format!("/api/tasks/{task}")).await["revision"].clone();
        let answer = world
            .tell(cookie, &path, &json!({"revision": revision, "result": "grant"}))
            .await;
        answers.push((answer.status.as_u16(), code(&answer.json())));
    }
    assert_eq!(
        answers,
        [(200, Value::Null), (403, json!("needs_head")), (200, Value::Null)]
    );
}
