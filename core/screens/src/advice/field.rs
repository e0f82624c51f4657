//! Advice on a use case that was not carried out.

use grid_fieldbook::{FieldError, Problem};
use grid_model::TaskStatus;

use super::{Advice, AdviceKey};
use crate::{Lang, Worded, field_name, size};

/// Advice on a use case that was not carried out.
pub fn field_advice(error: &FieldError, lang: Lang) -> Advice {
    let of = |key| Advice::of(key, &[], lang);
    match error {
        FieldError::InvalidInput { field, problem } => input_advice(field, *problem, lang),
        FieldError::NotFound { what } => not_found_advice(what, lang),
        FieldError::Closed => of(AdviceKey::Closed),
        FieldError::AlreadyOpen => of(AdviceKey::AlreadyOpen),
        FieldError::Locked => of(AdviceKey::Locked),
        FieldError::StorageFull => of(AdviceKey::StorageFull),
        FieldError::DatabaseTooNew { .. } => of(AdviceKey::TooNew),
        FieldError::Damaged => of(AdviceKey::Damaged),
        FieldError::Internal { detail } => Advice::of(AdviceKey::Internal, &[detail], lang),
    }
}

/// Advice on a step that a task in this state does not take.
pub fn task_not_now(status: TaskStatus, lang: Lang) -> Advice {
    Advice::of(AdviceKey::TaskNotNow, &[&status.words(lang)], lang)
}

/// Advice on a field that cannot be taken, by its name in the draft.
pub fn input_advice(field: &str, problem: Problem, lang: Lang) -> Advice {
    let name = field_name(field, lang);
    let of = |key, limit: &str| Advice::of(key, &[&name, limit], lang);
    match problem {
        Problem::Empty => of(AdviceKey::Empty, ""),
        Problem::TooLong { chars_max } => of(AdviceKey::TooLong, &chars_max.to_string()),
        Problem::TooShort { chars_min } => of(AdviceKey::TooShort, &chars_min.to_string()),
        Problem::TooMany { max } => match field {
            "content" => of(AdviceKey::FileTooLarge, &size(max)),
            "record" => of(AdviceKey::RecordTooLarge, &size(max)),
            _ => of(AdviceKey::TooMany, &max.to_string()),
        },
        Problem::OutOfRange if field == "value" => of(AdviceKey::CountOutOfRange, ""),
        Problem::OutOfRange if field == "wanted_due" => of(AdviceKey::DueNotLater, ""),
        Problem::OutOfRange => of(AdviceKey::OutOfRange, ""),
        Problem::WrongState => match field {
            "due" => of(AdviceKey::PastDue, ""),
            "patrol" => of(AdviceKey::PatrolNotNow, ""),
            "case" => of(AdviceKey::CaseNotUrgent, ""),
            "attachment" => of(AdviceKey::PhotoNotNow, ""),
            _ => of(AdviceKey::WrongState, ""),
        },
        Problem::NeedsReason => of(AdviceKey::NeedsReason, ""),
        Problem::Unknown => of(AdviceKey::NotATerm, ""),
    }
}

/// Advice on something that is not on this phone.
pub fn not_found_advice(what: &str, lang: Lang) -> Advice {
    let key = match what {
        "task" => AdviceKey::NoTask,
        "patrol" => AdviceKey::NoPatrol,
        "case" => AdviceKey::NoCase,
        "attachment" => AdviceKey::NoAttachment,
        "parked record" => AdviceKey::NoParkedRecord,
        "enrolment" => AdviceKey::NotEnrolledYet,
        _ => AdviceKey::NotThere,
    };
    Advice::of(key, &[&field_name(what, lang)], lang)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::tests::is_whole;

    #[test]
    fn every_error_of_the_field_book_is_three_parts() {
        let problems = [
            Problem::Empty,
            Problem::TooLong { chars_max: 40 },
            Problem::TooShort { chars_min: 5 },
            Problem::TooMany { max: 20 },
            Problem::OutOfRange,
            Problem::WrongState,
            Problem::NeedsReason,
            Problem::Unknown,
        ];
        let fields = [
            "title",
            "description",
            "place_text",
            "parties",
            "narrative",
            "note",
            "due",
            "wanted_due",
            "reason",
            "value",
            "post",
            "checkpoint",
            "fix",
            "attachments",
            "attachment",
            "content",
            "mime",
            "phone_label",
            "text",
            "record",
            "task",
            "patrol",
            "case",
        ];
        for field in fields {
            assert_ne!(
                field_name(field, Lang::Zh),
                field,
                "{field} has a name on the form"
            );
            for problem in problems {
                is_whole(|lang| field_advice(&FieldError::InvalidInput { field, problem }, lang));
            }
        }
        for what in [
            "task",
            "patrol",
            "case",
            "attachment",
            "parked record",
            "enrolment",
            "identity",
        ] {
            is_whole(|lang| field_advice(&FieldError::NotFound { what }, lang));
        }
        for error in [
            FieldError::Closed,
            FieldError::AlreadyOpen,
            FieldError::Locked,
            FieldError::StorageFull,
            FieldError::DatabaseTooNew {
                found: 9,
                supported: 1,
            },
            FieldError::Damaged,
            FieldError::Internal {
                detail: "disk I/O".to_owned(),
            },
        ] {
            is_whole(|lang| field_advice(&error, lang));
        }
        for status in <TaskStatus as grid_model::Coded>::known() {
            is_whole(|lang| task_not_now(*status, lang));
        }
    }
}
