//! What a walk through the museum saw, and how it is told.

use std::fmt::Write as _;

/// What a visit saw.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    /// A line for each exhibit.
    pub lines: Vec<String>,
    /// Exhibits.
    pub bugs: u64,
    /// Of these, seen by their suite, which passes without them.
    pub caught: u64,
}

impl Visit {
    /// As it is printed; the last line is for machines.
    pub fn text(&self) -> String {
        let mut text = self.lines.join("\n");
        let _ = write!(text, "\nbugs {}, caught {}", self.bugs, self.caught);
        text
    }
}
