//! Wrapped keys, sealed files, grants and support bundles.

use grid_model::limits::ATTACHMENT_BYTES_MAX;
use grid_vault::{
    CHUNK_BYTES, DataKey, FileKey, Grant, GrantSecret, SealedLayout, SealingKey, SegmentKey, SignatureKey,
    VerifyKey, open_chunk, open_private, seal, seal_private,
};
use grid_wire::{support_bytes, support_from};

use crate::keys::{DATA_KEY, SEALING};
use crate::pieces::text;

const WRAPPING: [u8; 32] = [9; 32];

/// Bytes as each kind of wrapped or sealed key, as a key, and as a support bundle. What opens under a key with a nonce is
/// what sealing under both gives.
pub fn sealed_keys(bytes: &[u8]) -> bool {
    let nonce: [u8; 12] = bytes.first_chunk().copied().unwrap_or_default();
    let mut opened = 0;
    if let Ok(key) = DataKey::unwrap_with(&WRAPPING, bytes) {
        assert_eq!(key.wrap_with(&WRAPPING, nonce).as_deref(), Ok(bytes));
        opened += 1;
    }
    if let Ok(key) = SegmentKey::unwrap_for_vault(&DATA_KEY, bytes) {
        assert_eq!(key.wrap_for_vault(&DATA_KEY, nonce).as_deref(), Ok(bytes));
        opened += 1;
    }
    if let Ok(plain) = open_private(&DATA_KEY, bytes) {
        assert_eq!(seal_private(&DATA_KEY, nonce, &plain).as_deref(), Ok(bytes));
        opened += 1;
    }
    opened += usize::from(SegmentKey::open_with(&SEALING, bytes).is_ok());
    opened += usize::from(VerifyKey::from_sec1(bytes).is_ok());
    if let Some(secret) = bytes.first_chunk::<32>() {
        let signs = SignatureKey::from_secret(secret);
        if let Ok(key) = &signs {
            assert!(VerifyKey::from_sec1(&key.public()).is_ok());
        }
        assert_eq!(signs.is_ok(), SealingKey::from_secret(secret).is_ok());
    }
    if let Some((key_id, sealed)) = support_from(bytes) {
        assert_eq!(support_bytes(&key_id, sealed), bytes);
        opened += usize::from(SEALING.open(sealed).is_ok());
    }
    opened > 0
}

/// A sealed file: the input is what it holds, behind eight bytes that say how long it is said to be. Its chunks open in
/// their places and nowhere else.
pub fn attachment_chunks(bytes: &[u8]) -> bool {
    let Some((said, plain)) = bytes.split_first_chunk::<8>() else {
        return false;
    };
    let key = FileKey::from_bytes([8; 32]);
    let said = u64::from_be_bytes(*said) % (2 * ATTACHMENT_BYTES_MAX);
    let layout = SealedLayout::of(said);
    let last = layout.chunks() - 1;
    let ends = layout
        .chunk(last)
        .map(|(at, length, last)| (at + length as u64, last));
    assert_eq!(ends, Some((layout.sealed_bytes(), true)));
    assert_eq!(layout.chunk(last + 1), None);
    assert_eq!(layout.chunk(u64::MAX), None);
    assert!(open_chunk(&key, 0, true, plain).is_err(), "a forged chunk");

    let Ok(sealed) = seal(&key, plain) else {
        panic!("a file is not sealed")
    };
    let mut read = Vec::new();
    for index in 0..SealedLayout::of(plain.len() as u64).chunks() {
        let chunk = SealedLayout::of(plain.len() as u64).chunk(index);
        let Some((at, length, last)) = chunk else {
            panic!("a chunk has no place")
        };
        let piece = &sealed[at as usize..at as usize + length];
        assert!(open_chunk(&key, index, !last, piece).is_err());
        assert!(open_chunk(&key, index + 1, last, piece).is_err());
        read.extend(open_chunk(&key, index, last, piece).unwrap_or_default());
    }
    assert!(read == plain, "the file does not come back");
    // Read as long as it is said to be, it opens only if it is.
    let whole = (0..layout.chunks().min(1 + plain.len() as u64 / CHUNK_BYTES as u64)).all(|index| {
        let place = layout.chunk(index).and_then(|(at, length, last)| {
            let piece = sealed.get(at as usize..at as usize + length)?;
            open_chunk(&key, index, last, piece).ok()
        });
        place.is_some()
    });
    if whole {
        assert_eq!(said, plain.len() as u64);
    }
    whole
}

/// The text of an upload grant.
pub fn upload_grant(bytes: &[u8]) -> bool {
    let secret = GrantSecret::from_bytes([6; 32]);
    let Ok(grant) = Grant::verify(&secret, &text(bytes)) else {
        return false;
    };
    let again = grant.issue(&secret).map(|text| Grant::verify(&secret, &text));
    assert_eq!(again, Ok(Ok(grant)), "written again");
    assert!(Grant::verify(&GrantSecret::from_bytes([7; 32]), &text(bytes)).is_err());
    true
}
