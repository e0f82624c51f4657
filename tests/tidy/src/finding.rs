//! What a rule says when it fires.

use std::fmt;

/// One broken rule at one place, with the way out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where: a path, with the line where there is one (`core/sync/src/engine.rs:12`), or a crate name.
    pub place: String,
    /// What is there that must not be, or is missing.
    pub fault: String,
    /// What to do about it.
    pub fix: String,
}

impl Finding {
    /// A finding at a place.
    pub fn at(place: impl Into<String>, fault: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            fault: fault.into(),
            fix: fix.into(),
        }
    }

    /// A finding at one line of a file, counted from 1.
    pub fn on_line(path: &str, line: usize, fault: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::at(format!("{path}:{line}"), fault, fix)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    fix: {}", self.place, self.fault, self.fix)
    }
}

/// All findings as one text, one after the other; empty when there are none.
pub fn sheet(findings: &[Finding]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_shows_place_fault_and_fix() {
        let finding = Finding::on_line("core/a.rs", 3, "calls x", "pass y");
        assert_eq!(sheet(&[finding]), "core/a.rs:3: calls x\n    fix: pass y\n");
    }
}
