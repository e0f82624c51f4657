//! Arbitrary facts.

use grid_model::track::TrackPoint;
use grid_wire::fact::{
    Arrived, CaseReported, CheckpointVisited, Counted, Dispute, ExtensionRequested, Observed, Party,
    PatrolEnded, PatrolStarted, Report, UrgentMilestone, UrgentStarted,
};
use grid_wire::track::Segment;
use grid_wire::{Body, Fact};
use proptest::prelude::*;

use super::{attachment, coded, few, id, place, stamp, text};

/// A body with any stamp and any fact this build can say.
pub(crate) fn body() -> impl Strategy<Value = Body> {
    (stamp(), fact()).prop_map(|(stamp, fact)| Body { stamp, fact })
}

fn fact() -> BoxedStrategy<Fact> {
    let bare = [
        Fact::TaskAccepted,
        Fact::PatrolPaused,
        Fact::PatrolResumed,
        Fact::Unknown,
    ];
    prop_oneof![
        prop::sample::select(bare.to_vec()),
        place().prop_map(|point| Fact::TaskArrived(Arrived { point })),
        report().prop_map(Fact::ReportSubmitted),
        (any::<i64>(), text()).prop_map(|(wanted_due_ms, reason)| {
            Fact::ExtensionRequested(ExtensionRequested {
                wanted_due_ms,
                reason,
            })
        }),
        patrol(),
        segment().prop_map(Fact::TrackSegment),
        counted().prop_map(Fact::Counted),
        case().prop_map(Fact::CaseReported),
        urgent(),
    ]
    .boxed()
}

fn report() -> impl Strategy<Value = Report> {
    let what = (
        any::<u32>(),
        coded(),
        few(coded()),
        text(),
        prop::option::of(coded()),
    );
    let rest = (
        prop::option::of(coded()),
        any::<bool>(),
        place(),
        few(attachment()),
    );
    (what, rest).prop_map(
        |(
            (version, result, measures, narrative, party_told),
            (agreement, self_handled, point, attachments),
        )| Report {
            version,
            result,
            measures,
            narrative,
            party_told,
            agreement,
            self_handled,
            point,
            attachments,
        },
    )
}

fn patrol() -> BoxedStrategy<Fact> {
    prop_oneof![
        (coded(), coded(), text(), place()).prop_map(|(patrol_type, transport, post, point)| {
            Fact::PatrolStarted(PatrolStarted {
                patrol_type,
                transport,
                post,
                point,
            })
        }),
        (text(), coded(), place(), prop::option::of(coded())).prop_map(
            |(checkpoint, proof, point, unlocated_reason)| {
                Fact::CheckpointVisited(CheckpointVisited {
                    checkpoint,
                    proof,
                    point,
                    unlocated_reason,
                })
            }
        ),
        (coded(), text(), place(), few(attachment())).prop_map(
            |(observation_kind, note, point, attachments)| {
                Fact::Observed(Observed {
                    observation_kind,
                    note,
                    point,
                    attachments,
                })
            }
        ),
        any::<u64>().prop_map(|fixes| Fact::PatrolEnded(PatrolEnded { fixes })),
    ]
    .boxed()
}

fn segment() -> impl Strategy<Value = Segment> {
    let fix =
        any::<(i64, i32, i32, u32, u32)>().prop_map(|(at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms)| {
            TrackPoint {
                at_ms,
                lat_e7,
                lon_e7,
                accuracy_dm,
                speed_cms,
            }
        });
    (any::<u64>(), prop::collection::vec(fix, 1..20))
        .prop_filter_map("one to twenty fixes are a segment", |(first, points)| {
            Segment::of(first, &points)
        })
}

fn counted() -> impl Strategy<Value = Counted> {
    (
        coded(),
        any::<i64>(),
        text(),
        prop::option::of(id()),
        prop::option::of(text()),
    )
        .prop_map(|(count_kind, value, post, patrol, reason)| Counted {
            count_kind,
            value,
            post,
            patrol,
            reason,
        })
}

fn case() -> impl Strategy<Value = CaseReported> {
    let party = (coded(), text()).prop_map(|(role, label)| Party { role, label });
    let dispute = (coded(), coded(), any::<u32>(), few(party)).prop_map(
        |(dispute_type, scale, involved_count, parties)| Dispute {
            dispute_type,
            scale,
            involved_count,
            parties,
        },
    );
    (
        coded(),
        text(),
        text(),
        text(),
        place(),
        prop::option::of(dispute),
        few(attachment()),
    )
        .prop_map(
            |(case_kind, title, description, place_text, point, dispute, attachments)| CaseReported {
                case_kind,
                title,
                description,
                place_text,
                point,
                dispute,
                attachments,
            },
        )
}

fn urgent() -> BoxedStrategy<Fact> {
    prop_oneof![
        (text(), text(), place()).prop_map(|(title, place_text, point)| {
            Fact::UrgentStarted(UrgentStarted {
                title,
                place_text,
                point,
            })
        }),
        coded().prop_map(|milestone| Fact::UrgentMilestone(UrgentMilestone { milestone })),
    ]
    .boxed()
}
