//! Single pages of an encrypted database, opened without SQLite so that what is intact in a damaged one can be read.
//! Never writes a page.
//!
//! The format is SQLCipher 4's with its defaults and a raw key: AES-256-CBC, a random IV and an HMAC-SHA512 over
//! ciphertext, IV and page number in the last 80 bytes. A page that opens was written under this key at this number.

use std::fmt;

use aes::Aes256;
use cbc::cipher::{Array, BlockModeDecrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;
use zeroize::Zeroize as _;

use crate::{DataKey, VaultError};

/// Size of a page, bytes.
pub const PAGE_BYTES: usize = 4096;
/// Bytes of a page that SQLite may use; behind them lie IV and HMAC.
pub const PAGE_USABLE_BYTES: usize = PAGE_BYTES - IV_BYTES - TAG_BYTES;
/// The salt at the start of the file, bytes.
pub const PAGE_SALT_BYTES: usize = 16;
const IV_BYTES: usize = 16;
const TAG_BYTES: usize = 64;
const TAG_AT: usize = PAGE_BYTES - TAG_BYTES;
const SALT_MASK: u8 = 0x3a;
const MAGIC: &[u8; PAGE_SALT_BYTES] = b"SQLite format 3\0";

/// What opens the pages of one database file; wiped from memory when dropped. The salt alters the HMAC key only.
#[derive(Clone)]
pub struct PageKey {
    cipher: DataKey,
    mac: [u8; 32],
}

impl PageKey {
    /// The key of a file under a vault's key, by the salt in the file's first 16 bytes.
    pub fn derive(key: &DataKey, salt: [u8; PAGE_SALT_BYTES]) -> Result<Self, VaultError> {
        // PBKDF2 with two rounds and one block of output.
        let first = mac(
            key.expose(),
            &[&salt.map(|byte| byte ^ SALT_MASK), &1_u32.to_be_bytes()],
        )?;
        let second = mac(key.expose(), &[&first])?;
        let mut derived = [0; 32];
        for (byte, (a, b)) in derived.iter_mut().zip(first.iter().zip(&second)) {
            *byte = a ^ b;
        }
        Ok(Self {
            cipher: key.clone(),
            mac: derived,
        })
    }

    /// Whether these bytes are a page that was sealed under this key at this number. Page 1's first 16 bytes are the
    /// salt: they are not covered.
    pub fn is_authentic(&self, number: u32, sealed: &[u8; PAGE_BYTES]) -> bool {
        let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(&self.mac) else {
            return false;
        };
        mac.update(&sealed[plain_until(number)..TAG_AT]);
        mac.update(&number.to_le_bytes());
        mac.verify_slice(&sealed[TAG_AT..]).is_ok()
    }

    /// The plain page, its last 80 bytes zero; `None` when it is not authentic. Page 1 begins with SQLite's magic again.
    pub fn open_page(&self, number: u32, sealed: &[u8; PAGE_BYTES]) -> Option<[u8; PAGE_BYTES]> {
        if !self.is_authentic(number, sealed) {
            return None;
        }
        let mut plain = [0; PAGE_BYTES];
        let from = plain_until(number);
        plain[..from].copy_from_slice(&MAGIC[..from]);
        plain[from..PAGE_USABLE_BYTES].copy_from_slice(&sealed[from..PAGE_USABLE_BYTES]);
        let iv = &sealed[PAGE_USABLE_BYTES..TAG_AT];
        let mut cipher = cbc::Decryptor::<Aes256>::new_from_slices(self.cipher.expose(), iv).ok()?;
        let (blocks, _) = Array::slice_as_chunks_mut(&mut plain[from..PAGE_USABLE_BYTES]);
        cipher.decrypt_blocks(blocks);
        Some(plain)
    }
}

impl Drop for PageKey {
    fn drop(&mut self) {
        self.mac.zeroize();
    }
}

impl fmt::Debug for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageKey(‹secret›)")
    }
}

/// How many bytes at the start of a page are not sealed.
const fn plain_until(number: u32) -> usize {
    if number == 1 { PAGE_SALT_BYTES } else { 0 }
}

fn mac(key: &[u8; 32], pieces: &[&[u8]]) -> Result<[u8; TAG_BYTES], VaultError> {
    let mut mac = Hmac::<Sha512>::new_from_slice(key).map_err(|_| VaultError::BadKey)?;
    for piece in pieces {
        mac.update(piece);
    }
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use cbc::cipher::BlockModeEncrypt as _;

    use super::*;

    const KEY: DataKey = DataKey::from_bytes([7; 32]);

    fn seal(key: &PageKey, number: u32, plain: &[u8; PAGE_BYTES]) -> [u8; PAGE_BYTES] {
        let mut sealed = *plain;
        let from = plain_until(number);
        sealed[PAGE_USABLE_BYTES..TAG_AT].fill(9);
        let mut cipher = cbc::Encryptor::<Aes256>::new(key.cipher.expose().into(), &[9; IV_BYTES].into());
        let (blocks, rest) = Array::slice_as_chunks_mut(&mut sealed[from..PAGE_USABLE_BYTES]);
        assert!(rest.is_empty());
        cipher.encrypt_blocks(blocks);
        let tag = mac(&key.mac, &[&sealed[from..TAG_AT], &number.to_le_bytes()]).expect("a tag");
        sealed[TAG_AT..].copy_from_slice(&tag);
        sealed
    }

    fn page() -> [u8; PAGE_BYTES] {
        let mut plain = [0; PAGE_BYTES];
        for (at, byte) in plain[..PAGE_USABLE_BYTES].iter_mut().enumerate() {
            *byte = (at * 7) as u8;
        }
        plain[..16].copy_from_slice(MAGIC);
        plain
    }

    #[test]
    fn a_page_opens_at_its_number_under_its_key_and_salt_only() {
        let key = PageKey::derive(&KEY, [1; 16]).expect("a key");
        for number in [1, 2, 70_000] {
            let sealed = seal(&key, number, &page());
            assert_eq!(key.open_page(number, &sealed), Some(page()));
            assert_eq!(key.open_page(number + 1, &sealed), None);
            let other = PageKey::derive(&KEY, [2; 16]).expect("a key");
            assert_eq!(other.open_page(number, &sealed), None);
            let other = PageKey::derive(&DataKey::from_bytes([8; 32]), [1; 16]).expect("a key");
            assert_eq!(other.open_page(number, &sealed), None);
        }
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let key = PageKey::derive(&KEY, [1; 16]).expect("a key");
        let sealed = seal(&key, 2, &page());
        for at in 0..PAGE_BYTES {
            let mut altered = sealed;
            altered[at] ^= 1 << (at % 8);
            assert!(!key.is_authentic(2, &altered), "byte {at}");
        }
    }

    #[test]
    fn the_salt_in_page_one_is_not_covered() {
        let key = PageKey::derive(&KEY, [1; 16]).expect("a key");
        let mut sealed = seal(&key, 1, &page());
        sealed[..PAGE_SALT_BYTES].fill(0xee);
        assert_eq!(key.open_page(1, &sealed), Some(page()));
    }

    #[test]
    fn the_key_does_not_print() {
        let key = PageKey::derive(&KEY, [1; 16]).expect("a key");
        assert_eq!(format!("{key:?}"), "PageKey(‹secret›)");
    }
}
