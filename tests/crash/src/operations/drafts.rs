//! What the operations hand in.

use grid_fieldbook::{
    AttachmentDraft, CaseDraft, CountDraft, DisputeDraft, FixDraft, ObservationDraft, PatrolDraft,
    PhoneDraft, ReportDraft, Ticket, UrgentDraft, VisitDraft,
};
use grid_model::Point;
use grid_model::id::{PatrolId, PhoneId, TaskId};
use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, DisputeType, ObservationKind, PartyRole, PatrolType, Proof,
    ReportResult, Scale, Transport,
};

pub(super) const fn task(n: u8) -> TaskId {
    TaskId([n; 16])
}

pub(super) fn patrol() -> PatrolDraft {
    PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-03".to_owned(),
        point: None,
    }
}

/// The n-th fix of a patrol: each one is told from all others.
pub(crate) fn fix(n: u64) -> FixDraft {
    FixDraft {
        lat_e7: 397_500_000 + n as i32,
        lon_e7: 1_237_300_000,
        accuracy_dm: 50,
        speed_cms: 120,
    }
}

pub(super) fn count(value: i64, patrol: Option<PatrolId>) -> CountDraft {
    CountDraft {
        kind: CountKind::IslandEntryCheck,
        value,
        post: "DL-01".to_owned(),
        patrol,
        reason: (value < 0).then(|| "多点了一次".to_owned()),
    }
}

pub(super) fn photo(n: u8) -> AttachmentDraft {
    AttachmentDraft {
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: (0..2_500_u32)
            .map(|i| (i.wrapping_mul(7) % 251) as u8 ^ n)
            .collect(),
    }
}

pub(super) fn report() -> ReportDraft {
    ReportDraft::new(ReportResult::Solved, "杂物已清理，楼道畅通，已告知住户")
}

pub(super) fn visit(checkpoint: &str) -> VisitDraft {
    VisitDraft {
        checkpoint: checkpoint.to_owned(),
        proof: Proof::Gps,
        point: Point::checked(397_500_000, 1_237_300_000, Some(50)),
        unlocated_reason: None,
    }
}

pub(super) fn observation(note: &str) -> ObservationDraft {
    ObservationDraft {
        kind: ObservationKind::Hazard,
        note: note.to_owned(),
        point: None,
        attachments: Vec::new(),
    }
}

pub(super) fn dispute() -> CaseDraft {
    CaseDraft {
        case_kind: CaseKind::Dispute,
        title: "邻里纠纷".to_owned(),
        description: "堆放物占道引起".to_owned(),
        place_text: "东口".to_owned(),
        point: None,
        dispute: Some(DisputeDraft {
            dispute_type: DisputeType::Neighbour,
            scale: Scale::Under50,
            involved_count: 2,
            parties: vec![
                (PartyRole::A, "甲方".to_owned()),
                (PartyRole::B, "乙方".to_owned()),
            ],
        }),
        attachments: Vec::new(),
    }
}

pub(super) fn urgent() -> UrgentDraft {
    UrgentDraft {
        title: "落水".to_owned(),
        place_text: "前滩".to_owned(),
        point: None,
    }
}

pub(super) fn ticket() -> Result<Ticket, grid_fieldbook::TicketError> {
    Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH")
}

pub(super) fn phone() -> PhoneDraft {
    PhoneDraft {
        phone: PhoneId([5; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}
