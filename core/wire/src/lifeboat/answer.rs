//! What the platform says to a segment that was delivered: `POST /v1/lifeboat`, the segment as it lies in its file. Begins
//! with `GFA1`.

use minicbor::{Decode, Encode};

use crate::codec::{self, WireError};
use crate::exchange::REFUSAL_MARK;
use crate::refusal::Refusal;

const ANSWER_MARK: &[u8; 4] = b"GFA1";

/// What became of a segment. It is no receipt: it is not signed, and a phone calls nothing received because of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LifeboatAnswer {
    /// Wire version of this answer.
    #[n(0)]
    pub version: u16,
    /// Frames that opened, whatever they carry.
    #[n(1)]
    pub frames: u64,
    /// Changes that were not here before and are now.
    #[n(2)]
    pub new: u64,
    /// Changes that were here already.
    #[n(3)]
    pub duplicate: u64,
    /// Changes, new or not, that wait for a person.
    #[n(4)]
    pub parked: u64,
    /// Places where something stood that is no frame, or a frame that does not open.
    #[n(5)]
    pub damaged: u64,
    /// Track fixes that no change held when they were written. The platform counts them and keeps none.
    #[n(6)]
    pub fixes: u64,
}

/// The bytes of an answer.
pub fn answer_bytes(answer: &LifeboatAnswer) -> Vec<u8> {
    let mut bytes = ANSWER_MARK.to_vec();
    bytes.extend(codec::encode(answer));
    bytes
}

/// Reads an answer, or the refusal in its place.
pub fn answer_from(bytes: &[u8]) -> Result<Result<LifeboatAnswer, Refusal>, WireError> {
    if let Some(rest) = bytes.strip_prefix(REFUSAL_MARK) {
        return codec::decode(rest, "refusal").map(Err);
    }
    let rest = bytes.strip_prefix(ANSWER_MARK).ok_or(WireError::NotOurs)?;
    codec::check_version(rest)?;
    codec::decode(rest, "lifeboat answer").map(Ok)
}
