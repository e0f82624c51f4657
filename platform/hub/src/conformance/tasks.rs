//! Task facts and the conflicts C1 to C4.

use grid_model::terms::ParkReason;
use grid_model::time::{ClockQuality, Stamp};
use grid_model::{Lane, TaskId, TaskStatus};
use grid_wire::{Fact, Verdict};

use super::device::report;
use super::must;
use super::world::{DAY, MINUTE, World};
use crate::store::{StoredTask, TaskRead as _, TaskWrite as _};
use crate::views::{Review, Timeliness};
use crate::{HubError, HubStore};

/// A holder who just does the work has accepted it and was there; an amendment changes nothing but the report.
pub fn submitting_implies_accepting_and_arriving<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let done_at = world.now + 30 * MINUTE;
    device.record(done_at, Lane::task(task), report(1));
    device.record(done_at + MINUTE, Lane::task(task), report(2));
    world.pass(2 * DAY);
    device.push_all(&world);
    let detail = world.task(task);
    assert_eq!(detail.summary.status, TaskStatus::Submitted);
    // The work counts from when it was done, not from when it arrived.
    assert_eq!(detail.summary.done_at_ms, Some(done_at));
    assert_eq!(detail.summary.done_clock, Some(ClockQuality::Anchored));
    assert!(
        detail
            .reports
            .iter()
            .all(|report| !report.late && !report.supplement)
    );
    assert_eq!(detail.log[1].received_at_ms, world.now);
    assert_eq!(
        world.events(task),
        ["dispatch→assigned", "submit→submitted", "amend→submitted"]
    );
}

/// An accept that travelled behind a recall is a line in the log.
pub fn a_late_accept_is_logged_and_moves_nothing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    must(must(world.hub.recall(
        world.now,
        &world.desk,
        task,
        1,
        "改派二号岗",
    )));
    let answer = device.push_all(&world);
    assert_eq!(answer.verdicts([1]), [Some(Verdict::Accepted)]);
    assert_eq!(
        world.events(task),
        ["dispatch→assigned", "recall→recalled", "accept→recalled"]
    );
    assert!(!world.task(task).summary.late_report);
}

/// C4: what was decided already keeps the report beside it.
pub fn a_report_behind_the_decision_is_a_supplement<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now, Lane::task(task), report(1));
    device.push_all(&world);
    let revision = world.revision(task);
    must(must(world.hub.review(
        world.now,
        &world.desk,
        task,
        revision,
        &Review::Pass,
    )));
    device.record(world.now, Lane::task(task), report(2));
    device.push(&world, [2]);
    let detail = world.task(task);
    assert_eq!(detail.summary.status, TaskStatus::Closed);
    let supplements: Vec<_> = detail.reports.iter().map(|report| report.supplement).collect();
    assert_eq!(supplements, [false, true]);
}

/// Neither on time nor overdue until a person confirms.
pub fn a_suspect_time_is_undecided<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let ahead = Stamp {
        wall_ms: world.now + DAY,
        mono_ms: 0,
        boot: 3,
        anchor: None,
    };
    device.record_by(ahead, Lane::task(task), report(1));
    device.push_all(&world);
    let detail = world.task(task);
    assert_eq!(
        (detail.summary.status, detail.summary.done_at_ms),
        (TaskStatus::Submitted, None)
    );
    assert_eq!(detail.summary.done_clock, Some(ClockQuality::Suspect));
    assert_eq!(detail.summary.timeliness, Timeliness::Undecided);
    assert_eq!(detail.reports[0].occurred_at_ms, world.now + DAY);
}

/// Overdue is who was late by even the earliest moment that the evidence allows (domain §6.4).
pub fn only_work_that_is_past_due_by_its_earliest_moment_is_overdue<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let tasks = [(); 4].map(|()| world.dispatch(world.worker));
    let due_at_ms = world.task(tasks[0]).summary.due_at_ms;
    assert_eq!(world.task(tasks[0]).summary.timeliness, Timeliness::Open);
    // Without an anchor a wall clock may be five minutes off.
    let inherited = |wall_ms| Stamp {
        wall_ms,
        mono_ms: 0,
        boot: 3,
        anchor: None,
    };
    device.record_by(inherited(due_at_ms + 4 * MINUTE), Lane::task(tasks[0]), report(1));
    device.record_by(inherited(due_at_ms + 6 * MINUTE), Lane::task(tasks[1]), report(1));
    device.record(due_at_ms, Lane::task(tasks[2]), report(1));
    device.record(due_at_ms + 1, Lane::task(tasks[3]), report(1));
    // Arriving late makes nobody late.
    world.now = due_at_ms + 9 * DAY;
    device.push_all(&world);
    let told = tasks.map(|task| world.task(task).summary.timeliness);
    let (on_time, overdue) = (Timeliness::OnTime, Timeliness::Overdue);
    assert_eq!(told, [on_time, overdue, on_time, overdue]);
}

/// Kept, with a reason the worker can read.
pub fn unknown_tasks_and_other_holders_are_parked<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let theirs = world.dispatch(world.other);
    device.record(world.now, Lane::task(theirs), Fact::TaskAccepted);
    device.record(world.now, Lane::task(TaskId([1; 16])), report(1));
    let answer = device.push_all(&world);
    let expected =
        [ParkReason::NotHolder, ParkReason::UnknownTask].map(|reason| Some(Verdict::Parked(reason)));
    assert_eq!(answer.verdicts([1, 2]), expected);
    assert_eq!(world.events(theirs), ["dispatch→assigned"]);
    assert_eq!(
        must(world.hub.records(world.now, &world.desk, 0, 10)).items.len(),
        2
    );
}

/// What was missing may be here by the time the worker offers the change again; its facts then count as of when they were.
pub fn a_parked_change_is_judged_again<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let (known, task) = (world.dispatch(world.worker), TaskId([1; 16]));
    device.record(world.now, Lane::task(task), Fact::TaskAccepted);
    let parked = [Some(Verdict::Parked(ParkReason::UnknownTask))];
    assert_eq!(device.push_all(&world).verdicts([1]), parked);
    assert_eq!(device.push_all(&world).verdicts([1]), parked);
    let arrived = world.hub.store().write(|tx| {
        let like = tx.task(known)?.ok_or(HubError::Bug("no task"))?;
        tx.add_task(&StoredTask {
            id: task,
            no: "DL-2026-9999".to_owned(),
            ..like
        })
    });
    must(arrived);
    world.pass(1_000);
    assert_eq!(device.push_all(&world).verdicts([1]), [Some(Verdict::Accepted)]);
    assert_eq!(device.push_all(&world).verdicts([1]), [Some(Verdict::Duplicate)]);
    assert_eq!(
        world.events(task).last().map(String::as_str),
        Some("accept→accepted")
    );
}
