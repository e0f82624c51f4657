//! What the host brings: clocks and randomness. Injected, so that a simulation owns time.

use std::sync::Arc;

use grid_store::StoreOptions;

/// What the host's clocks say at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock's claim, UTC ms.
    pub wall_ms: i64,
    /// Boot-time monotonic clock, which runs in sleep, ms.
    pub mono_ms: i64,
    /// Names the boot that `mono_ms` counts from.
    pub boot: u64,
}

/// The host's clocks.
pub trait Clock: Send + Sync {
    /// What they say now.
    fn now(&self) -> Moment;
}

/// The host's random source; cryptographic on a phone, seeded in a simulation.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer. `false` when there is no randomness to be had: nothing is then written or signed.
    fn fill(&self, buffer: &mut [u8]) -> bool;
}

/// Clock, randomness and storage together.
#[derive(Clone)]
pub struct Host {
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// The random source.
    pub entropy: Arc<dyn Entropy>,
    /// The disk below the vault, and its sizes.
    pub storage: StoreOptions,
}

impl Host {
    /// A host with these clocks and this random source on the phone's own disk.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            clock,
            entropy,
            storage: StoreOptions::default(),
        }
    }

    pub(crate) fn random<const N: usize>(&self) -> Result<[u8; N], crate::FieldError> {
        let mut bytes = [0; N];
        if self.entropy.fill(&mut bytes) {
            Ok(bytes)
        } else {
            Err(crate::FieldError::Internal {
                detail: "no randomness".to_owned(),
            })
        }
    }
}
