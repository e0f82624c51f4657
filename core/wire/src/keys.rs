//! What a platform says of its own keys: which one comes next, and which one is over.

pub use grid_model::terms::KeyPurpose;
use minicbor::{Decode, Encode};

use crate::adapt;

/// A key of the platform, announced under `grid-keys-v1` by a signing key that its reader trusts already.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeyNotice {
    /// Public key: SEC1 uncompressed, 65 bytes.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub key: Vec<u8>,
    /// What it is for.
    #[cbor(n(1), with = "adapt::code")]
    pub purpose: KeyPurpose,
    /// Since when it is used, platform time, UTC ms.
    #[n(2)]
    pub from_ms: i64,
    /// Since when it is over, platform time, UTC ms; none while it is good.
    #[n(3)]
    pub until_ms: Option<i64>,
}
