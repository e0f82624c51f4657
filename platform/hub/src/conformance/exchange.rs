//! Receipts, refusals and what is parked.

use grid_model::terms::{ParkReason, RefusalCode};
use grid_model::{CaseId, ChangeKind, Coded as _, Lane, LaneKind, PatrolId, TaskId};
use grid_vault::{Domain, sign_message};
use grid_wire::fact::{CaseReported, Observed};
use grid_wire::{ContinueRequest, Entry, ExchangeRequest, Fact, Part, Signed, Verdict};

use super::device::{FakeDevice, report};
use super::field;
use super::world::{SeededEntropy, World};
use super::{must, refused};
use crate::views::PageAsk;
use crate::{Entropy as _, HubStore};

/// The same bytes again give the same decisions.
pub fn receipts_are_idempotent<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    device.record(world.now, Lane::task(TaskId([9; 16])), Fact::TaskAccepted);
    device.record(world.now, Lane::task(task), report(1));
    let unknown = Some(Verdict::Parked(ParkReason::UnknownTask));
    let first = device.push_all(&world);
    assert_eq!(
        first.verdicts(1..=3),
        [Some(Verdict::Accepted), unknown, Some(Verdict::Accepted)]
    );
    let events = world.events(task);
    let position = device.cursor;
    world.pass(1_000);
    let again = device.push_all(&world);
    assert_eq!(
        again.verdicts(1..=3),
        [Some(Verdict::Duplicate), unknown, Some(Verdict::Duplicate)]
    );
    assert_eq!(
        world.events(task).len(),
        events.len() + 1,
        "only the delivery was added"
    );
    assert_eq!(device.cursor, position, "nothing new in the feed");
}

/// A body that was cut and sent again with more behind it.
pub fn a_batch_that_overlaps_an_earlier_one_gets_the_same_decisions<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let lane = Lane::task(task);
    device.record(world.now, lane, Fact::TaskAccepted);
    device.record(world.now, Lane::task(TaskId([9; 16])), Fact::TaskAccepted);
    device.push(&world, [1, 2]);
    device.record(world.now, lane, Fact::TaskArrived(Default::default()));
    device.record(world.now, lane, report(1));
    let all = device.push(&world, [4, 1, 3, 2]);
    let unknown = Some(Verdict::Parked(ParkReason::UnknownTask));
    let accepted = Some(Verdict::Accepted);
    assert_eq!(
        all.verdicts(1..=4),
        [Some(Verdict::Duplicate), unknown, accepted, accepted]
    );
    assert_eq!(all.receipt.ranges.len(), 3);
    let expected = [
        "dispatch→assigned",
        "accept→accepted",
        "deliver→accepted",
        "arrive→on_site",
        "submit→submitted",
    ];
    assert_eq!(world.events(task), expected);
}

/// The first body stays, the second is kept beside it, and a person is told.
pub fn other_bytes_under_a_taken_key_are_kept_as_a_conflict<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), report(1));
    device.push_all(&world);
    let mut twin = FakeDevice::with_seed(1);
    twin.incarnation = device.incarnation;
    twin.record(world.now, Lane::task(task), report(2));
    for _ in 0..2 {
        let answer = twin.push_all(&world);
        assert_eq!(
            answer.verdicts([1]),
            [Some(Verdict::Parked(ParkReason::Conflict))]
        );
    }
    assert_eq!(device.push_all(&world).verdicts([1]), [Some(Verdict::Duplicate)]);
    let devices = must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
    assert_eq!((devices.items[0].conflicts, devices.items[0].forks), (1, 1));
    assert_eq!(world.task(task).reports.len(), 1);
    // Same body, but said to belong elsewhere: another change all the same.
    let mut moved = device.entries([1]);
    moved[0].lane = Lane::case(CaseId([4; 16]));
    let answer = device.push_entries(&world, &moved);
    assert_eq!(
        answer.verdicts([1]),
        [Some(Verdict::Parked(ParkReason::Conflict))]
    );
}

/// Nothing is believed that was not signed.
pub fn a_forged_header_and_an_altered_body_are_refused<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let mut other = world.enrol("W02");
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    let entries = device.entries([1]);
    // Signed by somebody else's key.
    let mut forged = device.request(&entries, |_| {});
    forged.header = other.request(&entries, |header| header.device = device.id).header;
    assert_eq!(
        refused(device.send(&world, &forged)).code,
        RefusalCode::BadSignature
    );
    // The header altered after signing.
    let mut altered = device.request(&entries, |_| {});
    if let Some(byte) = altered.header.bytes.last_mut() {
        *byte ^= 1;
    }
    assert!(matches!(
        refused(device.send(&world, &altered)).code,
        RefusalCode::BadSignature | RefusalCode::Malformed
    ));
    // One frame of the body altered, or the body cut.
    let mut swapped = device.request(&entries, |_| {});
    if let Some(byte) = swapped.body.last_mut() {
        *byte ^= 1;
    }
    assert_eq!(
        refused(device.send(&world, &swapped)).code,
        RefusalCode::HashMismatch
    );
    let mut cut = device.request(&entries, |_| {});
    cut.body.pop();
    assert_eq!(refused(device.send(&world, &cut)).code, RefusalCode::HashMismatch);
    assert!(
        must(world.hub.records(world.now, &world.desk, 0, 10))
            .items
            .is_empty()
    );
}

/// A device nobody enrolled, and bytes of something else.
pub fn strangers_are_refused<S: HubStore>(store: S) {
    let world = World::over(store);
    let mut stranger = FakeDevice::with_seed(200);
    let request = stranger.request(&[], |_| {});
    assert_eq!(
        refused(stranger.send(&world, &request)).code,
        RefusalCode::UnknownDevice
    );
    assert_eq!(
        refused(world.hub.exchange(world.now, b"GET / HTTP/1.1")).code,
        RefusalCode::Malformed
    );
}

/// What stands before a body tells who signed it, in either kind of request, or is refused as the whole would be.
pub fn who_signed_is_told_before_the_body<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    let request = device.request(&device.entries([1]), |_| {});
    let part = Part {
        answer_have: 7,
        ..Part::default()
    };
    let going_on = |header: &Signed| ContinueRequest {
        header: header.clone(),
        part: part.clone(),
        body: Vec::new(),
    };
    let bytes = request.to_bytes();
    let before = &bytes[..bytes.len() - request.body.len()];
    for (bytes, part) in [
        (before, None),
        (&going_on(&request.header).to_bytes(), Some(part.clone())),
    ] {
        let sender = must(must(world.hub.exchange_sender(bytes)));
        assert_eq!((sender.header.device, sender.part), (device.id, part));
        assert_eq!(sender.signed, request.header);
    }
    let stranger = FakeDevice::with_seed(200).request(&[], |_| {});
    let newer = device.request(&[], |header| header.version = 7);
    let mut forged = request.clone();
    forged.header.signature[0] ^= 1;
    let refuses = |request: &ExchangeRequest| {
        let whole = refused(world.hub.exchange(world.now, &request.to_bytes()));
        for bytes in [request.to_bytes(), going_on(&request.header).to_bytes()] {
            assert_eq!(refused(world.hub.exchange_sender(&bytes)), whole);
        }
        whole.code
    };
    assert_eq!(refuses(&stranger), RefusalCode::UnknownDevice);
    assert_eq!(refuses(&newer), RefusalCode::NewerVersion);
    assert_eq!(refuses(&forged), RefusalCode::BadSignature);
    must(must(world.hub.revoke_device(world.now, device.id)));
    assert_eq!(refuses(&request), RefusalCode::Revoked);
}

/// The version is looked at before anything else.
pub fn a_newer_version_is_told_the_newest_we_read<S: HubStore>(store: S) {
    let world = World::over(store);
    let mut stranger = FakeDevice::with_seed(200);
    stranger.version = 7;
    let request = stranger.request(&[], |_| {});
    let refusal = refused(stranger.send(&world, &request));
    assert_eq!(
        (refusal.code, refusal.version_max),
        (RefusalCode::NewerVersion, Some(grid_wire::WIRE_VERSION))
    );
    // Whatever a header of tomorrow has beside its version: `{0: 2, 2: h'78'}`.
    let header = sign_message(&stranger.key, Domain::Batch, vec![0xa2, 0, 2, 2, 0x41, 0x78]);
    let body = Vec::new();
    let refusal = refused(stranger.send(&world, &ExchangeRequest { header, body }));
    assert_eq!(refusal.code, RefusalCode::NewerVersion);
}

/// A position twice, or beyond counting.
pub fn impossible_positions_are_refused<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    let one = device.entries([1]);
    let twice = device.request(&[one[0].clone(), one[0].clone()], |_| {});
    assert_eq!(refused(device.send(&world, &twice)).code, RefusalCode::Malformed);
    let far = Entry {
        seq: grid_model::Seq(u64::MAX),
        ..one[0].clone()
    };
    let far = device.request(&[far], |_| {});
    assert_eq!(refused(device.send(&world, &far)).code, RefusalCode::Malformed);
}

/// Unreadable and newer changes are stored before they are judged.
pub fn what_cannot_be_read_is_parked_and_kept<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let lane = Lane::patrol(PatrolId([5; 16]));
    let entry = |kind, schema_version, lane, body: &[u8]| {
        let body = body.to_vec();
        move |seq, prev_in_lane| Entry {
            seq,
            lane,
            prev_in_lane,
            kind,
            schema_version,
            body,
        }
    };
    let fine = grid_wire::Body {
        stamp: grid_model::time::Stamp {
            wall_ms: world.now,
            mono_ms: 0,
            boot: 0,
            anchor: None,
        },
        fact: Fact::PatrolPaused,
    }
    .to_bytes();
    let strange = Lane {
        kind: LaneKind::Unknown(40),
        id: [6; 16],
    };
    device.write(lane, entry(ChangeKind::Observed, 1, lane, b"\xff\xff"));
    device.write(lane, entry(ChangeKind::PatrolPaused, 2, lane, &fine));
    device.write(lane, entry(ChangeKind::Unknown(900), 1, lane, &fine));
    device.write(strange, entry(ChangeKind::PatrolPaused, 1, strange, &fine));
    device.write(
        lane,
        entry(
            ChangeKind::TrackSegment,
            1,
            lane,
            &[0x82, 0x84, 0, 0, 0, 0xf6, 0xa3, 0, 0, 1, 9, 2, 0x40],
        ),
    );
    let parked = |reason| Some(Verdict::Parked(reason));
    let newer = parked(ParkReason::NewerFormat);
    let unreadable = parked(ParkReason::Unreadable);
    for _ in 0..2 {
        let answer = device.push_all(&world);
        assert_eq!(
            answer.verdicts(1..=5),
            [unreadable, newer, newer, newer, unreadable]
        );
        assert_eq!(
            answer.checkpoint.verified_to().0,
            5,
            "a parked change leaves no hole"
        );
    }
    let records = must(world.hub.records(world.now, &world.desk, 0, 10)).items;
    assert_eq!(
        records.iter().map(|r| r.entry.clone()).collect::<Vec<_>>(),
        device.log
    );
    assert_eq!(records[0].parked, Some(ParkReason::Unreadable));
    let devices = must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
    assert_eq!(devices.items[0].parked, 5);
}

/// A body that is larger than a change may have is parked, kept, and holds up nothing else.
pub fn a_body_over_its_limit_is_parked_alone<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let lane = Lane::loose_counts(device.id);
    device.write(lane, |seq, prev_in_lane| Entry {
        seq,
        lane,
        prev_in_lane,
        kind: ChangeKind::Observed,
        schema_version: 1,
        body: vec![0; grid_model::limits::BODY_BYTES_MAX + 1],
    });
    device.record(world.now, lane, Fact::PatrolPaused);
    let answer = device.push_all(&world);
    let parked = Some(Verdict::Parked(ParkReason::TooLarge));
    assert_eq!(answer.verdicts(1..=2), [parked, Some(Verdict::Accepted)]);
    let records = must(world.hub.records(world.now, &world.desk, 0, 10)).items;
    assert_eq!(records[0].entry, device.log[0]);
}

/// Facts are never refused, however odd.
pub fn odd_values_are_kept<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let case = Lane::case(CaseId([7; 16]));
    let long = "长".repeat(5_000);
    let observed = Observed {
        observation_kind: grid_model::terms::ObservationKind::Unknown(77),
        note: long.clone(),
        point: None,
        attachments: Vec::new(),
    };
    device.record(
        i64::MAX,
        case,
        Fact::CaseReported(CaseReported {
            case_kind: grid_model::terms::CaseKind::Unknown(88),
            title: long.clone(),
            description: long.clone(),
            place_text: long,
            point: None,
            dispute: None,
            attachments: Vec::new(),
        }),
    );
    // A fact in a lane where it has no place, and times that no calendar knows.
    device.record(
        i64::MIN,
        Lane::task(world.dispatch(world.worker)),
        Fact::PatrolPaused,
    );
    device.record(i64::MIN, case, Fact::Observed(observed));
    let answer = device.push_all(&world);
    assert_eq!(answer.verdicts(1..=3), [Some(Verdict::Accepted); 3]);
    let cases = must(world.hub.cases(world.now, &world.desk, &Default::default()));
    assert_eq!((cases.total, cases.items[0].title.chars().count()), (1, 5_000));
}

/// Bodies with flipped, missing and added bytes: each is stored, each gets a verdict, and the hub goes on.
pub fn mutilated_bodies_are_kept_and_break_nothing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let chance = SeededEntropy::of(11);
    let lanes = [
        Lane::task(task),
        Lane::case(CaseId([1; 16])),
        Lane::urgent(CaseId([2; 16])),
        Lane::patrol(PatrolId([3; 16])),
        Lane::track(PatrolId([3; 16])),
        Lane::loose_counts(device.id),
    ];
    for round in 0..600_usize {
        let mut dice = [0; 4];
        must(chance.fill(&mut dice));
        let lane = lanes[usize::from(dice[0]) % lanes.len()];
        let kind = ChangeKind::known()[round % ChangeKind::known().len()];
        let mut body = sample(kind, world.now);
        let at = usize::from(dice[1]) * body.len() / 256;
        match dice[2] % 4 {
            0 => body[at] = dice[3],
            1 => body[at] ^= 1 << (dice[3] % 8),
            2 => body.truncate(at),
            _ => body.insert(at, dice[3]),
        }
        device.write(lane, |seq, prev_in_lane| Entry {
            seq,
            lane,
            prev_in_lane,
            kind,
            schema_version: 1,
            body,
        });
    }
    let answer = device.push_all(&world);
    assert!(answer.verdicts(1..=600).iter().all(Option::is_some));
    assert_eq!(answer.checkpoint.verified_to().0, 600);
    assert_eq!(
        must(world.hub.records(world.now, &world.desk, 0, 2_000))
            .items
            .len(),
        600
    );
    world.task(task);
    must(world.hub.cases(world.now, &world.desk, &Default::default()));
    must(world.hub.patrol(world.now, &world.desk, PatrolId([3; 16]))).ok();
    must(world.hub.count_totals(&world.desk, crate::views::Period::ALWAYS));
    must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
}

/// A sound body of this kind.
fn sample(kind: ChangeKind, now_ms: i64) -> Vec<u8> {
    let fact = match kind {
        ChangeKind::TaskAccepted => Fact::TaskAccepted,
        ChangeKind::ReportSubmitted => report(1),
        ChangeKind::PatrolStarted => field::started(),
        ChangeKind::TrackSegment => field::walk(now_ms, 0, 20),
        ChangeKind::Counted => field::counted(-3, None),
        ChangeKind::PatrolEnded => Fact::PatrolEnded(grid_wire::fact::PatrolEnded { fixes: 20 }),
        ChangeKind::CaseReported => field::dispute("纠纷", Vec::new()),
        _ => Fact::PatrolPaused,
    };
    let anchor = Some(grid_model::time::Anchor {
        server_ms: now_ms,
        mono_ms: 1,
        width_ms: 2,
        boot: 3,
        wall_ms: 4,
    });
    let stamp = grid_model::time::Stamp {
        wall_ms: now_ms,
        mono_ms: 5,
        boot: 3,
        anchor,
    };
    grid_wire::Body { stamp, fact }.to_bytes()
}
