//! What is in doubt is said as such: times that cannot be believed, second records under one number, logs that differ.

use axum::http::StatusCode;
use grid_hub::conformance::device::{FakeDevice, report};
use grid_model::time::Stamp;
use grid_model::{Lane, PatrolId, Seq, Sha256};
use grid_wire::fact::{self, Fact};
use grid_wire::{Body, Head};
use serde_json::json;

use crate::world::{DAY, START, World, id_of};

/// A clock that claims tomorrow and was never compared with the platform's.
fn ahead(at_ms: i64) -> Stamp {
    Stamp {
        wall_ms: at_ms + DAY,
        mono_ms: 0,
        boot: 3,
        anchor: None,
    }
}

fn counted(value: i64) -> Fact {
    Fact::Counted(fact::Counted {
        count_kind: grid_model::terms::CountKind::Rescued,
        value,
        post: "DL-01".into(),
        patrol: Some(PatrolId([7; 16])),
        reason: None,
    })
}

#[tokio::test]
async fn a_suspect_time_is_told_wherever_it_shows_and_is_never_overdue() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = id_of(&world.dispatch(&cookie).await);
    let mut device = world.enrol(1, "W01").await;
    device.record_by(ahead(START), Lane::task(task), report(1));
    let patrol = PatrolId([7; 16]);
    let started = fact::PatrolStarted {
        patrol_type: grid_model::terms::PatrolType::Coastline,
        transport: grid_model::terms::Transport::Foot,
        post: "DL-01".into(),
        point: None,
    };
    device.record_by(ahead(START), Lane::patrol(patrol), Fact::PatrolStarted(started));
    device.record_by(ahead(START), Lane::patrol_counts(patrol), counted(3));
    world.sync(&mut device).await;
    // Long past the due time nothing about the task has changed.
    world.clock.pass(40 * DAY);
    let cookie = world.sign_in("d01").await;
    let detail = world.seen(&cookie, &format!("/api/tasks/{task}")).await;
    assert_eq!(
        (&detail["timeliness"], &detail["done_clock"], &detail["light"]),
        (&json!("undecided"), &json!("suspect"), &json!("done"))
    );
    assert!(detail.get("done_at").is_none());
    assert_eq!(detail["reports"][0]["clock"], "suspect");
    assert_eq!(detail["log"][1]["clock"], "suspect");
    let list = world.seen(&cookie, "/api/tasks").await;
    assert_eq!(list["items"][0]["timeliness"], "undecided");
    let patrols = world.seen(&cookie, "/api/patrols").await;
    assert_eq!(patrols["items"][0]["clock"], "suspect");
    let steps = world.seen(&cookie, "/api/counts/rescued").await;
    assert_eq!(
        (&steps["items"][0]["clock"], &steps["items"][0]["summed"]),
        (&json!("suspect"), &json!(true))
    );
    let records = world.seen(&cookie, "/api/records").await;
    assert_eq!(
        (&records["items"][0]["clock"], &records["items"][0]["occurred_at"]),
        (&json!("suspect"), &json!("2026-01-15T02:00:00.000Z"))
    );
}

#[tokio::test]
async fn conflicts_and_forks_of_a_device_are_told() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let mut device = world.enrol(1, "W01").await;
    device.record(START, Lane::loose_counts(device.id), counted(1));
    world.sync(&mut device).await;
    let shown = async |name: &str| {
        let devices = world.seen(&cookie, "/api/devices").await;
        devices["items"][0][name].as_u64()
    };
    assert_eq!(
        (shown("conflicts").await, shown("forks").await),
        (Some(0), Some(0))
    );
    let other = Body {
        stamp: ahead(START),
        fact: counted(2),
    };
    device.log[0].body = other.to_bytes();
    world.sync(&mut device).await;
    assert_eq!(
        (shown("conflicts").await, shown("forks").await),
        (Some(1), Some(0))
    );
    // Both words can be read side by side.
    let told = world.seen(&cookie, "/api/conflicts").await;
    let value = |which: &str| told["items"][0][which]["fact"]["value"].as_i64();
    assert_eq!((value("first"), value("second")), (Some(1), Some(2)));
    assert_eq!(told["items"][0]["second"]["reason"], "conflict");
    assert_eq!(told["next"], json!(null));
    let lied = forked(&mut device);
    assert_eq!(world.post("/v1/sync", lied).await.status, StatusCode::OK);
    assert_eq!(
        (shown("conflicts").await, shown("forks").await),
        (Some(1), Some(1))
    );
}

/// A request whose signed head is not what the platform computes.
fn forked(device: &mut FakeDevice) -> Vec<u8> {
    let wrong = Head::new(Seq(1), Sha256([9; 32]));
    device.request(&[], |header| header.head = wrong).to_bytes()
}
