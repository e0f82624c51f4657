//! The crash suites at a size for every day; `scripts/crash` runs them at any size.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use grid_crash::{cuts, damage, io, kill};

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
    assert!(outcome.cuts >= 50_000, "{}", outcome.line());
}

#[test]
fn no_failing_operation_loses_anything_and_each_is_told_by_its_kind() {
    if quick() {
        return;
    }
    let order = io::Order {
        seed: 1,
        only: None,
        index: None,
        every: 4,
    };
    let outcome = io::run(&order).expect("the vaults are made");
    assert!(outcome.is_good(), "{}", outcome.line());
    assert!(outcome.points > 4_000, "{}", outcome.line());
}

#[test]
fn no_killed_process_loses_what_it_acknowledged() {
    let count = if quick() { 30 } else { 300 };
    let program = Path::new(env!("CARGO_BIN_EXE_grid-crash"));
    let outcome = kill::run(program, count, 1).expect("the processes run");
    assert!(outcome.is_good(), "{}", outcome.line());
}

#[test]
fn damage_is_noticed_and_everything_unsent_comes_back() {
    let count = if quick() { 20 } else { 600 };
    let report = damage::run(count, 1, None).expect("the vaults are made");
    assert!(report.is_clean(false), "{}", report.text());
    assert_eq!(report.one.images, count);
}
