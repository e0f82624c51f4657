//! Exit codes, for scripts.

use grid_fieldbook::{EnrollError, FieldError, Outcome};
use grid_screens::model::terms::RefusalCode;

/// How a command ended, as the shell sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Refused, or the input cannot be taken: a person has to look.
    Refused = 1,
    /// The command line does not read.
    Usage = 2,
    /// No usable link to the platform now; nothing is lost, try again later.
    NoLink = 3,
    /// The vault cannot be opened, read or written.
    Storage = 4,
    /// A fault of the program.
    Internal = 5,
}

impl Exit {
    /// The code of an error of the field book.
    pub(crate) const fn of_field(error: &FieldError) -> Self {
        match error {
            FieldError::InvalidInput { .. } | FieldError::NotFound { .. } => Self::Refused,
            FieldError::AlreadyOpen
            | FieldError::Locked
            | FieldError::StorageFull
            | FieldError::DatabaseTooNew { .. }
            | FieldError::Damaged => Self::Storage,
            FieldError::Closed | FieldError::Internal { .. } => Self::Internal,
        }
    }

    /// The code of an enrolment that did not come about.
    pub(crate) const fn of_enroll(error: &EnrollError) -> Self {
        match error {
            EnrollError::Link(_)
            | EnrollError::NotOurPlatform
            | EnrollError::Refused(RefusalCode::TryLater) => Self::NoLink,
            EnrollError::NewerPlatform | EnrollError::Refused(_) | EnrollError::AlreadyEnrolled => {
                Self::Refused
            }
            EnrollError::Field(error) => Self::of_field(error),
        }
    }

    /// The code of a sync that ended this way.
    pub(crate) const fn of_sync(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Complete | Outcome::BudgetSpent => Self::Done,
            Outcome::Link(_) | Outcome::NotOurPlatform | Outcome::TryLater | Outcome::Cancelled => {
                Self::NoLink
            }
            Outcome::NewerPlatform | Outcome::Refused(_) | Outcome::BadReceipt => Self::Refused,
        }
    }
}
