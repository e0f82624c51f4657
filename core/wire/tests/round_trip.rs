//! Every message reads back as it was written, from any value; what tomorrow adds to it is passed over and kept.

mod cases;
mod strategies;

use std::fmt::Debug;

use cases::{grown, nested, seeded};
use grid_model::terms::ObservationKind;
use grid_model::{ChangeKind, Coded, Lane, LaneKind, Seq};
use grid_wire::fact::Observed;
use grid_wire::{
    Body, ContinueRequest, Continued, Entry, ExchangeRequest, ExchangeResponse, Fact, Receipt, ReceiptRange,
    Signed, Verdict, batch, decode, encode, enroll, exchange, resume,
};
use minicbor::{Decode, Encode};
use proptest::prelude::*;
use strategies::{facts, messages};

/// Checks that a message reads back equal: as written, with an unknown field, and with one that is a tangle of lists.
fn comes_back<T>(message: &T)
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug,
{
    let bytes = encode(message);
    for bytes in [
        bytes.clone(),
        grown(&bytes, 0, &[0xf5]),
        grown(&bytes, 0, &nested(50, false)),
    ] {
        assert_eq!(decode::<T>(&bytes, "message").as_ref(), Ok(message));
    }
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn bodies(body in facts::body(), beside in prop::collection::vec(any::<u8>(), 0..20)) {
        let (kind, bytes) = (body.fact.kind(), body.to_bytes());
        assert_eq!(Body::from_bytes(kind, &bytes).as_ref(), Ok(&body));
        let text = encode(&minicbor::bytes::ByteVec::from(beside));
        assert_eq!(Body::from_bytes(kind, &grown(&bytes, 0, &text)).as_ref(), Ok(&body), "a third element");
    }

    #[test]
    fn batch_headers(header in messages::header()) {
        comes_back(&header);
    }

    #[test]
    fn batch_entries(entries in messages::entries()) {
        prop_assert_eq!(batch::unpack(&batch::pack(&entries)), Ok(entries));
    }

    #[test]
    fn receipts(receipt in messages::receipt()) {
        comes_back(&receipt);
        // Ranges that do not ascend may say nothing, and never speak of what is in none of them.
        for seq in receipt.ranges.iter().map(|range| range.to()) {
            let told = receipt.verdict_on(seq);
            let mut of = receipt.ranges.iter().filter(|range| range.from() <= seq && seq <= range.to());
            prop_assert!(told.is_none_or(|verdict| of.any(|range| range.verdict() == verdict)));
        }
    }

    #[test]
    fn joined_verdicts_say_what_each_said(
        mut verdicts in prop::collection::vec((any::<u64>(), messages::verdict()), 0..40),
        near in any::<bool>(),
    ) {
        verdicts.iter_mut().filter(|_| near).for_each(|(seq, _)| *seq = u64::MAX - *seq % 40);
        verdicts.sort_by_key(|(seq, _)| *seq);
        let twice: Vec<_> = verdicts.iter().chain(&verdicts).map(|(seq, verdict)| (Seq(*seq), *verdict)).collect();
        prop_assert!(Receipt::join(twice).len() <= 2 * verdicts.len(), "out of order it is long, but no panic");
        verdicts.dedup_by_key(|(seq, _)| *seq);
        let ranges = Receipt::join(verdicts.iter().map(|(seq, verdict)| (Seq(*seq), *verdict)));
        let receipt = grid_wire::Receipt::new(
            (grid_model::DeviceId([0; 16]), grid_model::Epoch(0)),
            ranges,
            grid_model::Sha256([0; 32]),
            grid_model::Incarnation([0; 16]),
            (0, 0),
        );
        for (seq, verdict) in verdicts {
            prop_assert_eq!(receipt.verdict_on(Seq(seq)), Some(verdict));
        }
    }

    #[test]
    fn task_rows(row in messages::task_row()) {
        comes_back(&row);
    }

    #[test]
    fn post_rows(row in messages::post_row()) {
        comes_back(&row);
    }

    #[test]
    fn checkpoints(checkpoint in messages::checkpoint()) {
        comes_back(&checkpoint);
    }

    #[test]
    fn pages(page in messages::page()) {
        comes_back(&page);
    }

    #[test]
    fn signed_bytes(signed in strategies::signed()) {
        comes_back(&signed);
    }

    #[test]
    fn sync_requests(request in messages::request()) {
        prop_assert_eq!(ExchangeRequest::from_bytes(&request.to_bytes()), Ok(request));
    }

    #[test]
    fn requests_to_go_on(request in messages::continue_request()) {
        comes_back(&request.part);
        prop_assert_eq!(ContinueRequest::from_bytes(&request.to_bytes()), Ok(request));
    }

    #[test]
    fn answers_to_them(
        answer in messages::answer(),
        tail in strategies::bytes(),
        frames in 0_u32..=128,
        refusal in messages::refusal(),
    ) {
        let whole = answer.to_bytes();
        for (bytes, read) in [
            (whole.clone(), Continued::Whole(whole)),
            (resume::tail_bytes(&tail), Continued::Tail(tail)),
            (resume::partial_bytes(frames), Continued::Partial { frames }),
            (exchange::refusal_bytes(&refusal), Continued::Refused(refusal)),
        ] {
            prop_assert_eq!(Continued::from_bytes(&bytes), Ok(read));
        }
    }

    #[test]
    fn sync_answers(answer in messages::answer()) {
        comes_back(&answer);
        prop_assert_eq!(ExchangeResponse::from_bytes(&answer.to_bytes()), Ok(Ok(answer)));
    }

    #[test]
    fn refusals(refusal in messages::refusal()) {
        comes_back(&refusal);
        let bytes = exchange::refusal_bytes(&refusal);
        assert_eq!(exchange::refusal_from(&bytes).as_ref(), Some(&refusal));
        prop_assert_eq!(ExchangeResponse::from_bytes(&bytes), Ok(Err(refusal.clone())));
        prop_assert_eq!(enroll::answer_from(&bytes), Ok(Err(refusal)));
    }

    #[test]
    fn enrolment_requests(request in messages::enroll_request(), signature in strategies::bytes()) {
        comes_back(&request);
        let signed = Signed { bytes: encode(&request), signature };
        prop_assert_eq!(enroll::request_from(&enroll::request_bytes(&signed)), Ok((signed, request)));
    }

    #[test]
    fn enrolment_answers(answer in messages::enroll_answer()) {
        comes_back(&answer);
        prop_assert_eq!(enroll::answer_from(&enroll::answer_bytes(&answer)), Ok(Ok(answer)));
    }

    #[test]
    fn bytes_of_a_body_travel_unchanged(body in facts::body(), noise in strategies::bytes()) {
        let tomorrow = grown(&body.to_bytes(), 0, &nested(50, false));
        let kinds = [body.fact.kind(), body.fact.kind(), ChangeKind::from_code(9_999)];
        let entries: Vec<Entry> = [body.to_bytes(), tomorrow, noise].into_iter().zip(kinds).zip(1..).map(|((body, kind), seq)| {
            let lane = Lane { kind: LaneKind::from_code(9_999), id: [1; 16] };
            Entry { seq: Seq(seq), lane, prev_in_lane: Seq(seq - 1), kind, schema_version: 9, body }
        }).collect();
        prop_assert_eq!(batch::unpack(&batch::pack(&entries)), Ok(entries));
    }
}

#[test]
fn a_field_of_tomorrow_is_passed_over_and_its_bytes_are_kept() {
    let fact = Observed {
        observation_kind: ObservationKind::from_code(4_321),
        note: "潮水退了。".into(),
        point: None,
        attachments: vec![],
    };
    let stamp = grid_model::time::Stamp {
        wall_ms: 1,
        mono_ms: 2,
        boot: 3,
        anchor: None,
    };
    let today = Body {
        stamp,
        fact: Fact::Observed(fact),
    };
    // `[stamp, fact]`: the fact begins behind the list's head and the stamp's four bytes.
    let tomorrow = grown(&today.to_bytes(), 5, &nested(10_000, false));
    assert_eq!(
        Body::from_bytes(ChangeKind::Observed, &tomorrow).as_ref(),
        Ok(&today)
    );
    let lane = Lane {
        kind: LaneKind::Patrol,
        id: [1; 16],
    };
    let kind = ChangeKind::Observed;
    let entry = Entry {
        seq: Seq(1),
        lane,
        prev_in_lane: Seq(0),
        kind,
        schema_version: 2,
        body: tomorrow,
    };
    assert_eq!(
        batch::unpack(&batch::pack(std::slice::from_ref(&entry))),
        Ok(vec![entry])
    );
}

#[test]
fn a_code_of_tomorrow_comes_back_as_the_same_number() {
    let head = [0x82, 0x83, 1, 2, 3];
    for (kind, fact) in [
        // A report with the result 900, the measures 901 and 65535, and 902 and 903 where a code may be absent.
        (
            ChangeKind::ReportSubmitted,
            "a8 00 00 01 190384 02 82 190385 19ffff 03 60 04 190386 05 190387 06 f4 08 80",
        ),
        (ChangeKind::PatrolStarted, "a3 00 190384 01 190385 02 60"),
        (ChangeKind::UrgentMilestone, "a1 00 190384"),
    ] {
        let bytes = [head.to_vec(), hex::decode(fact.replace(' ', "")).expect("hex")].concat();
        assert_eq!(
            Body::from_bytes(kind, &bytes).map(|body| body.to_bytes()),
            Ok(bytes)
        );
    }
    // A verdict this build does not know is read as "try later", and written back as it came.
    let range = [0x83, 1, 9, 0x18, 77];
    let read = decode::<ReceiptRange>(&range, "range").map(|range| (range.verdict(), encode(&range)));
    assert_eq!(read, Ok((Verdict::TryLater, range.to_vec())));
}
