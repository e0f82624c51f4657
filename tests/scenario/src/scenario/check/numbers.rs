//! Totals that must add up, ranges that must not be empty, and a day long enough for its work.

use super::places::some;
use crate::expand::lengths;
use crate::scenario::error::Fault;
use crate::scenario::fields::{Fields, Shift};
use crate::scenario::terms;

/// Most attachments one record may name.
const PHOTOS_PER_RECORD_MAX: u32 = 20;
/// Most of anything: a plan is held in memory.
const TOTAL_MAX: i64 = 100_000;
/// Largest step of a counter that a phone takes.
const COUNT_VALUE_MAX: u32 = 100_000_000;

pub(super) fn check(fields: &Fields) -> Result<(), Fault> {
    let margin = fields.shore_margin_m;
    if !(0.0..=500.0).contains(&margin) {
        return Err(Fault::of(
            "shore_margin_m",
            format!("is {margin}"),
            "write metres from 0 to 500",
        ));
    }
    let totals = &fields.totals;
    for (field, total) in [
        ("patrols", totals.patrols),
        ("counts", totals.counts),
        ("disputes", totals.disputes),
        ("tasks", totals.tasks),
        ("urgent", totals.urgent),
        ("photos", totals.photos),
    ] {
        range(&format!("totals.{field}"), total.into(), 0, TOTAL_MAX)?;
    }
    patrols(fields)?;
    windows(fields)?;
    counts(fields)?;
    sums(fields)?;
    photos(fields)?;
    days(fields)
}

pub(super) fn range(field: &str, value: i64, low: i64, high: i64) -> Result<(), Fault> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(Fault::of(
        field,
        format!("is {value}"),
        format!("write a number from {low} to {high}"),
    ))
}

fn ordered(field: &str, low: u32, high: u32) -> Result<(), Fault> {
    if low <= high {
        return Ok(());
    }
    Err(Fault::of(
        format!("{field}_min"),
        format!("is {low}, more than {field}_max = {high}"),
        "swap or correct them",
    ))
}

fn equal(field: &str, parts: &str, parts_of: &[u32], total: u32) -> Result<(), Fault> {
    let sum: u64 = parts_of.iter().copied().map(u64::from).sum();
    if sum == u64::from(total) {
        return Ok(());
    }
    Err(Fault::of(
        field,
        format!("is {total}, but {parts} add up to {sum}"),
        "change one of them until they agree",
    ))
}

fn patrols(fields: &Fields) -> Result<(), Fault> {
    let patrols = &fields.patrols;
    range("patrols.minutes_min", patrols.minutes_min.into(), 10, 240)?;
    ordered("patrols.minutes", patrols.minutes_min, patrols.minutes_max)?;
    range("patrols.minutes_max", patrols.minutes_max.into(), 10, 240)?;
    range("patrols.fix_every_s_min", patrols.fix_every_s_min.into(), 1, 60)?;
    ordered(
        "patrols.fix_every_s",
        patrols.fix_every_s_min,
        patrols.fix_every_s_max,
    )?;
    range("patrols.fix_every_s_max", patrols.fix_every_s_max.into(), 1, 60)?;
    ordered(
        "patrols.observations",
        patrols.observations_min,
        patrols.observations_max,
    )?;
    range("patrols.observations_max", patrols.observations_max.into(), 0, 20)?;
    for (field, percent) in [
        ("pause_percent", patrols.pause_percent),
        ("gap_percent", patrols.gap_percent),
        ("vague_percent", patrols.vague_percent),
        ("unlocated_percent", patrols.unlocated_percent),
        ("counts_percent", patrols.counts_percent),
    ] {
        range(&format!("patrols.{field}"), percent.into(), 0, 100)?;
    }
    if fields.totals.patrols == 0 && fields.totals.counts > 0 {
        range("patrols.counts_percent", patrols.counts_percent.into(), 0, 0)?;
    }
    some("tracks", fields.tracks.len(), "a recorded track")
}

fn windows(fields: &Fields) -> Result<(), Fault> {
    let windows = &fields.windows;
    range("windows.count_max", windows.count_max.into(), 1, 10_000)?;
    range("windows.duration_s_min", windows.duration_s_min.into(), 1, 600)?;
    ordered(
        "windows.duration_s",
        windows.duration_s_min,
        windows.duration_s_max,
    )?;
    range("windows.duration_s_max", windows.duration_s_max.into(), 1, 600)?;
    ordered("windows.gap_s", windows.gap_s_min, windows.gap_s_max)?;
    range("windows.gap_s_min", windows.gap_s_min.into(), 1, 86_400)?;
    range(
        "windows.up_bits_per_s",
        windows.up_bits_per_s.into(),
        1_000,
        1_000_000_000,
    )?;
    range(
        "windows.down_bits_per_s",
        windows.down_bits_per_s.into(),
        1_000,
        1_000_000_000,
    )?;
    range("windows.rtt_ms", windows.rtt_ms.into(), 0, 60_000)?;
    range("windows.cut_percent", windows.cut_percent.into(), 0, 90)
}

fn counts(fields: &Fields) -> Result<(), Fault> {
    let counts = &fields.counts;
    for (index, line) in counts.kinds.iter().enumerate() {
        let at = format!("counts.kinds[{index}]");
        terms::one_of(&format!("{at}.kind"), &line.kind, terms::COUNT_KINDS)?;
        if counts.kinds[..index].iter().any(|other| other.kind == line.kind) {
            let problem = format!("says `{}`, which an earlier line has too", line.kind);
            return Err(Fault::of(format!("{at}.kind"), problem, "put both into one line"));
        }
        range(&format!("{at}.low"), line.low.into(), 1, COUNT_VALUE_MAX.into())?;
        range(
            &format!("{at}.high"),
            line.high.into(),
            line.low.into(),
            COUNT_VALUE_MAX.into(),
        )?;
    }
    range(
        "counts.corrections_percent",
        counts.corrections_percent.into(),
        0,
        100,
    )?;
    let corrections = lengths::corrections(fields);
    if corrections > 0 {
        some(
            "counts.correction_reasons",
            counts.correction_reasons.len(),
            "a reason",
        )?;
    }
    // Each correction takes back an entry of the same officer and kind, and no two in a row.
    let first_ones = fields.officers.len() * counts.kinds.len();
    let possible = (fields.totals.counts as usize).saturating_sub(first_ones) / 3;
    if corrections > possible {
        let problem = format!(
            "asks for {corrections} corrections, but only {possible} entries are sure to have an earlier one"
        );
        return Err(Fault::of("counts.corrections_percent", problem, "lower it"));
    }
    Ok(())
}

fn sums(fields: &Fields) -> Result<(), Fault> {
    let entries: Vec<u32> = fields.counts.kinds.iter().map(|line| line.entries).collect();
    equal(
        "totals.counts",
        "the entries of counts.kinds",
        &entries,
        fields.totals.counts,
    )?;
    let (before, during) = (&fields.tasks.before_cut, &fields.tasks.during_cut);
    let tasks = [
        before.untouched,
        before.accepted,
        before.on_site,
        before.submitted,
        before.recalled_untouched,
        before.recalled_finished,
        during.untouched,
        during.recalled,
    ];
    equal(
        "totals.tasks",
        "tasks.before_cut and tasks.during_cut",
        &tasks,
        fields.totals.tasks,
    )?;
    let photos = &fields.photos;
    let taken = [
        photos.in_observations,
        photos.in_task_reports,
        photos.in_case_births,
        photos.in_case_reports,
        photos.in_urgent_reports,
    ];
    equal(
        "totals.photos",
        "the numbers photos.in_…",
        &taken,
        fields.totals.photos,
    )
}

fn photos(fields: &Fields) -> Result<(), Fault> {
    let (photos, totals) = (&fields.photos, &fields.totals);
    range("photos.width", photos.width.into(), 64, 8_192)?;
    range("photos.height", photos.height.into(), 64, 8_192)?;
    let pixels = i64::from(photos.width) * i64::from(photos.height);
    // Below that the sea alone is larger, above it no grain is strong enough.
    range(
        "photos.bytes_min",
        photos.bytes_min.into(),
        pixels / 10 + 1_000,
        pixels / 2,
    )?;
    let least = i64::from(photos.bytes_min) * 11 / 10;
    range("photos.bytes_max", photos.bytes_max.into(), least, pixels)?;
    let reports = fields.tasks.before_cut.submitted + fields.tasks.before_cut.recalled_finished;
    let observations = totals.patrols * fields.patrols.observations_min * 4 / 10;
    for (field, taken, records) in [
        ("in_observations", photos.in_observations, observations),
        ("in_task_reports", photos.in_task_reports, reports),
        ("in_case_births", photos.in_case_births, totals.disputes),
        ("in_case_reports", photos.in_case_reports, totals.disputes),
        ("in_urgent_reports", photos.in_urgent_reports, totals.urgent),
    ] {
        if taken > records * PHOTOS_PER_RECORD_MAX {
            let problem =
                format!("is {taken}, too many for the {records} records that are sure to take them");
            let remedy = format!("lower it: a record names at most {PHOTOS_PER_RECORD_MAX} photos");
            return Err(Fault::of(format!("photos.{field}"), problem, remedy));
        }
    }
    Ok(())
}

fn days(fields: &Fields) -> Result<(), Fault> {
    let shifts = &fields.shifts;
    let named = [
        ("shifts.alone", shifts.alone),
        ("shifts.first", shifts.first),
        ("shifts.second", shifts.second),
    ];
    for (field, Shift { from, to }) in named {
        range(&format!("{field}.to"), to.into(), i64::from(from) + 60, 1_440)?;
    }
    if shifts.second.from <= shifts.first.to {
        let problem = format!(
            "is {}, before shifts.first.to = {}",
            shifts.second.from, shifts.first.to
        );
        return Err(Fault::of(
            "shifts.second.from",
            problem,
            "let the second shift begin after the first",
        ));
    }
    let shortest = named
        .iter()
        .map(|(_, shift)| shift.to - shift.from)
        .min()
        .unwrap_or_default();
    let needed = lengths::fullest_shift_minutes(fields);
    if needed > u64::from(shortest) {
        let problem =
            format!("and the other totals need {needed} minutes of a shift that may have {shortest}");
        return Err(Fault::of(
            "totals.patrols",
            problem,
            "lower the totals, or add days, officers or longer shifts",
        ));
    }
    Ok(())
}
