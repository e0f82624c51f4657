//! The one error of this surface: eight kinds, each a different reaction of the app.

use std::fmt;

use grid_fieldbook::{AddressError, Problem, TicketError};

/// Why a call did not do what it was asked. Nothing saved is lost by any of these.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Error)]
pub enum FieldError {
    /// One field cannot be taken: mark it, let the worker correct it.
    InvalidInput {
        /// Which field, by its name in the draft.
        field: String,
        /// What is wrong, a stable name with its limit after a colon: `empty`, `too_long:40`, `too_short:5`, `too_many:20`,
        /// `out_of_range`, `wrong_state`, `needs_reason`, `unknown` (term), `not_an_id`, `not_a_ticket`, `not_an_address`,
        /// `plain_off_loopback`, `no_authority`.
        detail: String,
    },
    /// There is no such thing on this phone: go back and show the list again. Before enrolment `sync` says `enrolment`.
    NotFound {
        /// What was looked for.
        what: String,
    },
    /// The field book was closed: `reopen` it and repeat the call.
    Closed,
    /// Not now: wait for the obstacle to go, then repeat the call.
    Unavailable {
        /// What is in the way.
        obstacle: Obstacle,
    },
    /// No space left and not saved: let the worker free some, then save again.
    StorageFull,
    /// Written by a newer application: ask for an update. Nothing was touched.
    DatabaseTooNew {
        /// Schema found.
        found: u32,
        /// Newest this build knows.
        supported: u32,
    },
    /// The database does not open under its key: it is left exactly as it is. Keep the phone and call the support desk.
    Damaged,
    /// A bug or a failing disk: report it.
    Internal {
        /// For the support desk; holds nothing personal.
        detail: String,
    },
}

/// What is in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Obstacle {
    /// The host cannot give the key before the phone is unlocked.
    Locked,
    /// Another process, or another object of this one, has the vault open.
    AlreadyOpen,
    /// This thread is inside a callback that the field book made, which only looks: record after it has returned.
    InsideCallback,
}

impl FieldError {
    pub(crate) fn invalid(field: &str, detail: impl Into<String>) -> Self {
        Self::InvalidInput {
            field: field.to_owned(),
            detail: detail.into(),
        }
    }

    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::Internal {
            detail: detail.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput { field, detail } => write!(f, "{field}: {detail}"),
            Self::NotFound { what } => write!(f, "no such {what}"),
            Self::Closed => f.write_str("the field book is closed: reopen it, then repeat the call"),
            Self::Unavailable { obstacle } => f.write_str(match obstacle {
                Obstacle::Locked => "the key cannot be had before the phone is unlocked: wait, then open again",
                Obstacle::AlreadyOpen => "somebody else has this vault open: close it there, then open again",
                Obstacle::InsideCallback => {
                    "a callback may only look: let it return, then repeat the call on another thread"
                }
            }),
            Self::StorageFull => {
                f.write_str("no space left, and not saved: free some space, then repeat the call")
            }
            Self::DatabaseTooNew { found, supported } => {
                write!(
                    f,
                    "written by a newer application (schema {found}, this one knows {supported}): update it; \
                     nothing was touched"
                )
            }
            Self::Damaged => f.write_str(
                "the database does not open under its key and is left as it is: recover it, or call the support desk",
            ),
            Self::Internal { detail } => write!(f, "internal: {detail}"),
        }
    }
}

impl std::error::Error for FieldError {}

impl From<grid_fieldbook::FieldError> for FieldError {
    fn from(error: grid_fieldbook::FieldError) -> Self {
        use grid_fieldbook::FieldError as Inner;
        match error {
            Inner::InvalidInput { field, problem } => Self::invalid(field, problem_name(problem)),
            Inner::NotFound { what } => Self::NotFound {
                what: what.to_owned(),
            },
            Inner::Closed => Self::Closed,
            Inner::AlreadyOpen => Self::Unavailable {
                obstacle: Obstacle::AlreadyOpen,
            },
            Inner::Locked => Self::Unavailable {
                obstacle: Obstacle::Locked,
            },
            Inner::StorageFull => Self::StorageFull,
            Inner::DatabaseTooNew { found, supported } => Self::DatabaseTooNew { found, supported },
            Inner::Damaged => Self::Damaged,
            Inner::Internal { detail } => Self::Internal { detail },
        }
    }
}

impl From<TicketError> for FieldError {
    fn from(error: TicketError) -> Self {
        let detail = match error {
            TicketError::NotATicket => "not_a_ticket",
            TicketError::NoAuthority => "no_authority",
            TicketError::Address(AddressError::NotAnAddress) => "not_an_address",
            TicketError::Address(AddressError::PlainOffLoopback) => "plain_off_loopback",
        };
        Self::invalid("ticket", detail)
    }
}

pub(crate) fn problem_name(problem: Problem) -> String {
    match problem {
        Problem::Empty => "empty".to_owned(),
        Problem::TooLong { chars_max } => format!("too_long:{chars_max}"),
        Problem::TooShort { chars_min } => format!("too_short:{chars_min}"),
        Problem::TooMany { max } => format!("too_many:{max}"),
        Problem::OutOfRange => "out_of_range".to_owned(),
        Problem::WrongState => "wrong_state".to_owned(),
        Problem::NeedsReason => "needs_reason".to_owned(),
        Problem::Unknown => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_a_stable_name_with_its_limit() {
        let named = [
            (Problem::TooLong { chars_max: 40 }, "too_long:40"),
            (Problem::TooMany { max: 20 }, "too_many:20"),
            (Problem::NeedsReason, "needs_reason"),
        ];
        for (problem, detail) in named {
            let inner = grid_fieldbook::FieldError::InvalidInput { field: "x", problem };
            assert_eq!(FieldError::from(inner), FieldError::invalid("x", detail));
        }
    }

    #[test]
    fn what_waits_for_the_phone_and_what_needs_help_are_told_apart() {
        use grid_fieldbook::FieldError as Inner;
        let unavailable = |obstacle| FieldError::Unavailable { obstacle };
        assert_eq!(FieldError::from(Inner::Locked), unavailable(Obstacle::Locked));
        assert_eq!(
            FieldError::from(Inner::AlreadyOpen),
            unavailable(Obstacle::AlreadyOpen)
        );
        assert_eq!(FieldError::from(Inner::Damaged), FieldError::Damaged);
    }
}
