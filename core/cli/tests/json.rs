//! What a script gets: one document a command, keys that stay, failures in the same place.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::collections::BTreeSet;

use common::Post;
use common::platform::{Mode, Platform};
use grid_cli::Exit;
use grid_model::id::Seq;
use grid_model::terms::ParkReason;
use serde_json::Value;

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

#[track_caller]
fn has(value: &Value, expected: &[&str]) {
    let expected: BTreeSet<String> = expected.iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(keys(value), expected);
}

/// Every key, however deep, is snake_case, and no value is null.
fn is_tidy(value: &Value) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            assert!(
                key.chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
                "{key}"
            );
            assert!(!value.is_null() || key == "patrol", "{key} is null");
            is_tidy(value);
        }),
        Value::Array(items) => items.iter().for_each(is_tidy),
        _ => {}
    }
}

fn json(post: &Post, arguments: &[&str]) -> Value {
    let mut arguments = arguments.to_vec();
    arguments.push("--json");
    let said = post.done(&arguments);
    assert_eq!(said.err, "", "{arguments:?}: nothing beside the document");
    let value = said.json();
    is_tidy(&value);
    value
}

const TASK: [&str; 13] = [
    "id",
    "no",
    "title",
    "description",
    "case_kind",
    "level",
    "status",
    "grid_code",
    "place_text",
    "created_at",
    "due_at",
    "light",
    "late_report",
];

#[test]
fn records_of_the_field_have_their_shapes() {
    let post = Post::new("C");
    let started = json(&post, &["patrol", "start", "coastline", "--post", "DL03"]);
    has(&started, &["saved", "patrol"]);
    has(&started["saved"], &["seq", "recorded_at", "state", "second_copy"]);
    assert_eq!(started["saved"]["recorded_at"], "2026-01-05T00:00:00.000Z");
    has(
        &started["patrol"],
        &[
            "id",
            "patrol_type",
            "transport",
            "post",
            "status",
            "started_at",
            "fixes",
        ],
    );
    has(
        &json(&post, &["patrol", "fix", "--at", "39.75,123.73"]),
        &["durable", "patrol"],
    );
    has(
        &json(&post, &["patrol", "visit", "DL03-C1"]),
        &["saved", "patrol", "checkpoint"],
    );
    has(
        &json(&post, &["patrol", "observe", "normal", "--text", "正常"]),
        &["saved", "patrol", "attachments"],
    );
    let counted = json(&post, &["patrol", "count", "rescued", "2"]);
    has(&counted, &["saved", "today"]);
    has(&counted["today"], &["count_kind", "unit", "total", "entries"]);
    let second = json(
        &post,
        &["patrol", "start", "sea", "--post", "DL03", "--transport", "boat"],
    );
    assert_eq!(second["also_open"], started["patrol"]["id"]);
    assert_eq!(json(&post, &["patrol", "end"])["patrol"]["status"], "ended");
    json(&post, &["patrol", "end"]);
    assert_eq!(json(&post, &["patrol", "status"])["patrol"], Value::Null);
    assert_eq!(
        json(&post, &["patrol", "list"])["patrols"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );

    let rescue = json(&post, &["urgent", "start", "--place", "前滩"]);
    has(&rescue, &["saved", "case"]);
    has(
        &rescue["case"],
        &[
            "id",
            "urgent",
            "case_kind",
            "title",
            "place_text",
            "reported_at",
            "reports",
            "own_state",
        ],
    );
    has(
        &json(&post, &["urgent", "step", "safe"]),
        &["saved", "milestone", "case"],
    );
    has(
        &json(&post, &["urgent", "report", "--result", "emergency_handled"]),
        &["saved", "case", "attachments"],
    );
    let found = json(
        &post,
        &["case", "report", "--kind", "hazard", "--title", "护栏松动"],
    );
    has(&found, &["saved", "case", "attachments"]);
    let id = found["case"]["id"].as_str().expect("an id");
    has(
        &json(
            &post,
            &["case", "submit", id, "--result", "solved", "--text", "已经修好了"],
        ),
        &["saved", "case", "attachments"],
    );
    has(&json(&post, &["case", "list"]), &["cases"]);

    let records = json(&post, &["records", "--limit", "2"]);
    has(&records, &["records", "next_before"]);
    has(
        &records["records"][0],
        &["seq", "lane", "kind", "words", "recorded_at", "state", "photos"],
    );
    has(&json(&post, &["search", "护栏"]), &["tasks", "records"]);
    let status = json(&post, &["status", "--why"]);
    let always = [
        "device",
        "enrolled",
        "saved",
        "received",
        "parked",
        "photos_waiting",
        "photos_stored",
        "photos_failed",
        "line",
        "today",
        "vault",
        "why",
        "waiting",
        "parked_records",
        "oldest_at",
    ];
    has(&status, &always);
    let waiting = status["waiting"].as_array().expect("a list");
    assert_eq!(
        waiting.len(),
        status["saved"].as_u64().expect("a number") as usize
    );
    let shape = ["seq", "code", "why", "help"];
    waiting.iter().for_each(|waiting| has(waiting, &shape));
    has(&json(&post, &["completions", "bash"]), &["shell", "script"]);
}

#[test]
fn tasks_and_syncs_have_their_shapes() {
    let post = Post::new("C");
    let platform = Platform::start(Mode::Platform, &post.clock);
    let enrolled = json(&post, &["enroll", &platform.ticket()]);
    has(&enrolled, &["status"]);
    has(
        &enrolled["status"]["worker"],
        &["name", "job_no", "org", "phone_label"],
    );
    assert_eq!(enrolled["status"]["worker"]["phone_label"], "一号机");
    let sync = json(&post, &["sync"]);
    let shape = [
        "outcome",
        "received",
        "parked",
        "pulled",
        "photos_done",
        "offered_again",
        "branched",
        "repaired",
        "changes",
        "more_changes",
        "bytes_up",
        "bytes_down",
        "turns",
        "lost",
        "advice",
        "status",
    ];
    has(&sync, &shape);
    has(&sync["advice"], &["code", "happened", "meaning", "next"]);
    let new = &sync["changes"][0];
    has(new, &["task", "no", "title", "news"]);
    assert_eq!(
        (new["no"].as_str(), new["news"][0]["what"].as_str()),
        (Some("DL-2026-0001"), Some("new"))
    );
    assert_eq!(
        (&sync["more_changes"], &sync["repaired"]),
        (&Value::from(0), &Value::from(false))
    );
    assert_eq!(
        (sync["outcome"].as_str(), sync["pulled"].as_u64()),
        (Some("complete"), Some(3))
    );
    let tasks = json(&post, &["tasks"]);
    has(&tasks["tasks"][1], &TASK);
    let rework: Vec<_> = TASK.into_iter().chain(["reason"]).collect();
    has(&tasks["tasks"][0], &rework);
    has(
        &json(&post, &["posts"])["posts"][0],
        &["code", "name", "checkpoints"],
    );

    platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(1), ParkReason::NotHolder);
    let accepted = json(&post, &["accept", "DL-2026-0001"]);
    has(&accepted, &["saved", "event", "task"]);
    assert_eq!(accepted["task"]["own_state"], "saved");
    let within = json(&post, &["sync", "--max-bytes", "40000"]);
    assert_eq!(within["plan"]["records_go"], 1);
    assert_eq!(within["plan"]["records_stay"], 0);
    assert!(
        within["plan"]["bytes"]
            .as_u64()
            .is_some_and(|bytes| bytes > 0 && bytes < 40_000)
    );
    let parked = json(&post, &["records", "--parked"]);
    assert_eq!(parked["records"][0]["park_reason"], "not_holder");
    let carried = post.folder.path().join("carried");
    let file = carried.to_string_lossy().into_owned();
    assert_eq!(
        json(&post, &["export", "1", "--out", &file])["exported"]["seq"],
        1
    );
    assert!(std::fs::read(&carried).expect("written").starts_with(b"GFS1"));
    let no_words = post.run(&["amend", "1", "--text", "换个说法", "--json"]);
    assert_eq!(
        no_words.json()["error"]["code"],
        "wrong_state",
        "an acceptance has no words"
    );
    assert_eq!(json(&post, &["retry", "1"])["retry"]["seq"], 1);
    json(&post, &["sync"]);
    let doctor = post.run(&["doctor", "--json"]);
    let checks = doctor.json();
    assert_eq!(doctor.exit, Exit::Refused, "a record is sent back again");
    has(
        &checks,
        &[
            "ok", "checks", "vault", "key_file", "device", "version", "on_copy", "error",
        ],
    );
    has(&checks["checks"][0], &["name", "ok", "detail", "verdict"]);
}

#[test]
fn failures_are_documents_too() {
    let post = Post::new("C");
    for (arguments, exit, code) in [
        (&["tasks"][..], Exit::Refused, "no_vault"),
        (
            &["count", "rescued", "0", "--post", "DL03"],
            Exit::Refused,
            "count_out_of_range",
        ),
        (&["sync"], Exit::Refused, "not_enrolled"),
        (&["count"], Exit::Usage, "usage"),
        (
            &["enroll", "grid:http://10.0.0.8#code=A"],
            Exit::Refused,
            "plain_off_loopback",
        ),
        (
            &["enroll", "grid:http://127.0.0.1:1#code=A"],
            Exit::NoLink,
            "link_nothing_listens",
        ),
        (&["accept", "x"], Exit::Refused, "no_task"),
    ] {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let said = post.run(&arguments);
        assert_eq!((said.exit, said.err.as_str()), (exit, ""), "{arguments:?}");
        let error = &said.json()["error"];
        assert_eq!(error["code"], code);
        assert_eq!(error["exit_code"], exit as u8);
        for part in ["happened", "meaning", "next"] {
            assert!(
                error[part].as_str().is_some_and(|text| !text.is_empty()),
                "{arguments:?}: {part}"
            );
        }
    }
}
