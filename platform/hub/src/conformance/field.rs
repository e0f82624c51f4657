//! Cases, counts, patrols and attachments.

use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, Milestone, ObservationKind, ParkReason, PatrolType, Proof,
    Transport, UnlocatedReason,
};
use grid_model::track::TrackPoint;
use grid_model::{CaseId, Lane, PatrolId, Sha256};
use grid_wire::fact::{
    Attachment, CaseReported, CheckpointVisited, Counted, Observed, PatrolEnded, PatrolStarted,
    UrgentMilestone, UrgentStarted,
};
use grid_wire::track::Segment;
use grid_wire::{Fact, Verdict};

use super::device::{FakeDevice, report, with_attachments};
use super::world::{DAY, MINUTE, World};
use super::{must, there};
use crate::views::{CaseQuery, PageAsk, PatrolQuery, PatrolStatus, Period};
use crate::{HubStore, UploadAsk};

fn attachment(byte: u8) -> Attachment {
    Attachment {
        sha256: Sha256([byte; 32]),
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        bytes: 3,
        taken_at_ms: 1,
        point: None,
    }
}

pub(super) fn counted(value: i64, patrol: Option<PatrolId>) -> Fact {
    let reason = (value < 0).then(|| "多点了".to_owned());
    Fact::Counted(Counted {
        count_kind: CountKind::TestOrganised,
        value,
        post: "DL-01".to_owned(),
        patrol,
        reason,
    })
}

/// A dispute.
pub(super) fn dispute(title: &str, attachments: Vec<Attachment>) -> Fact {
    Fact::CaseReported(CaseReported {
        case_kind: CaseKind::Dispute,
        title: title.to_owned(),
        description: String::new(),
        place_text: "后口滩涂".to_owned(),
        point: None,
        dispute: None,
        attachments,
    })
}

pub(super) fn started() -> Fact {
    Fact::PatrolStarted(PatrolStarted {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-01".to_owned(),
        point: None,
    })
}

/// A walk north at 1 m/s, one fix each 20 s.
pub(super) fn walk(from_ms: i64, first: i32, fixes: i32) -> Fact {
    let fix = |i: i32| TrackPoint {
        at_ms: from_ms + i64::from(i) * 20_000,
        lat_e7: 397_500_000 + i * 20 * 90,
        lon_e7: 1_237_300_000,
        accuracy_dm: 50,
        speed_cms: 100,
    };
    let points: Vec<_> = (first..first + fixes).map(fix).collect();
    Fact::TrackSegment(there(Segment::of(first as u64, &points)))
}

/// Born on the phone, numbered by the platform, newest first.
pub fn cases_get_numbers_milestones_and_reports<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let (case, call) = (CaseId([1; 16]), CaseId([2; 16]));
    let t0 = world.now;
    device.record(t0, Lane::case(case), dispute("滩涂纠纷", vec![attachment(1)]));
    device.record(
        t0,
        Lane::case(case),
        with_attachments(report(1), vec![attachment(2)]),
    );
    device.record(
        t0 + 1,
        Lane::urgent(call),
        Fact::UrgentStarted(UrgentStarted {
            title: "母女落水".to_owned(),
            place_text: "前滩".to_owned(),
            point: None,
        }),
    );
    for (after, milestone) in [
        (40_000, Milestone::PartnerInformed),
        (90_000, Milestone::Departed),
    ] {
        device.record(
            t0 + 1 + after,
            Lane::urgent(call),
            Fact::UrgentMilestone(UrgentMilestone { milestone }),
        );
    }
    world.pass(DAY);
    device.push_all(&world);
    let cases = must(world.hub.cases(world.now, &world.desk, &CaseQuery::default()));
    let numbers: Vec<_> = cases
        .items
        .iter()
        .map(|case| (case.no.as_str(), case.urgent))
        .collect();
    assert_eq!(numbers, [("DL-2026-C0002", true), ("DL-2026-C0001", false)]);
    let [rescue, mudflat] = cases.items.as_slice() else {
        panic!("two cases")
    };
    let steps: Vec<_> = rescue
        .milestones
        .iter()
        .map(|step| (step.milestone, step.at_ms - t0 - 1))
        .collect();
    assert_eq!(
        steps,
        [
            (Milestone::PartnerInformed, 40_000),
            (Milestone::Departed, 90_000)
        ]
    );
    assert_eq!(
        (mudflat.reports, mudflat.photos_expected, mudflat.photos_here),
        (1, 2, 0)
    );
    assert_eq!((mudflat.reported_at_ms, mudflat.received_at_ms), (t0, world.now));
    let only = CaseQuery {
        case_kind: Some(CaseKind::Dispute),
        ..CaseQuery::default()
    };
    assert_eq!(must(world.hub.cases(world.now, &world.desk, &only)).total, 1);
}

/// Totals are sums of steps, exactly once; an impossible step is shown but drowns nothing.
pub fn counts_add_up_and_corrections_subtract<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let lane = Lane::loose_counts(device.id);
    for value in [8_000, 37, -37, i64::MAX, i64::MAX] {
        device.record(world.now, lane, counted(value, None));
    }
    device.push_all(&world);
    device.push_all(&world);
    let totals = must(world.hub.count_totals(&world.desk, Period::ALWAYS));
    assert_eq!((totals.len(), totals[0].total, totals[0].entries), (1, 8_000, 5));
    let kind = CountKind::TestOrganised;
    let steps = must(world.hub.count_entries(
        world.now,
        &world.desk,
        kind,
        Period::ALWAYS,
        PageAsk { offset: 0, limit: 3 },
    ));
    let values: Vec<_> = steps.items.iter().map(|step| (step.value, step.summed)).collect();
    assert_eq!(
        (steps.total, values),
        (5, vec![(i64::MAX, false), (i64::MAX, false), (-37, true)])
    );
    assert_eq!(steps.items[2].reason.as_deref(), Some("多点了"));
    let day = there(Period::civil_day("2026-01-14"));
    assert_eq!(must(world.hub.count_totals(&world.desk, day)).len(), 1);
    assert_eq!(
        must(
            world
                .hub
                .count_totals(&world.desk, there(Period::civil_day("2026-01-15")))
        )
        .len(),
        0
    );
}

/// Everything that can happen on a patrol of eleven minutes: positions 1 to 8, the track at 2 to 4.
fn whole_patrol(device: &mut FakeDevice, t0: i64, patrol: PatrolId) {
    let (events, track) = (Lane::patrol(patrol), Lane::track(patrol));
    device.record(t0, events, started());
    device.record(t0, track, walk(t0, 0, 11));
    device.record(t0, track, walk(t0, 11, 10));
    device.record(t0, track, walk(t0, 21, 10));
    let visited = CheckpointVisited {
        checkpoint: "DL-01-C1".to_owned(),
        proof: Proof::None,
        point: None,
        unlocated_reason: Some(UnlocatedReason::NoSky),
    };
    device.record(t0 + MINUTE, events, Fact::CheckpointVisited(visited));
    let observed = Observed {
        observation_kind: ObservationKind::Hazard,
        note: "护栏松动".to_owned(),
        point: None,
        attachments: vec![attachment(5)],
    };
    device.record(t0 + MINUTE, events, Fact::Observed(observed));
    device.record(t0 + MINUTE, Lane::patrol_counts(patrol), counted(12, None));
    device.record(
        t0 + 11 * MINUTE,
        events,
        Fact::PatrolEnded(PatrolEnded { fixes: 31 }),
    );
}

/// Segments travel in a lane of their own and in any order, even before the start of their patrol.
pub fn a_patrol_is_measured_over_all_its_segments<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let patrol = PatrolId([3; 16]);
    whole_patrol(&mut device, world.now, patrol);
    device.push(&world, [2]);
    assert_eq!(
        must(world.hub.patrols(world.now, &world.desk, &PatrolQuery::default())).total,
        0
    );
    device.push(&world, [1, 3, 4]);
    let query = PatrolQuery {
        post: Some("DL-01".to_owned()),
        ..PatrolQuery::default()
    };
    let under_way = must(world.hub.patrols(world.now, &world.desk, &query))
        .items
        .remove(0);
    assert_eq!(
        (under_way.status, under_way.points, under_way.gaps),
        (PatrolStatus::Started, 31, 0)
    );
    assert!(
        (under_way.distance_m - 600.0).abs() < 3.0,
        "{}",
        under_way.distance_m
    );
    device.push(&world, 5..=8);
    let detail = must(must(world.hub.patrol(world.now, &world.desk, patrol)));
    let summary = &detail.summary;
    assert_eq!((summary.status, summary.fixes), (PatrolStatus::Ended, Some(31)));
    assert_eq!((summary.visits, summary.observations, summary.counts), (1, 1, 1));
    assert_eq!(
        (detail.runs.len(), detail.runs[0].len(), detail.gaps_at.len()),
        (1, 31, 0)
    );
    let visit = &detail.visits[0];
    assert_eq!(
        (visit.located, visit.unlocated_reason),
        (false, Some(UnlocatedReason::NoSky))
    );
    let seen = &detail.observations[0];
    assert_eq!((seen.note.as_str(), seen.attachments.len()), ("护栏松动", 1));
    assert_eq!(detail.counts[0].value, 12);
}

/// A missing segment is shown and adds no metre; nothing is drawn across it.
pub fn a_hole_in_a_track_is_a_gap<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let patrol = PatrolId([4; 16]);
    device.record(world.now, Lane::patrol(patrol), started());
    device.record(world.now, Lane::track(patrol), walk(world.now, 0, 11));
    device.record(world.now, Lane::track(patrol), walk(world.now, 31, 11));
    device.push_all(&world);
    let detail = must(must(world.hub.patrol(world.now, &world.desk, patrol)));
    assert_eq!(
        (detail.runs.len(), detail.summary.gaps, detail.gaps_at[0].seconds),
        (2, 1, 420)
    );
    assert!(
        (detail.summary.distance_m - 400.0).abs() < 3.0,
        "{}",
        detail.summary.distance_m
    );
}

/// "1 of 2 photos here".
pub fn an_attachment_is_expected_until_its_bytes_are_here<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let both = vec![attachment(1), attachment(2), attachment(2)];
    device.record(world.now, Lane::task(task), with_attachments(report(1), both));
    device.push_all(&world);
    let summary = world.task(task).summary;
    assert_eq!((summary.photos_expected, summary.photos_here), (2, 0));
    let sha256 = Sha256([1; 32]);
    assert!(!must(must(world.hub.attachment(world.now, &world.desk, sha256))).here);
    let ask = UploadAsk {
        sha256,
        mime: "image/jpeg".to_owned(),
        bytes: 3,
    };
    // Somebody else has a file of this hash: knowing the hash gives nobody his photo.
    let stranger = world.enrol("W02").id;
    let theirs = must(must(world.hub.upload_begin(world.now, stranger, &ask)));
    must(must(world.hub.upload_advance(
        world.now,
        stranger,
        theirs.id,
        (0, 3),
    )));
    must(must(
        world.hub.upload_finish(world.now, stranger, theirs.id, true),
    ));
    assert!(!must(must(world.hub.attachment(world.now, &world.desk, sha256))).here);
    assert_eq!(world.task(task).summary.photos_here, 0);
    let upload = must(must(world.hub.upload_begin(world.now, device.id, &ask)));
    must(must(world.hub.upload_advance(
        world.now,
        device.id,
        upload.id,
        (0, 3),
    )));
    must(must(
        world.hub.upload_finish(world.now, device.id, upload.id, true),
    ));
    let detail = world.task(task);
    assert_eq!(
        (detail.summary.photos_expected, detail.summary.photos_here),
        (2, 1)
    );
    assert_eq!(
        detail.attachments.iter().map(|a| a.here).collect::<Vec<_>>(),
        [true, false, false]
    );
    assert_eq!(detail.reports[0].attachments[0].phone_label, "一号机");
    assert!(must(must(world.hub.attachment(world.now, &world.desk, sha256))).here);
    assert!(must(world.hub.blob_known(sha256)));
    let devices = must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
    let own = devices.items.iter().find(|view| view.device == device.id);
    assert_eq!(own.map(|view| view.photos_missing), Some(1));
}

/// Ids are random, but nobody may write into another's aggregate who learned one.
pub fn a_strangers_patrol_is_not_ours_to_add_to<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mut mine, mut theirs) = (world.enrol("W01"), world.enrol("W02"));
    let patrol = PatrolId([3; 16]);
    mine.record(world.now, Lane::patrol(patrol), started());
    mine.push_all(&world);
    theirs.record(
        world.now,
        Lane::patrol(patrol),
        Fact::PatrolEnded(PatrolEnded { fixes: 0 }),
    );
    theirs.record(world.now, Lane::track(patrol), walk(world.now, 0, 5));
    let answer = theirs.push_all(&world);
    assert_eq!(
        answer.verdicts([1, 2]),
        [Some(Verdict::Parked(ParkReason::NotHolder)); 2]
    );
    let patrols = must(world.hub.patrols(world.now, &world.desk, &PatrolQuery::default()));
    assert_eq!(
        (patrols.items[0].status, patrols.items[0].points),
        (PatrolStatus::Started, 0)
    );
}

/// Pause and resume while it lasts; nothing behind the end opens it again.
pub fn a_patrol_that_is_over_stays_over<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let lane = Lane::patrol(PatrolId([3; 16]));
    let status = |world: &World<S>| {
        must(world.hub.patrols(world.now, &world.desk, &PatrolQuery::default())).items[0].status
    };
    device.record(world.now, lane, started());
    device.record(world.now, lane, Fact::PatrolPaused);
    device.push_all(&world);
    assert_eq!(status(&world), PatrolStatus::Paused);
    device.record(world.now, lane, Fact::PatrolResumed);
    device.push(&world, [3]);
    assert_eq!(status(&world), PatrolStatus::Started);
    device.record(world.now, lane, Fact::PatrolEnded(PatrolEnded { fixes: 0 }));
    device.record(world.now, lane, Fact::PatrolResumed);
    device.push(&world, [4, 5]);
    assert_eq!(status(&world), PatrolStatus::Ended);
}
