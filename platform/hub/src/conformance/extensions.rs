//! C7 of domain §5: a request for more time counts by when it was made. What the supervisor sees of it and what the worker's
//! phone is told. Minutes count from the dispatch; the task is due after 8040.

use std::fmt::Write as _;

use grid_model::terms::Role;
use grid_model::time::Stamp;
use grid_model::{Coded as _, Lane, TaskId};
use grid_wire::Fact;
use grid_wire::fact::ExtensionRequested;

use super::conflicts::{desk, golden, minutes, said, told, verdicts};
use super::device::FakeDevice;
use super::world::{DAY, MINUTE, START, World, person, sign_in};
use super::{must, refused};
use crate::HubStore;
use crate::views::{ExtensionAnswer, PageAsk, Review};

const DUE: i64 = START + 8_040 * MINUTE;
const GRANT: ExtensionAnswer = ExtensionAnswer::Grant { due_at_ms: None };

fn asks(until_ms: i64, reason: &str) -> Fact {
    Fact::ExtensionRequested(ExtensionRequested {
        wanted_due_ms: until_ms,
        reason: reason.to_owned(),
    })
}

fn ask(device: &mut FakeDevice, at_ms: i64, task: TaskId, until_ms: i64, reason: &str) {
    device.record(at_ms, Lane::task(task), asks(until_ms, reason));
}

/// What the desk sees of a task, its light, when it is due, and every request for more time.
fn seen<S: HubStore>(world: &World<S>, task: TaskId) -> String {
    let head = world.task(task).summary;
    let mut text = format!("{:?}, due {}\n", head.light, minutes(head.due_at_ms)) + &desk(world, task);
    for asked in world.task(task).extensions {
        let _ = write!(
            text,
            "{} asked at {} for {}, then due {}: {}",
            asked.reason,
            minutes(asked.occurred_at_ms),
            minutes(asked.wanted_due_ms),
            minutes(asked.due_then_ms),
            asked.state.name()
        );
        if let (Some(by), Some(at_ms)) = (asked.decided_by, asked.decided_at_ms) {
            let given = asked.given_due_ms.map(minutes);
            let _ = write!(text, " by {} at {}, {given:?}", by.name, minutes(at_ms));
        }
        text.push('\n');
    }
    text
}

fn answer<S: HubStore>(world: &World<S>, task: TaskId, answer: &ExtensionAnswer) {
    let revision = world.revision(task);
    let answered = world
        .hub
        .answer_extension(world.now, &world.desk, task, revision, answer);
    must(must(answered));
}

fn waiting<S: HubStore>(world: &World<S>) -> u64 {
    let waiting = must(
        world
            .hub
            .waiting_extensions(world.now, &world.desk, PageAsk::default()),
    );
    assert_eq!(waiting.total, waiting.items.len() as u64);
    assert!(waiting.items.iter().all(|row| row.task.extension_waits));
    waiting.total
}

/// C7 (a): asked in time, heard in time. Granted, the due time moves and the old one is kept.
pub fn c7_asked_in_time_and_heard_in_time<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    ask(&mut device, world.now + 30 * MINUTE, task, DUE + DAY, "住户外出");
    world.pass(60 * MINUTE);
    let mut text = verdicts(&device.push_all(&world), [1]) + "\n";
    let _ = writeln!(text, "{} waits", waiting(&world));
    text += &(told(&world, &mut device, task) + "\n");
    let revision = world.revision(task);
    let earlier = ExtensionAnswer::Grant { due_at_ms: Some(DUE) };
    let empty = ExtensionAnswer::Refuse {
        reason: " ".to_owned(),
    };
    for bad in [earlier, empty] {
        let outcome = world
            .hub
            .answer_extension(world.now, &world.desk, task, revision, &bad);
        let _ = writeln!(text, "{:?}", refused(outcome));
    }
    answer(&world, task, &GRANT);
    let _ = writeln!(text, "{} waits", waiting(&world));
    text += &(told(&world, &mut device, task) + "\n");
    text += &(told(&world, &mut device, task) + "\n" + &seen(&world, task));
    golden(
        &text,
        "accepted
         1 waits
         assigned because no reason, covers 1, due 8040, 9480 pending
         Invalid { field: \"due_at\", detail: \"is no later than it is due now\" }
         Invalid { field: \"reason_text\", detail: \"is empty\" }
         0 waits
         assigned because no reason, covers 1, due 9480, 9480 granted
         assigned because no reason, covers 1, due 9480, 9480 granted
         Green, due 9480
         assigned done None open
         0 dispatch→assigned
         30 request_extension→assigned 住户外出
         60 grant_extension→assigned due 8040→9480
         住户外出 asked at 30 for 9480, then due 8040: granted by 角色D01 at 60, Some(9480)",
    );
}

/// C7: more time is given once. A second time only the head of the station gives it, and he may give less than was asked for.
pub fn c7_a_second_time_needs_the_head<S: HubStore>(store: S) {
    let mut world = World::over(store);
    must(must(world.hub.create_worker(
        START,
        &person(world.org, "L01", Role::StationLeader),
    )));
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    ask(&mut device, START, task, DUE + DAY, "住户外出");
    device.push_all(&world);
    answer(&world, task, &GRANT);
    ask(&mut device, world.now, task, DUE + 2 * DAY, "住户仍未回来");
    device.push(&world, [2]);
    let revision = world.revision(task);
    let outcome = world
        .hub
        .answer_extension(world.now, &world.desk, task, revision, &GRANT);
    let refusal = refused(outcome);
    let head = sign_in(&world.hub, world.now, "L01");
    let half = ExtensionAnswer::Grant {
        due_at_ms: Some(DUE + DAY + 720 * MINUTE),
    };
    must(must(
        world
            .hub
            .answer_extension(world.now, &head, task, revision, &half),
    ));
    let text = format!("{:?}\n", refusal) + &told(&world, &mut device, task) + "\n" + &seen(&world, task);
    golden(
        &text,
        "NeedsHead
         assigned because no reason, covers 2, due 10200, 10920 granted
         Green, due 10200
         assigned done None open
         0 dispatch→assigned
         0 request_extension→assigned 住户外出
         0 grant_extension→assigned due 8040→9480
         0 deliver→assigned
         0 request_extension→assigned 住户仍未回来
         0 grant_extension→assigned due 9480→10200
         住户外出 asked at 0 for 9480, then due 8040: granted by 角色D01 at 0, Some(9480)
         住户仍未回来 asked at 0 for 10920, then due 9480: granted by 角色L01 at 0, Some(10200)",
    );
}

/// C7 (b): asked in time, heard after the due time. It is judged as timely; the task was shown as overdue and is so no more,
/// and the log says that. Refused, the old due time stands.
pub fn c7_asked_in_time_and_heard_after_the_due_time<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let tasks = [(); 2].map(|()| world.dispatch(world.worker));
    for task in tasks {
        ask(&mut device, DUE - MINUTE, task, DUE + 3 * DAY, "物业还没答复");
    }
    world.pass(DUE + 2 * DAY - START);
    let mut text = seen(&world, tasks[0]);
    text += &(verdicts(&device.push_all(&world), [1, 2]) + "\n");
    let _ = writeln!(text, "{} wait", waiting(&world));
    text += &seen(&world, tasks[0]);
    let no = ExtensionAnswer::Refuse {
        reason: "请今天办完".to_owned(),
    };
    answer(&world, tasks[0], &no);
    answer(&world, tasks[1], &GRANT);
    for task in tasks {
        text += &(told(&world, &mut device, task) + "\n" + &seen(&world, task));
    }
    golden(
        &text,
        "Red, due 8040
         assigned done None open
         0 dispatch→assigned
         accepted, accepted
         2 wait
         Yellow, due 8040
         assigned done None open
         0 dispatch→assigned
         8039 request_extension→assigned 物业还没答复
         10920 withdraw_overdue→assigned
         物业还没答复 asked at 8039 for 12360, then due 8040: pending
         assigned because no reason, covers 1, due 8040, 12360 refused 请今天办完
         Red, due 8040
         assigned done None open
         0 dispatch→assigned
         8039 request_extension→assigned 物业还没答复
         10920 withdraw_overdue→assigned
         10920 refuse_extension→assigned 请今天办完
         物业还没答复 asked at 8039 for 12360, then due 8040: refused by 角色D01 at 10920, None
         assigned because no reason, covers 2, due 12360, 12360 granted
         Yellow, due 12360
         assigned done None open
         0 dispatch→assigned
         8039 request_extension→assigned 物业还没答复
         10920 withdraw_overdue→assigned
         10920 grant_extension→assigned due 8040→12360
         物业还没答复 asked at 8039 for 12360, then due 8040: granted by 角色D01 at 10920, Some(12360)",
    );
}

/// C7: another phone of the holder had told of the work before, done too late as it seemed. What was asked in time, and is heard
/// behind it, leaves that open until it is answered.
pub fn c7_heard_behind_the_report_of_another_phone<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mut device, mut other) = (world.enrol("W01"), world.enrol("W01"));
    let task = world.dispatch(world.worker);
    other.record(DUE + MINUTE, Lane::task(task), said("已清走"));
    ask(&mut device, DUE - MINUTE, task, DUE + DAY, "要等一天");
    world.now = DUE + DAY;
    other.push_all(&world);
    let mut text = format!("{}\n", world.task(task).summary.timeliness.name());
    device.push_all(&world);
    text += &seen(&world, task);
    golden(
        &text,
        "overdue
         Done, due 8040
         submitted done Some(8041) undecided
         0 dispatch→assigned
         8041 submit→submitted
         8039 request_extension→submitted 要等一天
         9480 withdraw_overdue→submitted
         report v1 at 8041 by 角色W01 已清走
         要等一天 asked at 8039 for 9480, then due 8040: pending",
    );
}

/// C7 (c): asked late, by even the earliest moment. It is kept, both sides can read it, and it moves nothing.
pub fn c7_asked_late<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    ask(&mut device, DUE + MINUTE, task, DUE + DAY, "忘了申请");
    world.pass(DUE + 60 * MINUTE - START);
    let mut text = verdicts(&device.push_all(&world), [1]) + "\n";
    let _ = writeln!(text, "{} waits", waiting(&world));
    let revision = world.revision(task);
    let outcome = world
        .hub
        .answer_extension(world.now, &world.desk, task, revision, &GRANT);
    let _ = writeln!(text, "{:?}", refused(outcome));
    text += &(told(&world, &mut device, task) + "\n" + &seen(&world, task));
    // Without an anchor a wall clock may be five minutes off: that one may have asked in time.
    let (mut unsure, task) = (world.enrol("W01"), world.dispatch(world.worker));
    let due_at_ms = world.task(task).summary.due_at_ms;
    for minutes in [4, 6] {
        let stamp = Stamp {
            wall_ms: due_at_ms + minutes * MINUTE,
            mono_ms: 0,
            boot: 3,
            anchor: None,
        };
        unsure.record_by(stamp, Lane::task(task), asks(due_at_ms + DAY, "没信号"));
    }
    world.now = due_at_ms + DAY;
    unsure.push_all(&world);
    let states = world.task(task).extensions.into_iter().map(|asked| asked.state);
    let _ = writeln!(text, "{:?}", states.collect::<Vec<_>>());
    golden(
        &text,
        "accepted
         0 waits
         NotNow { status: Assigned }
         assigned because no reason, covers 1, due 8040, 9480 late
         Red, due 8040
         assigned done None open
         0 dispatch→assigned
         8041 late_extension→assigned 忘了申请
         忘了申请 asked at 8041 for 9480, then due 8040: late
         [Pending, Late]",
    );
}

/// C7 (d): granted while the phone was offline, which did the work meanwhile. Done by the new due time it is in time, whether
/// the answer or the report was first.
pub fn c7_done_offline_before_the_answer_was_known<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let tasks = [(); 2].map(|()| world.dispatch(world.worker));
    for task in tasks {
        ask(&mut device, DUE - 60 * MINUTE, task, DUE + DAY, "住户外出");
    }
    world.pass(DUE - 30 * MINUTE - START);
    device.push_all(&world);
    answer(&world, tasks[0], &GRANT);
    for task in tasks {
        device.record(DUE + 600 * MINUTE, Lane::task(task), said("已清走"));
    }
    world.pass(2 * DAY);
    let mut text = verdicts(&device.push(&world, [3, 4]), [3, 4]) + "\n";
    text += &(told(&world, &mut device, tasks[0]) + "\n" + &seen(&world, tasks[0]));
    // Closed before the request was answered: the answer still settles whether it was in time.
    let _ = writeln!(text, "{}", world.task(tasks[1]).summary.timeliness.name());
    let revision = world.revision(tasks[1]);
    let review = world
        .hub
        .review(world.now, &world.desk, tasks[1], revision, &Review::Pass);
    must(must(review));
    let _ = writeln!(text, "{} waits", waiting(&world));
    answer(&world, tasks[1], &GRANT);
    text += &(told(&world, &mut device, tasks[1]) + "\n" + &seen(&world, tasks[1]));
    golden(
        &text,
        "accepted, accepted
         submitted because no reason, covers 3, due 9480, 9480 granted
         Done, due 9480
         submitted done Some(8640) on_time
         0 dispatch→assigned
         7980 request_extension→assigned 住户外出
         8010 grant_extension→assigned due 8040→9480
         10890 deliver→assigned
         8640 submit→submitted
         report v1 at 8640 by 角色W01 已清走
         住户外出 asked at 7980 for 9480, then due 8040: granted by 角色D01 at 8010, Some(9480)
         undecided
         1 waits
         closed because no reason, covers 4, due 9480, 9480 granted
         Done, due 9480
         closed done Some(8640) on_time
         0 dispatch→assigned
         7980 request_extension→assigned 住户外出
         10890 deliver→assigned
         8640 submit→submitted
         10890 review_pass→closed
         10890 grant_extension→closed due 8040→9480
         report v1 at 8640 by 角色W01 已清走
         住户外出 asked at 7980 for 9480, then due 8040: granted by 角色D01 at 10890, Some(9480)",
    );
}

/// C7 (e): two requests wait. Both are kept; the one that was made last counts, whoever was heard first.
pub fn c7_two_requests_wait<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mut one, mut two) = (world.enrol("W01"), world.enrol("W01"));
    let task = world.dispatch(world.worker);
    ask(&mut one, START + 50 * MINUTE, task, DUE + 2 * DAY, "要等两天");
    ask(&mut two, START + 20 * MINUTE, task, DUE + DAY, "要等一天");
    world.pass(60 * MINUTE);
    one.push_all(&world);
    two.push_all(&world);
    let mut text = format!("{} waits\n", waiting(&world));
    text += &(told(&world, &mut two, task) + "\n");
    ask(&mut one, START + 90 * MINUTE, task, DUE + 3 * DAY, "要等三天");
    world.pass(60 * MINUTE);
    one.push(&world, [2]);
    let _ = writeln!(text, "{} waits", waiting(&world));
    answer(&world, task, &GRANT);
    text += &(told(&world, &mut one, task) + "\n" + &told(&world, &mut two, task) + "\n");
    // Another one, that asks for less than is given by now.
    ask(&mut two, START + 100 * MINUTE, task, DUE + DAY, "再等一天");
    text += &(verdicts(&two.push(&world, [2]), [2]) + "\n");
    let _ = writeln!(text, "{} waits", waiting(&world));
    text += &seen(&world, task);
    golden(
        &text,
        "1 waits
         assigned because no reason, covers 1, due 8040, 10920 pending
         1 waits
         assigned because no reason, covers 2, due 12360, 12360 granted
         assigned because no reason, covers 1, due 12360, 12360 granted
         accepted
         0 waits
         Green, due 12360
         assigned done None open
         0 dispatch→assigned
         50 request_extension→assigned 要等两天
         20 request_extension→assigned 要等一天
         120 deliver→assigned
         90 request_extension→assigned 要等三天
         120 grant_extension→assigned due 8040→12360
         100 request_extension→assigned 再等一天
         要等两天 asked at 50 for 10920, then due 8040: superseded
         要等一天 asked at 20 for 9480, then due 8040: superseded
         要等三天 asked at 90 for 12360, then due 8040: granted by 角色D01 at 120, Some(12360)
         再等一天 asked at 100 for 9480, then due 8040: superseded",
    );
}

/// C7 meets C2: a task that was called back waits for no answer; restored, it waits again.
pub fn c7_a_recalled_task_waits_for_no_answer<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    ask(&mut device, DUE - MINUTE, task, DUE + DAY, "要等一天");
    device.record(DUE + MINUTE, Lane::task(task), said("已清走"));
    must(must(world.hub.recall(world.now, &world.desk, task, 1, "改派")));
    world.now = DUE + DAY;
    let mut text = verdicts(&device.push_all(&world), [1, 2]) + "\n";
    let _ = writeln!(text, "{} waits", waiting(&world));
    let revision = world.revision(task);
    must(must(world.hub.restore(world.now, &world.desk, task, revision)));
    let _ = writeln!(text, "{} waits", waiting(&world));
    text += &seen(&world, task);
    answer(&world, task, &GRANT);
    let _ = writeln!(text, "{}", world.task(task).summary.timeliness.name());
    golden(
        &text,
        "accepted, accepted
         0 waits
         1 waits
         Done, due 8040
         submitted done Some(8041) undecided
         0 dispatch→assigned
         0 recall→recalled 改派
         8039 request_extension→recalled 要等一天
         8041 late_report→recalled
         9480 restore→submitted
         report v1 at 8041 by 角色W01 已清走, late
         要等一天 asked at 8039 for 9480, then due 8040: pending
         on_time",
    );
}

/// C7: what was done in time needs no answer; the request leaves the queue when the matter is closed.
pub fn c7_work_that_was_in_time_needs_no_answer<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    ask(&mut device, START, task, DUE + DAY, "要等一天");
    device.record(DUE - MINUTE, Lane::task(task), said("已清走"));
    world.now = DUE + DAY;
    device.push_all(&world);
    let mut text = format!("{} waits\n", waiting(&world));
    let revision = world.revision(task);
    let review = world
        .hub
        .review(world.now, &world.desk, task, revision, &Review::Pass);
    must(must(review));
    let _ = writeln!(text, "{} waits", waiting(&world));
    text += &seen(&world, task);
    golden(
        &text,
        "1 waits
         0 waits
         Done, due 8040
         closed done Some(8039) on_time
         0 dispatch→assigned
         0 request_extension→assigned 要等一天
         9480 withdraw_overdue→assigned
         8039 submit→submitted
         9480 review_pass→closed
         report v1 at 8039 by 角色W01 已清走
         要等一天 asked at 0 for 9480, then due 8040: superseded",
    );
}

/// C7: a request that waits spares a task up to the time that it wants, and no longer. The answer may still give more.
pub fn c7_past_even_the_time_that_is_wanted<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let tasks = [(); 2].map(|()| world.dispatch(world.worker));
    for task in tasks {
        ask(&mut device, DUE - MINUTE, task, DUE + DAY, "要等一天");
    }
    device.push_all(&world);
    let mut text = String::new();
    for days in [0, 1] {
        world.now = DUE + days * DAY + MINUTE;
        let _ = writeln!(text, "{:?}", world.task(tasks[0]).summary.light);
    }
    device.record(DUE + 2 * DAY, Lane::task(tasks[1]), said("已清走"));
    world.now = DUE + 2 * DAY;
    device.push(&world, [3]);
    let _ = writeln!(text, "{}", world.task(tasks[1]).summary.timeliness.name());
    let given = ExtensionAnswer::Grant {
        due_at_ms: Some(DUE + 3 * DAY),
    };
    for task in tasks {
        answer(&world, task, &given);
    }
    let [open, done] = tasks.map(|task| world.task(task).summary);
    let _ = writeln!(text, "{:?}, {}", open.light, done.timeliness.name());
    golden(
        &text,
        "Yellow
         Red
         overdue
         Yellow, on_time",
    );
}
