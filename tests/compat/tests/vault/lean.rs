//! From schema 4 on a change moves narrow rows: what it stood at before is where it stands now, row by row.

use grid_crash::{Image, SimDisk, VFS, cut_everywhere};
use grid_fieldbook::FieldBook;
use grid_store::StoreLimits;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::copy::{Copy, keyed};

/// What a power cut may leave is judged so often for each place.
const SUBSETS: u64 = 6;

/// The rows of a query, as text.
fn rows(sql: &Connection, query: &str) -> Vec<String> {
    let mut statement = sql.prepare(query).expect("SQL");
    let columns = statement.column_count();
    let rows = statement.query_map([], |row| {
        let values: rusqlite::Result<Vec<String>> = (0..columns)
            .map(|column| Ok(format!("{:?}", row.get::<_, Value>(column)?)))
            .collect();
        Ok(values?.join(" "))
    });
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

/// What must be the same, as schema 4 and schema 5 keep it.
const KEPT: [(&str, &str); 6] = [
    ("SELECT * FROM log ORDER BY id", "SELECT * FROM log ORDER BY id"),
    (
        "SELECT doc, id, revision, body, local_status, due_at_ms, open FROM task ORDER BY doc",
        "SELECT doc, id, revision, body, local_status, due_at_ms, open FROM task JOIN standing USING (doc) ORDER BY doc",
    ),
    (
        "SELECT * FROM own_case ORDER BY born_seq",
        "SELECT * FROM own_case ORDER BY born_seq",
    ),
    (
        "SELECT priority, id, bytes FROM unsent ORDER BY priority, id",
        "SELECT priority, id, bytes FROM unsent ORDER BY priority, id",
    ),
    ("SELECT * FROM lane", "SELECT * FROM lane"),
    (
        "SELECT seq FROM sqlite_sequence WHERE name = 'task'",
        "SELECT seq FROM sqlite_sequence WHERE name = 'task'",
    ),
];

fn assert_kept(before: &[Vec<String>], sql: &Connection) {
    for ((_, now), before) in KEPT.iter().zip(before) {
        assert_eq!(rows(sql, now), *before, "{now}");
        assert!(!before.is_empty(), "{now} says nothing");
    }
    let mark = rows(sql, "SELECT life, seq FROM lane_mark");
    assert_eq!(
        mark,
        rows(sql, "SELECT max(id) >> 40, max(id) & 1099511627775 FROM log")
    );
}

fn before() -> Vec<Vec<String>> {
    // A copy of its own, so that nobody's WAL is folded in.
    let copy = Copy::of(4);
    let sql = copy.sql();
    KEPT.iter().map(|(then, _)| rows(&sql, then)).collect()
}

#[test]
fn every_row_is_where_it_was() {
    let copy = Copy::of(4);
    copy.open().close().expect("closed");
    assert_kept(&before(), &copy.sql());
}

#[test]
fn wherever_the_power_is_cut_no_row_is_lost() {
    let (copy, before) = (Copy::of(4), before());
    let open = |disk: &SimDisk| {
        let mut host = copy.host(StoreLimits::SMALL);
        host.storage.disk = disk.shared();
        FieldBook::open(&disk.root().join("vault"), host, &copy.keys())
    };
    let key = copy.data_key();
    let swept = cut_everywhere(
        &image_of(&copy),
        SUBSETS,
        |trial| {
            trial.start();
            open(trial.disk()).and_then(|book| book.close()).is_ok()
        },
        |_, _, _, next| {
            open(&next).expect("the vault opens").close().expect("closed");
            let database = next.root().join("vault/fieldbook.db");
            let sql = Connection::open_with_flags_and_vfs(database, OpenFlags::SQLITE_OPEN_READ_WRITE, VFS);
            assert_kept(&before, &keyed(sql.expect("a database"), &key));
        },
    );
    println!("{swept:?}");
    assert!(swept.struck > 10, "{swept:?}");
}

/// The fixture on a disk in memory.
fn image_of(copy: &Copy) -> Image {
    let disk = SimDisk::empty();
    for (path, bytes) in copy.files() {
        let below = path.strip_prefix(copy.path("")).expect("below it");
        disk.write_file(below, &bytes).expect("written");
    }
    disk.settle();
    disk.snapshot()
}
