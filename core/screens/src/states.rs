//! Where a record, a photo, a patrol and a due light stand. "Received" is said only of a receipt that was verified.

use grid_fieldbook::{AttachmentState, PatrolStatus, RecordState};
use grid_model::deadline::Light;

use crate::{Lang, Phrase, Worded};

impl Worded for RecordState {
    fn words(&self, lang: Lang) -> String {
        match self {
            Self::Saved => Phrase::SavedHere.get(lang).to_owned(),
            Self::Received => Phrase::Received.get(lang).to_owned(),
            Self::BackedUp => Phrase::BackedUp.get(lang).to_owned(),
            Self::Parked(reason) => Phrase::SentBack.fill(lang, &[&reason.words(lang)]),
        }
    }
}

impl Worded for AttachmentState {
    fn words(&self, lang: Lang) -> String {
        match self {
            Self::Kept => Phrase::SavedHere.get(lang).to_owned(),
            Self::Stored => Phrase::Received.get(lang).to_owned(),
            Self::Failed(reason) => Phrase::PhotoFailed.fill(lang, &[&reason.words(lang)]),
        }
    }
}

impl Worded for PatrolStatus {
    fn words(&self, lang: Lang) -> String {
        let phrase = match self {
            Self::Started => Phrase::PatrolRunning,
            Self::Paused => Phrase::PatrolPaused,
            Self::Ended => Phrase::PatrolOver,
        };
        phrase.get(lang).to_owned()
    }
}

impl Worded for Light {
    fn words(&self, lang: Lang) -> String {
        let phrase = match self {
            Self::Green => Phrase::LightGreen,
            Self::Yellow => Phrase::LightYellow,
            Self::Red => Phrase::LightRed,
            Self::Done => Phrase::ClockStopped,
        };
        phrase.get(lang).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use grid_model::terms::{ParkReason, RefusalCode};

    use super::*;

    #[test]
    fn the_states_of_a_record_are_the_four_that_are_known() {
        let zh = [
            RecordState::Saved,
            RecordState::Received,
            RecordState::BackedUp,
            RecordState::Parked(ParkReason::UnknownTask),
        ]
        .map(|state| state.words(Lang::Zh));
        assert_eq!(
            zh,
            ["已存本机", "平台已收", "已入账", "被退回（平台上没有这项任务）"]
        );
        let failed = AttachmentState::Failed(RefusalCode::HashMismatch);
        assert_eq!(
            failed.words(Lang::En),
            "not taken (the photo did not arrive as it was taken)"
        );
    }
}
