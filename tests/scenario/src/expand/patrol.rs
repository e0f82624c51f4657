//! A patrol: a way over the island, fixes on it, visits, observations and counts between them, perhaps a pause and a gap.

use super::day::OnDuty;
use super::point_at;
use super::stint::Stint;
use crate::dice::Dice;
use crate::geo::{Spot, route};
use crate::plan::{Point, What};
use crate::scenario::{Checkpoint, Post, Scenario};

const PROOFS: [&str; 10] = [
    "gps", "gps", "gps", "gps", "gps", "gps", "qr", "qr", "nfc", "none",
];
const UNLOCATED_REASONS: [&str; 3] = ["indoor", "basement", "no_sky"];
/// Before the first fix and after the last one, seconds.
const EDGES_S: i64 = 30;
/// Shortest patrol that rests, seconds.
const PAUSE_FROM_S: i64 = 1_500;

/// One fix, so long after the patrol began.
struct Fix {
    after_ms: i64,
    point: Point,
    speed_cms: u32,
}

/// Plans all patrols and gives each to a shift.
pub(super) fn hand_out(dice: &mut Dice, scenario: &Scenario, shifts: &mut [OnDuty]) {
    let many = scenario.fields().totals.patrols as usize;
    let counted = dice.hand_out(super::counts::on_patrol(scenario.fields()), many);
    let mut handed = dice.hand_out(many, shifts.len());
    handed.sort_unstable();
    for (patrol, at) in handed.into_iter().enumerate() {
        let counts = counted.iter().filter(|&&index| index == patrol).count();
        let shift = &mut shifts[at];
        if let Some(post) = scenario
            .fields()
            .posts
            .iter()
            .find(|post| post.code == shift.post)
        {
            shift
                .stints
                .push(stint(dice, scenario, post, patrol as u32, counts));
        }
    }
}

fn stint(dice: &mut Dice, scenario: &Scenario, post: &Post, patrol: u32, counts: usize) -> Stint {
    let wanted = &scenario.fields().patrols;
    let minutes = dice.between(wanted.minutes_min.into(), wanted.minutes_max.into());
    let total_s = minutes * 60 - EDGES_S;
    let rests = dice.percent(wanted.pause_percent) && total_s >= PAUSE_FROM_S;
    let pause_s = if rests { dice.between(300, 720) } else { 0 };
    let transport = dice.pick(&post.transports).cloned().unwrap_or_default();
    let (first, last) = ends(dice, post, total_s - pause_s);
    let mut fixes = fixes(dice, scenario, &transport, first, last, total_s - pause_s);
    let pause = rests
        .then(|| put_pause(dice, &mut fixes, pause_s * 1000))
        .flatten();
    let ended_ms = (minutes * 60_000).max(fixes.last().map_or(0, |fix| fix.after_ms) + 8_000);
    if dice.percent(wanted.gap_percent) {
        lose_satellites(dice, &mut fixes);
    }
    let mut stint = Stint::default();
    let start_point = dice
        .percent(90)
        .then(|| fixes.first().map(|fix| fix.point))
        .flatten();
    let patrol_type = post.patrol_type.clone();
    let post_code = post.code.clone();
    stint.add(
        0,
        What::StartPatrol {
            patrol,
            patrol_type,
            transport,
            post: post_code,
            point: start_point,
        },
    );
    if let Some((from_ms, to_ms)) = pause {
        stint.add(from_ms, What::Pause { patrol });
        stint.add(to_ms, What::Resume { patrol });
    }
    // From here on nothing happens in a pause: a resting officer records nothing.
    let mut moment = |dice: &mut Dice| loop {
        let at_ms = dice.between(15_000, ended_ms - 5_000);
        if pause.is_none_or(|(from_ms, to_ms)| at_ms < from_ms || at_ms > to_ms) {
            return at_ms;
        }
    };
    visits(dice, post, patrol, (first, last), &fixes, &mut moment, &mut stint);
    if dice.percent(wanted.unlocated_percent) {
        let at_ms = moment(dice);
        stint.add(at_ms, unlocated(dice, post, patrol));
    }
    for _ in 0..dice.between(wanted.observations_min.into(), wanted.observations_max.into()) {
        let at_ms = moment(dice);
        let point = place_at(&fixes, at_ms).filter(|_| dice.percent(85));
        stint.add(at_ms, observation(dice, scenario, patrol, point));
    }
    for _ in 0..counts {
        let at_ms = moment(dice);
        let post = post.code.clone();
        let what = What::Count {
            kind: String::new(),
            value: 0,
            post,
            patrol: Some(patrol),
            reason: None,
        };
        stint.add(at_ms, what);
    }
    for fix in fixes {
        let Point {
            lat_e7,
            lon_e7,
            accuracy_dm,
        } = fix.point;
        let accuracy_dm = accuracy_dm.unwrap_or_default();
        let what = What::Fix {
            patrol,
            lat_e7,
            lon_e7,
            accuracy_dm,
            speed_cms: fix.speed_cms,
        };
        stint.add(fix.after_ms, what);
    }
    stint.add(ended_ms, What::End { patrol });
    stint.in_order()
}

/// Where the patrol begins, and in most cases another checkpoint near enough to end at.
fn ends<'a>(
    dice: &mut Dice,
    post: &'a Post,
    moving_s: i64,
) -> (Option<&'a Checkpoint>, Option<&'a Checkpoint>) {
    let first = dice.pick(&post.checkpoints);
    let metres = |checkpoint: &Checkpoint| {
        let plane = crate::geo::Plane::at(checkpoint.lat, checkpoint.lon);
        first.map_or(0.0, |from| {
            plane.spot(from.lat, from.lon).metres_to(Spot { x: 0.0, y: 0.0 })
        })
    };
    let reach = moving_s as f64 * 0.9;
    let near: Vec<_> = post
        .checkpoints
        .iter()
        .filter(|other| (100.0..reach).contains(&metres(other)))
        .collect();
    let last = if dice.percent(70) {
        dice.pick(&near).copied()
    } else {
        None
    };
    (first, last)
}

/// The fixes of a way that takes about so long.
fn fixes(
    dice: &mut Dice,
    scenario: &Scenario,
    transport: &str,
    first: Option<&Checkpoint>,
    last: Option<&Checkpoint>,
    moving_s: i64,
) -> Vec<Fix> {
    let wanted = &scenario.fields().patrols;
    let (low_s, high_s) = (
        f64::from(wanted.fix_every_s_min),
        f64::from(wanted.fix_every_s_max),
    );
    let many = (moving_s as f64 * 2.0 / (low_s + high_s)) as usize;
    let plane = scenario.outline().plane();
    let spot = |checkpoint: &Checkpoint| plane.spot(checkpoint.lat, checkpoint.lon);
    let speed_max = match transport {
        "foot" => 2.3,
        "bike" => 6.0,
        _ => 11.0,
    };
    let way = route::lay(
        dice,
        &route::Wish {
            outline: scenario.outline(),
            margin_m: scenario.fields().shore_margin_m,
            stretches: scenario.stretches(),
            from: first.map_or(Spot { x: 0.0, y: 0.0 }, spot),
            to: last.map(spot),
            fixes: many.max(2),
            step_m_max: speed_max * high_s,
            way_m_min: speed_max * 0.3 * moving_s as f64,
            way_m_max: speed_max * 0.8 * moving_s as f64,
        },
    );
    let seconds = route::pace(&way, moving_s as f64, low_s, high_s);
    let mut after_ms = dice.between(4_000, 12_000);
    let mut fixes = Vec::with_capacity(way.len());
    for (index, spot) in way.iter().enumerate() {
        let mut speed = 0.0;
        if index > 0 {
            let step_s = seconds[index - 1];
            speed = way[index - 1].metres_to(*spot) / step_s;
            after_ms += (step_s * 1000.0) as i64;
        }
        let is_vague = dice.percent(wanted.vague_percent);
        let accuracy_dm = if is_vague {
            dice.between(510, 900)
        } else {
            dice.between(28, 130)
        };
        let (lat_e7, lon_e7) = plane.e7(*spot);
        let point = Point {
            lat_e7,
            lon_e7,
            accuracy_dm: Some(accuracy_dm as u32),
        };
        fixes.push(Fix {
            after_ms,
            point,
            speed_cms: (speed * 100.0).round() as u32,
        });
    }
    fixes
}

/// Puts a rest after a fix in the middle half of the way; gives its beginning and end.
fn put_pause(dice: &mut Dice, fixes: &mut [Fix], pause_ms: i64) -> Option<(i64, i64)> {
    let at = fixes.len() / 4 + dice.below(fixes.len() / 2);
    let from_ms = fixes.get(at)?.after_ms + 2_000;
    let later = fixes.get_mut(at + 1..)?;
    later.iter_mut().for_each(|fix| fix.after_ms += pause_ms);
    Some((from_ms, from_ms + pause_ms))
}

/// Takes the fixes of a few minutes away, never the first nor the last one.
fn lose_satellites(dice: &mut Dice, fixes: &mut Vec<Fix>) {
    let gap_ms = dice.between(150_000, 400_000);
    let (Some(first), Some(last)) = (fixes.first(), fixes.last()) else {
        return;
    };
    let (first_ms, last_ms) = (first.after_ms, last.after_ms);
    let from_ms = dice.between(first_ms, (last_ms - gap_ms).max(first_ms));
    let is_lost = |at_ms: i64| at_ms > from_ms && at_ms < from_ms + gap_ms && at_ms != last_ms;
    fixes.retain(|fix| !is_lost(fix.after_ms));
}

/// Where the patrol was at a moment: its last fix until then.
fn place_at(fixes: &[Fix], at_ms: i64) -> Option<Point> {
    fixes
        .iter()
        .take_while(|fix| fix.after_ms <= at_ms)
        .last()
        .map(|fix| fix.point)
}

/// Visits of the checkpoints where the way begins and ends.
fn visits(
    dice: &mut Dice,
    post: &Post,
    patrol: u32,
    (first, last): (Option<&Checkpoint>, Option<&Checkpoint>),
    fixes: &[Fix],
    moment: &mut impl FnMut(&mut Dice) -> i64,
    stint: &mut Stint,
) {
    let end_ms = fixes.last().map_or(0, |fix| fix.after_ms);
    let mut visit = |dice: &mut Dice, checkpoint: &Checkpoint, at_ms: i64| {
        let point = place_at(fixes, at_ms).unwrap_or(point_at(checkpoint.lat, checkpoint.lon));
        let proof = dice.pick(&PROOFS).copied().unwrap_or("gps").to_owned();
        let checkpoint = checkpoint.code.clone();
        stint.add(
            at_ms,
            What::Visit {
                patrol,
                checkpoint,
                proof,
                point: Some(point),
                unlocated_reason: None,
            },
        );
    };
    if let Some(checkpoint) = first {
        let at_ms = fixes.first().map_or(0, |fix| fix.after_ms) + 1_500;
        visit(dice, checkpoint, at_ms);
    }
    if let Some(checkpoint) = last {
        visit(dice, checkpoint, end_ms + 1_500);
    } else if let Some(checkpoint) = dice.pick(&post.checkpoints).filter(|_| dice.percent(20)) {
        let at_ms = moment(dice);
        visit(dice, checkpoint, at_ms);
    }
}

fn unlocated(dice: &mut Dice, post: &Post, patrol: u32) -> What {
    let checkpoint = dice
        .pick(&post.checkpoints)
        .map(|checkpoint| checkpoint.code.clone())
        .unwrap_or_default();
    let proof = dice
        .pick(&["qr", "nfc", "none"])
        .copied()
        .unwrap_or("none")
        .to_owned();
    let unlocated_reason = dice.pick(&UNLOCATED_REASONS).map(|reason| (*reason).to_owned());
    What::Visit {
        patrol,
        checkpoint,
        proof,
        point: None,
        unlocated_reason,
    }
}

fn observation(dice: &mut Dice, scenario: &Scenario, patrol: u32, point: Option<Point>) -> What {
    let words = dice.pick(&scenario.fields().observations);
    let kind = words.map(|words| words.kind.clone()).unwrap_or_default();
    let note = words
        .and_then(|words| dice.pick(&words.notes))
        .cloned()
        .unwrap_or_default();
    What::Observe {
        patrol,
        kind,
        note,
        point,
        photos: Vec::new(),
    }
}
