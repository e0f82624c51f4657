//! Enough of Rust's grammar to judge a file: no comment or literal can fool a rule, and tests are told from the rest.
//!
//! This is a scanner, not a parser. It relies on what rustfmt and rustc already guarantee: brackets match, and code that
//! does not compile never gets here.

mod blank;
mod items;
mod scan;

pub use blank::blanked;
pub use items::{RustItem, public_items};
pub use scan::{Function, Include, ModuleLine, functions, includes, module_lines, test_ranges};

use std::ops::Range;

/// One Rust file, ready for the rules.
#[derive(Debug, Clone)]
pub struct Source {
    /// The text as it is.
    pub text: String,
    /// The same text with comments and literals blanked; every byte keeps its place.
    pub code: String,
    /// The byte ranges that only tests are built with.
    pub tests: Vec<Range<usize>>,
}

impl Source {
    /// Reads a file's text.
    pub fn read(text: &str) -> Self {
        let code = blanked(text);
        let tests = test_ranges(&code);
        Self {
            text: text.to_owned(),
            code,
            tests,
        }
    }

    /// The line of a byte, counted from 1.
    pub fn line_of(&self, at: usize) -> usize {
        self.code.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1
    }

    /// Whether a byte belongs to code that only tests are built with.
    pub fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|range| range.contains(&at))
    }

    /// The number of lines that are not test code.
    pub fn lines_outside_tests(&self) -> usize {
        let in_tests: usize = self
            .tests
            .iter()
            .map(|range| self.line_of(range.end - 1) - self.line_of(range.start) + 1)
            .sum();
        self.text.lines().count() - in_tests
    }

    /// Where `word` stands in the code as a whole: `Instant::now` is not found in `MyInstant::now_or`.
    pub fn positions(&self, word: &str) -> Vec<usize> {
        let bytes = self.code.as_bytes();
        let free = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_none_or(|byte| !is_word(*byte));
        let starts_word = word.as_bytes().first().is_some_and(|byte| is_word(*byte));
        let ends_word = word.as_bytes().last().is_some_and(|byte| is_word(*byte));
        self.code
            .match_indices(word)
            .map(|(at, _)| at)
            .filter(|at| !starts_word || free(at.checked_sub(1)))
            .filter(|at| !ends_word || free(at.checked_add(word.len())))
            .collect()
    }
}

/// Whether a byte can stand in a name.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_whole_and_never_in_comments_or_text() {
        let source = Source::read(
            "// Instant::now\nlet a = \"Instant::now\";\nlet b = Instant::now();\nMyInstant::now_or()",
        );
        assert_eq!(source.positions("Instant::now").len(), 1);
        assert_eq!(source.line_of(source.positions("Instant::now")[0]), 3);
    }

    #[test]
    fn lines_of_test_modules_do_not_count() {
        let source = Source::read("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n");
        assert_eq!(source.lines_outside_tests(), 2);
    }
}
