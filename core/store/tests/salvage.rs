//! A damaged database is read as far as it is intact, and nothing that was not written ever comes out.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod wreck;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use grid_store::{Rank, Salvage, StoreError, SystemDisk, Wreck};
use grid_vault::{DataKey, PageKey};
use rusqlite::Connection;
use wreck::{
    Bytes, FRAME, Finds, KEY, PAGE, Random, RowKey, SCHEMA, SIZES, WAL_HEADER, by_sql, connect, fill,
};

const TABLES: [&str; 3] = ["log", "pair", "named"];

struct Fixture {
    bytes: Bytes,
    /// Rows as SQL gives them.
    rows: BTreeMap<&'static str, BTreeSet<RowKey>>,
    /// What the reader finds in the undamaged files.
    whole: Finds,
    keys: BTreeSet<RowKey>,
    places: BTreeMap<RowKey, BTreeSet<(u32, Rank)>>,
}

impl Fixture {
    fn of(folder: &Path, connection: &Connection) -> Self {
        let bytes = Bytes::of(folder);
        let whole = Finds::in_bytes(&bytes);
        Self {
            rows: rows_by_sql(connection),
            keys: whole.keys(),
            places: whole.places(),
            bytes,
            whole,
        }
    }
}

fn rows_by_sql(connection: &Connection) -> BTreeMap<&'static str, BTreeSet<RowKey>> {
    TABLES.map(|table| (table, by_sql(connection, table))).into()
}

/// Rows that were only ever added: half in the database file, half in the WAL.
static ADDED: LazyLock<Fixture> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = connect(folder.path());
    connection.execute_batch(SCHEMA).expect("a schema");
    fill(&mut connection, 0, 900, &SIZES);
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .expect("copied");
    fill(&mut connection, 10_000, 300, &[0, 1, 4_000, 4_100, 100_000]);
    fill(&mut connection, 20_000, 300, &[3_981, 9_000]);
    Fixture::of(folder.path(), &connection)
});

#[test]
fn an_undamaged_database_is_read_to_the_last_bit() {
    let Fixture {
        bytes, rows, whole, ..
    } = &*ADDED;
    assert!(bytes.pages() > 300 && bytes.frames() > 200);
    assert_eq!(whole.scan.damaged, 0);
    assert_eq!(whole.scan.torn, 0);
    assert_eq!(whole.scan.pages as usize, bytes.pages() + bytes.frames());
    assert_eq!(
        whole.salt.as_ref().map(|salt| &salt[..]),
        Some(&bytes.database[..16])
    );
    assert_eq!(whole.user_version, Some(3));
    assert!(whole.rows.iter().all(|row| !row.mixed && row.table.is_some()));
    for table in TABLES {
        let found: BTreeSet<RowKey> = whole
            .rows
            .iter()
            .filter(|row| row.table.as_deref() == Some(table))
            .map(|row| row.key.clone())
            .collect();
        assert!(rows[table].len() > 1_500);
        assert!(found == rows[table], "{table}");
        assert!(whole.present(table) == rows[table], "{table}");
    }
}

#[test]
fn the_schema_is_learnt() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("fieldbook.db");
    std::fs::write(&path, &ADDED.bytes.database).expect("written");
    let salvage = Salvage::open(&SystemDisk, &Wreck::at(&path), &KEY).expect("a salvage");
    let mut names: Vec<_> = salvage
        .schema()
        .map(|row| (row.name.as_str(), row.table.as_str()))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            ("log", "log"),
            ("log_kind", "log"),
            ("named", "named"),
            ("pair", "pair"),
            ("sqlite_sequence", "sqlite_sequence"),
        ]
    );
    assert!(salvage.schema().any(|row| {
        row.sql
            .as_deref()
            .is_some_and(|sql| sql.starts_with("CREATE TABLE log"))
    }));
}

/// Flips one bit and checks that exactly what the bit belonged to is gone.
fn check_flip(fixture: &Fixture, in_wal: bool, byte: usize, bit: u32) {
    let mut bytes = fixture.bytes.clone();
    let file = if in_wal {
        &mut bytes.wal
    } else {
        &mut bytes.database
    };
    file[byte] ^= 1 << bit;
    let finds = Finds::in_bytes(&bytes);
    let what = format!("bit {bit} of byte {byte}, in the WAL: {in_wal}");
    let found = finds.keys();
    let missing: BTreeSet<RowKey> = fixture.keys.difference(&found).cloned().collect();
    assert!(found.is_subset(&fixture.keys), "{what}");
    let image = if in_wal {
        byte.checked_sub(WAL_HEADER)
            .map(|byte| (byte / FRAME, byte % FRAME))
            .filter(|(_, at)| *at >= 24)
            .map(|(frame, at)| {
                let mut bytes = fixture.bytes.clone();
                let (number, page) = bytes.frame(frame);
                (number, Rank::Wal(frame as u32), at - 24, page.to_vec())
            })
    } else {
        let number = byte / PAGE + 1;
        let page = fixture.bytes.clone().page(number).to_vec();
        Some((number as u32, Rank::Database, byte % PAGE, page))
    };
    // The salt in page 1 and the headers of the WAL are not part of an image.
    let Some((number, rank, _, page)) = image.filter(|(number, _, at, _)| *number > 1 || *at >= 16) else {
        assert_eq!(finds.scan.damaged, 0, "{what}");
        assert_eq!(finds.scan.torn, 0, "{what}");
        assert!(missing.is_empty(), "{what}");
        return;
    };
    assert_eq!(finds.scan.damaged, 1, "{what}");
    let key = PageKey::derive(&KEY, fixture.whole.salt.expect("a salt")).expect("a key");
    let sealed = page.as_slice().try_into().expect("a page");
    let plain = key.open_page(number, sealed).expect("an intact page");
    match plain[if number == 1 { 100 } else { 0 }] {
        0x02 | 0x0a | 0x0d => {
            let here = BTreeSet::from([(number, rank)]);
            let only_here = fixture.places.iter().filter(|(_, places)| **places == here);
            let only_here: BTreeSet<RowKey> = only_here.map(|(row, _)| row.clone()).collect();
            assert!(missing == only_here, "{what}: {} missing", missing.len());
            assert_eq!(finds.scan.torn, 0, "{what}");
        }
        0x05 => assert!(missing.is_empty(), "{what}"),
        _ => {
            assert_eq!(missing.len(), 1, "{what}: one record ran through this page");
            let images = missing.iter().map(|row| fixture.places[row].len());
            assert_eq!(finds.scan.torn, images.sum::<usize>() as u64, "{what}");
        }
    }
}

#[test]
fn one_flipped_bit_in_the_database_file_costs_its_page_only() {
    let mut random = Random(1);
    for _ in 0..60 {
        let byte = random.below(ADDED.bytes.database.len());
        check_flip(&ADDED, false, byte, random.below(8) as u32);
    }
    for byte in [0, 15, 16, 99, 100, PAGE - 1, PAGE] {
        check_flip(&ADDED, false, byte, 3);
    }
}

#[test]
fn one_flipped_bit_in_the_wal_costs_its_frame_only() {
    let mut random = Random(2);
    for _ in 0..60 {
        let byte = random.below(ADDED.bytes.wal.len());
        check_flip(&ADDED, true, byte, random.below(8) as u32);
    }
    for byte in (0..WAL_HEADER + 24 + 17).step_by(3) {
        check_flip(&ADDED, true, byte, random.below(8) as u32);
    }
    // The last commit mark of the WAL.
    let last = WAL_HEADER + (ADDED.bytes.frames() - 1) * FRAME;
    for byte in last..last + 8 {
        check_flip(&ADDED, true, byte, random.below(8) as u32);
    }
}

/// Whatever was done to the files, only rows that were written come out; returns what does.
fn check_nothing_wrong(fixture: &Fixture, bytes: &Bytes) -> Finds {
    let finds = Finds::in_bytes(bytes);
    assert!(finds.keys().is_subset(&fixture.keys));
    finds
}

#[test]
fn zeroed_and_swapped_pages_and_cut_files_give_no_wrong_row() {
    let mut random = Random(3);
    for round in 0..12 {
        let mut bytes = ADDED.bytes.clone();
        let mut lost = 0;
        let (from, length) = (2 + random.below(200), 1 + random.below(30));
        for number in from..from + length {
            bytes.page(number).fill(0);
            lost += 1;
        }
        assert_eq!(
            check_nothing_wrong(&ADDED, &bytes).scan.damaged,
            lost,
            "round {round}"
        );

        let mut bytes = ADDED.bytes.clone();
        let (a, b) = (2 + random.below(100), 110 + random.below(100));
        let page = bytes.page(a).to_vec();
        let other = bytes.page(b).to_vec();
        bytes.page(a).copy_from_slice(&other);
        bytes.page(b).copy_from_slice(&page);
        assert_eq!(
            check_nothing_wrong(&ADDED, &bytes).scan.damaged,
            2,
            "round {round}"
        );

        let mut bytes = ADDED.bytes.clone();
        let cut = random.below(bytes.database.len());
        bytes.database.truncate(cut);
        let finds = check_nothing_wrong(&ADDED, &bytes);
        assert_eq!(
            finds.scan.damaged,
            u64::from(!cut.is_multiple_of(PAGE)),
            "round {round}"
        );

        let mut bytes = ADDED.bytes.clone();
        let cut = random.below(bytes.wal.len());
        bytes.wal.truncate(cut);
        let finds = check_nothing_wrong(&ADDED, &bytes);
        assert_eq!(finds.scan.damaged, 0, "round {round}");
        let page_count = (bytes.pages() + bytes.frames()) as u64;
        assert_eq!(finds.scan.intact, page_count, "round {round}");
    }
}

#[test]
fn what_lies_in_one_file_is_found_without_the_other() {
    let whole = &ADDED.whole;
    let of = |in_wal: bool| -> BTreeSet<RowKey> {
        let rows = whole.rows.iter();
        rows.filter(|row| (row.place.1 > Rank::Database) == in_wal)
            .map(|row| row.key.clone())
            .collect()
    };
    let mut bytes = ADDED.bytes.clone();
    bytes.wal.clear();
    let finds = check_nothing_wrong(&ADDED, &bytes);
    assert!(finds.keys() == of(false));
    assert!(finds.rows.iter().all(|row| row.newest && !row.mixed));

    let mut bytes = ADDED.bytes.clone();
    bytes.database.clear();
    let finds = check_nothing_wrong(&ADDED, &bytes);
    // The salt is in the WAL's copy of page 1. A record that moved may have its overflow pages in the lost file.
    let missing = of(true).difference(&finds.keys()).count();
    assert!(finds.keys().is_subset(&of(true)) && finds.keys().len() > 1_800);
    assert!(missing > 0 && missing as u64 <= finds.scan.torn);

    let folder = tempfile::tempdir().expect("a folder");
    let wreck = Wreck::at(&folder.path().join("nothing.db"));
    let mut nothing = Salvage::open(&SystemDisk, &wreck, &KEY).expect("no files, no rows");
    let scan = nothing.rows::<StoreError>(|_| Ok(())).expect("a scan");
    assert_eq!(scan.pages, 0);
}

#[test]
fn the_wal_of_another_database_gives_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = connect(folder.path());
    connection.execute_batch(SCHEMA).expect("a schema");
    fill(&mut connection, 500_000, 100, &SIZES);
    let other = Bytes::of(folder.path());
    let mut alone = ADDED.bytes.clone();
    alone.wal.clear();
    for first_page_lost in [false, true] {
        let mut bytes = alone.clone();
        if first_page_lost {
            bytes.page(1).fill(0);
        }
        bytes.wal.clone_from(&other.wal);
        // With page 1 lost, the salt must come from elsewhere than this WAL.
        let finds = Finds::with(&bytes, &KEY, ADDED.whole.salt);
        assert!(finds.keys().is_subset(&ADDED.keys));
        let expected = other.frames() + usize::from(first_page_lost);
        assert_eq!(finds.scan.damaged as usize, expected);
    }
}

#[test]
fn a_lost_first_page_is_no_loss_while_the_salt_is_somewhere() {
    let mut bytes = ADDED.bytes.clone();
    bytes.page(1).fill(0);
    let finds = check_nothing_wrong(&ADDED, &bytes);
    assert_eq!(finds.scan.damaged, 1);
    assert_eq!(finds.salt, ADDED.whole.salt);
    for table in TABLES {
        assert!(ADDED.rows[table].is_subset(&finds.keys()), "{table}");
    }

    bytes.wal.clear();
    let known = Finds::with(&bytes, &KEY, ADDED.whole.salt);
    assert_eq!(known.scan.damaged, 1);
    assert!(known.rows.len() > 900 && known.rows.iter().all(|row| row.table.is_none()));
    let unknown = Finds::in_bytes(&bytes);
    assert_eq!((unknown.rows.len(), unknown.scan.intact), (0, 0));
    assert_eq!(unknown.salt, None);
}

/// Rows that were altered, deleted and put into freed pages, over two lives of the WAL, and every version of each row.
static ALTERED: LazyLock<(Fixture, BTreeSet<RowKey>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = connect(folder.path());
    connection.execute_batch(SCHEMA).expect("a schema");
    let mut versions = BTreeSet::new();
    let mut random = Random(9);
    fill(&mut connection, 0, 300, &[9_000; 4]);
    for round in 0..20_u64 {
        fill(&mut connection, 1_000 * (round + 1), 10, &[3990, 9_000]);
        versions.extend(rows_by_sql(&connection).into_values().flatten());
        let third = random.below(3);
        let sql = format!(
            "BEGIN; UPDATE log SET note = 'round {round}' WHERE id % 11 = {third};
             UPDATE pair SET body = randomblob(length(body)) WHERE b % 5 = {third} AND length(body) > 3000;
             DELETE FROM named WHERE rowid_of % 4 = {third}; COMMIT;",
        )
        .replace("rowid_of", "CAST(substr(code, 6) AS INTEGER)");
        connection.execute_batch(&sql).expect("altered");
        versions.extend(rows_by_sql(&connection).into_values().flatten());
        if round == 15 {
            connection
                .execute_batch("PRAGMA wal_checkpoint(RESTART)")
                .expect("copied");
        }
    }
    // A transaction that is rolled back after it has spilled into the WAL.
    connection
        .execute_batch("PRAGMA cache_size = 10; BEGIN;")
        .expect("begun");
    connection
        .execute_batch("UPDATE pair SET body = zeroblob(length(body)) WHERE b > 18000; ROLLBACK;")
        .expect("rolled back");
    (Fixture::of(folder.path(), &connection), versions)
});

/// What is found of the three tables is a version that once was committed, or says that it may not be.
fn check_versions(finds: &Finds, versions: &BTreeSet<RowKey>) -> usize {
    let mut found = 0;
    for row in &finds.rows {
        let ours = row.table.as_deref().is_some_and(|table| TABLES.contains(&table));
        if ours && !row.mixed && row.place.1 >= Rank::Database {
            assert!(versions.contains(&row.key), "{row:?}");
            found += 1;
        }
    }
    found
}

#[test]
fn of_altered_rows_the_newest_are_the_present_ones() {
    let (fixture, versions) = &*ALTERED;
    let whole = &fixture.whole;
    assert_eq!(whole.scan.damaged, 0);
    check_versions(whole, versions);
    for table in TABLES {
        assert!(whole.present(table) == fixture.rows[table], "{table}");
    }
    assert!(whole.rows.iter().all(|row| !(row.newest && row.mixed)));
    let has = |wanted: fn(Rank) -> bool| whole.rows.iter().any(|row| wanted(row.place.1));
    assert!(has(|rank| matches!(rank, Rank::Earlier(_))));
    assert!(has(|rank| matches!(rank, Rank::Uncommitted(_))));
    assert!(has(|rank| matches!(rank, Rank::Wal(_))));
}

/// Copies the newest committed frame of some pages into the database file, as a checkpoint does that is cut off.
fn checkpoint_in_part(fixture: &Fixture, random: &mut Random) -> Bytes {
    let mut bytes = fixture.bytes.clone();
    let ranks = fixture.whole.rows.iter().filter_map(|row| match row.place.1 {
        Rank::Wal(frame) => Some(frame),
        _ => None,
    });
    let last = ranks.max().expect("a committed frame") as usize;
    let mut newest = BTreeMap::new();
    for index in 0..=last {
        let (number, page) = bytes.frame(index);
        newest.insert(number as usize, page.to_vec());
    }
    for (number, page) in newest {
        if number <= bytes.pages() && random.below(2) == 0 {
            bytes.page(number).copy_from_slice(&page);
        }
    }
    bytes
}

#[test]
fn a_checkpoint_that_was_cut_off_mixes_nothing() {
    let (fixture, versions) = &*ALTERED;
    let mut random = Random(5);
    for _ in 0..4 {
        let bytes = checkpoint_in_part(fixture, &mut random);
        let finds = Finds::in_bytes(&bytes);
        check_versions(&finds, versions);
        for table in TABLES {
            assert!(finds.present(table) == fixture.rows[table], "{table}");
        }
    }
}

#[test]
fn damage_to_altered_rows_gives_no_version_that_never_was() {
    let (fixture, versions) = &*ALTERED;
    let mut random = Random(6);
    for round in 0..40 {
        let mut bytes = checkpoint_in_part(fixture, &mut random);
        for _ in 0..1 + round % 4 {
            let in_wal = random.below(2) == 0;
            let file = if in_wal {
                &mut bytes.wal
            } else {
                &mut bytes.database
            };
            let byte = random.below(file.len());
            if round % 3 == 0 {
                let end = file.len().min(byte + 4096);
                file[byte..end].fill(0);
            } else {
                file[byte] ^= 1 << random.below(8);
            }
        }
        assert!(
            check_versions(&Finds::in_bytes(&bytes), versions) > 1_000,
            "round {round}"
        );
    }
}

#[test]
fn a_frame_of_an_earlier_life_stands_in_for_its_damaged_copy() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut connection = connect(folder.path());
    connection.execute_batch(SCHEMA).expect("a schema");
    fill(&mut connection, 0, 300, &SIZES);
    connection
        .execute_batch("PRAGMA wal_checkpoint(RESTART)")
        .expect("copied");
    connection
        .execute_batch("INSERT INTO log (kind, body) VALUES (1, x'00')")
        .expect("put");
    let mut bytes = Bytes::of(folder.path());
    let whole = Finds::in_bytes(&bytes);
    let stale: BTreeSet<usize> = (20..bytes.frames())
        .map(|index| bytes.frame(index).0 as usize)
        .collect();
    for number in &stale {
        bytes.page(*number)[PAGE / 2] ^= 1;
    }
    let finds = Finds::in_bytes(&bytes);
    assert_eq!(finds.scan.damaged as usize, stale.len());
    assert!(finds.keys() == whole.keys());
    assert!(finds.places() == whole.places());
}

#[test]
fn another_key_opens_nothing() {
    let finds = Finds::with(&ADDED.bytes, &DataKey::from_bytes([8; 32]), ADDED.whole.salt);
    assert_eq!(finds.scan.intact, 0);
    assert!(finds.rows.is_empty());
    assert_eq!(finds.salt, None);
}
