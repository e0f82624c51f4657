//! Time and randomness of a run: handed in on both sides, so that a seed gives the same bytes.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use grid_crash::Dice;
use grid_fieldbook::Moment;
use grid_server::Clock as _;

/// 2026-01-05 08:00 in Shanghai.
pub(crate) const START_MS: i64 = 1_767_571_200_000;

/// One time for phone and platform: stands still until it is told to pass, or passes some times as fast as this machine's.
#[derive(Debug)]
pub(crate) struct Time {
    told_ms: AtomicI64,
    /// When it began by this machine's clock, and how many times faster it passes.
    running: Option<(i64, i64)>,
}

impl Time {
    pub(crate) const fn standing(at_ms: i64) -> Self {
        Self {
            told_ms: AtomicI64::new(at_ms),
            running: None,
        }
    }

    /// A time that goes on from where `from` stands.
    pub(crate) fn running(from_ms: i64, faster: u32) -> Self {
        Self {
            told_ms: AtomicI64::new(from_ms),
            running: Some((grid_server::SystemClock.now_ms(), i64::from(faster))),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        let ran = self.running.map_or(0, |(since_ms, faster)| {
            (grid_server::SystemClock.now_ms() - since_ms).max(0) * faster
        });
        self.told_ms.load(Ordering::SeqCst) + ran
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, ms: i64) {
        self.told_ms.fetch_add(ms.max(0), Ordering::SeqCst);
    }
}

impl grid_fieldbook::Clock for Time {
    fn now(&self) -> Moment {
        let now_ms = self.now_ms();
        Moment {
            wall_ms: now_ms,
            mono_ms: now_ms - START_MS,
            boot: 1,
        }
    }
}

impl grid_server::Clock for Time {
    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }
}

/// Randomness from a seed.
#[derive(Debug)]
pub(crate) struct SeededEntropy(Mutex<Dice>);

impl SeededEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice::seeded(seed)))
    }
}

impl grid_fieldbook::Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        self.0.lock().is_ok_and(|mut dice| {
            dice.fill(buffer);
            true
        })
    }
}

impl grid_hub::Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), grid_hub::HubError> {
        if grid_fieldbook::Entropy::fill(self, bytes) {
            Ok(())
        } else {
            Err(grid_hub::HubError::Bug("no randomness"))
        }
    }
}
