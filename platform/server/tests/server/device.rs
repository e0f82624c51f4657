//! Enrolment and exchange over HTTP.

use axum::http::StatusCode;
use grid_hub::conformance::device::{FakeDevice, report};
use grid_model::Lane;
use grid_model::terms::RefusalCode;
use grid_wire::{ExchangeRequest, ExchangeResponse};

use crate::world::{START, World, id_of};

#[tokio::test]
async fn a_report_goes_from_a_phone_to_the_console() {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = id_of(&world.dispatch(&cookie).await);
    let mut device = world.enrol(1, "W01").await;
    let answer = world.sync(&mut device).await;
    assert!(!answer.page.rows.is_empty(), "the task is in the first page");
    device.record(START, Lane::task(task), report(1));
    world.sync(&mut device).await;
    let detail = world.seen(&cookie, &format!("/api/tasks/{task}")).await;
    assert_eq!(detail["status"], "submitted");
    assert_eq!(detail["reports"][0]["narrative"], "杂物已清走");
}

#[tokio::test]
async fn refusals_come_as_frames_with_a_fitting_status() {
    let world = World::start();
    let mut device = world.enrol(1, "W01").await;
    let stranger = FakeDevice::with_seed(9).request(&[], |_| {}).to_bytes();
    let newer = device.request(&[], |header| header.version = 99).to_bytes();
    let mut forged = device.request(&[], |_| {});
    forged.header.signature[0] ^= 1;
    let too_large = vec![0; 2 * 1024 * 1024];
    for (bytes, status, code) in [
        (
            b"<html>sign in to the hotel</html>".to_vec(),
            StatusCode::BAD_REQUEST,
            RefusalCode::Malformed,
        ),
        (stranger, StatusCode::FORBIDDEN, RefusalCode::UnknownDevice),
        (newer, StatusCode::UPGRADE_REQUIRED, RefusalCode::NewerVersion),
        (
            ExchangeRequest::to_bytes(&forged),
            StatusCode::FORBIDDEN,
            RefusalCode::BadSignature,
        ),
        (too_large, StatusCode::PAYLOAD_TOO_LARGE, RefusalCode::TooLarge),
    ] {
        let answer = world.post("/v1/sync", bytes).await;
        assert_eq!((answer.status, answer.refusal().code), (status, code));
        assert!(
            matches!(ExchangeResponse::from_bytes(&answer.body), Ok(Err(_))),
            "a device reads it as a refusal"
        );
    }
    let lost = world.post("/v1/nothing", Vec::new()).await;
    assert_eq!(
        (lost.status, lost.refusal().code),
        (StatusCode::NOT_FOUND, RefusalCode::NotFound)
    );
}

#[tokio::test]
async fn a_revoked_device_is_told_so() {
    let world = World::start();
    let mut device = world.enrol(1, "W01").await;
    world.platform.admin().revoke(device.id).unwrap();
    let answer = world
        .post("/v1/sync", device.request(&[], |_| {}).to_bytes())
        .await;
    assert_eq!(
        (answer.status, answer.refusal().code),
        (StatusCode::FORBIDDEN, RefusalCode::Revoked)
    );
}

#[tokio::test]
async fn codes_are_refused_each_for_its_reason_and_guessing_has_an_end() {
    let world = World::start();
    let code = |job_no| {
        world
            .platform
            .admin()
            .issue_code(job_no, "http://127.0.0.1:8787", None)
            .unwrap()
            .code
    };
    let used = code("W01");
    assert_eq!(
        world
            .post("/v1/enroll", FakeDevice::with_seed(1).enrolment(&used))
            .await
            .status,
        StatusCode::OK
    );
    let again = world
        .post("/v1/enroll", FakeDevice::with_seed(2).enrolment(&used))
        .await;
    assert_eq!(
        (again.status, again.refusal().code),
        (StatusCode::CONFLICT, RefusalCode::CodeUsed)
    );
    let expired = code("W02");
    world.clock.pass(11 * crate::world::MINUTE);
    let late = world
        .post("/v1/enroll", FakeDevice::with_seed(2).enrolment(&expired))
        .await;
    assert_eq!(
        (late.status, late.refusal().code),
        (StatusCode::GONE, RefusalCode::CodeExpired)
    );
    let large = world.post("/v1/enroll", vec![0; 9 * 1024]).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let guess = || FakeDevice::with_seed(3).enrolment("0000-0000");
    let first = world.post("/v1/enroll", guess()).await;
    assert_eq!(
        (first.status, first.refusal().code),
        (StatusCode::FORBIDDEN, RefusalCode::CodeWrong)
    );
    let mut last = first;
    for _ in 0..20 {
        last = world.post("/v1/enroll", guess()).await;
    }
    assert_eq!(
        (last.status, last.refusal().code),
        (StatusCode::TOO_MANY_REQUESTS, RefusalCode::TryLater)
    );
    assert!(last.header("retry-after").parse::<u32>().unwrap() > 0);
}
