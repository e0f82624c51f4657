//! The one round trip: `POST /v1/sync`. Requests begin with `GFB1`, answers with `GFR1`, refusals with `GFX1`, so that a
//! captive portal's page is never taken for an answer.

use grid_model::limits;
use minicbor::{Decode, Encode};

use crate::codec::{self, WireError};
use crate::feed::PullPage;
use crate::refusal::Refusal;

pub(crate) const REQUEST_MARK: &[u8; 4] = b"GFB1";
pub(crate) const ANSWER_MARK: &[u8; 4] = b"GFR1";
pub(crate) const REFUSAL_MARK: &[u8; 4] = b"GFX1";
/// Largest signed header: 1 MiB of body has 128 frame digests of 34 bytes.
pub(crate) const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Largest answer after decompression: a page, and as much again for the receipt (4,096 ranges of 26 bytes) and the rest.
const ANSWER_INFLATED_BYTES_MAX: usize = 2 * limits::PULL_PAGE_BYTES_MAX;

/// Bytes with a signature over exactly these bytes; nothing is re-encoded before it is verified.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Signed {
    /// The signed message, in CBOR.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
    /// ECDSA P-256 signature, 64 bytes (`grid_vault::sign`).
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: Vec<u8>,
}

/// A push and pull in one: the signed header, then the batch body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRequest {
    /// A signed [`crate::BatchHeader`].
    pub header: Signed,
    /// The packed entries (`batch::pack`); empty when there is nothing to push.
    pub body: Vec<u8>,
}

impl ExchangeRequest {
    /// The bytes of the request.
    pub fn to_bytes(&self) -> Vec<u8> {
        framed(REQUEST_MARK, &codec::encode(&self.header), &self.body)
    }

    /// Reads a request; the signature is the caller's to check.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, WireError> {
        let (header, body) = split(REQUEST_MARK, bytes, "sync request")?;
        Ok(Self {
            header: codec::decode(header, "sync header")?,
            body: body.to_vec(),
        })
    }
}

/// The platform's answer to an exchange.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ExchangeResponse {
    /// Wire version of this answer.
    #[n(0)]
    pub version: u16,
    /// A signed [`crate::Receipt`]; with no ranges when nothing was pushed.
    #[n(1)]
    pub receipt: Signed,
    /// The next page of the feed.
    #[n(2)]
    pub page: PullPage,
    /// Lets this device upload photos for a day: goes into `Authorization: Grid …`.
    #[n(3)]
    pub upload_grant: String,
    /// Signed [`crate::KeyNotice`]s that this device does not have yet, in the order in which they are to be believed.
    #[n(4)]
    pub key_notices: Option<Vec<Signed>>,
}

impl ExchangeResponse {
    /// The bytes of the answer. Its page is covered by no signature, so the whole has a checksum: what was altered on the way
    /// by accident is no answer. Against intent there is TLS.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = ANSWER_MARK.to_vec();
        bytes.extend(codec::deflate_checked(&codec::encode(self)));
        bytes
    }

    /// Whether these bytes begin as an answer does, however few they are.
    pub fn is_beginning(bytes: &[u8]) -> bool {
        ANSWER_MARK.starts_with(bytes) || bytes.starts_with(ANSWER_MARK)
    }

    /// Reads an answer, or the refusal that came in its place.
    pub fn from_bytes(bytes: &[u8]) -> Result<Result<Self, Refusal>, WireError> {
        let what = "sync answer";
        if let Some(rest) = bytes.strip_prefix(REFUSAL_MARK) {
            return codec::decode(rest, "refusal").map(Err);
        }
        let rest = bytes.strip_prefix(ANSWER_MARK).ok_or(WireError::NotOurs)?;
        let inflated = codec::inflate(rest, ANSWER_INFLATED_BYTES_MAX, what)?;
        codec::check_version(&inflated)?;
        codec::decode(&inflated, what).map(Ok)
    }
}

/// The bytes of a refusal.
pub fn refusal_bytes(refusal: &Refusal) -> Vec<u8> {
    let mut bytes = REFUSAL_MARK.to_vec();
    bytes.extend(codec::encode(refusal));
    bytes
}

/// Reads a refusal, if these bytes are one.
pub fn refusal_from(bytes: &[u8]) -> Option<Refusal> {
    codec::decode(bytes.strip_prefix(REFUSAL_MARK)?, "refusal").ok()
}

/// Header and body of a request that begins with this mark.
pub(crate) fn split<'b>(
    mark: &[u8; 4],
    bytes: &'b [u8],
    what: &'static str,
) -> Result<(&'b [u8], &'b [u8]), WireError> {
    let rest = bytes.strip_prefix(mark).ok_or(WireError::NotOurs)?;
    let (length, rest) = rest
        .split_first_chunk::<4>()
        .ok_or(WireError::Malformed { what })?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > HEADER_BYTES_MAX || rest.len().saturating_sub(length) > limits::BATCH_BYTES_MAX {
        return Err(WireError::TooLarge { what });
    }
    rest.split_at_checked(length).ok_or(WireError::Malformed { what })
}

/// A request with this mark.
pub(crate) fn framed(mark: &[u8; 4], header: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + header.len() + body.len());
    bytes.extend(mark);
    bytes.extend((header.len() as u32).to_be_bytes());
    bytes.extend(header);
    bytes.extend(body);
    bytes
}
