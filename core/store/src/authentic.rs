//! Whether a database and its log are this vault's own, looked at before SQLite may write: opening moves a log into its
//! database page by page, and would move pages that are another vault's, or older than what the database holds.
//!
//! **Invariant:** nothing is written to a file that did not pass.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use grid_vault::{DataKey, PAGE_BYTES, PAGE_SALT_BYTES, PageKey};

use crate::boarding::QUARANTINE;
use crate::connect::{DATABASE, WAL as LOG, connect, shut};
use crate::disk::{Disk, DiskFile, Open, read_all, write_durably};
use crate::options::StoreOptions;
use crate::{Reading, StoreError};

const LOG_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;
const FRAME_BYTES: usize = FRAME_HEADER_BYTES + PAGE_BYTES;
/// Where the first page says how many there are.
const SIZE_AT: usize = 28;
/// SQLite locks bytes of this page and never writes it.
const LOCKED_PAGE: u32 = 0x4000_0000 / PAGE_BYTES as u32 + 1;

type Page = [u8; PAGE_BYTES];

/// Reads a log before it is opened. An error when a committed page is not this vault's, when pages are missing at the end of
/// the database, or when the log lost the place up to
/// which the database holds it already: SQLite would then lay older pages over newer ones. A log that lost only what the
/// database does not have yet is kept aside as it is: SQLite forgets what stands behind the loss.
pub(crate) fn check_log(disk: &dyn Disk, folder: &Path, key: &DataKey) -> Result<(), StoreError> {
    let Some(mut files) = Files::open(disk, folder, key)? else {
        return Ok(());
    };
    let log = files.read_log()?;
    if log.foreign || log.moved_already || !files.reach(&log)? {
        return Err(StoreError::WrongKeyOrDamaged);
    }
    if log.lost {
        keep_aside(disk, folder)?;
    }
    Ok(())
}

/// Whether every page that a reader would see is this vault's own. Changes nothing.
pub fn is_authentic(disk: &dyn Disk, folder: &Path, key: &DataKey) -> Result<bool, StoreError> {
    let Some(mut files) = Files::open(disk, folder, key)? else {
        return Ok(false);
    };
    let log = files.read_log()?;
    if log.foreign || log.moved_already || log.lost || files.bytes % PAGE_BYTES as u64 != 0 {
        return Ok(false);
    }
    let pages = u32::try_from(files.bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX);
    for number in (1..=pages).filter(|number| *number != LOCKED_PAGE && !log.pages.contains(number)) {
        if !files
            .page(number)?
            .is_some_and(|page| files.key.is_authentic(number, &page))
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a database is whole: its pages are this vault's own, they belong together, and the chain of its log holds. Changes
/// nothing, so that it may be asked of a damaged one.
pub fn is_whole(options: &StoreOptions, folder: &Path, key: &DataKey) -> Result<bool, StoreError> {
    if !is_authentic(&*options.disk, folder, key)? {
        return Ok(false);
    }
    let look = || {
        let mut connection = connect(folder, key, options, true)?;
        let tx = Reading::new(connection.transaction()?, None);
        let Some(identity) = tx.identity()? else {
            return Ok(false);
        };
        let mut whole = tx.is_intact()? && tx.outbox_is_sound()?;
        for life in tx.lives()? {
            whole = whole && tx.chain_holds(identity.device, life.epoch)?;
        }
        drop(tx);
        shut(Some(connection))?;
        Ok(whole)
    };
    match look() {
        Err(StoreError::Full) => Err(StoreError::Full),
        Err(StoreError::Io(error)) => Err(StoreError::Io(error)),
        // An older schema is told by its opening, not here.
        Err(StoreError::Sqlite(_)) if is_of_an_older_schema(options, folder, key) => Ok(true),
        other => Ok(other.unwrap_or(false)),
    }
}

fn is_of_an_older_schema(options: &StoreOptions, folder: &Path, key: &DataKey) -> bool {
    let version = connect(folder, key, options, true).and_then(|connection| {
        let version = connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?;
        shut(Some(connection))?;
        Ok(version)
    });
    version.is_ok_and(|version| version != crate::migrate::SCHEMA)
}

/// Copies a log to the quarantine. The same log is kept once.
fn keep_aside(disk: &dyn Disk, folder: &Path) -> Result<(), StoreError> {
    let log = read_all(disk, &folder.join(LOG))?;
    let shelf = folder.join(QUARANTINE);
    disk.create_dir_all(&shelf)?;
    let name = format!("log-{}", &grid_vault::sha256(&log).to_string()[..16]);
    if disk.size(&shelf.join(&name))?.is_none() {
        write_durably(disk, &shelf.join(&name), &log)?;
        disk.sync_dir(folder)?;
    }
    Ok(())
}

struct Files {
    database: Box<dyn DiskFile>,
    bytes: u64,
    log: Option<Box<dyn DiskFile>>,
    key: PageKey,
}

/// What a log holds.
#[derive(Default)]
struct Log {
    /// Pages that committed frames hold.
    pages: BTreeSet<u32>,
    /// Pages of the database after the last committed transaction.
    size: Option<u32>,
    /// A committed frame is not this vault's.
    foreign: bool,
    /// Frames of this vault that end a transaction stand behind one that is broken.
    lost: bool,
    /// Of these, some are in the database already.
    moved_already: bool,
}

impl Files {
    /// The files of a vault; `None` when there is no database.
    fn open(disk: &dyn Disk, folder: &Path, key: &DataKey) -> Result<Option<Self>, StoreError> {
        let Some(mut database) = opened(disk, &folder.join(DATABASE))? else {
            return Ok(None);
        };
        let bytes = database.len()?;
        let mut salt = [0; PAGE_SALT_BYTES];
        if database.read_at(0, &mut salt)? < PAGE_SALT_BYTES {
            return Ok(None);
        }
        let key = PageKey::derive(key, salt).map_err(|_| StoreError::WrongKeyOrDamaged)?;
        let log = opened(disk, &folder.join(LOG))?;
        Ok(Some(Self {
            database,
            bytes,
            log,
            key,
        }))
    }

    fn page(&mut self, number: u32) -> Result<Option<Page>, StoreError> {
        let mut page = [0; PAGE_BYTES];
        let at = u64::from(number.saturating_sub(1)) * PAGE_BYTES as u64;
        let read = self.database.read_at(at, &mut page)?;
        Ok((read == PAGE_BYTES).then_some(page))
    }

    /// Whether every page up to the size of the database is in its file or in the log.
    fn reach(&mut self, log: &Log) -> Result<bool, StoreError> {
        let first = self.page(1)?.and_then(|page| self.key.open_page(1, &page));
        let size = log.size.or(first.map(|plain| be32(&plain, SIZE_AT)));
        let there = u32::try_from(self.bytes / PAGE_BYTES as u64).unwrap_or(u32::MAX);
        // A first page that does not open is told by SQLite.
        Ok(size.is_none_or(|size| (there + 1..=size).all(|number| log.pages.contains(&number))))
    }

    fn read_log(&mut self) -> Result<Log, StoreError> {
        let mut found = Log::default();
        let mut header = [0; LOG_HEADER_BYTES];
        let Some(log) = &mut self.log else {
            return Ok(found);
        };
        if log.read_at(0, &mut header)? < LOG_HEADER_BYTES {
            return Ok(found);
        }
        let big_endian = header[3] & 1 == 1;
        let mut sum = summed(big_endian, (0, 0), &header[..24]);
        // Without its header SQLite takes a log for empty; then nothing of it is moved.
        let has_header = sum == (be32(&header, 24), be32(&header, 28));
        let mut holds = has_header;
        let mut pending: Vec<(u32, bool)> = Vec::new();
        let mut before = sum;
        let mut moved_whole = false;
        // Of the pages behind a loss: whether the database holds their newest image.
        let mut behind: BTreeMap<u32, bool> = BTreeMap::new();
        for index in 0_u64.. {
            let Some(frame) = self.frame(index)? else { break };
            let number = be32(&frame, 0);
            let page: &Page = frame.last_chunk().unwrap_or(&[0; PAGE_BYTES]);
            let ours = frame[8..16] == header[16..24];
            sum = summed(big_endian, summed(big_endian, sum, &frame[..8]), page);
            let stored = (be32(&frame, 16), be32(&frame, 20));
            holds &= ours && sum == stored;
            // A head of this log before a page of the former one is what a power cut leaves of a frame that was not flushed.
            let linked = stored == summed(big_endian, summed(big_endian, before, &frame[..8]), page);
            before = stored;
            let ends = be32(&frame, 4) != 0;
            if holds {
                pending.push((number, self.key.is_authentic(number, page)));
                if ends {
                    found.foreign |= pending.iter().any(|(_, authentic)| !authentic);
                    found.size = Some(be32(&frame, 4));
                    found.pages.extend(pending.drain(..).map(|(number, _)| number));
                }
            } else if ours && self.key.is_authentic(number, page) {
                found.lost |= ends;
                let moved = self.page(number)?.is_some_and(|there| there == *page);
                behind.insert(number, moved);
                moved_whole |= moved && linked;
            }
        }
        let all_moved = behind.values().all(|moved| *moved);
        found.moved_already = if has_header {
            moved_whole
        } else {
            behind.values().any(|moved| *moved) && !all_moved
        };
        found.lost &= !all_moved;
        Ok(found)
    }

    fn frame(&mut self, index: u64) -> Result<Option<[u8; FRAME_BYTES]>, StoreError> {
        let mut frame = [0; FRAME_BYTES];
        let at = LOG_HEADER_BYTES as u64 + index * FRAME_BYTES as u64;
        let Some(log) = &mut self.log else { return Ok(None) };
        Ok((log.read_at(at, &mut frame)? == FRAME_BYTES).then_some(frame))
    }
}

fn opened(disk: &dyn Disk, path: &Path) -> Result<Option<Box<dyn DiskFile>>, StoreError> {
    match disk.open(path, Open::Read) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_be_bytes(*four))
}

/// The running sum of the format of the log.
fn summed(big_endian: bool, from: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let (mut a, mut b) = from;
    for pair in bytes.chunks_exact(8) {
        let word = |at| {
            let word = be32(pair, at);
            if big_endian { word } else { word.swap_bytes() }
        };
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    (a, b)
}
