//! Records by kind: how many, and the digest of what they say.

use std::collections::BTreeMap;

use super::super::content::{self, Mark};
use super::super::ledger::{Group, Line};
use super::sorting::{Fate, Sorting, expected_text, text_of};
use super::{example, joined, number};

/// The kinds of records, tracks apart, in the order of the contract.
const KINDS: [&str; 13] = [
    "task_accepted",
    "task_arrived",
    "report_submitted",
    "patrol_started",
    "checkpoint_visited",
    "observed",
    "patrol_paused",
    "patrol_resumed",
    "patrol_ended",
    "counted",
    "case_reported",
    "urgent_started",
    "urgent_milestone",
];

/// Kinds the contract does not know; the line is there only when such records are.
const OTHER: &str = "other_kinds";

#[derive(Default)]
struct OfKind {
    recorded: Vec<Mark>,
    received: Vec<Mark>,
    missing: i64,
    doubled: i64,
    unexpected: i64,
    first_missing: String,
    first_unexpected: String,
}

pub(super) fn lines(sorting: &Sorting<'_>) -> Vec<Line> {
    let mut kinds: BTreeMap<&str, OfKind> = KINDS.iter().map(|kind| (*kind, OfKind::default())).collect();
    for (aggregate, marks) in sorting.tally.aggregates.iter().zip(&sorting.expected) {
        for (index, mark) in marks.iter().enumerate() {
            let kind = kinds.entry(known(aggregate.records[index].kind)).or_default();
            kind.recorded.push(*mark);
            if !sorting.met.contains(mark) {
                kind.missing += 1;
                if kind.first_missing.is_empty() {
                    kind.first_missing = expected_text(aggregate, index);
                }
            }
        }
    }
    for ((record, mark), fate) in sorting
        .received
        .records
        .iter()
        .zip(&sorting.marks)
        .zip(&sorting.fates)
    {
        if *fate == Fate::Segment {
            continue;
        }
        let kind = kinds.entry(known(&record.kind)).or_default();
        kind.received.push(*mark);
        match fate {
            Fate::Doubled => kind.doubled += 1,
            Fate::Unexpected => {
                kind.unexpected += 1;
                if kind.first_unexpected.is_empty() {
                    kind.first_unexpected = text_of(record);
                }
            }
            Fate::Met(_) | Fate::Segment => {}
        }
    }
    let mut lines: Vec<Line> = KINDS
        .iter()
        .filter_map(|kind| Some(line(kind, kinds.remove(kind)?)))
        .collect();
    lines.extend(kinds.remove(OTHER).map(|other| line(OTHER, other)));
    lines
}

fn known(kind: &str) -> &'static str {
    KINDS
        .iter()
        .find(|known| **known == kind)
        .copied()
        .unwrap_or(OTHER)
}

fn line(name: &str, kind: OfKind) -> Line {
    let told = |what: &str, text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("{what} {}", example(text))
        }
    };
    let note = joined([
        told("缺 missing, e.g.", &kind.first_missing),
        told("多 unexpected, e.g.", &kind.first_unexpected),
    ]);
    Line::new(
        Group::Record,
        name,
        number(kind.recorded.len()),
        number(kind.received.len()),
    )
    .with(kind.missing, kind.doubled, kind.unexpected)
    .digested(content::set(kind.recorded), content::set(kind.received))
    .noted(note)
}
