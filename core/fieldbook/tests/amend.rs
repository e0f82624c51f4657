//! What was sent back can be said in other words, or handed over; what was not stays as it is.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, World, count, states, sync, task_row};
use grid_fieldbook::{CaseDraft, FieldBook, FieldError, Problem, RecordState, ReportDraft};
use grid_model::id::Seq;
use grid_model::terms::{CaseKind, ParkReason, ReportResult};
use grid_model::{TaskStatus, limits};
use grid_vault::SealingKey;
use grid_wire::{Body, Fact};

fn setup(seed: u64) -> (World, tempfile::TempDir, FieldBook, FakePlatform) {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    (world, folder, book, platform)
}

fn park(platform: &FakePlatform, seq: u64) {
    let park = &mut platform.state.lock().expect("state").park;
    park.insert(Seq(seq), ParkReason::NotHolder);
}

/// The facts that the platform holds, in order.
fn held(platform: &FakePlatform) -> Vec<Fact> {
    let state = platform.state.lock().expect("state");
    let read = |entry: &grid_wire::Entry| Body::from_bytes(entry.kind, &entry.body).expect("a body").fact;
    state.stored.values().map(read).collect()
}

#[test]
fn a_report_that_was_sent_back_goes_in_other_words_and_counts_on() {
    let (_world, _folder, book, platform) = setup(90);
    platform
        .state
        .lock()
        .expect("state")
        .feed
        .push(task_row(1, 1, |_| ()));
    sync(&book, &platform);
    let task = book.tasks(true, 1).expect("a page")[0].id;
    let mut draft = ReportDraft::new(ReportResult::Solved, "已经清理干净".to_owned());
    draft.self_handled = true;
    let first = book.submit(task, draft).expect("saved");
    park(&platform, first.seq.0);
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Parked(ParkReason::NotHolder)]);

    let too_long = "长".repeat(limits::NARRATIVE_CHARS_MAX + 1);
    let refused = book.amend(first.seq, &too_long).expect_err("too long");
    assert_eq!(
        refused,
        FieldError::InvalidInput {
            field: "narrative",
            problem: Problem::TooLong {
                chars_max: limits::NARRATIVE_CHARS_MAX
            },
        }
    );
    assert_eq!(states(&book).len(), 1, "nothing was recorded");

    let second = book.amend(first.seq, "与王师傅一起清理干净").expect("saved");
    assert_eq!(second.seq, Seq(first.seq.0 + 1));
    assert_eq!(book.parked(9).expect("a page"), []);
    assert_eq!(book.task(task).expect("there").status, TaskStatus::Submitted);
    platform.state.lock().expect("state").park.clear();
    sync(&book, &platform);
    assert_eq!(states(&book), [RecordState::Received; 2]);
    let reports: Vec<_> = held(&platform)
        .into_iter()
        .filter_map(|fact| match fact {
            Fact::ReportSubmitted(report) => Some((report.version, report.narrative, report.self_handled)),
            _ => None,
        })
        .collect();
    assert_eq!(
        reports,
        [
            (1, "已经清理干净".to_owned(), true),
            (2, "与王师傅一起清理干净".to_owned(), true)
        ]
    );
}

#[test]
fn only_what_was_sent_back_and_has_words_can_be_said_anew() {
    let (_world, _folder, book, platform) = setup(91);
    count(&book, 1);
    count(&book, 2);
    park(&platform, 1);
    sync(&book, &platform);
    let parked_record = FieldError::NotFound {
        what: "parked record",
    };
    assert_eq!(
        book.amend(Seq(2), "换个说法").expect_err("received"),
        parked_record
    );
    assert_eq!(
        book.amend(Seq(7), "换个说法").expect_err("not there"),
        parked_record
    );
    assert_eq!(
        book.amend(Seq(1), "换个说法").expect_err("a number"),
        FieldError::InvalidInput {
            field: "record",
            problem: Problem::WrongState,
        }
    );
    assert_eq!(
        book.parked(9).expect("a page").len(),
        1,
        "it still waits for a person"
    );
}

#[test]
fn an_exported_record_opens_on_the_platform_alone_and_says_everything() {
    let (_world, _folder, book, platform) = setup(92);
    let draft = CaseDraft {
        case_kind: CaseKind::Hazard,
        title: "井盖松动".to_owned(),
        description: "踩上去会翻".to_owned(),
        place_text: "东口".to_owned(),
        point: None,
        dispute: None,
        attachments: Vec::new(),
    };
    let (_, saved) = book.report_case(draft).expect("saved");
    park(&platform, saved.seq.0);
    sync(&book, &platform);
    let file = book.export(saved.seq).expect("sealed");
    let words = "踩上去会翻".as_bytes();
    assert!(!file.windows(words.len()).any(|bytes| bytes == words));
    let (_, sealed) = grid_wire::support_from(&file).expect("it reads");
    let key = SealingKey::from_secret(&[9; 32]).expect("a key");
    let text = String::from_utf8(key.open(sealed).expect("it opens")).expect("text");
    for part in [
        "踩上去会翻",
        "state parked: not_holder",
        "kind case_reported",
        "seq 1",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(book.parked(9).expect("a page").len(), 1, "nothing changed");
    let missing = book.export(Seq(9)).expect_err("not there");
    assert_eq!(missing, FieldError::NotFound { what: "record" });
}
