//! Cancellation by an explicit token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks a running sync to stop at its next step. Cloning shares the token; nothing saved is undone.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether somebody asked.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
