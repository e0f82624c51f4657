//! The two files of a database, read page by page. Never writes, and takes a page that cannot be read for a damaged one.

use std::io;
use std::path::Path;

use grid_vault::PAGE_BYTES;

use super::{Page, Wreck};
use crate::disk::{Disk, DiskFile, Open};

/// The header of the WAL, bytes.
pub(super) const WAL_HEADER_BYTES: usize = 32;
/// The header of each of its frames, bytes.
pub(super) const FRAME_HEADER_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE_BYTES;

/// The open files; either may be missing.
pub(super) struct Files {
    database: Option<Box<dyn DiskFile>>,
    wal: Option<Box<dyn DiskFile>>,
    /// Pages in the database file, a cut one at its end included.
    pub(super) pages: u32,
    /// Whole frames in the WAL: a cut one at its end was never synced.
    pub(super) frames: u32,
}

impl Files {
    pub(super) fn open(disk: &dyn Disk, wreck: &Wreck) -> io::Result<Self> {
        let (database, bytes) = opened(disk, &wreck.database)?;
        let pages = bytes.div_ceil(PAGE_BYTES as u64);
        let (wal, bytes) = opened(disk, &wreck.wal)?;
        let frames = bytes.saturating_sub(WAL_HEADER_BYTES as u64) / FRAME_BYTES as u64;
        Ok(Self {
            database,
            wal,
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
            frames: u32::try_from(frames).unwrap_or(u32::MAX),
        })
    }

    /// A page as it lies in the database file.
    pub(super) fn page(&mut self, number: u32) -> Option<Page> {
        let mut page = [0; PAGE_BYTES];
        let at = u64::from(number.checked_sub(1)?) * PAGE_BYTES as u64;
        filled(self.database.as_deref_mut()?, at, &mut page)?;
        Some(page)
    }

    /// The WAL's header.
    pub(super) fn wal_header(&mut self) -> Option<[u8; WAL_HEADER_BYTES]> {
        let mut header = [0; WAL_HEADER_BYTES];
        filled(self.wal.as_deref_mut()?, 0, &mut header)?;
        Some(header)
    }

    /// A frame of the WAL: its header and the page.
    pub(super) fn frame(&mut self, index: u32) -> Option<([u8; FRAME_HEADER_BYTES], Page)> {
        let mut frame = [0; FRAME_BYTES];
        let at = WAL_HEADER_BYTES as u64 + u64::from(index) * FRAME_BYTES as u64;
        filled(self.wal.as_deref_mut()?, at, &mut frame)?;
        let (header, page) = frame.split_first_chunk()?;
        Some((*header, *page.first_chunk()?))
    }
}

fn opened(disk: &dyn Disk, path: &Path) -> io::Result<(Option<Box<dyn DiskFile>>, u64)> {
    match disk.open(path, Open::Read) {
        Ok(mut file) => {
            let bytes = file.len()?;
            Ok((Some(file), bytes))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((None, 0)),
        Err(error) => Err(error),
    }
}

/// Fills the whole buffer or answers nothing: a bad sector is damage, and the pages around it are still wanted.
fn filled(file: &mut dyn DiskFile, at: u64, buffer: &mut [u8]) -> Option<()> {
    let read = file.read_at(at, buffer).ok()?;
    (read == buffer.len()).then_some(())
}
