//! What a device is told.

use std::collections::BTreeMap;

use grid_model::terms::RowKind;
use grid_model::{Incarnation, Lane, Seq, TaskStatus};
use grid_wire::feed::{CheckpointRow, PostRow};
use grid_wire::{Fact, TaskRow, decode};

use super::device::report;
use super::must;
use super::world::{DAY, MINUTE, World};
use crate::HubStore;

fn post(name: &str) -> PostRow {
    let (lat_e7, lon_e7) = (397_500_000, 1_237_300_000);
    let checkpoint = CheckpointRow {
        code: "DL-01-C1".to_owned(),
        name: "东口".to_owned(),
        lat_e7,
        lon_e7,
        radius_m: 50,
    };
    PostRow {
        code: "DL-01".to_owned(),
        name: name.to_owned(),
        lat_e7,
        lon_e7,
        checkpoints: vec![checkpoint],
    }
}

/// However small the budget: page by page, each thing once, then an end.
pub fn a_tiny_page_gets_on_and_tells_everything_once<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    must(must(world.hub.put_post(world.org, &post("码头"))));
    let tasks: Vec<_> = (0..5).map(|_| world.dispatch(world.worker)).collect();
    device.page_bytes_max = 1;
    let mut told = BTreeMap::new();
    for round in 0..6 {
        let page = device.push(&world, []).page;
        assert_eq!((page.rows.len(), page.more), (1, round < 5));
        for row in page.rows {
            *told.entry((row.kind, row.id)).or_insert(0) += 1;
        }
    }
    assert!(
        tasks
            .iter()
            .all(|task| told.get(&(RowKind::Task, task.bytes().to_vec())) == Some(&1))
    );
    assert_eq!(told.get(&(RowKind::Post, b"DL-01".to_vec())), Some(&1));
    let end = device.push(&world, []).page;
    assert_eq!((end.rows.len(), end.more, end.next), (0, false, end.from));
    // A budget for two rows gives two.
    device.cursor = 0;
    let (one, two) = {
        let page = device.push(&world, []).page;
        (page.next, page)
    };
    assert!(two.rows.len() == 1 && one > 0);
    device.cursor = 0;
    device.page_bytes_max = 600;
    let some = device.push(&world, []).page;
    assert!(
        some.rows.len() > 1 && some.rows.len() < 6 && some.more,
        "{}",
        some.rows.len()
    );
}

/// The sign clock runs from when a device of the holder had the task.
pub fn delivery_is_stamped_when_the_cursor_shows_it<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let mut stranger = world.enrol("W02");
    let task = world.dispatch(world.worker);
    stranger.push(&world, []);
    stranger.cursor = u64::MAX;
    stranger.push(&world, []);
    device.push(&world, []);
    assert_eq!(
        world.task(task).summary.delivered_at_ms,
        None,
        "handed over, but not known to have arrived"
    );
    world.pass(MINUTE);
    device.push(&world, []);
    assert_eq!(world.task(task).summary.delivered_at_ms, Some(world.now));
    world.pass(MINUTE);
    device.push(&world, []);
    assert_eq!(world.events(task), ["dispatch→assigned", "deliver→assigned"]);
    assert_eq!(world.revision(task), 1, "a delivery is nothing to decide on");
}

/// Nine days offline do not make a delivery nine days late; a claim that cannot be true is not believed.
pub fn delivery_counts_from_the_answer_that_brought_the_task<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let first = world.dispatch(world.worker);
    world.pass(MINUTE);
    device.push(&world, []);
    device.cursor_at_ms = Some(world.now);
    world.pass(9 * DAY);
    let second = world.dispatch(world.worker);
    device.push(&world, []);
    let detail = world.task(first);
    assert_eq!(detail.summary.delivered_at_ms, Some(world.now - 9 * DAY));
    assert_eq!(detail.log[1].received_at_ms, world.now);
    // Before the task was there, or in the future: then it is now.
    for impossible in [world.now - DAY, world.now + DAY] {
        let task = world.dispatch(world.worker);
        device.push(&world, []);
        device.cursor_at_ms = Some(impossible);
        device.push(&world, []);
        assert_eq!(world.task(task).summary.delivered_at_ms, Some(world.now));
    }
    assert!(world.task(second).summary.delivered_at_ms.is_some());
}

/// Own changes that a row has taken in are named, so that the device replays only what came later.
pub fn a_row_covers_own_folded_changes<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let mut second = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    device.record(world.now, Lane::task(task), Fact::TaskArrived(Default::default()));
    device.record(world.now, Lane::task(task), report(1));
    // The report arrives ahead of the arrival: it is held, so the row covers the accept only.
    let page = device.push(&world, [1, 2, 4]).page;
    let row: TaskRow = must(decode(&page.rows[0].body, "task row"));
    assert_eq!((row.status, row.covers()), (TaskStatus::Accepted, Seq(2)));
    let page = device.push(&world, [3]).page;
    let row: TaskRow = must(decode(&page.rows[0].body, "task row"));
    assert_eq!((row.status, row.covers()), (TaskStatus::Submitted, Seq(4)));
    // For the holder's other device the same row covers nothing: its log is another one.
    let row: TaskRow = must(decode(&second.push(&world, []).page.rows[0].body, "task row"));
    assert_eq!((row.status, row.covers()), (TaskStatus::Submitted, Seq(0)));
}

/// A device that reads short rows gets them of tasks that it holds as a whole, and whole rows of all others.
pub fn what_moved_of_a_known_task_is_told_in_short<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.behind = Some(0);
    let mut second = world.enrol("W01");
    second.behind = Some(0);
    let task = world.dispatch(world.worker);
    assert!(
        device
            .push(&world, [])
            .page
            .rows
            .iter()
            .all(|row| row.moved.is_none()),
        "a new task is told as a whole"
    );
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    let row = device.push(&world, [1]).page.rows.remove(0);
    let moved = row.moved.map(|moved| (moved.status, moved.covers));
    assert_eq!(
        (row.kind, row.body.len(), moved),
        (RowKind::Task, 0, Some((TaskStatus::Accepted, 1)))
    );
    assert_eq!(row.revision, world.task(task).summary.revision);
    // The holder's other device never had the whole row; and one that does not read short rows gets none.
    let row = second.push(&world, []).page.rows.remove(0);
    assert!(row.moved.is_none() && !row.body.is_empty());
    device.record(world.now, Lane::task(task), Fact::TaskArrived(Default::default()));
    device.behind = None;
    let row = device.push(&world, [2]).page.rows.remove(0);
    assert!(row.moved.is_none() && !row.body.is_empty());
}

/// A row that moves to the end of the feed in the middle of a round is told as a whole, although the cursor is past the place
/// where it was.
pub fn a_row_that_moves_while_it_is_fetched_is_told_as_a_whole<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut first = world.enrol("W01");
    let mut second = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let [untold, _] = [(); 2].map(|()| world.dispatch(world.worker));
    second.page_bytes_max = 1;
    second.push(&world, []);
    first.record(world.now, Lane::task(task), Fact::TaskAccepted);
    first.push(&world, [1]);
    let mut told = std::collections::BTreeSet::new();
    second.cursor = 0;
    loop {
        // Nothing was whole before this round.
        second.behind = Some(second.cursor);
        let page = second.push(&world, []).page;
        assert!(page.rows.iter().all(|row| row.moved.is_none()));
        assert_eq!(
            world.task(untold).summary.delivered_at_ms,
            None,
            "not before a round has ended"
        );
        told.extend(page.rows.into_iter().map(|row| row.id));
        if !page.more {
            break;
        }
    }
    assert_eq!(told.len(), 3);
    second.behind = Some(0);
    second.push(&world, []);
    assert!(world.task(untold).summary.delivered_at_ms.is_some());
}

/// A cursor of another store's life means nothing here.
pub fn another_incarnation_pulls_from_the_start<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.push(&world, []);
    device.incarnation = Some(Incarnation([9; 16]));
    let page = device.push(&world, []).page;
    assert_eq!((page.from, page.rows.len()), (0, 1));
    assert_eq!(world.task(task).summary.delivered_at_ms, None);
    device.push(&world, []);
    assert!(world.task(task).summary.delivered_at_ms.is_some());
    device.cursor = u64::MAX;
    assert!(
        device.push(&world, []).page.next < u64::MAX,
        "a cursor beyond the end is the end"
    );
    world.dispatch(world.worker);
    assert_eq!(device.push(&world, []).page.rows.len(), 1);
}

/// Least data: a phone gets its holder's tasks and its station's posts.
pub fn a_device_gets_its_workers_rows_only<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mut mine, mut theirs) = (world.enrol("W01"), world.enrol("W02"));
    must(must(world.hub.put_post(world.org, &post("码头"))));
    let task = world.dispatch(world.worker);
    let kinds = |rows: &[grid_wire::FeedRow]| rows.iter().map(|row| row.kind).collect::<Vec<_>>();
    assert_eq!(
        kinds(&mine.push(&world, []).page.rows),
        [RowKind::Post, RowKind::Task]
    );
    assert_eq!(kinds(&theirs.push(&world, []).page.rows), [RowKind::Post]);
    must(must(world.hub.recall(world.now, &world.desk, task, 1, "改派")));
    let told = mine.push(&world, []).page.rows;
    let row: TaskRow = must(decode(&told[0].body, "task row"));
    assert_eq!(
        (told.len(), row.status),
        (1, TaskStatus::Recalled),
        "a recalled task is told"
    );
    assert_eq!(mine.push(&world, []).page.rows.len(), 0);
    assert_eq!(theirs.push(&world, []).page.rows.len(), 0);
}

/// Newest state only, with a growing revision; the same again is no change.
pub fn a_changed_post_comes_again<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    must(must(world.hub.put_post(world.org, &post("码头"))));
    must(must(world.hub.put_post(world.org, &post("码头执勤"))));
    let rows = device.push(&world, []).page.rows;
    let row: PostRow = must(decode(&rows[0].body, "post row"));
    assert_eq!((rows.len(), rows[0].revision, row), (1, 2, post("码头执勤")));
    must(must(world.hub.put_post(world.org, &post("码头执勤"))));
    assert_eq!(device.push(&world, []).page.rows.len(), 0);
}
