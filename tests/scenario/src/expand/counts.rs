//! Counts: which kind each entry is, how much it adds, and which entries take something back.

use std::collections::BTreeMap;

use super::lengths;
use crate::dice::Dice;
use crate::plan::{Action, What};
use crate::scenario::Fields;

/// How many entries are made during patrols.
pub(super) fn on_patrol(fields: &Fields) -> usize {
    (u64::from(fields.totals.counts) * u64::from(fields.patrols.counts_percent) / 100) as usize
}

/// How many entries are made between patrols.
pub(super) fn loose(fields: &Fields) -> usize {
    fields.totals.counts as usize - on_patrol(fields)
}

/// Gives every entry, which so far is only a moment, its kind and value. Actions must be in the order of time.
pub(super) fn fill(dice: &mut Dice, fields: &Fields, actions: &mut [Action]) {
    let entries: Vec<usize> = (0..actions.len())
        .filter(|&at| matches!(actions[at].what, What::Count { .. }))
        .collect();
    let mut lines: Vec<usize> = Vec::with_capacity(entries.len());
    for (index, line) in fields.counts.kinds.iter().enumerate() {
        lines.extend(std::iter::repeat_n(index, line.entries as usize));
    }
    dice.shuffle(&mut lines);
    let sheets: Vec<(usize, usize)> = entries
        .iter()
        .zip(&lines)
        .map(|(&at, &line)| (actions[at].officer, line))
        .collect();
    let corrects = corrections(dice, &sheets, lengths::corrections(fields));
    let mut last_added: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (index, (&at, &sheet)) in entries.iter().zip(&sheets).enumerate() {
        let line = &fields.counts.kinds[sheet.1];
        let What::Count {
            kind, value, reason, ..
        } = &mut actions[at].what
        else {
            continue;
        };
        kind.clone_from(&line.kind);
        if corrects[index] {
            let last = last_added.get(&sheet).copied().unwrap_or(1);
            *value = -dice.between(1, last);
            *reason = dice.pick(&fields.counts.correction_reasons).cloned();
        } else {
            *value = dice.between(line.low.into(), line.high.into());
            last_added.insert(sheet, *value);
        }
    }
}

/// Which entries take something back: never the first of an officer and kind, and no two in a row of one officer and
/// kind, so that each takes back of an entry that nobody has touched and no running total falls below nought.
fn corrections(dice: &mut Dice, sheets: &[(usize, usize)], many: usize) -> Vec<bool> {
    let mut before: Vec<Option<usize>> = Vec::with_capacity(sheets.len());
    let mut after: Vec<Option<usize>> = vec![None; sheets.len()];
    let mut last: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let previous = last.insert(*sheet, index);
        if let Some(previous) = previous {
            after[previous] = Some(index);
        }
        before.push(previous);
    }
    let mut possible: Vec<usize> = (0..sheets.len())
        .filter(|&index| before[index].is_some())
        .collect();
    dice.shuffle(&mut possible);
    let mut chosen = vec![false; sheets.len()];
    let mut left = many;
    for index in possible {
        let neighbours = [before[index], after[index]];
        if left > 0 && !neighbours.into_iter().flatten().any(|other| chosen[other]) {
            chosen[index] = true;
            left -= 1;
        }
    }
    chosen
}
