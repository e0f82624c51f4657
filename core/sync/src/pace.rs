//! How much to send at once, and how long to wait: grows with success, shrinks with loss. Waiting never depends on a new
//! local write.

use grid_model::limits::{UPLOAD_CHUNK_BYTES_MAX, UPLOAD_CHUNK_BYTES_MIN};

/// Losses in a row after which a sync rests.
const LOSSES_MAX: u32 = 4;
const REST_FIRST_MS: i64 = 5_000;
const REST_MAX_MS: i64 = 15 * 60 * 1000;

/// The pace of one sync.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pace {
    chunk_bytes: usize,
    batch_bytes: usize,
    losses: u32,
    seed: u64,
}

impl Pace {
    /// A fresh pace; `seed` makes the jitter of phones differ. After failed syncs it begins smaller: what lets only small
    /// bodies through is the same as it was.
    pub const fn new(seed: u64, failures_before: u32) -> Self {
        let halvings = if failures_before < 3 { failures_before } else { 3 };
        Self {
            chunk_bytes: (64 * 1024) >> halvings,
            batch_bytes: (128 * 1024) >> halvings,
            losses: 0,
            seed,
        }
    }

    /// Bytes of a photo to send at once.
    pub const fn chunk_bytes(&self) -> usize {
        self.chunk_bytes
    }

    /// Bytes of change bodies to put into one batch.
    pub const fn batch_bytes(&self) -> usize {
        self.batch_bytes
    }

    /// A request was answered.
    pub fn answered(&mut self) {
        self.losses = 0;
        self.chunk_bytes = (self.chunk_bytes * 2).min(UPLOAD_CHUNK_BYTES_MAX);
        self.batch_bytes = (self.batch_bytes * 2).min(512 * 1024);
    }

    /// An answer showed that more of what was lost had arrived than before.
    pub const fn got_further(&mut self) {
        self.losses = 0;
    }

    /// A request was lost. Answers whether to try again at once.
    pub fn lost(&mut self) -> bool {
        self.losses += 1;
        self.chunk_bytes = (self.chunk_bytes / 2).max(UPLOAD_CHUNK_BYTES_MIN);
        self.batch_bytes = (self.batch_bytes / 2).max(8 * 1024);
        self.losses < LOSSES_MAX
    }

    /// How long to rest after a failed sync, ms: doubling, bounded, with jitter of half its length.
    pub fn rest_ms(&self, failures_before: u32) -> i64 {
        let full = REST_FIRST_MS
            .saturating_mul(1 << failures_before.min(16))
            .min(REST_MAX_MS);
        let mixed = (self.seed ^ u64::from(failures_before)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        full / 2 + i64::try_from(mixed).unwrap_or(0) % (full / 2 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_failed_syncs_it_begins_smaller_and_comes_down_to_the_smallest_piece() {
        let mut pace = Pace::new(1, 3);
        assert_eq!(pace.chunk_bytes(), UPLOAD_CHUNK_BYTES_MIN);
        pace = Pace::new(1, 2);
        pace.answered();
        let mut sizes = vec![pace.chunk_bytes()];
        while pace.lost() {
            sizes.push(pace.chunk_bytes());
        }
        assert_eq!(sizes, [32 * 1024, 16 * 1024, 8 * 1024, 8 * 1024]);
    }

    #[test]
    fn the_pace_stays_in_its_bounds() {
        let mut pace = Pace::new(1, 0);
        (0..20).for_each(|_| pace.answered());
        assert_eq!(pace.chunk_bytes(), UPLOAD_CHUNK_BYTES_MAX);
        let again: Vec<bool> = (0..20).map(|_| pace.lost()).collect();
        assert_eq!(again.iter().filter(|again| **again).count(), 3);
        assert_eq!(pace.chunk_bytes(), UPLOAD_CHUNK_BYTES_MIN);
    }

    #[test]
    fn rest_doubles_within_bounds_and_phones_differ() {
        for failures in 0..40 {
            let rest = Pace::new(7, 0).rest_ms(failures);
            assert!(
                (REST_FIRST_MS / 2..=REST_MAX_MS).contains(&rest),
                "{failures}: {rest}"
            );
        }
        assert_ne!(Pace::new(1, 0).rest_ms(5), Pace::new(2, 0).rest_ms(5));
    }
}
