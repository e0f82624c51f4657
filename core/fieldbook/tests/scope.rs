//! What a phone should hold and what it holds: a difference is noticed at the end of the next round and repaired, never at the
//! cost of a record, and never again and again.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{DAY_MS, FakePlatform, World, count, post_row, states, sync, task_id, task_row};
use grid_fieldbook::{FieldBook, FieldError, Outcome, RecordState, StoreLimits, SyncReport};
use grid_model::TaskStatus;
use grid_model::terms::RowKind;
use grid_wire::{BatchHeader, ExchangeRequest, FeedRow, TaskMoved, TaskRow, decode};
use proptest::prelude::*;

struct Here {
    book: FieldBook,
    platform: FakePlatform,
    _folder: tempfile::TempDir,
    world: World,
}

/// A phone that holds three tasks and a post, of a platform that tells what it should hold.
fn here(seed: u64) -> Here {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    let mut state = platform.state.lock().expect("state");
    state.tells_scope = true;
    state.feed = vec![
        task_row(1, 4, |_| {}),
        task_row(2, 1, |_| {}),
        task_row(3, 2, |_| {}),
    ];
    state.feed.push(post_row("DL03", 7));
    drop(state);
    let here = Here {
        book,
        platform,
        _folder: folder,
        world,
    };
    assert_eq!((here.sync().repaired, here.asked()), (false, 1));
    here
}

impl Here {
    fn sync(&self) -> SyncReport {
        let report = sync(&self.book, &self.platform);
        assert_eq!(report.summary.outcome, Outcome::Complete);
        report
    }

    /// How often the platform was asked since.
    fn asked(&self) -> usize {
        std::mem::take(&mut self.platform.state.lock().expect("state").requests).len()
    }

    fn feed(&self, change: impl FnOnce(&mut Vec<FeedRow>)) {
        change(&mut self.platform.state.lock().expect("state").feed);
    }

    fn tasks(&self) -> Vec<(u8, String)> {
        let mut tasks: Vec<_> = self.book.tasks(false, 100).expect("tasks");
        tasks.sort_by_key(|task| task.id);
        tasks
            .into_iter()
            .map(|task| (task.id.bytes()[0], task.title))
            .collect()
    }
}

type Damage = fn(&grid_store::Writing<'_>) -> Result<(), FieldError>;

fn three() -> Vec<(u8, String)> {
    [1, 2, 3].map(|number| (number, "楼道堆放杂物".to_owned())).into()
}

#[test]
fn a_row_that_was_lost_or_altered_here_is_noticed_and_fetched_anew() {
    let damages: [Damage; 4] = [
        |tx| Ok(tx.drop_task(task_id(2))?),
        |tx| {
            let mut task = tx.task(task_id(2))?.expect("a task");
            task.revision = 9;
            Ok(tx.put_task(&task)?)
        },
        |tx| Ok(tx.drop_post("DL03")?),
        |tx| Ok(tx.put_post("HY01", 1, &post_row("HY01", 1).body)?),
    ];
    for (seed, damage) in (200..).zip(damages) {
        let here = here(seed);
        count(&here.book, 1);
        here.book.accept(task_id(1)).expect("accepted");
        let unsent = states(&here.book);
        here.book.store_for_tests().write(damage).expect("damaged");
        assert_eq!(states(&here.book), unsent);
        let report = here.sync();
        assert!(report.repaired, "damage {seed}");
        assert_eq!((report.received, here.tasks()), (2, three()), "damage {seed}");
        assert_eq!(here.book.posts().expect("posts").len(), 1, "damage {seed}");
        assert_eq!(states(&here.book), [RecordState::Received; 2]);
        assert_eq!(
            here.book.task(task_id(1)).expect("a task").status,
            grid_model::TaskStatus::Accepted,
            "own work stays on top"
        );
        here.asked();
        assert!(!here.sync().repaired);
        assert_eq!(here.asked(), 1, "once is enough");
    }
}

#[test]
fn a_row_that_the_platform_lost_goes_and_no_record_with_it() {
    let here = here(210);
    here.book.accept(task_id(3)).expect("accepted");
    here.platform.will(&[common::Fault::Busy]);
    sync(&here.book, &here.platform);
    assert_eq!(states(&here.book), [RecordState::Saved]);
    // Nothing says so in the feed: it is just not there any more.
    here.feed(|feed| {
        feed.remove(2);
        feed.push(task_row(2, 1, |_| {}));
    });
    let report = here.sync();
    assert!(report.repaired);
    assert_eq!(here.tasks(), three()[..2]);
    assert_eq!(states(&here.book), [RecordState::Received]);
}

#[test]
fn a_task_that_is_somebody_elses_by_now_goes_when_it_is_told() {
    let here = here(211);
    here.book.accept(task_id(2)).expect("accepted");
    here.feed(|feed| {
        feed.push(FeedRow {
            body: Vec::new(),
            ..task_row(2, 2, |_| {})
        });
    });
    let report = here.sync();
    assert!(!report.repaired, "it was told");
    assert_eq!(here.tasks(), [three()[0].clone(), three()[2].clone()]);
    assert_eq!(
        states(&here.book),
        [RecordState::Received],
        "the record went its way"
    );
    // It may come back.
    here.feed(|feed| feed.push(task_row(2, 3, |_| {})));
    assert_eq!((here.sync().repaired, here.tasks()), (false, three()));
}

#[test]
fn rows_that_this_build_cannot_read_are_known_to_be_there() {
    let here = here(212);
    here.feed(|feed| {
        feed.push(FeedRow {
            kind: RowKind::Unknown(77),
            ..task_row(1, 3, |_| {})
        });
        feed.push(FeedRow {
            body: b"of tomorrow".to_vec(),
            ..task_row(1, 5, |_| {})
        });
        feed.push(FeedRow {
            body: b"of tomorrow".to_vec(),
            ..task_row(8, 1, |_| {})
        });
    });
    here.asked();
    assert_eq!((here.sync().repaired, here.asked()), (false, 1));
    assert_eq!(here.tasks(), three(), "what could be read before is still here");
    // Everything anew: the same again, and it ends.
    let lost = here
        .book
        .store_for_tests()
        .write(|tx| Ok::<_, FieldError>(tx.drop_task(task_id(2))?));
    lost.expect("lost");
    assert!(here.sync().repaired);
    assert_eq!((here.asked(), here.tasks()), (2, three()));
    // In a form that it reads again.
    here.feed(|feed| feed.push(task_row(8, 2, |_| {})));
    assert_eq!((here.sync().repaired, here.tasks().len()), (false, 4));
}

#[test]
fn what_does_not_help_is_not_tried_again_before_a_day_is_over() {
    let here = here(213);
    // A platform that never tells of one of its rows.
    let hidden = |platform: &FakePlatform, hide: bool| {
        platform.state.lock().expect("state").hides_a_row = hide;
    };
    hidden(&here.platform, true);
    here.asked();
    for asked in [2, 1, 1] {
        assert!(!here.sync().repaired);
        assert_eq!(here.asked(), asked);
    }
    // Another process of the app knows it, too.
    here.book.close().expect("closed");
    here.book.reopen().expect("open");
    here.sync();
    assert_eq!(here.asked(), 1);
    here.platform.state.lock().expect("state").late_ms += DAY_MS;
    here.sync();
    assert_eq!((here.asked(), here.tasks()), (2, three()));
    hidden(&here.platform, false);
    assert!(here.sync().repaired, "the difference is gone");
    assert_eq!(here.asked(), 1);
}

#[test]
fn a_repair_that_is_cut_goes_on_where_it_stood() {
    let here = here(214);
    let lost = here
        .book
        .store_for_tests()
        .write(|tx| Ok::<_, FieldError>(tx.drop_task(task_id(2))?));
    lost.expect("lost");
    // The first answer comes through and puts the cursor back; all others are cut.
    here.platform.will_after(1, &[common::Fault::CutAnswer; 12]);
    let report = sync(&here.book, &here.platform);
    assert!(!report.repaired && report.summary.outcome != Outcome::Complete);
    assert_eq!(here.tasks().len(), 2, "what is here stays while nothing is told");
    here.platform.will(&[]);
    here.world.pass(3_600_000);
    let report = here.sync();
    assert!(report.repaired);
    assert_eq!(here.tasks(), three());
}

fn moved_row(number: u8, revision: u64, status: TaskStatus) -> FeedRow {
    let whole = task_row(number, revision, |row| {
        row.status = status;
        row.reason = Some("照片看不清".to_owned());
        row.due_at_ms += DAY_MS;
    });
    let row: TaskRow = decode(&whole.body, "task row").expect("a row");
    FeedRow {
        body: Vec::new(),
        moved: Some(TaskMoved::of(row)),
        ..whole
    }
}

#[test]
fn what_moved_of_a_task_is_laid_into_the_row_that_is_here() {
    let here = here(215);
    // A row of tomorrow: it has a field that this build does not know.
    let of_tomorrow = |row: &FeedRow| {
        let mut body = row.body.clone();
        body[0] += 1;
        [body, vec![0x18, 99, 0x63, 0xe6, 0x98, 0x8e]].concat()
    };
    let whole = task_row(2, 2, |_| {});
    let tomorrow = FeedRow {
        body: of_tomorrow(&whole),
        ..whole
    };
    here.feed(|feed| feed.push(tomorrow));
    here.sync();
    let due_at_ms = here.book.task(task_id(2)).expect("a task").due_at_ms;
    here.feed(|feed| feed.push(moved_row(2, 3, TaskStatus::Rework)));
    assert!(!here.sync().repaired);
    let task = here.book.task(task_id(2)).expect("a task");
    assert_eq!(
        (task.status, task.due_at_ms),
        (TaskStatus::Rework, due_at_ms + DAY_MS)
    );
    assert_eq!(here.tasks(), three(), "its words stay");
    let kept = here
        .book
        .store_for_tests()
        .read(|tx| Ok::<_, FieldError>(tx.task(task_id(2))?))
        .expect("read");
    let body = kept.expect("a task").body;
    assert!(
        body.ends_with(&[0x18, 99, 0x63, 0xe6, 0x98, 0x8e]),
        "what is not known here stays"
    );
    // An older word of the same store changes nothing.
    here.feed(|feed| feed.push(moved_row(2, 2, TaskStatus::Closed)));
    here.platform.state.lock().expect("state").tells_scope = false;
    here.sync();
    assert_eq!(
        here.book.task(task_id(2)).expect("a task").status,
        TaskStatus::Rework
    );
}

/// What each request said of its cursor, and of where the last round ended before it.
fn told(here: &Here) -> Vec<(u64, Option<u64>)> {
    let requests = std::mem::take(&mut here.platform.state.lock().expect("state").requests);
    let header = |bytes: &Vec<u8>| {
        let request = ExchangeRequest::from_bytes(bytes).expect("a request");
        let header: BatchHeader = decode(&request.header.bytes, "header").expect("a header");
        (header.cursor, header.behind)
    };
    requests.iter().map(header).collect()
}

#[test]
fn short_rows_are_read_of_what_was_here_when_a_round_ended() {
    let here = here(217);
    let many = u32::try_from(common::PAGE_ROWS).expect("few");
    here.asked();
    here.feed(|feed| feed.extend((0..many + 2).map(|n| post_row(&format!("P{n}"), 1))));
    here.sync();
    let whole = 4;
    let paged = whole + u64::from(many);
    assert_eq!(
        told(&here),
        [(whole, Some(0)), (paged, Some(paged - whole))],
        "in the middle of a round"
    );
    here.sync();
    assert_eq!(told(&here), [(paged + 2, Some(0))], "after it");
    // Everything is fetched anew: nothing is whole until that round has ended, in another process too.
    let lost = here
        .book
        .store_for_tests()
        .write(|tx| Ok::<_, FieldError>(tx.drop_task(task_id(2))?));
    lost.expect("lost");
    assert!(here.sync().repaired);
    assert_eq!(told(&here), [(paged + 2, Some(0)), (0, None), (4_000, None)]);
    here.book.close().expect("closed");
    here.book.reopen().expect("open");
    here.sync();
    assert_eq!(told(&here), [(paged + 2, Some(0))]);
}

#[test]
fn what_moved_of_a_task_that_is_not_here_brings_everything_anew() {
    let here = here(216);
    here.book.accept(task_id(3)).expect("accepted");
    let lost = here
        .book
        .store_for_tests()
        .write(|tx| Ok::<_, FieldError>(tx.drop_task(task_id(2))?));
    lost.expect("lost");
    here.feed(|feed| feed.push(moved_row(2, 3, TaskStatus::Closed)));
    assert!(here.sync().repaired);
    assert_eq!(here.tasks(), three());
    assert_eq!(
        here.book.task(task_id(2)).expect("a task").status,
        TaskStatus::Closed
    );
    assert_eq!(states(&here.book), [RecordState::Received]);
    // Of a row that this build cannot read, it is known that it moved.
    here.feed(|feed| {
        feed.push(FeedRow {
            body: b"of tomorrow".to_vec(),
            ..task_row(8, 1, |_| {})
        });
    });
    here.sync();
    here.feed(|feed| feed.push(moved_row(8, 2, TaskStatus::Closed)));
    here.asked();
    assert_eq!((here.sync().repaired, here.asked()), (false, 1));
    assert_eq!(here.tasks(), three());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is told in whatever order, both sides come to the same sums, and nothing is fetched twice.
    #[test]
    fn both_sides_agree_on_what_a_phone_holds(
        rounds in prop::collection::vec(
            prop::collection::vec((1_u8..12, 0_u8..9, any::<bool>()), 0..12),
            1..6,
        ),
    ) {
        let mut world = World::new(220);
        world.host.storage.limits = StoreLimits::SMALL;
        let folder = tempfile::tempdir().expect("a folder");
        let book = world.open(folder.path());
        let platform = FakePlatform::new();
        platform.enroll(&book);
        platform.state.lock().expect("state").tells_scope = true;
        let mut revision = 0;
        for told in rounds {
            for (number, what, _) in &told {
                revision += 1;
                let row = match what {
                    0 => FeedRow { body: Vec::new(), ..task_row(*number, revision, |_| {}) },
                    1 => FeedRow { body: vec![1, 2], ..task_row(*number, revision, |_| {}) },
                    2 => FeedRow { kind: RowKind::Unknown(9), ..task_row(*number, revision, |_| {}) },
                    8 => FeedRow {
                        kind: RowKind::Unknown(9),
                        body: Vec::new(),
                        ..task_row(*number, revision, |_| {})
                    },
                    3 => post_row(&format!("P{number}"), revision),
                    4 => FeedRow { body: Vec::new(), ..post_row(&format!("P{number}"), revision) },
                    _ => task_row(*number, revision, |row| row.description = format!("第{revision}版")),
                };
                platform.state.lock().expect("state").feed.push(row);
            }
            let own = told.iter().any(|(_, _, own)| *own);
            if let Some(task) = book.tasks(true, 1).expect("tasks").first().filter(|_| own) {
                let _ = book.accept(task.id);
            }
            let before = platform.state.lock().expect("state").requests.len();
            let report = sync(&book, &platform);
            prop_assert!(!report.repaired);
            let asked = platform.state.lock().expect("state").requests.len() - before;
            prop_assert!(asked <= 2, "a batch and its page, not everything anew: {asked}");
            let state = platform.state.lock().expect("state");
            let held = book.store_for_tests().read(|tx| tx.scope()).expect("sums");
            let held: Vec<_> = held.into_iter().map(|(kind, sum)| (kind, sum.count(), sum.sum())).collect();
            let told = common::scope(&state.feed);
            let told: Vec<_> = told.into_iter().map(|sum| (sum.kind, sum.count, sum.sum)).collect();
            prop_assert_eq!(held, told);
        }
    }
}
