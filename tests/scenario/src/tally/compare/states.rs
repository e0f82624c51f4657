//! What the platform made of the records: how tasks stand, and what the counts add up to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::ledger::{Group, Line};
use super::super::received::{Received, ReceivedTask};
use super::super::{ExpectedTask, Tally, Total};
use super::number;

/// One line for all tasks, and one for each state that tasks of the plan must have.
pub(super) fn tasks(tally: &Tally, received: &Received) -> Vec<Line> {
    let platform_no = |task: &ExpectedTask| received.task_names.get(&task.no).unwrap_or(&task.no).clone();
    let mut shown: BTreeMap<&str, Vec<&ReceivedTask>> = BTreeMap::new();
    for task in &received.tasks {
        shown.entry(task.no.as_str()).or_default().push(task);
    }
    let planned: BTreeSet<String> = tally.tasks.iter().map(platform_no).collect();
    let doubled: usize = shown.values().map(|tasks| tasks.len() - 1).sum();
    let strays: Vec<&&str> = shown.keys().filter(|no| !planned.contains(**no)).collect();
    let mut missing = 0;
    let mut states: BTreeMap<String, (i64, i64, Vec<String>)> = BTreeMap::new();
    for task in &tally.tasks {
        let found = shown
            .get(platform_no(task).as_str())
            .and_then(|tasks| tasks.first());
        missing += i64::from(found.is_none());
        let (recorded, right, wrong) = states.entry(state(&task.status, task.late_report)).or_default();
        *recorded += 1;
        match fault(task, found.copied()) {
            None => *right += 1,
            Some(fault) => wrong.push(fault),
        }
    }
    let stray = strays
        .first()
        .map(|no| format!("多 unexpected, e.g. {no}"))
        .unwrap_or_default();
    let mut lines = vec![
        Line::new(
            Group::Task,
            "tasks",
            number(tally.tasks.len()),
            number(received.tasks.len()),
        )
        .with(missing, number(doubled), number(strays.len()))
        .noted(stray),
    ];
    lines.extend(states.into_iter().map(|(state, (recorded, right, wrong))| {
        let line = Line::new(Group::Task, format!("task:{state}"), recorded, right);
        line.with(recorded - right, 0, 0).noted(wrong.join("; "))
    }));
    lines
}

fn state(status: &str, late_report: bool) -> String {
    format!("{status}{}", if late_report { "_late" } else { "" })
}

fn fault(task: &ExpectedTask, shown: Option<&ReceivedTask>) -> Option<String> {
    let Some(shown) = shown else {
        return Some(format!("{} is not there", task.no));
    };
    if shown.title != task.title {
        return Some(format!("{} is `{}`, not `{}`", task.no, shown.title, task.title));
    }
    let (wanted, is) = (
        state(&task.status, task.late_report),
        state(&shown.status, shown.late_report),
    );
    (wanted != is).then(|| format!("{} is {is}, not {wanted}", task.no))
}

/// One line for each kind of count: the sum of its values.
pub(super) fn totals(tally: &Tally, received: &Received) -> Vec<Line> {
    let mut shown: BTreeMap<&str, Vec<Total>> = BTreeMap::new();
    for count in &received.counts {
        let total = Total {
            total: count.total,
            entries: count.entries,
        };
        shown.entry(count.count_kind.as_str()).or_default().push(total);
    }
    let mut kinds: BTreeSet<&str> = tally.totals.keys().map(String::as_str).collect();
    // A platform may list kinds that nobody has counted.
    kinds.extend(
        shown
            .iter()
            .filter(|(_, totals)| totals.iter().any(|t| *t != Total::default()))
            .map(|(kind, _)| *kind),
    );
    let line = |kind: &&str| {
        let wanted = tally.totals.get(*kind).copied().unwrap_or_default();
        let found = shown.get(kind).map(Vec::as_slice).unwrap_or_default();
        let is = found.first().copied().unwrap_or_default();
        let mut line = Line::new(Group::Total, format!("total:{kind}"), wanted.total, is.total);
        line.doubled = number(found.len().saturating_sub(1));
        line.ok = wanted == is && line.doubled == 0;
        line.noted(format!("{} / {} 条 entries", is.entries, wanted.entries))
    };
    kinds.iter().map(line).collect()
}
