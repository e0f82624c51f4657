//! Recording with no network: durable, honest, and refusing only what names its field.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::World;
use grid_fieldbook::{
    AttachmentDraft, CaseDraft, CountDraft, FieldError, FixDraft, FixOutcome, ObservationDraft, PatrolDraft,
    PatrolStatus, Problem, RecordState, ReportDraft, UrgentDraft,
};
use grid_model::id::{Seq, TaskId};
use grid_model::terms::{
    AttachmentRole, CaseKind, CountKind, Milestone, ObservationKind, PatrolType, ReportResult, Transport,
};

fn patrol() -> PatrolDraft {
    PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-03".to_owned(),
        point: None,
    }
}

fn count(value: i64, reason: Option<&str>) -> CountDraft {
    CountDraft {
        kind: CountKind::Rescued,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: reason.map(str::to_owned),
    }
}

const FIX: FixDraft = FixDraft {
    lat_e7: 397_500_000,
    lon_e7: 1_237_300_000,
    accuracy_dm: 50,
    speed_cms: 120,
};

#[test]
fn a_patrol_survives_a_process_that_never_closed() {
    let (world, folder) = (World::new(1), tempfile::tempdir().expect("a folder"));
    let copy = tempfile::tempdir().expect("a folder");
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    for _ in 0..40 {
        world.pass(20_000);
        book.record_fix(id, FIX).expect("a fix");
    }
    // What a killed process leaves behind is what is on disk while it still runs.
    for name in ["fieldbook.db", "fieldbook.db-wal", "key"] {
        std::fs::copy(folder.path().join(name), copy.path().join(name)).expect("copied");
    }
    let again = world.open(copy.path());
    let seen = again.patrol(id).expect("the patrol");
    assert_eq!((seen.status, seen.fixes), (PatrolStatus::Started, 40));
    again.record_fix(id, FIX).expect("it goes on");
    again.end_patrol(id).expect("ended");
    assert_eq!(again.patrol(id).expect("the patrol").fixes, 41);
    assert!(
        again
            .self_check()
            .expect("checked")
            .iter()
            .filter(|c| c.name != "enrolment")
            .all(|c| c.ok)
    );
}

#[test]
fn a_fix_is_durable_within_fifteen_seconds() {
    let (world, folder) = (World::new(2), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    let outcomes: Vec<_> = (0..4)
        .map(|_| {
            world.pass(5_000);
            book.record_fix(id, FIX).expect("a fix")
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            FixOutcome::Buffered,
            FixOutcome::Buffered,
            FixOutcome::Buffered,
            FixOutcome::Saved
        ]
    );
}

#[test]
fn the_second_opener_is_told_and_a_closed_book_says_so() {
    let (world, folder) = (World::new(3), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let second = grid_fieldbook::FieldBook::open(folder.path(), world.host.clone(), &common::OpenKeys);
    assert_eq!(second.err(), Some(FieldError::AlreadyOpen));
    book.close().expect("closed");
    assert_eq!(book.count(count(1, None)).err(), Some(FieldError::Closed));
    assert_eq!(book.status().err(), Some(FieldError::Closed));
    let other = world.open(folder.path());
    other.close().expect("closed");
    book.reopen().expect("reopened");
    book.count(count(1, None)).expect("saved");
}

#[test]
fn the_database_is_unreadable_without_its_key() {
    let (world, folder) = (World::new(4), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    let observation = ObservationDraft {
        kind: ObservationKind::Hazard,
        note: "金丝雀在后口码头".to_owned(),
        point: None,
        attachments: Vec::new(),
    };
    book.observe(id, observation).expect("saved");
    book.close().expect("closed");
    let needle = "金丝雀".as_bytes();
    for entry in walk(folder.path()) {
        let bytes = std::fs::read(&entry).expect("read");
        assert!(
            !bytes.windows(needle.len()).any(|w| w == needle),
            "{} holds plain text",
            entry.display()
        );
    }
    // Another key: reported, and the file stays as it was.
    let database = folder.path().join("fieldbook.db");
    let before = std::fs::read(&database).expect("read");
    std::fs::write(folder.path().join("key"), [7; 32]).expect("written");
    let opened = grid_fieldbook::FieldBook::open(folder.path(), world.host.clone(), &common::OpenKeys);
    assert_eq!(opened.err(), Some(FieldError::Damaged));
    assert_eq!(std::fs::read(&database).expect("read"), before);
    // No key at all: never made anew over an existing database.
    std::fs::remove_file(folder.path().join("key")).expect("removed");
    let opened = grid_fieldbook::FieldBook::open(folder.path(), world.host.clone(), &common::OpenKeys);
    assert_eq!(opened.err(), Some(FieldError::Damaged));
    assert!(!folder.path().join("key").exists());
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] })
        .collect()
}

#[test]
fn bad_input_names_its_field_and_records_nothing() {
    let (world, folder) = (World::new(5), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    let before = book.status().expect("status").saved;
    let field = |result: Result<_, FieldError>| match result.err() {
        Some(FieldError::InvalidInput { field, problem }) => (field, problem),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        field(book.count(count(0, None)).map(drop)),
        ("value", Problem::OutOfRange)
    );
    assert_eq!(
        field(book.count(count(-37, None)).map(drop)),
        ("reason", Problem::NeedsReason)
    );
    assert_eq!(
        field(
            book.pause_patrol(id)
                .and_then(|_| book.pause_patrol(id))
                .map(drop)
        ),
        ("patrol", Problem::WrongState)
    );
    let long = ObservationDraft {
        kind: ObservationKind::Normal,
        note: "字".repeat(501),
        point: None,
        attachments: vec![],
    };
    assert_eq!(
        field(book.observe(id, long).map(drop)),
        ("note", Problem::TooLong { chars_max: 500 })
    );
    let case = CaseDraft {
        case_kind: CaseKind::Dispute,
        title: "  ".to_owned(),
        description: String::new(),
        place_text: String::new(),
        point: None,
        dispute: None,
        attachments: vec![],
    };
    assert_eq!(field(book.report_case(case).map(drop)), ("title", Problem::Empty));
    assert_eq!(
        book.accept(TaskId([1; 16])).err(),
        Some(FieldError::NotFound { what: "task" })
    );
    // Only the pause was recorded.
    assert_eq!(book.status().expect("status").saved, before + 1);
}

#[test]
fn counts_add_up_and_a_correction_is_a_step_of_its_own() {
    let (world, folder) = (World::new(6), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    for value in [40, 60, 37] {
        book.count(count(value, None)).expect("saved");
    }
    book.count(count(-37, Some("多点了一次"))).expect("saved");
    let tally = book.tally_today().expect("tally");
    assert_eq!(
        (tally[0].count_kind, tally[0].total, tally[0].entries),
        (CountKind::Rescued, 100, 4)
    );
}

#[test]
fn a_rescue_needs_nothing_but_a_tap() {
    let (world, folder) = (World::new(7), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let draft = UrgentDraft {
        title: String::new(),
        place_text: "前滩".to_owned(),
        point: None,
    };
    let (case, _) = book.start_urgent(draft).expect("started");
    for milestone in [
        Milestone::Received,
        Milestone::PartnerInformed,
        Milestone::OnScene,
        Milestone::Safe,
    ] {
        world.pass(60_000);
        book.urgent_milestone(case, milestone).expect("saved");
    }
    book.submit_case(
        case,
        ReportDraft::new(ReportResult::EmergencyHandled, "母女二人已救起"),
    )
    .expect("saved");
    let views = book.cases(10).expect("cases");
    assert_eq!(
        (views[0].urgent, views[0].reports, views[0].own),
        (true, 1, Some(RecordState::Saved))
    );
}

#[test]
fn an_attachment_is_kept_once_and_comes_back_whole() {
    let (world, folder) = (World::new(8), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let content: Vec<u8> = (0..200_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let draft = AttachmentDraft {
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        point: None,
        content,
    };
    let first = book.attach(draft.clone()).expect("kept");
    let second = book.attach(draft).expect("kept");
    assert_eq!(first.sha256(), second.sha256());
    assert_eq!(book.status().expect("status").photos_waiting, 1);
}

#[test]
fn search_finds_two_characters() {
    let (world, folder) = (World::new(9), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    for note in ["东口缆绳松动", "前滩一切正常"] {
        let draft = ObservationDraft {
            kind: ObservationKind::Normal,
            note: note.to_owned(),
            point: None,
            attachments: vec![],
        };
        book.observe(id, draft).expect("saved");
    }
    assert!(book.index_for_search(0).expect("asked"), "not indexed yet");
    assert_eq!(book.search("ls").expect("found").records.len(), 1);
    assert!(!book.index_for_search(9).expect("indexed"));
    assert_eq!(book.search("lssd").expect("found").records.len(), 1);
    let found = book.search("缆绳").expect("found");
    assert_eq!(
        found.records.iter().map(|r| r.words.as_str()).collect::<Vec<_>>(),
        ["东口缆绳松动"]
    );
    assert_eq!(book.records(Seq(0), 10).expect("records").len(), 3);
}

#[test]
fn a_full_disk_refuses_before_it_says_saved_and_loses_nothing() {
    let (world, folder) = (World::new(10), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (id, _) = book.start_patrol(patrol()).expect("started");
    book.limit_space_for_tests(64).expect("limited");
    let note = "字".repeat(500);
    let mut saved = 1;
    let refused = loop {
        let draft = ObservationDraft {
            kind: ObservationKind::Normal,
            note: note.clone(),
            point: None,
            attachments: vec![],
        };
        match book.observe(id, draft) {
            Ok(_) => saved += 1,
            Err(error) => break error,
        }
        assert!(saved < 1_000, "the limit had no effect");
    };
    assert_eq!(refused, FieldError::StorageFull);
    assert_eq!(book.status().expect("status").saved, saved);
    // Space is there again: the same call goes on, and nothing is missing in between.
    book.limit_space_for_tests(100_000).expect("limited");
    book.end_patrol(id).expect("ended");
    assert_eq!(book.status().expect("status").saved, saved + 1);
    assert!(
        book.self_check()
            .expect("checked")
            .iter()
            .filter(|c| c.name != "enrolment")
            .all(|c| c.ok)
    );
}

#[test]
fn of_many_openers_of_a_new_vault_one_gets_it_and_keeps_it() {
    for round in 0..20 {
        let folder = tempfile::tempdir().expect("a folder");
        let saved: Vec<bool> = std::thread::scope(|scope| {
            let opener = |thread: u64| {
                let folder = folder.path();
                scope.spawn(move || {
                    let world = World::new(100 * round + thread);
                    match grid_fieldbook::FieldBook::open(folder, world.host.clone(), &common::OpenKeys) {
                        Ok(book) => book.count(count(1, None)).is_ok(),
                        Err(FieldError::AlreadyOpen) => false,
                        Err(other) => panic!("{other:?}"),
                    }
                })
            };
            let threads: Vec<_> = (0..8).map(opener).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a thread"))
                .collect()
        });
        let answered = saved.iter().filter(|saved| **saved).count() as u64;
        let world = World::new(9_999);
        assert_eq!(
            world.open(folder.path()).status().expect("status").saved,
            answered,
            "round {round}"
        );
        assert!(answered >= 1);
    }
}

#[test]
fn a_database_that_is_gone_is_damage_and_never_a_new_vault() {
    let (world, folder) = (World::new(11), tempfile::tempdir().expect("a folder"));
    world.open(folder.path()).count(count(1, None)).expect("saved");
    let open =
        || grid_fieldbook::FieldBook::open(folder.path(), world.host.clone(), &common::OpenKeys).map(drop);
    std::fs::write(folder.path().join("fieldbook.db"), b"").expect("emptied");
    assert_eq!(open(), Err(FieldError::Damaged));
    std::fs::remove_file(folder.path().join("fieldbook.db")).expect("removed");
    assert_eq!(open(), Err(FieldError::Damaged));
    std::fs::remove_file(folder.path().join("key")).expect("removed");
    assert_eq!(open(), Err(FieldError::Damaged));
    assert!(!folder.path().join("fieldbook.db").exists() && !folder.path().join("key").exists());
}

#[test]
fn numbers_at_the_edge_are_refused_or_kept_but_never_a_panic() {
    let (world, folder) = (World::new(12), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    for value in [i64::MIN, i64::MAX] {
        let refused = book.count(count(value, Some("更正"))).err();
        assert_eq!(
            refused,
            Some(FieldError::InvalidInput {
                field: "value",
                problem: Problem::OutOfRange
            })
        );
    }
    let (id, _) = book.start_patrol(patrol()).expect("started");
    for jump in [i64::MAX / 2, -i64::MAX / 2, 3] {
        world.pass(jump);
        book.record_fix(id, FIX).expect("a fix");
        book.flush_fixes_if_due().expect("flushed");
    }
    // Both were started in the same millisecond: the log knows which came later.
    let (later, _) = book.start_patrol(patrol()).expect("started");
    assert_eq!(
        book.patrols(2)
            .expect("patrols")
            .iter()
            .map(|p| p.id)
            .collect::<Vec<_>>(),
        [later, id]
    );
}
