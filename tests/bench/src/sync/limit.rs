//! What the same records take as one TCP stream of zstd -3, and what the same rows take as bare inserts.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;

use grid_model::TaskStatus;
use grid_wire::{TaskRow, decode};
use rusqlite::params;

use crate::BenchError;
use crate::generate::generated;
use crate::meter::{memory_mb, spent};
use crate::plan::{id16, task};
use crate::raw::{Sealed, open};
use crate::sync::phone::Acted;

/// The level of the stream.
const LEVEL: i32 = 3;
/// Rows in one commit, as a page is laid in.
const ROWS_AT_ONCE: usize = 200;

/// Takes one stream and answers it with two bytes; how many bytes it had.
pub(crate) fn sink(listener: &TcpListener) -> Result<u64, BenchError> {
    let (mut stream, _) = listener.accept()?;
    let (mut bytes, mut buffer) = (0, vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            read => bytes += read as u64,
        }
    }
    stream.write_all(b"ok")?;
    Ok(bytes)
}

/// Sends what lies in `raw.db`, in order.
pub(crate) fn send(folder: &Path, address: SocketAddr) -> Result<Acted, BenchError> {
    let file = folder.join("raw.db");
    let (_, spent) = spent(|| {
        let connection = open(&file, Sealed::Yes)?;
        let mut stream = zstd::stream::Encoder::new(TcpStream::connect(address)?, LEVEL)?;
        let mut statement = connection.prepare("SELECT body FROM rec ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            stream.write_all(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
            stream.write_all(b"\n")?;
        }
        let mut stream = stream.finish()?;
        stream.shutdown(Shutdown::Write)?;
        stream.read_exact(&mut [0; 2])?;
        Ok(())
    })?;
    Ok(Acted {
        cpu_ms: spent.cpu * 1e3,
        peak_mb: memory_mb("VmHWM")?,
        turns: 1,
        ..Acted::default()
    })
}

/// Bytes of these lines under zstd -3.
pub(crate) fn compressed(lines: impl Iterator<Item = Vec<u8>>) -> Result<u64, BenchError> {
    let mut stream = zstd::stream::Encoder::new(Vec::new(), LEVEL)?;
    for line in lines {
        stream.write_all(&line)?;
        stream.write_all(b"\n")?;
    }
    Ok(stream.finish()?.len() as u64)
}

/// Inserts the rows of so many records into tables and indexes like ours, bare.
pub(crate) fn insert_rows(folder: &Path, (seed, count): (u64, usize)) -> Result<Acted, BenchError> {
    let rows: Vec<_> = generated(seed, count)
        .iter()
        .map(|record| task(grid_model::TaskId(id16(&record.id)), record, TaskStatus::Assigned))
        .collect();
    let mut connection = open(&folder.join("rows.db"), Sealed::Yes)?;
    connection.execute_batch(
        "CREATE TABLE task (doc INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, revision INTEGER NOT NULL,
             body BLOB NOT NULL) STRICT;
         CREATE TABLE standing (doc INTEGER PRIMARY KEY, local_status INTEGER NOT NULL, due_at_ms INTEGER NOT NULL,
             open INTEGER NOT NULL) STRICT;
         CREATE INDEX task_doubted ON task (doc) WHERE revision = 0;
         CREATE INDEX standing_open ON standing (due_at_ms) WHERE open = 1;
         CREATE INDEX standing_shut ON standing (due_at_ms) WHERE open = 0;",
    )?;
    let (_, spent) = spent(|| {
        for some in rows.chunks(ROWS_AT_ONCE) {
            let transaction = connection.transaction()?;
            let mut row =
                transaction.prepare_cached("INSERT INTO task (id, revision, body) VALUES (?1, ?2, ?3)")?;
            let mut standing =
                transaction.prepare_cached("INSERT INTO standing VALUES (last_insert_rowid(), ?1, ?2, 1)")?;
            for one in some {
                row.execute(params![one.id.bytes(), one.revision as i64, one.body])?;
                standing.execute(params![1, one.due_at_ms])?;
            }
            drop((row, standing));
            transaction.commit()?;
        }
        Ok(())
    })?;
    // Read once more, so that nobody can say they were not the rows that a phone reads.
    let readable = rows
        .iter()
        .filter(|row| decode::<TaskRow>(&row.body, "row").is_ok());
    Ok(Acted {
        cpu_ms: spent.cpu * 1e3,
        peak_mb: memory_mb("VmHWM")?,
        pulled: readable.count() as u64,
        ..Acted::default()
    })
}
