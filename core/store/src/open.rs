//! Opening, closing and the two doors: `write` (one at a time, flushed) and `read` (never waits for a writer).

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use grid_vault::DataKey;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::StoreError;
use crate::txn::{Reading, Writing};

/// Oldest SQLite this store runs on: earlier ones can lose committed writes when a checkpoint races (WAL-reset bug).
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;
const READERS: usize = 2;
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/0001_init.sql"),
    include_str!("../migrations/0003_search.sql"),
];

/// One vault's database. Cheap to share by reference between threads.
pub struct Store {
    folder: PathBuf,
    writer: Mutex<Option<Connection>>,
    readers: [Mutex<Option<Connection>>; READERS],
    lock: Mutex<Option<File>>,
}

impl Store {
    /// Opens the vault in `folder`, creating it when it is new, and brings its schema up to date.
    pub fn open(folder: &Path, key: &DataKey) -> Result<Self, StoreError> {
        Self::open_with(folder, || Ok(key.clone())).map(|(store, _)| store)
    }

    /// Like `open`; `key` is asked only once this vault's lock is held, so that of several openers of a new folder one
    /// makes its key and the others are told `AlreadyOpen`.
    pub fn open_with<E: From<StoreError>>(
        folder: &Path,
        key: impl FnOnce() -> Result<DataKey, E>,
    ) -> Result<(Self, DataKey), E> {
        std::fs::create_dir_all(folder.join("attachments")).map_err(StoreError::from)?;
        let lock = locked(folder)?;
        let key = key()?;
        let store = Self {
            folder: folder.to_owned(),
            writer: Mutex::new(None),
            readers: [const { Mutex::new(None) }; READERS],
            lock: Mutex::new(None),
        };
        store.connect_all(&key, lock)?;
        Ok((store, key))
    }

    /// Opens again after `close`. Does nothing to an open store.
    pub fn reopen(&self, key: &DataKey) -> Result<(), StoreError> {
        if held(&self.writer).is_some() {
            return Ok(());
        }
        self.connect_all(key, locked(&self.folder)?)
    }

    fn connect_all(&self, key: &DataKey, lock: File) -> Result<(), StoreError> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(StoreError::Unreadable("SQLite of this build: older than 3.51.3"));
        }
        let mut writer = connect(&self.folder, key, false)?;
        migrate(&mut writer)?;
        for reader in &self.readers {
            *held(reader) = Some(connect(&self.folder, key, true)?);
        }
        *held(&self.writer) = Some(writer);
        *held(&self.lock) = Some(lock);
        Ok(())
    }

    /// Closes. Returns only when no lock of SQLite or of this vault is held; later calls answer `Closed`.
    pub fn close(&self) -> Result<(), StoreError> {
        for reader in &self.readers {
            shut(held(reader).take())?;
        }
        shut(held(&self.writer).take())?;
        if let Some(lock) = held(&self.lock).take() {
            // Dropping is not enough: a child process that is just being started may hold a copy of the handle.
            lock.unlock()?;
        }
        Ok(())
    }

    /// Runs `f` in a write transaction and returns once it is committed and flushed. An error rolls everything back.
    pub fn write<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        transact(held(&self.writer).as_mut().ok_or(StoreError::Closed)?, f)
    }

    /// Like `write`, but the commit is not flushed: it survives a killed process, and a power cut only once a later
    /// `write` or `flush` has returned. For single track fixes, which are durable within 15 seconds.
    pub fn write_buffered<R, E: From<StoreError>>(
        &self,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        // The guard is held throughout: no other write may commit without its flush, whatever happens inside this one.
        let mut guard = held(&self.writer);
        let connection = guard.as_mut().ok_or(StoreError::Closed)?;
        connection
            .pragma_update(None, "synchronous", "NORMAL")
            .map_err(StoreError::from)?;
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| transact(connection, f)));
        if let Err(error) = connection.pragma_update(None, "synchronous", "FULL") {
            // A writer that no longer flushes must not be written to.
            *guard = None;
            return Err(StoreError::from(error).into());
        }
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    /// Makes buffered writes durable.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.write(|tx| tx.touch())
    }

    /// Runs `f` on a consistent snapshot. Never waits for a running write.
    pub fn read<R, E: From<StoreError>>(&self, f: impl FnOnce(&Reading<'_>) -> Result<R, E>) -> Result<R, E> {
        let mut guard = self.readers.iter().find_map(|reader| reader.try_lock().ok());
        let mut fallback = None;
        let slot = match guard.as_mut() {
            Some(guard) => &mut **guard,
            None => &mut **fallback.insert(held(&self.readers[0])),
        };
        let connection = slot.as_mut().ok_or(StoreError::Closed)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(StoreError::from)?;
        f(&Reading::new(transaction))
    }

    /// Pretends that the disk has room for this many database pages; for tests of what a full disk is told.
    #[doc(hidden)]
    pub fn limit_pages_for_tests(&self, pages: u32) -> Result<(), StoreError> {
        let guard = held(&self.writer);
        guard
            .as_ref()
            .ok_or(StoreError::Closed)?
            .pragma_update(None, "max_page_count", pages)?;
        Ok(())
    }

    /// The folder of this vault.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            ::log::warn!("closing the store: {error}");
        }
    }
}

fn transact<R, E: From<StoreError>>(
    connection: &mut Connection,
    f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
) -> Result<R, E> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(StoreError::from)?;
    let writing = Writing::new(transaction);
    let result = f(&writing)?;
    writing.commit()?;
    Ok(result)
}

/// A lock whose holder panicked is taken over: SQLite rolled its transaction back.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// This vault's own lock file, held by whoever has it open.
fn locked(folder: &Path) -> Result<File, StoreError> {
    let lock = File::options()
        .create(true)
        .append(true)
        .open(folder.join("lock"))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::AlreadyOpen,
        TryLockError::Error(error) => error.into(),
    })?;
    Ok(lock)
}

fn shut(connection: Option<Connection>) -> Result<(), StoreError> {
    connection.map_or(Ok(()), |open| open.close().map_err(|(_, error)| error.into()))
}

fn connect(folder: &Path, key: &DataKey, read_only: bool) -> Result<Connection, StoreError> {
    let mode = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let connection = Connection::open_with_flags(
        folder.join("fieldbook.db"),
        mode | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(Duration::from_secs(10))?;
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
         PRAGMA temp_store = MEMORY;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA secure_delete = ON;
         PRAGMA cell_size_check = ON;",
    )?;
    if !read_only {
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 10485760;")?;
    }
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let supported = MIGRATIONS.len() as u32;
    if found > supported {
        return Err(StoreError::TooNew { found, supported });
    }
    for (sql, version) in MIGRATIONS.iter().zip(1..).skip(found as usize) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Pretends that another version wrote this store; for tests of what a newer schema is told.
#[doc(hidden)]
pub fn set_schema_for_tests(folder: &Path, key: &DataKey, version: u32) -> Result<(), StoreError> {
    let connection = connect(folder, key, false)?;
    connection.pragma_update(None, "user_version", version)?;
    shut(Some(connection))
}
