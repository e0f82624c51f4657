//! The self-check in words.

use grid_fieldbook::Check;

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
