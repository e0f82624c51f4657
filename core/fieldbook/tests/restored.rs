//! A platform whose store was restored from a backup, and a phone whose vault was: nothing is lost, and it is told.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, copy, count, sync};
use grid_fieldbook::{AttachmentDraft, FieldBook, RecordState};
use grid_model::id::{Incarnation, Seq};
use grid_model::terms::{AttachmentRole, ParkReason};
use grid_wire::{BatchHeader, ExchangeRequest, decode};

/// States of all records, the oldest first.
fn states(book: &FieldBook) -> Vec<RecordState> {
    common::states(book).into_iter().rev().collect()
}

/// The platform after a restore: another incarnation, and of the log only what the backup held.
fn restored(platform: FakePlatform, kept: u64) -> FakePlatform {
    let mut platform = platform;
    platform.incarnation = Incarnation([4; 16]);
    let mut state = platform.state.lock().expect("state");
    state.stored.retain(|seq, _| seq.0 <= kept);
    state.photos.clear();
    state.requests.clear();
    drop(state);
    platform
}

fn enrolled(seed: u64) -> (World, tempfile::TempDir, FieldBook, FakePlatform) {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    platform.state.lock().expect("state").vouches = Some(0);
    (world, folder, book, platform)
}

#[test]
fn a_restored_platform_is_offered_again_what_it_lost_and_no_more() {
    let (_world, _folder, book, platform) = enrolled(60);
    (1..=5).for_each(|value| count(&book, value));
    sync(&book, &platform);
    let platform = restored(platform, 2);
    count(&book, 6);
    let report = sync(&book, &platform);
    assert_eq!((report.offered_again, report.received), (3, 4));
    assert_eq!(states(&book), [RecordState::Received; 6]);
    let state = platform.state.lock().expect("state");
    assert_eq!(state.stored.len(), 6);
    drop(state);
    assert_eq!(sync(&book, &platform).offered_again, 0, "once");
}

#[test]
fn what_a_clone_put_into_the_places_of_a_restored_platform_hides_nothing() {
    let (_world, _folder, book, platform) = enrolled(68);
    (1..=3).for_each(|value| count(&book, value));
    sync(&book, &platform);
    // The same positions are there, and they are another branch: a clone of this phone met the restored platform first.
    let platform = restored(platform, 3);
    platform.state.lock().expect("state").verified_h = Some(grid_model::Sha256([9; 32]));
    assert_eq!(sync(&book, &platform).offered_again, 3);
}

#[test]
fn what_was_sent_back_is_judged_anew_by_the_restored_platform() {
    let (_world, _folder, book, platform) = enrolled(61);
    (1..=3).for_each(|value| count(&book, value));
    let park = |platform: &FakePlatform| {
        let mut state = platform.state.lock().expect("state");
        state.park.insert(Seq(2), ParkReason::UnknownTask);
    };
    park(&platform);
    sync(&book, &platform);
    let platform = restored(platform, 0);
    platform.state.lock().expect("state").park.clear();
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Received; 3]);
}

#[test]
fn photos_go_again_to_a_platform_that_lost_them() {
    let (_world, _folder, book, platform) = enrolled(62);
    let photo = AttachmentDraft {
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        content: vec![7; 30_000],
        point: None,
    };
    book.attach(photo).expect("kept");
    assert_eq!(sync(&book, &platform).photos_done, 1);
    let platform = restored(platform, 0);
    assert_eq!(sync(&book, &platform).photos_done, 1);
    let state = platform.state.lock().expect("state");
    assert!(
        state
            .photos
            .values()
            .all(|(size, bytes)| *size == bytes.len() as u64)
    );
    assert_eq!(state.photos.len(), 1);
}

#[test]
fn backed_up_is_said_of_what_a_proved_backup_holds_of_this_store() {
    let (_world, _folder, book, platform) = enrolled(63);
    (1..=4).for_each(|value| count(&book, value));
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Received; 4]);
    platform.state.lock().expect("state").vouches = Some(3);
    sync(&book, &platform);
    let (backed, received) = (RecordState::BackedUp, RecordState::Received);
    assert_eq!(states(&book), [backed, backed, backed, received]);
    // Another store has proved nothing yet.
    let platform = restored(platform, 4);
    platform.state.lock().expect("state").vouches = Some(0);
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Received; 4]);
}

#[test]
fn a_vault_that_was_put_back_to_an_older_copy_begins_a_new_epoch() {
    let (world, folder, book, platform) = enrolled(64);
    (1..=2).for_each(|value| count(&book, value));
    sync(&book, &platform);
    book.close().expect("closed");
    let older = tempfile::tempdir().expect("a folder");
    copy(folder.path(), older.path());
    book.reopen().expect("open");
    count(&book, 3);
    assert!(!sync(&book, &platform).branched);
    book.close().expect("closed");

    let book = world.open(older.path());
    assert!(sync(&book, &platform).branched, "the platform has a third record");
    count(&book, 4);
    platform.state.lock().expect("state").requests.clear();
    assert!(!sync(&book, &platform).branched, "once");
    let state = platform.state.lock().expect("state");
    let request = ExchangeRequest::from_bytes(&state.requests[0]).expect("a request");
    let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
    assert_eq!(header.head.seq(), Seq(1), "the first of a new log");
    drop(state);
    assert_eq!(states(&book).len(), 3);
    assert!(book.status().expect("status").saved == 0);
}

#[test]
fn a_phone_whose_chain_is_another_one_at_the_verified_mark_begins_a_new_epoch() {
    let (_world, _folder, book, platform) = enrolled(65);
    (1..=3).for_each(|value| count(&book, value));
    let own = |book: &FieldBook| {
        let h = book
            .store_for_tests()
            .read(|tx| tx.chain_at(tx.current_epoch()?, Seq(3)));
        h.expect("read").expect("it is there")
    };
    platform.state.lock().expect("state").verified_h = Some(own(&book));
    assert!(!sync(&book, &platform).branched, "it is the same");
    platform.state.lock().expect("state").verified_h = Some(grid_model::Sha256([9; 32]));
    assert!(sync(&book, &platform).branched, "a clone went on");
    assert_eq!(states(&book), [RecordState::Received; 3], "nothing is renumbered");
}
