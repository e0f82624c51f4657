//! What a lifeboat segment is made of, and the answer to one.

use grid_model::track::TrackPoint;
use grid_model::{Epoch, PatrolId, Seq};
use grid_wire::lifeboat::{
    CaptureGrant, CaptureKit, ChangeFrame, EnrolmentWire, FileKeyRow, FixesFrame, FrameHead, FrameKind,
    LifeboatAnswer, SegmentHeader, VaultPrivate, answer_bytes, answer_from, put_frame,
};
use grid_wire::{Entry, Head, encode};

use super::messages::{entries, pair};
use super::{NOW_MS, Sample, hash, id, signed};
use crate::doors;

/// The samples of everything in a segment.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = pair(
        "segment_header",
        &header(),
        &SegmentHeader::new(id(0), Epoch(0), [0; 16]),
    );
    samples.extend(captures());
    samples.extend(pair("file_key_row", &file(), &least_file()));
    samples.extend(pair(
        "change_frame",
        &ChangeFrame::new(&entries()[2], NOW_MS, vec![file()]),
        &ChangeFrame::new(&least_entry(), 0, vec![]),
    ));
    samples.extend(pair(
        "fixes_frame",
        &FixesFrame::new(
            id(0x33),
            1_799,
            &[
                fix(),
                TrackPoint {
                    at_ms: NOW_MS + 1_000,
                    ..fix()
                },
            ],
        ),
        &FixesFrame::new(PatrolId([0; 16]), 0, &[]),
    ));
    samples.extend(privates());
    samples.extend(answers());
    samples
}

/// A header of a segment that was written while the vault was locked.
pub(crate) fn header() -> SegmentHeader {
    let mut header = SegmentHeader::new(id(0x22), Epoch(0xfeed_f00d_dead_beef), [0x99; 16]);
    header.key_for_vault = vec![1; 60];
    header.key_for_platform = vec![2; 113];
    header.platform_key_id = vec![3; 8];
    header.private = vec![4; 40];
    header.capture = Some(signed(encode(&grant())));
    header
}

/// A whole frame as it lies in a segment, and the mark it begins with.
pub(crate) fn frame() -> Vec<u8> {
    let head = FrameHead {
        kind: FrameKind::Change,
        index: 7,
        head: Head::new(Seq(502), hash(0x11)),
        body_hash: hash(0x12),
    };
    let mut bytes = Vec::new();
    put_frame(&mut bytes, header().mark(), &head, b"(sealed)");
    bytes
}

fn grant() -> CaptureGrant {
    CaptureGrant {
        device: id(0x22),
        public: vec![4; 65],
    }
}

fn captures() -> Vec<Sample> {
    let least_grant = CaptureGrant {
        device: id(0),
        public: vec![],
    };
    let kit = CaptureKit {
        device: id(0x22),
        grant: signed(encode(&grant())),
        secret: vec![5; 32],
        vault_public: vec![6; 65],
        platform_public: vec![7; 65],
    };
    let least_kit = CaptureKit {
        device: id(0),
        grant: signed(vec![]),
        secret: vec![],
        vault_public: vec![],
        platform_public: vec![],
    };
    let mut samples = pair("capture_grant", &grant(), &least_grant);
    samples.extend(pair("capture_kit", &kit, &least_kit));
    samples
}

fn file() -> FileKeyRow {
    FileKeyRow {
        sha256: hash(0xaa),
        mime: "image/jpeg".into(),
        bytes: 300_000,
        file_key: vec![8; 32],
    }
}

fn least_file() -> FileKeyRow {
    FileKeyRow {
        sha256: hash(0),
        mime: String::new(),
        bytes: 0,
        file_key: vec![],
    }
}

fn least_entry() -> Entry {
    Entry {
        seq: Seq(0),
        prev_in_lane: Seq(0),
        schema_version: 0,
        body: vec![],
        ..entries().remove(0)
    }
}

fn fix() -> TrackPoint {
    TrackPoint {
        at_ms: NOW_MS,
        lat_e7: 397_512_345,
        lon_e7: -1_237_298_765,
        accuracy_dm: 63,
        speed_cms: 140,
    }
}

fn privates() -> Vec<Sample> {
    let enrolment = EnrolmentWire {
        server: "https://10.0.0.5:8443".into(),
        authority: vec![9; 4],
        phone: [0x55; 16],
        phone_label: "一号机".into(),
        worker: [0x88; 16],
        display_name: "张三".into(),
        job_no: "DL0001".into(),
        org_name: "边海联勤中心".into(),
        platform_key: vec![5; 65],
        sealing_key: vec![6; 65],
    };
    let epoch = Epoch(0xfeed_f00d_dead_beef);
    pair(
        "vault_private",
        &VaultPrivate::new(vec![1; 32], vec![2; 32], epoch, Some(enrolment), vec![5; 16]),
        &VaultPrivate::new(vec![], vec![], Epoch(0), None, vec![]),
    )
}

fn answers() -> Vec<Sample> {
    let full = LifeboatAnswer {
        version: 1,
        frames: 400,
        new: 300,
        duplicate: 70,
        parked: 2,
        damaged: 1,
        fixes: 25,
    };
    let sample = |(which, answer)| {
        let bytes = answer_bytes(&answer);
        assert_eq!(answer_from(&bytes), Ok(Ok(answer)));
        Sample::marked("lifeboat_answer", which, bytes, doors::lifeboat_answer())
    };
    [("all fields", full), ("least", LifeboatAnswer::default())]
        .map(sample)
        .into()
}
