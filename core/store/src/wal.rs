//! The write-ahead log: kept small, and moved into the database where its file alone must hold everything.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::connect::WAL;
use crate::open::Writer;
use crate::options::Flaw;
use crate::{Store, StoreError};

/// The log is looked at after this many commits.
const LOOKED_AT_EVERY: u32 = 16;

impl Store {
    /// Moves the whole log into the database, so that the database's file alone holds everything.
    pub fn settle(&self) -> Result<(), StoreError> {
        let guard = self.awake()?;
        checkpoint(&guard.as_ref().ok_or(StoreError::Closed)?.connection)
    }

    /// Brings the log back below its limit; a reader that holds it is waited for.
    pub(crate) fn bound_wal(&self, writer: &mut Writer) -> Result<(), StoreError> {
        if !writer.commits.is_multiple_of(LOOKED_AT_EVERY) || self.options.flaw == Some(Flaw::WalUnbounded) {
            return Ok(());
        }
        let bytes = self.disk().size(&self.folder().join(WAL))?.unwrap_or(0);
        if bytes > self.options.limits.wal_bytes
            && let Err(error) = checkpoint(&writer.connection)
        {
            ::log::warn!("checkpointing: {error}");
        }
        Ok(())
    }
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

fn checkpoint(connection: &Connection) -> Result<(), StoreError> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
