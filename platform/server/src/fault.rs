//! A failure that is nobody's request's fault: the store, the disk, or a bug. It is logged once, here.

use grid_hub::HubError;

/// Something behind the request failed; nothing was decided, the caller may try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The disk is full.
    StorageFull,
    /// The store failed or this program has a bug.
    Broken,
}

impl From<HubError> for Fault {
    fn from(error: HubError) -> Self {
        tracing::error!(%error, "the store did not do its work");
        match error {
            HubError::Full(_) => Self::StorageFull,
            HubError::Storage(_)
            | HubError::SchemaTooNew { .. }
            | HubError::NotInitialised
            | HubError::KeysDiffer
            | HubError::Bug(_) => Self::Broken,
        }
    }
}

impl From<tokio::task::JoinError> for Fault {
    fn from(_: tokio::task::JoinError) -> Self {
        // What a panic says may quote content, so it is not repeated.
        tracing::error!("a call into the hub panicked");
        Self::Broken
    }
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        tracing::error!(kind = ?error.kind(), "the disk did not do its work");
        if matches!(error.kind(), StorageFull | QuotaExceeded) {
            Self::StorageFull
        } else {
            Self::Broken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_broken_store() {
        assert_eq!(
            Fault::from(HubError::full("database or disk is full")),
            Fault::StorageFull
        );
        assert_eq!(Fault::from(HubError::storage("disk I/O error")), Fault::Broken);
    }
}
