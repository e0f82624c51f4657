//! Advice on a record or a photo that has not gone.

use grid_fieldbook::{Cause, Outcome, Waiting};

use super::keys::KEPT_HERE;
use super::{Advice, AdviceKey, link_advice, park_advice, refusal_advice};
use crate::{Lang, Phrase, moment};

/// A moment of another year than any phone says: 2096.
const FAR_MS: i64 = 4_000_000_000_000;

/// Why this has not gone, and what would help.
pub fn waiting_advice(waiting: &Waiting, now_ms: i64, lang: Lang) -> Advice {
    let of = |key| Advice::of(key, &[], lang);
    let advice = match &waiting.cause {
        Cause::NotEnrolled => of(AdviceKey::NotEnrolledYet),
        Cause::NotTried => of(AdviceKey::NotTried),
        Cause::ClockOff(wall_ms) => {
            // Of a clock that is wrong the year is what shows it.
            let says = moment(*wall_ms, FAR_MS, lang);
            Advice::of(AdviceKey::ClockOff, &[&says], lang)
        }
        Cause::BudgetTooSmall => of(AdviceKey::BudgetTooSmall),
        Cause::SentBack(reason) => park_advice(*reason, lang),
        Cause::PhotoRefused(code) => refusal_advice(*code, KEPT_HERE, lang),
        Cause::WaitsForWifi => of(AdviceKey::WaitsForWifi),
        Cause::BehindRecords => of(AdviceKey::BehindRecords),
        Cause::Ended(outcome) => match outcome {
            Outcome::Complete => of(AdviceKey::NotTried),
            Outcome::BudgetSpent => of(AdviceKey::BudgetSpent),
            Outcome::Link(error) => link_advice(error, KEPT_HERE, lang),
            Outcome::NotOurPlatform => of(AdviceKey::NotOurPlatform),
            Outcome::NewerPlatform => of(AdviceKey::NewerPlatform),
            Outcome::Refused(code) => refusal_advice(*code, KEPT_HERE, lang),
            Outcome::BadReceipt => of(AdviceKey::BadReceipt),
            Outcome::TryLater => of(AdviceKey::TryLater),
            Outcome::Cancelled => of(AdviceKey::Cancelled),
        },
    };
    match waiting.until_ms {
        None => advice,
        Some(at_ms) => {
            let until = Phrase::WhyUntil.fill(lang, &[&moment(at_ms, now_ms, lang)]);
            Advice {
                happened: format!("{}{}{until}", advice.happened, lang.pick("，", "; ")),
                ..advice
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use grid_fieldbook::{LinkError, WaitingFor};
    use grid_model::terms::{ParkReason, RefusalCode};

    use super::*;
    use crate::advice::tests::is_whole;

    const NOW: i64 = 1_767_571_200_000;

    fn waiting(cause: Cause, until_ms: Option<i64>) -> Waiting {
        let what = WaitingFor::Photo {
            sha256: "00".to_owned(),
            bytes: 1,
        };
        Waiting {
            what,
            cause,
            until_ms,
        }
    }

    #[test]
    fn every_cause_says_why_and_what_would_help() {
        let causes = [
            Cause::NotEnrolled,
            Cause::NotTried,
            Cause::ClockOff(0),
            Cause::BudgetTooSmall,
            Cause::SentBack(ParkReason::NotHolder),
            Cause::PhotoRefused(RefusalCode::TooLarge),
            Cause::WaitsForWifi,
            Cause::BehindRecords,
            Cause::Ended(Outcome::BudgetSpent),
            Cause::Ended(Outcome::Link(LinkError::NameSilent)),
            Cause::Ended(Outcome::NotOurPlatform),
            Cause::Ended(Outcome::NewerPlatform),
            Cause::Ended(Outcome::Refused(RefusalCode::Revoked)),
            Cause::Ended(Outcome::BadReceipt),
            Cause::Ended(Outcome::TryLater),
        ];
        let mut codes = std::collections::BTreeSet::new();
        for cause in causes {
            is_whole(|lang| waiting_advice(&waiting(cause.clone(), None), NOW, lang));
            let code = waiting_advice(&waiting(cause.clone(), None), NOW, Lang::En).code;
            assert!(codes.insert(code), "{cause:?} has a code of its own");
        }
    }

    #[test]
    fn a_clock_of_1970_and_a_rest_are_named() {
        let clock = waiting_advice(&waiting(Cause::ClockOff(0), None), NOW, Lang::Zh);
        assert!(clock.happened.contains("1970"), "{}", clock.happened);
        assert!(clock.next.contains("调准"), "{}", clock.next);
        let rest = waiting(Cause::Ended(Outcome::TryLater), Some(NOW + 600_000));
        let rest = waiting_advice(&rest, NOW, Lang::En);
        assert_eq!(rest.code, "try_later");
        assert!(rest.happened.contains("rests until"), "{}", rest.happened);
    }
}
