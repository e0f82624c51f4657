//! A vault of a newer build is refused and left alone.

use grid_fieldbook::FieldError;
use grid_store::StoreLimits;
use rusqlite::config::DbConfig;

use crate::copy::Copy;

fn newer(left_in_wal: bool) -> Copy {
    let copy = Copy::of(1);
    copy.open().close().expect("closed");
    let sql = copy.sql();
    sql.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, left_in_wal)
        .expect("set");
    sql.pragma_update(None, "user_version", 99).expect("updated");
    sql.close().expect("closed");
    let wal = copy.vault().join("fieldbook.db-wal");
    assert_eq!(wal.exists(), left_in_wal);
    copy
}

fn assert_refused(copy: &Copy) {
    // The index of a WAL is made anew whenever somebody looks at it.
    let files = || {
        let mut files = copy.files();
        files.retain(|path, _| path.extension().is_none_or(|kind| kind != "db-shm"));
        files
    };
    let before = files();
    for _ in 0..2 {
        match copy.try_open(StoreLimits::SMALL).map(|_| ()) {
            Err(FieldError::DatabaseTooNew { found: 99, .. }) => {}
            other => panic!("{other:?}"),
        }
        let after = files();
        assert_eq!(
            before.keys().collect::<Vec<_>>(),
            after.keys().collect::<Vec<_>>(),
            "no file came or went"
        );
        let changed: Vec<_> = before
            .iter()
            .filter(|(path, bytes)| after[*path] != **bytes)
            .collect();
        assert!(
            changed.is_empty(),
            "{:?}",
            changed.iter().map(|(path, _)| path).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_newer_schema_is_refused_and_every_byte_stays() {
    assert_refused(&newer(false));
}

#[test]
fn a_newer_schema_whose_last_writes_are_in_the_wal_is_refused_and_every_byte_stays() {
    assert_refused(&newer(true));
}
