//! The write-ahead log: kept small, and moved into the database where its file alone must hold everything. Its frames and the
//! database's pages must never be two tellings of the same: a log that lost its end would then show old pages beside new
//! ones. So SQLite does not move it on its own; it is moved here, and begun anew at once.

use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::connect::{BUSY_TIMEOUT, WAL};
use crate::open::{Writer, begin};
use crate::options::Flaw;
use crate::space::Purpose;
use crate::sql::counted;
use crate::{Store, StoreError, Writing};

/// The log's file is looked at after this many commits.
const LOOKED_AT_EVERY: u32 = 16;
const PAGE_BYTES: u64 = 4096;
/// More lanes than these are not looked up in the log.
const LANES_MAX: usize = 4096;
/// Fewer are not worth a write when the vault is let go of.
const LANES_PUT_AWAY: usize = 64;
/// More changes than these are not read at each look, however few their lanes.
const CHANGES_READ_MAX: u64 = 512;

impl Store {
    /// Moves the whole log into the database, so that the database's file alone holds everything.
    pub fn settle(&self) -> Result<(), StoreError> {
        let guard = self.awake()?;
        checkpoint(&guard.as_ref().ok_or(StoreError::Closed)?.connection)
    }

    /// Makes room for a write: what the log takes beside the database is given back first, then the ballast.
    pub(crate) fn make_room(&self, writer: &Writer, purpose: Purpose) -> Result<(), StoreError> {
        if self.space.is_short(purpose)? {
            self.shrink(writer)?;
            self.space.make_room(purpose)?;
        }
        Ok(())
    }

    /// After a commit: moves a log of three quarters of its limit into the database, and brings a file that is over the limit
    /// back below it, unless a reader holds it. A transaction of 2 MB still fits behind them.
    pub(crate) fn tend_log(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if self.options.flaw == Some(Flaw::WalUnbounded) {
            return Ok(());
        }
        let limit = self.options.limits.wal_bytes;
        if Log::look(&writer.connection)?.frames * PAGE_BYTES >= limit / 4 * 3 {
            let log = match Log::moved(&writer.connection) {
                // A place of the database that cannot be written: what is saved is in the log, and capture goes on into it.
                Err(StoreError::Sqlite(error)) => {
                    ::log::warn!("moving the log: {error}");
                    return Ok(());
                }
                moved => moved?,
            };
            // A part that a reader holds back is moved after a later commit.
            if log.moved == log.frames {
                settle_lanes(writer)?;
            }
        } else if writer
            .lanes
            .as_ref()
            .is_some_and(|lanes| lanes.len() >= LANES_MAX)
        {
            settle_lanes(writer)?;
        }
        if writer.commits.is_multiple_of(LOOKED_AT_EVERY) {
            let bytes = self.disk().size(&self.folder().join(WAL))?.unwrap_or(0);
            if bytes > limit {
                self.shrink(writer)?;
            }
        }
        Ok(())
    }

    /// Before the vault is let go of: lanes that were looked up in the log are not looked up there again at each open.
    pub(crate) fn put_lanes_away(&self, writer: &mut Writer) {
        let many = writer
            .lanes
            .as_ref()
            .is_some_and(|lanes| lanes.len() >= LANES_PUT_AWAY || lanes.changes() >= CHANGES_READ_MAX);
        if many
            && !writer.poisoned
            && let Err(error) = settle_lanes(writer)
        {
            ::log::warn!("putting the lanes away: {error}");
        }
    }

    /// Moves the log into the database. A long read that holds it is not waited for: the next look comes soon.
    fn shrink(&self, writer: &Writer) -> Result<(), StoreError> {
        writer.connection.busy_timeout(Duration::ZERO)?;
        let checkpointed = checkpoint(&writer.connection);
        writer.connection.busy_timeout(BUSY_TIMEOUT)?;
        if let Err(error) = checkpointed {
            ::log::warn!("checkpointing: {error}");
        }
        Ok(())
    }
}

/// A write that brings the table of lanes up to date, and begins a log anew that was moved.
fn settle_lanes(writer: &mut Writer) -> Result<(), StoreError> {
    let lanes = writer.lanes.take();
    let tx = Writing::new(begin(&mut writer.connection)?, lanes);
    tx.settle_lanes()?;
    tx.touch()?;
    writer.lanes = tx.commit()?;
    Ok(())
}

/// Moves what the log shows into the database before anything new is written behind it: after a failed flush and a killed
/// process the log may show frames that the medium never got, and what is acknowledged behind such a hole would be lost.
pub(crate) fn settle_wal(connection: &Connection) -> Result<(), StoreError> {
    let settled = checkpoint(connection);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    match settled {
        Err(StoreError::Full) => {
            ::log::warn!("no space to settle the log; it is settled at the next open");
            Ok(())
        }
        other => other,
    }
}

/// An error when somebody's reading kept a part of it in the log.
fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    let kept: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if kept {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, None).into());
    }
    Ok(())
}

/// How the log stands.
struct Log {
    frames: u64,
    /// Of these, in the database.
    moved: u64,
}

impl Log {
    fn look(connection: &Connection) -> Result<Self, StoreError> {
        Self::told(connection, "PRAGMA wal_checkpoint(NOOP)")
    }

    /// Moves what no reader needs where it is.
    fn moved(connection: &Connection) -> Result<Self, StoreError> {
        Self::told(connection, "PRAGMA wal_checkpoint(PASSIVE)")
    }

    fn told(connection: &Connection, sql: &'static str) -> Result<Self, StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_row([], |row| {
            Ok(Self {
                frames: counted(row.get(1)?),
                moved: counted(row.get(2)?),
            })
        })?)
    }
}
