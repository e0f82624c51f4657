//! Tracks: which fixes are believed and how far a patrol went (domain §7). A gap is data: it is kept, shown and adds no
//! metre; nothing is interpolated across it.

use crate::place::metres_between;
use crate::terms::Transport;

/// Fixes claiming a worse accuracy than this are not measured, decimetres (50 m).
const ACCURACY_DM_MAX: u32 = 500;
/// Standing still within this radius adds nothing, metres.
const STILL_RADIUS_M: f64 = 15.0;
/// A silence longer than this is a gap, ms.
pub const GAP_MS: i64 = 120_000;

/// One fix as the phone got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackPoint {
    /// UTC ms.
    pub at_ms: i64,
    /// Latitude, 1e-7 degrees.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees.
    pub lon_e7: i32,
    /// Claimed accuracy, decimetres.
    pub accuracy_dm: u32,
    /// Claimed speed, cm/s.
    pub speed_cms: u32,
}

impl TrackPoint {
    fn place(&self) -> (i32, i32) {
        (self.lat_e7, self.lon_e7)
    }
}

/// A silence between two believed fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Last fix before.
    pub from: TrackPoint,
    /// First fix after.
    pub to: TrackPoint,
}

impl Gap {
    /// Length of the silence, ms.
    pub const fn lasting_ms(&self) -> i64 {
        self.to.at_ms.saturating_sub(self.from.at_ms)
    }
}

/// What a track says once the unbelievable fixes are set aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Distance over the runs, metres; gaps add none.
    pub distance_m: f64,
    /// Stretches without a gap, in order.
    pub runs: Vec<Vec<TrackPoint>>,
    /// The silences between the runs.
    pub gaps: Vec<Gap>,
    /// How many fixes were set aside.
    pub dropped: usize,
}

/// Fastest believable speed, m/s (domain §7).
const fn speed_max(transport: Transport) -> f64 {
    match transport {
        Transport::Foot => 3.0,
        Transport::Bike => 8.0,
        Transport::Car => 40.0,
        Transport::Boat | Transport::DroneAssist | Transport::Unknown(_) => 20.0,
    }
}

/// Measures a track in order of time: drops fixes that are too vague or imply an impossible speed, splits at gaps.
pub fn measure(points: &[TrackPoint], transport: Transport) -> Measured {
    let mut measured = Measured::default();
    let mut run: Vec<TrackPoint> = Vec::new();
    let mut still_at: Option<TrackPoint> = None;
    for &point in points {
        if point.accuracy_dm > ACCURACY_DM_MAX {
            measured.dropped += 1;
            continue;
        }
        let Some(&last) = run.last() else {
            still_at = Some(point);
            run.push(point);
            continue;
        };
        let elapsed_ms = point.at_ms.saturating_sub(last.at_ms);
        if elapsed_ms <= 0 {
            measured.dropped += 1;
            continue;
        }
        if elapsed_ms > GAP_MS {
            measured.gaps.push(Gap {
                from: last,
                to: point,
            });
            measured.runs.push(std::mem::take(&mut run));
            still_at = Some(point);
            run.push(point);
            continue;
        }
        let metres = metres_between(last.place(), point.place());
        if metres * 1000.0 > speed_max(transport) * elapsed_ms as f64 {
            measured.dropped += 1;
            continue;
        }
        let anchor = still_at.unwrap_or(last);
        let from_anchor = metres_between(anchor.place(), point.place());
        if from_anchor > STILL_RADIUS_M {
            measured.distance_m += from_anchor;
            still_at = Some(point);
        }
        run.push(point);
    }
    if !run.is_empty() {
        measured.runs.push(run);
    }
    measured
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(at_s: i64, metres_north: i32) -> TrackPoint {
        // 1 m of latitude is about 89.93e-7 degrees.
        TrackPoint {
            at_ms: at_s * 1000,
            lat_e7: 397_500_000 + metres_north * 90,
            lon_e7: 1_237_300_000,
            accuracy_dm: 50,
            speed_cms: 100,
        }
    }

    #[test]
    fn a_walk_is_measured_and_a_pause_adds_nothing() {
        let walk: Vec<_> = (0..11).map(|i| fix(i * 20, i as i32 * 20)).collect();
        let metres = measure(&walk, Transport::Foot).distance_m;
        assert!((metres - 200.0).abs() < 2.0, "{metres}");
        let still: Vec<_> = (0..100).map(|i| fix(i * 20, (i % 2) as i32 * 5)).collect();
        assert_eq!(measure(&still, Transport::Foot).distance_m, 0.0);
    }

    #[test]
    fn a_gap_splits_the_track_and_adds_no_metre() {
        let measured = measure(
            &[fix(0, 0), fix(10, 10), fix(400, 900), fix(410, 910)],
            Transport::Foot,
        );
        assert_eq!(measured.runs.len(), 2);
        assert_eq!(measured.gaps.len(), 1);
        assert_eq!(measured.gaps[0].lasting_ms(), 390_000);
        assert!(measured.distance_m < 25.0);
    }

    #[test]
    fn an_impossible_jump_and_a_vague_fix_are_set_aside() {
        let mut vague = fix(20, 20);
        vague.accuracy_dm = 900;
        let measured = measure(&[fix(0, 0), fix(10, 920), vague, fix(30, 30)], Transport::Foot);
        assert_eq!(measured.dropped, 2);
        assert_eq!(measured.runs[0].len(), 2);
    }
}
