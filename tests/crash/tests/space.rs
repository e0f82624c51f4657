//! A disk that fills up: photos stop first, text goes on until the reserve is spent, and the platform's answers and a purge
//! still find room in what is left of it.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_crash::operations::{Scene, platform_knowing, prepare};
use grid_crash::world::{Keeping, START_MS};
use grid_crash::{SimDisk, platform};
use grid_fieldbook::{AttachmentDraft, CountDraft, FieldBook, FieldError, StoreLimits};
use grid_model::terms::{AttachmentRole, CountKind};

fn count(book: &FieldBook, value: i64) -> Result<(), FieldError> {
    let draft = CountDraft {
        kind: CountKind::IslandEntryCheck,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: Some("满".repeat(100)),
    };
    book.count(draft).map(drop)
}

fn photo(book: &FieldBook, which: u8) -> Result<(), FieldError> {
    let draft = AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: vec![which; 20_000],
    };
    book.attach(draft).map(drop)
}

#[test]
fn text_goes_on_until_the_reserve_is_spent_and_answers_still_find_room() {
    let prepared = prepare(Scene::Vouched, Keeping::WHOLE).expect("the vault is made");
    let disk = SimDisk::from_snapshot(&prepared.image);
    let mut phone = prepared.phone(&disk, 5);
    phone.host.storage.limits = StoreLimits::SMALL;
    let book = phone.open().expect("it opens");
    photo(&book, 201).expect("there is room");

    // Somebody else filled the disk.
    disk.set_capacity(disk.used());
    assert_eq!(
        photo(&book, 202),
        Err(FieldError::StorageFull),
        "photos stop first"
    );
    let limits = phone.host.storage.limits;
    let ballast = || {
        disk.read_file(&phone.folder.join("ballast"))
            .map_or(0, |bytes| bytes.len() as u64)
    };
    assert_eq!(ballast(), limits.ballast_bytes);
    let mut saved = 0_i64;
    let refused = loop {
        match count(&book, saved + 1) {
            Ok(()) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 100_000, "it never fills");
    };
    assert_eq!(refused, FieldError::StorageFull);
    assert!(saved > 100, "the reserve let {saved} more be saved");
    assert!(
        ballast() >= limits.ballast_kept_bytes,
        "what answers need is left: {}",
        ballast()
    );

    // The link comes: everything is receipted, and the purge frees what a backup holds.
    let platform = platform_knowing(prepared.known.clone()).expect("a platform");
    let report = book
        .sync(&platform, Default::default(), &Default::default(), &mut |_| {})
        .expect("answers are taken in");
    assert!(report.received >= saved.unsigned_abs(), "{report:?}");
    let now_ms = START_MS + phone.elapsed_ms();
    let purged = book
        .store_for_tests()
        .purge(platform::INCARNATION, now_ms)
        .expect("purged");
    assert!(report.received > 0 && (purged.changes > 0 || book.status().expect("status").received > 0));
    book.close().expect("closed");

    // Space again: the reserve is made whole, and photos are taken.
    disk.set_capacity(u64::MAX >> 8);
    let book = phone.open().expect("it opens");
    assert_eq!(ballast(), limits.ballast_bytes);
    photo(&book, 203).expect("there is room again");
    let checks = book.self_check().expect("checked");
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| !check.ok && !["outbox", "clock"].contains(&check.name))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}
