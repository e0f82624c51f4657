//! The platform's time. Everything that asks for the time asks this, so a demonstration can run on a time of its own.

use std::time::{SystemTime, UNIX_EPOCH};

/// Where the platform reads its time.
pub trait Clock: Send + Sync {
    /// Now, UTC ms.
    fn now_ms(&self) -> i64;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX)
    }
}
