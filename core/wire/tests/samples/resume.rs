//! The messages with which an exchange that was cut goes on.

use grid_wire::{ContinueRequest, Continued, Part, Signed, resume};

use super::{Sample, hash, signed};
use crate::doors;

/// The samples of every message.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = requests();
    samples.extend(answers());
    samples
}

/// A request to go on with the third frame.
pub(crate) fn request() -> ContinueRequest {
    ContinueRequest {
        header: signed(vec![1, 2, 3]),
        part: Part {
            version: 1,
            answer_have: 70_000,
            answer_digest: Some(hash(0x99)),
            from_frame: Some(2),
        },
        body: b"(the rest)".to_vec(),
    }
}

fn requests() -> Vec<Sample> {
    let least = ContinueRequest {
        header: Signed {
            bytes: vec![],
            signature: vec![],
        },
        part: Part::default(),
        body: vec![],
    };
    let sample = |(which, request): (_, ContinueRequest)| {
        let bytes = request.to_bytes();
        assert_eq!(ContinueRequest::from_bytes(&bytes).as_ref(), Ok(&request));
        let cbor = 8..bytes.len() - request.body.len();
        Sample {
            message: "continue_request".into(),
            which,
            bytes,
            cbor,
            door: doors::continue_request(),
        }
    };
    [("all fields", request()), ("least", least)].map(sample).into()
}

fn answers() -> Vec<Sample> {
    let sample = |(which, frames)| {
        let bytes = resume::partial_bytes(frames);
        assert_eq!(Continued::from_bytes(&bytes), Ok(Continued::Partial { frames }));
        Sample::marked("continued_partial", which, bytes, doors::continued())
    };
    [("all frames of the largest body", 128), ("least", 0)]
        .map(sample)
        .into()
}
