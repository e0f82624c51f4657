//! Invariants 14 to 18: what was saved arrives, both sides come to agree, and nobody is asked too often.

use crate::facts::{Facts, Vault, plain_id};
use crate::history::Event;
use crate::report::Sheet;
use crate::settle::{is_complete, rank_of_status};
use crate::{Place, Step};

/// Rounds after which both sides agree.
const ROUNDS_MAX: u64 = 3;
/// Bytes of an attachment that may go twice after a cut.
const RESENT_BYTES_MAX: u64 = 64 * 1024;
const REST_FIRST_MS: i64 = 5_000;
const REST_MAX_MS: i64 = 15 * 60 * 1000;

/// Vaults that have records and a platform, and were not lost with their phones.
fn living(facts: &Facts) -> impl Iterator<Item = (&String, &Vault)> {
    let is_living = |vault: &Vault| {
        vault.device.is_some() && !vault.is_lost && vault.logs.values().any(|log| !log.acts.is_empty())
    };
    facts.vaults.iter().filter(move |(_, vault)| is_living(vault))
}

/// **14. Everything saved arrives.** At the end, after `healed`, the last view of each vault has nothing unsent. A sync that
/// says `complete` leaves nothing of what was saved before it began. A sync that did not come through says when it goes on
/// by itself, so that nothing waits for a new record. One check: a record of a vault at the end; the end of a sync that did
/// not come through; the view after a complete one.
pub(crate) fn everything_saved_arrives(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    match step {
        Step::Told(Event::End {}) if facts.healed => {
            for (name, vault) in living(facts) {
                sheet.must(vault.viewed_since_healed, || {
                    format!("nobody looked at {name} after the faults stopped")
                });
                for (epoch, log) in &vault.logs {
                    sheet.checked(log.written.count());
                    let unsent = log
                        .view
                        .as_ref()
                        .map(|view| view.saved.clone())
                        .unwrap_or_default();
                    sheet.must(unsent.is_empty(), || {
                        format!("{epoch}/{unsent} of {name} never arrived")
                    });
                }
            }
        }
        Step::Told(Event::Sync {
            vault,
            end: true,
            outcome: Some(outcome),
            next_in_ms,
            ..
        }) => {
            let word: String = outcome.to_ascii_lowercase().replace('_', "");
            let is_left_to_the_host = is_complete(&word) || word == "budgetspent" || word == "cancelled";
            if !is_left_to_the_host
                && facts
                    .vaults
                    .get(vault)
                    .is_some_and(|vault| vault.device.is_some())
            {
                sheet.check(next_in_ms.is_some(), || {
                    format!("{vault} ended with {outcome} and never goes on by itself")
                });
            }
        }
        Step::Told(Event::View {
            vault: name, epochs, ..
        }) => {
            let Some(vault) = facts.vaults.get(name) else {
                return;
            };
            for view in epochs {
                let Some(before) = vault.complete.get(&view.epoch.0) else {
                    continue;
                };
                let log = vault.logs.get(&view.epoch.0);
                let parked = log
                    .and_then(|log| Some(log.view.as_ref()?.parked.clone()))
                    .unwrap_or_default();
                let left = view.saved.and(before).minus(&parked);
                sheet.check(left.is_empty(), || {
                    format!("{name} said complete and left {}/{left} unsent", view.epoch.0)
                });
            }
        }
        _ => {}
    }
}

/// **15. Both sides agree.** After `healed` the hashes of an `agree` are equal from the third round on, and at the end each
/// vault has agreed. One check: an `agree` that is equal or of the third round or later; a vault at the end.
pub(crate) fn both_sides_agree(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    if !facts.healed {
        return;
    }
    match step {
        Step::Told(Event::Agree {
            vault,
            round,
            phone,
            platform,
        }) => {
            let is_equal = phone == platform;
            if is_equal || *round >= ROUNDS_MAX {
                sheet.check(is_equal, || {
                    format!("{vault} and the platform differ after {round} rounds")
                });
            }
        }
        Step::Told(Event::End {}) => {
            for (name, vault) in living(facts) {
                let is_differing_late = vault.agreed.is_some_and(|(round, _)| round >= ROUNDS_MAX);
                let agreed = vault.agreed.is_some_and(|(_, is_equal)| is_equal);
                sheet.check(agreed || is_differing_late, || {
                    format!("{name} and the platform never agreed")
                });
            }
        }
        _ => {}
    }
}

/// **16. An upload resumes.** After a cut it goes on at most 64 KiB before the place where it was cut, and not behind it. A
/// store that was restored may begin each photo again once. One check: a `resent`.
pub(crate) fn an_upload_resumes(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Resent {
        vault,
        sha256,
        cut_at,
        resumed_at,
    }) = step
    else {
        return;
    };
    let begun = facts
        .begun_again
        .get(&(vault.clone(), sha256.0))
        .copied()
        .unwrap_or(0);
    let is_restored = *resumed_at == 0 && facts.restores > begun;
    let again = cut_at.saturating_sub(*resumed_at);
    sheet.check(
        is_restored || (again <= RESENT_BYTES_MAX && resumed_at <= cut_at),
        || format!("{vault} was cut at {cut_at} of a photo and went on at {resumed_at}"),
    );
}

/// **17. Rests are bounded, and one that was asked for is kept.** A `rest` lies between half and the whole of 5 s doubled
/// for each failure, 15 minutes at most, and is as long as was asked for if that is longer. No request leaves before
/// `Retry-After` of an answer that arrived has passed, unless the process was started anew. No photo goes while an urgent
/// record that was saved before the sync began was in no request yet. One check: a rest; a request after `Retry-After`; a
/// request to the uploads.
pub(crate) fn rests_are_bounded_and_asked_ones_kept(
    facts: &Facts,
    place: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    match step {
        Step::Told(Event::Rest {
            vault,
            failures,
            rest_ms,
            asked_ms,
        }) => {
            let full = |failures: u32| {
                REST_FIRST_MS
                    .saturating_mul(1 << failures.min(16))
                    .min(REST_MAX_MS)
            };
            let asked = asked_ms.unwrap_or(0);
            let least = (full(failures.saturating_sub(1)) / 2).max(asked);
            let most = full(*failures).max(asked);
            sheet.check((least..=most).contains(rest_ms), || {
                format!("{vault} rests {rest_ms} ms after {failures} failures; {least} to {most} were right")
            });
        }
        Step::Pushed(pushed) => {
            let Some(vault) = facts.vaults.get(&pushed.vault) else {
                return;
            };
            let name = &pushed.vault;
            if let Some(until) = vault.wait_until_ms {
                let early = until.saturating_sub(place.at);
                sheet.check(early <= 0, || {
                    format!("{name} asks {early} ms before it was told to")
                });
            }
            if pushed.is_upload {
                let is_behind = vault.urgent_waiting.values().any(|line| *line < vault.sync_line);
                sheet.check(!is_behind, || {
                    format!("{name} sends a photo while an urgent record waits")
                });
            }
        }
        _ => {}
    }
}

/// **18. Own work stays visible.** The revision of a task in the local view never falls, except after a first answer of
/// another life of the store; and on the same revision its status never falls behind what an own act brought it to. A
/// rollback, damage, and a parked act on the task begin anew. One check: a `local` of a task that was shown before.
pub(crate) fn own_work_stays_visible(facts: &Facts, _: Place, step: &Step<'_>, sheet: &mut Sheet<'_>) {
    let Step::Told(Event::Local {
        vault,
        task,
        status,
        own,
        revision,
    }) = step
    else {
        return;
    };
    let known = facts
        .vaults
        .get(vault)
        .and_then(|vault| vault.tasks.get(&plain_id(task)));
    let Some((known, before)) = known.and_then(|known| Some((known, known.revision?))) else {
        return;
    };
    sheet.check(*revision >= before, || {
        format!("{vault} shows {task} at {revision}; it was at {before}")
    });
    if *revision == before {
        let has_fallen = rank_of_status(status).is_some_and(|rank| rank < known.at_least);
        let is_undone = known.own && !own;
        sheet.must(!has_fallen, || {
            format!("{vault} shows {task} as {status}; own work had brought it further")
        });
        sheet.must(!is_undone, || {
            format!("{vault} shows {task} without the own work that was on top of {before}")
        });
    }
}
