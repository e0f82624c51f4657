//! One open file of SQLite. Never holds a lock of the disk between two calls.

use std::ffi::{c_int, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::ffi;

use super::{code, memory};
use crate::NodeId;
use crate::disk::{Shared, held};
use crate::locks::{HandleId, Level};
use crate::tree::SECTOR;
use crate::volume::Names;

static NEXT_HANDLE: AtomicU64 = AtomicU64::new(1);

pub(super) struct OpenFile {
    pub(super) disk: Arc<Shared>,
    pub(super) node: NodeId,
    pub(super) memory: Option<memory::Use>,
    id: HandleId,
    /// What its next sync makes durable besides it.
    names: Names,
    /// To be removed when closed.
    doomed: Option<PathBuf>,
    keeps_log: bool,
}

impl OpenFile {
    pub(super) fn of(disk: Arc<Shared>, node: NodeId, names: Names, doomed: Option<PathBuf>) -> Self {
        Self {
            disk,
            node,
            memory: None,
            id: NEXT_HANDLE.fetch_add(1, Ordering::Relaxed),
            names,
            doomed,
            keeps_log: false,
        }
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.leave_memory();
        held(&self.disk.locks).lower(self.node, self.id, Level::Unlocked);
        if let Some(path) = self.doomed.take() {
            // Nobody hears of a failure, as with the system's own files.
            let _ = self.disk.volume().remove(&path);
        }
    }
}

/// What lies in the room that SQLite gives for a file: its own head, then ours.
#[repr(C)]
pub(super) struct FileOfSqlite {
    head: ffi::sqlite3_file,
    open: *mut OpenFile,
}

impl FileOfSqlite {
    /// Marks the room as holding no open file, so that SQLite does not close it.
    ///
    /// # Safety
    /// `file` points to room for one `FileOfSqlite`.
    pub(super) unsafe fn clear(file: *mut ffi::sqlite3_file) {
        let empty = Self {
            head: ffi::sqlite3_file {
                pMethods: ptr::null(),
            },
            open: ptr::null_mut(),
        };
        // SAFETY: there is room for it by this function's contract.
        unsafe { file.cast::<Self>().write(empty) };
    }

    /// Puts an open file there.
    ///
    /// # Safety
    /// `file` points to room for one `FileOfSqlite` that holds no open file.
    pub(super) unsafe fn fill(file: *mut ffi::sqlite3_file, open: OpenFile) {
        let full = Self {
            head: ffi::sqlite3_file { pMethods: &METHODS },
            open: Box::into_raw(Box::new(open)),
        };
        // SAFETY: there is room for it by this function's contract.
        unsafe { file.cast::<Self>().write(full) };
    }

    /// The open file there.
    ///
    /// # Safety
    /// `file` was given to `clear` or `fill`, and nobody else uses the answer at the same time.
    pub(super) unsafe fn get<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a mut OpenFile> {
        // SAFETY: a `FileOfSqlite` by this function's contract; its pointer is null or from `fill`, and used alone.
        unsafe { (*file.cast::<Self>()).open.as_mut() }
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(memory::map),
    xShmLock: Some(memory::lock),
    xShmBarrier: Some(memory::barrier),
    xShmUnmap: Some(memory::unmap),
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite passes a file of ours and closes it once; the pointer in it is null or from `Box::into_raw`.
    unsafe {
        let open = (*file.cast::<FileOfSqlite>()).open;
        FileOfSqlite::clear(file);
        if !open.is_null() {
            drop(Box::from_raw(open));
        }
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    out: *mut c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let open = unsafe { FileOfSqlite::get(file) };
    let (Some(open), Ok(count), Ok(offset)) = (open, usize::try_from(count), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_READ;
    };
    // SAFETY: SQLite passes `count` bytes to fill, which nobody else sees during this call.
    let buffer = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), count) };
    match open.disk.volume().read_at(open.node, offset, buffer) {
        Ok(read) if read == count => ffi::SQLITE_OK,
        Ok(read) => {
            buffer[read..].fill(0);
            ffi::SQLITE_IOERR_SHORT_READ
        }
        Err(error) => code(&error, ffi::SQLITE_IOERR_READ),
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let open = unsafe { FileOfSqlite::get(file) };
    let (Some(open), Ok(count), Ok(offset)) = (open, usize::try_from(count), u64::try_from(offset)) else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite passes `count` bytes, which do not change during this call.
    let bytes = unsafe { std::slice::from_raw_parts(bytes.cast::<u8>(), count) };
    result(
        open.disk.volume().write_at(open.node, offset, bytes),
        ffi::SQLITE_IOERR_WRITE,
    )
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let open = unsafe { FileOfSqlite::get(file) };
    let (Some(open), Ok(len)) = (open, u64::try_from(len)) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    result(
        open.disk.volume().set_len(open.node, len),
        ffi::SQLITE_IOERR_TRUNCATE,
    )
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_FSYNC;
    };
    let done = open.disk.volume().sync(open.node, open.names);
    if done.is_ok() {
        open.names = Names::Apart;
    }
    result(done, ffi::SQLITE_IOERR_FSYNC)
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_FSTAT;
    };
    let len = open.disk.volume().file_len(open.node);
    if let Some(len) = len.as_ref().ok().and_then(|len| i64::try_from(*len).ok()) {
        // SAFETY: SQLite passes a number to fill.
        unsafe { *out = len };
    }
    result(len.map(|_| ()), ffi::SQLITE_IOERR_FSTAT)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_LOCK;
    };
    match held(&open.disk.locks).raise(open.node, open.id, level_of(level)) {
        true => ffi::SQLITE_OK,
        false => ffi::SQLITE_BUSY,
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    if let Some(open) = unsafe { FileOfSqlite::get(file) } {
        held(&open.disk.locks).lower(open.node, open.id, level_of(level));
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let Some(open) = (unsafe { FileOfSqlite::get(file) }) else {
        return ffi::SQLITE_IOERR_CHECKRESERVEDLOCK;
    };
    let reserved = held(&open.disk.locks).is_reserved(open.node);
    // SAFETY: SQLite passes a number to fill.
    unsafe { *out = c_int::from(reserved) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(file: *mut ffi::sqlite3_file, op: c_int, arg: *mut c_void) -> c_int {
    // SAFETY: SQLite passes an open file of ours and uses it from one thread at a time.
    let open = unsafe { FileOfSqlite::get(file) };
    match open {
        Some(open) if op == ffi::SQLITE_FCNTL_PERSIST_WAL && !arg.is_null() => {
            // SAFETY: for this request SQLite passes a number: 0 or 1 to set, below 0 to ask.
            let number = unsafe { &mut *arg.cast::<c_int>() };
            match *number {
                ..0 => *number = c_int::from(open.keeps_log),
                wanted => open.keeps_log = wanted != 0,
            }
            ffi::SQLITE_OK
        }
        _ => ffi::SQLITE_NOTFOUND,
    }
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    SECTOR as c_int
}

/// Nothing is promised: what a phone's flash does is not known.
unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    0
}

fn level_of(level: c_int) -> Level {
    match level {
        ffi::SQLITE_LOCK_NONE => Level::Unlocked,
        ffi::SQLITE_LOCK_SHARED => Level::Shared,
        ffi::SQLITE_LOCK_RESERVED => Level::Reserved,
        ffi::SQLITE_LOCK_PENDING => Level::Pending,
        _ => Level::Exclusive,
    }
}

fn result(done: std::io::Result<()>, own: c_int) -> c_int {
    done.map_or_else(|error| code(&error, own), |()| ffi::SQLITE_OK)
}
