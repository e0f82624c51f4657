//! Lanes: every lane is one aggregate of the plan, whole and in its order, and every aggregate has a lane.

use std::collections::BTreeMap;

use super::super::content::{self, Mark};
use super::super::ledger::{Group, Line};
use super::number;
use super::sorting::Sorting;

const FAMILIES: [&str; 5] = ["task", "case", "urgent", "patrol", "count"];

/// What of both sides has no partner, by position.
pub(super) struct Unmatched {
    pub(super) expected: Vec<usize>,
    pub(super) received: Vec<usize>,
}

/// Matches equal sequences one to one.
pub(super) fn unmatched(expected: &[Mark], received: &[Mark]) -> Unmatched {
    let mut waiting: BTreeMap<&Mark, Vec<usize>> = BTreeMap::new();
    for (index, mark) in expected.iter().enumerate().rev() {
        waiting.entry(mark).or_default().push(index);
    }
    let is_alone = |mark: &Mark, waiting: &mut BTreeMap<&Mark, Vec<usize>>| {
        waiting.get_mut(mark).and_then(Vec::pop).is_none()
    };
    let alone = received
        .iter()
        .enumerate()
        .filter(|(_, mark)| is_alone(mark, &mut waiting));
    let received = alone.map(|(index, _)| index).collect();
    let mut expected: Vec<usize> = waiting.into_values().flatten().collect();
    expected.sort_unstable();
    Unmatched { expected, received }
}

pub(super) fn lines(sorting: &Sorting<'_>) -> Vec<Line> {
    let lanes = sorting.lanes();
    let found = sorting.lanes_of_aggregates();
    let mut lines: Vec<Line> = FAMILIES
        .iter()
        .map(|family| line(sorting, &lanes, &found, family))
        .collect();
    let is_other = |lane: &&&str| !FAMILIES.contains(&family_of(lane));
    let others: Vec<&&str> = lanes.keys().filter(is_other).collect();
    if let Some(first) = others.first() {
        let line = Line::new(Group::Order, "order:other", 0, number(others.len()));
        lines.push(
            line.with(0, 0, number(others.len()))
                .noted(format!("多 unexpected lane {first}")),
        );
    }
    lines
}

fn family_of(lane: &str) -> &str {
    lane.split(':').next().unwrap_or_default()
}

fn line(
    sorting: &Sorting<'_>,
    lanes: &BTreeMap<&str, Vec<usize>>,
    found: &[BTreeMap<&str, usize>],
    family: &str,
) -> Line {
    let of_family = |index: &usize| sorting.tally.aggregates[*index].subject.family() == family;
    let aggregates: Vec<usize> = (0..sorting.tally.aggregates.len()).filter(of_family).collect();
    let expected: Vec<Mark> = aggregates
        .iter()
        .map(|&at| content::sequence(&sorting.expected[at]))
        .collect();
    let own: Vec<(&&str, &Vec<usize>)> = lanes
        .iter()
        .filter(|(lane, _)| family_of(lane) == family)
        .collect();
    let sequence = |records: &Vec<usize>| content::sequence(records.iter().map(|&at| &sorting.marks[at]));
    let received: Vec<Mark> = own.iter().map(|(_, records)| sequence(records)).collect();
    let alone = unmatched(&expected, &received);
    let note = alone
        .expected
        .first()
        .map(|&at| told(sorting, lanes, found, aggregates[at]));
    let stray = alone
        .received
        .first()
        .map(|&at| format!("lane {} is no aggregate of the plan as it is", own[at].0));
    Line::new(
        Group::Order,
        format!("order:{family}"),
        number(expected.len()),
        number(received.len()),
    )
    .with(number(alone.expected.len()), 0, number(alone.received.len()))
    .noted(note.or(stray).unwrap_or_default())
}

/// Why an aggregate has no lane of its own, in words.
fn told(
    sorting: &Sorting<'_>,
    lanes: &BTreeMap<&str, Vec<usize>>,
    found: &[BTreeMap<&str, usize>],
    aggregate: usize,
) -> String {
    let expected = &sorting.tally.aggregates[aggregate];
    let first = expected
        .records
        .first()
        .map(|record| record.recorded_at.as_str())
        .unwrap_or_default();
    let whose = format!("{:?} of {} from {first}", expected.subject, expected.worker);
    let many = expected.records.len();
    let here: usize = found[aggregate].values().sum();
    match found[aggregate].iter().next() {
        None => format!("{whose}: none of its {many} records is there"),
        Some((lane, _)) if found[aggregate].len() == 1 && here == many => {
            let in_lane = lanes.get(lane).map_or(0, Vec::len);
            if in_lane == many {
                format!("{whose}: lane {lane} holds its {many} records in another order")
            } else {
                format!(
                    "{whose}: lane {lane} holds its {many} records and {} more",
                    in_lane.saturating_sub(many)
                )
            }
        }
        Some((lane, _)) => {
            format!(
                "{whose}: {here} of {many} records are there, in {} lane(s), e.g. {lane}",
                found[aggregate].len()
            )
        }
    }
}
