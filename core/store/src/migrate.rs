//! The schema of a vault: straight-line SQL in order, each file in one transaction, frozen once released. A body is never
//! rewritten. A newer schema is refused and left alone.

use grid_model::id::Seq;
use grid_model::{DeviceId, Epoch};
use grid_vault::{chain_link, chain_start};
use grid_wire::Head;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::log::{ENTRY_COLUMNS, entry_of};
use crate::options::Flaw;
use crate::sql::{count, hash};
use crate::{StoreError, Writing};

const MIGRATIONS: [&str; 6] = [
    include_str!("../migrations/0001_init.sql"),
    include_str!("../migrations/0002_log.sql"),
    include_str!("../migrations/0003_search.sql"),
    include_str!("../migrations/0004_doubt.sql"),
    include_str!("../migrations/0005_lean.sql"),
    include_str!("../migrations/0006_scope.sql"),
];

/// The newest schema that this build knows.
pub const SCHEMA: u32 = MIGRATIONS.len() as u32;
/// Changes whose chain is filled in at once: at most about 2 MB of pages.
const CHAINED_AT_ONCE: u32 = 2_000;

/// Brings the schema up to date.
pub(crate) fn migrate(connection: &mut Connection, flaw: Option<Flaw>) -> Result<(), StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let supported = SCHEMA;
    if found > supported && flaw != Some(Flaw::OpensNewerSchema) {
        // Closing would fold the other version's write-ahead log into its database, and every byte is to stay.
        let frames: i64 = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, frames > 0)?;
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

impl Writing<'_> {
    /// Writes the chain hash beside changes of the first schema, which summed it up in one place; some at a time. Answers
    /// whether there are more. The bodies stay as they are.
    pub fn fill_chain(&self, device: DeviceId) -> Result<bool, StoreError> {
        for life in self.lives()? {
            if life.base.seq() == Seq(0) {
                continue;
            }
            let done = self.chained_to(life.epoch)?;
            let Some(mut at) = done else { continue };
            if at.seq() == Seq(0) {
                at = Head::new(Seq(0), chain_start(device, life.epoch));
            }
            let sql = format!(
                "SELECT {ENTRY_COLUMNS} FROM log c WHERE c.id > ?1 AND c.id <= ?2 ORDER BY c.id LIMIT ?3"
            );
            let mut statement = self.sql().prepare(&sql)?;
            let key = params![life.id(at.seq()), life.id(life.base.seq()), CHAINED_AT_ONCE];
            let mut update = self.sql().prepare("UPDATE log SET h = ?2 WHERE id = ?1")?;
            for entry in statement.query_map(key, entry_of)? {
                let entry = entry??;
                at = Head::new(entry.seq, chain_link(at.h, &entry));
                update.execute(params![life.id(entry.seq), at.h.bytes()])?;
            }
            if at.seq() < life.base.seq() {
                return Ok(true);
            }
            if at == life.base {
                let start = chain_start(device, life.epoch);
                self.sql().execute(
                    "UPDATE life SET base_seq = 0, base_h = ?2 WHERE life = ?1",
                    params![life.life, start.bytes()],
                )?;
                self.forget_life();
            }
        }
        Ok(false)
    }

    /// How far the chain of a life is written, when something at or below its base is not; `None` when nothing is missing.
    fn chained_to(&self, epoch: Epoch) -> Result<Option<Head>, StoreError> {
        let Some(life) = self.life(epoch)? else {
            return Ok(None);
        };
        let missing: Option<i64> = self.sql().query_row(
            "SELECT min(id) FROM log WHERE id > ?1 AND id <= ?2 AND h IS NULL",
            params![life.id(Seq(0)), life.id(life.base.seq())],
            |row| row.get(0),
        )?;
        let Some(missing) = missing else { return Ok(None) };
        let before = missing - 1;
        if before == life.id(Seq(0)) {
            return Ok(Some(Head::new(Seq(0), life.base.h)));
        }
        let h: Option<Vec<u8>> =
            self.sql()
                .query_row("SELECT h FROM log WHERE id = ?1", [before], |row| row.get(0))?;
        let h = hash(&h.unwrap_or_default(), "log")?;
        Ok(Some(Head::new(crate::log::seq_of(before), h)))
    }

    /// Sums up the chain of a life at this position: what lies at or below it may be purged.
    pub(crate) fn set_base(&self, life: i64, base: Head) -> Result<(), StoreError> {
        self.sql().execute(
            "UPDATE life SET base_seq = ?2, base_h = ?3 WHERE life = ?1",
            params![life, count(base.seq().0), base.h.bytes()],
        )?;
        self.forget_life();
        Ok(())
    }
}
