//! How long things take, and how much of them a shift may have to hold: loading checks what laying out relies on.

use crate::scenario::Fields;

/// Longest work on one task, minutes.
pub(crate) const TASK_MINUTES_MAX: u64 = 50;
/// Longest work on one dispute, minutes.
pub(crate) const DISPUTE_MINUTES_MAX: u64 = 95;
/// Last step of a rescue at the latest, seconds after its beginning.
pub(crate) const URGENT_S_MAX: u32 = 1_800;
/// Longest rescue with its report, minutes.
pub(crate) const URGENT_MINUTES_MAX: u64 = URGENT_S_MAX as u64 / 60 + 10;
/// Shortest time between two pieces of work, minutes.
pub(crate) const BETWEEN_MINUTES_MIN: u64 = 2;
/// Time of a shift that stays free, minutes: counts outside patrols are made then.
pub(crate) const FREE_MINUTES_MIN: u64 = 30;

/// How many count entries take something back.
pub(crate) fn corrections(fields: &Fields) -> usize {
    (u64::from(fields.totals.counts) * u64::from(fields.counts.corrections_percent) / 100) as usize
}

/// How many tasks somebody works on.
pub(crate) fn tasks_worked_on(fields: &Fields) -> u64 {
    let tasks = &fields.tasks.before_cut;
    [
        tasks.accepted,
        tasks.on_site,
        tasks.submitted,
        tasks.recalled_finished,
    ]
    .into_iter()
    .map(u64::from)
    .sum()
}

/// The minutes of the fullest shift, when everything takes as long as it may.
pub(crate) fn fullest_shift_minutes(fields: &Fields) -> u64 {
    let shifts = fields.officers.len() as u64 * u64::from(fields.days);
    let totals = &fields.totals;
    let work = [
        (u64::from(totals.patrols), u64::from(fields.patrols.minutes_max)),
        (tasks_worked_on(fields), TASK_MINUTES_MAX),
        (u64::from(totals.disputes), DISPUTE_MINUTES_MAX),
        (u64::from(totals.urgent), URGENT_MINUTES_MAX),
    ];
    let minutes = |(many, each): &(u64, u64)| many.div_ceil(shifts.max(1)) * (each + BETWEEN_MINUTES_MIN);
    work.iter().map(minutes).sum::<u64>() + FREE_MINUTES_MIN
}
