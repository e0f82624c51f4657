//! What code of the host may throw, and what is made of everything else it throws.

use std::fmt;

/// What an implementation of `KeyVault`, `HostClock` or `ProgressListener` may throw. Anything else it throws counts as
/// `Failed`.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Error)]
pub enum HostError {
    /// Not before the phone is unlocked.
    Locked,
    /// The key is gone, or these bytes were not wrapped by it.
    Lost,
    /// It failed otherwise.
    Failed {
        /// For the support desk; nothing personal.
        detail: String,
    },
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked => f.write_str("locked"),
            Self::Lost => f.write_str("lost"),
            Self::Failed { detail } => write!(f, "failed: {detail}"),
        }
    }
}

impl std::error::Error for HostError {}

/// Only the name of the exception: its text is the host's and may hold anything.
impl From<uniffi::UnexpectedUniFFICallbackError> for HostError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            detail: exception_name(&error.reason).to_owned(),
        }
    }
}

fn exception_name(reason: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    let name = &reason[..reason.find(|c| !is_name(c)).unwrap_or(reason.len())];
    if name.is_empty() { "an exception" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_name_of_an_exception_is_kept() {
        assert_eq!(exception_name("RuntimeError('王 13800000000')"), "RuntimeError");
        assert_eq!(
            exception_name("java.io.IOException: /data/user"),
            "java.io.IOException"
        );
        assert_eq!(exception_name("手机"), "an exception");
        assert_eq!(exception_name(""), "an exception");
    }
}
