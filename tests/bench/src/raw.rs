//! What a bare database can do with the same bytes: one table, one prepared insert, the field core's own settings. No
//! chain, no outbox, no second copy, no views.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::BenchError;
use crate::meter::{Spent, spent};

/// Whether the file is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sealed {
    /// SQLCipher, a key as the field core gives it.
    Yes,
    /// SQLite.
    No,
}

/// Opens a bare database.
pub(crate) fn open(file: &Path, sealed: Sealed) -> Result<Connection, BenchError> {
    open_keyed(file, (sealed == Sealed::Yes).then_some([0x5c; 32].as_slice()))
}

/// Opens a database with this key, if it has one, past the field core.
pub(crate) fn open_keyed(file: &Path, key: Option<&[u8]>) -> Result<Connection, BenchError> {
    let connection = Connection::open(file)?;
    if let Some(key) = key {
        grid_store::wait_for_cipher();
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        connection.pragma_update(None, "cipher_log_level", "NONE")?;
        connection.pragma_update(None, "key", format!("x'{hex}'"))?;
    }
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })?;
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = 1;
         PRAGMA checkpoint_fullfsync = 1;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA secure_delete = ON;
         PRAGMA cell_size_check = ON;
         PRAGMA journal_mode = WAL;
         PRAGMA journal_size_limit = 10485760;
         PRAGMA wal_autocheckpoint = 1280;",
    )?;
    Ok(connection)
}

/// Inserts these bodies, so many in a commit.
pub(crate) fn insert(
    file: &Path,
    sealed: Sealed,
    bodies: &[Vec<u8>],
    per_commit: usize,
) -> Result<Spent, BenchError> {
    let mut connection = open(file, sealed)?;
    connection.execute_batch("CREATE TABLE rec (id INTEGER PRIMARY KEY, body BLOB)")?;
    let insert = "INSERT INTO rec (body) VALUES (?1)";
    let (_, spent) = spent(|| {
        if per_commit == 1 {
            let mut statement = connection.prepare(insert)?;
            for body in bodies {
                statement.execute([body])?;
            }
            return Ok(());
        }
        for group in bodies.chunks(per_commit) {
            let transaction = connection.transaction()?;
            let mut statement = transaction.prepare_cached(insert)?;
            for body in group {
                statement.execute([body])?;
            }
            drop(statement);
            transaction.commit()?;
        }
        Ok(())
    })?;
    Ok(spent)
}

/// A record of the bare list: when it is due, if it is an open task, and its body.
pub(crate) type Listed = (Option<i64>, Vec<u8>);

/// Makes a bare database with a list of open tasks.
pub(crate) fn fill_list(file: &Path, rows: &[Listed]) -> Result<(), BenchError> {
    let mut connection = open(file, Sealed::Yes)?;
    connection.execute_batch(
        "CREATE TABLE rec (id INTEGER PRIMARY KEY, due INTEGER, open INTEGER NOT NULL, body BLOB);
         CREATE INDEX rec_open ON rec (due) WHERE open = 1;",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut statement = transaction.prepare("INSERT INTO rec (due, open, body) VALUES (?1, ?2, ?3)")?;
        for (due, body) in rows {
            statement.execute(params![due, due.is_some(), body])?;
        }
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// Opens it and reads the first open tasks. Answers how many.
pub(crate) fn read_list(file: &Path, limit: u32) -> Result<usize, BenchError> {
    let connection = open(file, Sealed::Yes)?;
    let mut statement =
        connection.prepare("SELECT id, due, body FROM rec WHERE open = 1 ORDER BY due LIMIT ?1")?;
    let rows = statement.query_map([limit], |row| {
        Ok((
            row.get::<_, i64>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, Vec<u8>>(2)?,
        ))
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.len())
}
