//! The schema of a vault: straight-line SQL in order, each file in one transaction, frozen once released. A new vault gets
//! what they lead to at once. A body is never rewritten. A newer schema is refused and left alone.

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

const MIGRATIONS: [&str; 7] = [
    include_str!("../migrations/0001_init.sql"),
    include_str!("../migrations/0002_log.sql"),
    include_str!("../migrations/0003_search.sql"),
    include_str!("../migrations/0004_doubt.sql"),
    include_str!("../migrations/0005_lean.sql"),
    include_str!("../migrations/0006_scope.sql"),
    include_str!("../migrations/0007_asked.sql"),
];

/// What all of them make of nothing; the test below holds it to that, and writes it.
const WHOLE: &str = include_str!("../schema.sql");
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
    if found == 0 {
        return step(connection, WHOLE, supported);
    }
    for (sql, version) in MIGRATIONS.iter().zip(1..).skip(found as usize) {
        step(connection, sql, version)?;
    }
    Ok(())
}

fn step(connection: &mut Connection, sql: &str, version: u32) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(sql)?;
    transaction.pragma_update(None, "user_version", version)?;
    Ok(transaction.commit()?)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::{MIGRATIONS, WHOLE};

    const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql");
    const HEADING: &str = "-- What the migrations lead to, written by `GRID_WRITE_SCHEMA=1 cargo test -p grid-store migrate`.\n\n";

    fn of(steps: &[&str]) -> Connection {
        crate::wait_for_cipher();
        let connection = Connection::open_in_memory().unwrap();
        for sql in steps {
            connection.execute_batch(sql).unwrap();
        }
        connection
    }

    fn texts(connection: &Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn tables(connection: &Connection, kind: &str) -> Vec<String> {
        let sql = format!(
            "SELECT name FROM pragma_table_list WHERE type {kind} AND name NOT LIKE 'sqlite_%' ORDER BY name"
        );
        texts(connection, &sql)
    }

    /// Tables, then what belongs to them; then the rows that a new vault has.
    fn told(connection: &Connection) -> String {
        let made = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'
            AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow') ORDER BY type <> 'table', rowid";
        let mut lines = texts(connection, made);
        for table in tables(connection, "= 'table'") {
            let columns = texts(
                connection,
                &format!("SELECT name FROM pragma_table_info('{table}')"),
            );
            let quoted: Vec<_> = columns.iter().map(|name| format!("quote({name})")).collect();
            let row = format!("SELECT {} FROM {table}", quoted.join(" || ', ' || "));
            for values in texts(connection, &row) {
                lines.push(format!(
                    "INSERT INTO {table} ({}) VALUES ({values});",
                    columns.join(", ")
                ));
            }
        }
        for table in tables(connection, "= 'virtual'") {
            let set = format!(
                "SELECT '''' || k || ''', ' || v FROM {table}_config WHERE k <> 'version' ORDER BY k"
            );
            for values in texts(connection, &set) {
                lines.push(format!("INSERT INTO {table} ({table}, rank) VALUES ({values});"));
            }
        }
        lines.join("\n") + "\n"
    }

    /// What lies in it, the tables of the search index among them.
    fn rows(connection: &Connection) -> Vec<(String, Vec<Vec<Value>>)> {
        let read = |table: String| {
            let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
            let width = statement.column_count();
            let all = statement
                .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
                .unwrap()
                .map(Result::unwrap)
                .collect();
            (table, all)
        };
        let all = tables(connection, "IN ('table', 'shadow')");
        all.into_iter().map(read).collect()
    }

    #[test]
    fn a_new_vault_is_what_an_upgraded_one_becomes() {
        let upgraded = of(&MIGRATIONS);
        let text = HEADING.to_owned() + &told(&upgraded);
        if std::env::var_os("GRID_WRITE_SCHEMA").is_some() {
            std::fs::write(PATH, &text).unwrap();
        }
        let new = of(&[WHOLE]);
        assert_eq!(
            text,
            HEADING.to_owned() + &told(&new),
            "schema.sql is behind: {HEADING}"
        );
        assert_eq!(rows(&upgraded), rows(&new));
    }
}
