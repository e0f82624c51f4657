//! Lifeboat segments delivered as they are.

use grid_model::terms::{CountKind, ParkReason, RefusalCode};
use grid_model::track::TrackPoint;
use grid_model::{Epoch, Lane, PatrolId, Seq, Sha256, TaskId, TaskStatus};
use grid_vault::{Domain, sign_message};
use grid_wire::fact::Counted;
use grid_wire::lifeboat::{CaptureGrant, LifeboatAnswer};
use grid_wire::{Fact, Head, Refusal, Verdict, encode};

use super::device::{FakeDevice, report};
use super::segment::{SegmentWriter, sealed_photo};
use super::world::{World, seeded_keys};
use super::{must, refused};
use crate::views::PageAsk;
use crate::{HubStore, SegmentRefusal, SegmentTaken, open_attachment};

fn public<S: HubStore>(world: &World<S>) -> Vec<u8> {
    world.hub.keys().sealing_public()
}

fn take<S: HubStore>(world: &World<S>, bytes: &[u8]) -> SegmentTaken {
    must(must(world.hub.take_segment(world.now, bytes)))
}

/// Why a segment was refused; by its beginning alone too, when the sender is the reason.
fn why<S: HubStore>(world: &World<S>, bytes: &[u8]) -> SegmentRefusal {
    let why = refused(world.hub.take_segment(world.now, bytes));
    let told_early = matches!(
        why,
        SegmentRefusal::Unreadable(_) | SegmentRefusal::UnknownDevice | SegmentRefusal::BadSignature
    );
    let sender = must(world.hub.segment_sender(&bytes[..bytes.len().min(8192)]));
    assert_eq!(sender.is_err(), told_early, "{why:?}");
    why
}

/// Frames, new, duplicate, parked, damaged.
fn told(answer: &LifeboatAnswer) -> [u64; 5] {
    let LifeboatAnswer {
        frames,
        new,
        duplicate,
        parked,
        damaged,
        ..
    } = *answer;
    [frames, new, duplicate, parked, damaged]
}

fn stored<S: HubStore>(world: &World<S>) -> usize {
    must(world.hub.records(world.now, &world.desk, 0, 2_000))
        .items
        .len()
}

/// Conflicts and forks that the desk is told of the first device.
fn quarrels<S: HubStore>(world: &World<S>) -> (u64, u64) {
    let devices = must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
    (devices.items[0].conflicts, devices.items[0].forks)
}

fn count(value: i64) -> Fact {
    Fact::Counted(Counted {
        count_kind: CountKind::TestOrganised,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    })
}

/// A device that counted to `changes`.
fn counting<S: HubStore>(world: &mut World<S>, changes: i64) -> FakeDevice {
    let mut device = world.enrol("W01");
    for value in 1..=changes {
        device.record(world.now, Lane::loose_counts(device.id), count(value));
    }
    device
}

/// What a dead phone wrote takes effect, and the log counts as verified. Should the phone live after all, its batch brings
/// nothing new.
pub fn a_segment_is_taken_in_as_if_it_had_come_in_a_batch<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    device.record(world.now, Lane::task(TaskId([9; 16])), Fact::TaskAccepted);
    device.record(world.now, Lane::task(task), report(1));
    let mut segment = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    let fix = TrackPoint {
        at_ms: world.now,
        lat_e7: 1,
        lon_e7: 2,
        accuracy_dm: 3,
        speed_cms: 4,
    };
    segment.fixes(PatrolId([3; 16]), &[fix, fix]);
    segment.end();
    let taken = take(&world, &segment.bytes());
    assert_eq!(told(&taken.answer), [4, 3, 0, 1, 0]);
    assert_eq!((taken.answer.version, taken.answer.fixes), (1, 2));
    assert_eq!(
        (taken.device, taken.job_no.as_str(), taken.captured),
        (device.id, "W01", false)
    );
    assert_eq!(world.task(task).summary.status, TaskStatus::Submitted);
    let again = device.push_all(&world);
    assert_eq!(
        again.verdicts(1..=3),
        [
            Some(Verdict::Duplicate),
            Some(Verdict::Parked(ParkReason::UnknownTask)),
            Some(Verdict::Duplicate)
        ]
    );
    assert_eq!(again.checkpoint.verified_to(), Seq(3));
    assert_eq!(quarrels(&world), (0, 0));
}

/// Delivered twice, or after some of it came in a batch.
pub fn the_same_segment_again_gives_duplicates<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 3);
    device.push(&world, [2]);
    let mut segment = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    // A lifeboat that was written anew in the middle holds some changes twice.
    segment.change_at(&device.log[2], device.head(), Vec::new());
    let bytes = segment.bytes();
    assert_eq!(told(&take(&world, &bytes).answer), [4, 2, 2, 0, 0]);
    world.pass(1_000);
    assert_eq!(told(&take(&world, &bytes).answer), [4, 0, 4, 0, 0]);
    assert_eq!(stored(&world), 3);
    assert_eq!(quarrels(&world), (0, 0));
}

/// More changes than one transaction takes, and the chain moves over all of them.
pub fn a_long_segment_is_taken_in_piece_by_piece<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 600);
    let segment = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    assert_eq!(told(&take(&world, &segment.bytes()).answer), [600, 600, 0, 0, 0]);
    assert_eq!(device.push(&world, []).checkpoint.verified_to(), Seq(600));
}

/// A device nobody enrolled, another device's key, a header altered after signing, bytes of something else.
pub fn strangers_and_forged_segments_are_refused<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 1);
    let other = world.enrol("W02");
    let platform = public(&world);
    let mut stranger = FakeDevice::with_seed(99);
    stranger.record(world.now, Lane::loose_counts(stranger.id), count(1));
    let unknown = SegmentWriter::of(&stranger, &platform, 1).whole_log(&stranger);
    assert_eq!(why(&world, &unknown.bytes()), SegmentRefusal::UnknownDevice);
    let mut forged = SegmentWriter::of(&device, &platform, 1).whole_log(&device);
    forged.signer = other.key.clone();
    assert_eq!(why(&world, &forged.bytes()), SegmentRefusal::BadSignature);
    let mut altered = SegmentWriter::of(&device, &platform, 1)
        .whole_log(&device)
        .bytes();
    for from in [0, 4096] {
        altered[from + 60] ^= 1;
    }
    let refusal = Refusal::from(why(&world, &altered));
    assert!(matches!(
        refusal.code,
        RefusalCode::BadSignature | RefusalCode::Malformed | RefusalCode::UnknownDevice
    ));
    for bytes in [&b""[..], b"GFL1", b"<html>login</html>"] {
        assert_eq!(Refusal::from(why(&world, bytes)).code, RefusalCode::Malformed);
    }
    let mut newer = SegmentWriter::of(&device, &platform, 1);
    newer.header.version = 9;
    let newer = Refusal::from(why(&world, &newer.bytes()));
    assert_eq!(
        (newer.code, newer.version_max),
        (RefusalCode::NewerVersion, Some(grid_wire::WIRE_VERSION))
    );
    assert_eq!(stored(&world), 0);
    assert_eq!(device.push_all(&world).verdicts([1]), [Some(Verdict::Accepted)]);
}

/// One block of the header, a frame in the middle, a torn end: what is whole is taken in.
pub fn damage_costs_what_stood_there_and_nothing_else<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 5);
    let segment = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    let mut bytes = segment.bytes();
    bytes[..4096].fill(0xff);
    bytes[segment.places[2] + 100] ^= 1;
    bytes.truncate(segment.places[4] + 50);
    assert_eq!(told(&take(&world, &bytes).answer), [3, 3, 0, 0, 1]);
    assert_eq!(device.push(&world, []).checkpoint.verified_to(), Seq(0));
    // The same segment from a better copy brings the rest, and the gap closes.
    assert_eq!(told(&take(&world, &segment.bytes()).answer), [5, 2, 3, 0, 0]);
    assert_eq!(device.push(&world, []).checkpoint.verified_to(), Seq(5));
}

/// Frames that another key sealed, or whose heads say something else than they hold, are damage.
pub fn a_frame_holds_what_its_head_says<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = counting(&mut world, 2);
    let mut segment = SegmentWriter::of(&device, &public(&world), 1);
    segment.change_at(&device.log[0], Head::new(Seq(7), Sha256([1; 32])), Vec::new());
    let mut impossible = device.log[1].clone();
    impossible.prev_in_lane = impossible.seq;
    segment.change_at(&impossible, device.head(), Vec::new());
    let mut nowhere = device.log[1].clone();
    nowhere.seq = Seq(u64::MAX);
    segment.change_at(&nowhere, Head::new(nowhere.seq, Sha256([1; 32])), Vec::new());
    assert_eq!(told(&take(&world, &segment.bytes()).answer), [0, 0, 0, 0, 3]);
    let mut moved = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    moved.header.id[15] ^= 1;
    let mut other_key = SegmentWriter::of(&device, &public(&world), 2);
    other_key.header.id = moved.header.id;
    moved.header = other_key.header;
    assert_eq!(take(&world, &moved.bytes()).answer.new, 0);
    assert_eq!(stored(&world), 0);
}

/// A segment from before the enrolment, and one for another platform.
pub fn a_segment_that_is_not_for_this_platform_is_told_so<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = counting(&mut world, 1);
    let mut early = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    early.header.key_for_platform.clear();
    early.header.platform_key_id.clear();
    let elsewhere = SegmentWriter::of(&device, &seeded_keys(7).sealing_public(), 1).whole_log(&device);
    for (segment, expected) in [
        (early, SegmentRefusal::NotSealed),
        (elsewhere, SegmentRefusal::OtherKey),
    ] {
        let found = why(&world, &segment.bytes());
        assert_eq!(found, expected);
        assert_eq!(Refusal::from(found).code, RefusalCode::NoKey);
    }
    assert_eq!(stored(&world), 0);
}

/// What was recorded while the vault was locked has a log of its own, under the device's grant.
pub fn a_capture_is_taken_in_with_its_grant<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = counting(&mut world, 2);
    let other = world.enrol("W02");
    let platform = public(&world);
    let capture = || SegmentWriter::capture(&device, &platform, Epoch(77)).whole_log(&device);
    for wrong in [
        // Nobody granted anything; the grant is by another device; it is for another key.
        None,
        Some(sign_message(
            &other.key,
            Domain::Capture,
            encode(&CaptureGrant {
                device: device.id,
                public: capture().signer.public(),
            }),
        )),
        Some(sign_message(
            &device.key,
            Domain::Capture,
            encode(&CaptureGrant {
                device: device.id,
                public: other.key.public(),
            }),
        )),
    ] {
        let mut forged = capture();
        forged.header.capture = wrong;
        assert_eq!(why(&world, &forged.bytes()), SegmentRefusal::BadSignature);
    }
    let taken = take(&world, &capture().bytes());
    assert!(taken.captured);
    assert_eq!(told(&taken.answer), [2, 2, 0, 0, 0]);
    assert_eq!(told(&take(&world, &capture().bytes()).answer), [2, 0, 2, 0, 0]);
}

/// The capture key lies open beside the vault. Who holds the phone can add facts with it, and cannot take positions in the
/// worker's own log, which would make the worker's changes conflicts.
pub fn a_capture_never_speaks_for_a_log_that_its_device_signed<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 3);
    device.push(&world, [1]);
    let platform = public(&world);
    let capture = |epoch| SegmentWriter::capture(&device, &platform, epoch).whole_log(&device);
    assert_eq!(
        why(&world, &capture(device.epoch).bytes()),
        SegmentRefusal::NotItsLog
    );
    assert_eq!(stored(&world), 1);
    // The phone imported the capture and sent it itself: the file that stayed behind brings nothing and is no fault.
    let mut imported = FakeDevice::with_seed(1);
    imported.incarnation = device.incarnation;
    imported.begin_epoch(Epoch(77));
    for value in 1..=3 {
        imported.record(world.now, Lane::loose_counts(device.id), count(value));
    }
    let before = take(&world, &capture(Epoch(77)).bytes()).answer;
    assert_eq!(told(&before), [3, 3, 0, 0, 0]);
    assert_eq!(imported.push(&world, []).checkpoint.verified_to(), Seq(3));
    assert_eq!(
        told(&take(&world, &capture(Epoch(77)).bytes()).answer),
        [3, 0, 3, 0, 0]
    );
    assert_eq!(device.push_all(&world).verdicts([2]), [Some(Verdict::Accepted)]);
}

/// Its phone may be in anybody's hands: what is new is kept, raw, and waits for a person.
pub fn what_a_revoked_device_wrote_is_kept_and_parked<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    device.record(world.now, Lane::task(TaskId([9; 16])), Fact::TaskAccepted);
    device.push_all(&world);
    device.record(world.now, Lane::task(task), report(1));
    must(must(world.hub.revoke_device(world.now, device.id)));
    let segment = SegmentWriter::of(&device, &public(&world), 1).whole_log(&device);
    for new in [1, 0] {
        let answer = take(&world, &segment.bytes()).answer;
        assert_eq!(told(&answer), [3, new, 3 - new, 2, 0]);
    }
    let records = must(world.hub.records(world.now, &world.desk, 0, 10)).items;
    let parked: Vec<_> = records.iter().map(|record| record.parked).collect();
    assert_eq!(
        parked,
        [None, Some(ParkReason::UnknownTask), Some(ParkReason::Revoked)]
    );
    assert_eq!(world.task(task).summary.status, TaskStatus::Accepted);
}

/// The second body is kept beside the first, and the chains are compared.
pub fn other_bytes_in_a_segment_are_a_conflict_and_a_fork<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = counting(&mut world, 2);
    device.push_all(&world);
    let mut twin = FakeDevice::with_seed(1);
    for value in [1, 5, 6] {
        twin.record(world.now, Lane::loose_counts(twin.id), count(value));
    }
    let segment = SegmentWriter::of(&twin, &public(&world), 1).whole_log(&twin);
    for new in [1, 0] {
        let answer = take(&world, &segment.bytes()).answer;
        assert_eq!(told(&answer), [3, new, 2 - new, 1, 0]);
    }
    let (conflicts, forks) = quarrels(&world);
    assert_eq!(conflicts, 1);
    assert!(forks > 0);
}

/// A link that does not follow from the frame before it is noted, and the fact is kept all the same.
pub fn a_torn_chain_inside_a_segment_is_noted<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = counting(&mut world, 3);
    let mut segment = SegmentWriter::of(&device, &public(&world), 1);
    // The beginning of the log is missing, so that the platform has no chain of its own to compare.
    segment.change_at(&device.log[1], Head::new(Seq(2), Sha256([4; 32])), Vec::new());
    segment.change_at(&device.log[2], Head::new(Seq(3), Sha256([5; 32])), Vec::new());
    assert_eq!(told(&take(&world, &segment.bytes()).answer), [2, 2, 0, 0, 0]);
    assert_eq!(quarrels(&world), (0, 1));
}

/// Whoever has the sealed files gets the keys to them, each once; only the right file opens.
pub fn a_segment_gives_the_keys_of_its_photos<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = counting(&mut world, 1);
    let photo: Vec<u8> = (0..150_000_u32).map(|n| n as u8).collect();
    let (row, sealed) = sealed_photo(&photo, 8);
    let (loose, other) = sealed_photo(b"another", 9);
    let mut segment = SegmentWriter::of(&device, &public(&world), 1);
    segment.change(&device.log[0], vec![row.clone()]);
    segment.file(&row);
    segment.file(&loose);
    let taken = take(&world, &segment.bytes());
    assert_eq!(taken.files, [row.clone(), loose.clone()]);
    assert_eq!(open_attachment(&row, &sealed).as_deref(), Some(&photo[..]));
    assert_eq!(open_attachment(&loose, &other).as_deref(), Some(&b"another"[..]));
    assert_eq!(open_attachment(&loose, &sealed), None);
    assert_eq!(open_attachment(&row, &sealed[..sealed.len() - 1]), None);
    let mut hit = sealed;
    hit[70_000] ^= 1;
    assert_eq!(open_attachment(&row, &hit), None);
    let mut misnamed = loose;
    misnamed.sha256 = Sha256([1; 32]);
    assert_eq!(open_attachment(&misnamed, &other), None);
    misnamed.bytes = u64::MAX;
    assert_eq!(open_attachment(&misnamed, &other), None);
}
