//! Advice on how a sync ended.

use grid_fieldbook::{Outcome, Status};

use super::keys::KEPT_HERE;
use super::{Advice, AdviceKey, link_advice, refusal_advice};
use crate::Lang;

/// Advice on how a sync ended; `status` is how the vault stands after it.
pub fn sync_advice(outcome: &Outcome, status: &Status, lang: Lang) -> Advice {
    match outcome {
        Outcome::Complete if status.parked > 0 => {
            Advice::of(AdviceKey::CompleteSentBack, &[&status.parked.to_string()], lang)
        }
        Outcome::Complete if status.photos_waiting > 0 => Advice::of(
            AdviceKey::CompletePhotosWait,
            &[&status.photos_waiting.to_string()],
            lang,
        ),
        outcome => of_outcome(outcome, lang),
    }
}

/// How a sync ended, and what that means for what has not gone.
pub(super) fn of_outcome(outcome: &Outcome, lang: Lang) -> Advice {
    let of = |key| Advice::of(key, &[], lang);
    match outcome {
        Outcome::Complete => of(AdviceKey::Complete),
        Outcome::BudgetSpent => of(AdviceKey::BudgetSpent),
        Outcome::Link(error) => link_advice(error, KEPT_HERE, lang),
        Outcome::NotOurPlatform => of(AdviceKey::NotOurPlatform),
        Outcome::NewerPlatform => of(AdviceKey::NewerPlatform),
        Outcome::Refused(code) => refusal_advice(*code, KEPT_HERE, lang),
        Outcome::BadReceipt => of(AdviceKey::BadReceipt),
        Outcome::TryLater => of(AdviceKey::TryLater),
        Outcome::Cancelled => of(AdviceKey::Cancelled),
    }
}

#[cfg(test)]
mod tests {
    use grid_fieldbook::LinkError;
    use grid_model::id::DeviceId;
    use grid_model::terms::RefusalCode;

    use super::*;
    use crate::advice::tests::is_whole;

    #[test]
    fn every_outcome_of_a_sync_is_three_parts() {
        let status = |parked, photos_waiting| Status {
            device: DeviceId([1; 16]),
            worker: None,
            server: None,
            saved: 0,
            received: 9,
            parked,
            oldest_at_ms: None,
            photos_waiting,
            photos_stored: 0,
            photos_failed: 0,
            last_contact_ms: None,
            open_patrol: None,
        };
        for outcome in [
            Outcome::Complete,
            Outcome::BudgetSpent,
            Outcome::Link(LinkError::Lost),
            Outcome::NotOurPlatform,
            Outcome::NewerPlatform,
            Outcome::Refused(RefusalCode::Revoked),
            Outcome::BadReceipt,
            Outcome::TryLater,
            Outcome::Cancelled,
        ] {
            for status in [status(0, 0), status(2, 3), status(0, 3)] {
                is_whole(|lang| sync_advice(&outcome, &status, lang));
            }
        }
        let done = |parked, photos| sync_advice(&Outcome::Complete, &status(parked, photos), Lang::Zh).code;
        assert_eq!(
            [done(0, 0), done(0, 3), done(2, 3)],
            ["complete", "complete_photos_wait", "complete_sent_back"]
        );
    }
}
