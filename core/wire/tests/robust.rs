//! No bytes make a decoder panic, recurse without bound or wait for what will never come.

mod cases;
mod doors;
mod hostile;
mod samples;

use cases::{grown, nested, seeded};
use doors::Door;
use grid_model::{ChangeKind, Coded, limits};
use grid_wire::enroll::{EnrollRequest, EnrollResponse};
use grid_wire::feed::CheckpointRow;
use grid_wire::lifeboat::{
    CaptureGrant, CaptureKit, ChangeFrame, FileKeyRow, FixesFrame, LifeboatAnswer, SegmentHeader,
    VaultPrivate,
};
use grid_wire::track::Segment;
use grid_wire::{
    Attachment, BatchHeader, Beacon, Checkpoint, ExchangeResponse, FeedRow, Forms, Head, Part, PostRow,
    PullPage, ReceiptRange, Refusal, Signed, TaskRow, WireError, batch, exchange, form,
};
use hostile::{MARKS, claim, dressed, frame, soup, zeros};
use proptest::prelude::*;

/// Every way in.
fn all_doors() -> Vec<Door> {
    let mut all = vec![
        doors::plain::<Attachment>(),
        doors::plain::<BatchHeader>(),
        doors::plain::<Beacon>(),
        doors::plain::<Checkpoint>(),
        doors::plain::<CheckpointRow>(),
        doors::plain::<EnrollRequest>(),
        doors::plain::<EnrollResponse>(),
        doors::plain::<ExchangeResponse>(),
        doors::plain::<FeedRow>(),
        doors::plain::<Head>(),
        doors::plain::<PostRow>(),
        doors::plain::<PullPage>(),
        doors::plain::<ReceiptRange>(),
        doors::plain::<Refusal>(),
        doors::plain::<Segment>(),
        doors::plain::<Signed>(),
        doors::plain::<TaskRow>(),
        doors::plain::<CaptureGrant>(),
        doors::plain::<CaptureKit>(),
        doors::plain::<ChangeFrame>(),
        doors::plain::<FileKeyRow>(),
        doors::plain::<FixesFrame>(),
        doors::plain::<LifeboatAnswer>(),
        doors::plain::<Part>(),
        doors::plain::<SegmentHeader>(),
        doors::plain::<VaultPrivate>(),
        doors::receipt(),
        doors::batch_packed(),
        doors::batch_inflated(),
        doors::request(),
        doors::continue_request(),
        doors::continued(),
        doors::answer(),
        doors::answer_inflated(),
        doors::refusal(),
        doors::enroll_request(),
        doors::enroll_answer(),
        doors::lifeboat_answer(),
        doors::header_block(),
        doors::frame(),
        doors::segment(),
    ];
    all.extend(ChangeKind::known().iter().map(|kind| doors::body(*kind)));
    all.push(doors::body(ChangeKind::Unknown(999)));
    all
}

/// Knocks at every door with the bytes in every dress. The doors panic, if anything does.
fn knock(all: &[Door], bytes: &[u8]) {
    for dress in dressed(bytes) {
        for door in all {
            let _ = door(&dress);
        }
    }
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        knock(&all_doors(), &bytes);
    }

    #[test]
    fn any_tokens_are_a_message_or_an_error(bytes in soup()) {
        knock(&all_doors(), &bytes);
    }

    #[test]
    fn a_mauled_message_is_a_message_or_an_error(
        which in any::<prop::sample::Index>(),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3), 1..8),
        other in soup(),
    ) {
        let samples = samples::all();
        let sample = which.get(&samples);
        let mut bytes = sample.bytes.clone();
        for (at, byte, how) in wounds {
            let at = at.index(bytes.len() + 1);
            match how {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => drop(bytes.splice(at..at, other.iter().take(usize::from(byte % 16)).copied())),
            }
        }
        let _ = (sample.door)(&bytes);
        knock(&all_doors(), &bytes);
    }
}

#[test]
fn a_message_cut_anywhere_is_an_error() {
    for sample in samples::all() {
        for length in 0..sample.bytes.len() {
            let read = (sample.door)(&sample.bytes[..length]);
            let may_be_read = match sample.message.as_str() {
                // The body may end anywhere: its frames have digests of their own in the header.
                "exchange_request" | "continue_request" => length >= sample.cbor.end,
                // Of an unknown kind nothing is read but the stamp.
                "fact_unknown" => length >= start_of_fact(&sample),
                _ => false,
            };
            assert_eq!(
                read.is_ok(),
                may_be_read,
                "{}, {}, cut to {length}: {read:?}",
                sample.message,
                sample.which
            );
        }
    }
    for (packed, door) in compressed() {
        // A batch body of no bytes is a request that pushes nothing.
        for length in 1..packed.len() {
            assert!(door(&packed[..length]).is_err(), "cut to {length}");
        }
    }
}

#[test]
fn a_byte_too_many_is_an_error() {
    // One that asks has no body; one that brings a part takes any.
    let takes_any_tail = |sample: &samples::Sample| match sample.message.as_str() {
        "exchange_request" | "fact_unknown" => true,
        "continue_request" => sample.cbor.end < sample.bytes.len(),
        _ => false,
    };
    for sample in samples::all()
        .into_iter()
        .filter(|sample| !takes_any_tail(sample))
    {
        let longer = [sample.bytes.as_slice(), &[0]].concat();
        assert!(
            (sample.door)(&longer).is_err(),
            "{}, {}",
            sample.message,
            sample.which
        );
    }
    for (packed, door) in compressed() {
        assert!(door(&[packed.as_slice(), &[0]].concat()).is_err());
    }
}

#[test]
fn a_message_with_any_bit_flipped_is_a_message_or_an_error() {
    let plain = samples::all()
        .into_iter()
        .map(|sample| (sample.bytes, sample.door));
    for (mut bytes, door) in plain.chain(compressed()) {
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let _ = door(&bytes);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// The two messages that travel compressed, as they travel.
fn compressed() -> [(Vec<u8>, Door); 2] {
    let page = PullPage {
        rows: vec![samples::messages::feed_row(); 30],
        ..PullPage::default()
    };
    let receipt = samples::signed(vec![7; 40]);
    let answer = ExchangeResponse {
        version: 1,
        receipt,
        page,
        upload_grant: "grant".into(),
        key_notices: None,
    };
    let entries = samples::messages::entries();
    [
        (batch::pack(&entries), doors::batch_packed()),
        (answer.to_bytes(), doors::answer()),
    ]
}

#[test]
fn an_answer_that_was_altered_on_the_way_is_none() {
    // Rows of a page, and rows of noise, which zstd keeps as they are: no signature covers either.
    let noise: Vec<u8> = (0..600_u32)
        .map(|n| (n.wrapping_mul(0x9E37_79B1) >> 13) as u8)
        .collect();
    let row = |id: u8, body: Vec<u8>| FeedRow {
        kind: grid_wire::RowKind::Task,
        id: vec![id; 16],
        revision: u64::from(id),
        body,
        moved: None,
    };
    let nothing = grid_wire::Signed {
        bytes: Vec::new(),
        signature: vec![0; 64],
    };
    let answer = ExchangeResponse {
        version: 1,
        receipt: nothing,
        page: PullPage {
            from: 0,
            next: 2,
            more: false,
            rows: vec![row(1, vec![7; 300]), row(2, noise)],
            checkpoint: None,
        },
        upload_grant: String::new(),
        key_notices: None,
    };
    let bytes = answer.to_bytes();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let read = ExchangeResponse::from_bytes(&altered);
        // A bit that the format does not look at changes nothing.
        let same = read.as_ref().is_ok_and(|read| read.as_ref() == Ok(&answer));
        assert!(read.is_err() || same, "bit {bit}: {read:?}");
    }
}

#[test]
fn a_claim_of_2_to_the_60_things_is_an_error_at_once() {
    for sample in samples::all()
        .into_iter()
        .filter(|sample| sample.message != "fact_unknown")
    {
        let mut tokens = minicbor::Decoder::new(&sample.bytes[..sample.cbor.end]);
        tokens.set_position(sample.cbor.start);
        while tokens.position() < sample.cbor.end {
            let at = tokens.position();
            for head in (2..6).map(claim) {
                let mut bytes = sample.bytes.clone();
                bytes.splice(at..=at, head);
                assert!(
                    (sample.door)(&bytes).is_err(),
                    "{}, {}, claim at {at}",
                    sample.message,
                    sample.which
                );
            }
            assert!(tokens.tokens().token().is_ok());
        }
    }
    let everywhere = [0xa2, 0]
        .into_iter()
        .chain(claim(4))
        .chain([1])
        .chain(claim(4))
        .collect::<Vec<_>>();
    assert!(doors::batch_inflated()(&everywhere).is_err());
    let request = [b"GFB1".as_slice(), &u32::MAX.to_be_bytes(), &[0; 64]].concat();
    assert_eq!(
        doors::request()(&request),
        Err(WireError::TooLarge { what: "sync request" })
    );
}

#[test]
fn a_part_of_a_body_fits_into_a_body() {
    let read = |from_frame: u32, body: usize| {
        let mut request = samples::resume::request();
        request.part.from_frame = Some(from_frame);
        request.body = vec![0; body];
        doors::continue_request()(&request.to_bytes())
    };
    let too_large = Err(WireError::TooLarge {
        what: "request to go on",
    });
    assert_eq!(read(127, limits::FRAME_BYTES), Ok(()));
    assert_eq!(read(127, limits::FRAME_BYTES + 1), too_large);
    assert_eq!(read(0, limits::BATCH_BYTES_MAX), Ok(()));
    assert_eq!(read(0, limits::BATCH_BYTES_MAX + 1), too_large);
    assert_eq!(read(129, 0), too_large);
    assert_eq!(read(u32::MAX, 0), too_large);
    let frames = |frames| doors::continued()(&grid_wire::resume::partial_bytes(frames));
    assert_eq!(frames(128), Ok(()));
    let what = "answer about a part";
    assert_eq!(frames(129), Err(WireError::TooLarge { what }));
}

#[test]
fn the_beginning_of_a_request_tells_where_its_body_begins() {
    for sample in samples::all() {
        let is_request = matches!(sample.message.as_str(), "exchange_request" | "continue_request");
        let end = is_request.then_some(sample.cbor.end);
        for length in 0..=sample.bytes.len() {
            let told = grid_wire::resume::before_body(&sample.bytes[..length]);
            assert_eq!(told, end.filter(|_| length >= 8), "{}, {length}", sample.message);
        }
    }
    let longest = [b"GFC1".as_slice(), &(64 * 1024_u32).to_be_bytes()].concat();
    assert_eq!(grid_wire::resume::before_body(&longest), Some(8 + 64 * 1024));
    let longer = [b"GFC1".as_slice(), &(64 * 1024 + 1_u32).to_be_bytes()].concat();
    assert_eq!(grid_wire::resume::before_body(&longer), None);
}

#[test]
fn unknown_fields_ten_thousand_levels_deep_are_passed_over() {
    let value = nested(10_000, false);
    for sample in samples::all()
        .into_iter()
        .filter(|sample| sample.message != "receipt_range")
    {
        if sample.message.starts_with("fact_") {
            let third = grown(&sample.bytes, 0, &value);
            assert_eq!(
                (sample.door)(&third),
                Ok(()),
                "beside {}, {}",
                sample.message,
                sample.which
            );
        }
        let read = (sample.door)(&grow(&sample, &value));
        let expected = match sample.message.as_str() {
            "enroll_request" if sample.cbor.start > 0 => Err(WireError::TooLarge {
                what: "enrolment request",
            }),
            _ => Ok(()),
        };
        assert_eq!(read, expected, "{}, {}", sample.message, sample.which);
    }
}

#[test]
fn no_depth_exhausts_the_stack() {
    let deep = [
        nested(200_000, false),
        nested(100_000, true),
        [&[0x82, 0x9f], &*nested(200_000, true)].concat(),
    ];
    let doors = all_doors();
    for value in deep {
        for sample in samples::all() {
            let _ = (sample.door)(&grow(&sample, &value));
        }
        knock(&doors, &value);
    }
}

/// The sample with an unknown field at the end of its outermost list or map; for a fact, of the fact's own map.
fn grow(sample: &samples::Sample, value: &[u8]) -> Vec<u8> {
    let start = if sample.message.starts_with("fact_") {
        start_of_fact(sample)
    } else {
        sample.cbor.start
    };
    let mut bytes = grown(&sample.bytes[..sample.cbor.end], start, value);
    if matches!(sample.message.as_str(), "exchange_request" | "continue_request") {
        let header = u32::try_from(bytes.len() - 8).unwrap_or(u32::MAX);
        bytes[4..8].copy_from_slice(&header.to_be_bytes());
        bytes.extend(&sample.bytes[sample.cbor.end..]);
    }
    bytes
}

/// Where the fact stands in a body `[stamp, fact]`.
fn start_of_fact(sample: &samples::Sample) -> usize {
    let mut decoder = minicbor::Decoder::new(&sample.bytes);
    let stamp = decoder.array().and_then(|_| decoder.skip());
    assert!(stamp.is_ok(), "{} begins with a stamp", sample.message);
    decoder.position()
}

#[test]
fn a_frame_with_any_bit_flipped_cut_anywhere_or_longer_is_none() {
    let frame = samples::lifeboat::frame();
    let door = doors::frame();
    assert_eq!(door(&frame), Ok(()));
    for bit in 0..frame.len() * 8 {
        let mut hit = frame.clone();
        hit[bit / 8] ^= 1 << (bit % 8);
        // The mark is the segment's to compare, and this door takes any; the checksum covers it all the same.
        assert!(door(&hit).is_err(), "bit {bit}");
    }
    for length in 0..frame.len() {
        assert!(door(&frame[..length]).is_err(), "cut to {length}");
    }
    assert!(door(&[frame.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn a_zstd_bomb_is_too_large() {
    let two_blocks = zstd::stream::decode_all(zeros(17, 2).as_slice());
    assert_eq!(
        two_blocks.ok(),
        Some(vec![0; 2 * 128 * 1024]),
        "the bomb is a frame that zstd itself reads"
    );
    let gibibyte = zeros(17, 8 * 1024);
    assert!(gibibyte.len() < limits::BATCH_BYTES_MAX);
    assert_eq!(
        doors::batch_packed()(&gibibyte),
        Err(WireError::TooLarge { what: "batch body" })
    );
    let many_frames = zeros(17, 64).repeat(128);
    assert_eq!(
        doors::batch_packed()(&many_frames),
        Err(WireError::TooLarge { what: "batch body" })
    );
    let answer = [b"GFR1".as_slice(), &gibibyte].concat();
    assert_eq!(
        doors::answer()(&answer),
        Err(WireError::TooLarge { what: "sync answer" })
    );
    assert_eq!(doors::enroll_answer()(&answer), Err(WireError::NotOurs));
}

#[test]
fn a_zstd_frame_may_not_ask_for_more_memory_than_a_message_has() {
    let largest = limits::BATCH_INFLATED_BYTES_MAX.ilog2() as u8;
    let read = |window_log| doors::batch_packed()(&frame(window_log, &[0xa2, 0, 0x80, 1, 0x80]));
    assert_eq!(read(largest), Ok(()));
    assert_eq!(
        read(largest + 1),
        Err(WireError::Malformed { what: "batch body" })
    );
    assert_eq!(read(27), Err(WireError::Malformed { what: "batch body" }));
}

#[test]
fn more_entries_than_a_batch_may_have_are_too_large() {
    let entry = samples::messages::entries().remove(0);
    let full = vec![entry.clone(); limits::ENTRIES_PER_BATCH_MAX];
    assert_eq!(
        batch::unpack(&batch::pack(&full)).map(|entries| entries.len()),
        Ok(full.len())
    );
    let over = vec![entry; limits::ENTRIES_PER_BATCH_MAX + 1];
    assert_eq!(
        batch::unpack(&batch::pack(&over)),
        Err(WireError::TooLarge { what: "batch body" })
    );
    let broad = vec![0; limits::BATCH_BYTES_MAX + 1];
    assert_eq!(
        batch::unpack(&broad),
        Err(WireError::TooLarge { what: "batch body" })
    );
}

#[test]
fn a_change_body_over_the_limit_is_no_fact_but_travels() {
    let long = vec![0; limits::BODY_BYTES_MAX + 1];
    for kind in ChangeKind::known() {
        assert_eq!(
            doors::body(*kind)(&long),
            Err(WireError::TooLarge { what: "change body" })
        );
    }
    let mut entry = samples::messages::entries()[0].clone();
    entry.body = long;
    // It holds up none of the others: the platform parks it.
    let other = samples::messages::entries()[1].clone();
    let both = [entry, other];
    assert!(batch::unpack(&batch::pack(&both)).is_ok_and(|read| read == both));
    let columns = form::pack_for(&both, Forms::ours());
    assert!(batch::unpack(&columns).is_ok_and(|read| read == both));
    // Beyond what is kept, nothing bounds a reader's memory but a refusal.
    let mut beyond = both;
    beyond[0].body = vec![0; limits::BODY_KEPT_BYTES_MAX + 1];
    for packed in [batch::pack(&beyond), form::pack_for(&beyond, Forms::ours())] {
        assert_eq!(
            batch::unpack(&packed),
            Err(WireError::Malformed { what: "batch body" })
        );
    }
}

#[test]
fn the_page_of_a_captive_portal_is_not_ours() {
    let page = b"<!DOCTYPE html><html><head><title>WiFi</title></head><body>Please log in</body></html>";
    let strangers: [&[u8]; 5] = [
        page,
        b"",
        b"GFB",
        b"{\"error\":\"gateway\"}",
        b"HTTP/1.1 502 Bad Gateway\r\n\r\n",
    ];
    for bytes in strangers {
        for door in [
            doors::request(),
            doors::answer(),
            doors::continue_request(),
            doors::continued(),
            doors::enroll_request(),
            doors::enroll_answer(),
            doors::lifeboat_answer(),
            doors::header_block(),
            doors::segment(),
        ] {
            assert_eq!(door(bytes), Err(WireError::NotOurs));
        }
        assert_eq!(exchange::refusal_from(bytes), None);
    }
}

#[test]
fn a_message_in_the_wrong_place_is_not_ours_and_a_broken_one_is_malformed() {
    let own: [(Door, &[&[u8; 4]]); 7] = [
        (doors::request(), &[b"GFB1"]),
        (doors::continue_request(), &[b"GFC1"]),
        (doors::answer(), &[b"GFR1", b"GFX1"]),
        (doors::enroll_request(), &[b"GFE1"]),
        (doors::enroll_answer(), &[b"GFN1", b"GFX1"]),
        (doors::lifeboat_answer(), &[b"GFA1", b"GFX1"]),
        (doors::header_block(), &[b"GFL1"]),
    ];
    for (door, own_marks) in own {
        for mark in MARKS {
            let read = door(&[mark.as_slice(), b"\xff\xff"].concat());
            let expected_ours = own_marks.contains(&mark);
            assert_eq!(
                matches!(read, Err(WireError::Malformed { .. })),
                expected_ours,
                "{mark:?}: {read:?}"
            );
            assert_eq!(
                read == Err(WireError::NotOurs),
                !expected_ours,
                "{mark:?}: {read:?}"
            );
        }
    }
}

#[test]
fn a_newer_version_is_told_apart_whatever_else_it_changed() {
    let newer = Err(WireError::Newer { found: 2 });
    // Version 2 with fields that this build does not know, and without those that it expects.
    let cbor = [0xa2, 0x00, 0x02, 0x18, 0x63, 0x61, b'x'];
    assert_eq!(doors::answer_inflated()(&cbor), newer);
    assert_eq!(
        doors::enroll_answer()(&[b"GFN1".as_slice(), &cbor].concat()),
        newer
    );
    let request = grid_wire::encode(&samples::signed(cbor.to_vec()));
    assert_eq!(
        doors::enroll_request()(&[b"GFE1".as_slice(), &request].concat()),
        newer
    );
    let asked = [
        &[0x82],
        grid_wire::encode(&samples::signed(vec![])).as_slice(),
        &cbor,
    ]
    .concat();
    let length = (asked.len() as u32).to_be_bytes();
    assert_eq!(
        doors::continue_request()(&[b"GFC1".as_slice(), &length, &asked].concat()),
        newer
    );
    for sample in samples::all() {
        let marked = matches!(
            sample.message.as_str(),
            "exchange_response" | "enroll_response" | "lifeboat_answer" | "continued_partial"
        );
        if marked {
            let mut bytes = sample.bytes.clone();
            bytes[sample.cbor.start + 2] = 2;
            assert_eq!(
                (sample.door)(&bytes),
                newer,
                "{}, {}",
                sample.message,
                sample.which
            );
        }
    }
}

#[test]
fn a_point_off_the_earth_is_malformed() {
    for latitude in [i32::MIN, -900_000_001, 900_000_001, i32::MAX] {
        for (lat, lon) in [(latitude, 0), (0, latitude.saturating_mul(2))] {
            let mut arrived = vec![0x82, 0x83, 0, 0, 0, 0xa1, 0, 0x82];
            for degrees in [lat, lon] {
                let (major, number) = if degrees < 0 {
                    (0x3a, !degrees)
                } else {
                    (0x1a, degrees)
                };
                arrived.push(major);
                arrived.extend(number.to_be_bytes());
            }
            let read = doors::body(ChangeKind::TaskArrived)(&arrived);
            assert_eq!(
                read,
                Err(WireError::Malformed { what: "change body" }),
                "{lat}, {lon}"
            );
        }
    }
}
