//! What a change says. The body of a change is `[stamp, fact]`; the change's kind tells how to read the fact.

use grid_model::id::{PatrolId, Sha256};
use grid_model::lane::ChangeKind;
use grid_model::terms::{
    AgreementForm, AttachmentRole, CaseKind, CountKind, DisputeType, Measure, Milestone, ObservationKind,
    PartyRole, PartyTold, PatrolType, Proof, ReportResult, Scale, Transport, UnlocatedReason,
};
use grid_model::time::Stamp;
use grid_model::{Point, limits};
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::codec::{self, WireError};
use crate::stamp::{StampWire, point};
use crate::track::Segment;

/// A photo, voice note or paper that a record names by its hash; its bytes travel apart.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Attachment {
    /// SHA-256 of the original bytes.
    #[cbor(n(0), with = "adapt::hash")]
    pub sha256: Sha256,
    /// What it shows.
    #[cbor(n(1), with = "adapt::code")]
    pub role: AttachmentRole,
    /// Media type, such as `image/jpeg`.
    #[n(2)]
    pub mime: String,
    /// Size of the original, bytes.
    #[n(3)]
    pub bytes: u64,
    /// When it was taken, UTC ms by the phone's wall clock.
    #[n(4)]
    pub taken_at_ms: i64,
    /// Where it was taken, if there was a fix.
    #[cbor(n(5), with = "point", has_nil)]
    pub point: Option<Point>,
}

/// `task_arrived`: the holder is on the scene.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Arrived {
    /// Where, if there was a fix.
    #[cbor(n(0), with = "point", has_nil)]
    pub point: Option<Point>,
}

/// `report_submitted`: a disposition report (处置反馈), for a task or for a case born on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Report {
    /// 1 for the first report of its lane; an amendment counts on.
    #[n(0)]
    pub version: u32,
    /// What came of it.
    #[cbor(n(1), with = "adapt::code")]
    pub result: ReportResult,
    /// What was done.
    #[cbor(n(2), with = "adapt::codes")]
    pub measures: Vec<Measure>,
    /// The worker's words, at most 1,000 characters.
    #[n(3)]
    pub narrative: String,
    /// Whether the person concerned was told.
    #[cbor(n(4), with = "adapt::code_maybe", has_nil)]
    pub party_told: Option<PartyTold>,
    /// Form of an agreement reached.
    #[cbor(n(5), with = "adapt::code_maybe", has_nil)]
    pub agreement: Option<AgreementForm>,
    /// Found and fixed on the spot.
    #[n(6)]
    pub self_handled: bool,
    /// Where, if there was a fix.
    #[cbor(n(7), with = "point", has_nil)]
    pub point: Option<Point>,
    /// What belongs to it.
    #[n(8)]
    pub attachments: Vec<Attachment>,
}

/// `extension_requested`: the holder asks for more time (延期). Whether he asked in time is judged by the stamp.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExtensionRequested {
    /// The due time he wants, UTC ms.
    #[n(0)]
    pub wanted_due_ms: i64,
    /// Why, at most 500 characters.
    #[n(1)]
    pub reason: String,
}

/// `patrol_started`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PatrolStarted {
    /// Kind of patrol.
    #[cbor(n(0), with = "adapt::code")]
    pub patrol_type: PatrolType,
    /// How it moves.
    #[cbor(n(1), with = "adapt::code")]
    pub transport: Transport,
    /// Code of the post it belongs to.
    #[n(2)]
    pub post: String,
    /// Where it began, if there was a fix.
    #[cbor(n(3), with = "point", has_nil)]
    pub point: Option<Point>,
}

/// `checkpoint_visited`: a visit without a fix is a visit (domain §7).
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CheckpointVisited {
    /// Code of the checkpoint.
    #[n(0)]
    pub checkpoint: String,
    /// How it was shown.
    #[cbor(n(1), with = "adapt::code")]
    pub proof: Proof,
    /// Where, if there was a fix.
    #[cbor(n(2), with = "point", has_nil)]
    pub point: Option<Point>,
    /// Why there is no position.
    #[cbor(n(3), with = "adapt::code_maybe", has_nil)]
    pub unlocated_reason: Option<UnlocatedReason>,
}

/// `observed`: what was seen on patrol; `normal` is a full, valid result.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Observed {
    /// What it is.
    #[cbor(n(0), with = "adapt::code")]
    pub observation_kind: ObservationKind,
    /// The worker's words, at most 500 characters.
    #[n(1)]
    pub note: String,
    /// Where, if there was a fix.
    #[cbor(n(2), with = "point", has_nil)]
    pub point: Option<Point>,
    /// What belongs to it.
    #[n(3)]
    pub attachments: Vec<Attachment>,
}

/// `patrol_ended`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PatrolEnded {
    /// How many fixes the patrol recorded, so that a missing segment is noticed.
    #[n(0)]
    pub fixes: u64,
}

/// `counted`: a signed step of a counter; a correction is a negative step with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Counted {
    /// What is counted.
    #[cbor(n(0), with = "adapt::code")]
    pub count_kind: CountKind,
    /// How much to add; negative for a correction.
    #[n(1)]
    pub value: i64,
    /// Code of the post.
    #[n(2)]
    pub post: String,
    /// The patrol during which it was counted.
    #[cbor(n(3), with = "adapt::id_maybe", has_nil)]
    pub patrol: Option<PatrolId>,
    /// Why a correction was made.
    #[n(4)]
    pub reason: Option<String>,
}

/// A side of a dispute: a role and a label, never an identity.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Party {
    /// Which side.
    #[cbor(n(0), with = "adapt::code")]
    pub role: PartyRole,
    /// A label such as 渔户甲.
    #[n(1)]
    pub label: String,
}

/// What a dispute adds to a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Dispute {
    /// What it is about.
    #[cbor(n(0), with = "adapt::code")]
    pub dispute_type: DisputeType,
    /// How many people, as a class.
    #[cbor(n(1), with = "adapt::code")]
    pub scale: Scale,
    /// How many people.
    #[n(2)]
    pub involved_count: u32,
    /// The sides.
    #[n(3)]
    pub parties: Vec<Party>,
}

/// `case_reported`: a matter found by the worker; the case is born on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct CaseReported {
    /// Kind of matter.
    #[cbor(n(0), with = "adapt::code")]
    pub case_kind: CaseKind,
    /// At most 40 characters.
    #[n(1)]
    pub title: String,
    /// At most 1,000 characters.
    #[n(2)]
    pub description: String,
    /// At most 120 characters.
    #[n(3)]
    pub place_text: String,
    /// Where, if there was a fix.
    #[cbor(n(4), with = "point", has_nil)]
    pub point: Option<Point>,
    /// What a dispute adds.
    #[n(5)]
    pub dispute: Option<Dispute>,
    /// What belongs to it.
    #[n(6)]
    pub attachments: Vec<Attachment>,
}

/// `urgent_started`: T0 is the stamp.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UrgentStarted {
    /// At most 40 characters.
    #[n(0)]
    pub title: String,
    /// A named spot or a description.
    #[n(1)]
    pub place_text: String,
    /// Where, if there was a fix within 10 s.
    #[cbor(n(2), with = "point", has_nil)]
    pub point: Option<Point>,
}

/// `urgent_milestone`: one tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct UrgentMilestone {
    /// Which step.
    #[cbor(n(0), with = "adapt::code")]
    pub milestone: Milestone,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Nothing {}

/// Everything a change can say.
#[derive(Clone, Debug, PartialEq)]
#[allow(
    missing_docs,
    reason = "each variant is named after its kind, whose struct carries the docs"
)]
pub enum Fact {
    TaskAccepted,
    TaskArrived(Arrived),
    ReportSubmitted(Report),
    ExtensionRequested(ExtensionRequested),
    PatrolStarted(PatrolStarted),
    CheckpointVisited(CheckpointVisited),
    Observed(Observed),
    PatrolPaused,
    PatrolResumed,
    PatrolEnded(PatrolEnded),
    TrackSegment(Segment),
    Counted(Counted),
    CaseReported(CaseReported),
    UrgentStarted(UrgentStarted),
    UrgentMilestone(UrgentMilestone),
    /// A kind this build does not know; its body is kept as it came.
    Unknown,
}

/// A body read: when, as the clocks said, and what.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// The clocks' evidence.
    pub stamp: Stamp,
    /// What happened.
    pub fact: Fact,
}

/// The body schema this build writes, for every kind.
pub const SCHEMA_VERSION: u16 = 1;

impl Fact {
    /// The kind under which this fact travels.
    pub fn kind(&self) -> ChangeKind {
        match self {
            Self::TaskAccepted => ChangeKind::TaskAccepted,
            Self::TaskArrived(_) => ChangeKind::TaskArrived,
            Self::ReportSubmitted(_) => ChangeKind::ReportSubmitted,
            Self::ExtensionRequested(_) => ChangeKind::ExtensionRequested,
            Self::PatrolStarted(_) => ChangeKind::PatrolStarted,
            Self::CheckpointVisited(_) => ChangeKind::CheckpointVisited,
            Self::Observed(_) => ChangeKind::Observed,
            Self::PatrolPaused => ChangeKind::PatrolPaused,
            Self::PatrolResumed => ChangeKind::PatrolResumed,
            Self::PatrolEnded(_) => ChangeKind::PatrolEnded,
            Self::TrackSegment(_) => ChangeKind::TrackSegment,
            Self::Counted(_) => ChangeKind::Counted,
            Self::CaseReported(_) => ChangeKind::CaseReported,
            Self::UrgentStarted(_) => ChangeKind::UrgentStarted,
            Self::UrgentMilestone(_) => ChangeKind::UrgentMilestone,
            Self::Unknown => ChangeKind::Unknown(0),
        }
    }

    /// The attachments this fact names.
    pub fn attachments(&self) -> &[Attachment] {
        match self {
            Self::ReportSubmitted(report) => &report.attachments,
            Self::Observed(observed) => &observed.attachments,
            Self::CaseReported(case) => &case.attachments,
            _ => &[],
        }
    }
}

/// Bodies with a few sentences have about so many bytes.
const BODY_BYTES_USUAL: usize = 400;

impl Body {
    /// The immutable bytes of this body.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(BODY_BYTES_USUAL);
        bytes.push(0x82); // an array of two
        codec::encode_behind(&mut bytes, &StampWire::from(&self.stamp));
        let out = &mut bytes;
        match &self.fact {
            Fact::TaskArrived(fact) => codec::encode_behind(out, fact),
            Fact::ReportSubmitted(fact) => codec::encode_behind(out, fact),
            Fact::ExtensionRequested(fact) => codec::encode_behind(out, fact),
            Fact::PatrolStarted(fact) => codec::encode_behind(out, fact),
            Fact::CheckpointVisited(fact) => codec::encode_behind(out, fact),
            Fact::Observed(fact) => codec::encode_behind(out, fact),
            Fact::PatrolEnded(fact) => codec::encode_behind(out, fact),
            Fact::TrackSegment(fact) => codec::encode_behind(out, fact),
            Fact::Counted(fact) => codec::encode_behind(out, fact),
            Fact::CaseReported(fact) => codec::encode_behind(out, fact),
            Fact::UrgentStarted(fact) => codec::encode_behind(out, fact),
            Fact::UrgentMilestone(fact) => codec::encode_behind(out, fact),
            Fact::TaskAccepted | Fact::PatrolPaused | Fact::PatrolResumed | Fact::Unknown => {
                codec::encode_behind(out, &Nothing {})
            }
        }
        bytes
    }

    /// Reads a body of this kind. Unknown fields are skipped (the caller keeps the bytes); an unknown kind gives
    /// [`Fact::Unknown`].
    pub fn from_bytes(kind: ChangeKind, bytes: &[u8]) -> Result<Self, WireError> {
        let what = "change body";
        if bytes.len() > limits::BODY_BYTES_MAX {
            return Err(WireError::TooLarge { what });
        }
        let malformed = |_| WireError::Malformed { what };
        let mut d = minicbor::Decoder::new(bytes);
        let Some(unknown) = d
            .array()
            .map_err(malformed)?
            .and_then(|length| length.checked_sub(2))
        else {
            return Err(WireError::Malformed { what });
        };
        let stamp = Stamp::from(d.decode::<StampWire>().map_err(malformed)?);
        let d = &mut d;
        let fact = match kind {
            ChangeKind::TaskAccepted => d.decode::<Nothing>().map(|_| Fact::TaskAccepted),
            ChangeKind::TaskArrived => d.decode().map(Fact::TaskArrived),
            ChangeKind::ReportSubmitted => d.decode().map(Fact::ReportSubmitted),
            ChangeKind::ExtensionRequested => d.decode().map(Fact::ExtensionRequested),
            ChangeKind::PatrolStarted => d.decode().map(Fact::PatrolStarted),
            ChangeKind::CheckpointVisited => d.decode().map(Fact::CheckpointVisited),
            ChangeKind::Observed => d.decode().map(Fact::Observed),
            ChangeKind::PatrolPaused => d.decode::<Nothing>().map(|_| Fact::PatrolPaused),
            ChangeKind::PatrolResumed => d.decode::<Nothing>().map(|_| Fact::PatrolResumed),
            ChangeKind::PatrolEnded => d.decode().map(Fact::PatrolEnded),
            ChangeKind::TrackSegment => d.decode().map(Fact::TrackSegment),
            ChangeKind::Counted => d.decode().map(Fact::Counted),
            ChangeKind::CaseReported => d.decode().map(Fact::CaseReported),
            ChangeKind::UrgentStarted => d.decode().map(Fact::UrgentStarted),
            ChangeKind::UrgentMilestone => d.decode().map(Fact::UrgentMilestone),
            ChangeKind::Unknown(_) => Ok(Fact::Unknown),
        }
        .map_err(malformed)?;
        if fact != Fact::Unknown {
            (0..unknown).try_for_each(|_| d.skip()).map_err(malformed)?;
            if d.position() != bytes.len() {
                return Err(WireError::Malformed { what });
            }
        }
        Ok(Self { stamp, fact })
    }
}
