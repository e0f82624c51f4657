//! The ways into the crate: a door reads bytes as one message. Whatever a door lets in must read back equal once it is
//! written again, or the door panics.
#![allow(dead_code, reason = "each test file opens its own doors")]

use std::fmt::Debug;

use grid_model::{ChangeKind, Seq};
use grid_wire::lifeboat::{self, Found, FrameAt};
use grid_wire::{
    Body, ContinueRequest, Continued, ExchangeRequest, ExchangeResponse, Fact, Receipt, WireError, batch,
    decode, encode, enroll, exchange, resume,
};
use minicbor::{Decode, Encode};

/// Reads bytes as one message and forgets it.
pub(crate) type Door = Box<dyn Fn(&[u8]) -> Result<(), WireError>>;

/// The door of a message that stands in its bytes without mark or compression.
pub(crate) fn plain<T>() -> Door
where
    T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq + Debug,
{
    Box::new(|bytes| {
        let message: T = decode(bytes, "message")?;
        assert_eq!(
            decode::<T>(&encode(&message), "message").as_ref(),
            Ok(&message),
            "written again"
        );
        Ok(())
    })
}

/// The door of a receipt, which is also asked for its verdicts.
pub(crate) fn receipt() -> Door {
    let stable = plain::<Receipt>();
    Box::new(move |bytes| {
        stable(bytes)?;
        let receipt: Receipt = decode(bytes, "receipt")?;
        for range in &receipt.ranges {
            let _ = receipt.verdict_on(range.from());
        }
        let verdicts = receipt
            .ranges
            .iter()
            .flat_map(|r| [(r.from(), r.verdict()), (r.to(), r.verdict())]);
        let _ = Receipt::join(verdicts);
        Ok(())
    })
}

/// The door of a change's body of one kind; a track is unrolled as well.
pub(crate) fn body(kind: ChangeKind) -> Door {
    Box::new(move |bytes| {
        let body = Body::from_bytes(kind, bytes)?;
        assert_eq!(
            Body::from_bytes(kind, &body.to_bytes()).as_ref(),
            Ok(&body),
            "written again"
        );
        if let Fact::TrackSegment(segment) = &body.fact {
            let _ = segment.points();
        }
        Ok(())
    })
}

/// The door of a batch body as it travels.
pub(crate) fn batch_packed() -> Door {
    Box::new(|bytes| {
        let entries = batch::unpack(bytes)?;
        assert_eq!(
            batch::unpack(&batch::pack(&entries)).as_ref(),
            Ok(&entries),
            "written again"
        );
        let _ = Receipt::join(
            entries
                .iter()
                .map(|entry| (entry.seq, grid_wire::Verdict::Accepted)),
        );
        assert!(
            entries
                .iter()
                .all(|entry| entry.prev_in_lane < entry.seq && entry.seq > Seq(0))
        );
        Ok(())
    })
}

/// The door of a batch body before it is compressed.
pub(crate) fn batch_inflated() -> Door {
    let packed = batch_packed();
    Box::new(move |bytes| packed(&squeezed(bytes)))
}

/// The door of a sync request.
pub(crate) fn request() -> Door {
    Box::new(|bytes| {
        let request = ExchangeRequest::from_bytes(bytes)?;
        assert_eq!(
            ExchangeRequest::from_bytes(&request.to_bytes()).as_ref(),
            Ok(&request),
            "written again"
        );
        Ok(())
    })
}

/// The door of a request to go on.
pub(crate) fn continue_request() -> Door {
    Box::new(|bytes| {
        let request = ContinueRequest::from_bytes(bytes)?;
        let again = request.to_bytes();
        assert_eq!(
            ContinueRequest::from_bytes(&again).as_ref(),
            Ok(&request),
            "written again"
        );
        let before = resume::before_body(&again);
        assert_eq!(before, Some(again.len() - request.body.len()));
        Ok(())
    })
}

/// The door of the answer to a request to go on, or the refusal in its place.
pub(crate) fn continued() -> Door {
    Box::new(|bytes| {
        let read = Continued::from_bytes(bytes)?;
        let again = match &read {
            Continued::Whole(whole) => whole.clone(),
            Continued::Tail(tail) => resume::tail_bytes(tail),
            Continued::Partial { frames } => resume::partial_bytes(*frames),
            Continued::Refused(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(Continued::from_bytes(&again).as_ref(), Ok(&read), "written again");
        Ok(())
    })
}

/// The door of the answer to a sync request, or the refusal in its place.
pub(crate) fn answer() -> Door {
    Box::new(|bytes| {
        let read = ExchangeResponse::from_bytes(bytes)?;
        let again = match &read {
            Ok(answer) => answer.to_bytes(),
            Err(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(
            ExchangeResponse::from_bytes(&again).as_ref(),
            Ok(&read),
            "written again"
        );
        Ok(())
    })
}

/// The door of an answer whose CBOR is given without mark and compression.
pub(crate) fn answer_inflated() -> Door {
    let marked = answer();
    Box::new(move |bytes| marked(&[b"GFR1".as_slice(), &squeezed(bytes)].concat()))
}

/// The door of a refusal. What is no refusal is passed over by name.
pub(crate) fn refusal() -> Door {
    Box::new(|bytes| {
        let refusal = exchange::refusal_from(bytes).ok_or(WireError::NotOurs)?;
        assert_eq!(
            exchange::refusal_from(&exchange::refusal_bytes(&refusal)).as_ref(),
            Some(&refusal)
        );
        Ok(())
    })
}

/// The door of an enrolment request.
pub(crate) fn enroll_request() -> Door {
    Box::new(|bytes| {
        let (signed, request) = enroll::request_from(bytes)?;
        let again = enroll::request_from(&enroll::request_bytes(&signed));
        assert_eq!(again, Ok((signed, request)), "written again");
        Ok(())
    })
}

/// The door of the answer to an enrolment, or the refusal in its place.
pub(crate) fn enroll_answer() -> Door {
    Box::new(|bytes| {
        let read = enroll::answer_from(bytes)?;
        let again = match &read {
            Ok(answer) => enroll::answer_bytes(answer),
            Err(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(enroll::answer_from(&again).as_ref(), Ok(&read), "written again");
        Ok(())
    })
}

/// The door of the answer to a segment, or the refusal in its place.
pub(crate) fn lifeboat_answer() -> Door {
    Box::new(|bytes| {
        let read = lifeboat::answer_from(bytes)?;
        let again = match &read {
            Ok(answer) => lifeboat::answer_bytes(answer),
            Err(refusal) => exchange::refusal_bytes(refusal),
        };
        assert_eq!(lifeboat::answer_from(&again).as_ref(), Ok(&read), "written again");
        Ok(())
    })
}

/// The door of a segment's header block.
pub(crate) fn header_block() -> Door {
    Box::new(|bytes| {
        let (header, signed) = lifeboat::header_from(bytes)?;
        let again = lifeboat::header_block(&signed).map(|block| lifeboat::header_from(&block));
        assert!(
            again.is_none_or(|again| again == Ok((header, signed))),
            "written again"
        );
        Ok(())
    })
}

/// The door of a frame, whose mark is whatever the bytes begin with.
pub(crate) fn frame() -> Door {
    Box::new(|bytes| {
        let mark: [u8; 8] = *bytes.first_chunk().ok_or(WireError::NotOurs)?;
        let FrameAt::Whole(frame, length) = lifeboat::frame_at(bytes, mark) else {
            return Err(WireError::NotOurs);
        };
        let mut again = Vec::new();
        lifeboat::put_frame(&mut again, mark, &frame.head, frame.sealed);
        assert_eq!(again, bytes[..length], "written again");
        if length < bytes.len() {
            return Err(WireError::TooLarge { what: "frame" });
        }
        Ok(())
    })
}

/// The door of a whole segment: its headers, and a walk over the bytes as its frames.
pub(crate) fn segment() -> Door {
    Box::new(|bytes| {
        let mark = bytes.first_chunk().copied().unwrap_or_default();
        let segment = [&[0; lifeboat::FRAMES_FROM as usize], bytes].concat();
        let (mut frames, mut damaged) = (0, 0);
        lifeboat::walk(&segment, mark, &mut |found| match found {
            Found::Frame(_) => frames += 1,
            Found::Damage => damaged += 1,
        });
        assert!(damaged <= frames, "damage is told before a frame only");
        lifeboat::headers(bytes).map(drop)
    })
}

/// The bytes in a zstd frame.
pub(crate) fn squeezed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap_or_else(|error| panic!("zstd refused to compress: {error}"))
}
