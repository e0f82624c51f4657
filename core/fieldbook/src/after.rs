//! What is done when a sync is over: it lets go of what the platform vouches for, and notes how it ended for whoever asks later.
//! None of it can make a sync that stands a failed one.

use std::path::PathBuf;

use grid_model::Coded as _;
use grid_model::terms::RefusalCode;
use grid_store::{read_within, write_durably};
use grid_sync::{Budget, LinkError, Outcome, Summary};

use crate::{FieldBook, FieldError};

/// The file of the note, beside the vault. It names no record and no person.
const NOTE: &str = "last_sync";
/// First word of the note: how the rest is read.
const FORM: &str = "1";
/// A note is shorter, bytes.
const NOTE_BYTES_MAX: u64 = 200;

/// How the last sync ended, as kept for whoever asks later. There is none after a sync that left nothing behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastSync {
    /// How it ended.
    pub outcome: Outcome,
    /// Its budget was less than the next record needs, or the link answered nothing.
    pub in_vain: bool,
    /// The link cost by the byte, or photos were left out: they wait for another one.
    pub photos_held: bool,
    /// When it ended, by the phone's wall clock, ms.
    pub at_ms: i64,
    /// Not before this by the phone's wall clock, ms.
    pub next_at_ms: Option<i64>,
}

impl FieldBook {
    /// How the last sync ended, if it left something behind; also after a restart.
    pub fn last_sync(&self) -> Option<LastSync> {
        let bytes = read_within(self.store.disk(), &self.note(), NOTE_BYTES_MAX).ok()?;
        read(std::str::from_utf8(&bytes).ok()?)
    }

    /// Lets go of what the platform vouches for. The sync is over and stands: trouble here is not its failure.
    pub(crate) fn purge_after_sync(&self) {
        let known = self
            .store
            .read(|tx| Ok::<_, FieldError>((tx.feed_state()?.incarnation, tx.anchor()?)));
        if let Ok((Some(incarnation), Some(anchor))) = known
            && let Err(error) = self.store.purge(incarnation, anchor.server_ms)
        {
            log::warn!("purging: {error}");
        }
    }

    /// Notes how a sync ended. One that was cancelled says nothing.
    pub(crate) fn note_sync(&self, summary: &Summary, budget: Budget) {
        let photos_held = budget.metered || !budget.photos;
        let (disk, file) = (self.store.disk(), self.note());
        let noted = match summary.outcome {
            Outcome::Cancelled => Ok(()),
            Outcome::Complete if !photos_held => match disk.size(&file) {
                Ok(Some(_)) => disk.remove(&file),
                _ => Ok(()),
            },
            _ => {
                let now = self.host.clock.now();
                let next_at_ms = summary.next_at_ms.map(|at_ms| now.wall_ms + at_ms - now.mono_ms);
                let last = LastSync {
                    outcome: summary.outcome.clone(),
                    in_vain: summary.in_vain,
                    photos_held,
                    at_ms: now.wall_ms,
                    next_at_ms,
                };
                write_durably(disk, &file, written(&last).as_bytes())
            }
        };
        if let Err(error) = noted {
            log::warn!("noting how the sync ended: {error}");
        }
    }

    fn note(&self) -> PathBuf {
        self.store.folder().join(NOTE)
    }
}

/// A stable name of how a sync ended.
fn name(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::BudgetSpent => "budget_spent",
        Outcome::Link(error) => match error {
            LinkError::Unreachable => "link_unreachable",
            LinkError::NameUnknown => "link_name_unknown",
            LinkError::NameSilent => "link_name_silent",
            LinkError::NothingListens => "link_nothing_listens",
            LinkError::Lost => "link_lost",
            LinkError::WrongCertificate => "link_wrong_certificate",
            LinkError::CertificateTime => "link_certificate_time",
            LinkError::BadAddress => "link_bad_address",
            LinkError::TooLarge => "link_too_large",
            LinkError::Cancelled => "link_cancelled",
        },
        Outcome::NotOurPlatform => "not_our_platform",
        Outcome::NewerPlatform => "newer_platform",
        Outcome::Refused(_) => "refused",
        Outcome::BadReceipt => "bad_receipt",
        Outcome::TryLater => "try_later",
        Outcome::Cancelled => "cancelled",
    }
}

/// Every outcome that a note can tell; a refusal's code stands behind it.
const NOTED: &[Outcome] = &[
    Outcome::Complete,
    Outcome::BudgetSpent,
    Outcome::Link(LinkError::Unreachable),
    Outcome::Link(LinkError::NameUnknown),
    Outcome::Link(LinkError::NameSilent),
    Outcome::Link(LinkError::NothingListens),
    Outcome::Link(LinkError::Lost),
    Outcome::Link(LinkError::WrongCertificate),
    Outcome::Link(LinkError::CertificateTime),
    Outcome::Link(LinkError::BadAddress),
    Outcome::Link(LinkError::TooLarge),
    Outcome::NotOurPlatform,
    Outcome::NewerPlatform,
    Outcome::BadReceipt,
    Outcome::TryLater,
];

fn written(last: &LastSync) -> String {
    let code = match last.outcome {
        Outcome::Refused(code) => code.code(),
        _ => 0,
    };
    let next = last
        .next_at_ms
        .map_or_else(|| "-".to_owned(), |at_ms| at_ms.to_string());
    let (in_vain, held) = (u8::from(last.in_vain), u8::from(last.photos_held));
    let (at_ms, name) = (last.at_ms, name(&last.outcome));
    format!("{FORM} {at_ms} {next} {in_vain} {held} {name} {code}\n")
}

/// What a note says; `None` when it is none, or was written by a program that knows more.
fn read(text: &str) -> Option<LastSync> {
    let words: Vec<_> = text.split_whitespace().collect();
    let [FORM, at_ms, next, in_vain, held, named, code] = *words.as_slice() else {
        return None;
    };
    let outcome = match named {
        "refused" => Outcome::Refused(RefusalCode::from_code(code.parse().ok()?)),
        _ => NOTED.iter().find(|outcome| name(outcome) == named)?.clone(),
    };
    Some(LastSync {
        outcome,
        in_vain: in_vain == "1",
        photos_held: held == "1",
        at_ms: at_ms.parse().ok()?,
        next_at_ms: match next {
            "-" => None,
            at_ms => Some(at_ms.parse().ok()?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_every_outcome_is_read_as_it_was_written() {
        let refused = Outcome::Refused(RefusalCode::Revoked);
        for (outcome, next_at_ms) in NOTED.iter().chain([&refused]).zip([None, Some(7)].iter().cycle()) {
            let last = LastSync {
                outcome: outcome.clone(),
                in_vain: next_at_ms.is_some(),
                photos_held: next_at_ms.is_none(),
                at_ms: -5,
                next_at_ms: *next_at_ms,
            };
            assert_eq!(read(&written(&last)), Some(last));
        }
        for strange in [
            "",
            "2 1 - 0 0 complete 0",
            "1 1 - 0 0 tomorrow 0",
            "1 x - 0 0 complete 0",
        ] {
            assert_eq!(read(strange), None, "{strange}");
        }
    }
}
