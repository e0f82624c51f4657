//! Going on with an exchange that was cut: `POST /v1/sync` with `GFC1` in place of `GFB1`. It carries the very header that
//! was sent before, says how much of the answer is here, and brings the rest of the body, or nothing of it to ask what the
//! platform holds. The header's digests tell both sides which frames of the body are right, so a cut costs no more than
//! two frames (architecture §2b).

use grid_model::{Sha256, limits};
use minicbor::{Decode, Decoder, Encode};

use crate::adapt;
use crate::codec::{self, WireError};
use crate::exchange::{self, Signed};
use crate::refusal::Refusal;

const REQUEST_MARK: &[u8; 4] = b"GFC1";
const TAIL_MARK: &[u8; 4] = b"GFT1";
const PARTIAL_MARK: &[u8; 4] = b"GFP1";
/// Most frames that a body has.
const FRAMES_MAX: u32 = (limits::BATCH_BYTES_MAX / limits::FRAME_BYTES) as u32;

/// What is there already on either side; told by the phone, signed by nobody.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Part {
    /// Wire version of this request.
    #[n(0)]
    pub version: u16,
    /// Bytes of the cut answer that are here; 0: none.
    #[n(1)]
    pub answer_have: u64,
    /// SHA-256 of these first bytes.
    #[cbor(n(2), with = "adapt::hash_maybe", has_nil)]
    pub answer_digest: Option<Sha256>,
    /// The frame with which the body of this request begins; none: it has no body, and asks.
    #[n(3)]
    pub from_frame: Option<u32>,
}

impl Default for Part {
    /// Asks what the platform holds, with nothing of an answer here.
    fn default() -> Self {
        Self {
            version: crate::WIRE_VERSION,
            answer_have: 0,
            answer_digest: None,
            from_frame: None,
        }
    }
}

#[derive(Decode, Encode)]
#[cbor(array)]
struct Asked(#[n(0)] Signed, #[n(1)] Part);

/// An exchange that was cut, gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContinueRequest {
    /// The very header of the exchange that was cut.
    pub header: Signed,
    /// What is there already.
    pub part: Part,
    /// The batch body from `part.from_frame` on.
    pub body: Vec<u8>,
}

impl ContinueRequest {
    /// The bytes of the request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let asked = Asked(self.header.clone(), self.part.clone());
        exchange::framed(REQUEST_MARK, &codec::encode(&asked), &self.body)
    }

    /// Reads a request; the signature is the caller's to check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let what = "request to go on";
        let (asked, body) = exchange::split(REQUEST_MARK, bytes, what)?;
        let mut decoder = Decoder::new(asked);
        if decoder.array().is_ok() && decoder.decode::<Signed>().is_ok() {
            codec::check_version(asked.get(decoder.position()..).unwrap_or_default())?;
        }
        let Asked(header, part) = codec::decode(asked, what)?;
        match part.from_frame {
            None if !body.is_empty() => return Err(WireError::Malformed { what }),
            Some(frame) if frame > FRAMES_MAX || offset(frame) + body.len() > limits::BATCH_BYTES_MAX => {
                return Err(WireError::TooLarge { what });
            }
            _ => {}
        }
        Ok(Self {
            header,
            part,
            body: body.to_vec(),
        })
    }
}

/// Where a frame of a body begins.
const fn offset(frame: u32) -> usize {
    frame as usize * limits::FRAME_BYTES
}

/// How many bytes of a sync request come before its body, of either kind: mark, length and header. `None` while fewer than
/// eight bytes are here, and for what is no such request.
pub fn before_body(beginning: &[u8]) -> Option<usize> {
    let (mark, rest) = beginning.split_first_chunk::<4>()?;
    let (length, _) = rest.split_first_chunk::<4>()?;
    let length = u32::from_be_bytes(*length) as usize;
    let ours = [exchange::REQUEST_MARK, REQUEST_MARK].contains(&mark);
    (ours && length <= exchange::HEADER_BYTES_MAX).then_some(8 + length)
}

/// What the platform answers to a request to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Continued {
    /// The whole answer from its mark `GFR1` on, for [`crate::ExchangeResponse::from_bytes`]: what is here of an earlier one
    /// is no part of it.
    Whole(Vec<u8>),
    /// The rest of the answer, behind the bytes that are here; empty when these are all.
    Tail(Vec<u8>),
    /// Nothing is decided: the platform holds this many whole frames of the body, from the first on, and waits for the rest.
    Partial {
        /// How many, at most as many as a body may have; with those of the header to be compared by the caller.
        frames: u32,
    },
    /// A refusal. `malformed` also comes from a platform that does not know such requests yet.
    Refused(Refusal),
}

impl Continued {
    /// Reads an answer. Tail and whole are not looked into.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let (mark, rest) = bytes.split_first_chunk::<4>().ok_or(WireError::NotOurs)?;
        match mark {
            exchange::ANSWER_MARK => Ok(Self::Whole(bytes.to_vec())),
            TAIL_MARK => Ok(Self::Tail(rest.to_vec())),
            PARTIAL_MARK => {
                let what = "answer about a part";
                codec::check_version(rest)?;
                let Frames { frames, .. } = codec::decode(rest, what)?;
                if frames > FRAMES_MAX {
                    return Err(WireError::TooLarge { what });
                }
                Ok(Self::Partial { frames })
            }
            exchange::REFUSAL_MARK => codec::decode(rest, "refusal").map(Self::Refused),
            _ => Err(WireError::NotOurs),
        }
    }
}

#[derive(Decode, Encode)]
#[cbor(map)]
struct Frames {
    #[n(0)]
    version: u16,
    #[n(1)]
    frames: u32,
}

/// The rest of a kept answer, as it travels.
pub fn tail_bytes(tail: &[u8]) -> Vec<u8> {
    [TAIL_MARK, tail].concat()
}

/// How many whole frames of the body are here, as it travels.
pub fn partial_bytes(frames: u32) -> Vec<u8> {
    let frames = Frames {
        version: crate::WIRE_VERSION,
        frames,
    };
    [PARTIAL_MARK.as_slice(), &codec::encode(&frames)].concat()
}
