//! Failures that lie outside the protocol. What the protocol can answer is a value, never one of these.

use std::error::Error;
use std::fmt;

/// The store failed, does not fit, or this code has a bug: nothing was decided and nothing was answered.
#[derive(Debug)]
pub enum HubError {
    /// The database could not do its work (disk, lock, damage).
    Storage(Box<dyn Error + Send + Sync>),
    /// There is no space left to write in: what was asked left no trace, what was kept before is still here.
    Full(Box<dyn Error + Send + Sync>),
    /// The store was written by a newer program than this one; nothing was touched.
    SchemaTooNew {
        /// Schema number in the store.
        found: u32,
        /// Newest schema number this program knows.
        supported: u32,
    },
    /// The store has not been initialised (`Hub::init`).
    NotInitialised,
    /// The keys given are not the keys this store was initialised with.
    KeysDiffer,
    /// A state that this code rules out. Holds no content of any record.
    Bug(&'static str),
}

impl HubError {
    /// A failure of the store, from whatever it says.
    pub fn storage(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Storage(source.into())
    }

    /// A store without space, from whatever it says. A store has to tell this from its other failures, because the answer
    /// to a device is another one: keep everything and come back later.
    pub fn full(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Full(source.into())
    }
}

impl fmt::Display for HubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(source) => write!(f, "the store failed: {source}"),
            Self::Full(source) => write!(f, "the store has no space left: {source}"),
            Self::SchemaTooNew { found, supported } => {
                write!(
                    f,
                    "the store has schema {found}, this program knows up to {supported}"
                )
            }
            Self::NotInitialised => f.write_str("the store has not been initialised"),
            Self::KeysDiffer => f.write_str("the keys given are not the keys of this store"),
            Self::Bug(what) => write!(f, "bug: {what}"),
        }
    }
}

impl Error for HubError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Storage(source) | Self::Full(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}
