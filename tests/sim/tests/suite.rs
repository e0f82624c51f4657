//! The simulation at the size of CI: about 6,000 days of phones under faults, and that a seed repeats itself.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_sim::{Settings, play, play_many};
use grid_store::Flaw;

#[test]
fn days_of_work_under_faults_lose_double_and_stop_nothing() {
    let quick = std::env::var_os("GRID_QUICK").is_some();
    let seeds = if quick { 2 } else { 43 };
    let sums = play_many((1, seeds), (10, 14), None, None, &|_| ());
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
fn what_happened_at_the_borders_keeps_the_invariants() {
    let quick = std::env::var_os("GRID_QUICK").is_some();
    let folder = tempfile::tempdir().expect("a folder");
    let mut checked = std::collections::BTreeMap::<u8, u64>::new();
    for seed in if quick { 24..25 } else { 20..26 } {
        let settings = Settings {
            seed,
            devices: 8,
            days: 12,
            flaw: None,
        };
        let file = folder.path().join(format!("{seed}.jsonl"));
        let run = play(&settings, None, Some(&file)).expect("played");
        assert!(run.verdict.is_clean(), "seed {seed}:\n{}", run.verdict);
        let history = std::fs::File::open(&file).expect("a history");
        let report = grid_checker::check(std::io::BufReader::new(history)).expect("readable");
        assert!(
            report.violations.is_empty(),
            "seed {seed}: {:#?}",
            report.violations
        );
        for (invariant, times) in report.checked {
            *checked.entry(invariant).or_default() += times;
        }
    }
    for invariant in grid_checker::INVARIANTS {
        let times = checked.get(&invariant).copied().unwrap_or(0);
        assert!(
            quick || times > 0,
            "invariant {invariant} was never checked: {checked:?}"
        );
    }
}

#[test]
fn a_seed_repeats_itself_line_for_line() {
    let settings = Settings {
        seed: 5,
        devices: 4,
        days: 6,
        flaw: None,
    };
    let [one, other] = [(); 2].map(|()| play(&settings, None, None).expect("played").history);
    assert_eq!(one, other);
}

/// A suite that cannot fail proves nothing: mistakes of other systems, made by every phone's store.
#[test]
fn a_store_that_makes_a_known_mistake_is_found() {
    for flaw in [Flaw::ResetOnDamage, Flaw::OutboxApart] {
        let found = (1..=12).find(|seed| {
            let settings = Settings {
                seed: *seed,
                devices: 5,
                days: 10,
                flaw: Some(flaw),
            };
            play(&settings, None, None).is_ok_and(|run| !run.verdict.lost.is_empty())
        });
        assert!(found.is_some(), "{flaw:?} lost nothing in twelve seeds");
    }
}
