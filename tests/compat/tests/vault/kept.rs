//! Opening an older vault keeps everything: what the worker sees, and each byte that was signed.

use std::collections::BTreeSet;
use std::fs;

use grid_model::Coded as _;
use grid_store::StoreLimits;
use grid_vault::{chain_link, chain_start, sha256};
use rusqlite::Connection;
use serde_json::Value;

use crate::copy::{Copy, SCHEMAS};
use crate::old::Old;

#[test]
fn the_worker_sees_what_the_old_build_showed() {
    for schema in SCHEMAS {
        same_as_shown(&Copy::of(schema));
    }
}

fn same_as_shown(copy: &Copy) {
    let said = copy.said();
    for (key, expected) in copy.expected.as_object().expect("an object") {
        if key != "tasks" {
            assert_eq!(said[key], *expected, "{key}");
        }
    }
    // Among tasks that are due at the same time there never was an order; the two groups and the due times have one.
    let tasks = |said: &Value| said["tasks"]["tasks"].as_array().expect("a list").clone();
    let (found, expected) = (tasks(&said), tasks(&copy.expected));
    let due = |tasks: &[Value]| {
        tasks
            .iter()
            .map(|task| (task["light"] == "done", task["due_at"].to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(due(&found), due(&expected));
    let by_number = |mut tasks: Vec<Value>| {
        tasks.sort_by_key(|task| task["no"].to_string());
        tasks
    };
    assert_eq!(by_number(found), by_number(expected));
}

/// The fixture is worth something: each of these is in it.
#[test]
fn the_fixture_is_rich() {
    let expected = Copy::of(1).expected;
    let all = |list: &str, items: &str, key: &str| -> BTreeSet<String> {
        let items = expected[list][items].as_array().expect("a list");
        items
            .iter()
            .map(|item| item[key].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let holds = |found: BTreeSet<String>, wanted: &[&str]| {
        for wanted in wanted {
            assert!(found.contains(*wanted), "{wanted} is not in {found:?}");
        }
    };
    holds(
        all("tasks", "tasks", "status"),
        &["accepted", "submitted", "recalled", "rework", "closed"],
    );
    holds(
        all("records", "records", "state"),
        &["saved", "received", "parked"],
    );
    holds(
        all("patrols", "patrols", "status"),
        &["started", "paused", "ended"],
    );
    assert_eq!(expected["status"]["photos_waiting"], 1);
    assert_eq!(expected["status"]["photos_stored"], 1);
    assert_eq!(all("cases", "cases", "case_kind").len(), 2);
    let old = Old::read();
    assert!(!old.batch.is_empty() && !old.fixes.is_empty() && !old.photos_kept.is_empty());
    let without_wal = Copy::of(1);
    fs::remove_file(without_wal.vault().join("fieldbook.db-wal")).expect("removed");
    let newest = |copy: &Copy| -> i64 {
        let newest = "SELECT max(seq) FROM change";
        copy.sql()
            .query_row(newest, [], |row| row.get(0))
            .expect("a number")
    };
    assert!(newest(&without_wal) < newest(&Copy::of(1)), "the WAL matters");
}

#[test]
fn every_body_stays_byte_for_byte_and_the_chain_is_the_one_the_old_build_signed() {
    let old = Old::read();
    let copy = Copy::of(1);
    let book = copy.open();
    for check in book.self_check().expect("a check") {
        // One record was sent back, and the self-check says so: as it did before.
        assert_eq!(check.ok, check.name != "outbox", "{check:?}");
    }
    book.close().expect("closed");
    assert_log_is(&copy.sql(), &old);
}

/// The log of an upgraded vault against what the old file held.
pub(crate) fn assert_log_is(sql: &Connection, old: &Old) {
    let mut at = chain_start(old.device, old.epoch);
    let mut log = sql
        .prepare("SELECT body, h, recorded_at_ms, lane_kind, lane_id, prev_in_lane, kind, schema_version, id FROM log ORDER BY id")
        .expect("SQL of today");
    let mut rows = log.query([]).expect("rows");
    for change in &old.changes {
        let row = rows.next().expect("a row").expect("no change is missing");
        let entry = &change.entry;
        let seq = entry.seq;
        assert_eq!(row.get::<_, Vec<u8>>(0).expect("a body"), entry.body, "{seq}");
        assert_eq!(sha256(&entry.body).bytes(), &change.body_hash[..], "{seq}");
        at = chain_link(at, entry);
        assert_eq!(row.get::<_, Vec<u8>>(1).expect("a hash"), at.bytes(), "{seq}");
        assert_eq!(row.get::<_, i64>(2).expect("a time"), change.recorded_at_ms);
        let code = |column| row.get::<_, u16>(column).expect("a code");
        assert_eq!(
            (code(3), code(6), code(7)),
            (entry.lane.kind.code(), entry.kind.code(), entry.schema_version)
        );
        assert_eq!(row.get::<_, Vec<u8>>(4).expect("a lane"), entry.lane.id);
        let place = |column| row.get::<_, i64>(column).expect("a place").unsigned_abs();
        assert_eq!(place(5), entry.prev_in_lane.0);
        assert_eq!(place(8), seq.0, "one life: places are positions");
    }
    assert!(rows.next().expect("the end").is_none(), "nothing was added");
    let newest = old.changes.last().expect("changes").entry.seq;
    assert_eq!(
        (newest, at),
        (old.head.seq(), old.head.h),
        "the head the old build kept"
    );
    let life: (i64, i64, Vec<u8>) = sql
        .query_row("SELECT epoch, base_seq, base_h FROM life", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .expect("one life");
    let start = chain_start(old.device, old.epoch).bytes().to_vec();
    assert_eq!(
        life,
        (old.epoch.0.cast_signed(), 0, start),
        "nothing is summed up any more"
    );
}

#[test]
fn opening_again_changes_nothing() {
    let copy = Copy::of(1);
    let folded = || {
        // Closed in order, so the database file is all there is.
        copy.open().close().expect("closed");
        copy.files()
    };
    let first = folded();
    let said = copy.said();
    assert!(folded() == first, "the same files with the same bytes");
    assert_eq!(copy.said(), said);
    let phone = copy.try_open(StoreLimits::PHONE).expect("it opens");
    assert!(phone.status().expect("a status").saved > 0);
}
