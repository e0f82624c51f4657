//! The crash suites at a size for every day; `scripts/crash` runs them at any size.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use grid_crash::{cuts, io, kill};

/// Whether the slow suites are left out.
fn quick() -> bool {
    std::env::var_os("GRID_QUICK").is_some()
}

#[test]
fn no_power_cut_loses_what_was_acknowledged() {
    if quick() {
        return;
    }
    let order = cuts::Order {
        count: 50_000,
        seed: 1,
        only: None,
        index: None,
    };
    let outcome = cuts::run(&order).expect("the vaults are made");
    assert!(outcome.is_good(), "{}", outcome.line());
}

#[test]
fn no_failing_operation_loses_anything_and_each_is_told_by_its_kind() {
    if quick() {
        return;
    }
    let outcome = io::run(1, None).expect("the vaults are made");
    assert!(outcome.is_good(), "{}", outcome.line());
}

#[test]
fn no_killed_process_loses_what_it_acknowledged() {
    let count = if quick() { 30 } else { 300 };
    let program = Path::new(env!("CARGO_BIN_EXE_grid-crash"));
    let outcome = kill::run(program, count, 1).expect("the processes run");
    assert!(outcome.is_good(), "{}", outcome.line());
}
