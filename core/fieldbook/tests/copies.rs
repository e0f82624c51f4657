//! Two copies of everything unsent: what one lost the other gives back, and a vault that is locked can still be written to.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::Path;

use common::{FakePlatform, OpenKeys, World, assert_whole, copy, counted as count, on_foot};
use grid_fieldbook::{
    AttachmentDraft, CaseDraft, CountDraft, FieldBook, FieldError, FixDraft, LockedBook, Problem,
    RecordState, UrgentDraft,
};
use grid_model::id::Seq;
use grid_model::terms::{AttachmentRole, CaseKind, Milestone};

fn case() -> CaseDraft {
    CaseDraft {
        case_kind: CaseKind::Hazard,
        title: "楼道杂物".to_owned(),
        description: "二楼堆放纸箱".to_owned(),
        place_text: "3号楼".to_owned(),
        point: None,
        dispute: None,
        attachments: Vec::new(),
    }
}

/// A vault with something of everything.
fn fill(book: &FieldBook) {
    for value in 1..=5 {
        assert!(book.count(count(value)).expect("counted").second_copy);
    }
    let (patrol, _) = book.start_patrol(on_foot()).expect("started");
    for step in 0..4 {
        let fix = FixDraft {
            lat_e7: 397_500_000 + step,
            lon_e7: 1_237_300_000,
            accuracy_dm: 50,
            speed_cms: 100,
        };
        book.record_fix(patrol, fix).expect("a fix");
    }
    let photo = book
        .attach(AttachmentDraft {
            role: AttachmentRole::Before,
            mime: "image/jpeg".to_owned(),
            point: None,
            content: vec![7; 70_000],
        })
        .expect("kept");
    let draft = CaseDraft {
        attachments: vec![photo],
        ..case()
    };
    book.report_case(draft).expect("reported");
}

/// What must be the same before and after.
fn seen(book: &FieldBook) -> String {
    let records = book.records(Seq(0), 1_000).expect("records");
    let patrols = book.patrols(10).expect("patrols");
    let (cases, tally) = (book.cases(10).expect("cases"), book.tally_today().expect("tally"));
    format!(
        "{records:?}\n{patrols:?}\n{cases:?}\n{tally:?}\n{:?}",
        book.status().expect("status")
    )
}

fn lose_database(folder: &Path) {
    for name in ["fieldbook.db", "fieldbook.db-wal", "fieldbook.db-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
}

#[test]
fn a_lost_database_is_rebuilt_from_the_lifeboat_alone() {
    let (world, folder) = (World::new(1), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    FakePlatform::new().enroll(&book);
    fill(&book);
    book.flush_fixes().expect("flushed");
    let before = seen(&book);
    book.close().expect("closed");
    lose_database(folder.path());
    let opened = FieldBook::open(folder.path(), world.host.clone(), &OpenKeys);
    assert!(matches!(opened, Err(FieldError::Damaged)));
    let (book, recovery) =
        FieldBook::recover(folder.path(), world.host.clone(), &OpenKeys).expect("recovered");
    assert_eq!(seen(&book), before);
    assert_eq!(recovery.from_database, 0);
    assert_eq!(recovery.from_lifeboat, 7);
    assert_eq!(recovery.missing, []);
    assert_whole(&book);
    // Asked for again, nothing changes.
    book.close().expect("closed");
    let (book, again) = FieldBook::recover(folder.path(), world.host.clone(), &OpenKeys).expect("recovered");
    assert!(again.database_was_whole);
    assert_eq!(seen(&book), before);
    assert!(book.count(count(9)).expect("counted").second_copy);
}

#[test]
fn a_damaged_database_is_kept_whole_and_its_rows_come_back_without_the_lifeboat() {
    let (world, folder) = (World::new(2), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    FakePlatform::new().enroll(&book);
    fill(&book);
    let before = seen(&book);
    book.close().expect("closed");
    fs::remove_dir_all(folder.path().join("lifeboat")).expect("removed");
    let database = folder.path().join("fieldbook.db");
    let mut bytes = fs::read(&database).expect("read");
    // The first page of the schema: nothing opens any more, every other page is intact.
    bytes[100] ^= 1;
    fs::write(&database, &bytes).expect("written");
    let opened = FieldBook::open(folder.path(), world.host.clone(), &OpenKeys);
    assert!(matches!(opened, Err(FieldError::Damaged)), "{:?}", opened.err());
    // Without its schema a salvage cannot tell tables apart; the log has a shape of its own.
    let recovered = FieldBook::recover(folder.path(), world.host.clone(), &OpenKeys);
    match recovered {
        Ok((book, recovery)) => {
            assert_eq!(recovery.pages_damaged, 1);
            let kept = folder.path().join(recovery.quarantined.expect("kept"));
            assert_eq!(fs::read(kept.join("fieldbook.db")).expect("kept"), bytes);
            assert_eq!(book.records(Seq(0), 100).expect("records").len(), 7);
            let _ = before;
        }
        Err(error) => assert_eq!(error, FieldError::Damaged, "nothing names the vault any more"),
    }
}

#[test]
fn an_older_copy_of_the_database_gets_what_the_lifeboat_knows() {
    let (world, folder, older) = (
        World::new(3),
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    book.close().expect("closed");
    copy(folder.path(), older.path());
    book.reopen().expect("reopened");
    fill(&book);
    book.flush_fixes().expect("flushed");
    let before = seen(&book);
    book.close().expect("closed");
    drop(book);
    fs::copy(
        older.path().join("fieldbook.db"),
        folder.path().join("fieldbook.db"),
    )
    .expect("put back");
    let book = world.open(folder.path());
    assert_eq!(seen(&book), before);
    assert_whole(&book);
}

#[test]
fn a_clone_that_went_on_begins_a_new_epoch_and_keeps_both_branches() {
    let (world, folder, older) = (
        World::new(4),
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    book.close().expect("closed");
    drop(book);
    copy(folder.path(), older.path());
    // The clone goes on for two records, the original for one; then the clone's database meets the original's lifeboat.
    let clone = world.open(older.path());
    clone.count(count(20)).expect("counted");
    clone.count(count(30)).expect("counted");
    clone.close().expect("closed");
    let book = world.open(folder.path());
    book.count(count(2)).expect("counted");
    book.close().expect("closed");
    drop((book, clone));
    for name in ["fieldbook.db", "fieldbook.db-wal"] {
        if older.path().join(name).exists() {
            fs::copy(older.path().join(name), folder.path().join(name)).expect("put back");
        }
    }
    let book = world.open(folder.path());
    let saved = book.count(count(3)).expect("counted");
    assert!(saved.seq.0 > 1 << 40, "a new life of the log");
    assert_eq!(book.status().expect("status").saved, 4);
}

#[test]
fn a_locked_vault_is_still_written_to_and_takes_it_in_at_the_next_unlock() {
    let (world, folder) = (World::new(5), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    FakePlatform::new().enroll(&book);
    book.count(count(1)).expect("counted");
    book.close().expect("closed");
    drop(book);
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    let again = LockedBook::open(folder.path(), world.host.clone());
    assert!(matches!(again, Err(FieldError::AlreadyOpen)));
    let draft = UrgentDraft {
        title: "母女落水".to_owned(),
        place_text: "前滩".to_owned(),
        point: None,
    };
    let (rescue, _) = locked.start_urgent(draft).expect("started");
    locked
        .urgent_milestone(rescue, Milestone::Departed)
        .expect("a step");
    locked.count(count(4)).expect("counted");
    locked.report_case(case()).expect("reported");
    let named = locked.count(CountDraft { value: 0, ..count(0) });
    assert!(
        matches!(
            named,
            Err(FieldError::InvalidInput {
                field: "value",
                problem: Problem::OutOfRange
            })
        ),
        "{named:?}"
    );
    // Killed: it was never closed in good order.
    drop(locked);
    let book = world.open(folder.path());
    let records = book.records(Seq(0), 100).expect("records");
    assert_eq!(records.len(), 5);
    assert!(records.iter().all(|record| record.state == RecordState::Saved));
    assert_eq!(book.cases(10).expect("cases").len(), 2);
    assert_whole(&book);
    let left: Vec<_> = fs::read_dir(folder.path().join("lifeboat"))
        .expect("a folder")
        .filter(|entry| {
            entry
                .as_ref()
                .is_ok_and(|e| e.path().extension().is_some_and(|x| x == "locked"))
        })
        .collect();
    assert!(left.is_empty(), "taken in, in both copies");
    // It goes out in batches of its own epoch.
    let platform = FakePlatform::new();
    let report = book
        .sync(
            &platform,
            grid_fieldbook::Budget::default(),
            &grid_fieldbook::CancelToken::default(),
            &mut |_| {},
        )
        .expect("synced");
    assert_eq!(report.received, 5);
}

#[test]
fn a_suspended_vault_holds_no_lock_and_wakes_by_itself() {
    let (world, folder) = (World::new(6), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    book.suspend().expect("suspended");
    let lock = fs::File::open(folder.path().join("lock")).expect("a lock file");
    lock.try_lock().expect("nobody holds it");
    assert!(matches!(book.count(count(2)), Err(FieldError::AlreadyOpen)));
    lock.unlock().expect("let go");
    book.count(count(2)).expect("awake again");
    book.suspend().expect("suspended");
    assert_eq!(book.status().expect("a read wakes it, too").saved, 2);
}

#[test]
fn whichever_page_is_damaged_no_record_comes_back_under_another_log() {
    let (world, folder) = (World::new(6), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    FakePlatform::new().enroll(&book);
    for value in 1..=9 {
        book.count(count(value)).expect("counted");
    }
    book.close().expect("closed");
    drop(book);
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    locked.count(count(4)).expect("counted");
    locked.close().expect("closed");
    let keys = |book: &FieldBook| {
        let records = book.records(Seq(0), 100).expect("records");
        let keys = records
            .iter()
            .map(|record| book.key_of(record.seq).expect("read").expect("a key"));
        keys.collect::<std::collections::BTreeSet<_>>()
    };
    let book = world.open(folder.path());
    let before = keys(&book);
    assert_eq!(before.len(), 10);
    book.close().expect("closed");
    drop(book);
    let whole = fs::read(folder.path().join("fieldbook.db")).expect("a database");
    for page in 0..whole.len() / 4096 {
        let damaged = tempfile::tempdir().expect("a folder");
        copy(folder.path(), damaged.path());
        let mut bytes = whole.clone();
        bytes[page * 4096 + 2048] ^= 1;
        fs::write(damaged.path().join("fieldbook.db"), bytes).expect("written");
        let recovered = FieldBook::recover(damaged.path(), world.host.clone(), &OpenKeys);
        let (book, _) = recovered.expect("recovered");
        assert_eq!(keys(&book), before, "page {page}");
    }
}
