//! The disk as SQLite takes it: one file system for the process, each path says which disk it lies on. Promises SQLite
//! nothing about the device: no atomic write, no order, no powersafe overwriting.
//!
//! What is unsafe here is unsafe for one reason: SQLite calls with raw pointers, and its contract says what they point to.

mod file;
mod memory;

use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex};

use rusqlite::ffi;

use crate::dice::Dice;
use crate::disk::{Shared, held, located};
use crate::volume::Names;
use file::{FileOfSqlite, OpenFile};

pub(crate) use memory::SharedMemories;

/// Name of the file system, for opening a database on a `SimDisk`.
pub const VFS: &str = "grid-sim";

const NAME: &CStr = c"grid-sim";
const PATH_MAX: c_int = 512;
/// 2026-01-01 00:00 UTC in milliseconds of the Julian day: SQLite's clock stands still.
const NOW: i64 = 212_633_985_600_000;
const DAY_MS: f64 = 86_400_000.0;

/// Whose first sync takes the folder along, in SQLite's own file system for Unix. A database is not among them: its name
/// becomes durable with its first journal.
const JOURNALS: c_int = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_SUPER_JOURNAL | ffi::SQLITE_OPEN_WAL;

static REGISTERED: LazyLock<c_int> = LazyLock::new(|| {
    let vfs = Box::leak(Box::new(table()));
    // Without counting its memory SQLite's threads do not wait for each other at every allocation. Refused, and no matter,
    // when SQLite was used before.
    // SAFETY: the option takes one int; the table lives for ever and its functions are all there; SQLite registers under a
    // lock of its own.
    unsafe {
        ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as c_int);
        ffi::sqlite3_vfs_register(vfs, 0)
    }
});

static RANDOMNESS: LazyLock<Mutex<Dice>> = LazyLock::new(|| Mutex::new(Dice::seeded(0)));

/// Makes the file system known to SQLite, once for the process. Should that fail, opening a database says so.
pub(crate) fn register() {
    LazyLock::force(&REGISTERED);
}

fn table() -> ffi::sqlite3_vfs {
    ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size_of::<FileOfSqlite>() as c_int,
        mxPathname: PATH_MAX,
        pNext: ptr::null_mut(),
        zName: NAME.as_ptr(),
        pAppData: ptr::null_mut(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xDlOpen: None,
        xDlError: None,
        xDlSym: None,
        xDlClose: None,
        xRandomness: Some(randomness),
        xSleep: Some(sleep),
        xCurrentTime: Some(current_time),
        xGetLastError: Some(last_error),
        xCurrentTimeInt64: Some(current_time_ms),
        xSetSystemCall: None,
        xGetSystemCall: None,
        xNextSystemCall: None,
    }
}

/// Result of SQLite for an error of the disk: a full disk is said as such, all else by the operation's own code.
fn code(error: &std::io::Error, own: c_int) -> c_int {
    match error.kind() {
        std::io::ErrorKind::StorageFull => ffi::SQLITE_FULL,
        _ => own,
    }
}

/// The disk and the path of a name that SQLite passes.
///
/// # Safety
/// `name` is null or a C string that lives as long as the answer is used.
unsafe fn place<'a>(name: *const c_char) -> Option<(Arc<Shared>, &'a Path)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, and a C string by this function's contract.
    let name = unsafe { CStr::from_ptr(name) };
    located(name.to_str().ok()?)
}

/// A temporary file has no name, so no disk: it is refused, as a vault must not make one (`temp_store = MEMORY`).
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes room for `szOsFile` bytes, aligned as its own allocations are.
    unsafe { FileOfSqlite::clear(file) };
    // SAFETY: SQLite passes null or a C string that outlives the file.
    let Some((disk, path)) = (unsafe { place(name) }) else {
        return ffi::SQLITE_CANTOPEN;
    };
    let create = flags & ffi::SQLITE_OPEN_CREATE != 0;
    let opened = disk.volume().open(path, create);
    let node = match opened {
        Ok(node) => node,
        Err(error) => return code(&error, ffi::SQLITE_CANTOPEN),
    };
    let doomed = (flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0).then(|| path.to_owned());
    let names = if create && flags & JOURNALS != 0 {
        Names::OfFolder
    } else {
        Names::Apart
    };
    let open = OpenFile::of(disk, node, names, doomed);
    // SAFETY: as above; nothing is stored there yet.
    unsafe { FileOfSqlite::fill(file, open) };
    if !out_flags.is_null() {
        // SAFETY: not null, so it points to a number of SQLite's.
        unsafe { *out_flags = flags };
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: SQLite passes a C string that lives for this call.
    let Some((disk, path)) = (unsafe { place(name) }) else {
        return ffi::SQLITE_IOERR_DELETE;
    };
    let mut volume = disk.volume();
    match volume.remove(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => ffi::SQLITE_IOERR_DELETE_NOENT,
        Err(error) => code(&error, ffi::SQLITE_IOERR_DELETE),
        Ok(()) if sync_dir == 0 => ffi::SQLITE_OK,
        Ok(()) => match volume.sync_dir(path.parent().unwrap_or(Path::new(""))) {
            Ok(()) => ffi::SQLITE_OK,
            Err(error) => code(&error, ffi::SQLITE_IOERR_DIR_FSYNC),
        },
    }
}

unsafe extern "C" fn access(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite passes a C string that lives for this call.
    let Some((disk, path)) = (unsafe { place(name) }) else {
        return ffi::SQLITE_IOERR_ACCESS;
    };
    match disk.volume().size(path) {
        Ok(found) => {
            // As the system's own: an empty journal is as good as none.
            let there = found.is_some_and(|len| flags != ffi::SQLITE_ACCESS_EXISTS || len > 0);
            // SAFETY: SQLite passes a number to fill.
            unsafe { *out = c_int::from(there) };
            ffi::SQLITE_OK
        }
        Err(error) => code(&error, ffi::SQLITE_IOERR_ACCESS),
    }
}

unsafe extern "C" fn full_pathname(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    room: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite passes a C string that lives for this call.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes_with_nul();
    if bytes.len() > usize::try_from(room).unwrap_or(0) {
        return ffi::SQLITE_CANTOPEN;
    }
    // SAFETY: `out` has `room` bytes, which is enough, and is not part of `name`.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len()) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, count: c_int, out: *mut c_char) -> c_int {
    let room = usize::try_from(count).unwrap_or(0);
    if room > 0 {
        // SAFETY: SQLite passes `count` bytes to fill, all of them written before.
        let bytes = unsafe { std::slice::from_raw_parts_mut(out.cast::<u8>(), room) };
        held(&RANDOMNESS).fill(bytes);
    }
    count
}

/// Says that the time has passed: another thread may go on, nobody waits.
unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    std::thread::yield_now();
    microseconds
}

unsafe extern "C" fn current_time(_: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    // SAFETY: SQLite passes a number to fill.
    unsafe { *out = NOW as f64 / DAY_MS };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time_ms(_: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: SQLite passes a number to fill.
    unsafe { *out = NOW };
    ffi::SQLITE_OK
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}
