//! One SQLCipher connection with every setting that durability and secrecy rest on.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use grid_vault::DataKey;
use rusqlite::{Connection, OpenFlags};

use crate::StoreError;
use crate::disk::DiskLock;
use crate::options::{Flaw, StoreOptions};

/// The database file of a vault.
pub(crate) const DATABASE: &str = "fieldbook.db";
/// How long a statement waits for another connection.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Its write-ahead log.
pub(crate) const WAL: &str = "fieldbook.db-wal";

pub(crate) fn connect(
    folder: &Path,
    key: &DataKey,
    options: &StoreOptions,
    read_only: bool,
) -> Result<Connection, StoreError> {
    wait_for_cipher();
    let mode = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = folder.join(DATABASE);
    let connection = match options.disk.vfs() {
        None => Connection::open_with_flags(file, flags)?,
        Some(vfs) => Connection::open_with_flags_and_vfs(file, flags, vfs)?,
    };
    // A connection that turns out not to open this file must not move its log into it when it closes.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let hex: String = key.expose().iter().map(|byte| format!("{byte:02x}")).collect();
    // SQLCipher logs pages and keys to the console of a phone by default.
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "key", format!("x'{hex}'"))?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = 1;
         PRAGMA checkpoint_fullfsync = 1;
         PRAGMA mmap_size = 0;
         PRAGMA cache_size = -1000;
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON;
         PRAGMA cell_size_check = ON;",
    )?;
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Beside a partial index SQLite would plan a statement anew whenever another value is bound: a fifth of the time that
    // laying in a page takes.
    connection.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    if !read_only {
        // The log is moved into the database by `wal.rs` alone.
        connection.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = {}; PRAGMA wal_autocheckpoint = 0;",
            options.limits.wal_bytes
        ))?;
        if options.flaw == Some(Flaw::NormalSync) {
            connection.execute_batch("PRAGMA synchronous = NORMAL;")?;
        }
    }
    Ok(connection)
}

/// Waits until SQLCipher can take a key; whoever opens an encrypted database past the store calls it first. SQLite calls
/// itself ready before its build's extra start-up has run, so of two threads that open the first databases of a process one
/// could find no cipher and be refused.
pub fn wait_for_cipher() {
    static READY: Once = Once::new();
    READY.call_once(|| {
        // Whoever else began the start-up has it done within a few milliseconds.
        for _ in 0..READY_TRIES {
            let keyed = Connection::open_in_memory().and_then(|c| c.pragma_update(None, "key", "ready"));
            if keyed.is_ok() {
                return;
            }
            std::thread::yield_now();
        }
    });
}

const READY_TRIES: u32 = 10_000;

/// Closes a connection; an error means that a lock may still be held.
pub(crate) fn shut(connection: Option<Connection>) -> Result<(), StoreError> {
    connection.map_or(Ok(()), |open| open.close().map_err(|(_, error)| error.into()))
}

/// This vault's own lock file, held by whoever has it open.
pub(crate) fn locked(options: &StoreOptions, folder: &Path) -> Result<Option<Box<dyn DiskLock>>, StoreError> {
    if options.flaw == Some(Flaw::NoLockFile) {
        return Ok(None);
    }
    match options.disk.lock(&folder.join("lock"))? {
        Some(lock) => Ok(Some(lock)),
        None => Err(StoreError::AlreadyOpen),
    }
}
