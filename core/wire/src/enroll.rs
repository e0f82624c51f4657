//! Enrolment: `POST /v1/enroll` turns a single-use code into an enrolled vault. Begins with `GFE1`, answered by `GFN1`.

use grid_model::id::{DeviceId, Incarnation, PhoneId, WorkerId};
use minicbor::{Decode, Encode};

use crate::adapt;
use crate::codec::{self, WireError};
use crate::exchange::{REFUSAL_MARK, Signed};
use crate::refusal::Refusal;

const REQUEST_MARK: &[u8; 4] = b"GFE1";
const ANSWER_MARK: &[u8; 4] = b"GFN1";
const REQUEST_BYTES_MAX: usize = 8 * 1024;

/// What a vault says of itself; signed with the key it names, which proves possession.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrollRequest {
    /// Wire version.
    #[n(0)]
    pub version: u16,
    /// The single-use code, as typed; case and dashes do not matter.
    #[n(1)]
    pub code: String,
    /// The vault's own random id.
    #[cbor(n(2), with = "adapt::id")]
    pub device: DeviceId,
    /// The phone it lives on.
    #[cbor(n(3), with = "adapt::id")]
    pub phone: PhoneId,
    /// A name for the phone that people use, such as 一号机.
    #[n(4)]
    pub phone_label: String,
    /// The vault's public key: P-256, SEC1 uncompressed, 65 bytes.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub device_key: Vec<u8>,
    /// `android`, `ios`, `linux`.
    #[n(6)]
    pub platform: String,
    /// Version of the application.
    #[n(7)]
    pub app_version: String,
    /// Echoed in the answer.
    #[n(8)]
    pub nonce: u64,
}

/// What the platform says to a new vault.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrollResponse {
    /// Wire version.
    #[n(0)]
    pub version: u16,
    /// Whose vault this is.
    #[cbor(n(1), with = "adapt::id")]
    pub worker: WorkerId,
    /// How the worker is called.
    #[n(2)]
    pub display_name: String,
    /// The worker's job number.
    #[n(3)]
    pub job_no: String,
    /// Name of the station or centre.
    #[n(4)]
    pub org_name: String,
    /// The store that enrolled it.
    #[cbor(n(5), with = "adapt::id")]
    pub incarnation: Incarnation,
    /// Key that signs receipts: P-256, SEC1.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub platform_key: Vec<u8>,
    /// Key that lifeboat segments are sealed to: P-256, SEC1.
    #[cbor(n(7), with = "minicbor::bytes")]
    pub sealing_key: Vec<u8>,
    /// The platform's time, UTC ms.
    #[n(8)]
    pub server_ms: i64,
    /// The request's nonce.
    #[n(9)]
    pub nonce: u64,
}

/// The bytes of a signed request.
pub fn request_bytes(request: &Signed) -> Vec<u8> {
    let mut bytes = REQUEST_MARK.to_vec();
    bytes.extend(codec::encode(request));
    bytes
}

/// Reads a signed request and what it says; the signature is the caller's to check.
pub fn request_from(bytes: &[u8]) -> Result<(Signed, EnrollRequest), WireError> {
    let what = "enrolment request";
    if bytes.len() > REQUEST_BYTES_MAX {
        return Err(WireError::TooLarge { what });
    }
    let signed: Signed = codec::decode(bytes.strip_prefix(REQUEST_MARK).ok_or(WireError::NotOurs)?, what)?;
    codec::check_version(&signed.bytes)?;
    let request = codec::decode(&signed.bytes, what)?;
    Ok((signed, request))
}

/// The bytes of an answer.
pub fn answer_bytes(answer: &EnrollResponse) -> Vec<u8> {
    let mut bytes = ANSWER_MARK.to_vec();
    bytes.extend(codec::encode(answer));
    bytes
}

/// Reads an answer, or the refusal in its place.
pub fn answer_from(bytes: &[u8]) -> Result<Result<EnrollResponse, Refusal>, WireError> {
    if let Some(rest) = bytes.strip_prefix(REFUSAL_MARK) {
        return codec::decode(rest, "refusal").map(Err);
    }
    let rest = bytes.strip_prefix(ANSWER_MARK).ok_or(WireError::NotOurs)?;
    codec::check_version(rest)?;
    codec::decode(rest, "enrolment answer").map(Ok)
}
