//! The sync bench on a small scale: bytes and turns stay within bounds, on every machine. Times are nobody's gate.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_bench::sync::{SyncSettings, measure_sync};
use grid_bench::table::sheet;

/// What each measure may be at most, of 1,000 records, 2,000 rows and 6 photos: up to a tenth more than it is.
const BOUNDS: [(&str, f64); 7] = [
    ("M4 bytes up", 82_000.0),
    ("M4 bytes down", 24_000.0),
    ("M4 turns", 2.0),
    ("one record bytes up", 500.0),
    ("M5 bytes down", 180_000.0),
    ("M5 turns", 1.0),
    ("attachment overhead", 1.5),
];

#[test]
fn bytes_and_turns_of_a_small_sync_stay_within_bounds() {
    let measures = measure_sync(SyncSettings {
        rounds: 1,
        seed: None,
        queued: 1_000,
        rows: 2_000,
        photos: (6, 1_200_000),
        cuts: 3,
    })
    .expect("a sync that ends with everything there, once");
    let found = |name: &str| measures.iter().find(|measure| measure.measure == name)?.ours;
    let over: Vec<_> = BOUNDS
        .iter()
        .filter(|(name, most)| found(name).is_none_or(|ours| ours > *most))
        .collect();
    assert!(over.is_empty(), "{over:?} in\n{}", sheet(&measures));
}
