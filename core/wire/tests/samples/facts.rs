//! Every fact a change can say.

use grid_model::terms::{
    AgreementForm, AttachmentRole, CaseKind, CountKind, DisputeType, Measure, Milestone, ObservationKind,
    PartyRole, PartyTold, PatrolType, Proof, ReportResult, Scale, Transport, UnlocatedReason,
};
use grid_model::track::TrackPoint;
use grid_model::{Coded, Point};
use grid_wire::fact::{
    Arrived, CaseReported, CheckpointVisited, Counted, Dispute, ExtensionRequested, Observed, Party,
    PatrolEnded, PatrolStarted, Report, UrgentMilestone, UrgentStarted,
};
use grid_wire::track::Segment;
use grid_wire::{Attachment, Body, Fact};

use super::{NOW_MS, Sample, anchored, hash, id, point, unanchored};
use crate::doors;

/// Two samples of every kind.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (full, least) in pairs() {
        let kind = full.kind();
        let message = format!(
            "fact_{}",
            if full == Fact::Unknown {
                "unknown".into()
            } else {
                kind.name()
            }
        );
        for (which, stamp, fact) in [("all fields", anchored(), full), ("least", unanchored(), least)] {
            let body = Body { stamp, fact };
            let door = doors::body(kind);
            assert_eq!(
                Body::from_bytes(kind, &body.to_bytes()),
                Ok(body.clone()),
                "{message}, {which}"
            );
            samples.push(Sample::plain(&message, which, body.to_bytes(), door));
        }
    }
    samples
}

/// Every kind with all fields set and with as little as it can hold.
fn pairs() -> Vec<(Fact, Fact)> {
    let counted = |value, patrol, reason: Option<&str>| Counted {
        count_kind: CountKind::IslandEntryCheck,
        value,
        post: String::from(if patrol { "DL-01" } else { "" }),
        patrol: patrol.then(|| id(0x33)),
        reason: reason.map(String::from),
    };
    let extension = |wanted_due_ms, reason: &str| {
        Fact::ExtensionRequested(ExtensionRequested {
            wanted_due_ms,
            reason: reason.into(),
        })
    };
    let ended = |fixes| Fact::PatrolEnded(PatrolEnded { fixes });
    let milestone = |milestone| Fact::UrgentMilestone(UrgentMilestone { milestone });
    vec![
        (Fact::TaskAccepted, Fact::TaskAccepted),
        (
            Fact::TaskArrived(Arrived { point: Some(point()) }),
            Fact::TaskArrived(Arrived { point: None }),
        ),
        (
            Fact::ReportSubmitted(report()),
            Fact::ReportSubmitted(least_report()),
        ),
        (
            extension(NOW_MS + 3 * 86_400_000, "住户外出，周五才回"),
            extension(0, ""),
        ),
        (
            Fact::PatrolStarted(started("DL-01", Some(point()))),
            Fact::PatrolStarted(started("", None)),
        ),
        checkpoint_visited(),
        observed(),
        (Fact::PatrolPaused, Fact::PatrolPaused),
        (Fact::PatrolResumed, Fact::PatrolResumed),
        (ended(5_432), ended(0)),
        track_segment(),
        (
            Fact::Counted(counted(-12, true, Some("数错了"))),
            Fact::Counted(counted(1, false, None)),
        ),
        (
            Fact::CaseReported(case_reported()),
            Fact::CaseReported(least_case()),
        ),
        urgent_started(),
        (milestone(Milestone::HandedOver), milestone(Milestone::Received)),
        (Fact::Unknown, Fact::Unknown),
    ]
}

fn attachments() -> Vec<Attachment> {
    let photo = Attachment {
        sha256: hash(0xa1),
        role: AttachmentRole::After,
        mime: "image/jpeg".into(),
        bytes: 345_678,
        taken_at_ms: NOW_MS - 5_000,
        point: Some(point()),
    };
    let voice = Attachment {
        sha256: hash(0xa2),
        role: AttachmentRole::Voice,
        mime: "audio/mp4".into(),
        bytes: 0,
        taken_at_ms: 0,
        point: None,
    };
    vec![photo, voice]
}

fn report() -> Report {
    Report {
        version: 2,
        result: ReportResult::MediatedAgreed,
        measures: vec![Measure::Mediated, Measure::RecordedOnly, Measure::from_code(900)],
        narrative: "双方当场和解。".into(),
        party_told: Some(PartyTold::Yes),
        agreement: Some(AgreementForm::Written),
        self_handled: true,
        point: Some(point()),
        attachments: attachments(),
    }
}

fn least_report() -> Report {
    Report {
        version: 0,
        result: ReportResult::Solved,
        measures: vec![],
        narrative: String::new(),
        party_told: None,
        agreement: None,
        self_handled: false,
        point: None,
        attachments: vec![],
    }
}

fn started(post: &str, point: Option<Point>) -> PatrolStarted {
    PatrolStarted {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Boat,
        post: post.into(),
        point,
    }
}

fn checkpoint_visited() -> (Fact, Fact) {
    let full = CheckpointVisited {
        checkpoint: "DL-01-C2".into(),
        proof: Proof::Nfc,
        point: Some(Point {
            accuracy_dm: None,
            ..point()
        }),
        unlocated_reason: Some(UnlocatedReason::Basement),
    };
    let least = CheckpointVisited {
        checkpoint: String::new(),
        proof: Proof::None,
        point: None,
        unlocated_reason: None,
    };
    (Fact::CheckpointVisited(full), Fact::CheckpointVisited(least))
}

fn observed() -> (Fact, Fact) {
    let full = Observed {
        observation_kind: ObservationKind::Vessel,
        note: "一条小船停在浅滩。".into(),
        point: Some(point()),
        attachments: attachments(),
    };
    let least = Observed {
        observation_kind: ObservationKind::Normal,
        note: String::new(),
        point: None,
        attachments: vec![],
    };
    (Fact::Observed(full), Fact::Observed(least))
}

fn track_segment() -> (Fact, Fact) {
    let fix = |i: i32| TrackPoint {
        at_ms: NOW_MS + i64::from(i) * 5_000,
        lat_e7: 397_512_345 + i * 90,
        lon_e7: 1_237_298_765 - i * 70,
        accuracy_dm: 60,
        speed_cms: 120 + i.unsigned_abs(),
    };
    let nowhere = TrackPoint {
        at_ms: 0,
        lat_e7: 0,
        lon_e7: 0,
        accuracy_dm: 0,
        speed_cms: 0,
    };
    let segment = |first, points: &[TrackPoint]| match Segment::of(first, points) {
        Some(segment) => Fact::TrackSegment(segment),
        None => panic!("no segment"),
    };
    (
        segment(120, &[fix(0), fix(1), fix(2), fix(3)]),
        segment(0, &[nowhere]),
    )
}

fn case_reported() -> CaseReported {
    let party = |role, label: &str| Party {
        role,
        label: label.into(),
    };
    CaseReported {
        case_kind: CaseKind::Dispute,
        title: "滩涂界线".into(),
        description: "两户对界线说法不同。".into(),
        place_text: "北滩三号桩".into(),
        point: Some(point()),
        dispute: Some(Dispute {
            dispute_type: DisputeType::Mudflat,
            scale: Scale::Under50,
            involved_count: 7,
            parties: vec![party(PartyRole::A, "渔户甲"), party(PartyRole::B, "渔户乙")],
        }),
        attachments: attachments(),
    }
}

fn least_case() -> CaseReported {
    CaseReported {
        case_kind: CaseKind::Hazard,
        title: String::new(),
        description: String::new(),
        place_text: String::new(),
        point: None,
        dispute: None,
        attachments: vec![],
    }
}

fn urgent_started() -> (Fact, Fact) {
    let full = UrgentStarted {
        title: "有人落水".into(),
        place_text: "东码头".into(),
        point: Some(point()),
    };
    let least = UrgentStarted {
        title: String::new(),
        place_text: String::new(),
        point: None,
    };
    (Fact::UrgentStarted(full), Fact::UrgentStarted(least))
}
