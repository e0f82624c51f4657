//! A batch is written in another form than the first only to a platform that said it reads it.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, count, sync};
use grid_fieldbook::Outcome;
use grid_wire::{BatchHeader, ExchangeRequest, Forms, RefusalCode, batch, decode};

/// The body of the newest request that pushed something, and whether it stood in its header.
fn pushed(platform: &FakePlatform) -> (Vec<u8>, bool) {
    let state = platform.state.lock().expect("state");
    let bodies = state.requests.iter().rev().map(|bytes| {
        let request = ExchangeRequest::from_bytes(bytes).expect("a request");
        let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
        (header.body(&request.body).to_vec(), header.inline.is_some())
    });
    let mut pushes = bodies.filter(|(body, _)| !body.is_empty());
    pushes.next().expect("a push")
}

#[test]
fn the_first_form_goes_until_a_receipt_says_what_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (world, platform) = (World::new(5), FakePlatform::new());
    let book = world.open(folder.path());
    platform.enroll(&book);
    for value in 1..3 {
        count(&book, value);
        sync(&book, &platform);
        let (body, inline) = pushed(&platform);
        assert_eq!((body[0], inline), (0x28, false), "nothing was said");
    }
    platform.state.lock().expect("state").forms = Some(Forms::ours());
    count(&book, 3);
    sync(&book, &platform);
    assert_eq!(pushed(&platform).0[0], 0x28, "said with the receipt of this one");
    count(&book, 4);
    sync(&book, &platform);
    let (body, inline) = pushed(&platform);
    assert_eq!((body[0], inline), (3, true));
    let entries = batch::unpack(&body).expect("entries");
    assert_eq!(
        platform.state.lock().expect("state").stored[&entries[0].seq],
        entries[0]
    );
    assert_eq!(book.status().expect("status").received, 4);

    book.close().expect("closed");
    drop(book);
    let book = world.open(folder.path());
    count(&book, 5);
    sync(&book, &platform);
    assert_eq!(pushed(&platform).0[0], 3, "the newest receipt is remembered");
}

#[test]
fn a_platform_that_reads_less_than_the_one_before_gets_the_first_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let (world, platform) = (World::new(6), FakePlatform::new());
    let book = world.open(folder.path());
    platform.enroll(&book);
    platform.state.lock().expect("state").forms = Some(Forms::ours());
    count(&book, 1);
    sync(&book, &platform);
    platform.state.lock().expect("state").forms = None;
    count(&book, 2);
    let refused = sync(&book, &platform);
    assert_eq!(refused.summary.outcome, Outcome::Refused(RefusalCode::Malformed));
    assert_eq!(book.status().expect("status").saved, 1, "it is still here");
    sync(&book, &platform);
    assert_eq!(pushed(&platform).0[0], 0x28);
    assert_eq!(book.status().expect("status").received, 2);
}
