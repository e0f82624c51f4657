//! Time is evidence, never an order. A change carries what the phone's clocks said; an interval is derived from it, and
//! nobody is judged by anything but the earliest bound of that interval (domain §6.4, architecture §2b "Clock").

use crate::coded::coded;

/// Widest drift of a phone's oscillator that is believed: 100 parts per million.
const DRIFT_PER_MILLION: i64 = 100;
/// A wall clock that differs this much from the monotonic one is suspect, ms (domain §6.4).
const WALL_JUMP_MS: i64 = 5 * 60 * 1000;
/// Facts older than this at arrival are undecided until a person confirms, ms: 14 days (domain §6.4).
pub const EFFECTIVE_WITHIN_MS: i64 = 14 * 24 * 3600 * 1000;

/// A moment at which the platform told its time: what later moments are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The platform's time, UTC ms, at the middle of the exchange.
    pub server_ms: i64,
    /// The phone's boot-time monotonic clock at that middle, ms.
    pub mono_ms: i64,
    /// Half the round trip: how far the middle may be off, ms.
    pub width_ms: i64,
    /// The boot in which `mono_ms` was read.
    pub boot: u64,
    /// The phone's wall clock at that middle, UTC ms.
    pub wall_ms: i64,
}

/// What the phone's clocks said when a fact was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The wall clock's claim, UTC ms.
    pub wall_ms: i64,
    /// Boot-time monotonic clock (runs in sleep), ms.
    pub mono_ms: i64,
    /// Names the boot that `mono_ms` counts from.
    pub boot: u64,
    /// The last platform time this phone knew, from any boot.
    pub anchor: Option<Anchor>,
}

coded! {
    /// How far a claimed time can be believed (domain §4.1).
    pub enum ClockQuality {
        Anchored = 1 "anchored",
        Inherited = 2 "inherited",
        Suspect = 3 "suspect",
        Server = 4 "server",
    }
}

/// When something happened, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurred {
    /// The best single answer, UTC ms.
    pub at_ms: i64,
    /// It did not happen before this, UTC ms.
    pub earliest_ms: i64,
    /// It did not happen after this, UTC ms.
    pub latest_ms: i64,
    /// How the answer was found.
    pub quality: ClockQuality,
}

impl Stamp {
    /// When the stamped fact happened, given when the platform received it (`received_ms`, UTC ms).
    ///
    /// Anchored: anchor plus monotonic difference, widened by drift. Inherited: no anchor in this boot, the wall clock is
    /// taken. Suspect: the wall clock contradicts the evidence, or claims the future.
    pub fn occurred(&self, received_ms: i64) -> Occurred {
        if let Some(anchor) = self
            .anchor
            .filter(|a| a.boot == self.boot && self.mono_ms >= a.mono_ms)
        {
            // Saturating throughout: these numbers come from a phone and may be anything.
            let elapsed = self.mono_ms.saturating_sub(anchor.mono_ms);
            let at_ms = anchor.server_ms.saturating_add(elapsed);
            let drift = elapsed.saturating_mul(DRIFT_PER_MILLION) / 1_000_000;
            let width = anchor.width_ms.saturating_add(drift).max(0);
            return Occurred {
                at_ms,
                earliest_ms: at_ms.saturating_sub(width),
                latest_ms: at_ms.saturating_add(width).min(received_ms.max(at_ms)),
                quality: ClockQuality::Anchored,
            };
        }
        let floor = self
            .anchor
            .map_or(i64::MIN, |a| a.server_ms.saturating_sub(a.width_ms.max(0)));
        let credible = self.wall_ms <= received_ms.saturating_add(WALL_JUMP_MS)
            && self.wall_ms.saturating_add(WALL_JUMP_MS) >= floor;
        if credible && received_ms.saturating_sub(self.wall_ms) <= EFFECTIVE_WITHIN_MS {
            let at_ms = self.wall_ms.min(received_ms);
            let earliest_ms = at_ms.saturating_sub(WALL_JUMP_MS).max(floor.min(at_ms));
            let latest_ms = at_ms.saturating_add(WALL_JUMP_MS).min(received_ms.max(at_ms));
            return Occurred {
                at_ms,
                earliest_ms,
                latest_ms,
                quality: ClockQuality::Inherited,
            };
        }
        Occurred {
            at_ms: self.wall_ms,
            earliest_ms: floor
                .max(received_ms - 10 * EFFECTIVE_WITHIN_MS)
                .min(self.wall_ms),
            latest_ms: received_ms.max(self.wall_ms),
            quality: ClockQuality::Suspect,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 3600 * 1000;

    #[test]
    fn a_wrong_wall_clock_does_not_matter_in_the_boot_of_the_anchor() {
        let anchor = Anchor {
            server_ms: 1_000_000,
            mono_ms: 500,
            width_ms: 40,
            boot: 7,
            wall_ms: 0,
        };
        let stamp = Stamp {
            wall_ms: -99 * DAY,
            mono_ms: 500 + 9 * DAY,
            boot: 7,
            anchor: Some(anchor),
        };
        let occurred = stamp.occurred(1_000_000 + 10 * DAY);
        assert_eq!(occurred.quality, ClockQuality::Anchored);
        assert_eq!(occurred.at_ms, 1_000_000 + 9 * DAY);
        // 9 days at 100 ppm are 77.76 s of doubt, plus half the round trip.
        assert_eq!(occurred.at_ms - occurred.earliest_ms, 77_760 + 40);
    }

    #[test]
    fn a_clock_in_the_future_or_before_the_last_contact_is_suspect() {
        let anchor = Anchor {
            server_ms: 100 * DAY,
            mono_ms: 0,
            width_ms: 0,
            boot: 1,
            wall_ms: 100 * DAY,
        };
        let stamp = |wall_ms| Stamp {
            wall_ms,
            mono_ms: 10,
            boot: 2,
            anchor: Some(anchor),
        };
        assert_eq!(
            stamp(101 * DAY).occurred(102 * DAY).quality,
            ClockQuality::Inherited
        );
        assert_eq!(stamp(99 * DAY).occurred(102 * DAY).quality, ClockQuality::Suspect);
        assert_eq!(
            stamp(103 * DAY).occurred(102 * DAY).quality,
            ClockQuality::Suspect
        );
    }

    proptest::proptest! {
        #[test]
        fn any_numbers_of_a_phone_give_an_interval(wall: i64, mono: i64, anchor_mono: i64, server: i64, width: i64,
            received: i64, same_boot: bool) {
            let anchor = Anchor { server_ms: server, mono_ms: anchor_mono, width_ms: width, boot: 1, wall_ms: wall };
            let stamp = Stamp { wall_ms: wall, mono_ms: mono, boot: if same_boot { 1 } else { 2 }, anchor: Some(anchor) };
            let o = stamp.occurred(received);
            proptest::prop_assert!(o.earliest_ms <= o.at_ms && o.at_ms <= o.latest_ms, "{o:?}");
        }

        #[test]
        fn the_interval_holds_its_own_answer(wall in -1i64 << 50..1i64 << 50, mono in 0i64..1i64 << 40,
            server in 0i64..1i64 << 50, elapsed in 0i64..1i64 << 33, same_boot: bool) {
            let anchor = Anchor { server_ms: server, mono_ms: mono, width_ms: 300, boot: 1, wall_ms: wall };
            let stamp = Stamp { wall_ms: wall, mono_ms: mono + elapsed, boot: if same_boot { 1 } else { 2 },
                anchor: Some(anchor) };
            let o = stamp.occurred(server + elapsed + 1_000);
            proptest::prop_assert!(o.earliest_ms <= o.at_ms && o.at_ms <= o.latest_ms, "{o:?}");
        }
    }
}
