//! All chance of a plan. One stream per subject, so that more photos do not move the patrols.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A seeded source of choices.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// The dice of one subject under one seed.
    pub(crate) fn new(seed: u64, subject: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(subject);
        Self(rng)
    }

    /// A number from `low` to `high`, both possible; `low` when the range is empty.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high.max(low))
    }

    /// An index below `length`; 0 when there is nothing to choose.
    pub(crate) fn below(&mut self, length: usize) -> usize {
        let last = u32::try_from(length.max(1) - 1).unwrap_or(u32::MAX);
        self.0.random_range(0..=last) as usize
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.0.random_range(0..100_u32) < percent
    }

    /// A fraction from 0 to below 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        f64::from(self.0.random_range(0..1_u32 << 24)) / f64::from(1_u32 << 24)
    }

    /// One of these; `None` when there are none.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// Puts these in another order.
    pub(crate) fn shuffle<T>(&mut self, these: &mut [T]) {
        these.shuffle(&mut self.0);
    }

    /// So many of `0..length`, each as often as the others but for one: the fair way to hand out work.
    pub(crate) fn hand_out(&mut self, many: usize, length: usize) -> Vec<usize> {
        let mut handed = Vec::with_capacity(many);
        while handed.len() < many && length > 0 {
            let mut round: Vec<usize> = (0..length).collect();
            self.shuffle(&mut round);
            round.truncate(many - handed.len());
            handed.extend(round);
        }
        handed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_handed_out_fairly() {
        let handed = Dice::new(1, 1).hand_out(25, 10);
        for one in 0..10 {
            let times = handed.iter().filter(|&&h| h == one).count();
            assert!((2..=3).contains(&times), "{one}: {times}");
        }
    }

    #[test]
    fn subjects_do_not_move_one_another() {
        let draw = |subject| {
            (0..8)
                .map(|_| Dice::new(7, subject).between(0, 1_000_000))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }
}
