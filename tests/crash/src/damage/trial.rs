//! One damaged vault: is it noticed, and does everything come back? Never draws anything.

use grid_fieldbook::{FieldBook, FieldError, Recovery};

use super::harm::{self, Files};
use super::layout;
use super::oracle::{Kept, Truth};
use super::phone::{Phone, VAULT};
use super::platform::Platform;
use super::vault::Vault;
use crate::{Dice, Image, SimDisk, Subset};

/// What a trial is told besides its damage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Cut the power in the recovery, too.
    pub(crate) cut: bool,
    /// Sync what came back with an empty platform.
    pub(crate) sync: bool,
    /// Database and log are of different moments, and each page is authentic: opening cannot tell, and lays rows of the
    /// lifeboat into it before a look shows it. Views may count what was counted before.
    pub(crate) mixed: bool,
}

/// How the damage was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noticed {
    /// Opening said `Damaged`.
    AtOpen,
    /// Opening set it right.
    Repaired,
    /// The self-check said which part.
    BySelfCheck(&'static str),
    /// Not at all.
    No,
}

/// What came of a trial.
pub(crate) struct Outcome {
    pub(crate) noticed: Noticed,
    pub(crate) kept: Kept,
    pub(crate) problems: Vec<String>,
    pub(crate) after: Option<Truth>,
}

/// Opens a damaged vault, recovers it, and compares. `whole`: one copy was spared, so nothing may be lacking.
pub(crate) fn run(vault: &Vault, image: &Image, plan: Plan, whole: bool) -> Outcome {
    let mut outcome = Outcome {
        noticed: Noticed::No,
        kept: Kept {
            unsent: vault.truth.unsent(),
            recovered: 0,
        },
        problems: Vec::new(),
        after: None,
    };
    let disk = SimDisk::from_snapshot(image);
    let phone = Phone::small(&disk, plan.seed);
    outcome.noticed = noticed(vault, image, &phone, plan, whole, &mut outcome.problems);
    let found = disk.snapshot();
    match phone.recover() {
        Ok((book, recovery)) => {
            close(book, &mut outcome.problems);
            outcome.judge(vault, &found, &disk, &recovery, (plan, whole));
            outcome.judge_again(&phone);
            if plan.sync {
                outcome.judge_sync(&phone);
            }
        }
        Err(error) if whole => outcome.problems.push(format!("recovering: {error}")),
        // Nothing that opens under this key: then nothing may be touched.
        Err(FieldError::Damaged) => outcome.unchanged("recovery that gave up", &found, &disk),
        Err(error) => outcome.problems.push(format!("recovering: {error}")),
    }
    if plan.cut {
        outcome.judge_cut(vault, &found, plan, whole);
    }
    outcome
}

fn close(book: FieldBook, problems: &mut Vec<String>) {
    if let Err(error) = book.close() {
        problems.push(format!("closing: {error}"));
    }
}

/// Whether opening or looking tells of the damage.
fn noticed(
    vault: &Vault,
    image: &Image,
    phone: &Phone,
    plan: Plan,
    whole: bool,
    problems: &mut Vec<String>,
) -> Noticed {
    let before = harm::files(&phone.disk);
    let book = match phone.open() {
        Ok(book) => book,
        Err(FieldError::Damaged) => {
            let after = harm::files(&phone.disk);
            if !plan.mixed && !is_same(&before, &after) {
                problems.push(format!(
                    "opening changed a damaged vault: {}",
                    changed(&before, &after)
                ));
            }
            return Noticed::AtOpen;
        }
        Err(error) => {
            problems.push(format!("opening: {error}"));
            return Noticed::No;
        }
    };
    let failed = match book.self_check() {
        Ok(checks) => checks.into_iter().find(|check| {
            !check.ok && matches!(check.name, "database" | "chain" | "lifeboat" | "attachments")
        }),
        Err(FieldError::Damaged) => {
            close(book, problems);
            return Noticed::AtOpen;
        }
        Err(error) => {
            problems.push(format!("self-check: {error}"));
            None
        }
    };
    close(book, problems);
    if let Some(check) = failed {
        return Noticed::BySelfCheck(check.name);
    }
    // It says that all is well: then it was not so before, and is so now.
    let was_well = Truth::of(image).is_ok_and(|before| vault.truth.lacking_in(&before, true).is_empty());
    match Truth::of(&phone.disk.snapshot()) {
        Ok(after) => {
            let lacks = vault.truth.lacking_in(&after, !plan.mixed);
            if !lacks.is_empty() {
                // With both copies struck, what nothing tells of cannot be known.
                if !whole {
                    return Noticed::No;
                }
                problems.push(format!("said to be well, but {}", lacks.join(", ")));
                return Noticed::No;
            }
            let boats = |files: &Files| files.keys().filter(|name| name.ends_with(".boat")).count();
            let rewritten = boats(&harm::files(&phone.disk)) > boats(&before);
            if !was_well || rewritten {
                Noticed::Repaired
            } else {
                Noticed::No
            }
        }
        Err(error) => {
            problems.push(error);
            Noticed::No
        }
    }
}

/// Whether nothing was lost: moving what the log says into the database is allowed, anything else is not.
fn is_same(before: &Files, after: &Files) -> bool {
    let seen = |files: &Files| {
        let of = |name: &str| files.get(name).cloned().unwrap_or_default();
        layout::seen(&of(harm::DATABASE), &of(harm::LOG))
    };
    let boats = |files: &Files| -> Files {
        let boats = files.iter().filter(|(name, _)| name.ends_with(".boat"));
        boats.map(|(name, bytes)| (name.clone(), bytes.clone())).collect()
    };
    seen(before) == seen(after) && boats(before) == boats(after)
}

fn changed(before: &Files, after: &Files) -> String {
    let names = before.keys().chain(after.keys());
    let mut names: Vec<_> = names
        .filter(|name| before.get(*name) != after.get(*name))
        .collect();
    names.dedup();
    format!("{names:?}")
}

impl Outcome {
    fn judge(
        &mut self,
        vault: &Vault,
        found: &Image,
        disk: &SimDisk,
        recovery: &Recovery,
        (plan, whole): (Plan, bool),
    ) {
        match Truth::of(&disk.snapshot()) {
            Ok(after) => {
                self.kept = vault.truth.kept_in(&after);
                let lacks = if whole {
                    vault.truth.lacking_in(&after, !plan.mixed)
                } else {
                    after.unsound(&vault.truth)
                };
                self.problems.extend(lacks);
                self.after = Some(after);
            }
            Err(error) => self.problems.push(format!("after the recovery: {error}")),
        }
        if let Some(place) = &recovery.quarantined {
            let originals = harm::files(&SimDisk::from_snapshot(found));
            let moved = originals
                .iter()
                .filter(|(name, _)| !recovery.database_was_whole || name.ends_with(".boat"));
            for (name, bytes) in moved {
                let folder = disk.root().join(VAULT);
                let kept = |path: std::path::PathBuf| disk.read_file(&path).as_ref() == Some(bytes);
                // A segment that is whole stays where it is.
                let stays = name.ends_with(".boat") && kept(folder.join(name));
                if !stays && !kept(folder.join(place).join(name)) {
                    self.problems
                        .push(format!("the damaged {name} was changed or is gone"));
                }
            }
        }
    }

    fn judge_again(&mut self, phone: &Phone) {
        let before = self.after.clone();
        match phone.recover() {
            Ok((book, again)) => {
                if !again.database_was_whole || again.lifeboat_damaged > 0 {
                    self.problems
                        .push(format!("a second recovery found work: {again:?}"));
                }
                let checks = book.self_check().unwrap_or_default();
                let failed = checks.iter().filter(|check| {
                    !check.ok && matches!(check.name, "database" | "chain" | "lifeboat" | "attachments")
                });
                let failed: Vec<_> = failed
                    .map(|check| format!("{}: {}", check.name, check.detail))
                    .collect();
                if checks.is_empty() || !failed.is_empty() {
                    self.problems.push(format!("recovered, but {failed:?}"));
                }
                close(book, &mut self.problems);
                let after = Truth::of(&phone.disk.snapshot());
                let same =
                    before.is_some_and(|before| after.is_ok_and(|after| before.changes == after.changes));
                if !same {
                    self.problems
                        .push("a second recovery changed something".to_owned());
                }
            }
            Err(error) => self.problems.push(format!("recovering again: {error}")),
        }
    }

    fn judge_sync(&mut self, phone: &Phone) {
        // Where both copies lost it, the worker has to enrol again first.
        let Some(after) = self.after.as_ref().filter(|after| after.is_enrolled()) else {
            return;
        };
        let arrived = (|| {
            let platform = Platform::new()?;
            let book = phone.open().map_err(|error| error.to_string())?;
            let synced = platform.sync_all(&book);
            book.close().map_err(|error| error.to_string())?;
            synced?;
            let held = platform.held();
            let all = after
                .unsent_changes()
                .all(|(at, known)| held.changes.get(at) == Some(&known.entry));
            if all {
                Ok(())
            } else {
                Err("not everything arrived".to_owned())
            }
        })();
        if let Err(error) = arrived {
            self.problems.push(format!("syncing what came back: {error}"));
        }
    }

    /// The power goes in the recovery; the next one goes on.
    fn judge_cut(&mut self, vault: &Vault, found: &Image, plan: Plan, whole: bool) {
        let mut dice = Dice::seeded(plan.seed ^ 0xc07);
        let dry = SimDisk::from_snapshot(found);
        dry.mark();
        if Phone::small(&dry, plan.seed).recover().is_err() {
            return;
        }
        let disk = SimDisk::from_snapshot(found);
        disk.mark();
        let at = dice.below(dry.ops().max(1));
        disk.cut_power_at(at);
        drop(Phone::small(&disk, plan.seed).recover());
        let subset = Subset::seeded(plan.seed, dice.below(20));
        let disk = disk.after_power_cut(subset);
        let phone = Phone::small(&disk, plan.seed ^ 1);
        let told = format!("power cut at {at} of {} ({subset:?})", dry.ops());
        match phone.recover() {
            Ok((book, _)) => {
                close(book, &mut self.problems);
                let after = Truth::of(&disk.snapshot());
                let lacks = match (&after, &self.after) {
                    (Ok(after), _) if whole => vault.truth.lacking_in(after, !plan.mixed),
                    (Ok(after), Some(uncut)) => {
                        let kept = uncut.kept_in(after);
                        let mut lacks = after.unsound(&vault.truth);
                        if kept.recovered < kept.unsent {
                            lacks.push(format!("{} of {} come back", kept.recovered, kept.unsent));
                        }
                        lacks
                    }
                    (Ok(_), None) => Vec::new(),
                    (Err(error), _) => vec![error.clone()],
                };
                self.problems
                    .extend(lacks.into_iter().map(|lack| format!("{told}: {lack}")));
                self.originals_kept(found, &disk, &told);
            }
            Err(error) => self.problems.push(format!("{told}: recovering: {error}")),
        }
    }

    /// Every damaged file lies somewhere as it was, in place or in quarantine.
    fn originals_kept(&mut self, found: &Image, disk: &SimDisk, told: &str) {
        let originals = harm::files(&SimDisk::from_snapshot(found));
        let all: Vec<_> = disk
            .files()
            .into_iter()
            .filter_map(|path| disk.read_file(&path))
            .collect();
        let kept = |name: &str| {
            disk.files()
                .iter()
                .any(|path| path.ends_with(format!("quarantine/0001/{name}")))
        };
        let rebuilt = kept(harm::DATABASE) || kept(harm::LOG);
        for (name, bytes) in &originals {
            let matters = rebuilt || (name.ends_with(".boat") && kept("lifeboat"));
            if matters && !all.contains(bytes) {
                self.problems
                    .push(format!("{told}: the damaged {name} was changed or is gone"));
            }
        }
    }

    fn unchanged(&mut self, who: &str, found: &Image, disk: &SimDisk) {
        let (before, after) = (harm::files(&SimDisk::from_snapshot(found)), harm::files(disk));
        if !is_same(&before, &after) {
            self.problems
                .push(format!("a {who} changed {}", changed(&before, &after)));
        }
    }
}
