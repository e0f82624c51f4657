//! Keys that come one after the other: which one signs for whom, and what phones are told.

use grid_model::Lane;
use grid_model::TaskId;
use grid_model::terms::KeyPurpose;
use grid_vault::{Domain, VerifyKey, key_id, open_signed};
use grid_wire::fact::Fact;
use grid_wire::{ExchangeResponse, KeyNotice, Signed, decode};

use super::device::FakeDevice;
use super::segment::SegmentWriter;
use super::world::{DAY, SeededEntropy, World, seeded_keys};
use super::{must, refused, there};
use crate::store::PlatformRead as _;
use crate::{Hub, HubError, HubStore, KEY_OVERLAP_MS, KeyState, RetireRefusal, SegmentRefusal};

fn rotate<S: HubStore>(world: &World<S>, purpose: KeyPurpose, seed: u64) -> Vec<u8> {
    let keys = world
        .hub
        .keys()
        .rotated(purpose, world.now, &SeededEntropy::of(seed));
    must(world.hub.use_keys(must(keys)));
    match purpose {
        KeyPurpose::Sealing => world.hub.keys().sealing_public(),
        _ => world.hub.keys().signing_public(),
    }
}

fn retire<S: HubStore>(world: &World<S>, public: &[u8], compromised: bool) {
    let id: String = key_id(public).iter().map(|byte| format!("{byte:02x}")).collect();
    let keys = world
        .hub
        .keys()
        .retired(&id, compromised, world.now, &SeededEntropy::of(90));
    must(world.hub.use_keys(must(must(keys))));
}

/// The answer to a phone that trusts these signing keys, the newest first, and seals to that key.
fn asked<S: HubStore>(
    world: &World<S>,
    device: &mut FakeDevice,
    trusted: &[&[u8]],
    sealing: &[u8],
) -> ExchangeResponse {
    let request = device.request(&[], |header| {
        header.signing_key_ids = Some(trusted.iter().flat_map(|key| key_id(key)).collect());
        header.sealing_key_id = Some(key_id(sealing));
    });
    must(must(world.hub.exchange(world.now, &request.to_bytes()))).response
}

fn is_by(public: &[u8], domain: Domain, signed: &Signed) -> bool {
    let key = must(VerifyKey::from_sec1(public));
    open_signed(&key, domain, signed).is_ok()
}

/// Whether receipt and checkpoint are signed by this key.
fn signed_by(answer: &ExchangeResponse, public: &[u8]) -> bool {
    let checkpoint = answer.page.checkpoint.as_ref();
    is_by(public, Domain::Receipt, &answer.receipt)
        && checkpoint.is_some_and(|signed| is_by(public, Domain::Checkpoint, signed))
}

/// The notices of an answer: key, purpose, whether it is an end; each must be signed by the key given beside it.
fn told(answer: &ExchangeResponse, by: &[&[u8]]) -> Vec<(Vec<u8>, KeyPurpose, bool)> {
    let notices = answer.key_notices.as_deref().unwrap_or_default();
    assert_eq!(notices.len(), by.len());
    let read = notices.iter().zip(by).map(|(signed, by)| {
        assert!(is_by(by, Domain::Keys, signed), "signed by another key");
        assert!(!is_by(by, Domain::Receipt, signed), "for one purpose only");
        let notice: KeyNotice = must(decode(&signed.bytes, "key notice"));
        (notice.key, notice.purpose, notice.until_ms.is_some())
    });
    read.collect()
}

/// While both keys are good a phone is answered under the newest that it trusts, and told of the next ones.
pub fn a_phone_in_contact_during_the_overlap_is_led_to_the_new_keys<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let (first, sealing) = (
        world.hub.keys().signing_public(),
        world.hub.keys().sealing_public(),
    );
    assert_eq!(asked(&world, &mut device, &[&first], &sealing).key_notices, None);
    world.pass(DAY);
    let second = rotate(&world, KeyPurpose::Signing, 50);
    let sealing_2 = rotate(&world, KeyPurpose::Sealing, 51);

    let answer = asked(&world, &mut device, &[&first], &sealing);
    assert!(signed_by(&answer, &first));
    assert_eq!(
        told(&answer, &[&first, &second]),
        [
            (second.clone(), KeyPurpose::Signing, false),
            (sealing_2.clone(), KeyPurpose::Sealing, false)
        ]
    );
    let answer = asked(&world, &mut device, &[&second, &first], &sealing_2);
    assert!(signed_by(&answer, &second));
    assert_eq!(answer.key_notices, None, "there is nothing that it does not know");

    world.pass(KEY_OVERLAP_MS);
    let answer = asked(&world, &mut device, &[&second, &first], &sealing_2);
    assert!(signed_by(&answer, &second));
    assert_eq!(
        told(&answer, &[&second]),
        [(first, KeyPurpose::Signing, true)],
        "the end of the older one, by the newer one"
    );
    let answer = asked(&world, &mut device, &[&second], &sealing_2);
    assert_eq!(answer.key_notices, None);
}

/// The answer to a phone that names no keys.
fn asked_without<S: HubStore>(world: &World<S>, device: &mut FakeDevice) -> ExchangeResponse {
    let request = device.request(&[], |_| {}).to_bytes();
    must(must(world.hub.exchange(world.now, &request))).response
}

/// A phone that names no keys trusts those of its enrolment: it is answered under that one while it is good, and led from there.
pub fn a_phone_that_names_no_keys_is_led_from_those_of_its_enrolment<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let first = world.hub.keys().signing_public();
    let untouched = asked_without(&world, &mut device);
    assert!(signed_by(&untouched, &first) && untouched.key_notices.is_none());
    world.pass(DAY);
    let second = rotate(&world, KeyPurpose::Signing, 50);
    let sealing_2 = rotate(&world, KeyPurpose::Sealing, 51);
    // It has not heard of them yet, and what it sends says nothing of keys.
    let answer = asked_without(&world, &mut device);
    assert!(signed_by(&answer, &first));
    let begins = (second.clone(), KeyPurpose::Signing, false);
    let seals = (sealing_2, KeyPurpose::Sealing, false);
    assert_eq!(told(&answer, &[&first, &second]), [begins.clone(), seals.clone()]);

    world.pass(DAY);
    let mut later = world.enrol("W02");
    let answer = asked_without(&world, &mut later);
    assert!(signed_by(&answer, &second) && answer.key_notices.is_none());

    world.pass(KEY_OVERLAP_MS);
    let answer = asked_without(&world, &mut device);
    assert!(signed_by(&answer, &second));
    let ends = (first.clone(), KeyPurpose::Signing, true);
    assert_eq!(told(&answer, &[&first, &second, &second]), [begins, ends, seals]);
}

/// While the key of the first enrolment is good every later one tells it again; then it tells the newest, and a phone that
/// names no keys is led past each that it may have been told. From a stolen key no way leads on.
pub fn a_phone_that_was_enrolled_again_is_led_without_naming_keys<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let first = world.hub.keys().signing_public();
    world.pass(DAY);
    let second = rotate(&world, KeyPurpose::Signing, 50);
    let again = |world: &World<S>, device: &mut FakeDevice| {
        let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
        let enrolment = device.enrolment(&code);
        must(must(world.hub.enroll(world.now, super::world::HERE, &enrolment))).platform_key
    };
    world.pass(DAY);
    assert_eq!(again(&world, &mut device), first);
    assert!(signed_by(&asked_without(&world, &mut device), &first));
    world.pass(KEY_OVERLAP_MS);
    assert_eq!(again(&world, &mut device), second);
    assert!(signed_by(&asked_without(&world, &mut device), &second));

    // It trusts the second now, and the third comes.
    let third = rotate(&world, KeyPurpose::Signing, 52);
    world.pass(DAY);
    let answer = asked_without(&world, &mut device);
    assert!(signed_by(&answer, &third));
    let begins = |key: &Vec<u8>| (key.clone(), KeyPurpose::Signing, false);
    assert_eq!(
        told(&answer, &[&first, &second, &third]),
        [
            begins(&second),
            begins(&third),
            (first.clone(), KeyPurpose::Signing, true)
        ]
    );

    retire(&world, &first, true);
    let answer = asked_without(&world, &mut device);
    assert!(
        signed_by(&answer, &third),
        "not by the second, which it need not know"
    );
    assert_eq!(told(&answer, &[&second]), [begins(&third)]);
}

/// Whoever was away for longer than any overlap is led from key to key, each vouched for by the one before it.
pub fn a_phone_that_was_away_for_two_rotations_is_led_link_by_link<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let keys = world.hub.keys();
    let (first, sealing) = (keys.signing_public(), keys.sealing_public());
    world.pass(DAY);
    let second = rotate(&world, KeyPurpose::Signing, 50);
    world.pass(DAY);
    let sealing_2 = rotate(&world, KeyPurpose::Sealing, 51);
    let third = rotate(&world, KeyPurpose::Signing, 52);
    // While the first is good it signs, however many came after it.
    assert!(signed_by(
        &asked(&world, &mut device, &[&first], &sealing),
        &first
    ));
    world.pass(2 * KEY_OVERLAP_MS);
    let answer = asked(&world, &mut device, &[&first], &sealing);
    assert!(signed_by(&answer, &third));
    let begins = |key: &Vec<u8>| (key.clone(), KeyPurpose::Signing, false);
    assert_eq!(
        told(&answer, &[&first, &second, &third, &third]),
        [
            begins(&second),
            begins(&third),
            (first.clone(), KeyPurpose::Signing, true),
            (sealing_2, KeyPurpose::Sealing, false)
        ]
    );
}

/// What was stolen signs nothing and vouches for nobody, from that moment on; one that was ended otherwise vouches still.
pub fn a_compromised_key_signs_and_vouches_for_nothing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let keys = world.hub.keys();
    let (first, sealing) = (keys.signing_public(), keys.sealing_public());
    world.pass(DAY);
    let second = rotate(&world, KeyPurpose::Signing, 50);
    let id = |public: &[u8]| -> String { key_id(public).iter().map(|byte| format!("{byte:02x}")).collect() };
    let entropy = SeededEntropy::of(91);
    let refusal = |id: &str| {
        refused(
            world
                .hub
                .keys()
                .retired(id, false, world.now, &entropy)
                .map(|keys| keys.map(|_| ())),
        )
    };
    assert_eq!(refusal(&id(&second)), RetireRefusal::Newest);
    assert_eq!(refusal("0011223344556677"), RetireRefusal::NotFound);

    retire(&world, &first, false);
    let answer = asked(&world, &mut device, &[&first], &sealing);
    assert!(signed_by(&answer, &second), "the overlap is over");
    assert_eq!(told(&answer, &[&first, &second]).len(), 2);

    retire(&world, &first, true);
    let answer = asked(&world, &mut device, &[&first], &sealing);
    assert!(signed_by(&answer, &second) && answer.key_notices.is_none());
    let answer = asked(&world, &mut device, &[&second, &first], &sealing);
    assert_eq!(
        told(&answer, &[&second]),
        [(first.clone(), KeyPurpose::Signing, true)]
    );

    // The newest itself: another takes its place, and nobody vouches for it.
    retire(&world, &second, true);
    let third = world.hub.keys().signing_public();
    assert!(third != second && third != first);
    let answer = asked(&world, &mut device, &[&second], &sealing);
    assert!(signed_by(&answer, &third) && answer.key_notices.is_none());
    let states: Vec<_> = world
        .hub
        .keys()
        .list(world.now)
        .iter()
        .map(|key| key.state)
        .collect();
    assert_eq!(
        states,
        [
            KeyState::Compromised(world.now),
            KeyState::Compromised(world.now),
            KeyState::Newest,
            KeyState::Newest
        ]
    );
    // First contact again: a new code gives the same vault the new key.
    let code = must(must(world.hub.issue_code(world.now, "W01", None))).code;
    let enrolment = device.enrolment(&code);
    let again = must(must(world.hub.enroll(world.now, super::world::HERE, &enrolment)));
    assert_eq!(again.platform_key, third);
}

/// A segment opens with the key that it names, whichever came after it.
pub fn segments_sealed_to_old_and_new_keys_open<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let old = world.hub.keys().sealing_public();
    let new = rotate(&world, KeyPurpose::Sealing, 50);
    assert_ne!(old, new);
    device.record(world.now, Lane::task(TaskId([1; 16])), Fact::TaskAccepted);
    for (key, number, expected) in [(&old, 1, (1, 0)), (&new, 2, (0, 1))] {
        let segment = SegmentWriter::of(&device, key, number).whole_log(&device);
        let taken = must(must(world.hub.take_segment(world.now, &segment.bytes())));
        assert_eq!((taken.answer.new, taken.answer.duplicate), expected);
    }
    let strange = seeded_keys(9).sealing_public();
    let segment = SegmentWriter::of(&device, &strange, 3).whole_log(&device);
    assert_eq!(
        refused(world.hub.take_segment(world.now, &segment.bytes())),
        SegmentRefusal::OtherKey
    );
}

/// A store knows the newest keys that it has seen: keys from before a rotation are found out, newer ones are welcome.
pub fn keys_that_are_older_than_the_store_do_not_fit<S: HubStore>(store: S) {
    let world = World::over(store);
    rotate(&world, KeyPurpose::Sealing, 50);
    let keys = world.hub.keys();
    assert!(matches!(
        world.hub.use_keys(seeded_keys(1)),
        Err(HubError::KeysDiffer)
    ));
    let newer = must(keys.rotated(KeyPurpose::Signing, world.now, &SeededEntropy::of(51)));
    let public = newer.signing_public();
    let entropy = SeededEntropy::of(2);
    assert!(matches!(
        Hub::init(world.hub.store(), world.now, &seeded_keys(1), &entropy),
        Err(HubError::KeysDiffer)
    ));
    // As after a crash between the key file and the store.
    must(Hub::init(world.hub.store(), world.now, &newer, &entropy));
    must(world.hub.use_keys(newer));
    let row = there(must(world.hub.store().read(|tx| tx.platform())));
    assert_eq!(row.signing_public, public);
}
