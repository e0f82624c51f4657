//! What the console shows of the field's work.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use grid_hub::conformance::device::{FakeDevice, report, with_attachments};
use grid_hub::sha256;
use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, Milestone, ObservationKind, PatrolType, Proof, Transport,
};
use grid_model::track::TrackPoint;
use grid_model::{CaseId, Lane, PatrolId, Point};
use grid_wire::fact::{self, Attachment, Fact};
use grid_wire::track::Segment;
use serde_json::json;

use crate::world::{MINUTE, NAMES, START, World, id_of};

fn photo(bytes: &[u8]) -> Attachment {
    let mime = "image/jpeg".to_owned();
    let (role, point) = (AttachmentRole::After, None);
    Attachment {
        sha256: sha256(bytes),
        role,
        mime,
        bytes: bytes.len() as u64,
        taken_at_ms: START,
        point,
    }
}

#[tokio::test]
async fn a_photo_is_shown_once_its_bytes_are_here() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = id_of(&world.dispatch(&cookie).await);
    let mut device = world.enrol(1, "W01").await;
    let here = photo(b"\xff\xd8 a photo");
    let paper = Attachment {
        mime: "text/html".to_owned(),
        ..photo(b"<script>")
    };
    device.record(
        START,
        Lane::task(task),
        with_attachments(report(1), vec![here.clone(), paper.clone()]),
    );
    let grant = world.sync(&mut device).await.upload_grant;
    let path = format!("/api/attachments/{}", here.sha256);
    let missing = world.get(&cookie, &path).await;
    assert_eq!(
        (missing.status, &missing.json()["error"]["code"]),
        (StatusCode::NOT_FOUND, &json!("not_here_yet"))
    );
    world.upload(&grant, &here, b"\xff\xd8 a photo").await;
    world.upload(&grant, &paper, b"<script>").await;
    let shown = world.get(&cookie, &path).await;
    assert_eq!(
        (shown.status, &shown.body[..]),
        (StatusCode::OK, &b"\xff\xd8 a photo"[..])
    );
    let headers =
        ["content-type", "content-disposition", "x-content-type-options"].map(|name| shown.header(name));
    assert_eq!(headers, ["image/jpeg", "inline", "nosniff"]);
    let known = Request::get(&path)
        .header("cookie", &cookie)
        .header("if-none-match", shown.header("etag"));
    assert_eq!(
        world.send(known.body(Body::empty()).unwrap()).await.status,
        StatusCode::NOT_MODIFIED
    );
    // What a browser would run is bytes to save.
    let saved = world
        .get(&cookie, &format!("/api/attachments/{}", paper.sha256))
        .await;
    assert_eq!(saved.header("content-type"), "application/octet-stream");
    assert!(
        saved
            .header("content-disposition")
            .starts_with("attachment; filename=")
    );
    let detail = world.seen(&cookie, &format!("/api/tasks/{task}")).await;
    assert_eq!(
        (&detail["photos_expected"], &detail["photos_here"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(detail["attachments"][0]["phone_label"], "一号机");
}

#[tokio::test]
async fn patrols_counts_cases_and_devices_are_shown() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let mut device = world.enrol(1, "W01").await;
    let (patrol, case) = (PatrolId([7; 16]), CaseId([8; 16]));
    walk(&mut device, patrol);
    let urgent = fact::UrgentStarted {
        title: "落水".into(),
        place_text: "东礁".into(),
        point: None,
    };
    device.record(
        START + 20 * MINUTE,
        Lane::urgent(case),
        Fact::UrgentStarted(urgent),
    );
    let safe = fact::UrgentMilestone {
        milestone: Milestone::Safe,
    };
    device.record(
        START + 30 * MINUTE,
        Lane::urgent(case),
        Fact::UrgentMilestone(safe),
    );
    world.clock.pass(60 * MINUTE);
    world.sync(&mut device).await;

    let patrols = world
        .seen(&cookie, "/api/patrols?day=2026-01-14&post=DL-01")
        .await;
    let summary = &patrols["items"][0];
    assert_eq!(
        (&summary["status"], &summary["post_name"], &summary["points"]),
        (&json!("ended"), &json!("一号岗"), &json!(3))
    );
    assert_eq!(
        (&summary["visits"], &summary["observations"], &summary["counts"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let detail = world.seen(&cookie, &format!("/api/patrols/{patrol}")).await;
    assert_eq!(detail["runs"][0][0], json!([123.731_234_5, 39.751_234_5, START]));
    assert_eq!(
        (&detail["visits"][0]["located"], &detail["visits"][0]["point"]),
        (&json!(true), &json!([123.73, 39.75]))
    );
    assert_eq!(detail["observations"][0]["note"], "礁石上有渔网");

    let counts = world
        .seen(&cookie, "/api/counts?from=2026-01-14&to=2026-01-14")
        .await;
    assert_eq!(
        counts["items"],
        json!([{"count_kind": "island_entry_check", "unit": "人次", "total": 12, "entries": 1}])
    );
    let steps = world.seen(&cookie, "/api/counts/island_entry_check").await;
    assert_eq!(
        (&steps["items"][0]["value"], &steps["items"][0]["worker"]["name"]),
        (&json!(12), &json!(NAMES[2]))
    );
    assert_eq!(
        world.seen(&cookie, "/api/counts?to=2026-01-13").await["items"],
        json!([])
    );

    let cases = world.seen(&cookie, "/api/cases?case_kind=urgent").await;
    assert_eq!(
        (&cases["items"][0]["urgent"], cases["total"].as_u64()),
        (&json!(true), Some(1))
    );
    let steps = cases["items"][0]["milestones"].as_array().unwrap();
    assert_eq!(
        steps.last(),
        Some(&json!({"milestone": "safe", "at": "2026-01-14T02:30:00.000Z", "clock": "anchored"}))
    );

    let devices = world.seen(&cookie, "/api/devices").await;
    assert_eq!(
        (&devices["items"][0]["unsent"], &devices["items"][0]["head"]),
        (&json!(0), &json!(device.log.len()))
    );
    let workers = world.seen(&cookie, "/api/workers").await;
    assert!(
        workers["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|worker| worker["job_no"] == "W01")
    );
    let map = world.seen(&cookie, "/api/outline").await;
    assert_eq!(map["features"][0]["properties"]["code"], "DL-01");
}

fn walk(device: &mut FakeDevice, patrol: PatrolId) {
    let lane = Lane::patrol(patrol);
    let point = Point::checked(397_500_000, 1_237_300_000, Some(50));
    let started = fact::PatrolStarted {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-01".into(),
        point,
    };
    device.record(START, lane, Fact::PatrolStarted(started));
    let fix = |index: i64| TrackPoint {
        at_ms: START + index * 20_000,
        lat_e7: 397_512_345 + index as i32 * 1_800,
        lon_e7: 1_237_312_345,
        accuracy_dm: 50,
        speed_cms: 100,
    };
    let segment = Segment::of(0, &[fix(0), fix(1), fix(2)]).unwrap();
    device.record(START + MINUTE, Lane::track(patrol), Fact::TrackSegment(segment));
    let visit = fact::CheckpointVisited {
        checkpoint: "DL-01-C1".into(),
        proof: Proof::Gps,
        point,
        unlocated_reason: None,
    };
    device.record(START + 2 * MINUTE, lane, Fact::CheckpointVisited(visit));
    let kind = ObservationKind::Ecology;
    let seen = fact::Observed {
        observation_kind: kind,
        note: "礁石上有渔网".into(),
        point: None,
        attachments: Vec::new(),
    };
    device.record(START + 3 * MINUTE, lane, Fact::Observed(seen));
    let kind = CountKind::IslandEntryCheck;
    let counted = fact::Counted {
        count_kind: kind,
        value: 12,
        post: "DL-01".into(),
        patrol: Some(patrol),
        reason: None,
    };
    device.record(
        START + 4 * MINUTE,
        Lane::patrol_counts(patrol),
        Fact::Counted(counted),
    );
    device.record(
        START + 10 * MINUTE,
        lane,
        Fact::PatrolEnded(fact::PatrolEnded { fixes: 3 }),
    );
}

#[tokio::test]
async fn the_change_log_is_exported_in_order_and_in_stretches() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let mut device = world.enrol(1, "W01").await;
    walk(&mut device, PatrolId([7; 16]));
    let case = fact::CaseReported {
        case_kind: CaseKind::Hazard,
        title: "缆绳".into(),
        description: String::new(),
        place_text: "二号码头".into(),
        point: None,
        dispute: None,
        attachments: Vec::new(),
    };
    device.record(START, Lane::case(CaseId([9; 16])), Fact::CaseReported(case));
    world.sync(&mut device).await;
    let (mut records, mut after) = (Vec::new(), json!(0));
    while !after.is_null() {
        let page = world
            .seen(&cookie, &format!("/api/records?after={after}&limit=3"))
            .await;
        records.extend(page["items"].as_array().unwrap().clone());
        after = page["next"].clone();
    }
    let kinds: Vec<_> = records
        .iter()
        .map(|record| record["kind"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "patrol_started",
            "track_segment",
            "checkpoint_visited",
            "observed",
            "counted",
            "patrol_ended",
            "case_reported"
        ]
    );
    let first = &records[0];
    assert_eq!(
        (&first["verdict"], &first["worker"], &first["epoch"]),
        (&json!("accepted"), &json!("W01"), &json!("feed000000000001"))
    );
    assert_eq!(
        (&first["lane"], &first["recorded_at"]),
        (
            &json!(format!("patrol:{}", PatrolId([7; 16]))),
            &json!("2026-01-14T02:00:00.000Z")
        )
    );
    assert_eq!(
        records[1]["fact"]["points"][2],
        json!([START + 40_000, 397_515_945, 1_237_312_345, 50, 100])
    );
    assert_eq!(
        records[6]["fact"],
        json!({"case_kind": "hazard", "title": "缆绳", "description": "", "place_text": "二号码头", "attachments": []})
    );
}
