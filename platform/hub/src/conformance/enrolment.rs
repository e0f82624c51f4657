//! Codes and vaults.

use grid_model::terms::RefusalCode;

use super::device::FakeDevice;
use super::world::{DAY, HERE, MINUTE, World};
use super::{must, refused};
use crate::HubStore;
use crate::enroll::WRONG_CODES_MAX;

/// One vault uses a code; its lost reply is answered again, another vault is refused.
pub fn a_code_enrols_one_vault_and_answers_it_again<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    let device = FakeDevice::with_seed(1);
    let first = must(must(world.hub.enroll(world.now, HERE, &device.enrolment(&code))));
    assert_eq!(
        (first.worker, first.nonce, first.job_no.as_str()),
        (world.worker, 77, "W01")
    );
    assert_eq!(first.platform_key, world.hub.keys().signing_public());
    assert_eq!(first.incarnation, world.hub.incarnation());
    // The reply was lost, and the code is over meanwhile: the vault is enrolled all the same.
    world.pass(DAY);
    let again = must(must(world.hub.enroll(world.now, HERE, &device.enrolment(&code))));
    assert_eq!((again.worker, again.server_ms), (first.worker, world.now));
    let other = FakeDevice::with_seed(2);
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, &other.enrolment(&code))).code,
        RefusalCode::CodeUsed
    );
    // The same id with another key is another vault.
    let mut clone = FakeDevice::with_seed(3);
    clone.id = device.id;
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, &clone.enrolment(&code))).code,
        RefusalCode::CodeUsed
    );
    let fresh = must(must(world.hub.issue_code(world.now, "W02", None))).code;
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, &clone.enrolment(&fresh))).code,
        RefusalCode::Malformed
    );
}

/// A code is typed as people type.
pub fn a_code_survives_case_and_dashes<S: HubStore>(store: S) {
    let world = World::over(store);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    assert_eq!((code.len(), code.chars().nth(4)), (9, Some('-')));
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    must(must(world.hub.enroll(
        world.now,
        HERE,
        &FakeDevice::with_seed(1).enrolment(&typed),
    )));
}

/// A code that is none, and one that is over.
pub fn wrong_and_expired_codes_are_told_apart<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = FakeDevice::with_seed(1);
    let wrong = refused(world.hub.enroll(world.now, HERE, &device.enrolment("0000-0000")));
    assert_eq!(wrong.code, RefusalCode::CodeWrong);
    let issued = must(must(world.hub.issue_code(world.now, "W01", None)));
    assert_eq!(issued.expires_at_ms, world.now + 10 * MINUTE);
    world.pass(10 * MINUTE);
    let late = refused(world.hub.enroll(world.now, HERE, &device.enrolment(&issued.code)));
    assert_eq!(late.code, RefusalCode::CodeExpired);
    let longer = must(must(world.hub.issue_code(world.now, "W01", Some(DAY)))).code;
    world.pass(20 * MINUTE);
    must(must(world.hub.enroll(
        world.now,
        HERE,
        &device.enrolment(&longer),
    )));
}

/// Ten wrong codes in ten minutes are enough for where they come from, and for nobody else.
pub fn too_many_wrong_codes_close_the_door_for_their_source<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = FakeDevice::with_seed(1);
    for _ in 0..10 {
        let wrong = refused(world.hub.enroll(world.now, HERE, &device.enrolment("AAAA-AAAA")));
        assert_eq!(wrong.code, RefusalCode::CodeWrong);
        world.pass(1_000);
    }
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    let closed = refused(world.hub.enroll(world.now, HERE, &device.enrolment(&code)));
    assert_eq!(
        (closed.code, closed.retry_after_s),
        (RefusalCode::TryLater, Some(590))
    );
    let other = FakeDevice::with_seed(2);
    must(must(world.hub.enroll(
        world.now,
        "elsewhere",
        &other.enrolment(&code),
    )));
    world.pass(591_000);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    must(must(world.hub.enroll(world.now, HERE, &device.enrolment(&code))));
}

/// Guesses from ever new places are braked all the same, for everybody, so that no code is ever found by trying.
pub fn wrong_codes_from_everywhere_are_braked<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = FakeDevice::with_seed(1);
    let guess = device.enrolment("AAAA-AAAA");
    for n in 0..WRONG_CODES_MAX {
        let wrong = refused(world.hub.enroll(world.now, &format!("place {}", n / 9), &guess));
        assert_eq!(wrong.code, RefusalCode::CodeWrong, "{n}");
    }
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    let closed = refused(world.hub.enroll(world.now, HERE, &device.enrolment(&code)));
    assert_eq!(
        (closed.code, closed.retry_after_s),
        (RefusalCode::TryLater, Some(600))
    );
    world.pass(10 * MINUTE + 1);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    must(must(world.hub.enroll(world.now, HERE, &device.enrolment(&code))));
}

/// The signature is by the key named, and the version is one we read.
pub fn a_forged_or_newer_enrolment_is_refused<S: HubStore>(store: S) {
    let world = World::over(store);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    let mut device = FakeDevice::with_seed(1);
    let mut bytes = device.enrolment(&code);
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, &bytes)).code,
        RefusalCode::BadSignature
    );
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, b"<html>login</html>")).code,
        RefusalCode::Malformed
    );
    device.version = 9;
    let newer = refused(world.hub.enroll(world.now, HERE, &device.enrolment(&code)));
    assert_eq!(
        (newer.code, newer.version_max),
        (RefusalCode::NewerVersion, Some(grid_wire::WIRE_VERSION))
    );
}

/// A revoked vault neither exchanges nor enrols again.
pub fn a_revoked_vault_stays_out<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.push_all(&world);
    must(must(world.hub.revoke_device(world.now, device.id)));
    let request = device.request(&[], |_| {});
    assert_eq!(refused(device.send(&world, &request)).code, RefusalCode::Revoked);
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    assert_eq!(
        refused(world.hub.enroll(world.now, HERE, &device.enrolment(&code))).code,
        RefusalCode::Revoked
    );
}
