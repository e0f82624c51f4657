//! An answer that is cut on its way: what came of it is kept, the rest is asked for, and the platform's time is still right.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::Mutex;

use common::{FakePlatform, START_MS, World, count, states};
use grid_fieldbook::{
    Budget, CancelToken, FieldBook, LinkError, Outcome, RecordState, Request, Response, Transport,
};
use grid_model::Coded as _;
use grid_vault::sha256;
use grid_wire::{ContinueRequest, FeedRow, RowKind, resume};

/// Between asking and answering, and while a connection hangs.
const HANGS_MS: i64 = 60_000;

/// A platform that keeps its last answer, behind a link that lets so many bytes of each answer through.
struct Cutting<'p> {
    platform: &'p FakePlatform,
    world: &'p World,
    /// Bytes of the next answers, the last first; whole ones behind them.
    lets: Mutex<Vec<usize>>,
    kept: Mutex<Vec<u8>>,
    /// Requests, and how many bytes of an answer the phone said it has.
    asked: Mutex<Vec<Option<u64>>>,
    forgets: bool,
}

impl<'p> Cutting<'p> {
    fn new(platform: &'p FakePlatform, world: &'p World, lets: &[usize]) -> Self {
        Self {
            platform,
            world,
            lets: Mutex::new(lets.iter().rev().copied().collect()),
            kept: Mutex::default(),
            asked: Mutex::default(),
            forgets: false,
        }
    }

    fn answer(&self, request: &Request, cancel: &CancelToken) -> Result<Vec<u8>, LinkError> {
        let asked = ContinueRequest::from_bytes(&request.body).ok();
        let have = asked.as_ref().map(|asked| asked.part.answer_have);
        self.asked.lock().expect("asked").push(have);
        let mut kept = self.kept.lock().expect("kept");
        if let Some(have) = have.filter(|_| !self.forgets) {
            let digest = asked.expect("a question").part.answer_digest;
            let (here, tail) = kept.split_at(usize::try_from(have).expect("a length"));
            assert_eq!(
                digest,
                (have > 0).then(|| sha256(here)),
                "of the bytes that are here"
            );
            return Ok(resume::tail_bytes(tail));
        }
        *kept = self.platform.send(request, cancel)?.body;
        Ok(kept.clone())
    }
}

impl Transport for Cutting<'_> {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        let mut body = self.answer(request, cancel)?;
        let lets = self.lets.lock().expect("lets").pop();
        if let Some(lets) = lets {
            self.world.pass(HANGS_MS);
            body.truncate(lets);
        }
        Ok(Response {
            status: 200,
            is_cut: lets.is_some(),
            body,
            ..Response::default()
        })
    }
}

fn enrolled(world: &World, folder: &std::path::Path, platform: &FakePlatform) -> FieldBook {
    let book = world.open(folder);
    platform.enroll(&book);
    (1..=40).for_each(|value| count(&book, value));
    // The platform answers at half a second past its start.
    world.pass(500);
    book
}

/// Rows that do not pack, of a kind that this version does not know: long answers.
fn fill(platform: &FakePlatform) {
    let rows = (0_u8..100).map(|number| FeedRow {
        kind: RowKind::from_code(77),
        id: sha256(&[number]).0[..16].to_vec(),
        revision: 1,
        body: [sha256(&[number, 1]).0, sha256(&[number, 2]).0].concat(),
        moved: None,
    });
    platform.state.lock().expect("state").feed.extend(rows);
}

fn outcome(book: &FieldBook, link: &Cutting<'_>) -> Outcome {
    let report = book
        .sync(link, Budget::default(), &CancelToken::default(), &mut |_| {})
        .expect("a sync");
    report.summary.outcome
}

#[test]
fn the_rest_of_a_cut_answer_is_asked_for_and_its_time_is_that_of_the_first_sending() {
    let (world, folder) = (World::new(41), tempfile::tempdir().expect("a folder"));
    let platform = FakePlatform::new();
    let book = enrolled(&world, folder.path(), &platform);
    fill(&platform);
    let link = Cutting::new(&platform, &world, &[2_000, 1_500]);
    assert_eq!(outcome(&book, &link), Outcome::Complete);
    let asked = link.asked.lock().expect("asked").clone();
    // Four bytes of the tail are its mark.
    assert_eq!(asked[..3], [None, Some(2_000), Some(2_000 + 1_500 - 4)]);
    assert_eq!(states(&book), [RecordState::Received; 40]);
    assert_eq!(
        platform.state.lock().expect("state").requests.len(),
        asked.len() - 2
    );
    let anchor = book
        .store_for_tests()
        .read(|tx| tx.anchor())
        .expect("read")
        .expect("an anchor");
    let off = (anchor.server_ms - (START_MS + anchor.mono_ms)).abs();
    assert!(off <= anchor.width_ms, "{off} of {}", anchor.width_ms);
}

#[test]
fn an_answer_that_is_made_anew_and_cut_at_the_same_place_ends_the_sync() {
    let (world, folder) = (World::new(42), tempfile::tempdir().expect("a folder"));
    let platform = FakePlatform::new();
    let book = enrolled(&world, folder.path(), &platform);
    fill(&platform);
    let mut link = Cutting::new(&platform, &world, &[2_000; 100]);
    link.forgets = true;
    assert_eq!(outcome(&book, &link), Outcome::Link(LinkError::Lost));
    assert!(link.asked.lock().expect("asked").len() < 12);
    assert_eq!(states(&book), [RecordState::Saved; 40]);
    link.lets.lock().expect("lets").clear();
    assert_eq!(outcome(&book, &link), Outcome::Complete);
    assert_eq!(states(&book), [RecordState::Received; 40]);
}

#[test]
fn a_tail_that_is_cut_within_its_mark_takes_nothing_of_what_came() {
    let (world, folder) = (World::new(43), tempfile::tempdir().expect("a folder"));
    let platform = FakePlatform::new();
    let book = enrolled(&world, folder.path(), &platform);
    fill(&platform);
    // The second connection breaks within its mark.
    let link = Cutting::new(&platform, &world, &[2_000, 2]);
    assert_eq!(outcome(&book, &link), Outcome::Complete);
    let asked = link.asked.lock().expect("asked").clone();
    assert_eq!(asked[..3], [None, Some(2_000), Some(2_000)]);
}
