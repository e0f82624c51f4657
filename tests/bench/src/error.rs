//! Why a measure could not be taken.

use grid_fieldbook::FieldError;
use grid_store::StoreError;

/// Why a measure could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The records do not read.
    #[error(transparent)]
    Record(#[from] crate::record::RecordError),
    /// The field book refused.
    #[error("field book: {0:?}")]
    Field(FieldError),
    /// The store refused.
    #[error("store: {0}")]
    Store(StoreError),
    /// The bare database refused.
    #[error("bare database: {0}")]
    Raw(#[from] rusqlite::Error),
    /// The platform or the link.
    #[error("{0}")]
    Link(#[from] grid_cut::Trouble),
    /// A file or a process.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// What a measuring process said.
    #[error("a measuring process said: {0}")]
    Child(String),
    /// JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

impl From<FieldError> for BenchError {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<StoreError> for BenchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl grid_store::Failure for BenchError {
    fn is_of_disk(&self) -> bool {
        false
    }
}
