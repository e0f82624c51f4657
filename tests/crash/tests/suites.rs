//! The crash suites at a size for every day; `scripts/crash` runs them at any size. Power cuts and failing operations are not
//! here yet: both still find faults (docs/reliability.md says which).
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use grid_crash::kill;

/// Whether the slow suites are left out.
fn quick() -> bool {
    std::env::var_os("GRID_QUICK").is_some()
}

#[test]
fn no_killed_process_loses_what_it_acknowledged() {
    let count = if quick() { 30 } else { 300 };
    let program = Path::new(env!("CARGO_BIN_EXE_grid-crash"));
    let outcome = kill::run(program, count, 1).expect("the processes run");
    assert!(outcome.is_good(), "{}", outcome.line());
}
