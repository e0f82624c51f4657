//! What a target needs to get behind a seal: pages sealed as SQLCipher seals them, and a disk in memory to read them from.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use aes::Aes256;
use cbc::cipher::{Array, BlockModeEncrypt as _, KeyIvInit as _};
use grid_store::{Disk, DiskFile, DiskLock, Open};
use grid_vault::{DataKey, PAGE_BYTES, PAGE_SALT_BYTES, PAGE_USABLE_BYTES};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha512;

const IV_BYTES: usize = 16;
const TAG_AT: usize = PAGE_USABLE_BYTES + IV_BYTES;
const SALT_MASK: u8 = 0x3a;

/// Seals pages under a vault's key: what `grid_vault::PageKey` opens.
pub(crate) struct PageSeal {
    cipher: DataKey,
    mac: Vec<u8>,
    salt: [u8; PAGE_SALT_BYTES],
}

impl PageSeal {
    pub(crate) fn of(key: &DataKey, salt: [u8; PAGE_SALT_BYTES]) -> Self {
        let first = mac(
            key.expose(),
            &[&salt.map(|byte| byte ^ SALT_MASK), &1_u32.to_be_bytes()],
        );
        let second = mac(key.expose(), &[&first]);
        let derived = first.iter().zip(&second).map(|(a, b)| a ^ b);
        Self {
            cipher: key.clone(),
            mac: derived.take(32).collect(),
            salt,
        }
    }

    /// The page with these bytes at its start and zeros behind them. Page 1 begins with the salt instead of 16 of them.
    pub(crate) fn page(&self, number: u32, plain: &[u8]) -> [u8; PAGE_BYTES] {
        let mut sealed = [0; PAGE_BYTES];
        let length = plain.len().min(PAGE_USABLE_BYTES);
        sealed[..length].copy_from_slice(&plain[..length]);
        let from = if number == 1 { PAGE_SALT_BYTES } else { 0 };
        // Not random, but different on each page: a reader knows two copies of one page by it.
        let iv: [u8; IV_BYTES] =
            std::array::from_fn(|at| number.to_le_bytes()[at % 4] ^ plain_sum(plain, at));
        let mut cipher = cbc::Encryptor::<Aes256>::new(self.cipher.expose().into(), &iv.into());
        let (blocks, _) = Array::slice_as_chunks_mut(&mut sealed[from..PAGE_USABLE_BYTES]);
        cipher.encrypt_blocks(blocks);
        sealed[..from].copy_from_slice(&self.salt[..from]);
        sealed[PAGE_USABLE_BYTES..TAG_AT].copy_from_slice(&iv);
        let tag = mac(&self.mac, &[&sealed[from..TAG_AT], &number.to_le_bytes()]);
        sealed[TAG_AT..].copy_from_slice(&tag);
        sealed
    }
}

fn plain_sum(plain: &[u8], at: usize) -> u8 {
    plain
        .iter()
        .skip(at)
        .step_by(IV_BYTES)
        .fold(1, |sum: u8, byte| sum.wrapping_mul(31).wrapping_add(*byte))
}

fn mac(key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key) else {
        return Vec::new();
    };
    pieces.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().to_vec()
}

/// Files in memory, for readers: nothing can be written.
#[derive(Debug)]
pub(crate) struct MemoryDisk(BTreeMap<PathBuf, Vec<u8>>);

impl MemoryDisk {
    pub(crate) fn of(files: impl IntoIterator<Item = (PathBuf, Vec<u8>)>) -> Self {
        Self(files.into_iter().collect())
    }
}

struct MemoryFile(Vec<u8>);

fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl DiskFile for MemoryFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let length = buffer.len().min(self.0.len() - from);
        buffer[..length].copy_from_slice(&self.0[from..from + length]);
        Ok(length)
    }
    fn write_at(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        read_only()
    }
    fn set_len(&mut self, _: u64) -> io::Result<()> {
        read_only()
    }
    fn len(&mut self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
    fn sync(&mut self) -> io::Result<()> {
        read_only()
    }
}

impl Disk for MemoryDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        if how != Open::Read {
            return read_only();
        }
        let file = self.0.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(MemoryFile(file.clone())))
    }
    fn create_dir_all(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        Ok(self.0.get(path).map(|file| file.len() as u64))
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let inside = self.0.keys().filter(|path| path.parent() == Some(folder));
        let names = inside.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
        Ok(names.collect())
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(0)
    }
    fn lock(&self, _: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        read_only()
    }
}

#[cfg(test)]
mod tests {
    use grid_vault::PageKey;

    use super::*;
    use crate::keys::DATA_KEY;

    #[test]
    fn a_page_sealed_here_opens_there() {
        let key = PageKey::derive(&DATA_KEY, [5; 16]).expect("a key");
        let seal = PageSeal::of(&DATA_KEY, [5; 16]);
        for number in [1, 2, 70_000] {
            let plain = [b"SQLite format 3\0".as_slice(), &[7; 300]].concat();
            let opened = key
                .open_page(number, &seal.page(number, &plain))
                .expect("it opens");
            assert_eq!(&opened[..plain.len()], plain);
            assert!(opened[plain.len()..].iter().all(|byte| *byte == 0));
        }
    }
}
