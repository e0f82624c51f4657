//! The platform's rows in SQLite. Decides nothing: the rules live in `grid-hub`, whose isolation law this store keeps with
//! one writer, `BEGIN IMMEDIATE`, WAL and `synchronous=FULL`.

mod access;
mod backup;
mod cells;
mod desk;
mod devices;
mod extensions;
mod feed;
mod field;
mod log;
mod open;
mod patrols;
mod people;
mod platform;
mod pool;
mod tasks;
mod uploads;

pub use access::{Access, Reads, Writes};
pub use open::{SCHEMA_VERSION, SQLITE_VERSION_MIN};

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use grid_hub::{HubError, HubStore};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use access::fault;
use pool::Pool;

/// How to open a store.
#[derive(Clone)]
pub struct SqliteSettings {
    /// How many read connections are kept; at least one.
    pub readers: usize,
    /// Key of an encrypted database (SQLCipher); plain when absent.
    pub key: Option<[u8; 32]>,
    /// Pages after which the store says [`HubError::Full`], as a full disk would; the disk alone is the limit when absent.
    pub pages_max: Option<u32>,
}

impl Default for SqliteSettings {
    fn default() -> Self {
        Self {
            readers: 4,
            key: None,
            pages_max: None,
        }
    }
}

/// A platform store in one SQLite file: one writer behind a lock, a few readers that never wait for it.
pub struct SqliteStore {
    path: PathBuf,
    settings: SqliteSettings,
    writer: Mutex<Connection>,
    readers: Pool,
}

impl SqliteStore {
    /// Opens or creates the database at `path` and brings its schema up to date. A newer schema is refused untouched, and
    /// so is an SQLite older than [`SQLITE_VERSION_MIN`].
    pub fn open(path: &Path, settings: &SqliteSettings) -> Result<Self, HubError> {
        let writer = open::writer(path, settings.key.as_ref())?;
        if let Some(pages) = settings.pages_max {
            writer
                .pragma_update(None, "max_page_count", pages)
                .map_err(fault)?;
        }
        let readers = (0..settings.readers.max(1))
            .map(|_| open::reader(path, settings.key.as_ref()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            path: path.to_owned(),
            settings: settings.clone(),
            writer: Mutex::new(writer),
            readers: Pool::of(readers),
        })
    }

    /// Writes a consistent copy of the database to `target`, which must not exist, while the store goes on working: what a
    /// backup keeps.
    pub fn copy_to(&self, target: &Path) -> Result<(), HubError> {
        let target = target
            .to_str()
            .ok_or(HubError::Bug("a backup path that is no text"))?;
        let connection = open::plain(&self.path, self.settings.key.as_ref())?;
        connection.execute("VACUUM INTO ?1", [target]).map_err(fault)?;
        Ok(())
    }

    /// Reads the whole database and looks for damage and for rows that name others which are not there: the first thing that
    /// is wrong, in SQLite's words. Takes as long as reading the file.
    pub fn damage(&self) -> Result<Option<String>, HubError> {
        let connection = open::reader(&self.path, self.settings.key.as_ref())?;
        let said: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(fault)?;
        if said != "ok" {
            return Ok(Some(said));
        }
        let orphan: Option<(String, String)> = connection
            .query_row("PRAGMA foreign_key_check", [], |row| {
                Ok((row.get(0)?, row.get(2)?))
            })
            .optional()
            .map_err(fault)?;
        Ok(orphan
            .map(|(table, parent)| format!("a row of {table} names a row of {parent} that is not there")))
    }
}

impl HubStore for SqliteStore {
    type Snapshot<'s> = Access<'s, Reads>;
    type Txn<'t> = Access<'t, Writes>;

    fn write<R>(&self, f: impl FnOnce(&mut Self::Txn<'_>) -> Result<R, HubError>) -> Result<R, HubError> {
        // A panic inside a transaction rolled it back when it unwound: the connection is as good as before.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(fault)?;
        let answer = f(&mut Access::over(&transaction))?;
        transaction.commit().map_err(fault)?;
        Ok(answer)
    }

    fn read<R>(&self, f: impl FnOnce(&Self::Snapshot<'_>) -> Result<R, HubError>) -> Result<R, HubError> {
        let reader = self
            .readers
            .take()
            .ok_or(HubError::Bug("a store without readers"))?;
        let transaction = reader.unchecked_transaction().map_err(fault)?;
        f(&Access::over(&transaction))
    }
}
