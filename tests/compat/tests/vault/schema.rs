//! An upgraded vault and a new one have the same schema, to the letter.

use rusqlite::Connection;

use crate::copy::{Copy, SCHEMAS};

/// Everything SQLite keeps of a schema: each object with its text, each column with its type and default, each index with
/// its columns, each reference.
fn schema(sql: &Connection) -> Vec<String> {
    let rows = |statement: &str| -> Vec<String> {
        let mut statement = sql.prepare(statement).expect("SQL");
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let values: rusqlite::Result<Vec<String>> = (0..columns)
                .map(|column| Ok(format!("{:?}", row.get::<_, rusqlite::types::Value>(column)?)))
                .collect();
            Ok(values?.join(" "))
        });
        rows.expect("rows").map(|row| row.expect("a row")).collect()
    };
    let tables = "(SELECT name FROM sqlite_schema WHERE type = 'table') t";
    let mut found = rows("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2");
    found.extend(rows(
        "SELECT name, type, ncol, wr, strict FROM pragma_table_list ORDER BY schema, name",
    ));
    found.extend(rows(&format!(
        "SELECT t.name, c.* FROM {tables}, pragma_table_xinfo(t.name) c ORDER BY t.name, c.cid"
    )));
    found.extend(rows(&format!(
        "SELECT t.name, i.*, c.* FROM {tables}, pragma_index_list(t.name) i, pragma_index_xinfo(i.name) c
         ORDER BY t.name, i.name, c.seqno"
    )));
    found.extend(rows(&format!(
        "SELECT t.name, k.* FROM {tables}, pragma_foreign_key_list(t.name) k ORDER BY t.name, k.id, k.seq"
    )));
    for pragma in [
        "user_version",
        "application_id",
        "page_size",
        "auto_vacuum",
        "encoding",
        "journal_mode",
    ] {
        found.extend(
            rows(&format!("PRAGMA {pragma}"))
                .into_iter()
                .map(|value| format!("{pragma} {value}")),
        );
    }
    found
}

#[test]
fn an_upgraded_vault_has_the_schema_of_a_new_one() {
    let new = Copy::of(1);
    std::fs::remove_dir_all(new.vault()).expect("removed");
    std::fs::remove_file(new.path("vault.key")).expect("removed");
    new.open().close().expect("closed");
    let new = schema(&new.sql());
    assert!(new.len() > 100, "{} lines", new.len());
    for old in SCHEMAS {
        let upgraded = Copy::of(old);
        upgraded.open().close().expect("closed");
        assert_eq!(new, schema(&upgraded.sql()), "from schema {old}");
    }
}
