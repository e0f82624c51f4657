//! Attachments on the phone: each file has a random key of its own and is sealed in chunks of 64 KiB with AES-256-GCM.
//! A chunk's nonce is its index and whether it is the last one, so a moved, missing or cut chunk does not open and any
//! chunk can be read alone (the STREAM construction; the key is used for one file only).

use std::fmt;

use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroize as _;

use crate::VaultError;

/// Plain bytes of a chunk (architecture §2b).
pub const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;
const NONCE_BYTES: usize = 12;

/// The random key of one attachment; wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct FileKey([u8; 32]);

impl FileKey {
    /// The key in these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the encrypted store and the lifeboat only.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for FileKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(‹secret›)")
    }
}

/// Where the chunks of an attachment of `plain_bytes` lie in its sealed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedLayout {
    plain_bytes: u64,
}

impl SealedLayout {
    /// The layout of a file of this many plain bytes.
    pub const fn of(plain_bytes: u64) -> Self {
        Self { plain_bytes }
    }

    /// How many chunks; an empty file has one empty chunk.
    pub const fn chunks(&self) -> u64 {
        let full = self.plain_bytes.div_ceil(CHUNK_BYTES as u64);
        if full == 0 { 1 } else { full }
    }

    /// Length of the sealed file, bytes.
    pub const fn sealed_bytes(&self) -> u64 {
        self.plain_bytes + self.chunks() * TAG_BYTES as u64
    }

    /// Offset and length of a sealed chunk, and whether it is the last; `None` behind the end.
    pub fn chunk(&self, index: u64) -> Option<(u64, usize, bool)> {
        let last = index.checked_add(1)? == self.chunks();
        let sealed_chunk = (CHUNK_BYTES + TAG_BYTES) as u64;
        let offset = index.checked_mul(sealed_chunk)?;
        let length = self.sealed_bytes().checked_sub(offset)?.min(sealed_chunk);
        (index < self.chunks()).then_some((offset, length as usize, last))
    }
}

/// The sealed form of a whole attachment.
pub fn seal(key: &FileKey, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let cipher = cipher(&key.0)?;
    let layout = SealedLayout::of(plain.len() as u64);
    let mut sealed = Vec::with_capacity(layout.sealed_bytes() as usize);
    for index in 0..layout.chunks() {
        let from = index as usize * CHUNK_BYTES;
        let piece = &plain[from..plain.len().min(from + CHUNK_BYTES)];
        let nonce = nonce(index, index + 1 == layout.chunks());
        sealed.extend(cipher.encrypt(&nonce, piece).map_err(|_| VaultError::BadSeal)?);
    }
    Ok(sealed)
}

/// The plain bytes of one sealed chunk.
pub fn open_chunk(key: &FileKey, index: u64, last: bool, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    cipher(&key.0)?
        .decrypt(&nonce(index, last), sealed)
        .map_err(|_| VaultError::BadSeal)
}

pub(crate) fn wrap(key: &[u8; 32], nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
    let sealed = cipher(key)?
        .encrypt(&Nonce::from(nonce), plain)
        .map_err(|_| VaultError::BadSeal)?;
    Ok([&nonce[..], &sealed].concat())
}

pub(crate) fn unwrap(key: &[u8; 32], wrapped: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, sealed) = wrapped
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(VaultError::BadSeal)?;
    cipher(key)?
        .decrypt(&Nonce::from(*nonce), sealed)
        .map_err(|_| VaultError::BadSeal)
}

fn cipher(key: &[u8; 32]) -> Result<Aes256Gcm, VaultError> {
    Aes256Gcm::new_from_slice(key).map_err(|_| VaultError::BadKey)
}

fn nonce(index: u64, last: bool) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; NONCE_BYTES];
    bytes[..8].copy_from_slice(&index.to_be_bytes());
    bytes[NONCE_BYTES - 1] = u8::from(last);
    Nonce::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(key: &FileKey, plain_bytes: usize, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let layout = SealedLayout::of(plain_bytes as u64);
        let mut plain = Vec::new();
        for index in 0..layout.chunks() {
            let (offset, length, last) = layout.chunk(index).expect("a chunk");
            let piece = sealed
                .get(offset as usize..offset as usize + length)
                .ok_or(VaultError::BadSeal)?;
            plain.extend(open_chunk(key, index, last, piece)?);
        }
        Ok(plain)
    }

    #[test]
    fn files_of_every_edge_length_come_back() {
        let key = FileKey::from_bytes([4; 32]);
        for length in [
            0,
            1,
            CHUNK_BYTES - 1,
            CHUNK_BYTES,
            CHUNK_BYTES + 1,
            3 * CHUNK_BYTES,
        ] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let sealed = seal(&key, &plain).expect("sealed");
            assert_eq!(
                sealed.len() as u64,
                SealedLayout::of(length as u64).sealed_bytes()
            );
            assert_eq!(open(&key, length, &sealed), Ok(plain));
        }
    }

    #[test]
    fn altered_moved_and_cut_chunks_do_not_open() {
        let key = FileKey::from_bytes([4; 32]);
        let plain = vec![9; 2 * CHUNK_BYTES + 5];
        let sealed = seal(&key, &plain).expect("sealed");
        let mut altered = sealed.clone();
        altered[CHUNK_BYTES + 20] ^= 1;
        assert!(open(&key, plain.len(), &altered).is_err());
        let mut swapped = sealed.clone();
        let (first, second) = swapped.split_at_mut(CHUNK_BYTES + 16);
        first.swap_with_slice(&mut second[..CHUNK_BYTES + 16]);
        assert!(open(&key, plain.len(), &swapped).is_err());
        // Cut at a chunk border and believed shorter: the new last chunk was not sealed as the last.
        assert!(open(&key, 2 * CHUNK_BYTES, &sealed[..2 * (CHUNK_BYTES + 16)]).is_err());
    }
}
