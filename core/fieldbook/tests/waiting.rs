//! Why a record or a photo has not gone: told for each, and remembered across a restart.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::path::Path;
use std::sync::Arc;

use common::{FakePlatform, Fault, OpenKeys, START_MS, World, count, sync};
use grid_fieldbook::{
    AttachmentDraft, Budget, CancelToken, Cause, Clock, FieldBook, LinkError, Moment, Outcome, Request,
    Response, Transport, WaitingFor,
};
use grid_model::id::Seq;
use grid_model::terms::{AttachmentRole, ParkReason};

/// A link on which every request ends so.
struct Dead(LinkError);

impl Transport for Dead {
    fn send(&self, _: &Request, _: &CancelToken) -> Result<Response, LinkError> {
        Err(self.0.clone())
    }
}

fn try_sync(book: &FieldBook, transport: &dyn Transport, budget: Budget) -> Outcome {
    let report = book.sync(transport, budget, &CancelToken::default(), &mut |_| {});
    report.expect("a report").summary.outcome
}

/// Causes of everything that waits, records before photos.
fn causes(book: &FieldBook) -> Vec<Cause> {
    let waiting = book.waiting(100).expect("told").into_iter();
    waiting.map(|waiting| waiting.cause).collect()
}

fn photo(book: &FieldBook) {
    book.attach(AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content: vec![7; 5_000],
    })
    .expect("kept");
}

fn opened(world: &World, folder: &Path) -> (FakePlatform, FieldBook) {
    let (platform, book) = (FakePlatform::new(), world.open(folder));
    platform.enroll(&book);
    (platform, book)
}

#[test]
fn each_cause_is_told_and_outlives_the_process() {
    let (world, folder) = (World::new(1), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    count(&book, 1);
    photo(&book);
    assert_eq!(causes(&book), [Cause::NotEnrolled, Cause::NotEnrolled]);
    let platform = FakePlatform::new();
    platform.enroll(&book);
    assert_eq!(causes(&book), [Cause::NotTried, Cause::BehindRecords]);
    for error in [
        LinkError::Unreachable,
        LinkError::NameUnknown,
        LinkError::NameSilent,
        LinkError::NothingListens,
        LinkError::Lost,
        LinkError::WrongCertificate,
        LinkError::CertificateTime,
    ] {
        let ended = Outcome::Link(error.clone());
        assert_eq!(try_sync(&book, &Dead(error), Budget::default()), ended);
        assert_eq!(causes(&book), [Cause::Ended(ended), Cause::BehindRecords]);
    }
    for (fault, ended) in [
        (Fault::Portal, Outcome::NotOurPlatform),
        (Fault::Busy, Outcome::TryLater),
        (Fault::Newer, Outcome::NewerPlatform),
        (Fault::ForgedReceipt, Outcome::BadReceipt),
    ] {
        platform.will(&[fault; 8]);
        assert_eq!(try_sync(&book, &platform, Budget::default()), ended);
        assert_eq!(causes(&book)[0], Cause::Ended(ended));
    }
    // A process that is run later tells it, and until when.
    let before = book.waiting(100).expect("told");
    assert!(before[0].until_ms.is_some_and(|at_ms| at_ms > START_MS));
    drop(book);
    let book = world.open(folder.path());
    assert_eq!(book.waiting(100).expect("told"), before);
    world.pass(24 * 3_600_000);
    assert_eq!(
        book.waiting(100).expect("told")[0].until_ms,
        None,
        "the rest is over"
    );
    platform.will(&[]);
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
    assert_eq!((causes(&book), book.last_sync()), (vec![], None));
}

#[test]
fn a_record_that_was_sent_back_and_a_photo_that_waits_for_wifi_say_so() {
    let (world, folder) = (World::new(2), tempfile::tempdir().expect("a folder"));
    let (platform, book) = opened(&world, folder.path());
    count(&book, 1);
    count(&book, 2);
    photo(&book);
    let mut state = platform.state.lock().expect("state");
    state.park.insert(Seq(1), ParkReason::TooLarge);
    drop(state);
    let metered = Budget {
        metered: true,
        ..Budget::default()
    };
    assert_eq!(try_sync(&book, &platform, metered), Outcome::Complete);
    assert_eq!(
        causes(&book),
        [Cause::SentBack(ParkReason::TooLarge), Cause::WaitsForWifi]
    );
    let waiting = book.waiting(100).expect("told");
    assert!(matches!(&waiting[0].what, WaitingFor::Record(record) if record.seq == Seq(1)));
    assert!(matches!(&waiting[1].what, WaitingFor::Photo { bytes: 5_000, .. }));
    assert_eq!(try_sync(&book, &platform, Budget::default()), Outcome::Complete);
    assert_eq!(causes(&book), [Cause::SentBack(ParkReason::TooLarge)]);
}

/// A phone that was started anew and believes that it is 1970.
struct Epoch;

impl Clock for Epoch {
    fn now(&self) -> Moment {
        Moment {
            wall_ms: 60_000,
            mono_ms: 60_000,
            boot: 2,
        }
    }
}

#[test]
fn a_certificate_out_of_its_time_is_the_clocks_fault_where_the_clock_is_wrong() {
    let (mut world, folder) = (World::new(4), tempfile::tempdir().expect("a folder"));
    let (platform, book) = opened(&world, folder.path());
    sync(&book, &platform);
    count(&book, 1);
    let dead = Dead(LinkError::CertificateTime);
    let ended = try_sync(&book, &dead, Budget::default());
    assert_eq!(causes(&book), [Cause::Ended(ended)], "this clock is right");
    drop(book);
    world.host.clock = Arc::new(Epoch);
    let book = FieldBook::open(folder.path(), world.host.clone(), &OpenKeys).expect("opened");
    try_sync(&book, &dead, Budget::default());
    assert_eq!(causes(&book), [Cause::ClockOff(60_000)]);
}

#[test]
fn a_note_that_cannot_be_read_is_none() {
    let (world, folder) = (World::new(5), tempfile::tempdir().expect("a folder"));
    let (_platform, book) = opened(&world, folder.path());
    count(&book, 1);
    for bytes in [&b"\xff\xfe"[..], b"", b"1 2 3", &[b'1'; 4_000]] {
        std::fs::write(folder.path().join("last_sync"), bytes).expect("written");
        assert_eq!(causes(&book), [Cause::NotTried]);
    }
}
