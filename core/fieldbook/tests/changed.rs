//! What a sync changed, as a list for the worker: what somebody else did to his tasks, what came back of his own, no echo of
//! his own work, and an end however much it is.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{DAY_MS, FakePlatform, START_MS, World, count, sync, task_id, task_row};
use grid_fieldbook::{CHANGES_MAX, Change, Changes, ExtensionDraft, FieldBook, ReportDraft, TaskNews};
use grid_model::id::{Incarnation, Seq};
use grid_model::terms::{ParkReason, ReportResult};
use grid_model::{ExtensionState, TaskStatus};
use grid_wire::{ExtensionRow, FeedRow};

fn setup(seed: u64) -> (World, tempfile::TempDir, FieldBook, FakePlatform) {
    let (world, folder) = (World::new(seed), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    (world, folder, book, platform)
}

fn tell(platform: &FakePlatform, rows: impl IntoIterator<Item = FeedRow>) {
    platform.state.lock().expect("state").feed.extend(rows);
}

/// Number and news of each task that changed.
fn news(changes: &Changes) -> Vec<(u8, Vec<TaskNews>)> {
    let tasks = changes.items.iter().filter_map(|change| match change {
        Change::Task { id, news, .. } => Some((id.bytes()[0], news.clone())),
        Change::SentBack { .. } => None,
    });
    tasks.collect()
}

fn moved(from: TaskStatus, to: TaskStatus, reason: Option<&str>) -> TaskNews {
    let reason = reason.map(str::to_owned);
    TaskNews::Status { from, to, reason }
}

#[test]
fn a_worker_is_told_what_others_did_and_not_what_he_did() {
    let (_world, _folder, book, platform) = setup(300);
    tell(
        &platform,
        [
            task_row(1, 1, |_| {}),
            task_row(2, 1, |_| {}),
            task_row(3, 1, |row| row.status = TaskStatus::Closed),
        ],
    );
    let due_at_ms = START_MS + 3 * DAY_MS;
    let new = || vec![TaskNews::New { due_at_ms }];
    let changes = sync(&book, &platform).changes;
    assert_eq!(news(&changes), [(1, new()), (2, new())], "old history is no news");
    assert_eq!(sync(&book, &platform).changes, Changes::default());

    // Own work comes back as what it is here already.
    book.accept(task_id(1)).expect("accepted");
    sync(&book, &platform);
    tell(
        &platform,
        [task_row(1, 2, |row| {
            (row.status, row.covers) = (TaskStatus::Accepted, 1);
        })],
    );
    assert_eq!(sync(&book, &platform).changes, Changes::default());

    // Twice in one sync: from where it stood to where it stands.
    tell(
        &platform,
        [
            task_row(1, 3, |row| {
                (row.status, row.covers) = (TaskStatus::Accepted, 1);
                row.due_at_ms += DAY_MS;
            }),
            task_row(1, 4, |row| {
                (row.status, row.covers) = (TaskStatus::Recalled, 1);
                row.reason = Some("改派二号岗".to_owned());
                row.due_at_ms += 2 * DAY_MS;
                row.description = "二楼、三楼".to_owned();
            }),
            task_row(4, 1, |_| {}),
            FeedRow {
                body: Vec::new(),
                ..task_row(2, 2, |_| {})
            },
        ],
    );
    let expected = [
        (
            1,
            vec![
                moved(TaskStatus::Accepted, TaskStatus::Recalled, Some("改派二号岗")),
                TaskNews::Due {
                    from_ms: due_at_ms,
                    to_ms: due_at_ms + 2 * DAY_MS,
                },
                TaskNews::Text,
            ],
        ),
        (4, new()),
        (2, vec![TaskNews::Gone]),
    ];
    assert_eq!(news(&sync(&book, &platform).changes), expected);
}

#[test]
fn a_report_that_does_not_count_and_a_record_that_came_back_are_told() {
    let (_world, _folder, book, platform) = setup(301);
    tell(&platform, [task_row(1, 1, |_| {})]);
    sync(&book, &platform);
    let draft = ReportDraft::new(ReportResult::Solved, "杂物已当场清走");
    book.submit(task_id(1), draft).expect("submitted");
    count(&book, 5);
    platform
        .state
        .lock()
        .expect("state")
        .park
        .insert(Seq(2), ParkReason::Conflict);
    tell(
        &platform,
        [task_row(1, 3, |row| {
            (row.status, row.late_report, row.covers) = (TaskStatus::Recalled, true, 1);
            row.reason = Some("改派二号岗".to_owned());
        })],
    );
    let report = sync(&book, &platform);
    assert_eq!((report.received, report.parked), (1, 1));
    let expected = [(
        1,
        vec![
            moved(TaskStatus::Submitted, TaskStatus::Recalled, Some("改派二号岗")),
            TaskNews::ReportKeptBeside,
        ],
    )];
    assert_eq!(news(&report.changes), expected);
    let sent_back: Vec<_> = report.changes.items.iter().skip(1).collect();
    assert!(
        matches!(sent_back[..], [Change::SentBack { record, reason: ParkReason::Conflict }] if record.seq == Seq(2)),
        "{sent_back:?}"
    );
    // Told once; and again when it came back again.
    assert_eq!(sync(&book, &platform).changes, Changes::default());
    book.retry(Seq(2)).expect("offered again");
    assert_eq!(sync(&book, &platform).changes.items.len(), 1);
}

#[test]
fn an_answer_to_a_request_for_more_time_is_told_and_that_it_waits_is_not() {
    let (_world, _folder, book, platform) = setup(303);
    tell(&platform, [task_row(1, 1, |_| {})]);
    sync(&book, &platform);
    let wanted_due_ms = START_MS + 5 * DAY_MS;
    let draft = ExtensionDraft {
        wanted_due_ms,
        reason: "住户外出".to_owned(),
    };
    book.request_extension(task_id(1), draft).expect("asked");
    let told = |revision, state, answer: Option<&str>| {
        let row = task_row(1, revision, |row| {
            let answer = answer.map(str::to_owned);
            row.covers = 1;
            row.extension = Some(ExtensionRow {
                state,
                wanted_due_ms,
                answer,
            });
        });
        tell(&platform, [row]);
        sync(&book, &platform).changes
    };
    assert_eq!(told(2, ExtensionState::Pending, None), Changes::default());
    let state = ExtensionState::Refused;
    let answer = Some("请今天办完".to_owned());
    assert_eq!(
        news(&told(3, state, answer.as_deref())),
        [(1, vec![TaskNews::Extension { state, answer }])]
    );
}

#[test]
fn the_list_has_an_end_and_says_how_much_is_left_off() {
    let (_world, _folder, book, mut platform) = setup(302);
    let row = |number: u32| {
        let mut row = task_row(1, 1, |_| {});
        row.id[..4].copy_from_slice(&number.to_be_bytes());
        row
    };
    tell(&platform, (0..250).map(row));
    for _ in 0..3 {
        count(&book, 1);
    }
    let state = || platform.state.lock().expect("state");
    state().park.insert(Seq(1), ParkReason::Conflict);
    let changes = sync(&book, &platform).changes;
    assert_eq!((changes.items.len(), changes.more), (CHANGES_MAX, 51));
    // All of them go at once: a restored platform knows none.
    platform.incarnation = Incarnation([4; 16]);
    platform.state.lock().expect("state").feed.clear();
    let changes = sync(&book, &platform).changes;
    assert_eq!((changes.items.len(), changes.more), (CHANGES_MAX, 50));
    assert!(news(&changes).iter().all(|(_, news)| *news == [TaskNews::Gone]));
}
