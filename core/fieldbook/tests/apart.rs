//! What comes apart while nobody looks: two threads, a suspended book, a removed file. And what is handed out of a vault.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{FakePlatform, World, assert_whole, counted as count};
use grid_fieldbook::{AttachmentDraft, CaseDraft, FieldBook, FieldError, LockedBook, UrgentDraft};
use grid_model::id::Seq;
use grid_model::terms::{AttachmentRole, CaseKind};

fn photo() -> AttachmentDraft {
    AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: vec![7; 150_000],
    }
}

fn sealed_photo(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder.join("attachments")).expect("a folder");
    files.next().expect("a photo").expect("an entry").path()
}

/// Files below this folder that this process holds open.
fn open_files(folder: &Path) -> Vec<PathBuf> {
    let held = fs::read_dir("/proc/self/fd").expect("the system tells");
    held.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|path| path.starts_with(folder))
        .collect()
}

#[test]
fn the_same_photo_kept_by_many_threads_at_once_is_one_that_opens() {
    let (world, folder) = (World::new(70), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| book.attach(photo()).expect("kept"));
        }
    });
    assert_eq!(book.status().expect("status").photos_waiting, 1);
    assert_whole(&book);
}

#[test]
fn a_photo_whose_file_was_removed_or_altered_is_kept_again_when_it_is_attached_again() {
    let (world, folder) = (World::new(71), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.attach(photo()).expect("kept");
    let place = sealed_photo(folder.path());
    let attachments = |book: &FieldBook| {
        let checks = book.self_check().expect("checked");
        checks.iter().any(|check| check.name == "attachments" && check.ok)
    };
    fs::remove_file(&place).expect("a cleaner came");
    assert!(!attachments(&book));
    book.attach(photo()).expect("kept again");
    assert!(attachments(&book));
    fs::write(&place, b"rotten").expect("altered");
    assert!(!attachments(&book));
    book.attach(photo()).expect("kept again");
    assert_whole(&book);
}

#[test]
fn captures_are_taken_in_when_a_suspended_book_wakes() {
    let (world, folder) = (World::new(72), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    book.suspend().expect("suspended");
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    let draft = UrgentDraft {
        title: "母女落水".to_owned(),
        place_text: "前滩".to_owned(),
        point: None,
    };
    locked.start_urgent(draft).expect("started");
    locked.close().expect("closed");
    assert_eq!(book.status().expect("awake").saved, 2);
    assert_whole(&book);
}

#[test]
fn a_damaged_capture_is_taken_in_as_far_as_it_reads_and_kept() {
    let (world, folder) = (World::new(73), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.close().expect("closed");
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    for value in 1..=3 {
        locked.count(count(value)).expect("counted");
    }
    locked.close().expect("closed");
    let capture = folder.path().join("lifeboat/0000000000.locked");
    let mut bytes = fs::read(&capture).expect("a capture");
    let second = bytes.len() / 2 + 4096;
    bytes[second] ^= 1;
    fs::write(&capture, &bytes).expect("damaged");
    book.reopen().expect("open");
    assert_eq!(book.status().expect("status").saved, 2);
    assert!(!capture.exists());
    let shelf = fs::read_dir(folder.path().join("quarantine")).expect("a folder");
    let kept: Vec<PathBuf> = shelf.map(|entry| entry.expect("an entry").path()).collect();
    assert_eq!(fs::read(&kept[0]).expect("it is kept"), bytes);
}

#[test]
fn an_older_database_put_back_while_suspended_is_not_written_to() {
    let (world, folder) = (World::new(74), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    book.suspend().expect("suspended");
    let database = folder.path().join("fieldbook.db");
    let older = fs::read(&database).expect("a database");
    for value in 2..=3 {
        book.count(count(value)).expect("counted");
    }
    book.suspend().expect("suspended");
    fs::write(&database, &older).expect("put back");
    assert_eq!(book.count(count(4)).err(), Some(FieldError::Damaged));
    assert_eq!(book.status().err(), Some(FieldError::Damaged));
    assert!(open_files(folder.path()).is_empty());
    book.reopen().expect("what the lifeboat knows is taken over");
    let records = book.records(Seq(0), 10).expect("records");
    assert_eq!(records.len(), 3);
    assert!(book.count(count(4)).expect("counted").second_copy);
    assert_whole(&book);
}

#[test]
fn a_closed_and_a_suspended_book_hold_no_file() {
    let (world, folder) = (World::new(75), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.count(count(1)).expect("counted");
    assert!(!open_files(folder.path()).is_empty(), "it can be seen");
    book.suspend().expect("suspended");
    assert_eq!(open_files(folder.path()), Vec::<PathBuf>::new());
    book.count(count(2)).expect("awake");
    book.close().expect("closed");
    assert_eq!(open_files(folder.path()), Vec::<PathBuf>::new());
    book.reopen().expect("open");
    book.count(count(3)).expect("counted");
    drop(book);
    assert_eq!(open_files(folder.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_support_bundle_opens_on_the_platform_alone_and_names_nobody() {
    let (world, folder) = (World::new(76), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    FakePlatform::new().enroll(&book);
    book.report_case(CaseDraft {
        case_kind: CaseKind::Hazard,
        title: "王小明家漏水".to_owned(),
        description: "电话 13900000000".to_owned(),
        place_text: "3号楼2单元".to_owned(),
        point: None,
        dispute: None,
        attachments: Vec::new(),
    })
    .expect("reported");
    let bundle = book.support_bundle().expect("a bundle");
    let (_, sealed) = grid_wire::support_from(&bundle).expect("it reads");
    let platform = grid_vault::SealingKey::from_secret(&[9; 32]).expect("a key");
    let text = platform.open(sealed).expect("it opens");
    let text = String::from_utf8(text).expect("text");
    for check in ["database ok", "chain ok", "lifeboat ok", "key ok", "fieldbook.db"] {
        assert!(text.contains(check), "{check} in {text}");
    }
    let folder = folder.path().display().to_string();
    for private in ["王小明", "13900000000", "3号楼", "民警", "P01", "大鹿岛", &folder] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}
