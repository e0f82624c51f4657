//! Randomness of the operating system.

use grid_hub::{Entropy, HubError};

/// The operating system's own source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError> {
        getrandom::fill(bytes).map_err(|error| HubError::storage(error.to_string()))
    }
}
