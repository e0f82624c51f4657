//! Invariants 7 to 13: each act has one effect, in its order, and nobody waits for what a person has to look at.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::{Facts, Key, Row, RowVerdict, plain_id};
use crate::history::Event;
use crate::packets::{Exchange, Outcome};
use crate::report::Sheet;
use crate::wire::{CONFLICT, Id, Receipt, Verdict};
use crate::{Place, Step};

/// A receipt of the platform with nothing wrong about it.
fn sound_receipt<'s>(step: &Step<'s>) -> Option<(&'s Exchange, &'s Receipt)> {
    let Step::Answered(exchange) = step else {
        return None;
    };
    let Outcome::Receipt {
        receipt, fault: None, ..
    } = &exchange.outcome
    else {
        return None;
    };
    Some((exchange, receipt))
}

/// **7. One effect for each act.** No `op` is answered `Saved` twice; the value of a count on the wire is the one that was
/// saved; a dump has each key once and as many rows as it says; and a `total` is the sum over the distinct acts whose rows
/// were accepted and took effect. Where a call died before it answered, the value in the packet stands for the act. One
/// check: a row; a total; an act.
pub(crate) fn one_effect_for_each_act(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Told(Event::Saved(saved)) => {
            sheet.check(!facts.acts.contains(&saved.op), || {
                format!("the act {} was saved twice", saved.op)
            });
        }
        Step::Told(Event::Stored(stored)) => {
            let key = (stored.device.0, stored.epoch.0, stored.seq);
            sheet.check(!facts.reading.rows.contains_key(&key), || {
                format!(
                    "the platform has two rows for {}/{} of {}",
                    key.1,
                    key.2,
                    facts.name(key.0)
                )
            });
        }
        Step::Told(Event::Dump {
            end: true,
            rows: Some(rows),
            ..
        }) => {
            let found = facts.reading.rows.len() as u64;
            sheet.must(found == *rows, || {
                format!("the dump says {rows} rows and has {found} different ones")
            });
        }
        Step::Told(Event::Total { count_kind, value }) => {
            let sum = sums(facts).get(count_kind).copied().unwrap_or(0);
            sheet.check(sum == i128::from(*value), || {
                format!("the platform sums {count_kind} to {value}; the acts that took effect sum to {sum}")
            });
        }
        Step::Read if !facts.reading.totals.is_empty() => {
            for (kind, sum) in sums(facts).iter().filter(|(_, sum)| **sum != 0) {
                sheet.must(facts.reading.totals.contains(kind), || {
                    format!("there is no total of {kind}; it is {sum}")
                });
            }
        }
        Step::Pushed(pushed) => {
            let request = pushed.exchange.as_ref();
            let log = request.and_then(|request| facts.vaults.get(&pushed.vault)?.logs.get(&request.epoch));
            for change in request.iter().flat_map(|request| &request.changes) {
                let act = log.and_then(|log| log.acts.get(&change.seq));
                if let Some((act, (kind, value))) = act.zip(change.count) {
                    let is_same = act
                        .count
                        .as_ref()
                        .is_none_or(|own| *own == (kind.to_owned(), value));
                    sheet.must(is_same, || {
                        format!("the act {} went as {value} of {kind}", act.op)
                    });
                }
            }
        }
        _ => {}
    }
}

/// The sum of every count kind over the rows of the reading that took effect.
fn sums(facts: &Facts) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for (key, row) in facts
        .reading
        .rows
        .iter()
        .filter(|(_, row)| row.folded && row.verdict == RowVerdict::Accepted)
    {
        let act = facts.act_of(*key, row.body);
        if act.is_some_and(|act| !seen.insert(act.op.as_str())) {
            continue;
        }
        let saved = act.and_then(|act| act.count.clone());
        let carried = || {
            let (kind, value) = facts.sent_row(*key, row)?.count?;
            Some((kind.to_owned(), value))
        };
        if let Some((kind, value)) = saved.or_else(carried) {
            *sums.entry(kind).or_default() += i128::from(value);
        }
    }
    sums
}

/// **8. Same key, same body, same decision; another body is a conflict.** A phone sends a position with the same body each
/// time, unless records were taken from it in between. What a store has taken it takes again, with the same body; another
/// body gets `parked(conflict)`. A reading has the first body in the row and each other one as a `conflict`. One check: a
/// position that is sent again; a position that is answered again; a promised row; a second body.
pub(crate) fn one_key_one_body_one_decision(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    if let Step::Pushed(pushed) = step
        && let (Some(request), Some(vault)) = (&pushed.exchange, facts.vaults.get(&pushed.vault))
        && vault.excuse.is_none()
    {
        let bodies = vault.logs.get(&request.epoch).map(|log| &log.bodies);
        for change in &request.changes {
            if let Some(before) = bodies.and_then(|bodies| bodies.get(&change.seq)) {
                let (name, epoch, seq) = (&pushed.vault, request.epoch, change.seq);
                sheet.check(*before == change.body, || {
                    format!("{name} sends {epoch}/{seq} with another body")
                });
            }
        }
    }
    if let Some((exchange, receipt)) = sound_receipt(step) {
        decisions_repeat(facts, exchange, receipt, sheet);
    }
    if let Step::Read = step {
        both_bodies_are_kept(facts, sheet);
    }
}

fn decisions_repeat(facts: &Facts, exchange: &Exchange, receipt: &Receipt, sheet: &mut Sheet<'_>) {
    let Some(promised) = facts.promised.get(&receipt.incarnation) else {
        return;
    };
    for (seq, body) in &exchange.changes {
        let promise = promised.get(&(receipt.device, receipt.epoch, *seq));
        let (Some(promise), Some(verdict)) = (promise, receipt.verdict_on(*seq)) else {
            continue;
        };
        let (name, epoch) = (&exchange.vault, receipt.epoch);
        if promise.body.is_some_and(|first| first != *body) {
            sheet.check(verdict == Verdict::Parked(CONFLICT), || {
                format!("another body of {name} under {epoch}/{seq} was answered {verdict:?}")
            });
        } else if promise.body.is_some() {
            let repeats = !promise.settled || matches!(verdict, Verdict::Accepted | Verdict::Duplicate);
            sheet.check(repeats, || {
                format!("{epoch}/{seq} of {name} was taken before and is now {verdict:?}")
            });
        }
    }
}

fn both_bodies_are_kept(facts: &Facts, sheet: &mut Sheet<'_>) {
    let reading = &facts.reading;
    for (key, promise) in facts.promised.get(&reading.incarnation).into_iter().flatten() {
        let place = || format!("{}/{} of {}", key.1, key.2, facts.name(key.0));
        let row = reading.rows.get(key);
        if let Some((row, body)) = row.zip(promise.body) {
            sheet.check(row.body == body, || {
                format!("the first body of {} was overwritten", place())
            });
        }
        for other in &promise.others {
            let is_kept =
                reading.conflicts.contains(&(*key, *other)) || row.is_some_and(|row| row.body == *other);
            sheet.check(is_kept, || format!("another body of {} was not kept", place()));
        }
    }
}

/// **9. A lane takes effect in order.** In a `fold` the positions of one log ascend, none twice, and a change comes after
/// the one before it in its lane, unless that was parked. In a reading no row is `held` whose predecessor took effect, or
/// that has none. One check: a change in a `fold`; a held row.
pub(crate) fn a_lane_takes_effect_in_order(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Told(Event::Fold { lane, order }) => {
            let mut last: BTreeMap<(Id, u64), u64> = BTreeMap::new();
            let mut seen: BTreeSet<Key> = BTreeSet::new();
            for (device, epoch, seq) in order {
                let before = last.insert((device.0, epoch.0), *seq).unwrap_or(0);
                let place = || format!("{}/{seq} of {} in {lane}", epoch.0, facts.name(device.0));
                sheet.check(*seq > before, || {
                    format!("{} took effect after {before}", place())
                });
                let needed = previous((device.0, epoch.0, *seq), facts);
                let is_ready = |key: Key| {
                    seen.contains(&key)
                        || facts
                            .reading
                            .rows
                            .get(&key)
                            .is_some_and(|row| row.verdict == RowVerdict::Parked)
                };
                sheet.must(needed.is_none_or(is_ready), || {
                    format!("{} took effect before its predecessor", place())
                });
                seen.insert((device.0, epoch.0, *seq));
            }
        }
        Step::Read => {
            for (key, row, before) in held(facts) {
                let is_free = facts
                    .sent_row(key, row)
                    .is_some_and(|sent| sent.prev_in_lane == 0);
                let waits_for_nothing = is_free || before.is_some_and(|before| before.folded);
                sheet.checked(1);
                sheet.must_at(row.line, !waits_for_nothing, || {
                    format!(
                        "{}/{} of {} is held and waits for nothing",
                        key.1,
                        key.2,
                        facts.name(key.0)
                    )
                });
            }
        }
        _ => {}
    }
}

/// The change before it in its lane, as the packet told of the change that is in the row.
fn previous(key: Key, facts: &Facts) -> Option<Key> {
    let row = facts.reading.rows.get(&key)?;
    let before = facts.sent_row(key, row)?.prev_in_lane;
    (before > 0).then_some((key.0, key.1, before))
}

/// Held rows, each with the row it waits for.
fn held(facts: &Facts) -> impl Iterator<Item = (Key, &Row, Option<&Row>)> {
    let rows = &facts.reading.rows;
    let held = rows.iter().filter(|(_, row)| row.verdict == RowVerdict::Held);
    held.map(move |(key, row)| {
        (
            *key,
            row,
            previous(*key, facts).and_then(|before| rows.get(&before)),
        )
    })
}

/// **10. No silent gap.** In a reading `missing` has, for every log, all that signed heads in answered requests spoke of and
/// that is not stored, and nothing that is stored or that nobody ever spoke of. One check: a log in a reading.
pub(crate) fn every_gap_is_named(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Read = step else { return };
    let reading = &facts.reading;
    let heads = facts
        .heads
        .get(&reading.incarnation)
        .into_iter()
        .flat_map(BTreeMap::keys);
    let logs: BTreeSet<_> = heads.chain(reading.missing.keys()).copied().collect();
    for log in logs {
        let (least, most) = facts.lacking(log);
        let told = reading.missing.get(&log).cloned().unwrap_or_default();
        let (silent, wrong) = (least.minus(&told), told.minus(&most));
        let name = || facts.name(log.0);
        sheet.check(silent.is_empty(), || {
            format!(
                "the platform does not say that it lacks {}/{silent} of {}",
                log.1,
                name()
            )
        });
        sheet.must(wrong.is_empty(), || {
            format!("the platform says that it lacks {}/{wrong} of {}", log.1, name())
        });
    }
}

/// **11. A parked record delays nobody.** Of a batch in which one is parked, every other one has a verdict that settles it;
/// what the phone lists as sent back has a reason; no row is held for a parked one. One check: an answer that parks; a
/// `parked` line; a held row.
pub(crate) fn a_parked_record_delays_nobody(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    if let Some((exchange, receipt)) = sound_receipt(step) {
        let verdicts = || exchange.changes.iter().map(|(seq, _)| receipt.verdict_on(*seq));
        if verdicts().any(|verdict| matches!(verdict, Some(Verdict::Parked(_)))) {
            let waits = verdicts()
                .filter(|verdict| matches!(verdict, None | Some(Verdict::TryLater)))
                .count();
            sheet.check(waits == 0, || {
                format!(
                    "{waits} records of {} wait because one was parked",
                    exchange.vault
                )
            });
        }
    }
    match step {
        Step::Told(Event::Parked {
            vault,
            epoch,
            seq,
            reason,
        }) => {
            sheet.check(!reason.is_empty(), || {
                format!("{vault} lists {}/{seq} without a reason", epoch.0)
            });
        }
        Step::Read => {
            for (key, row, before) in held(facts) {
                let waits = before.is_some_and(|before| before.verdict == RowVerdict::Parked);
                sheet.checked(1);
                sheet.must_at(row.line, !waits, || {
                    format!(
                        "{}/{} of {} is held for a parked record",
                        key.1,
                        key.2,
                        facts.name(key.0)
                    )
                });
            }
        }
        _ => {}
    }
}

/// **12. Late reports are kept and overwrite nothing.** A report is late when the platform took it after the last command
/// on its task, and its writer is not the holder or the task is recalled or voided. A task with an accepted late report
/// says so; and a task is `submitted` only by an accepted report of its holder. One check: a `task` line with a late report,
/// a parked one of somebody else, or a mark of one.
pub(crate) fn late_reports_overwrite_nothing(
    facts: &Facts,
    _: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    let Step::Told(Event::Task {
        task,
        holder,
        status,
        late_reports,
    }) = step
    else {
        return;
    };
    let reading = &facts.reading;
    let id: Option<Id> = hex::decode(plain_id(task))
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    let keys = id
        .and_then(|id| reading.reports.get(&id))
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_holder = |key: &Key| {
        facts
            .vaults_of(key.0)
            .any(|(name, vault)| name == holder || vault.worker.as_ref() == Some(holder))
    };
    let is_accepted = |key: &Key| {
        reading
            .rows
            .get(key)
            .is_some_and(|row| row.verdict == RowVerdict::Accepted)
    };
    let command = facts.commands.get(task).map_or(0, |command| command.line);
    // In whichever life of the store it was taken first: a restored one takes it again later.
    let came_after = |key: &Key| {
        let mut promises = facts.promised.values().filter_map(|all| all.get(key));
        promises.all(|promise| promise.line > command)
    };
    let has_ended = matches!(status.as_str(), "recalled" | "voided");
    let late = keys
        .iter()
        .filter(|key| is_accepted(key) && came_after(key) && (has_ended || !is_holder(key)))
        .count();
    let is_foreign = keys.iter().any(|key| !is_holder(key));
    if late == 0 && *late_reports == 0 && !is_foreign {
        return;
    }
    sheet.check(late == 0 || *late_reports > 0, || {
        format!("{late} late reports on {task} are not kept as late")
    });
    let by_holder = keys.iter().any(|key| is_accepted(key) && is_holder(key));
    sheet.must(status != "submitted" || keys.is_empty() || by_holder, || {
        format!("{task} of {holder} counts as submitted by somebody else's report")
    });
}

/// **13. Commands carry the version they were given on.** A command that was taken was given on a version not older than the
/// last taken one made, and makes a newer one; one that was refused makes none. One check: a command.
pub(crate) fn a_stale_command_is_refused(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Command {
        task,
        base_revision,
        revision,
        accepted,
    }) = step
    else {
        return;
    };
    let newest = facts.commands.get(task).map_or(0, |command| command.revision);
    if *accepted {
        sheet.check(*base_revision >= newest, || {
            format!("a command on version {base_revision} of {task} was taken; the version was {newest}")
        });
        sheet.must(revision > base_revision, || {
            format!("a command on {task} was taken and made no newer version")
        });
    } else {
        sheet.check(*revision >= newest, || {
            format!("a refused command took {task} from {newest} to {revision}")
        });
    }
}
