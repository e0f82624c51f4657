//! About eight kinds of error, each one a different reaction of the app.

use std::fmt;

use grid_store::StoreError;
use grid_vault::{KeyVaultError, VaultError};

/// What is wrong with an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was given.
    Empty,
    /// More characters than allowed.
    TooLong {
        /// The limit.
        chars_max: usize,
    },
    /// Fewer characters than needed.
    TooShort {
        /// The limit.
        chars_min: usize,
    },
    /// More items or bytes than allowed.
    TooMany {
        /// The limit.
        max: u64,
    },
    /// Not a value this field can have.
    OutOfRange,
    /// Not possible in the state the thing is in now.
    WrongState,
    /// A correction needs its reason.
    NeedsReason,
    /// Not a term this build knows.
    Unknown,
}

/// Why a call did not do what it was asked. Nothing saved is lost by any of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldError {
    /// The input of one field cannot be taken; correct it and try again.
    InvalidInput {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// There is no such thing on this phone.
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// The field book was closed; open it again.
    Closed,
    /// Another process has this vault open.
    AlreadyOpen,
    /// The host cannot give the key now; try again after the phone is unlocked.
    Locked,
    /// No space left; free some and save again. It was not saved.
    StorageFull,
    /// The vault was written by a newer application; update this one.
    DatabaseTooNew {
        /// Schema found.
        found: u32,
        /// Newest this build knows.
        supported: u32,
    },
    /// The database does not open under its key: it is kept as it is, never reset. Ask for help.
    Damaged,
    /// A bug or a failing disk; the detail is for the support desk and holds nothing personal.
    Internal {
        /// Technical detail.
        detail: String,
    },
}

impl FieldError {
    pub(crate) fn invalid(field: &'static str, problem: Problem) -> Self {
        Self::InvalidInput { field, problem }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidInput { field, problem } => write!(f, "{field}: {problem:?}"),
            Self::NotFound { what } => write!(f, "no such {what}"),
            Self::Closed => f.write_str("the field book is closed"),
            Self::AlreadyOpen => f.write_str("this vault is open elsewhere"),
            Self::Locked => f.write_str("the key is locked"),
            Self::StorageFull => f.write_str("no space left"),
            Self::DatabaseTooNew { found, supported } => {
                write!(f, "schema {found} is newer than {supported}")
            }
            Self::Damaged => f.write_str("the database is damaged or the key is another one"),
            Self::Internal { detail } => write!(f, "internal: {detail}"),
        }
    }
}

impl std::error::Error for FieldError {}

impl From<StoreError> for FieldError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::AlreadyOpen => Self::AlreadyOpen,
            StoreError::Closed => Self::Closed,
            StoreError::Full => Self::StorageFull,
            StoreError::WrongKeyOrDamaged => Self::Damaged,
            StoreError::TooNew { found, supported } => Self::DatabaseTooNew { found, supported },
            StoreError::NotFound(what) => Self::NotFound { what },
            StoreError::Unreadable(_) | StoreError::Sqlite(_) | StoreError::Io(_) => Self::Internal {
                detail: error.to_string(),
            },
        }
    }
}

impl grid_store::Failure for FieldError {
    fn is_of_disk(&self) -> bool {
        matches!(self, Self::Damaged | Self::Internal { .. })
    }
}

impl From<KeyVaultError> for FieldError {
    fn from(error: KeyVaultError) -> Self {
        match error {
            KeyVaultError::Locked => Self::Locked,
            KeyVaultError::Lost => Self::Damaged,
        }
    }
}

impl From<VaultError> for FieldError {
    fn from(error: VaultError) -> Self {
        Self::Internal {
            detail: error.to_string(),
        }
    }
}

impl From<std::io::Error> for FieldError {
    fn from(error: std::io::Error) -> Self {
        StoreError::from(error).into()
    }
}
