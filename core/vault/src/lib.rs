//! Keys, signatures, the hash chain, attachment sealing and the pages of an encrypted database. Never reads a clock, a
//! file or a random source: callers bring the bytes. Suite `intl`: P-256 with SHA-256, AES-256-GCM. Nothing here invents
//! a mode.

mod attachment;
mod chain;
mod digest;
mod grant;
mod keys;
mod lifeboat;
mod page;
mod scope;

pub use attachment::{CHUNK_BYTES, FileKey, SealedLayout, open_chunk, seal};
pub use chain::{chain_link, chain_link_over, chain_start};
pub use digest::{Hasher, cover_digest, frame_digests, sha256};
pub use grant::{Grant, GrantSecret};
pub use keys::{
    DataKey, Domain, KeyVault, KeyVaultError, SignatureKey, VerifyKey, open_signed, sign_message,
};
pub use page::{PAGE_BYTES, PAGE_SALT_BYTES, PAGE_USABLE_BYTES, PageKey};
pub use scope::RowSum;

pub use lifeboat::{SealingKey, SegmentKey, header_is_by, key_id, open_private, seal_private, seal_to};

use std::fmt;

/// A signature, seal or key that does not hold. Says nothing about the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultError {
    /// Bytes that are no key of the expected kind.
    BadKey,
    /// The signature is not by this key over these bytes.
    BadSignature,
    /// The signed bytes are not the message they should be.
    Malformed,
    /// A sealed chunk was altered, cut, moved or opened with another key.
    BadSeal,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadKey => "not a key of the expected kind",
            Self::BadSignature => "the signature does not hold",
            Self::Malformed => "the signed bytes are malformed",
            Self::BadSeal => "the sealed bytes were altered or the key is another one",
        })
    }
}

impl std::error::Error for VaultError {}
