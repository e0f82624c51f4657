//! Simulated time: one clock a phone, one for the platform. Nobody sleeps; whoever acts says what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use grid_fieldbook::{Clock, Entropy, Moment};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

/// A clock that stands still until it is set. Cloning shares it.
#[derive(Clone, Debug)]
pub(crate) struct SimClock {
    now_ms: Arc<AtomicI64>,
    boot: u64,
}

impl SimClock {
    /// A clock at this moment, UTC ms; `boot` names the boot of the phone.
    pub(crate) fn at(now_ms: i64, boot: u64) -> Self {
        Self {
            now_ms: Arc::new(AtomicI64::new(now_ms)),
            boot,
        }
    }

    /// Now, UTC ms.
    pub(crate) fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    /// Sets the clock; it never goes back.
    pub(crate) fn forward_to(&self, at_ms: i64) {
        self.now_ms.fetch_max(at_ms, Ordering::SeqCst);
    }
}

impl Clock for SimClock {
    fn now(&self) -> Moment {
        let now_ms = self.now_ms();
        Moment {
            wall_ms: now_ms,
            mono_ms: now_ms,
            boot: self.boot,
        }
    }
}

impl grid_server::Clock for SimClock {
    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }
}

/// Randomness from a seed: the same seed gives the same ids, keys and nonces.
pub(crate) struct SeededEntropy(std::sync::Mutex<ChaCha12Rng>);

impl SeededEntropy {
    /// The stream `stream` of a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha12Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(std::sync::Mutex::new(rng))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        self.0.lock().is_ok_and(|mut rng| {
            rng.fill_bytes(buffer);
            true
        })
    }
}
