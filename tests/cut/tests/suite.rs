//! The cuts and the links of the field at the size of CI; `scripts/cut` makes every cut.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::path::Path;

use grid_cut::{Order, PROFILES, play_profile, storm, sweep};
use rusqlite::Connection;

/// Whether the slow sizes are left out.
fn quick() -> bool {
    std::env::var_os("GRID_QUICK").is_some()
}

#[test]
fn no_cut_of_a_small_sync_loses_or_doubles_anything() {
    let order = Order {
        seed: 1,
        every: if quick() { 211 } else { 23 },
        ..Order::default()
    };
    let swept = sweep(&order, &|_, _| ()).expect("swept");
    assert!(swept.failed.is_empty(), "{:#?}", swept.failed);
    assert_eq!((swept.lost, swept.doubled, swept.missed), (0, 0, 0));
    let [up, down] = swept.bytes;
    assert!(swept.cuts >= 3 * (up + down) / order.every, "{} cuts", swept.cuts);
    assert!(swept.syncs_max <= 2, "{} syncs after one cut", swept.syncs_max);
    // One cut costs what was under way, the question how far it got, and one exchange: less than everything twice.
    assert!(swept.resent_max <= 2 * up, "{} bytes", swept.resent_max);
}

/// The connection closes right behind the last byte: what arrived whole is taken in although its sender is gone.
#[test]
fn what_arrived_before_its_sender_was_gone_is_not_sent_again() {
    let uncut = Order {
        seed: 1,
        every: u64::MAX,
        ..Order::default()
    };
    let [up, _] = sweep(&uncut, &|_, _| ()).expect("swept").bytes;
    let behind_the_last = Order {
        only: Some(format!("up:{up}:close").parse().expect("a cut")),
        ..uncut
    };
    let swept = sweep(&behind_the_last, &|_, _| ()).expect("swept");
    assert_eq!((swept.cuts, swept.lost, swept.doubled), (1, 0, 0));
    // A question where the photo stands, and no byte of its piece.
    assert!(swept.resent_max < 600, "{} bytes", swept.resent_max);
}

#[test]
fn many_cuts_of_a_big_sync_lose_and_double_nothing() {
    let (size, cuts) = if quick() {
        ((200, 4), 10)
    } else {
        ((2_000, 20), 60)
    };
    let storm = storm(1, size, cuts, &|_| ()).expect("sent");
    assert!(storm.failed.is_empty(), "{:#?}", storm.failed);
    assert!(storm.cuts >= cuts, "{} cuts", storm.cuts);
    assert!(storm.records >= size.0, "{} records", storm.records);
    assert_eq!((storm.photos, storm.lost, storm.doubled), (size.1, 0, 0));
}

#[test]
fn everything_gets_through_the_links_of_the_field() {
    for profile in &PROFILES {
        let profiled = play_profile(profile, 1).expect("played");
        assert!(
            profiled.verdict.is_clean(),
            "{}:\n{}",
            profile.name,
            profiled.verdict
        );
        assert!(profiled.bytes[0] > 50_000, "{}: {profiled:?}", profile.name);
        if profile.nature.lost_per_mille > 0 {
            assert!(profiled.connections.1 > 0, "{}: lost no connection", profile.name);
        }
        if profile.window_s.is_some() {
            assert!(profiled.windows > Some(1), "{}: one window did", profile.name);
        }
    }
}

/// A suite that cannot fail proves nothing: what a platform that loses or doubles would leave behind is found, with the cut.
#[test]
fn a_platform_that_loses_or_doubles_is_found() {
    let spoilt = |sql: &'static str| {
        let spoil = move |platform: &Path| {
            let store = Connection::open(platform.join("hub.sqlite")).expect("a store");
            store.execute_batch(sql).expect("spoilt");
        };
        let order = Order {
            seed: 1,
            every: 1,
            only: Some("up:700:close".parse().expect("a cut")),
            spoil: Some(&spoil),
        };
        let swept = sweep(&order, &|_, _| ()).expect("swept");
        assert_eq!(swept.failed.len(), 1, "{sql}");
        (swept.lost, swept.doubled)
    };
    let forget = "PRAGMA foreign_keys = OFF; DELETE FROM change WHERE seq = 2";
    assert_eq!(spoilt(forget), (1, 0));
    // The same act once more under another key, as a sync that began a new life of the log after a cut would make it.
    let again = "INSERT INTO change (device_id, epoch, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body,
            body_sha256, received_at_ms, state)
        SELECT device_id, epoch + 1, seq, lane_kind, lane_id, prev_in_lane, kind, schema_version, body, body_sha256,
            received_at_ms, state FROM change WHERE seq = 2";
    assert_eq!(spoilt(again), (0, 2));
    let counted = "INSERT INTO count_step SELECT change_position + 1000, org_id, worker_id, device_id, seq, count_kind, value,
            summed, post_code, patrol_id, reason, recorded_at_ms, clock, received_at_ms FROM count_step LIMIT 1";
    let counted_twice = format!("PRAGMA foreign_keys = OFF; {counted}");
    assert_eq!(spoilt(counted_twice.leak()), (0, 1));
    let blob = "DELETE FROM blob";
    assert_eq!(spoilt(blob), (1, 0));
}
