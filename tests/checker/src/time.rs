//! Invariants 19 to 21: the clock of a phone is a claim and nothing more.

use crate::facts::{Act, Facts, Key, Row, RowVerdict};
use crate::history::Event;
use crate::packets::Outcome;
use crate::report::Sheet;
use crate::{Place, Step};

/// A clock that is off by more than this is wrong, ms; no stamp moves the platform further than this.
const SKEW_MAX_MS: i64 = 5 * 60 * 1000;
/// Words of an error or reason that speaks of time.
const OF_TIME: [&str; 4] = ["clock", "future", "expired", "too old"];
/// Refusals of a request that is whole: `malformed`, `unknown_device`, `bad_signature`, `hash_mismatch`.
const WRONGLY_REFUSED: [u64; 4] = [1, 3, 5, 13];

fn speaks_of_time(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    OF_TIME.iter().any(|word| text.contains(word))
}

/// The rows of the reading whose act is known.
fn rows(facts: &Facts) -> impl Iterator<Item = (&Key, &Row, &Act)> {
    let rows = facts.reading.rows.iter();
    rows.filter_map(|(key, row)| Some((key, row, facts.act_of(*key, row.body)?)))
}

/// **19. A wrong clock refuses nothing.** With a wall clock that is off by more than five minutes no call is refused with a
/// word about time, no whole and signed request is refused as such, and no row is parked with a reason about time. One
/// check: a record that was saved under a wrong clock; its row in a reading; an error or answer under a wrong clock.
pub(crate) fn a_wrong_clock_refuses_nothing(
    facts: &Facts,
    place: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    let is_off = |name: &str| {
        facts
            .vaults
            .get(name)
            .is_some_and(|vault| vault.wall_offset_ms.saturating_abs() > SKEW_MAX_MS)
    };
    match step {
        Step::Told(Event::Saved(saved)) => {
            let is_wrong = saved.wall_ms.saturating_sub(place.at).saturating_abs() > SKEW_MAX_MS;
            sheet.checked(u64::from(is_wrong));
        }
        Step::Told(Event::Refused { vault, op, error }) if is_off(vault) => {
            sheet.check(!speaks_of_time(error), || {
                format!("{vault} refused {op} for its clock: {error}")
            });
        }
        Step::Delivered(delivered) if is_off(&delivered.exchange.vault) => {
            let exchange = &delivered.exchange;
            let code = if let Outcome::Refusal { code } = exchange.outcome {
                code
            } else {
                0
            };
            let is_wrong = delivered.reached_whole && exchange.was_signed && WRONGLY_REFUSED.contains(&code);
            sheet.check(!is_wrong, || {
                format!(
                    "{} was refused with code {code} under a wrong clock",
                    exchange.vault
                )
            });
        }
        Step::Read => {
            for (key, row, _) in
                rows(facts).filter(|(.., act)| act.wall_error_ms.saturating_abs() > SKEW_MAX_MS)
            {
                let reason = row.reason.as_deref().unwrap_or_default();
                let is_refused = row.verdict == RowVerdict::Other || speaks_of_time(reason);
                sheet.checked(1);
                sheet.must_at(row.line, !is_refused, || {
                    format!(
                        "{}/{} of {} was not taken for its clock: {reason}",
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

/// **20. The interval holds the true time.** The true time of a `saved` lies between `from_ms` and `to_ms` of its row. A time
/// that is `inherited` is taken from the phone's clock as it was (sync, §10): it holds where that clock was not off by more
/// than five minutes. What the platform's own clock was off widens each. One check: a row with an interval whose act is known and about which that much is promised.
pub(crate) fn the_interval_holds_the_true_time(
    facts: &Facts,
    _: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    let Step::Read = step else { return };
    for (key, row, act) in rows(facts) {
        let Some((from, to)) = row.interval else { continue };
        if row.is_inherited && act.wall_error_ms.saturating_abs() > SKEW_MAX_MS {
            continue;
        }
        sheet.checked(1);
        let off = facts.platform_off_ms;
        let holds = from.saturating_sub(off) <= act.at && act.at <= to.saturating_add(off);
        sheet.must_at(row.line, holds, || {
            let name = facts.name(key.0);
            format!(
                "{}/{} of {name} was done at {}, not between {from} and {to}",
                key.1, key.2, act.at
            )
        });
    }
}

/// **21. No stamp moves the platform.** The platform's time in a receipt is within five minutes of the true time, and no row
/// of a reading ends more than five minutes after it, whatever phones claimed; a row that is marked as suspect may, since
/// its end is kept as a claim. One check: a receipt; a row.
pub(crate) fn no_stamp_moves_the_platform(
    facts: &Facts,
    place: Place,
    step: &Step<'_>,
    sheet: &mut Sheet<'_>,
) {
    match step {
        Step::Answered(exchange) => {
            if let Outcome::Receipt { receipt, .. } = &exchange.outcome {
                let off = receipt.server_ms.saturating_sub(place.at);
                sheet.check(off.saturating_abs() <= SKEW_MAX_MS, || {
                    format!("the platform's time is off by {off} ms")
                });
            }
        }
        Step::Read => {
            for (key, row) in &facts.reading.rows {
                let Some((_, to)) = row.interval.filter(|_| !row.is_suspect) else {
                    continue;
                };
                let ahead = to.saturating_sub(facts.reading.at);
                sheet.checked(1);
                sheet.must_at(row.line, ahead <= SKEW_MAX_MS, || {
                    format!(
                        "{}/{} of {} may be {ahead} ms in the future",
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
