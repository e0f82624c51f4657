//! SHA-256 in the shapes the protocol needs.

use grid_model::Sha256;
use grid_model::id::Seq;
use grid_model::limits::FRAME_BYTES;
use sha2::Digest as _;

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Sha256 {
    Sha256(sha2::Sha256::digest(bytes).into())
}

/// A SHA-256 that is fed piece by piece.
#[derive(Clone, Default)]
pub struct Hasher(sha2::Sha256);

impl Hasher {
    /// Takes in the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything taken in.
    #[must_use]
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

/// Digests of the 8 KiB frames of a batch body, in order; none for an empty body.
pub fn frame_digests(body: &[u8]) -> Vec<Sha256> {
    body.chunks(FRAME_BYTES).map(sha256).collect()
}

/// The digest of a receipt: over (seq, SHA-256 of body) of every change covered, ascending by seq.
pub fn cover_digest(covered: impl IntoIterator<Item = (Seq, Sha256)>) -> Sha256 {
    let mut hasher = Hasher::default();
    hasher.update(b"grid-cover-v1\0");
    for (seq, body) in covered {
        hasher.update(&seq.0.to_be_bytes());
        hasher.update(body.bytes());
    }
    hasher.finish()
}
