//! Long pages of the feed: no transaction grows with the page.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::{FakePlatform, PAGE_ROWS, World, sync};
use grid_fieldbook::{LockedBook, StoreLimits};
use grid_model::terms::{CaseKind, Level, RowKind};
use grid_model::{Seq, TaskId, TaskStatus};
use grid_wire::{FeedRow, TaskRow, encode};

const TASKS: u32 = 30_000;

fn task(number: u32, revision: u64) -> FeedRow {
    let row = TaskRow {
        no: format!("DL-2026-{number:06}"),
        title: "楼道堆放杂物".to_owned(),
        description: "二楼至三楼平台堆放纸箱和旧家具，影响通行，请到场核查并督促清理。".to_owned(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        status: TaskStatus::Assigned,
        grid_code: "210681001001001".to_owned(),
        place_text: "3号楼2单元".to_owned(),
        created_at_ms: common::START_MS,
        due_at_ms: common::START_MS + i64::from(number.wrapping_mul(2_654_435_761) >> 4),
        reason: None,
        late_report: false,
        covers: 0,
        extension: None,
    };
    let mut id = vec![7; 16];
    // Ids as they come: in no order.
    id[..4].copy_from_slice(&number.wrapping_mul(0x9E37_79B1).to_be_bytes());
    FeedRow {
        kind: RowKind::Task,
        id,
        revision,
        body: encode(&row),
        moved: None,
    }
}

#[test]
fn a_page_of_updates_all_over_the_table_leaves_a_small_log() {
    let mut world = World::new(80);
    world.host.storage.limits = StoreLimits {
        ballast_bytes: 0,
        ballast_kept_bytes: 0,
        ..StoreLimits::PHONE
    };
    let folder = tempfile::tempdir().expect("a folder");
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    let offer =
        |rows: &mut dyn Iterator<Item = FeedRow>| platform.state.lock().expect("state").feed.extend(rows);
    offer(&mut (0..TASKS).map(|number| task(number, 1)));
    assert_eq!(sync(&book, &platform).pulled, u64::from(TASKS));
    book.store_for_tests().settle().expect("the log is put away");
    // Tasks all over the table change: more than half of its pages.
    let many = u32::try_from(PAGE_ROWS).expect("few");
    offer(&mut (0..many).map(|n| task(n.wrapping_mul(7_919) % TASKS, 2)));
    assert_eq!(sync(&book, &platform).pulled, u64::from(many));
    let log = std::fs::metadata(folder.path().join("fieldbook.db-wal"))
        .expect("a log")
        .len();
    // The log is put away at three quarters of its limit; the transaction that reaches them stands on top.
    let limit = StoreLimits::PHONE.wal_bytes;
    assert!(log < limit / 4 * 3 + (1 << 20), "the log grew to {log} bytes");
    assert!(log < limit);
    assert_eq!(book.tasks(true, 40_000).expect("tasks").len(), TASKS as usize);
}

#[test]
fn tasks_that_a_restored_platform_does_not_know_go_when_it_has_told_everything() {
    let (world, folder) = (World::new(81), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let mut platform = FakePlatform::new();
    platform.enroll(&book);
    let many = u32::try_from(PAGE_ROWS).expect("few") + 20;
    let feed = |platform: &FakePlatform, rows: &mut dyn Iterator<Item = FeedRow>| {
        platform.state.lock().expect("state").feed = rows.collect();
    };
    feed(&platform, &mut (0..many).map(|number| task(number, 5)));
    sync(&book, &platform);
    let ids = |book: &grid_fieldbook::FieldBook| -> Vec<_> {
        let mut ids: Vec<_> = book
            .tasks(false, 100_000)
            .expect("tasks")
            .iter()
            .map(|task| task.id)
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&book).len(), many as usize);

    // Put back from before the last ten were dispatched, when the others stood at an earlier revision.
    platform.incarnation = grid_model::Incarnation([4; 16]);
    let known: Vec<FeedRow> = (0..many - 10).map(|number| task(number, 3)).collect();
    feed(&platform, &mut known.clone().into_iter());
    let report = sync(&book, &platform);
    assert_eq!(
        report.pulled,
        u64::from(many - 10),
        "told anew, although each is of an earlier revision"
    );
    let mut expected: Vec<_> = known.iter().map(|row| row.id.clone()).collect();
    expected.sort();
    let here: Vec<Vec<u8>> = ids(&book).iter().map(|id| id.bytes().to_vec()).collect();
    assert_eq!(here, expected);
    // From here on a row goes its ordinary way.
    platform.state.lock().expect("state").feed.push(task(1, 4));
    assert_eq!(sync(&book, &platform).pulled, 1);
    assert_eq!(ids(&book).len(), expected.len());
}

#[test]
fn a_row_that_cannot_be_read_takes_no_task_away() {
    let (world, folder) = (World::new(82), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let mut platform = FakePlatform::new();
    platform.enroll(&book);
    let feed = |platform: &FakePlatform, rows: Vec<FeedRow>| {
        platform.state.lock().expect("state").feed = rows;
    };
    feed(&platform, vec![task(1, 5), task(2, 5)]);
    sync(&book, &platform);
    // A restored platform of a later version tells of one in a way that this build cannot read, and of none at revision 0.
    platform.incarnation = grid_model::Incarnation([4; 16]);
    let unreadable = FeedRow {
        body: b"of tomorrow".to_vec(),
        ..task(1, 3)
    };
    feed(&platform, vec![unreadable, task(2, 0)]);
    sync(&book, &platform);
    assert_eq!(book.tasks(false, 10).expect("tasks").len(), 2);
}

#[test]
fn a_row_told_to_another_log_of_the_phone_is_not_replayed_over() {
    let (world, folder) = (World::new(83), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    let platform = FakePlatform::new();
    platform.enroll(&book);
    let first = task(1, 1);
    let id = TaskId(first.id.clone().try_into().expect("an id"));
    platform.state.lock().expect("state").feed.push(first.clone());
    sync(&book, &platform);
    book.accept(id).expect("accepted");
    book.arrive(id, None).expect("arrived");
    sync(&book, &platform);
    book.close().expect("closed");
    drop(book);
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    locked.count(common::counted(2)).expect("counted");
    locked.close().expect("closed");
    // The platform took both in, and gave the task back.
    let row: TaskRow = grid_wire::decode(&first.body, "task row").expect("a row");
    platform.state.lock().expect("state").feed.push(FeedRow {
        revision: 4,
        body: encode(&row.covering(Seq(2))),
        ..first
    });
    let book = world.open(folder.path());
    sync(&book, &platform);
    let task = book.task(id).expect("the task");
    assert_eq!((task.revision, task.status), (4, TaskStatus::Assigned));
    assert_eq!(book.status().expect("a status").saved, 0);
}
