//! The ways into the crate: a door reads bytes as one message. Whatever a door lets in must read back equal once it is
//! written again, or the door panics.

use std::fmt::Debug;

use grid_model::{ChangeKind, Seq};
use grid_wire::{
    Body, ExchangeRequest, ExchangeResponse, Fact, Receipt, WireError, batch, decode, encode, enroll,
    exchange,
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

/// The bytes in a zstd frame.
pub(crate) fn squeezed(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).unwrap_or_else(|error| panic!("zstd refused to compress: {error}"))
}
