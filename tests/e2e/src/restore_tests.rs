//! A platform that lost its disk and was put back from yesterday's backup, and the phone that still has today: nothing is
//! lost, nothing is counted twice, and what is called backed up was proved.

use grid_fieldbook::{AttachmentDraft, Budget, CancelToken, FieldBook, RecordState, SyncReport};
use grid_model::id::Seq;
use grid_model::terms::AttachmentRole;

use grid_server::Settings;

use crate::boat_tests::case_with_photo;
use crate::contact_tests::{World, count, enroll};
use crate::host::Hosted;

fn sync(book: &FieldBook) -> SyncReport {
    let transport = book.connect().expect("a transport");
    let report = book.sync(
        &transport,
        Budget::default(),
        &CancelToken::default(),
        &mut |_| {},
    );
    report.expect("synced")
}

/// States of all records, the oldest first.
fn states(book: &FieldBook) -> Vec<RecordState> {
    let records = book.records(Seq(0), 100).expect("records").into_iter().rev();
    records.map(|record| record.state).collect()
}

fn photo(book: &FieldBook, which: u8) {
    book.attach(AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: vec![which; 90_000],
    })
    .expect("kept");
}

#[test]
fn what_came_after_the_backup_comes_again_from_the_phone() {
    let world = World::new();
    let book = world.vault("a");
    enroll(&book, &world.ticket()).expect("enrolled");
    count(&book);
    photo(&book, 1);
    assert_eq!(sync(&book).received, 2);
    let (store, keys) = (
        world.folder.path().join("backups"),
        world.folder.path().join("keys.json"),
    );
    let admin = world.hosted.platform.admin();
    let backup = admin.backup(&store).expect("a backup");
    admin.backup_keys(&keys).expect("its keys, apart");
    sync(&book);
    assert_eq!(states(&book), [RecordState::Received; 2], "made is not proved");
    admin.verify_backup(&store.join(&backup.name)).expect("proved");
    sync(&book);
    assert_eq!(states(&book), [RecordState::BackedUp; 2]);

    // Today's work, and then the disk dies.
    count(&book);
    count(&book);
    photo(&book, 2);
    assert_eq!(
        (sync(&book).received, states(&book)[3]),
        (2, RecordState::Received)
    );
    let address = world
        .hosted
        .base
        .trim_start_matches("https://")
        .parse()
        .expect("an address");
    world.hosted.stop().expect("stopped");
    let anew = world.folder.path().join("anew");
    grid_server::restore(
        &store.join(&backup.name),
        &anew,
        Some(&keys),
        &world.clock,
        &Settings::default(),
    )
    .expect("restored");
    let restored = Hosted::start_again_tls(&anew, address, world.clock.clone()).expect("it serves");

    count(&book);
    let report = sync(&book);
    assert_eq!((report.offered_again, report.received), (2, 3));
    assert!(!report.branched);
    assert_eq!(report.photos_done, 2, "asked for, and one of them sent");
    let (backed, received) = (RecordState::BackedUp, RecordState::Received);
    assert_eq!(states(&book), [backed, backed, received, received, received]);
    assert_eq!(sync(&book).offered_again, 0);
    restored.stop().expect("stopped");
}

#[test]
fn a_record_is_backed_up_with_the_photos_it_names_and_not_before() {
    let world = World::new();
    let book = world.vault("b");
    enroll(&book, &world.ticket()).expect("enrolled");
    case_with_photo(&book, &[3; 90_000]);
    count(&book);
    let without = Budget {
        photos: false,
        ..Budget::default()
    };
    let transport = book.connect().expect("a transport");
    let sync_text = || {
        book.sync(&transport, without, &CancelToken::default(), &mut |_| {})
            .expect("synced")
    };
    assert_eq!(sync_text().received, 3);
    let store = world.folder.path().join("backups");
    let admin = world.hosted.platform.admin();
    let prove = || {
        let backup = admin.backup(&store).expect("a backup");
        admin.verify_backup(&store.join(&backup.name)).expect("proved");
    };
    prove();
    sync_text();
    let (backed, received) = (RecordState::BackedUp, RecordState::Received);
    assert_eq!(
        states(&book),
        [backed, received, received],
        "the second names a photo that is not there"
    );
    assert_eq!(sync(&book).photos_done, 1);
    sync_text();
    assert_eq!(
        states(&book),
        [backed, received, received],
        "it came after the backup"
    );
    prove();
    sync_text();
    assert_eq!(states(&book), [backed; 3]);
}
