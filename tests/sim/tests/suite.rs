//! The simulation at the size of CI: about 6,000 days of phones under faults, and that a seed repeats itself.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_sim::{Settings, play, play_many};

#[test]
fn days_of_work_under_faults_lose_double_and_stop_nothing() {
    let quick = std::env::var_os("GRID_QUICK").is_some();
    let seeds = if quick { 2 } else { 43 };
    let sums = play_many((1, seeds), (10, 14), None, &|_| ());
    println!("{}", sums.line());
    assert!(sums.failed.is_empty(), "{:#?}", sums.failed);
    assert!(
        quick || sums.never_hit().is_empty(),
        "never hit: {:?}",
        sums.never_hit()
    );
    // A day of a phone is a day of work.
    assert!(sums.records >= sums.device_days * 20, "{} records", sums.records);
}

#[test]
fn a_seed_repeats_itself_line_for_line() {
    let settings = Settings {
        seed: 5,
        devices: 4,
        days: 6,
    };
    let [one, other] = [(); 2].map(|()| play(&settings, None, None).expect("played").history);
    assert_eq!(one, other);
}
