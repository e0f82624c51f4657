//! Space on the phone: a ballast file is kept back, so that when the disk is full the platform's answers can still be taken
//! in, old records purged, and the last words of a worker saved. Photos stop first.

use std::path::PathBuf;
use std::sync::Arc;

use crate::StoreError;
use crate::disk::{Disk, Open};
use crate::options::StoreLimits;

/// What a write is for, which decides what of the ballast it may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Capturing text: until the ballast is spent down to what acknowledgements need.
    Capture,
    /// Taking in the platform's answer, or purging: may use the last of it.
    Settle,
}

/// How a vault stands with space, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpaceLeft {
    /// Free for this application.
    pub free_bytes: u64,
    /// Kept back.
    pub ballast_bytes: u64,
    /// What should be kept back.
    pub ballast_wanted_bytes: u64,
}

/// The ballast of a vault.
#[derive(Clone)]
pub(crate) struct Space {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) folder: PathBuf,
    pub(crate) limits: StoreLimits,
}

impl Space {
    fn file(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// How much a write may need: for text, pages in the write-ahead log and a stretch of the lifeboat; a whole answer of
    /// the platform takes more.
    fn headroom(&self, purpose: Purpose) -> u64 {
        let text = (self.limits.wal_bytes / 8).max(TEXT_BYTES) + 2 * self.limits.grow_bytes;
        match purpose {
            Purpose::Capture => text,
            Purpose::Settle => text.max(self.limits.ballast_kept_bytes),
        }
    }

    pub(crate) fn left(&self) -> Result<SpaceLeft, StoreError> {
        Ok(SpaceLeft {
            free_bytes: self.disk.free_bytes(&self.folder)?,
            ballast_bytes: self.disk.size(&self.file())?.unwrap_or(0),
            ballast_wanted_bytes: self.limits.ballast_bytes,
        })
    }

    /// Whether there is less than such a write may need.
    pub(crate) fn is_short(&self, purpose: Purpose) -> Result<bool, StoreError> {
        Ok(self.disk.free_bytes(&self.folder)? < self.headroom(purpose))
    }

    /// Gives back as much of the ballast as this write may use and needs. What is still missing is the write's to tell.
    pub(crate) fn make_room(&self, purpose: Purpose) -> Result<(), StoreError> {
        let Some(short) = self
            .headroom(purpose)
            .checked_sub(self.disk.free_bytes(&self.folder)?)
            .filter(|short| *short > 0)
        else {
            return Ok(());
        };
        let held = self.disk.size(&self.file())?.unwrap_or(0);
        let kept = match purpose {
            Purpose::Capture => self.limits.ballast_kept_bytes,
            Purpose::Settle => 0,
        };
        let given = short.min(held.saturating_sub(kept));
        if given > 0 {
            let mut file = self.disk.open(&self.file(), Open::Write)?;
            file.set_len(held - given)?;
            file.sync()?;
        }
        Ok(())
    }

    /// Whether a photo of this size may be taken in: only while the ballast is whole and there is plenty besides.
    pub(crate) fn photo_fits(&self, bytes: u64) -> Result<(), StoreError> {
        let left = self.left()?;
        let whole = left.ballast_bytes >= left.ballast_wanted_bytes;
        let plenty = left.free_bytes >= bytes.saturating_add(self.limits.photo_headroom_bytes);
        if whole && plenty {
            Ok(())
        } else {
            Err(StoreError::Full)
        }
    }

    /// Makes the ballast whole when there is plenty of space. Its bytes do not compress, so that they really take space.
    pub(crate) fn fill(&self) -> Result<(), StoreError> {
        let left = self.left()?;
        let missing = left.ballast_wanted_bytes.saturating_sub(left.ballast_bytes);
        if missing == 0 || left.free_bytes < missing.saturating_add(self.limits.photo_headroom_bytes) {
            return Ok(());
        }
        let mut file = self.disk.open(&self.file(), Open::Create)?;
        let mut at = left.ballast_bytes;
        let mut word = 0x9E37_79B9_7F4A_7C15_u64 ^ at;
        let mut piece = vec![0; PIECE];
        while at < left.ballast_wanted_bytes {
            let length = PIECE.min((left.ballast_wanted_bytes - at) as usize);
            for eight in piece.chunks_exact_mut(8) {
                word ^= word << 13;
                word ^= word >> 7;
                word ^= word << 17;
                eight.copy_from_slice(&word.to_le_bytes());
            }
            file.write_at(at, &piece[..length])?;
            at += length as u64;
        }
        file.sync()?;
        Ok(())
    }
}

/// Pages that an ordinary save may write, bytes.
const TEXT_BYTES: u64 = 64 * 1024;
const PIECE: usize = 256 * 1024;
