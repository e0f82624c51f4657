//! What the store knows about itself.

use grid_model::Incarnation;

use super::Stored;

/// The platform's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// The life of this store.
    pub incarnation: Incarnation,
    /// Public key of receipts.
    pub signing_public: Vec<u8>,
    /// Public key of lifeboat segments.
    pub sealing_public: Vec<u8>,
    /// Since when this life lasts, UTC ms.
    pub since_ms: i64,
}

/// Reads what the store knows about itself.
pub trait PlatformRead {
    /// The platform's own row; none before `Hub::init`.
    fn platform(&self) -> Stored<Option<Platform>>;
}

/// Writes what the store knows about itself.
pub trait PlatformWrite {
    /// Sets the platform's own row.
    fn put_platform(&mut self, platform: &Platform) -> Stored<()>;
    /// The next number of the series `name`, from 1; never the same twice.
    fn next_number(&mut self, name: &str) -> Stored<u64>;
    /// Moves every series of numbers and every task's revision ahead by `by`.
    fn skip_ahead(&mut self, by: u64) -> Stored<()>;
}
