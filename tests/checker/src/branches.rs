//! Invariants 22 to 24: a store that was restored, a log that two vaults continue, a log that was put back.

use std::collections::BTreeMap;

use crate::facts::{Cloned, Facts, LogKey, Vault};
use crate::history::{Event, Saved};
use crate::report::Sheet;
use crate::wire::Id;
use crate::{Place, Ranges, Step};

/// Answers after which a phone has taken in what the first of them told, also when it died over that one.
const ANSWERS_ENOUGH: u32 = 2;

/// **22. A restored platform gets everything again.** A phone that was answered twice by another life of the store names
/// that life in its requests. At the end, after `healed`, whatever a vault holds as received or parked is in the reading;
/// what the platform had once receipted, no phone holds and the store lacks is listed by `restore_loss` or `missing`, unless a
/// rollback or damage took it from its phone; and
/// `restore_loss` lists nothing that is there. One check: a request after such answers; a record that a vault holds; a
/// record that is lost.
pub(crate) fn a_restored_platform_gets_everything_again(
    facts: &Facts,
    _: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    if facts.restores == 0 {
        return;
    }
    match step {
        Step::Pushed(pushed) => {
            let met = facts.vaults.get(&pushed.vault).and_then(|vault| vault.met);
            let met = met.filter(|(_, answers)| *answers >= ANSWERS_ENOUGH);
            if let Some((request, (life, _))) = pushed.exchange.as_ref().zip(met) {
                sheet.check(request.incarnation == Some(life), || {
                    format!(
                        "{} still names another life of the store than the one that answers it",
                        pushed.vault
                    )
                });
            }
        }
        Step::Told(Event::End {}) if facts.healed && facts.reading.is_whole => {
            let retained = offered_again(facts, sheet);
            losses_are_listed(facts, &retained, sheet);
        }
        _ => {}
    }
}

fn offered_again(facts: &Facts, sheet: &mut Sheet<'_>) -> BTreeMap<LogKey, Ranges> {
    let mut retained: BTreeMap<LogKey, Ranges> = BTreeMap::new();
    for (name, vault) in &facts.vaults {
        let Some(device) = vault.device.filter(|_| !vault.is_lost) else {
            continue;
        };
        for (epoch, log) in &vault.logs {
            let Some(view) = &log.view else { continue };
            let stored = facts
                .reading
                .stored
                .get(&(device, *epoch))
                .cloned()
                .unwrap_or_default();
            let settled = view.received.union(&view.parked);
            let forgotten = settled.minus(&stored);
            sheet.checked(settled.count());
            sheet.must(forgotten.is_empty(), || {
                format!(
                    "{name} holds {epoch}/{forgotten} and did not offer it to the restored platform again"
                )
            });
            let all = retained.entry((device, *epoch)).or_default();
            *all = all.union(&log.retained());
        }
    }
    retained
}

fn losses_are_listed(facts: &Facts, retained: &BTreeMap<LogKey, Ranges>, sheet: &mut Sheet<'_>) {
    let reading = &facts.reading;
    let mut receipted: BTreeMap<LogKey, Ranges> = BTreeMap::new();
    for (device, epoch, seq) in facts.promised.values().flat_map(BTreeMap::keys) {
        receipted.entry((*device, *epoch)).or_default().insert(*seq, *seq);
    }
    let of = |lists: &BTreeMap<LogKey, Ranges>, log: &LogKey| lists.get(log).cloned().unwrap_or_default();
    // What a rollback or damage took from its phone cannot be named by a platform that was put back, too.
    let mut taken_away: BTreeMap<LogKey, Ranges> = BTreeMap::new();
    for vault in facts.vaults.values() {
        let Some(device) = vault.device else { continue };
        for (epoch, log) in &vault.logs {
            let gone = taken_away.entry((device, *epoch)).or_default();
            *gone = gone.union(&log.taken);
        }
    }
    for (log, once) in &receipted {
        let lost = once.minus(&of(&reading.stored, log)).minus(&of(retained, log));
        let silent = lost
            .minus(&of(&reading.losses, log))
            .minus(&of(&reading.missing, log))
            .minus(&of(&taken_away, log));
        sheet.checked(lost.count());
        sheet.must(silent.is_empty(), || {
            format!(
                "{}/{silent} of {} is lost and nobody says so",
                log.1,
                facts.name(log.0)
            )
        });
    }
    for (log, listed) in &reading.losses {
        let here = listed.and(&of(&reading.stored, log));
        sheet.must(here.is_empty(), || {
            format!(
                "{}/{here} of {} is listed as lost and is there",
                log.1,
                facts.name(log.0)
            )
        });
    }
}

/// **23. A clone is noticed.** At the end, after `healed`: where a vault and its copy both gave the platform a body for one
/// key since the copy was made, the last reading has a fork or conflict of that log, and one of the two speaks under an
/// epoch that neither had then, in a request or a view. One check: such a pair, or one in which an epoch began.
pub(crate) fn a_clone_is_noticed(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::End {}) = step else { return };
    if !facts.healed {
        return;
    }
    for (name, copy) in &facts.vaults {
        let (Some(device), Some(cloned)) = (copy.device, &copy.cloned) else {
            continue;
        };
        let began = [Some(copy), facts.vaults.get(&cloned.of)]
            .into_iter()
            .flatten()
            .any(|vault| vault.logs.keys().any(|epoch| !cloned.epochs.contains(epoch)));
        match diverged(facts, device, cloned) {
            Some(log) => {
                let conflicts = &facts.reading.conflicts;
                let is_told = facts.reading.forks.contains(&log)
                    || conflicts.iter().any(|(key, _)| (key.0, key.1) == log);
                sheet.check(is_told, || {
                    format!(
                        "{name} and {} wrote one log and the platform noticed nothing",
                        cloned.of
                    )
                });
                sheet.must(began, || {
                    format!("{name} and {} go on under one epoch", cloned.of)
                });
            }
            None => sheet.checked(u64::from(began)),
        }
    }
}

/// The log under which the platform was given two bodies for one key after the copy was made.
fn diverged(facts: &Facts, device: Id, cloned: &Cloned) -> Option<LogKey> {
    let is_of_it = |key: &(Id, u64, u64)| key.0 == device && cloned.epochs.contains(&key.1);
    let mut promised = facts.promised.values().flatten().filter(|(key, _)| is_of_it(key));
    let found = promised.find(|(_, promise)| !promise.others.is_empty() && promise.line > cloned.line);
    found.map(|(key, _)| (key.0, key.1))
}

/// **24. A log that was put back begins a new epoch.** No `saved` takes a position that another act of the vault has and
/// that nothing took away. After a rollback behind what the platform had verified, and two answers of the same life of its store, nothing is saved
/// under the old epoch; and at the end each second body under one of its keys is a `conflict`. A vault that makes good the
/// rollback from its own second copy has passed. One check: a `saved` after the rollback was met; a rollback at the end; a
/// view in which nothing is gone.
pub(crate) fn a_rollback_begins_a_new_epoch(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Told(Event::Saved(saved)) => {
            if let Some(vault) = facts.vaults.get(&saved.vault) {
                saved_under_its_own_key(vault, saved, sheet);
            }
        }
        Step::Told(Event::View {
            vault: name, epochs, ..
        }) => {
            let vault = facts.vaults.get(name).filter(|vault| vault.excuse.is_some());
            let Some((vault, rollback)) = vault.and_then(|vault| Some((vault, vault.rollback?))) else {
                return;
            };
            let written = vault
                .logs
                .get(&rollback.epoch)
                .map(|log| log.written.clone())
                .unwrap_or_default();
            let view = epochs.iter().find(|view| view.epoch.0 == rollback.epoch);
            let shown = view
                .map(|view| view.held().union(&view.purged()))
                .unwrap_or_default();
            sheet.checked(u64::from(written.minus(&shown).is_empty()));
        }
        Step::Told(Event::End {}) => {
            for vault in facts.vaults.values() {
                second_bodies_are_conflicts(facts, vault, sheet);
            }
        }
        _ => {}
    }
}

fn saved_under_its_own_key(vault: &Vault, saved: &Saved, sheet: &mut Sheet<'_>) {
    let (name, epoch, seq) = (&saved.vault, saved.epoch.0, saved.seq);
    let is_taken = vault
        .logs
        .get(&epoch)
        .is_some_and(|log| log.acts.contains_key(&seq));
    sheet.must(!is_taken || vault.excuse.is_some(), || {
        format!("{name} saved {epoch}/{seq} a second time")
    });
    if let Some(rollback) = vault
        .rollback
        .filter(|rollback| rollback.is_behind && rollback.answers >= ANSWERS_ENOUGH)
    {
        sheet.check(epoch != rollback.epoch, || {
            format!(
                "{name} was put back in line {} and goes on under the same epoch {epoch}",
                rollback.line
            )
        });
    }
}

fn second_bodies_are_conflicts(facts: &Facts, vault: &Vault, sheet: &mut Sheet<'_>) {
    let Some((device, rollback)) = vault
        .device
        .zip(vault.rollback)
        .filter(|(_, rollback)| rollback.met)
    else {
        return;
    };
    sheet.checked(1);
    let of_it = (device, rollback.epoch, 0)..=(device, rollback.epoch, u64::MAX);
    let promised = facts.promised.get(&facts.reading.incarnation);
    for (key, promise) in promised.into_iter().flat_map(|all| all.range(of_it.clone())) {
        let is_told = promise
            .others
            .iter()
            .all(|other| facts.reading.conflicts.contains(&(*key, *other)));
        sheet.must(is_told, || {
            format!("{}/{} names two bodies and is no conflict", key.1, key.2)
        });
    }
}
