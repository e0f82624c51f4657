//! Time of the simulation: one true time, and phones whose clocks say something else.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use grid_crash::Dice;
use grid_fieldbook::{Clock, Entropy, Moment};
use std::sync::Mutex;

/// 2026-01-05 08:00 in Shanghai.
pub(crate) const START_MS: i64 = 1_767_571_200_000;
pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;

/// The true time, UTC ms. Cloning shares it; it never goes back.
#[derive(Clone, Debug)]
pub(crate) struct Now(Arc<AtomicI64>);

impl Now {
    pub(crate) fn at_the_start() -> Self {
        Self(Arc::new(AtomicI64::new(START_MS)))
    }

    pub(crate) fn ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn forward_to(&self, at_ms: i64) {
        self.0.fetch_max(at_ms, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms.max(0), Ordering::SeqCst);
    }
}

/// The platform's clock: true, unless it is set wrong.
#[derive(Debug)]
pub(crate) struct SiteClock {
    pub(crate) now: Now,
    pub(crate) offset_ms: AtomicI64,
}

impl grid_server::Clock for SiteClock {
    fn now_ms(&self) -> i64 {
        self.now.ms() + self.offset_ms.load(Ordering::SeqCst)
    }
}

/// A phone's clocks: the wall clock is off by what it was set to, the monotonic one counts from the boot.
#[derive(Debug)]
pub(crate) struct PhoneClock {
    now: Now,
    offset_ms: AtomicI64,
    booted_at_ms: AtomicI64,
    boot: AtomicU64,
    /// After so many readings the clock throws; never, when negative.
    throws_in: AtomicI64,
}

/// What a clock throws, so that nobody takes it for a mistake of the simulation.
#[derive(Debug)]
pub(crate) struct Thrown;

impl PhoneClock {
    pub(crate) fn new(now: Now, boot: u64) -> Self {
        let booted_at_ms = AtomicI64::new(now.ms() - HOUR_MS);
        Self {
            now,
            offset_ms: AtomicI64::new(0),
            booted_at_ms,
            boot: AtomicU64::new(boot),
            throws_in: AtomicI64::new(-1),
        }
    }

    /// Sets the wall clock off the true time by this.
    pub(crate) fn set_off(&self, ms: i64) {
        self.offset_ms.store(ms, Ordering::SeqCst);
    }

    /// Throws at the reading after so many; a negative number takes it back.
    pub(crate) fn throw_in(&self, readings: i64) {
        self.throws_in.store(readings, Ordering::SeqCst);
    }

    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::SeqCst)
    }

    /// The phone starts anew: another boot, the monotonic clock from zero.
    pub(crate) fn reboot(&self) {
        self.booted_at_ms.store(self.now.ms(), Ordering::SeqCst);
        self.boot.fetch_add(1 << 32, Ordering::SeqCst);
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Moment {
        if self
            .throws_in
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                (left >= 0).then_some(left - 1)
            })
            == Ok(0)
        {
            std::panic::resume_unwind(Box::new(Thrown));
        }
        let now_ms = self.now.ms();
        Moment {
            wall_ms: now_ms + self.offset_ms(),
            mono_ms: now_ms - self.booted_at_ms.load(Ordering::SeqCst),
            boot: self.boot.load(Ordering::SeqCst),
        }
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

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        self.0.lock().is_ok_and(|mut dice| {
            dice.fill(buffer);
            true
        })
    }
}

impl grid_hub::Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), grid_hub::HubError> {
        if Entropy::fill(self, bytes) {
            Ok(())
        } else {
            Err(grid_hub::HubError::Bug("no randomness"))
        }
    }
}
