//! Whatever a worker types or a phone hands in: kept byte for byte, or refused with the field's name. Never mangled, never a
//! panic, and nothing that was there is lost.
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::fs;

use common::{OpenKeys, World, on_foot};
use grid_fieldbook::{
    AttachmentDraft, CaseDraft, CountDraft, FieldBook, FieldError, FixDraft, LockedBook, ObservationDraft,
    Problem, Saved, UrgentDraft,
};
use grid_model::id::Seq;
use grid_model::terms::{AttachmentRole, CaseKind, CountKind, ObservationKind};
use grid_model::{Point, limits};
use grid_wire::{Body, Fact};
use proptest::prelude::*;

fn case(title: &str, description: &str, place: &str) -> CaseDraft {
    CaseDraft {
        case_kind: CaseKind::Hazard,
        title: title.to_owned(),
        description: description.to_owned(),
        place_text: place.to_owned(),
        point: None,
        dispute: None,
        attachments: Vec::new(),
    }
}

fn photo(content: Vec<u8>) -> AttachmentDraft {
    AttachmentDraft {
        role: AttachmentRole::Before,
        mime: "image/jpeg".to_owned(),
        point: None,
        content,
    }
}

/// Text of every plane, with what usually breaks it.
fn any_text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "\0",
        "\u{feff}",
        "𠮷",
        "𡈽",
        "\u{20bb7}",
        "e\u{301}",
        "\u{202e}",
        "\r\n",
        "'; DROP TABLE log;--",
        "👩‍🚒",
        "\u{e000}",
        "\u{10ffff}",
        "龘",
        "",
    ]);
    prop::collection::vec(
        prop_oneof![3 => odd.prop_map(str::to_owned), 2 => "\\PC{0,12}", 1 => any::<String>()],
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

#[test]
fn text_comes_back_byte_for_byte_or_is_refused_by_its_field() {
    let (world, folder) = (World::new(1), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let mut kept = Vec::new();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let kept_now = std::cell::RefCell::new(&mut kept);
    runner
        .run(
            &(any_text(), any_text(), any_text()),
            |(title, description, place)| {
                match book.report_case(case(&title, &description, &place)) {
                    Ok((id, _)) => kept_now.borrow_mut().push((id, title, description, place)),
                    Err(FieldError::InvalidInput { field, problem }) => {
                        let (text, chars_max) = match field {
                            "title" => (&title, limits::TITLE_CHARS_MAX),
                            "description" => (&description, limits::DESCRIPTION_CHARS_MAX),
                            "place_text" => (&place, limits::PLACE_CHARS_MAX),
                            other => {
                                return Err(TestCaseError::fail(format!("a field nobody gave: {other}")));
                            }
                        };
                        let fits = match problem {
                            Problem::Empty => text.trim().is_empty(),
                            Problem::TooLong { .. } => text.chars().count() > chars_max,
                            other => return Err(TestCaseError::fail(format!("{field}: {other:?}"))),
                        };
                        prop_assert!(fits, "{field} {problem:?} {text:?}");
                    }
                    Err(error) => return Err(TestCaseError::fail(format!("{error}"))),
                }
                Ok(())
            },
        )
        .expect("every text");
    book.close().expect("closed");
    let book = world.open(folder.path());
    let words: Vec<String> = book
        .records(Seq(0), 10_000)
        .expect("records")
        .into_iter()
        .map(|record| record.words)
        .collect();
    assert!(kept.len() > 30, "{} were kept", kept.len());
    assert_eq!(words.len(), kept.len());
    for (words, (_, title, description, place)) in words.iter().rev().zip(&kept) {
        assert_eq!(words, &[title.as_str(), description, place].join(" "));
    }
}

/// The text as the body of a record holds it.
fn texts_of(book: &FieldBook, place: Seq) -> Vec<String> {
    let record = book
        .store_for_tests()
        .read(|tx| tx.record(place))
        .expect("read")
        .expect("it is there");
    let body = Body::from_bytes(record.kind, &record.body).expect("a body");
    match body.fact {
        Fact::UrgentStarted(fact) => vec![fact.title, fact.place_text],
        Fact::Observed(fact) => vec![fact.note],
        Fact::Counted(fact) => vec![fact.post, fact.reason.unwrap_or_default()],
        Fact::CaseReported(fact) => vec![fact.title, fact.description, fact.place_text],
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_other_door_keeps_text_byte_for_byte_or_refuses_it_too() {
    let (world, folder) = (World::new(12), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let (patrol, _) = book.start_patrol(on_foot()).expect("started");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let kept = std::cell::Cell::new(0);
    let judge = |door: &str, saved: Result<Saved, FieldError>, wanted: &[&str]| match saved {
        Ok(saved) => {
            kept.set(kept.get() + 1);
            prop_assert_eq!(texts_of(&book, saved.seq), wanted, "{}", door);
            Ok(())
        }
        Err(FieldError::InvalidInput { .. }) => Ok(()),
        Err(error) => Err(TestCaseError::fail(format!("{door}: {error}"))),
    };
    runner
        .run(&(any_text(), any_text()), |(one, two)| {
            let urgent = UrgentDraft {
                title: one.clone(),
                place_text: two.clone(),
                point: None,
            };
            let started = book.start_urgent(urgent).map(|(_, saved)| saved);
            judge("urgent", started, &[&one, &two])?;
            let observation = ObservationDraft {
                kind: ObservationKind::Hazard,
                note: one.clone(),
                point: None,
                attachments: Vec::new(),
            };
            judge("observe", book.observe(patrol, observation), &[&one])?;
            let reason = two.clone();
            let kept_reason = if two.trim().is_empty() { "" } else { two.as_str() };
            let count = CountDraft {
                kind: CountKind::IslandEntryCheck,
                value: -1,
                post: one.clone(),
                patrol: None,
                reason: Some(reason),
            };
            judge("count", book.count(count), &[&one, kept_reason])
        })
        .expect("every text");
    assert!(kept.get() > 60, "{} were kept", kept.get());
}

#[test]
fn what_is_typed_while_the_vault_is_locked_is_kept_as_typed() {
    let (world, folder) = (World::new(13), tempfile::tempdir().expect("a folder"));
    world.open(folder.path()).close().expect("closed");
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    let odd = [
        "\u{feff}𠮷e\u{301}\0\u{202e}\r\n龘",
        "'; DROP TABLE log;--👩‍🚒\u{10ffff}",
        "b",
    ];
    locked
        .report_case(case(odd[0], odd[1], odd[2]))
        .expect("reported");
    let refused = locked.report_case(case(&"长".repeat(limits::TITLE_CHARS_MAX + 1), "", "b"));
    assert!(matches!(
        refused,
        Err(FieldError::InvalidInput { field: "title", .. })
    ));
    drop(locked);
    let book = world.open(folder.path());
    let records = book.records(Seq(0), 10).expect("records");
    assert_eq!(texts_of(&book, records[0].seq), odd);
}

#[test]
fn a_million_combining_marks_are_too_long_and_say_so() {
    let (world, folder) = (World::new(2), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let marks = "\u{301}".repeat(1_000_000);
    let refused = book.report_case(case("a", &marks, "b"));
    assert!(matches!(
        refused,
        Err(FieldError::InvalidInput {
            field: "description",
            problem: Problem::TooLong { .. }
        })
    ));
    let many = format!("e{}", "\u{301}".repeat(limits::DESCRIPTION_CHARS_MAX - 1));
    book.report_case(case("a", &many, "b"))
        .expect("exactly as many as fit");
    assert_eq!(book.status().expect("status").saved, 1);
}

#[test]
fn coordinates_that_are_none_never_get_in() {
    let (world, folder) = (World::new(3), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    for (lat, lon) in [(900_000_001, 0), (0, 1_800_000_001), (i32::MIN, i32::MAX)] {
        assert!(Point::checked(lat, lon, None).is_none());
    }
    for degrees in [f64::NAN, f64::INFINITY, -91.0, 1e300] {
        assert!(Point::from_degrees(degrees, 0.0, None).is_none(), "{degrees}");
        assert!(
            Point::from_degrees(0.0, degrees * 2.0, None).is_none(),
            "{degrees}"
        );
    }
    let (patrol, _) = book.start_patrol(on_foot()).expect("started");
    let fix = FixDraft {
        lat_e7: i32::MAX,
        lon_e7: 0,
        accuracy_dm: u32::MAX,
        speed_cms: u32::MAX,
    };
    let refused = book.record_fix(patrol, fix);
    assert!(matches!(
        refused,
        Err(FieldError::InvalidInput {
            field: "fix",
            problem: Problem::OutOfRange
        })
    ));
    let saved = FixDraft {
        lat_e7: -900_000_000,
        ..fix
    };
    book.record_fix(patrol, saved)
        .expect("the pole is a place, and a claim of any accuracy is a claim");
}

#[test]
fn a_photo_too_large_or_gone_is_told_before_a_byte_is_read() {
    let (world, folder) = (World::new(4), tempfile::tempdir().expect("a folder"));
    let book = world.open(&folder.path().join("vault"));
    let huge = folder.path().join("huge.jpg");
    // Three gigabytes that take no space.
    fs::File::create(&huge)
        .expect("a file")
        .set_len(3 << 30)
        .expect("long");
    let refused = book.attach_file(&huge, photo(Vec::new()));
    let too_large = Problem::TooMany {
        max: limits::ATTACHMENT_BYTES_MAX,
    };
    assert_eq!(
        refused.err(),
        Some(FieldError::InvalidInput {
            field: "content",
            problem: too_large
        })
    );
    let gone = book.attach_file(&folder.path().join("gone.jpg"), photo(Vec::new()));
    assert_eq!(gone.err(), Some(FieldError::NotFound { what: "attachment" }));
    let empty = folder.path().join("empty.jpg");
    fs::File::create(&empty).expect("a file");
    let refused = book.attach_file(&empty, photo(Vec::new()));
    assert_eq!(
        refused.err(),
        Some(FieldError::InvalidInput {
            field: "content",
            problem: Problem::Empty
        })
    );
    let small = folder.path().join("small.jpg");
    fs::write(&small, [0xFF, 0xD8, 0xFF, 0xD9]).expect("written");
    book.attach_file(&small, photo(Vec::new())).expect("kept");
}

#[test]
fn a_foreign_file_under_the_vaults_names_is_damage_and_stays_as_it_is() {
    let world = World::new(5);
    for name in ["key", "fieldbook.db"] {
        let folder = tempfile::tempdir().expect("a folder");
        let book = world.open(folder.path());
        book.start_urgent(UrgentDraft {
            title: "落水".to_owned(),
            place_text: "前滩".to_owned(),
            point: None,
        })
        .expect("saved");
        book.close().expect("closed");
        drop(book);
        let foreign = vec![0xFF; 5_000];
        fs::write(folder.path().join(name), &foreign).expect("written");
        let opened = FieldBook::open(folder.path(), world.host.clone(), &OpenKeys);
        assert!(
            matches!(opened, Err(FieldError::Damaged)),
            "{name}: {:?}",
            opened.err()
        );
        assert_eq!(fs::read(folder.path().join(name)).expect("read"), foreign);
        let recovered = FieldBook::recover(folder.path(), world.host.clone(), &OpenKeys);
        match name {
            "key" => assert!(matches!(recovered, Err(FieldError::Damaged))),
            _ => assert_eq!(
                recovered
                    .expect("from the lifeboat")
                    .0
                    .status()
                    .expect("status")
                    .saved,
                1
            ),
        }
    }
}
