//! The sealed parts of frames: what is inside once a segment's key has opened it.

use grid_model::id::{PatrolId, Seq};
use grid_model::track::TrackPoint;
use grid_model::{ChangeKind, Coded as _, Lane, LaneKind, Sha256};
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::batch::Entry;

/// The key of an attachment's sealed file, and what is needed to deliver it.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FileKeyRow {
    /// SHA-256 of the original.
    #[cbor(n(0), with = "adapt::hash")]
    pub sha256: Sha256,
    /// Media type.
    #[n(1)]
    pub mime: String,
    /// Size of the original, bytes.
    #[n(2)]
    pub bytes: u64,
    /// Key of the sealed file, 32 bytes.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub file_key: Vec<u8>,
}

impl std::fmt::Debug for FileKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FileKeyRow({}, ‹secret›)", self.sha256)
    }
}

/// The sealed part of a change's frame.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ChangeFrame {
    #[n(0)]
    seq: u64,
    #[cbor(n(1), with = "adapt::code")]
    lane_kind: LaneKind,
    #[cbor(n(2), with = "adapt::id")]
    lane_id: [u8; 16],
    #[n(3)]
    prev_in_lane: u64,
    #[n(4)]
    kind: u16,
    #[n(5)]
    schema_version: u16,
    #[cbor(n(6), with = "minicbor::bytes")]
    body: Vec<u8>,
    /// Wall claim, for showing, UTC ms.
    #[n(7)]
    pub recorded_at_ms: i64,
    /// Keys of the attachments it names.
    #[n(8)]
    pub files: Vec<FileKeyRow>,
}

impl ChangeFrame {
    /// The frame of this change.
    pub fn new(entry: &Entry, recorded_at_ms: i64, files: Vec<FileKeyRow>) -> Self {
        Self {
            seq: entry.seq.0,
            lane_kind: entry.lane.kind,
            lane_id: entry.lane.id,
            prev_in_lane: entry.prev_in_lane.0,
            kind: entry.kind.code(),
            schema_version: entry.schema_version,
            body: entry.body.clone(),
            recorded_at_ms,
            files,
        }
    }

    /// The change.
    pub fn entry(&self) -> Entry {
        Entry {
            seq: Seq(self.seq),
            lane: Lane {
                kind: self.lane_kind,
                id: self.lane_id,
            },
            prev_in_lane: Seq(self.prev_in_lane),
            kind: ChangeKind::from_code(self.kind),
            schema_version: self.schema_version,
            body: self.body.clone(),
        }
    }
}

/// The sealed part of a frame of fixes: consecutive fixes of one patrol.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FixesFrame {
    /// The patrol.
    #[cbor(n(0), with = "adapt::id")]
    pub patrol: PatrolId,
    /// Number of the first fix in the patrol, from 0.
    #[n(1)]
    pub first: u64,
    #[n(2)]
    columns: Vec<(i64, i32, i32, u32, u32)>,
}

impl FixesFrame {
    /// These fixes of a patrol, the first of which has this number.
    pub fn new(patrol: PatrolId, first: u64, fixes: &[TrackPoint]) -> Self {
        let columns = fixes
            .iter()
            .map(|p| (p.at_ms, p.lat_e7, p.lon_e7, p.accuracy_dm, p.speed_cms))
            .collect();
        Self {
            patrol,
            first,
            columns,
        }
    }

    /// The fixes, in order.
    pub fn fixes(&self) -> Vec<TrackPoint> {
        self.columns
            .iter()
            .map(|&(at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms)| TrackPoint {
                at_ms,
                lat_e7,
                lon_e7,
                accuracy_dm,
                speed_cms,
            })
            .collect()
    }
}
