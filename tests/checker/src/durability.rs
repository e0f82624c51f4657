//! Invariants 1 to 6: what was saved stays, and nothing is called received or leaves without proof.

use crate::facts::{Excuse, Facts, OwnLog, RowVerdict, Vault};
use crate::history::{Event, View};
use crate::packets::Outcome;
use crate::report::Sheet;
use crate::{Place, Ranges, Step};

/// Text stays on the phone this long after its backup was vouched for, ms.
const STAYS_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// The vault and the lives in a `view`, when the step is one of a vault that is known.
fn view<'s>(facts: &'s Facts, step: &Step<'s>) -> Option<(&'s str, &'s Vault, &'s [View])> {
    let Step::Told(Event::View { vault, epochs, .. }) = step else {
        return None;
    };
    Some((vault, facts.vaults.get(vault)?, epochs))
}

/// **1. Saved means durable.** Every position that a `saved` of a vault told, or an earlier `view` showed, is in each later
/// `view` of it, in whatever state, or purged. A `rollback` and `damage` of `both` excuse what is gone at the next view;
/// `damage` of the `database` excuses what was received. A vault that does not open for damage that nobody did is a
/// violation too. One check: a life of a log in a view.
pub(crate) fn saved_is_durable(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    if let Step::Told(Event::Opened {
        vault: name,
        ok: false,
        error,
    }) = step
    {
        let vault = facts
            .vaults
            .get(name)
            .filter(|vault| vault.logs.values().any(|log| !log.acts.is_empty()));
        let is_damaged = error.as_deref() == Some("damaged");
        if let Some(vault) = vault.filter(|_| is_damaged) {
            sheet.check(vault.damage.is_some(), || {
                format!("{name} does not open for damage that nobody did")
            });
        }
    }
    let Some((name, vault, epochs)) = view(facts, step) else {
        return;
    };
    for (epoch, log) in vault.logs.iter().filter(|(_, log)| !log.written.is_empty()) {
        let shown = epochs.iter().find(|view| view.epoch.0 == *epoch);
        let shown = shown
            .map(|view| view.held().union(&view.purged()))
            .unwrap_or_default();
        let gone = match vault.excuse {
            None => log.written.minus(&shown),
            Some(Excuse::Received) => log.written.minus(&shown).minus(&log.received),
            Some(Excuse::Anything) => Ranges::default(),
        };
        sheet.check(gone.is_empty(), || {
            format!("{name} has lost what it had saved: epoch {epoch}, positions {gone}")
        });
    }
}

/// **2. Prefix.** In the first `view` after a `kill` or `power` down, every life of the log is 1 to n without a hole, and of
/// what nobody was told of there is at most what was in flight (`pending`, else one record). One check: such a view.
pub(crate) fn a_crash_leaves_a_prefix(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Some((name, vault, epochs)) = view(facts, step) else {
        return;
    };
    let Some(pending) = vault.crashed.filter(|_| vault.excuse.is_none()) else {
        return;
    };
    let mut unknown = 0u64;
    let mut holes = Vec::new();
    for view in epochs {
        let shown = view.held().union(&view.purged());
        let known = vault
            .logs
            .get(&view.epoch.0)
            .map(|log| log.written.clone())
            .unwrap_or_default();
        unknown = unknown.saturating_add(shown.minus(&known).count());
        let hole = Ranges::span(1, shown.last()).minus(&shown);
        if !hole.is_empty() {
            holes.push(format!("epoch {} lacks {hole}", view.epoch.0));
        }
    }
    sheet.check(holes.is_empty(), || {
        format!("after a crash {name} is no prefix: {}", holes.join("; "))
    });
    sheet.must(unknown <= pending, || {
        format!("after a crash {name} shows {unknown} records that no call had told of; {pending} may be")
    });
}

/// **3. No ghosts.** A vault whose records name attachments says in each `view` that none is lost, unless its files were
/// damaged; and in a reading after `healed` the platform has every photo that an accepted record names, unless the
/// phone's files were damaged or the record was purged before a restore. One check: a view; a photo of an accepted record.
pub(crate) fn no_record_without_its_files(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Told(Event::View {
            vault: name,
            photos_lost,
            ..
        }) => {
            if let Some(vault) = facts.vaults.get(name).filter(|vault| vault.names_files) {
                sheet.check(*photos_lost == 0 || vault.files_damaged, || {
                    format!("{name} cannot read {photos_lost} photos that its records name")
                });
            }
        }
        Step::Read if facts.healed => {
            for (name, vault) in facts
                .vaults
                .iter()
                .filter(|(_, vault)| vault.names_files && !vault.files_damaged)
            {
                photos_are_there(facts, name, vault, sheet);
            }
        }
        _ => {}
    }
}

fn photos_are_there(facts: &Facts, name: &str, vault: &Vault, sheet: &mut Sheet<'_>) {
    let Some(device) = vault.device.filter(|_| !vault.is_lost) else {
        return;
    };
    for (epoch, log) in &vault.logs {
        let purged_to = log.view.as_ref().map_or(0, |view| view.purged_to);
        let is_excused = |seq: u64| facts.restores > 0 && seq <= purged_to;
        for (seq, act) in log.acts.iter().filter(|(seq, _)| !is_excused(**seq)) {
            let row = facts.reading.rows.get(&(device, *epoch, *seq));
            if row.is_none_or(|row| row.verdict != RowVerdict::Accepted) {
                continue;
            }
            for photo in &act.attachments {
                sheet.check(facts.reading.photos.get(photo) == Some(&true), || {
                    format!(
                        "the platform has no photo {} of {name}'s record {epoch}/{seq}",
                        hex::encode(photo)
                    )
                });
            }
        }
    }
}

/// **4. Never delete before proof.** When `purged_to` of a view has moved, it is at most the `backed_up_to` of a verified
/// checkpoint that reached this vault seven days ago or more, and each position has a verified receipt for the body that
/// was sent. `backed_up` of a view is at most what verified checkpoints said. A checkpoint that the platform sends is
/// signed, about this log and store, and `backed_up_to` is not beyond `verified_to`. One check: a move; a view that shows
/// something as backed up; a checkpoint.
pub(crate) fn nothing_leaves_before_its_proof(
    facts: &Facts,
    place: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    if let Step::Answered(exchange) = step
        && let Outcome::Receipt {
            checkpoint: Some(checkpoint),
            checkpoint_holds,
            ..
        } = &exchange.outcome
    {
        sheet.check(*checkpoint_holds, || {
            "a checkpoint without a signature for this log and store".to_owned()
        });
        let (to, verified) = (checkpoint.backed_up_to, checkpoint.verified_to);
        sheet.must(to <= verified, || {
            format!("a checkpoint says backed up to {to} and verified to {verified} only")
        });
    }
    let Some((name, vault, epochs)) = view(facts, step) else {
        return;
    };
    for view in epochs {
        let unknown = OwnLog::default();
        let log = vault.logs.get(&view.epoch.0).unwrap_or(&unknown);
        let vouched = |since: i64| {
            log.vouched
                .iter()
                .filter(|(at, _)| *at <= since)
                .map(|(_, to)| *to)
                .max()
                .unwrap_or(0)
        };
        let epoch = view.epoch.0;
        if view.purged_to > log.view.as_ref().map_or(0, |before| before.purged_to) {
            let allowed = vouched(place.at.saturating_sub(STAYS_MS));
            sheet.check(view.purged_to <= allowed, || {
                format!(
                    "{name} purged {epoch} to {}; a proof of seven days ago reaches {allowed}",
                    view.purged_to
                )
            });
            let unproved = view.purged().minus(&log.received);
            sheet.must(unproved.is_empty(), || {
                format!("{name} purged {epoch}/{unproved} without a receipt for them")
            });
        }
        if !view.backed_up.is_empty() {
            let beyond = view
                .backed_up
                .minus(&Ranges::span(1, vouched(i64::MAX)).and(&log.received));
            sheet.check(beyond.is_empty(), || {
                format!("{name} calls {epoch}/{beyond} backed up without proof")
            });
        }
    }
}

/// **5. Conservation.** In every view saved, received, parked and purged share no position and are together 1 to the head
/// of that life; what is backed up is received or purged. One check: a life of a log in a view.
pub(crate) fn every_position_is_in_one_state(
    facts: &Facts,
    _: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    let Some((name, _, epochs)) = view(facts, step) else {
        return;
    };
    for view in epochs {
        let epoch = view.epoch.0;
        let purged = view.purged();
        let together = view.held().union(&purged);
        let twice = [&view.saved, &view.received, &view.parked, &purged]
            .iter()
            .fold((Ranges::default(), Ranges::default()), |(seen, twice), set| {
                (seen.union(set), twice.union(&seen.and(set)))
            })
            .1;
        sheet.check(twice.is_empty(), || {
            format!("{name} shows {epoch}/{twice} in two states")
        });
        let none = Ranges::span(1, together.last()).minus(&together);
        sheet.must(none.is_empty(), || {
            format!("{name} shows {epoch}/{none} in no state")
        });
        let early = view.backed_up.minus(&view.received.union(&purged));
        sheet.must(early.is_empty(), || {
            format!("{name} shows {epoch}/{early} as backed up and not as received")
        });
    }
}

/// **6. Ack implies server durability.** Every receipt of the platform is signed, about this request, with the digest over
/// what was sent; and every reading of the same life of the store has a row for each position that a receipt spoke of
/// (which body: invariant 8). **Honest:** a view says received or parked only of what a receipt said so that verifies, is
/// about exactly that device, epoch, position and body, and reached the phone. One check: a receipt; a promised position in
/// a reading; a life of a log in a view that has anything received or parked.
pub(crate) fn a_receipt_means_stored(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Answered(exchange) => {
            if let Outcome::Receipt { fault, .. } = &exchange.outcome {
                sheet.check(fault.is_none(), || {
                    format!("{} was answered {}", exchange.vault, fault.unwrap_or_default())
                });
            }
        }
        Step::Read => {
            let reading = &facts.reading;
            for (key, promise) in facts.promised.get(&reading.incarnation).into_iter().flatten() {
                sheet.check(reading.rows.contains_key(key), || {
                    let (name, line) = (facts.name(key.0), promise.line);
                    format!(
                        "the platform has no record {}/{} of {name}, receipted in line {line}",
                        key.1, key.2
                    )
                });
            }
        }
        _ => {}
    }
    let Some((name, vault, epochs)) = view(facts, step) else {
        return;
    };
    for view in epochs
        .iter()
        .filter(|view| !view.received.is_empty() || !view.parked.is_empty())
    {
        let epoch = view.epoch.0;
        let log = vault.logs.get(&epoch);
        let received = view
            .received
            .minus(&log.map(|log| log.received.clone()).unwrap_or_default());
        sheet.check(received.is_empty(), || {
            format!("{name} calls {epoch}/{received} received without a receipt")
        });
        let parked = view
            .parked
            .minus(&log.map(|log| log.parked.clone()).unwrap_or_default());
        sheet.must(parked.is_empty(), || {
            format!("{name} calls {epoch}/{parked} sent back without a receipt")
        });
    }
}
