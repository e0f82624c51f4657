//! Decisions at the desk.

use grid_model::terms::{ReviewFailReason, Role, RowKind};
use grid_model::{Lane, TaskId, TaskStatus};
use grid_wire::{TaskRow, decode};

use super::device::{Exchanged, report};
use super::world::{DAY, MINUTE, World, draft, person, sign_in};
use super::{must, refused, there};
use crate::views::Review;
use crate::{DeskRefusal, HubStore};

fn told(answer: &Exchanged, task: TaskId) -> TaskRow {
    let row = answer
        .page
        .rows
        .iter()
        .find(|row| row.kind == RowKind::Task && row.id == task.bytes());
    must(decode(&there(row).body, "task row"))
}

fn unclear() -> Review {
    Review::Fail {
        reason_code: ReviewFailReason::UnclearPhoto,
        reason_text: Some("请补拍正面".to_owned()),
    }
}

/// Submit, fail, rework, submit, pass: with a reason and a new due time.
pub fn a_task_goes_round_until_it_passes<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let due = world.task(task).summary.due_at_ms;
    device.record(world.now, Lane::task(task), report(1));
    device.push_all(&world);
    // The second workday after Monday 01-19 is further than the old due time (Saturday 01-17, rolled to Monday).
    world.pass(4 * DAY);
    let failed = must(must(world.hub.review(
        world.now,
        &world.desk,
        task,
        2,
        &unclear(),
    )));
    assert_eq!(
        (failed.summary.status, failed.summary.revision),
        (TaskStatus::Rework, 3)
    );
    assert!(failed.summary.done_at_ms.is_none() && failed.summary.due_at_ms >= due);
    let row = told(&device.push(&world, []), task);
    assert_eq!(
        (row.status, row.reason.as_deref()),
        (TaskStatus::Rework, Some("照片看不清：请补拍正面"))
    );
    world.pass(MINUTE);
    device.record(world.now, Lane::task(task), report(2));
    let row = told(&device.push(&world, [2]), task);
    assert_eq!((row.status, row.reason), (TaskStatus::Submitted, None));
    let revision = world.revision(task);
    let passed = must(must(world.hub.review(
        world.now,
        &world.desk,
        task,
        revision,
        &Review::Pass,
    )));
    assert_eq!(passed.summary.status, TaskStatus::Closed);
    assert_eq!(passed.summary.done_at_ms, Some(world.now));
    let line = there(passed.log.iter().find(|line| line.to == TaskStatus::Rework));
    assert_eq!(
        (line.reason_code, line.actor.id),
        (Some(ReviewFailReason::UnclearPhoto), world.desk.worker)
    );
    let again = refused(
        world
            .hub
            .review(world.now, &world.desk, task, revision + 1, &Review::Pass),
    );
    assert_eq!(
        again,
        DeskRefusal::NotNow {
            status: TaskStatus::Closed
        }
    );
}

/// Whoever decides must have seen the newest state.
pub fn a_decision_on_an_old_revision_is_a_conflict<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), report(1));
    device.push_all(&world);
    let old = refused(world.hub.review(world.now, &world.desk, task, 1, &Review::Pass));
    assert_eq!(old, DeskRefusal::Conflict { revision: 2 });
    assert_eq!(world.task(task).summary.status, TaskStatus::Submitted);
    let nobodys = refused(
        world
            .hub
            .review(world.now, &world.desk, TaskId([1; 16]), 1, &Review::Pass),
    );
    assert_eq!(nobodys, DeskRefusal::NotFound);
}

/// A station leader who holds a task lets another review it.
pub fn nobody_reviews_his_own_work<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let leader = person(world.org, "L01", Role::StationLeader);
    let leader = must(must(world.hub.create_worker(world.now, &leader)));
    let mut device = world.enrol("L01");
    let task = must(must(world.hub.dispatch(world.now, &world.desk, &draft(leader))))
        .summary
        .id;
    device.record(world.now, Lane::task(task), report(1));
    device.push_all(&world);
    let own = sign_in(&world.hub, world.now, "L01");
    assert_eq!(
        refused(world.hub.review(world.now, &own, task, 2, &Review::Pass)),
        DeskRefusal::OwnWork
    );
    must(must(world.hub.review(
        world.now,
        &world.desk,
        task,
        2,
        &Review::Pass,
    )));
}

/// C2: recalled while it was being done offline; nobody is blamed and one click restores it.
pub fn a_recalled_task_keeps_its_late_report<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.push(&world, []);
    let done_at = world.now + MINUTE;
    device.record(done_at, Lane::task(task), report(1));
    world.pass(DAY);
    must(must(world.hub.recall(
        world.now,
        &world.desk,
        task,
        1,
        "改派二号岗",
    )));
    let row = told(&device.push_all(&world), task);
    assert_eq!((row.status, row.late_report), (TaskStatus::Recalled, true));
    assert_eq!(row.reason.as_deref(), Some("改派二号岗"));
    let detail = world.task(task);
    assert_eq!(
        (detail.summary.late_report, detail.summary.done_at_ms),
        (true, None)
    );
    assert!(detail.reports[0].late && !detail.reports[0].supplement);
    let restored = must(must(world.hub.restore(
        world.now,
        &world.desk,
        task,
        detail.summary.revision,
    )));
    assert_eq!(
        (restored.summary.status, restored.summary.late_report),
        (TaskStatus::Submitted, false)
    );
    assert_eq!(
        restored.summary.done_at_ms,
        Some(done_at),
        "on time by effective time"
    );
    let expected = [
        "dispatch→assigned",
        "recall→recalled",
        "deliver→recalled",
        "late_report→recalled",
        "restore→submitted",
    ];
    assert_eq!(world.events(task), expected);
    assert_eq!(told(&device.push(&world, []), task).status, TaskStatus::Submitted);
}

/// A recall says why and ends with the task; a restore needs a late report.
pub fn a_recall_needs_a_live_task<S: HubStore>(store: S) {
    let world = World::over(store);
    let task = world.dispatch(world.worker);
    let empty = refused(world.hub.recall(world.now, &world.desk, task, 1, "  "));
    assert!(matches!(
        empty,
        DeskRefusal::Invalid {
            field: "reason_text",
            ..
        }
    ));
    must(must(world.hub.recall(world.now, &world.desk, task, 1, "改派")));
    let twice = refused(world.hub.recall(world.now, &world.desk, task, 2, "改派"));
    assert_eq!(
        twice,
        DeskRefusal::NotNow {
            status: TaskStatus::Recalled
        }
    );
    let nothing_late = refused(world.hub.restore(world.now, &world.desk, task, 2));
    assert_eq!(
        nothing_late,
        DeskRefusal::NotNow {
            status: TaskStatus::Recalled
        }
    );
}
