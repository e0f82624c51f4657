//! Damaged vaults by the thousand: bits flipped, pages zeroed and swapped, files cut, lost, taken from another vault or from
//! an older copy. Is it noticed, does everything unsent come back, and is the damaged original left as it is?

mod harm;
mod layout;
pub(crate) mod oracle;
pub(crate) mod phone;
pub(crate) mod platform;
#[cfg(test)]
mod tests;
mod trial;
mod vault;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use grid_fieldbook::FieldError;

use crate::{Dice, SimDisk};
use harm::{Copy, Files, Harm, Intact, Kind};
pub use trial::Noticed;
use trial::Plan;
pub use vault::Shape;
use vault::Vault;

/// Vaults of each shape.
const VAULTS: u64 = 2;
/// Every so many images have both copies struck.
const BOTH_EVERY: u64 = 5;
/// Drawings that may hit nothing that means something before one is given up.
const DRAWINGS_MAX: u32 = 200;
/// Problems that are told in full.
const PROBLEMS_TOLD: usize = 60;

/// What came of the damage to one copy, or to both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Damaged images.
    pub images: u64,
    /// Of these, noticed.
    pub detected: u64,
    /// Unsent records (one copy struck), or unsent records whose frame was not struck (both).
    pub unsent: u64,
    /// Of these, back bit for bit.
    pub recovered: u64,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// One copy struck, the other spared.
    pub one: Tally,
    /// Both struck.
    pub both: Tally,
    /// Drawings that hit nothing that means something: not damage, not counted; a tenth of them was opened all the same.
    pub harmless: u64,
    /// Of these, opened as damaged all the same: a log that lost its place may hide newer pages behind older ones.
    pub cautious: u64,
    /// How damage was noticed.
    pub noticed: BTreeMap<Noticed, u64>,
    /// Images by what happened.
    pub kinds: BTreeMap<String, u64>,
    /// What is not as it should be, each with what repeats it.
    pub problems: Vec<String>,
}

impl Report {
    /// Whether everything was noticed and came back; both kinds of images were tried unless only one image was.
    pub fn is_clean(&self, only_one: bool) -> bool {
        let full = |tally: &Tally| tally.recovered == tally.unsent && (only_one || tally.images > 0);
        self.problems.is_empty()
            && full(&self.one)
            && full(&self.both)
            && self.one.detected == self.one.images
    }

    /// The report as it is printed; its last line is for machines.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for problem in self.problems.iter().take(PROBLEMS_TOLD) {
            let _ = writeln!(text, "PROBLEM {problem}");
        }
        if self.problems.len() > PROBLEMS_TOLD {
            let _ = writeln!(
                text,
                "… and {} problems more",
                self.problems.len() - PROBLEMS_TOLD
            );
        }
        for (what, count) in &self.kinds {
            let _ = writeln!(text, "{count:>7}  {what}");
        }
        for (noticed, count) in &self.noticed {
            let _ = writeln!(text, "{count:>7}  noticed: {noticed:?}");
        }
        let _ = writeln!(
            text,
            "{:>7}  drawings that hit nothing of meaning, not counted; of those opened {} were called damaged",
            self.harmless, self.cautious
        );
        let (one, both) = (self.one, self.both);
        let _ = writeln!(
            text,
            "both damaged: images {}, intact frames {}, recovered {}",
            both.images, both.unsent, both.recovered
        );
        let _ = write!(
            text,
            "images {}, detected {}, unsent {}, recovered {}",
            one.images, one.detected, one.unsent, one.recovered
        );
        text
    }

    fn add(&mut self, other: Self) {
        let add = |to: &mut Tally, from: Tally| {
            to.images += from.images;
            to.detected += from.detected;
            to.unsent += from.unsent;
            to.recovered += from.recovered;
        };
        add(&mut self.one, other.one);
        add(&mut self.both, other.both);
        self.harmless += other.harmless;
        self.cautious += other.cautious;
        other
            .noticed
            .into_iter()
            .for_each(|(key, count)| *self.noticed.entry(key).or_default() += count);
        other
            .kinds
            .into_iter()
            .for_each(|(key, count)| *self.kinds.entry(key).or_default() += count);
        self.problems.extend(other.problems);
    }
}

struct Subject {
    vault: Vault,
    intact: Intact,
}

/// Damages `count` images with one copy struck, and some with both; or only the image with this number.
pub fn run(count: u64, seed: u64, only: Option<u64>) -> Result<Report, String> {
    let subjects = subjects(seed)?;
    let another = Vault::made(Shape::AllInLog, seed ^ 0xa110)?;
    let another = harm::files(&SimDisk::from_snapshot(&another.image));
    let numbers = only.map_or(0..count, |only| only..only + 1);
    let next = AtomicU64::new(numbers.start);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut report = Report::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return report;
            }
            one_image(&subjects, &another, seed, number, &mut report);
        }
    };
    let reports: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().ok()).collect()
    });
    let mut all = Report::default();
    for report in reports {
        all.add(report.ok_or("a trial panicked")?);
    }
    Ok(all)
}

fn subjects(seed: u64) -> Result<Vec<Subject>, String> {
    let mut subjects = Vec::new();
    for shape in Shape::ALL {
        for number in 0..VAULTS {
            let vault = Vault::made(shape, crate::dice::mixed(seed, number) ^ shape as u64)
                .map_err(|error| format!("making a vault {shape:?}: {error}"))?;
            let intact = Intact::of(&vault.image, &vault.earlier);
            subjects.push(Subject { vault, intact });
        }
    }
    Ok(subjects)
}

fn one_image(subjects: &[Subject], another: &Files, seed: u64, number: u64, report: &mut Report) {
    let mut dice = Dice::seeded(crate::dice::mixed(seed, number));
    for _ in 0..DRAWINGS_MAX {
        let subject = &subjects[dice.below(subjects.len() as u64) as usize];
        let copy = if dice.chance(550) {
            Copy::Database
        } else {
            Copy::Lifeboat
        };
        let harm = harm::strike(&subject.intact, another, copy, &mut dice);
        if !subject.intact.is_hurt(&harm.files) {
            report.harmless += 1;
            if dice.chance(100) {
                harmless(subject, &harm, number, report);
            }
            continue;
        }
        let plan = Plan {
            seed: dice.below(u64::MAX),
            cut: number.is_multiple_of(3),
            sync: number.is_multiple_of(10),
            mixed: harm.done.iter().any(|(_, kind)| *kind == Kind::EarlierUnderLog),
        };
        if number.is_multiple_of(BOTH_EVERY) {
            both_struck(subject, another, plan, number, report);
        }
        one_struck(subject, &harm, plan, number, report);
        return;
    }
    report
        .problems
        .push(format!("image {number}: nothing could be hit"));
}

fn image_of(subject: &Subject, files: &Files) -> crate::Image {
    let disk = SimDisk::from_snapshot(&subject.vault.image);
    let laid = harm::lay(&disk, &subject.intact.files, files);
    debug_assert!(laid.is_ok(), "the disk works");
    disk.settle();
    disk.snapshot()
}

fn named(done: &[(String, Kind)]) -> String {
    let named = done.iter().map(|(name, kind)| format!("{kind:?} of {name}"));
    named.collect::<Vec<_>>().join(" and ")
}

fn one_struck(subject: &Subject, harm: &Harm, plan: Plan, number: u64, report: &mut Report) {
    let vault = &subject.vault;
    let outcome = trial::run(vault, &image_of(subject, &harm.files), plan, true);
    report.one.images += 1;
    report.one.detected += u64::from(outcome.noticed != Noticed::No);
    report.one.unsent += outcome.kept.unsent;
    report.one.recovered += outcome.kept.recovered;
    *report.noticed.entry(outcome.noticed).or_default() += 1;
    let (name, kind) = &harm.done[0];
    let file = if name.ends_with(".boat") {
        "a segment"
    } else {
        name
    };
    *report.kinds.entry(format!("{kind:?} of {file}")).or_default() += 1;
    let mut problems = outcome.problems;
    if outcome.noticed == Noticed::No {
        problems.push("not noticed".to_owned());
    }
    tell(subject, harm, number, "", problems, report);
}

fn both_struck(subject: &Subject, another: &Files, plan: Plan, number: u64, report: &mut Report) {
    let (vault, intact) = (&subject.vault, &subject.intact);
    let mut dice = Dice::seeded(plan.seed ^ 0xb07);
    let mut harm = harm::strike(intact, another, Copy::Database, &mut dice);
    for _ in 0..=dice.below(3) {
        harm.strike(intact, another, Copy::Lifeboat, &mut dice);
    }
    let untouched = intact.untouched_frames(&harm.files);
    let mixed = harm.done.iter().any(|(_, kind)| *kind == Kind::EarlierUnderLog);
    let plan = Plan { mixed, ..plan };
    let outcome = trial::run(vault, &image_of(subject, &harm.files), plan, false);
    report.both.images += 1;
    report.both.detected += u64::from(outcome.noticed != Noticed::No);
    let unsent = vault
        .truth
        .unsent_changes()
        .filter(|(at, _)| untouched.contains(at));
    let (mut frames, mut recovered) = (0, 0);
    for (at, known) in unsent {
        frames += 1;
        let back = outcome.after.as_ref().and_then(|after| after.changes.get(at));
        recovered +=
            u64::from(back.is_some_and(|back| {
                (&back.entry, back.h, back.state) == (&known.entry, known.h, known.state)
            }));
    }
    report.both.unsent += frames;
    report.both.recovered += recovered;
    let mut problems = outcome.problems;
    if recovered < frames {
        problems.push(format!("{recovered} of {frames} intact frames came back"));
    }
    tell(subject, &harm, number, "both: ", problems, report);
}

/// What is no damage must stay without consequence; calling it damage is caution, if all comes back.
fn harmless(subject: &Subject, harm: &Harm, number: u64, report: &mut Report) {
    let image = image_of(subject, &harm.files);
    let phone = phone::Phone::small(&SimDisk::from_snapshot(&image), number);
    let opened = match phone.open() {
        Err(FieldError::Damaged) => {
            report.cautious += 1;
            phone.recover().map(|(book, _)| book)
        }
        other => other,
    };
    let lacks = match opened.and_then(|book| book.close()) {
        Ok(()) => oracle::Truth::of(&phone.disk.snapshot())
            .map(|after| subject.vault.truth.lacking_in(&after, true)),
        Err(error) => Err(format!("opening: {error}")),
    };
    let lacks = lacks.unwrap_or_else(|error| vec![error]);
    tell(subject, harm, number, "harmless: ", lacks, report);
}

fn tell(
    subject: &Subject,
    harm: &Harm,
    number: u64,
    which: &str,
    problems: Vec<String>,
    report: &mut Report,
) {
    if !problems.is_empty() {
        report.problems.push(format!(
            "image {number}, {which}{:?}, {} ({}): {}",
            subject.vault.shape,
            named(&harm.done),
            harm::differing(&subject.intact.files, &harm.files),
            problems.join("; ")
        ));
    }
}
