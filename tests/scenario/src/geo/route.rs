//! Lays a piece of a recorded track on the island: moved, turned, scaled, perhaps mirrored, and drawn in at the shore.

use super::{Outline, Spot};
use crate::dice::Dice;

/// A position may be this much nearer to the margin than the margin says, metres: room for rounding.
const MARGIN_ROOM_M: f64 = 2.0;
const TRIES: usize = 80;

/// What a patrol wants of its way.
pub(crate) struct Wish<'a> {
    pub(crate) outline: &'a Outline,
    /// How far outside the outline a fix may lie, metres.
    pub(crate) margin_m: f64,
    /// Recorded stretches to cut pieces from.
    pub(crate) stretches: &'a [Vec<Spot>],
    /// Where it begins.
    pub(crate) from: Spot,
    /// Where it ends; a round otherwise.
    pub(crate) to: Option<Spot>,
    /// How many fixes.
    pub(crate) fixes: usize,
    /// Longest step between two fixes, metres.
    pub(crate) step_m_max: f64,
    /// Shortest way, metres: given up when no piece is found that is as long.
    pub(crate) way_m_min: f64,
    /// Longest way, metres.
    pub(crate) way_m_max: f64,
}

/// The fixes of the way, as many as wished. What cannot be laid from place to place becomes a smaller and smaller round.
pub(crate) fn lay(dice: &mut Dice, wish: &Wish<'_>) -> Vec<Spot> {
    for tries in 0..TRIES {
        let piece = cut(dice, wish);
        let turn = match wish.to {
            Some(to) => across(&piece, wish.from, to),
            None => {
                let scale = 0.5 + 1.5 * dice.fraction();
                Some(turned(dice, scale))
            }
        };
        let laid = turn.and_then(|turn| placed(&piece, turn, dice.percent(50), wish));
        if let Some(way) = laid.filter(|way| tries > TRIES / 2 || metres(way) >= wish.way_m_min) {
            return way;
        }
    }
    let mut scale = 0.5;
    for _ in 0..TRIES {
        let piece = cut(dice, wish);
        let turn = turned(dice, scale);
        if let Some(way) = placed(&piece, turn, false, wish) {
            return way;
        }
        scale *= 0.8;
    }
    vec![wish.from; wish.fixes]
}

/// A piece of some stretch; walked there and back again when the stretch is too short.
fn cut(dice: &mut Dice, wish: &Wish<'_>) -> Vec<Spot> {
    let long: Vec<_> = wish
        .stretches
        .iter()
        .filter(|stretch| stretch.len() >= wish.fixes)
        .collect();
    let all: Vec<_> = wish.stretches.iter().collect();
    let is_long_wanted = !long.is_empty() && (wish.to.is_some() || dice.percent(60));
    let Some(stretch) = dice.pick(if is_long_wanted { &long } else { &all }) else {
        return Vec::new();
    };
    let last = stretch.len() - 1;
    let first = dice.below(stretch.len().saturating_sub(wish.fixes) + 1);
    let there_and_back = |step: usize| {
        let at = (first + step) % (2 * last);
        if at <= last { at } else { 2 * last - at }
    };
    (0..wish.fixes)
        .map(|step| stretch[there_and_back(step)])
        .collect()
}

/// The turn and scale that lead a piece from place to place; `None` when it would have to be bent out of all likeness.
fn across(piece: &[Spot], from: Spot, to: Spot) -> Option<(f64, f64)> {
    let (first, last) = (piece.first()?, piece.last()?);
    let (px, py) = (last.x - first.x, last.y - first.y);
    let (wx, wy) = (to.x - from.x, to.y - from.y);
    let scale = wx.hypot(wy) / px.hypot(py).max(1.0);
    if !(0.2..=2.5).contains(&scale) {
        return None;
    }
    let square = px * px + py * py;
    Some(((wx * px + wy * py) / square, (wy * px - wx * py) / square))
}

fn turned(dice: &mut Dice, scale: f64) -> (f64, f64) {
    let (sine, cosine) = (dice.fraction() * std::f64::consts::TAU).sin_cos();
    (scale * cosine, scale * sine)
}

/// The piece in its new place, or `None` when too much of it lies in the sea or a step is too long.
fn placed(piece: &[Spot], turn: (f64, f64), is_mirrored: bool, wish: &Wish<'_>) -> Option<Vec<Spot>> {
    let first = *piece.first()?;
    // A piece that leads to a place is mirrored along the line to that place, so that it still arrives there.
    let (ax, ay) = match (wish.to, piece.last()) {
        (Some(_), Some(last)) => (last.x - first.x, last.y - first.y),
        _ => (1.0, 0.0),
    };
    let square = (ax * ax + ay * ay).max(1e-9);
    let margin_m = (wish.margin_m - MARGIN_ROOM_M).max(0.0);
    let mut drawn_in = 0;
    let mut way: Vec<Spot> = Vec::with_capacity(piece.len());
    for point in piece {
        let (mut x, mut y) = (point.x - first.x, point.y - first.y);
        if is_mirrored {
            let (along, aside) = ((x * ax + y * ay) / square, (y * ax - x * ay) / square);
            (x, y) = (along * ax + aside * ay, along * ay - aside * ax);
        }
        let mut spot = Spot {
            x: wish.from.x + x * turn.0 - y * turn.1,
            y: wish.from.y + x * turn.1 + y * turn.0,
        };
        let outside_m = wish.outline.outside(spot);
        if outside_m > margin_m {
            let shore = wish.outline.nearest(spot);
            let share = margin_m / outside_m;
            spot = Spot {
                x: shore.x + (spot.x - shore.x) * share,
                y: shore.y + (spot.y - shore.y) * share,
            };
            drawn_in += 1;
        }
        if way
            .last()
            .is_some_and(|last| last.metres_to(spot) > wish.step_m_max)
        {
            return None;
        }
        way.push(spot);
    }
    (drawn_in * 7 <= way.len() && metres(&way) <= wish.way_m_max).then_some(way)
}

fn metres(way: &[Spot]) -> f64 {
    way.windows(2).map(|pair| pair[0].metres_to(pair[1])).sum()
}

/// Seconds between the fixes of a way at one pace, each within these bounds, together about `total_s`.
pub(crate) fn pace(way: &[Spot], total_s: f64, low_s: f64, high_s: f64) -> Vec<f64> {
    let steps: Vec<f64> = way.windows(2).map(|pair| pair[0].metres_to(pair[1])).collect();
    let at = |speed: f64| {
        steps
            .iter()
            .map(move |metres| (metres / speed).clamp(low_s, high_s))
    };
    let (mut slow, mut fast) = (0.01, 50.0);
    for _ in 0..40 {
        let middle = (slow + fast) / 2.0;
        if at(middle).sum::<f64>() > total_s {
            slow = middle
        } else {
            fast = middle
        }
    }
    at(fast).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_keeps_its_bounds_and_its_total() {
        let way: Vec<Spot> = (0..61)
            .map(|i| Spot {
                x: f64::from(i * i) * 0.2,
                y: 0.0,
            })
            .collect();
        let seconds = pace(&way, 1200.0, 10.0, 30.0);
        let total: f64 = seconds.iter().sum();
        assert!((total - 1200.0).abs() < 1.0, "{total}");
        assert!(seconds.iter().all(|s| (10.0..=30.0).contains(s)));
    }

    #[test]
    fn a_mirrored_piece_still_leads_from_place_to_place() {
        let ring = "[[123.70,39.75],[123.72,39.75],[123.72,39.77],[123.70,39.77],[123.70,39.75]]";
        let json =
            format!("{{\"features\":[{{\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}}}]}}");
        let outline = Outline::from_geojson(&json).unwrap();
        let stretch: Vec<Spot> = (0..60)
            .map(|i| Spot {
                x: f64::from(i) * 10.0,
                y: f64::from(i % 7) * 4.0,
            })
            .collect();
        let (from, to) = (Spot { x: -200.0, y: 0.0 }, Spot { x: 100.0, y: 250.0 });
        for seed in 0..20 {
            let wish = Wish {
                outline: &outline,
                margin_m: 60.0,
                stretches: std::slice::from_ref(&stretch),
                from,
                to: Some(to),
                fixes: 50,
                step_m_max: 70.0,
                way_m_min: 0.0,
                way_m_max: 3_000.0,
            };
            let way = lay(&mut Dice::new(seed, 0), &wish);
            assert_eq!(way.len(), 50);
            assert!(
                way[0].metres_to(from) < 0.01 && way[49].metres_to(to) < 0.01,
                "{:?}",
                way[49]
            );
        }
    }
}
