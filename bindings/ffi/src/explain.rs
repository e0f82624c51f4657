//! What a person is told about an error, in both languages.

use grid_fieldbook::{AddressError, Problem, TicketError};
use grid_screens::{AdviceKey, Lang, field_advice, input_advice, not_found_advice, ticket_advice};

use crate::{FieldError, Obstacle};

/// What a person is told when something did not go as asked. None of it blames.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Advice {
    /// A stable name of what happened, for tests and analytics.
    pub code: String,
    /// What happened.
    pub happened: String,
    /// What it means for the record.
    pub meaning: String,
    /// What to do.
    pub next: String,
}

/// What a person is told about an error; `locale` such as `zh-CN`, English for everything that is not Chinese.
#[uniffi::export]
pub fn explain(error: FieldError, locale: String) -> Advice {
    let lang = Lang::of_locale(&locale);
    advice(error, lang).into()
}

fn advice(error: FieldError, lang: Lang) -> grid_screens::Advice {
    use grid_fieldbook::FieldError as Inner;
    let told = |error: Inner| field_advice(&error, lang);
    match error {
        FieldError::InvalidInput { field, detail } => match (ticket_error(&detail), problem(&detail)) {
            (Some(error), _) => ticket_advice(error, lang),
            (None, problem) => input_advice(&field, problem, lang),
        },
        FieldError::NotFound { what } => not_found_advice(&what, lang),
        FieldError::Closed => told(Inner::Closed),
        FieldError::Unavailable { obstacle } => match obstacle {
            Obstacle::Locked => told(Inner::Locked),
            Obstacle::AlreadyOpen => told(Inner::AlreadyOpen),
            Obstacle::InsideCallback => grid_screens::Advice::of(AdviceKey::InsideCallback, &[], lang),
        },
        FieldError::StorageFull => told(Inner::StorageFull),
        FieldError::DatabaseTooNew { found, supported } => told(Inner::DatabaseTooNew { found, supported }),
        FieldError::Damaged => told(Inner::Damaged),
        FieldError::Internal { detail } => told(Inner::Internal { detail }),
    }
}

fn ticket_error(detail: &str) -> Option<TicketError> {
    Some(match detail {
        "not_a_ticket" => TicketError::NotATicket,
        "no_authority" => TicketError::NoAuthority,
        "not_an_address" => TicketError::Address(AddressError::NotAnAddress),
        "plain_off_loopback" => TicketError::Address(AddressError::PlainOffLoopback),
        _ => return None,
    })
}

/// The problem that a stable name stands for; what is no name of ours is a value that is not known.
fn problem(detail: &str) -> Problem {
    let (name, limit) = detail.split_once(':').unwrap_or((detail, ""));
    match name {
        "empty" => Problem::Empty,
        "too_long" => Problem::TooLong {
            chars_max: limit.parse().unwrap_or_default(),
        },
        "too_short" => Problem::TooShort {
            chars_min: limit.parse().unwrap_or_default(),
        },
        "too_many" => Problem::TooMany {
            max: limit.parse().unwrap_or_default(),
        },
        "out_of_range" => Problem::OutOfRange,
        "wrong_state" => Problem::WrongState,
        "needs_reason" => Problem::NeedsReason,
        _ => Problem::Unknown,
    }
}

impl From<grid_screens::Advice> for Advice {
    fn from(advice: grid_screens::Advice) -> Self {
        Self {
            code: advice.code,
            happened: advice.happened,
            meaning: advice.meaning,
            next: advice.next,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::error::problem_name;

    #[test]
    fn a_problem_is_found_again_by_its_name() {
        for known in [
            Problem::Empty,
            Problem::TooLong { chars_max: 40 },
            Problem::TooShort { chars_min: 5 },
            Problem::TooMany { max: 20 },
            Problem::OutOfRange,
            Problem::WrongState,
            Problem::NeedsReason,
            Problem::Unknown,
        ] {
            assert_eq!(problem(&problem_name(known)), known);
        }
    }

    fn any_error() -> impl Strategy<Value = FieldError> {
        let name = || prop_oneof![".*", "(empty|too_long|too_many|not_an_address)(:[0-9]{0,24})?"];
        prop_oneof![
            (name(), name()).prop_map(|(field, detail)| FieldError::invalid(&field, &detail)),
            name().prop_map(|what| FieldError::NotFound { what }),
            any::<(u32, u32)>()
                .prop_map(|(found, supported)| FieldError::DatabaseTooNew { found, supported }),
            name().prop_map(FieldError::internal),
        ]
    }

    proptest! {
        // It is called without a way to fail: nothing that an app can hand over may make it panic.
        #[test]
        fn whatever_an_error_holds_it_is_explained(error in any_error(), locale in ".*") {
            let advice = explain(error, locale);
            prop_assert!([advice.code, advice.happened, advice.meaning, advice.next].iter().all(|text| !text.is_empty()));
        }
    }

    #[test]
    fn every_error_is_explained_in_both_languages() {
        let errors = [
            FieldError::invalid("title", "too_long:40"),
            FieldError::invalid("ticket", "plain_off_loopback"),
            FieldError::invalid("task", "not_an_id"),
            FieldError::NotFound {
                what: "task".to_owned(),
            },
            FieldError::Closed,
            FieldError::Unavailable {
                obstacle: Obstacle::InsideCallback,
            },
            FieldError::StorageFull,
            FieldError::DatabaseTooNew {
                found: 9,
                supported: 6,
            },
            FieldError::Damaged,
            FieldError::internal("disk"),
        ];
        for error in errors {
            let (zh, en) = (
                explain(error.clone(), "zh-CN".to_owned()),
                explain(error.clone(), "fr".to_owned()),
            );
            assert_eq!(zh.code, en.code, "{error:?}");
            for (zh, en) in [
                (zh.happened, en.happened),
                (zh.meaning, en.meaning),
                (zh.next, en.next),
            ] {
                assert!(!zh.is_ascii() && en.is_ascii() || en.contains('“'), "{zh} / {en}");
            }
        }
    }
}
