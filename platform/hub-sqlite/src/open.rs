//! Opening a database file: version gates, pragmas, migrations.

use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use grid_hub::HubError;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use crate::access::fault;

/// The oldest SQLite that keeps our promises: it has the fix of the WAL-reset race (architecture §2 decision 7).
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// The newest schema this build knows.
pub const SCHEMA_VERSION: u32 = 5;
/// Straight-line SQL, in order; a released file is never edited.
const MIGRATIONS: [(u32, &str); SCHEMA_VERSION as usize] = [
    (1, include_str!("../migrations/0001_init.sql")),
    (2, include_str!("../migrations/0002_backup.sql")),
    (3, include_str!("../migrations/0003_beacon.sql")),
    (4, include_str!("../migrations/0004_posting.sql")),
    (5, include_str!("../migrations/0005_extension.sql")),
];
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const STATEMENTS_CACHED: usize = 256;

/// The writing connection; brings the schema up to date.
pub(crate) fn writer(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection, HubError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        return Err(HubError::Bug("built with an SQLite that is too old"));
    }
    let mut connection = plain(path, key)?;
    let found = schema_version(&connection)?;
    if found > SCHEMA_VERSION {
        return Err(HubError::SchemaTooNew {
            found,
            supported: SCHEMA_VERSION,
        });
    }
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
        .map_err(fault)?;
    migrate(&mut connection)?;
    Ok(connection)
}

/// A reading connection.
pub(crate) fn reader(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection, HubError> {
    let connection = plain(path, key)?;
    connection
        .execute_batch("PRAGMA query_only = ON;")
        .map_err(fault)?;
    Ok(connection)
}

/// Waits until SQLCipher takes keys: `sqlite3_initialize` calls itself done before SQLCipher's own start-up has run, so the
/// second of two threads that open a process's first databases could be refused its key.
fn wait_for_cipher() {
    static DONE: Once = Once::new();
    let takes_keys =
        || Connection::open_in_memory().and_then(|memory| memory.pragma_update(None, "key", "any"));
    DONE.call_once(|| {
        // The start-up takes a few milliseconds, in whichever thread began it.
        for _ in 0..CIPHER_TRIES {
            if takes_keys().is_ok() {
                return;
            }
            std::thread::yield_now();
        }
    });
}

const CIPHER_TRIES: u32 = 10_000;

/// A connection that has touched nothing yet.
pub(crate) fn plain(path: &Path, key: Option<&[u8; 32]>) -> Result<Connection, HubError> {
    if key.is_some() {
        wait_for_cipher();
    }
    let connection = Connection::open(path).map_err(fault)?;
    if let Some(key) = key {
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        // SQLCipher writes what it is unhappy about to standard error unless told not to.
        connection
            .pragma_update(None, "cipher_log_level", "NONE")
            .map_err(fault)?;
        connection
            .pragma_update(None, "key", format!("x'{hex}'"))
            .map_err(fault)?;
    }
    connection.busy_timeout(BUSY_TIMEOUT).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection
        .execute_batch("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;")
        .map_err(fault)?;
    Ok(connection)
}

fn schema_version(connection: &Connection) -> Result<u32, HubError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'";
    let table: Option<String> = connection
        .query_row(sql, [], |row| row.get(0))
        .optional()
        .map_err(fault)?;
    if table.is_none() {
        return Ok(0);
    }
    let sql = "SELECT coalesce(max(version), 0) FROM schema_version";
    connection.query_row(sql, [], |row| row.get(0)).map_err(fault)
}

/// Runs what is missing, all of it or none.
fn migrate(connection: &mut Connection) -> Result<(), HubError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(fault)?;
    // Looked at again inside: another process may have opened the file at the same time.
    let found = schema_version(&transaction)?;
    for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| *version > found) {
        transaction.execute_batch(sql).map_err(fault)?;
        transaction
            .execute("INSERT INTO schema_version (version) VALUES (?1)", [version])
            .map_err(fault)?;
    }
    transaction.commit().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SqliteSettings, SqliteStore};

    #[test]
    fn a_newer_schema_is_refused_and_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.db");
        drop(SqliteStore::open(&path, &SqliteSettings::default()).unwrap());
        let connection = Connection::open(&path).unwrap();
        connection
            .execute("INSERT INTO schema_version (version) VALUES (99)", [])
            .unwrap();
        drop(connection);
        let before = std::fs::read(&path).unwrap();
        match SqliteStore::open(&path, &SqliteSettings::default()).map(|_| ()) {
            Err(HubError::SchemaTooNew {
                found: 99,
                supported: SCHEMA_VERSION,
            }) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn a_commit_is_flushed_and_every_table_is_strict() {
        let folder = tempfile::tempdir().unwrap();
        let connection = writer(&folder.path().join("hub.db"), None).unwrap();
        let pragma = |name: &str| {
            connection
                .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .unwrap()
        };
        assert_eq!((pragma("synchronous"), pragma("foreign_keys")), (2, 1));
        let mode: String = connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
        let sql = "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 \
                   AND name NOT LIKE 'sqlite_%'";
        assert_eq!(
            connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(),
            0
        );
    }

    /// Tables, indexes and their text, in the order of their names.
    fn schema(connection: &Connection) -> Vec<(String, String, Option<String>)> {
        let mut statement = connection
            .prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn an_upgraded_database_has_the_schema_of_a_fresh_one_and_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let fresh = writer(&folder.path().join("fresh.db"), None).unwrap();
        for (version, _) in MIGRATIONS.iter().take(MIGRATIONS.len() - 1) {
            let path = folder.path().join(format!("{version}.db"));
            let old = plain(&path, None).unwrap();
            for (number, sql) in MIGRATIONS.iter().filter(|(number, _)| number <= version) {
                old.execute_batch(sql).unwrap();
                old.execute("INSERT INTO schema_version (version) VALUES (?1)", [number])
                    .unwrap();
            }
            old.execute("INSERT INTO series (name, last) VALUES ('case:DL:2026', 7)", [])
                .unwrap();
            drop(old);
            let upgraded = writer(&path, None).unwrap();
            assert_eq!(schema(&upgraded), schema(&fresh), "from schema {version}");
            assert_eq!(schema_version(&upgraded).unwrap(), SCHEMA_VERSION);
            let sql = "SELECT last FROM series";
            let last: i64 = upgraded.query_row(sql, [], |row| row.get(0)).unwrap();
            assert_eq!(last, 7);
        }
    }

    #[test]
    fn every_column_says_what_it_is() {
        let lines = MIGRATIONS.iter().flat_map(|(_, sql)| sql.lines());
        let columns = lines.filter(|line| {
            let word = line.trim_start().split(' ').next().unwrap_or_default();
            line.starts_with("    ")
                && !word.is_empty()
                && word
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
        });
        for line in columns {
            assert!(line.contains(" -- "), "a column without a comment: {line}");
        }
    }

    #[test]
    fn a_keyed_database_opens_with_its_key_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hub.db");
        let settings = |key| SqliteSettings {
            key,
            ..SqliteSettings::default()
        };
        drop(SqliteStore::open(&path, &settings(Some([7; 32]))).unwrap());
        drop(SqliteStore::open(&path, &settings(Some([7; 32]))).unwrap());
        assert!(SqliteStore::open(&path, &settings(Some([8; 32]))).is_err());
        assert!(SqliteStore::open(&path, &settings(None)).is_err());
    }
}
