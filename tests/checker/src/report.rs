//! What came of it.

use std::collections::BTreeMap;
use std::fmt;

/// The invariants that can be checked here.
pub const INVARIANTS: std::ops::RangeInclusive<u8> = 1..=28;
/// Violations of one invariant that are kept with their words; more are counted.
const KEPT_OF_ONE: u64 = 100;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant, by its number.
    pub invariant: u8,
    /// The line of the history that showed it, from 1.
    pub line: u64,
    /// What happened.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invariant {}, line {}: {}",
            self.invariant, self.line, self.text
        )
    }
}

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many times each invariant was checked; all 28 are in it.
    pub checked: BTreeMap<u8, u64>,
    /// What was violated, the first hundred of each invariant.
    pub violations: Vec<Violation>,
    /// Violations of each invariant, those beyond the hundred too.
    pub violated: BTreeMap<u8, u64>,
    /// Lines read.
    pub lines: u64,
}

impl Report {
    pub(crate) fn empty() -> Self {
        Self {
            checked: INVARIANTS.map(|number| (number, 0)).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn add(&mut self, violation: Violation) {
        let count = self.violated.entry(violation.invariant).or_default();
        *count += 1;
        if *count <= KEPT_OF_ONE {
            self.violations.push(violation);
        }
    }

    /// Those of the demanded invariants that were never checked.
    pub fn unchecked(&self, demanded: impl IntoIterator<Item = u8>) -> Vec<u8> {
        demanded
            .into_iter()
            .filter(|number| self.checked.get(number).is_none_or(|count| *count == 0))
            .collect()
    }
}

/// Where one invariant writes.
pub(crate) struct Sheet<'r> {
    invariant: u8,
    line: u64,
    report: &'r mut Report,
}

impl<'r> Sheet<'r> {
    pub(crate) fn new(invariant: u8, line: u64, report: &'r mut Report) -> Self {
        Self {
            invariant,
            line,
            report,
        }
    }

    /// So many checks were made.
    pub(crate) fn checked(&mut self, count: u64) {
        *self.report.checked.entry(self.invariant).or_default() += count;
    }

    /// One check was made; unless it holds it is a violation at this line.
    pub(crate) fn check(&mut self, holds: bool, text: impl FnOnce() -> String) {
        self.checked(1);
        self.must(holds, text);
    }

    /// A part of a check that is counted elsewhere.
    pub(crate) fn must(&mut self, holds: bool, text: impl FnOnce() -> String) {
        self.must_at(self.line, holds, text);
    }

    /// The same, shown by another line.
    pub(crate) fn must_at(&mut self, line: u64, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.report.add(Violation {
                invariant: self.invariant,
                line,
                text: text(),
            });
        }
    }
}
