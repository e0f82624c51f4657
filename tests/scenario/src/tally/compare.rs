//! The comparison, subject by subject.

mod checks;
mod lanes;
mod photos;
mod records;
mod sorting;
mod states;
mod tracks;

use super::{Ledger, Received, Tally};

/// Longest example in a note, characters.
const EXAMPLE_CHARS_MAX: usize = 240;

/// All lines: what arrived, whether it is in order, and what the platform made of it.
pub(super) fn ledger(tally: &Tally, received: &Received) -> Ledger {
    let sorting = sorting::Sorting::of(tally, received);
    let tracks = tracks::Tracks::of(tally, received);
    let mut lines = records::lines(&sorting);
    lines.push(tracks.fixes_line());
    lines.push(photos::line(tally, received));
    lines.extend(lanes::lines(&sorting));
    lines.push(tracks.order_line());
    lines.push(tracks.index_line());
    lines.push(checks::keys(&sorting));
    lines.push(checks::verdicts(received));
    lines.push(checks::vaults(tally, received));
    lines.push(checks::links(&sorting, &tracks));
    lines.extend(states::tasks(tally, received));
    lines.extend(states::totals(tally, received));
    Ledger::of(lines)
}

/// A number of things as the ledger writes it.
fn number(many: usize) -> i64 {
    many as i64
}

/// The beginning of a long text.
fn example(text: &str) -> String {
    let mut short: String = text.chars().take(EXAMPLE_CHARS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Parts of a note that say something, one after the other.
fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}
