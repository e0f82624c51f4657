//! Lays the stints of each shift one after the other, with free time between them in which loose counts are made.

use std::collections::BTreeSet;

use super::lengths::BETWEEN_MINUTES_MIN;
use super::stint::Stint;
use crate::dice::Dice;
use crate::plan::{Action, What};
use crate::scenario::{Scenario, Shift};
use crate::time::{DAY_MS, MINUTE_MS};

/// One officer on duty on one day.
pub(super) struct OnDuty {
    pub(super) officer: usize,
    pub(super) post: String,
    from_ms: i64,
    to_ms: i64,
    /// What is done, in no order yet.
    pub(super) stints: Vec<Stint>,
}

/// All shifts of all officers. Of two officers on one phone, each has the first shift every other day.
pub(super) fn shifts(scenario: &Scenario) -> Vec<OnDuty> {
    let fields = scenario.fields();
    let mut shifts = Vec::new();
    for day in 0..i64::from(fields.days) {
        for (index, officer) in fields.officers.iter().enumerate() {
            let on_phone: Vec<_> = fields
                .officers
                .iter()
                .enumerate()
                .filter(|(_, other)| other.phone == officer.phone)
                .collect();
            let rank = on_phone
                .iter()
                .position(|(at, _)| *at == index)
                .unwrap_or_default() as i64;
            let Shift { from, to } = match (on_phone.len(), (rank + day) % 2) {
                (1, _) => fields.shifts.alone,
                (_, 0) => fields.shifts.first,
                _ => fields.shifts.second,
            };
            let midnight_ms = scenario.start_ms() + day * DAY_MS;
            shifts.push(OnDuty {
                officer: index,
                post: officer.post.clone(),
                from_ms: midnight_ms + i64::from(from) * MINUTE_MS,
                to_ms: midnight_ms + i64::from(to) * MINUTE_MS,
                stints: Vec::new(),
            });
        }
    }
    shifts
}

/// Gives every stint its time, and every officer his loose counts.
pub(super) fn lay_out(dice: &mut Dice, scenario: &Scenario, shifts: Vec<OnDuty>) -> Vec<Action> {
    let loose = dice.hand_out(super::counts::loose(scenario.fields()), shifts.len());
    let mut actions = Vec::new();
    for (index, shift) in shifts.into_iter().enumerate() {
        let counts = loose.iter().filter(|&&at| at == index).count();
        lay_out_shift(dice, shift, counts, &mut actions);
    }
    actions
}

fn lay_out_shift(dice: &mut Dice, shift: OnDuty, counts: usize, actions: &mut Vec<Action>) {
    let OnDuty {
        officer,
        post,
        from_ms,
        to_ms,
        mut stints,
    } = shift;
    dice.shuffle(&mut stints);
    let between_ms = BETWEEN_MINUTES_MIN as i64 * MINUTE_MS;
    let busy_ms: i64 = stints.iter().map(|stint| stint.length_ms() + between_ms).sum();
    // Loading has checked that the fullest shift leaves free time; it is divided at random places.
    let free_ms = (to_ms - from_ms - busy_ms).max(0);
    let mut cuts: Vec<i64> = stints.iter().map(|_| dice.between(0, free_ms)).collect();
    cuts.sort_unstable();
    let mut free: Vec<(i64, i64)> = Vec::new();
    let (mut now_ms, mut used_ms) = (from_ms, 0);
    for (stint, cut_ms) in stints.into_iter().zip(cuts) {
        let begins_ms = now_ms + cut_ms - used_ms + between_ms / 2;
        used_ms = cut_ms;
        free.push((now_ms, begins_ms - 1));
        now_ms = begins_ms + stint.length_ms() + between_ms / 2;
        free.push((now_ms - between_ms / 2 + 1, now_ms));
        let steps = stint.into_steps().into_iter();
        actions.extend(steps.map(|step| Action {
            at_ms: begins_ms + step.after_ms,
            officer,
            what: step.what,
        }));
    }
    free.push((now_ms, to_ms));
    for at_ms in loose_times(dice, &free, counts) {
        let what = What::Count {
            kind: String::new(),
            value: 0,
            post: post.clone(),
            patrol: None,
            reason: None,
        };
        actions.push(Action { at_ms, officer, what });
    }
}

/// Moments in the free time, each once.
fn loose_times(dice: &mut Dice, free: &[(i64, i64)], many: usize) -> BTreeSet<i64> {
    let total_ms: i64 = free.iter().map(|(from, to)| to - from).sum();
    let mut times = BTreeSet::new();
    while times.len() < many && total_ms > many as i64 {
        let mut into_ms = dice.between(0, total_ms - 1);
        for (from, to) in free {
            if into_ms < to - from {
                times.insert(from + into_ms);
                break;
            }
            into_ms -= to - from;
        }
    }
    times
}
