//! The self-check in words.

use grid_fieldbook::{Check, Recovery};

use crate::{Lang, Phrase};

/// One line of the self-check in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckCard {
    /// What was checked.
    pub name: String,
    /// What was found, and what to do when it does not hold.
    pub verdict: String,
}

/// One line of the self-check in words.
pub fn check_card(check: &Check, lang: Lang) -> CheckCard {
    let (name, good, bad) = match check.name {
        "database" => (
            Phrase::CheckDatabase,
            Phrase::CheckDatabaseGood,
            Phrase::CheckDatabaseBad,
        ),
        "chain" => (Phrase::CheckChain, Phrase::CheckChainGood, Phrase::CheckChainBad),
        "lifeboat" => (
            Phrase::CheckLifeboat,
            Phrase::CheckLifeboatGood,
            Phrase::CheckLifeboatBad,
        ),
        "key" => (Phrase::CheckKey, Phrase::CheckKeyGood, Phrase::CheckKeyBad),
        "space" => (Phrase::CheckSpace, Phrase::CheckSpaceGood, Phrase::CheckSpaceBad),
        "attachments" => (
            Phrase::CheckPhotos,
            Phrase::CheckPhotosGood,
            Phrase::CheckPhotosBad,
        ),
        "enrolment" => (
            Phrase::CheckEnrolment,
            Phrase::CheckEnrolmentGood,
            Phrase::CheckEnrolmentBad,
        ),
        "outbox" => (
            Phrase::CheckOutbox,
            Phrase::CheckOutboxGood,
            Phrase::CheckOutboxBad,
        ),
        "clock" => (Phrase::CheckClock, Phrase::CheckClockGood, Phrase::CheckClockBad),
        _ => (Phrase::CheckOther, Phrase::CheckGood, Phrase::CheckBad),
    };
    CheckCard {
        name: name.fill(lang, &[check.name]),
        verdict: if check.ok { good } else { bad }.get(lang).to_owned(),
    }
}

/// What a recovery found and did, line by line, for the worker.
pub fn recovery_lines(recovery: &Recovery, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let mut say = |phrase: Phrase, given: &[&str]| lines.push(phrase.fill(lang, given));
    if recovery.database_was_whole {
        say(Phrase::RecoveredWhole, &[]);
    } else {
        let (damaged, pages) = (recovery.pages_damaged.to_string(), recovery.pages.to_string());
        say(Phrase::RecoveredPages, &[&damaged, &pages]);
        let (file, boat) = (
            recovery.from_database.to_string(),
            recovery.from_lifeboat.to_string(),
        );
        say(Phrase::RecoveredRecords, &[&file, &boat]);
        if recovery.missing.is_empty() {
            say(Phrase::RecoveredNone, &[]);
        }
        for (_, first, last) in &recovery.missing {
            say(Phrase::RecoveredMissing, &[&first.to_string(), &last.to_string()]);
        }
    }
    if recovery.lifeboat_damaged > 0 {
        say(Phrase::RecoveredBoat, &[&recovery.lifeboat_damaged.to_string()]);
    }
    say(Phrase::RecoveredUnsent, &[&recovery.unsent.to_string()]);
    if let Some(place) = &recovery.quarantined {
        say(Phrase::RecoveredKept, &[place]);
    }
    lines
}
