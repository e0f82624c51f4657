//! What a platform can be told beside its folder and its clock.

use std::sync::Arc;

use grid_hub::Entropy;

use crate::entropy::SystemEntropy;

/// How much work a password check is. The defaults are OWASP's for Argon2id; a test takes less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PasswordCost {
    /// Sound but quick, for tests and demonstrations with made-up people.
    pub const QUICK: Self = Self {
        memory_kib: 256,
        passes: 1,
    };
}

impl Default for PasswordCost {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
        }
    }
}

/// Settings of a platform.
#[derive(Clone)]
pub struct Settings {
    /// How much work a password check is.
    pub password_cost: PasswordCost,
    /// Where keys, ids and codes come from; a simulation brings its own.
    pub entropy: Arc<dyn Entropy>,
    /// Pages after which the database is full, for an operator who shares a disk; the disk alone is the limit when absent.
    pub store_pages_max: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            password_cost: PasswordCost::default(),
            entropy: Arc::new(SystemEntropy),
            store_pages_max: None,
        }
    }
}
