//! Keys of the platform that come one after the other: what a phone comes to believe, and what it never does.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, count, phone, states, sync};
use grid_fieldbook::{EnrollError, FieldBook, Outcome, RecordState, Ticket};
use grid_vault::{Domain, SealingKey, SignatureKey, key_id, sign_message};
use grid_wire::lifeboat::headers;
use grid_wire::{KeyNotice, KeyPurpose, Signed, encode};
use tempfile::TempDir;

fn key(seed: u8) -> SignatureKey {
    SignatureKey::from_secret(&[seed; 32]).expect("a key")
}

/// The key that the fake platform was made with.
fn first() -> SignatureKey {
    key(9)
}

fn said(by: &SignatureKey, public: Vec<u8>, purpose: KeyPurpose, until_ms: Option<i64>) -> Signed {
    let notice = KeyNotice {
        key: public,
        purpose,
        from_ms: 5,
        until_ms,
    };
    sign_message(by, Domain::Keys, encode(&notice))
}

fn begins(by: &SignatureKey, next: &SignatureKey) -> Signed {
    said(by, next.public(), KeyPurpose::Signing, None)
}

fn ends(by: &SignatureKey, old: &SignatureKey) -> Signed {
    said(by, old.public(), KeyPurpose::Signing, Some(10))
}

fn enrolled() -> (World, TempDir, FakePlatform, FieldBook) {
    let (world, folder, platform) = (
        World::new(1),
        tempfile::tempdir().expect("a folder"),
        FakePlatform::new(),
    );
    let book = world.open(folder.path());
    platform.enroll(&book);
    (world, folder, platform, book)
}

/// The next answers are signed by this key and say this of keys.
fn says(platform: &FakePlatform, signs: &SignatureKey, notices: &[Signed]) {
    let mut state = platform.state.lock().expect("state");
    state.signs = Some(signs.clone());
    state.notices = notices.to_vec();
}

/// Names of the signing keys that the phone told in its last exchange; none while they are those of its enrolment.
fn trusted(platform: &FakePlatform) -> Option<Vec<u8>> {
    let state = platform.state.lock().expect("state");
    let header = state.header.as_ref().expect("an exchange");
    assert_eq!(header.signing_key_ids.is_some(), header.sealing_key_id.is_some());
    header.signing_key_ids.clone()
}

#[expect(clippy::unnecessary_wraps, reason = "compared with what a header may say")]
fn ids(keys: &[&SignatureKey]) -> Option<Vec<u8>> {
    Some(keys.iter().flat_map(|key| key_id(&key.public())).collect())
}

/// Records something, syncs, and answers how that ended.
fn recorded(book: &FieldBook, platform: &FakePlatform) -> Outcome {
    count(book, 1);
    sync(book, platform).summary.outcome
}

#[test]
fn a_phone_in_contact_during_the_overlap_trusts_both_keys_until_the_old_one_ends() {
    let (world, folder, platform, book) = enrolled();
    let second = key(21);
    says(&platform, &first(), &[begins(&first(), &second)]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    // Kept with the answer: the process may die at once.
    drop(book);
    let book = world.open(folder.path());
    says(&platform, &second, &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), ids(&[&second, &first()]));
    says(&platform, &first(), &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete, "both are good");

    says(&platform, &second, &[ends(&second, &first())]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    says(&platform, &first(), &[]);
    assert_eq!(recorded(&book, &platform), Outcome::BadReceipt, "it is over");
    assert_eq!(states(&book)[0], RecordState::Saved);
    says(&platform, &second, &[]);
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
    assert_eq!(trusted(&platform), ids(&[&second]));
}

#[test]
fn a_phone_that_was_away_for_two_rotations_is_led_link_by_link() {
    let (_world, _folder, platform, book) = enrolled();
    let (second, third) = (key(21), key(22));
    let chain = [
        begins(&first(), &second),
        begins(&second, &third),
        ends(&third, &first()),
    ];
    says(&platform, &third, &chain);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    says(&platform, &third, &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), ids(&[&third, &second]));
}

#[test]
fn a_link_that_is_missing_or_forged_leads_nowhere() {
    let (_world, _folder, platform, book) = enrolled();
    let (second, third, stranger) = (key(21), key(22), key(66));
    let other_purpose = sign_message(&first(), Domain::Receipt, begins(&first(), &stranger).bytes);
    for notices in [
        vec![begins(&second, &third)],
        vec![begins(&stranger, &third)],
        vec![other_purpose],
        // The key that it tells of vouches for itself.
        vec![begins(&third, &third)],
        vec![],
    ] {
        says(&platform, &third, &notices);
        assert_eq!(recorded(&book, &platform), Outcome::BadReceipt, "{notices:?}");
        assert_eq!(states(&book)[0], RecordState::Saved);
    }
    // What a forger adds to a good answer is passed over.
    says(&platform, &first(), &[begins(&stranger, &third)]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    says(&platform, &first(), &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(
        trusted(&platform),
        None,
        "it trusts the key of its enrolment alone"
    );
}

#[test]
fn an_older_key_ends_no_newer_one_and_names_no_successor() {
    let (_world, _folder, platform, book) = enrolled();
    let (second, stranger) = (key(21), key(66));
    says(&platform, &first(), &[begins(&first(), &second)]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    for notice in [
        ends(&first(), &second),
        begins(&first(), &stranger),
        ends(&second, &second),
        ends(&first(), &first()),
        said(&first(), stranger.public(), KeyPurpose::Sealing, None),
    ] {
        says(&platform, &second, &[notice]);
        assert_eq!(recorded(&book, &platform), Outcome::Complete);
        says(&platform, &second, &[]);
        assert_eq!(recorded(&book, &platform), Outcome::Complete);
        assert_eq!(trusted(&platform), ids(&[&second, &first()]));
    }
}

#[test]
fn nothing_of_an_answer_that_does_not_hold_is_kept() {
    let (world, folder, platform, book) = enrolled();
    let second = key(21);
    says(&platform, &first(), &[begins(&first(), &second)]);
    platform.will(&[common::Fault::WrongDigest]);
    assert_eq!(recorded(&book, &platform), Outcome::BadReceipt);
    drop(book);
    let book = world.open(folder.path());
    says(&platform, &first(), &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), None);
}

#[test]
fn keys_are_named_from_the_first_notice_that_held_until_the_next_enrolment() {
    let (world, folder, platform, book) = enrolled();
    let second = key(21);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), None);
    // The platform believed that the phone does not know what it knows.
    says(&platform, &first(), &[begins(&second, &first())]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(
        trusted(&platform),
        None,
        "the request went before the notice came"
    );
    drop(book);
    let book = world.open(folder.path());
    says(&platform, &first(), &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), ids(&[&first()]));

    says(&platform, &second, &[]);
    let ticket = Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH").expect("a ticket");
    book.enroll_again_over(&ticket, &phone(), &platform, &Default::default(), Vec::new)
        .expect("met anew");
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), None);
}

/// A phone that names no keys may have been enrolled again: the platform leads from the key of the first enrolment on.
#[test]
fn a_phone_enters_the_chain_at_the_key_that_it_trusts() {
    let (_world, _folder, platform, book) = enrolled();
    let (older, third) = (key(20), key(22));
    let chain = [
        begins(&older, &key(21)),
        begins(&key(21), &first()),
        begins(&first(), &third),
        ends(&third, &older),
    ];
    says(&platform, &third, &chain);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    says(&platform, &third, &[]);
    assert_eq!(recorded(&book, &platform), Outcome::Complete);
    assert_eq!(trusted(&platform), ids(&[&third, &first()]));
}

/// Names of the platform's keys that the segments of a lifeboat are sealed to.
fn sealed_to(folder: &TempDir) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(folder.path().join("lifeboat")).expect("a lifeboat");
    let mut names = Vec::new();
    for file in files {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|kind| kind == "boat") {
            let bytes = std::fs::read(path).expect("a segment");
            let read = headers(&bytes).unwrap_or_default();
            names.extend(read.into_iter().next().map(|(header, _)| header.platform_key_id));
        }
    }
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_lifeboat_is_sealed_to_the_newest_key_that_was_announced() {
    let (_world, folder, platform, book) = enrolled();
    count(&book, 1);
    assert_eq!(sealed_to(&folder), [key_id(&first().public())]);
    let sealing = SealingKey::from_secret(&[31; 32]).expect("a key").public();
    let notice = said(&first(), sealing.clone(), KeyPurpose::Sealing, None);
    says(&platform, &first(), &[notice]);
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
    count(&book, 2);
    let sealed = sealed_to(&folder);
    assert!(sealed.contains(&key_id(&sealing)), "{sealed:?}");
    says(&platform, &first(), &[]);
    sync(&book, &platform);
    let told = platform.state.lock().expect("state").header.clone();
    let told = told.expect("an exchange").sealing_key_id;
    assert_eq!(told, Some(key_id(&sealing)));
}

#[test]
fn a_platform_that_had_to_replace_its_key_is_met_anew_with_a_ticket() {
    let (_world, _folder, platform, book) = enrolled();
    let other = key(40);
    says(&platform, &other, &[]);
    assert_eq!(recorded(&book, &platform), Outcome::BadReceipt);
    let ticket = Ticket::parse("grid:http://127.0.0.1:1#code=ABCD-EFGH").expect("a ticket");
    assert_eq!(
        book.enroll_over(&ticket, &phone(), &platform, &Default::default(), Vec::new),
        Err(EnrollError::AlreadyEnrolled)
    );
    book.enroll_again_over(&ticket, &phone(), &platform, &Default::default(), Vec::new)
        .expect("met anew");
    assert_eq!(sync(&book, &platform).summary.outcome, Outcome::Complete);
    assert_eq!(states(&book), [RecordState::Received]);
    sync(&book, &platform);
    assert_eq!(trusted(&platform), None);
}
