//! The console API as the console calls it.

use axum::http::{Request, StatusCode};
use grid_hub::conformance::device::report;
use grid_model::Lane;
use serde_json::json;

use crate::world::{NAMES, START, World, draft, id_of, told};

#[tokio::test]
async fn signing_in_gives_a_cookie_that_scripts_cannot_read_and_signing_out_ends_it() {
    let world = World::start();
    let answer = world.login("d01", crate::world::PASSWORD).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.contains("; HttpOnly; SameSite=Strict; Max-Age="),
        "{cookie}"
    );
    assert!(!cookie.contains("Secure"), "no TLS, no Secure");
    let me = answer.json();
    let expected = json!({"id": me["id"], "name": "d01", "display_name": NAMES[0], "role": "duty_officer",
        "org": {"id": world.org.to_string(), "name": "大鹿岛边境派出所"}});
    assert_eq!(me, expected);
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(world.seen(cookie, "/api/me").await, me);
    let out = world.tell(cookie, "/api/logout", &json!({})).await;
    assert_eq!((out.status, out.json()), (StatusCode::OK, json!({})));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let gone = world.get(cookie, "/api/me").await;
    assert_eq!(
        (gone.status, &gone.json()["error"]["code"]),
        (StatusCode::UNAUTHORIZED, &json!("signed_out"))
    );
}

#[tokio::test]
async fn a_wrong_login_says_little_and_guessing_has_an_end() {
    let world = World::start();
    let wrong = world.login("d01", "harbour-0714").await;
    let nobody = world.login("x01", "harbour-0713").await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (StatusCode::UNAUTHORIZED, nobody.json())
    );
    // A worker without a desk has no session, whatever he types.
    assert_eq!(
        world.login("w01", crate::world::PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    let mut last = wrong;
    for _ in 0..20 {
        last = world.login("d01", "harbour-0714").await;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u32>().unwrap() > 0);
    assert_eq!(last.json()["error"]["code"], "try_later");
    assert_eq!(
        world.login("d01", crate::world::PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        world.login("s01", crate::world::PASSWORD).await.status,
        StatusCode::OK,
        "others are not locked out"
    );
}

#[tokio::test]
async fn another_site_cannot_decide_anything() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let mut forged = told("/api/tasks", &cookie, &draft(world.workers[0]));
    forged.headers_mut().remove("x-grid-console");
    let answer = world.send(forged).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (StatusCode::FORBIDDEN, &json!("not_from_console"))
    );
    assert_eq!(world.seen(&cookie, "/api/tasks").await["total"], 0);
}

#[tokio::test]
async fn a_leader_reads_and_reviews_but_does_not_dispatch() {
    let world = World::start();
    let (duty, leader) = (world.sign_in("d01").await, world.sign_in("s01").await);
    let answer = world.tell(&leader, "/api/tasks", &draft(world.workers[0])).await;
    assert_eq!(
        (answer.status, &answer.json()["error"]["code"]),
        (StatusCode::FORBIDDEN, &json!("not_allowed"))
    );
    let task = id_of(&world.dispatch(&duty).await);
    let mut device = world.enrol(1, "W01").await;
    device.record(START, Lane::task(task), report(1));
    world.sync(&mut device).await;
    let path = format!("/api/tasks/{task}");
    let revision = world.seen(&leader, &path).await["revision"].clone();
    let stale = world
        .tell(
            &leader,
            &format!("{path}/review"),
            &json!({"revision": 0, "result": "pass"}),
        )
        .await;
    assert_eq!(
        (stale.status, &stale.json()["error"]["code"]),
        (StatusCode::CONFLICT, &json!("conflict"))
    );
    let bare = world
        .tell(
            &leader,
            &format!("{path}/review"),
            &json!({"revision": revision, "result": "fail"}),
        )
        .await;
    assert_eq!(bare.json()["error"]["field"], "reason_code");
    let passed = world
        .tell(
            &leader,
            &format!("{path}/review"),
            &json!({"revision": revision, "result": "pass"}),
        )
        .await;
    assert_eq!(
        (passed.status, &passed.json()["status"]),
        (StatusCode::OK, &json!("closed"))
    );
    let twice = json!({"revision": passed.json()["revision"], "result": "pass"});
    let twice = world.tell(&leader, &format!("{path}/review"), &twice).await;
    assert_eq!(
        (twice.status, &twice.json()["error"]["code"]),
        (StatusCode::CONFLICT, &json!("not_now"))
    );
}

#[tokio::test]
async fn a_recalled_task_gets_its_late_report_back() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = world.dispatch(&cookie).await;
    let path = format!("/api/tasks/{}", id_of(&task));
    let recall = json!({"revision": task["revision"], "reason_text": "重复派单"});
    let recalled = world
        .tell(&cookie, &format!("{path}/recall"), &recall)
        .await
        .json();
    assert_eq!(recalled["status"], "recalled");
    let mut device = world.enrol(1, "W01").await;
    device.record(START, Lane::task(id_of(&task)), report(1));
    world.sync(&mut device).await;
    let late = world.seen(&cookie, &path).await;
    assert_eq!(
        (&late["status"], &late["late_report"]),
        (&json!("recalled"), &json!(true))
    );
    let restored = world
        .tell(
            &cookie,
            &format!("{path}/restore"),
            &json!({"revision": late["revision"]}),
        )
        .await;
    assert_eq!(
        (restored.status, &restored.json()["status"]),
        (StatusCode::OK, &json!("submitted"))
    );
}

#[tokio::test]
async fn a_form_that_cannot_be_taken_names_its_field_in_both_languages() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    for (field, value) in [
        ("title", json!("")),
        ("title", json!("长".repeat(41))),
        ("case_kind", json!("hazzard")),
        ("level", json!("complex?")),
        ("holder_id", json!("nobody")),
        ("due_at", json!("tomorrow")),
        ("grid_code", json!("12")),
    ] {
        let mut form = draft(world.workers[0]);
        form[field] = value;
        let answer = world.tell(&cookie, "/api/tasks", &form).await;
        let error = answer.json()["error"].clone();
        assert_eq!(
            (answer.status.as_u16(), &error["code"], &error["field"]),
            (422, &json!("invalid"), &json!(field))
        );
        assert!(
            error["text_zh"].as_str().unwrap().starts_with('“')
                && error["text_en"].as_str().unwrap().ends_with('.')
        );
    }
    let broken = Request::post("/api/tasks")
        .header("x-grid-console", "1")
        .header("cookie", &cookie);
    let broken = world.send(broken.body("{\"title\":".into()).unwrap()).await;
    assert_eq!(
        (broken.status, &broken.json()["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("malformed"))
    );
    let long = Request::post("/api/tasks")
        .header("x-grid-console", "1")
        .header("cookie", &cookie);
    let long = world.send(long.body(vec![b' '; 65 * 1024].into()).unwrap()).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn lists_are_cut_and_filtered_as_asked() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    for _ in 0..3 {
        world.dispatch(&cookie).await;
    }
    let page = world
        .seen(
            &cookie,
            "/api/tasks?status=assigned&sort=created&q=&offset=1&limit=1",
        )
        .await;
    assert_eq!(
        (&page["total"], page["items"].as_array().unwrap().len()),
        (&json!(3), 1)
    );
    assert_eq!(world.seen(&cookie, "/api/tasks?status=closed").await["total"], 0);
    for (path, field) in [
        ("/api/tasks?status=open", "status"),
        ("/api/tasks?sort=age", "sort"),
        ("/api/patrols?day=14.1.2026", "day"),
        ("/api/counts?from=x", "from"),
        ("/api/cases?case_kind=x", "case_kind"),
    ] {
        let answer = world.get(&cookie, path).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["field"]),
            (422, &json!(field)),
            "{path}"
        );
    }
    assert_eq!(
        world.get(&cookie, "/api/tasks?limit=many").await.status,
        StatusCode::BAD_REQUEST
    );
    for lost in [
        "/api/tasks/x",
        "/api/patrols/00000000-0000-0000-0000-000000000000",
        "/api/counts/steps",
        "/api/x",
    ] {
        let answer = world.get(&cookie, lost).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (StatusCode::NOT_FOUND, &json!("not_found"))
        );
    }
}
