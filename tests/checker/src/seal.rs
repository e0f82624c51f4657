//! Hashes and signatures, from the text of the specification (§1, §5).

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What a device signs: a batch's header.
pub(crate) const BATCH: &[u8] = b"grid-batch-v1\0";
/// What the platform signs for what it decided.
pub(crate) const RECEIPT: &[u8] = b"grid-receipt-v1\0";
/// What the platform signs for what it vouches for.
pub(crate) const CHECKPOINT: &[u8] = b"grid-checkpoint-v1\0";

pub(crate) fn hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// The digest in a receipt over `(seq, H(body))` of every change of the batch, ascending by position.
pub(crate) fn cover(changes: impl IntoIterator<Item = (u64, Hash)>) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(b"grid-cover-v1\0");
    for (seq, body) in changes {
        hasher.update(seq.to_be_bytes());
        hasher.update(body);
    }
    hasher.finalize().into()
}

/// Whether the signature is by this key (SEC1) over the label and the bytes.
pub(crate) fn holds(key: &[u8], label: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_sec1_bytes(key),
        Signature::from_slice(signature),
    ) else {
        return false;
    };
    key.verify(&[label, bytes].concat(), &signature).is_ok()
}
