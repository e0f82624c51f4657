//! Why a record or a photo has not gone: one cause for each. Sends nothing and changes nothing.

use grid_model::id::Seq;
use grid_model::terms::{ParkReason, RefusalCode};
use grid_model::time::Anchor;
use grid_store::{AttachmentState, RecordState};
use grid_sync::{LinkError, Outcome};

use crate::status::record_view;
use crate::{FieldBook, FieldError, LastSync, Moment, RecordView};

/// Records read at a time.
const ROWS: u32 = 200;
/// A wall clock that is further from the platform's time is wrong, ms.
const CLOCK_OFF_MS: i64 = 60 * 60 * 1000;
/// No phone with this program has lived before: 2025-01-01, UTC ms.
const NO_EARLIER_MS: i64 = 1_735_689_600_000;

/// Something that the platform has not got, or has sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What it is.
    pub what: WaitingFor,
    /// Why it waits.
    pub cause: Cause,
    /// Not before this, by the phone's wall clock, ms.
    pub until_ms: Option<i64>,
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// A record.
    Record(RecordView),
    /// A photo: the digits of its SHA-256, and its size in bytes.
    Photo {
        /// SHA-256 of the original.
        sha256: String,
        /// Size of the original, bytes.
        bytes: u64,
    },
}

/// Why something waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The vault is enrolled with no platform.
    NotEnrolled,
    /// Nothing was tried since it was recorded, or the last sync left nothing behind.
    NotTried,
    /// The last sync ended so.
    Ended(Outcome),
    /// The platform's certificate is out of its time by the phone's clock, and it is the clock that is wrong: it says this, ms.
    ClockOff(i64),
    /// The budget is less than the next record needs.
    BudgetTooSmall,
    /// The platform sent the record back.
    SentBack(ParkReason),
    /// The platform would not take the photo.
    PhotoRefused(RefusalCode),
    /// The photo waits for a link that does not cost by the byte.
    WaitsForWifi,
    /// The photo goes when no record waits.
    BehindRecords,
}

impl FieldBook {
    /// Every record that has no receipt or was sent back, the newest first, then every photo whose bytes are here only; at most
    /// so many of each.
    pub fn waiting(&self, limit: usize) -> Result<Vec<Waiting>, FieldError> {
        let last = self.last_sync();
        let now = self.host.clock.now();
        self.store.read(|tx| {
            let enrolled = tx.enrolment()?.is_some();
            let (cause, until_ms) = general(enrolled, last.as_ref(), tx.anchor()?, now);
            let outbox = tx.outbox_count()?;
            let mut found = Vec::new();
            let mut before = Seq(0);
            let all = usize::try_from(outbox.saved + outbox.parked).unwrap_or(usize::MAX);
            while found.len() < all.min(limit) {
                let rows = tx.records(before, ROWS)?;
                let Some(oldest) = rows.last() else { break };
                before = oldest.place;
                for row in &rows {
                    let (cause, until_ms) = match row.state {
                        RecordState::Saved => (cause.clone(), until_ms),
                        RecordState::Parked(reason) => (Cause::SentBack(reason), None),
                        RecordState::Received | RecordState::BackedUp => continue,
                    };
                    let what = WaitingFor::Record(record_view(row));
                    found.push(Waiting {
                        what,
                        cause,
                        until_ms,
                    });
                }
            }
            found.truncate(limit);
            let held = last.as_ref().is_some_and(|last| last.photos_held);
            for photo in tx.attachments_only_here()?.into_iter().take(limit) {
                let (cause, until_ms) = match photo.state {
                    AttachmentState::Failed(code) => (Cause::PhotoRefused(code), None),
                    _ if !enrolled => (Cause::NotEnrolled, None),
                    _ if held && !photo.urgent => (Cause::WaitsForWifi, None),
                    _ if outbox.saved > 0 => (Cause::BehindRecords, until_ms),
                    _ => (cause.clone(), until_ms),
                };
                let what = WaitingFor::Photo {
                    sha256: photo.sha256.to_string(),
                    bytes: photo.bytes,
                };
                found.push(Waiting {
                    what,
                    cause,
                    until_ms,
                });
            }
            Ok(found)
        })
    }
}

/// Why a record waits that nothing is wrong with, and until when.
fn general(
    enrolled: bool,
    last: Option<&LastSync>,
    anchor: Option<Anchor>,
    now: Moment,
) -> (Cause, Option<i64>) {
    let Some(last) = last.filter(|_| enrolled) else {
        let cause = if enrolled {
            Cause::NotTried
        } else {
            Cause::NotEnrolled
        };
        return (cause, None);
    };
    let cause = match &last.outcome {
        Outcome::Complete => Cause::NotTried,
        Outcome::BudgetSpent if last.in_vain => Cause::BudgetTooSmall,
        Outcome::Link(LinkError::CertificateTime) if clock_is_off(anchor, now) => {
            Cause::ClockOff(now.wall_ms)
        }
        outcome => Cause::Ended(outcome.clone()),
    };
    (cause, last.next_at_ms.filter(|at_ms| *at_ms > now.wall_ms))
}

/// Whether the phone's wall clock says what cannot be: a time before the platform's last one, or far from what it must be by the
/// clock that runs since the phone was started.
fn clock_is_off(anchor: Option<Anchor>, now: Moment) -> bool {
    let Some(anchor) = anchor else {
        return now.wall_ms < NO_EARLIER_MS;
    };
    let since_ms = now.mono_ms - anchor.mono_ms;
    let expected_ms = anchor.server_ms.saturating_add(since_ms);
    let far = now.boot == anchor.boot && (now.wall_ms - expected_ms).abs() > CLOCK_OFF_MS;
    far || now.wall_ms < anchor.server_ms - CLOCK_OFF_MS || now.wall_ms < NO_EARLIER_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_is_less_than_the_next_record_needs_is_told_from_one_that_is_spent() {
        let now = Moment {
            wall_ms: NO_EARLIER_MS,
            mono_ms: 0,
            boot: 1,
        };
        for (in_vain, cause) in [
            (true, Cause::BudgetTooSmall),
            (false, Cause::Ended(Outcome::BudgetSpent)),
        ] {
            let last = LastSync {
                outcome: Outcome::BudgetSpent,
                in_vain,
                photos_held: false,
                at_ms: 0,
                next_at_ms: None,
            };
            assert_eq!(general(true, Some(&last), None, now), (cause, None));
        }
    }
}
