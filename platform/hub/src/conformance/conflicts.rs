//! The conflicts of domain §5, each under its number, as a whole: what the supervisor sees of it and what the worker's phone is
//! told. Minutes count from the dispatch.

use std::fmt::Write as _;

use grid_model::terms::{CountKind, Measure, RowKind};
use grid_model::{CaseId, Coded as _, Lane, TaskId};
use grid_wire::fact::{Counted, Report, UrgentStarted};
use grid_wire::{Fact, TaskRow, Verdict, decode};

use super::device::{Exchanged, FakeDevice, report};
use super::world::{DAY, MINUTE, START, World, draft};
use super::{must, refused, there};
use crate::HubStore;
use crate::views::{Record, Review};

pub(super) fn minutes(ms: i64) -> i64 {
    (ms - START) / MINUTE
}

pub(super) fn verdicts(answer: &Exchanged, seqs: impl IntoIterator<Item = u64>) -> String {
    let words = answer.verdicts(seqs).into_iter().map(|verdict| match verdict {
        Some(Verdict::Parked(reason)) => format!("sent back: {}", reason.name()),
        Some(verdict) => format!("{verdict:?}").to_lowercase(),
        None => "nothing".to_owned(),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The task as the supervisor sees it: standing, log, and every report with what became of it.
pub(super) fn desk<S: HubStore>(world: &World<S>, task: TaskId) -> String {
    let seen = world.task(task);
    let (head, mut text) = (&seen.summary, String::new());
    let done = head.done_at_ms.map(minutes);
    let _ = writeln!(
        text,
        "{} done {done:?} {}{}",
        head.status.name(),
        head.timeliness.name(),
        if head.late_report { " late report" } else { "" }
    );
    for line in &seen.log {
        let reason = line.reason_text.as_deref().unwrap_or_default();
        let at = minutes(line.occurred_at_ms);
        let moved = line.due_moved.map(|moved| {
            let (from, to) = (minutes(moved.from_ms), minutes(moved.to_ms));
            format!("due {from}→{to}")
        });
        let _ = writeln!(
            text,
            "{at} {}→{} {reason}{}",
            line.event.name(),
            line.to.name(),
            moved.unwrap_or_default()
        );
    }
    for report in &seen.reports {
        let mut said = format!("{} {}", report.author.name, report.fact.narrative);
        for measure in &report.fact.measures {
            let _ = write!(said, " {}", measure.name());
        }
        let _ = writeln!(
            text,
            "report v{} at {} by {said}{}{}",
            report.fact.version,
            minutes(report.occurred_at_ms),
            if report.supplement { ", supplement" } else { "" },
            if report.late { ", late" } else { "" }
        );
    }
    text
}

/// The task as this phone is told of it now, whether it knew already or not.
pub(super) fn told<S: HubStore>(world: &World<S>, device: &mut FakeDevice, task: TaskId) -> String {
    device.cursor = 0;
    let page = device.push(world, []).page;
    let row = page
        .rows
        .iter()
        .find(|row| row.kind == RowKind::Task && row.id == task.bytes());
    let row: TaskRow = must(decode(&there(row).body, "task row"));
    let kept = if row.late_report { ", own report kept" } else { "" };
    let reason = row.reason.as_deref().unwrap_or("no reason");
    let asked = row.extension.as_ref().map(|asked| {
        let answer = asked.answer.as_deref().unwrap_or_default();
        let (state, wanted) = (asked.state.name(), minutes(asked.wanted_due_ms));
        format!(", due {}, {wanted} {state} {answer}", minutes(row.due_at_ms))
    });
    format!(
        "{} because {reason}{kept}, covers {}{}",
        row.status.name(),
        row.covers().0,
        asked.unwrap_or_default()
    )
}

pub(super) fn said(narrative: &str) -> Fact {
    match report(1) {
        Fact::ReportSubmitted(report) => Fact::ReportSubmitted(Report {
            narrative: narrative.to_owned(),
            ..report
        }),
        other => other,
    }
}

#[track_caller]
pub(super) fn golden(found: &str, expected: &str) {
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(lines(found), lines(expected), "the whole is now:\n{found}");
}

/// C1: the same record twice is one; other bytes under its number are kept beside it, and both can be read.
pub fn c1_the_same_record_twice_and_another_under_its_number<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let counted = |value| {
        Fact::Counted(Counted {
            count_kind: CountKind::Rescued,
            value,
            post: "DL-01".to_owned(),
            patrol: None,
            reason: None,
        })
    };
    device.record(world.now, Lane::loose_counts(device.id), counted(3));
    let mut text = verdicts(&device.push_all(&world), [1]) + "\n";
    world.pass(MINUTE);
    text += &(verdicts(&device.push_all(&world), [1]) + "\n");
    // A copy of the vault went its own way.
    let mut twin = FakeDevice::with_seed(1);
    twin.incarnation = device.incarnation;
    twin.record(world.now, Lane::loose_counts(twin.id), counted(5));
    for _ in 0..2 {
        text += &(verdicts(&twin.push_all(&world), [1]) + "\n");
    }
    let shown = |record: &Record| match record.body.as_ref().map(|body| &body.fact) {
        Some(Fact::Counted(counted)) => format!(
            "{} of {} received at {} {}",
            counted.value,
            record.job_no,
            minutes(record.received_at_ms),
            record.parked.map_or("stands".into(), |reason| reason.name())
        ),
        other => format!("{other:?}"),
    };
    for conflict in must(world.hub.conflicts(world.now, &world.desk, 0, 10)).items {
        let first = there(conflict.first.as_ref());
        let _ = writeln!(text, "{} | {}", shown(first), shown(&conflict.second));
    }
    let totals = must(world.hub.count_totals(&world.desk, crate::views::Period::ALWAYS));
    let _ = writeln!(text, "total {}", totals[0].total);
    golden(
        &text,
        "accepted
         duplicate
         sent back: conflict
         sent back: conflict
         3 of W01 received at 0 stands | 5 of W01 received at 1 conflict
         total 3",
    );
}

/// C2: recalled while it was done offline. The report is kept, the dispatcher is told and restores it with one click; nobody
/// is late.
pub fn c2_recalled_while_it_was_done_offline<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.push(&world, []);
    device.record(world.now + 30 * MINUTE, Lane::task(task), said("杂物已当场清走"));
    world.pass(60 * MINUTE);
    let recall = world.hub.recall(world.now, &world.desk, task, 1, "改派二号岗");
    must(must(recall));
    world.pass(9 * DAY);
    let mut text = verdicts(&device.push_all(&world), [1]) + "\n";
    text += &(told(&world, &mut device, task) + "\n" + &desk(&world, task));
    let revision = world.revision(task);
    must(must(world.hub.restore(world.now, &world.desk, task, revision)));
    text += &(told(&world, &mut device, task) + "\n" + &desk(&world, task));
    golden(
        &text,
        "accepted
         recalled because 改派二号岗, own report kept, covers 1
         recalled done None stopped late report
         0 dispatch→assigned
         60 recall→recalled 改派二号岗
         13020 deliver→recalled
         30 late_report→recalled
         report v1 at 30 by 角色W01 杂物已当场清走, late
         submitted because no reason, covers 1
         submitted done Some(30) on_time
         0 dispatch→assigned
         60 recall→recalled 改派二号岗
         13020 deliver→recalled
         30 late_report→recalled
         13020 restore→submitted
         report v1 at 30 by 角色W01 杂物已当场清走, late",
    );
}

/// C3: two phones report the same work. Both words are kept; who did it first leads, whoever was heard first.
pub fn c3_two_phones_report_the_same_work<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mut one, mut two) = (world.enrol("W01"), world.enrol("W01"));
    let task = world.dispatch(world.worker);
    one.record(world.now + 50 * MINUTE, Lane::task(task), said("下午清走"));
    two.record(world.now + 20 * MINUTE, Lane::task(task), said("上午已清走"));
    world.pass(60 * MINUTE);
    let mut text = verdicts(&one.push_all(&world), [1]) + "\n";
    text += &desk(&world, task);
    text += &(verdicts(&two.push_all(&world), [1]) + "\n");
    text += &desk(&world, task);
    let _ = writeln!(text, "one: {}", told(&world, &mut one, task));
    let _ = writeln!(text, "two: {}", told(&world, &mut two, task));
    // What the losing phone says further stays beside; what the leading one says amends it.
    one.record(world.now, Lane::task(task), said("补一句"));
    one.push(&world, [2]);
    two.record(world.now, Lane::task(task), said("再补一句"));
    two.push(&world, [2]);
    text += &desk(&world, task);
    golden(
        &text,
        "accepted
         submitted done Some(50) on_time
         0 dispatch→assigned
         50 submit→submitted
         report v1 at 50 by 角色W01 下午清走
         accepted
         submitted done Some(20) on_time
         0 dispatch→assigned
         50 submit→submitted
         20 submit→submitted
         report v1 at 50 by 角色W01 下午清走, supplement
         report v1 at 20 by 角色W01 上午已清走
         one: submitted because no reason, own report kept, covers 1
         two: submitted because no reason, covers 1
         submitted done Some(20) on_time
         0 dispatch→assigned
         50 submit→submitted
         20 submit→submitted
         60 deliver→submitted
         60 amend→submitted
         60 amend→submitted
         report v1 at 50 by 角色W01 下午清走, supplement
         report v1 at 20 by 角色W01 上午已清走
         report v1 at 60 by 角色W01 补一句, supplement
         report v1 at 60 by 角色W01 再补一句",
    );
}

/// C4: decided meanwhile. The report is kept as a supplement; the decision stands and the worker is told.
pub fn c4_decided_while_a_report_was_on_its_way<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    device.record(world.now + 10 * MINUTE, Lane::task(task), said("已清走"));
    world.pass(20 * MINUTE);
    device.push_all(&world);
    let mut text = told(&world, &mut device, task) + "\n";
    let revision = world.revision(task);
    let review = world
        .hub
        .review(world.now, &world.desk, task, revision, &Review::Pass);
    must(must(review));
    device.record(world.now, Lane::task(task), said("住户又补交了一张承诺书"));
    text += &(verdicts(&device.push(&world, [2]), [2]) + "\n");
    text += &(told(&world, &mut device, task) + "\n" + &desk(&world, task));
    golden(
        &text,
        "submitted because no reason, covers 1
         accepted
         closed because no reason, own report kept, covers 2
         closed done Some(10) on_time
         0 dispatch→assigned
         10 submit→submitted
         20 review_pass→closed
         20 deliver→closed
         20 amend→closed
         report v1 at 10 by 角色W01 已清走
         report v1 at 20 by 角色W01 住户又补交了一张承诺书, supplement",
    );
}

/// C5: the code table changed. A code that nobody here knows is taken, kept and shown as it is, beside one that is known.
pub fn c5_a_code_that_is_not_known_here_is_kept_as_it_is<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let of_tomorrow = match said("按新办法处理") {
        Fact::ReportSubmitted(report) => Fact::ReportSubmitted(Report {
            measures: vec![Measure::Cleaned, Measure::Unknown(4_711)],
            ..report
        }),
        other => other,
    };
    device.record(world.now, Lane::task(task), of_tomorrow);
    let mut text = verdicts(&device.push_all(&world), [1]) + "\n";
    text += &(told(&world, &mut device, task) + "\n" + &desk(&world, task));
    let exported = must(world.hub.records(world.now, &world.desk, 0, 10))
        .items
        .remove(0);
    let _ = writeln!(text, "the same bytes: {}", exported.entry == device.log[0]);
    golden(
        &text,
        "accepted
         submitted because no reason, covers 1
         submitted done Some(0) on_time
         0 dispatch→assigned
         0 submit→submitted
         report v1 at 0 by 角色W01 按新办法处理 cleaned code_4711
         the same bytes: true",
    );
}

/// C6: the holder left his post. What he did while it lasted counts, whenever it arrives; what came after is kept and waits
/// for a person, and a call for help waits for nobody.
pub fn c6_the_holder_left_his_post<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let tasks = [(); 2].map(|()| world.dispatch(world.worker));
    device.record(
        world.now + 10 * MINUTE,
        Lane::task(tasks[0]),
        said("离岗前已清走"),
    );
    device.record(world.now + 30 * MINUTE, Lane::task(tasks[1]), said("离岗后才去"));
    let urgent = CaseId([6; 16]);
    let started = UrgentStarted {
        title: String::new(),
        place_text: "前滩".to_owned(),
        point: None,
    };
    device.record(
        world.now + 40 * MINUTE,
        Lane::urgent(urgent),
        Fact::UrgentStarted(started),
    );
    let until_ms = world.now + 20 * MINUTE;
    must(must(world.hub.end_posting("W01", Some(until_ms))));
    world.pass(DAY);
    let mut text = verdicts(&device.push_all(&world), 1..=3) + "\n";
    text += &(desk(&world, tasks[0]) + &desk(&world, tasks[1]));
    let parked = must(world.hub.records(world.now, &world.desk, 0, 10)).items;
    let parked = parked
        .iter()
        .filter_map(|record| match record.body.as_ref().map(|body| &body.fact) {
            Some(Fact::ReportSubmitted(report)) => Some((record.parked?, &report.narrative)),
            _ => None,
        });
    for (reason, narrative) in parked {
        let _ = writeln!(text, "{} {narrative}", reason.name());
    }
    let refusal = refused(world.hub.dispatch(world.now, &world.desk, &draft(world.worker)));
    let _ = writeln!(text, "{refusal:?}");
    golden(
        &text,
        "accepted, sent back: posting_ended, accepted
         submitted done Some(10) on_time
         0 dispatch→assigned
         10 submit→submitted
         report v1 at 10 by 角色W01 离岗前已清走
         assigned done None open
         0 dispatch→assigned
         posting_ended 离岗后才去
         Invalid { field: \"holder_id\", detail: \"has left the post\" }",
    );
}
