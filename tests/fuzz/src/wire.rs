//! The messages between a field book and the platform.

use std::fmt::Debug;

use grid_model::limits::{
    BATCH_BYTES_MAX, BODY_BYTES_MAX, ENTRIES_PER_BATCH_MAX, FRAME_BYTES, SEGMENT_POINTS_MAX,
};
use grid_model::{ChangeKind, Coded as _, Seq};
use grid_vault::{Domain, chain_link, chain_start, frame_digests, open_signed, sign_message};
use grid_wire::enroll::{self, EnrollRequest};
use grid_wire::feed::CheckpointRow;
use grid_wire::track::Segment;
use grid_wire::{
    BatchHeader, Body, Checkpoint, ContinueRequest, Continued, ExchangeRequest, ExchangeResponse, Fact,
    FeedRow, Forms, KeyNotice, PostRow, PullPage, Receipt, ReceiptRange, RowKind, Signed, TaskRow, batch,
    decode, encode, exchange, form, lifeboat, resume,
};
use minicbor::{Decode, Encode};

use crate::keys::{DEVICE, EPOCH, VAULT};

/// Reads a message that stands in its bytes as it is. What reads must read back equal once it is written again.
pub(crate) fn plain<T>(bytes: &[u8]) -> Option<T>
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug,
{
    let message: T = decode(bytes, "message").ok()?;
    let again = decode::<T>(&encode(&message), "message");
    assert_eq!(again.as_ref(), Ok(&message), "written again");
    Some(message)
}

/// The bytes in a zstd frame.
pub(crate) fn squeezed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 1).unwrap_or_default()
}

/// A sync request, and what its header and body say.
pub fn exchange_request(bytes: &[u8]) -> bool {
    let Ok(request) = ExchangeRequest::from_bytes(bytes) else {
        return false;
    };
    let again = ExchangeRequest::from_bytes(&request.to_bytes());
    assert_eq!(again.as_ref(), Ok(&request), "written again");
    assert_eq!(
        request.to_bytes().len(),
        bytes.len().min(request.to_bytes().len())
    );
    batch_header(&request.header.bytes);
    let _ = form::entries_of(&request);
    true
}

/// A request to go on with a sync that was cut, and what its header says.
pub fn continue_request(bytes: &[u8]) -> bool {
    let before = resume::before_body(bytes);
    let Ok(request) = ContinueRequest::from_bytes(bytes) else {
        return false;
    };
    let again = ContinueRequest::from_bytes(&request.to_bytes());
    assert_eq!(again.as_ref(), Ok(&request), "written again");
    assert_eq!(before, Some(bytes.len() - request.body.len()));
    let from = request.part.from_frame.unwrap_or_default() as usize * FRAME_BYTES;
    assert!(
        from + request.body.len() <= BATCH_BYTES_MAX,
        "more than a body has"
    );
    batch_header(&request.header.bytes);
    true
}

/// What the platform answers to it.
pub fn continued(bytes: &[u8]) -> bool {
    let Ok(read) = Continued::from_bytes(bytes) else {
        return false;
    };
    let again = match &read {
        Continued::Whole(whole) => {
            exchange_answer(whole);
            whole.clone()
        }
        Continued::Tail(tail) => resume::tail_bytes(tail),
        Continued::Partial { frames } => resume::partial_bytes(*frames),
        Continued::Refused(refusal) => exchange::refusal_bytes(refusal),
    };
    assert_eq!(Continued::from_bytes(&again).as_ref(), Ok(&read), "written again");
    true
}

/// The signed header of a batch.
pub fn batch_header(bytes: &[u8]) -> bool {
    let Some(header) = plain::<BatchHeader>(bytes) else {
        return false;
    };
    assert!(header.frames.len() * 32 <= bytes.len(), "more digests than bytes");
    true
}

/// A batch body as it travels, and the same bytes as what is inside one.
pub fn batch_body(bytes: &[u8]) -> bool {
    let travelled = unpacked(bytes);
    let inside = unpacked(&squeezed(bytes));
    travelled || inside
}

/// What is inside a batch body in columns, and the same bytes as the body of a change in one.
pub fn batch_columns(bytes: &[u8]) -> bool {
    let frame = squeezed(bytes);
    let is_batch = unpacked(&[&[2], frame.get(4..).unwrap_or_default()].concat());
    let entry = grid_wire::Entry {
        seq: grid_model::Seq(9),
        lane: grid_model::Lane::task(grid_model::TaskId([7; 16])),
        prev_in_lane: grid_model::Seq(4),
        kind: ChangeKind::TaskAccepted,
        schema_version: 1,
        body: bytes.to_vec(),
    };
    let entries = [entry];
    let again = form::pack_for(&entries, Forms::ours());
    assert_eq!(
        batch::unpack(&again).as_deref(),
        Ok(entries.as_slice()),
        "byte for byte"
    );
    is_batch
}

fn unpacked(body: &[u8]) -> bool {
    let Ok(entries) = batch::unpack(body) else {
        return false;
    };
    assert!(entries.len() <= ENTRIES_PER_BATCH_MAX);
    for entry in &entries {
        assert!(entry.seq.0 > 0 && entry.prev_in_lane < entry.seq);
        assert!(entry.body.len() <= BODY_BYTES_MAX);
    }
    let again = form::pack_for(&entries, Forms::ours());
    assert_eq!(batch::unpack(&again).as_ref(), Ok(&entries), "written in columns");
    let again = batch::pack(&entries);
    assert_eq!(batch::unpack(&again).as_ref(), Ok(&entries), "written again");
    assert_eq!(frame_digests(&again).len(), again.len().div_ceil(FRAME_BYTES));
    let start = chain_start(DEVICE, EPOCH);
    let _ = entries.iter().fold(start, chain_link);
    true
}

/// A receipt, or one range of one.
pub fn receipt(bytes: &[u8]) -> bool {
    let range = plain::<ReceiptRange>(bytes);
    if let Some(range) = &range {
        let verdict = range.verdict();
        let joined = Receipt::join([(range.from(), verdict)]);
        assert_eq!(joined.first().map(ReceiptRange::verdict), Some(verdict));
    }
    let Some(receipt) = plain::<Receipt>(bytes) else {
        return range.is_some();
    };
    let spans: Vec<_> = receipt
        .ranges
        .iter()
        .map(|range| (range.from().0, range.to().0))
        .collect();
    let ascends = spans.is_sorted_by(|one, next| one.1 < next.0) && spans.iter().all(|(from, to)| from <= to);
    for (from, _) in spans {
        let told = receipt.verdict_on(Seq(from)).is_some();
        // One whose ranges do not ascend may keep silent, and never speaks of what is in none of them.
        let speaks = receipt_speaks(&receipt, from);
        assert!(told == speaks || !ascends && !told);
    }
    let ends = receipt
        .ranges
        .iter()
        .flat_map(|range| [(range.from(), range.verdict()), (range.to(), range.verdict())]);
    let joined = Receipt::join(ends);
    assert!(joined.len() <= 2 * receipt.ranges.len());
    true
}

fn receipt_speaks(receipt: &Receipt, seq: u64) -> bool {
    receipt
        .ranges
        .iter()
        .any(|range| (range.from().0..=range.to().0).contains(&seq))
}

/// A page of the feed, or one row or checkpoint of one.
pub fn feed_page(bytes: &[u8]) -> bool {
    let alone = [
        plain::<FeedRow>(bytes).is_some_and(|row| {
            feed_row(&row);
            true
        }),
        plain::<TaskRow>(bytes).is_some(),
        plain::<PostRow>(bytes).is_some(),
        plain::<CheckpointRow>(bytes).is_some(),
        plain::<Checkpoint>(bytes).is_some(),
    ];
    let page = plain::<PullPage>(bytes);
    if let Some(page) = &page {
        page.rows.iter().for_each(feed_row);
        if let Some(checkpoint) = &page.checkpoint {
            let _ = plain::<Checkpoint>(&checkpoint.bytes);
            // Nobody fuzzes a signature into being right.
            assert!(open_signed(&VAULT.public, Domain::Checkpoint, checkpoint).is_err());
        }
    }
    page.is_some() || alone.contains(&true)
}

/// Reads a row's body as a device does.
fn feed_row(row: &FeedRow) {
    match row.kind {
        RowKind::Task => drop(plain::<TaskRow>(&row.body)),
        RowKind::Post => drop(plain::<PostRow>(&row.body)),
        _ => {}
    }
}

/// The body of a change; its kind stands in the first two bytes.
pub fn fact_body(bytes: &[u8]) -> bool {
    let Some((kind, bytes)) = bytes.split_first_chunk::<2>() else {
        return false;
    };
    let kind = ChangeKind::from_code(u16::from_be_bytes(*kind));
    let Ok(body) = Body::from_bytes(kind, bytes) else {
        return false;
    };
    assert!(bytes.len() <= BODY_BYTES_MAX);
    if body.fact != Fact::Unknown {
        assert_eq!(body.fact.kind(), kind);
    }
    let again = Body::from_bytes(kind, &body.to_bytes());
    assert_eq!(again.as_ref(), Ok(&body), "written again");
    assert!(
        body.fact.attachments().len() * 32 <= bytes.len(),
        "more attachments than bytes"
    );
    if let Fact::TrackSegment(segment) = &body.fact {
        unrolled(segment);
    }
    true
}

/// A track segment.
pub fn track_segment(bytes: &[u8]) -> bool {
    plain::<Segment>(bytes).is_some_and(|segment| unrolled(&segment))
}

fn unrolled(segment: &Segment) -> bool {
    let Ok(points) = segment.points() else {
        return false;
    };
    assert!(!points.is_empty() && points.len() <= SEGMENT_POINTS_MAX);
    assert_eq!(points.len(), segment.count as usize);
    let again = Segment::of(segment.first_index, &points).map(|again| again.points());
    assert_eq!(again, Some(Ok(points)), "rolled up again");
    true
}

/// What the platform answers to anything: the answer itself, with and without its compression, what one says of keys, or a
/// refusal.
pub fn answers(bytes: &[u8]) -> bool {
    let marked = [b"GFR1".as_slice(), &squeezed(bytes)].concat();
    let mut read = exchange_answer(bytes) | exchange_answer(&marked) | plain::<KeyNotice>(bytes).is_some();
    if let Ok(answer) = enroll::answer_from(bytes) {
        let again = match &answer {
            Ok(answer) => enroll::answer_bytes(answer),
            Err(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(enroll::answer_from(&again).as_ref(), Ok(&answer), "written again");
        read = true;
    }
    if let Ok(answer) = lifeboat::answer_from(bytes) {
        let again = match &answer {
            Ok(answer) => lifeboat::answer_bytes(answer),
            Err(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(
            lifeboat::answer_from(&again).as_ref(),
            Ok(&answer),
            "written again"
        );
        read = true;
    }
    if let Some(refusal) = exchange::refusal_from(bytes) {
        let again = exchange::refusal_from(&exchange::refusal_bytes(&refusal));
        assert_eq!(again, Some(refusal), "written again");
        read = true;
    }
    read
}

fn exchange_answer(bytes: &[u8]) -> bool {
    let Ok(read) = ExchangeResponse::from_bytes(bytes) else {
        return false;
    };
    let again = match &read {
        Ok(answer) => answer.to_bytes(),
        Err(refusal) => exchange::refusal_bytes(refusal),
    };
    assert_eq!(
        ExchangeResponse::from_bytes(&again).as_ref(),
        Ok(&read),
        "written again"
    );
    if let Ok(answer) = read {
        receipt(&answer.receipt.bytes);
        answer.page.rows.iter().for_each(feed_row);
        for notice in answer.key_notices.iter().flatten() {
            let _ = plain::<KeyNotice>(&notice.bytes);
            assert!(open_signed(&VAULT.public, Domain::Keys, notice).is_err());
        }
    }
    true
}

/// An enrolment request as it travels, and what is signed in it.
pub fn enrolment(bytes: &[u8]) -> bool {
    let alone = plain::<EnrollRequest>(bytes).is_some();
    let Ok((signed, request)) = enroll::request_from(bytes) else {
        return alone;
    };
    let again = enroll::request_from(&enroll::request_bytes(&signed));
    assert_eq!(again, Ok((signed, request)), "written again");
    true
}

/// Bytes with a signature: a strange one never holds, ours holds for its purpose and for nothing else.
pub fn signed(bytes: &[u8]) -> bool {
    let stranger = plain::<Signed>(bytes);
    if let Some(stranger) = &stranger {
        assert!(open_signed(&VAULT.public, Domain::Batch, stranger).is_err());
    }
    let ours = sign_message(&VAULT.secret, Domain::Receipt, bytes.to_vec());
    assert_eq!(open_signed(&VAULT.public, Domain::Receipt, &ours), Ok(bytes));
    assert!(open_signed(&VAULT.public, Domain::Batch, &ours).is_err());
    let Some(read) = plain::<Signed>(&encode(&ours)) else {
        panic!("what was signed does not read");
    };
    assert_eq!(read, ours);
    stranger.is_some()
}
