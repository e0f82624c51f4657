//! Numbers that depend on a plan and on nothing else.

use sha2::{Digest, Sha256};

use super::Plan;

/// SHA-256 of the plan as JSON, hex.
pub(super) fn of(plan: &Plan) -> String {
    // Serialising plain structs into memory cannot fail; an empty text would differ from every plan.
    let json = serde_json::to_vec(plan).unwrap_or_default();
    hex::encode(Sha256::digest(json))
}

/// A number that looks drawn by lot, the same for the same seed and place in the row.
pub(super) fn lot(seed: u64, at: u64) -> u64 {
    let mut hash = Sha256::new();
    hash.update(b"cut");
    hash.update(seed.to_be_bytes());
    hash.update(at.to_be_bytes());
    let bytes: [u8; 32] = hash.finalize().into();
    bytes
        .iter()
        .take(8)
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}
