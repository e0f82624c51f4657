//! The search: equal to reading everything, whatever the index has taken in.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_model::id::{DeviceId, Epoch, TaskId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::{CaseKind, Level};
use grid_model::{Coded as _, TaskStatus};
use grid_store::{Draft, Identity, Query, RecordRow, Store, StoreError, TaskBase};
use grid_vault::DataKey;
use grid_wire::{TaskRow, encode};
use proptest::prelude::*;

const KEY: DataKey = DataKey::from_bytes([7; 32]);

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &KEY).expect("a store");
    store
        .write(|tx| tx.create_identity(&identity(), 0))
        .expect("made");
    (folder, store)
}

fn identity() -> Identity {
    Identity {
        device: DeviceId([1; 16]),
        secret: [2; 32],
        sealing_secret: None,
        epoch: Epoch(u64::MAX - 5),
    }
}

/// The vault's database past the store.
fn raw(folder: &std::path::Path) -> rusqlite::Connection {
    grid_store::wait_for_cipher();
    let raw = rusqlite::Connection::open(folder.join("fieldbook.db")).expect("opened");
    raw.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))
        .expect("key");
    raw
}

fn row(text: &str) -> TaskRow {
    TaskRow {
        no: String::new(),
        title: text.to_owned(),
        description: String::new(),
        case_kind: CaseKind::from_code(1),
        level: Level::from_code(1),
        status: TaskStatus::Accepted,
        grid_code: String::new(),
        place_text: String::new(),
        created_at_ms: 0,
        due_at_ms: 0,
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    }
}

fn task(id: u8, text: &str) -> TaskBase {
    TaskBase {
        id: TaskId([id; 16]),
        revision: 1,
        body: encode(&row(text)),
        local_status: TaskStatus::Accepted,
        due_at_ms: i64::from(id % 7),
    }
}

/// A record whose body is its text.
fn record(text: &str) -> Draft {
    Draft {
        lane: Lane::task(TaskId([9; 16])),
        kind: ChangeKind::TaskAccepted,
        schema_version: 1,
        body: text.as_bytes().to_vec(),
        files: Vec::new(),
        recorded_at_ms: 0,
    }
}

fn words(record: &RecordRow) -> String {
    String::from_utf8(record.body.clone()).expect("text")
}

fn put(store: &Store, id: u8, text: &str) {
    store.write(|tx| tx.put_task(&task(id, text))).expect("put");
}

fn write(store: &Store, text: &str) {
    store.write(|tx| tx.append(record(text))).expect("written");
}

fn index(store: &Store) {
    while store.write(|tx| tx.index_some(100, &mut words)).expect("indexed") {}
    assert!(!store.read(|tx| tx.index_is_behind()).expect("read"));
}

fn tasks(store: &Store, text: &str) -> Vec<u8> {
    let found = store
        .read(|tx| tx.search_tasks(&Query::new(text), 1000))
        .expect("found");
    found.iter().map(|task| task.id.bytes()[0]).collect()
}

fn records(store: &Store, text: &str) -> Vec<u64> {
    let found = store
        .read(|tx| tx.search_records(&Query::new(text), 1000, &mut words))
        .expect("found");
    found.iter().map(|record| record.place.0).collect()
}

#[test]
fn two_characters_initials_numbers_and_single_characters_are_found() {
    let (_folder, store) = store();
    put(&store, 1, "3号楼楼道杂物");
    put(&store, 2, "沙滩灯塔，浙A12B34");
    put(&store, 3, "𠮷家门口K3+200");
    write(&store, "东口缆绳松动");
    for indexed in [false, true] {
        if indexed {
            index(&store);
        }
        for text in ["楼道", "ldzw", "LD", "3号楼", "3hl", "杂", "物"] {
            assert_eq!(tasks(&store, text), [1], "{text}");
        }
        for text in ["灯塔", "a12b", "A12B34", "，浙", "stdt"] {
            assert_eq!(tasks(&store, text), [2], "{text}");
        }
        for text in ["𠮷", "𠮷家", "k3+2", "+"] {
            assert_eq!(tasks(&store, text), [3], "{text}");
        }
        assert_eq!(records(&store, "缆绳"), [1]);
        assert_eq!(records(&store, "lssd"), [1]);
        assert!(tasks(&store, "缆绳").is_empty() && records(&store, "楼道").is_empty());
    }
}

#[test]
fn what_was_written_a_moment_ago_is_found_before_it_is_indexed() {
    let (_folder, store) = store();
    write(&store, "前滩一切正常");
    put(&store, 1, "井盖破损");
    index(&store);
    write(&store, "前滩缆绳");
    put(&store, 2, "井盖沉降");
    assert_eq!(records(&store, "前滩"), [2, 1]);
    assert_eq!(tasks(&store, "井盖"), [1, 2]);
    assert_eq!(tasks(&store, "jg"), [1, 2]);
}

#[test]
fn a_replaced_task_is_found_by_its_new_text_only_and_its_old_words_go() {
    let (folder, store) = store();
    put(&store, 1, "井盖破损");
    put(&store, 2, "路灯不亮");
    index(&store);
    put(&store, 1, "堤岸裂缝");
    assert!(tasks(&store, "井盖").is_empty());
    assert_eq!(tasks(&store, "裂缝"), [1]);
    index(&store);
    assert!(tasks(&store, "井盖").is_empty());
    assert_eq!(tasks(&store, "裂缝"), [1]);
    let raw = raw(folder.path());
    let filed = |words: &str| -> i64 {
        let sql = "SELECT count(*) FROM search_task WHERE search_task MATCH ?1";
        raw.query_row(sql, [words], |row| row.get(0)).expect("asked")
    };
    assert_eq!((filed("\"jg\"*"), filed("\"lf\"*"), filed("\"ld\"*")), (0, 1, 1));
    // The same text again is nothing new.
    put(&store, 2, "路灯不亮");
    assert!(!store.read(|tx| tx.index_is_behind()).expect("read"));
}

#[test]
fn an_indexer_killed_half_way_leaves_postings_and_state_as_they_were() {
    let (_folder, store) = store();
    for id in 0..20 {
        put(&store, id, "井盖破损");
        write(&store, "井盖破损");
    }
    store.write(|tx| tx.index_some(10, &mut words)).expect("indexed");
    let killed = store.write(|tx| {
        tx.index_some(30, &mut words)?;
        Err::<(), _>(StoreError::NotFound("time"))
    });
    assert!(killed.is_err());
    let check = || {
        assert_eq!(tasks(&store, "井盖").len(), 20);
        assert_eq!(records(&store, "jgps").len(), 20);
    };
    check();
    index(&store);
    check();
}

#[test]
fn tasks_of_a_vault_of_the_first_schema_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let raw = raw(folder.path());
    raw.execute_batch(include_str!("../migrations/0001_init.sql"))
        .expect("made");
    let old = task(1, "井盖破损");
    raw.execute(
        "INSERT INTO task (id, revision, body, local_status, due_at_ms, open) VALUES (?1, 1, ?2, ?3, 5, 1)",
        rusqlite::params![old.id.bytes(), old.body, i64::from(old.local_status.code())],
    )
    .expect("put");
    raw.pragma_update(None, "user_version", 1).expect("marked");
    drop(raw);
    let store = Store::open(folder.path(), &KEY).expect("migrated");
    store
        .write(|tx| tx.create_identity(&identity(), 0))
        .expect("made");
    assert_eq!(tasks(&store, "井盖"), [1]);
    index(&store);
    assert_eq!(tasks(&store, "jgps"), [1]);
    let kept = store.read(|tx| tx.task(old.id)).expect("read");
    assert_eq!(kept, Some(TaskBase { due_at_ms: 5, ..old }));
}

#[test]
fn the_first_ones_are_the_open_ones_by_due_time_and_the_newest() {
    let (_folder, store) = store();
    let (all, more_than_few) = (300_u32, 10);
    store
        .write(|tx| {
            for id in 0..all {
                let mut one = task(0, "井盖破损");
                one.id.0[..4].copy_from_slice(&id.to_be_bytes());
                one.due_at_ms = i64::from((id * 7919) % 1000);
                if id % 2 == 0 {
                    one.local_status = TaskStatus::Closed;
                }
                tx.put_task(&one)?;
                tx.append(record("井盖破损"))?;
            }
            Ok::<_, StoreError>(())
        })
        .expect("put");
    let listed = store.read(|tx| tx.tasks(false, all)).expect("read");
    let first = |limit: u32| {
        store
            .read(|tx| tx.search_tasks(&Query::new("井盖"), limit))
            .expect("found")
    };
    for indexed in [false, true] {
        if indexed {
            index(&store);
        }
        // A few are met in order, all are read one by one: the answer is the same.
        assert_eq!(first(all), listed);
        assert_eq!(first(more_than_few), listed[..more_than_few as usize]);
        let newest = store
            .read(|tx| tx.search_records(&Query::new("井盖"), 3, &mut words))
            .expect("found");
        assert_eq!(
            newest.iter().map(|record| record.place.0).collect::<Vec<_>>(),
            [300, 299, 298]
        );
    }
}

fn text() -> impl Strategy<Value = String> {
    let chars = prop::sample::select(
        "楼道杂物长乐重行单号ABab12３Ａ，。+ 𠮷🚒é㐀ßİ"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(chars, 0..12).prop_map(String::from_iter)
}

fn query() -> impl Strategy<Value = String> {
    let letters = prop::collection::vec(
        prop::sample::select("ldzwcyxhj12ab+".chars().collect::<Vec<_>>()),
        1..4,
    );
    prop_oneof![text(), letters.prop_map(String::from_iter)]
        .prop_filter("empty", |text| !text.trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_answer_is_that_of_reading_everything(
        steps in prop::collection::vec((0..30_u8, text(), 0..8_u32), 1..60),
        queries in prop::collection::vec(query(), 20),
        parts in prop::collection::vec((any::<prop::sample::Index>(), 0..8_usize, 1..4_usize), 20),
    ) {
        let (_folder, store) = store();
        let mut now = std::collections::BTreeMap::new();
        let mut log = Vec::new();
        for (id, text, rows) in &steps {
            put(&store, *id, text);
            now.insert(*id, text.clone());
            write(&store, text);
            log.push(text.clone());
            if *rows > 0 {
                store.write(|tx| tx.index_some(*rows, &mut words)).expect("indexed");
            }
        }
        // Parts of what is there, so that most queries have an answer.
        let parts = parts.iter().map(|(which, from, length)| -> String {
            which.get(&log).chars().skip(*from).take(*length).collect()
        });
        let queries: Vec<String> = parts.filter(|text| !text.trim().is_empty()).chain(queries).collect();
        for round in 0..2 {
            for text in &queries {
                let query = Query::new(text);
                let mut found = tasks(&store, text);
                found.sort_unstable();
                let expected: Vec<u8> = now.iter().filter(|(_, text)| query.is_in(text)).map(|(id, _)| *id).collect();
                prop_assert_eq!(found, expected, "{} in round {}", text, round);
                let mut found = records(&store, text);
                found.sort_unstable();
                let expected: Vec<u64> = (1..).zip(&log).filter(|(_, text)| query.is_in(text)).map(|(seq, _)| seq).collect();
                prop_assert_eq!(found, expected, "{} in round {}", text, round);
            }
            index(&store);
        }
    }

    #[test]
    fn a_text_is_found_exactly_where_it_stands(asked in query(), text in text()) {
        let plain = |text: &str| text.replace('３', "3").replace('Ａ', "A").to_lowercase();
        let wanted = plain(asked.trim());
        // Where letters may be initials, more is found than what stands there.
        let letters = wanted.chars().filter(char::is_ascii_lowercase).count();
        prop_assume!(letters < 2 || !wanted.is_ascii());
        prop_assert_eq!(Query::new(&asked).is_in(&text), plain(&text).contains(&wanted));
    }
}
