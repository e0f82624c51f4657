//! The host's clock. It is read before a call begins, so that no code of the host runs while a record is being written.

use std::cell::Cell;
use std::sync::Arc;

use grid_fieldbook::{Clock, Moment, SystemClock};

use crate::HostError;
use crate::border::host_call;

/// What the phone's clocks say at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ClockReading {
    /// The wall clock, UTC ms.
    pub wall_ms: i64,
    /// Time since boot, sleep included, ms: `elapsedRealtime` on Android, `mach_continuous_time` on iOS.
    pub mono_ms: i64,
    /// Any number that is the same until the phone starts again and another one afterwards.
    pub boot: u64,
}

/// The phone's clocks. Implemented by the app; on Linux it can be left out.
#[uniffi::export(with_foreign)]
pub trait HostClock: Send + Sync {
    /// What they say now. Be quick, and do not call the field book.
    fn now(&self) -> Result<ClockReading, HostError>;
}

thread_local! {
    static READING: Cell<Option<Moment>> = const { Cell::new(None) };
    /// This thread is inside the host's clock.
    static ASKED: Cell<bool> = const { Cell::new(false) };
}

/// The clock that the façade sees: the reading of the running call, else the host's clock.
pub(crate) struct BorderClock(Option<Arc<dyn HostClock>>);

/// Holds the reading of one call on this thread until it is dropped.
pub(crate) struct Reading {
    before: Option<Moment>,
}

impl BorderClock {
    pub(crate) fn new(host: Option<Arc<dyn HostClock>>) -> Self {
        Self(host)
    }

    /// Reads the host's clock now; until the answer is dropped this thread sees this reading.
    pub(crate) fn read(&self) -> Reading {
        let reading = self.0.as_ref().map(host_now);
        Reading {
            before: READING.replace(reading),
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        READING.set(self.before);
    }
}

impl Clock for BorderClock {
    fn now(&self) -> Moment {
        match (&self.0, READING.get()) {
            (None, _) => SystemClock.now(),
            (Some(_), Some(moment)) => moment,
            (Some(host), None) => host_now(host),
        }
    }
}

/// A clock that calls the field book, which asks the clock, gets the system's answer. A clock that throws must not stop a rescue from being recorded: the system's takes its place for this reading. Its other
/// boot id keeps the platform from measuring one by the other.
fn host_now(host: &Arc<dyn HostClock>) -> Moment {
    if ASKED.replace(true) {
        return SystemClock.now();
    }
    let reading = host_call(|| host.now());
    ASKED.set(false);
    match reading {
        Ok(reading) => Moment {
            wall_ms: reading.wall_ms,
            mono_ms: reading.mono_ms,
            boot: reading.boot,
        },
        Err(error) => {
            log::warn!("the host's clock {error}; the system's is used");
            SystemClock.now()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    struct Ticking(AtomicI64);

    impl HostClock for Ticking {
        fn now(&self) -> Result<ClockReading, HostError> {
            let mono_ms = self.0.fetch_add(1, Ordering::SeqCst);
            Ok(ClockReading {
                wall_ms: 5,
                mono_ms,
                boot: 7,
            })
        }
    }

    struct Broken;

    impl HostClock for Broken {
        fn now(&self) -> Result<ClockReading, HostError> {
            panic!("no clock");
        }
    }

    #[test]
    fn one_call_sees_one_reading() {
        let clock = BorderClock::new(Some(Arc::new(Ticking(AtomicI64::new(1)))));
        {
            let _outer = clock.read();
            assert_eq!((clock.now().mono_ms, clock.now().mono_ms), (1, 1));
            let inner = clock.read();
            assert_eq!(clock.now().mono_ms, 2);
            drop(inner);
            assert_eq!(clock.now().mono_ms, 1);
        }
        assert_eq!((clock.now().mono_ms, clock.now().mono_ms), (3, 4));
    }

    #[test]
    fn a_clock_that_fails_is_replaced_and_not_mistaken_for_itself() {
        let clock = BorderClock::new(Some(Arc::new(Broken)));
        let _reading = clock.read();
        assert!(clock.now().wall_ms > 0);
        assert_eq!(clock.now().boot, SystemClock.now().boot);
    }
}
