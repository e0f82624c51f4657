//! A small encrypted database whose every row can be told from its number, to see what a fault took.

#![allow(clippy::unwrap_used)] // Only for tests.

use std::path::PathBuf;

use grid_crash::{Dice, SimDisk, VFS};
use rusqlite::{Connection, OpenFlags, Result, TransactionBehavior, params};

/// Transactions that `work` makes.
pub(crate) const TRANSACTIONS: i64 = 12;

pub(crate) fn path(disk: &SimDisk) -> PathBuf {
    disk.root().join("ledger.db")
}

/// Opens as the store does; `synchronous` is FULL there.
pub(crate) fn open(disk: &SimDisk, synchronous: &str) -> Result<Connection> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    grid_store::wait_for_cipher();
    let connection = Connection::open_with_flags_and_vfs(path(disk), flags, VFS)?;
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "key", format!("x'{}'", "5a".repeat(32)))?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection
        .execute_batch("PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL;")?;
    Ok(connection)
}

/// A disk with the empty ledger on it, closed and durable.
pub(crate) fn prepared() -> SimDisk {
    let disk = SimDisk::empty();
    let connection = open(&disk, "FULL").unwrap();
    make(&connection).unwrap();
    connection.close().unwrap();
    disk.settle();
    disk
}

pub(crate) fn make(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS entry (txn INTEGER, row INTEGER, body BLOB, PRIMARY KEY (txn, row)) STRICT;
         CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), txn INTEGER) STRICT;",
    )
}

/// Commits transactions one after the other and tells each once it is committed; ends at the first error.
pub(crate) fn work(disk: &SimDisk, synchronous: &str, committed: &mut i64) -> Result<()> {
    let mut connection = open(disk, synchronous)?;
    make(&connection)?;
    for txn in *committed..TRANSACTIONS {
        commit(&mut connection, txn)?;
        *committed = txn + 1;
        if txn % 5 == 3 {
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
    }
    connection.close().map_err(|(_, error)| error)
}

pub(crate) fn commit(connection: &mut Connection, txn: i64) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in 0..rows(txn) {
        transaction.execute(
            "INSERT INTO entry VALUES (?1, ?2, ?3)",
            params![txn, row, body(txn, row)],
        )?;
    }
    transaction.execute("INSERT OR REPLACE INTO head VALUES (1, ?1)", [txn])?;
    transaction.commit()
}

/// How many transactions are there; an error says what is wrong with them.
pub(crate) fn read_back(disk: &SimDisk) -> std::result::Result<i64, String> {
    let connection = open(disk, "FULL").map_err(|error| format!("opening: {error}"))?;
    count(&connection)
}

pub(crate) fn count(connection: &Connection) -> std::result::Result<i64, String> {
    let told = |error: rusqlite::Error| format!("reading: {error}");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table'";
    if connection
        .query_row(tables, [], |row| row.get::<_, i64>(0))
        .map_err(told)?
        < 2
    {
        return Ok(0);
    }
    let mut statement = connection
        .prepare("SELECT txn, row, body FROM entry ORDER BY txn, row")
        .map_err(told)?;
    let found: Vec<(i64, i64, Vec<u8>)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .map_err(told)?;
    let last: Option<i64> = connection
        .query_row("SELECT max(txn) FROM head", [], |row| row.get(0))
        .map_err(told)?;
    let there = last.map_or(0, |txn| txn + 1);
    let wanted = (0..there).flat_map(|txn| (0..rows(txn)).map(move |row| (txn, row, body(txn, row))));
    if !wanted.eq(found) {
        return Err(format!(
            "the rows are not those of the first {there} transactions"
        ));
    }
    let sound: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .map_err(told)?;
    if sound == "ok" { Ok(there) } else { Err(sound) }
}

fn rows(txn: i64) -> i64 {
    1 + Dice::seeded(txn as u64).below(4) as i64
}

fn body(txn: i64, row: i64) -> Vec<u8> {
    let mut dice = Dice::seeded((txn * 100 + row) as u64);
    let mut bytes = vec![0; dice.below(3000) as usize];
    dice.fill(&mut bytes);
    bytes
}
