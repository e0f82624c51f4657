//! Shared memory of a write-ahead log and its locks, for the connections of this process. Never lies on the disk: it ends
//! with its last user, as SQLite empties the file of its own when it is the first to open it.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex};

use rusqlite::ffi;

use super::file::{FileOfSqlite, OpenFile};
use crate::NodeId;
use crate::disk::held;
use crate::locks::{Held, SLOTS, SharedLocks};

/// The shared memories of a disk, by their database.
pub(crate) type SharedMemories = BTreeMap<NodeId, Arc<Memory>>;

/// One piece of shared memory: zero at first, at one address until it is dropped.
struct Region {
    start: NonNull<u8>,
    layout: Layout,
}

// SAFETY: the region is owned by nobody but this value; what is in it is SQLite's to guard, with the locks below.
unsafe impl Send for Region {}

impl Region {
    fn zeroed(bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes, 16)
            .ok()
            .filter(|layout| layout.size() > 0)?;
        // SAFETY: the layout is not of size zero.
        let start = NonNull::new(unsafe { alloc_zeroed(layout) })?;
        Some(Self { start, layout })
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: allocated in `zeroed` with this layout, and freed only here.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

#[derive(Default)]
pub(crate) struct Memory {
    regions: Mutex<Vec<Region>>,
    locks: Mutex<SharedLocks>,
}

/// What one open file has of the shared memory.
pub(super) struct Use {
    memory: Arc<Memory>,
    held: Held,
}

impl OpenFile {
    fn memory(&mut self) -> &mut Use {
        self.memory.get_or_insert_with(|| Use {
            memory: held(&self.disk.memories).entry(self.node).or_default().clone(),
            held: Held::default(),
        })
    }

    pub(super) fn leave_memory(&mut self) {
        let Some(mut used) = self.memory.take() else {
            return;
        };
        let mut memories = held(&self.disk.memories);
        held(&used.memory.locks).release(&mut used.held, u16::MAX);
        // The table has one, this use the other.
        if Arc::strong_count(&used.memory) == 2 {
            memories.remove(&self.node);
        }
    }
}

pub(super) unsafe extern "C" fn map(
    file: *mut ffi::sqlite3_file,
    index: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    let (Ok(index), Ok(bytes)) = (usize::try_from(index), usize::try_from(bytes)) else {
        return ffi::SQLITE_IOERR_SHMMAP;
    };
    let mut regions = held(&open.memory().memory.regions);
    while regions.len() <= index && extend != 0 {
        match Region::zeroed(bytes) {
            Some(region) => regions.push(region),
            None => return ffi::SQLITE_IOERR_NOMEM,
        }
    }
    let start = regions
        .get(index)
        .map_or(ptr::null_mut(), |region| region.start.as_ptr());
    // SAFETY: SQLite passes a pointer to fill; null says that there is no such region yet.
    unsafe { *out = start.cast() };
    ffi::SQLITE_OK
}

pub(super) unsafe extern "C" fn lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    let (Ok(first), Ok(count)) = (usize::try_from(offset), usize::try_from(count)) else {
        return ffi::SQLITE_IOERR_SHMLOCK;
    };
    if first + count > SLOTS {
        return ffi::SQLITE_IOERR_SHMLOCK;
    }
    let mask = (((1_u32 << count) - 1) << first) as u16;
    let used = open.memory();
    let mut locks = held(&used.memory.locks);
    let had = if flags & ffi::SQLITE_SHM_UNLOCK != 0 {
        locks.release(&mut used.held, mask);
        true
    } else if flags & ffi::SQLITE_SHM_SHARED != 0 {
        locks.share(&mut used.held, mask)
    } else {
        locks.exclude(&mut used.held, mask)
    };
    if had { ffi::SQLITE_OK } else { ffi::SQLITE_BUSY }
}

pub(super) unsafe extern "C" fn barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

pub(super) unsafe extern "C" fn unmap(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    if let Some(open) = unsafe { FileOfSqlite::get(file) } {
        open.leave_memory();
    }
    ffi::SQLITE_OK
}
