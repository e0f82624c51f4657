//! Damaged vaults at a size for every day; `grid-damage damage --count 20000` is the whole of it.
#![allow(clippy::expect_used, reason = "a test may panic")]

#[test]
fn damage_is_noticed_and_everything_unsent_comes_back() {
    let report = grid_crash::damage::run(1_000, 1, 2).expect("the vaults are made");
    assert!(report.is_clean(), "{}", report.text());
    assert_eq!(report.one.images, 1_000);
}
