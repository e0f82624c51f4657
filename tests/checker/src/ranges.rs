//! Sets of positions as stretches, so that nine thousand records cost sixteen bytes and not nine thousand entries.

use std::fmt;

use serde::Deserialize;
use serde::de::Error as _;

/// A set of positions, kept as ascending stretches that do not touch. Written `1-300,305`; empty is the empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// The positions from `from` to `to`, both included; nothing when `to` comes first.
    pub fn span(from: u64, to: u64) -> Self {
        if from > to {
            Self::default()
        } else {
            Self(vec![(from, to)])
        }
    }

    /// Reads `1-300,305`. Stretches may come in any order and may overlap.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
            if from > to {
                return None;
            }
            all.insert(from, to);
        }
        Some(all)
    }

    /// Adds `from..=to`.
    pub fn insert(&mut self, from: u64, to: u64) {
        if from > to {
            return;
        }
        let first = self.0.partition_point(|(_, end)| end.saturating_add(1) < from);
        let mut joined = (from, to);
        let mut last = first;
        while let Some((start, end)) = self
            .0
            .get(last)
            .filter(|(start, _)| *start <= to.saturating_add(1))
        {
            joined = (joined.0.min(*start), joined.1.max(*end));
            last += 1;
        }
        self.0.splice(first..last, [joined]);
    }

    /// Everything in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.clone();
        other.0.iter().for_each(|(from, to)| all.insert(*from, *to));
        all
    }

    /// What is in this set and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for (from, to) in &self.0 {
            let mut from = *from;
            let near = other.0.partition_point(|(_, end)| *end < from);
            for (start, end) in other.0[near..].iter().take_while(|(start, _)| start <= to) {
                if *start > from {
                    left.push((from, start - 1));
                }
                from = end.saturating_add(1);
            }
            if from <= *to {
                left.push((from, *to));
            }
        }
        Self(left)
    }

    /// What is in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.minus(&self.minus(other))
    }

    /// Whether the position is in the set.
    pub fn contains(&self, position: u64) -> bool {
        let near = self.0.partition_point(|(_, end)| *end < position);
        self.0.get(near).is_some_and(|(start, _)| *start <= position)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The highest position; 0 for none.
    pub fn last(&self) -> u64 {
        self.0.last().map_or(0, |(_, end)| *end)
    }

    /// How many positions.
    pub fn count(&self) -> u64 {
        self.0
            .iter()
            .map(|(from, to)| (to - from).saturating_add(1))
            .fold(0, u64::saturating_add)
    }

    /// Every position, ascending.
    pub fn positions(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().flat_map(|(from, to)| *from..=*to)
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (from, to)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            if from == to {
                write!(f, "{comma}{from}")?;
            } else {
                write!(f, "{comma}{from}-{to}")?;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Ranges {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not ranges such as 1-300,305"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Ranges {
        Ranges::parse(text).unwrap()
    }

    #[test]
    fn stretches_join_and_come_back_as_they_are_written() {
        assert_eq!(of("5,1-3,4").to_string(), "1-5");
        assert_eq!(of("1-3,9,5-6").to_string(), "1-3,5-6,9");
        assert_eq!(of("").to_string(), "");
        assert_eq!(Ranges::parse("3-1"), None);
        assert_eq!(Ranges::parse("a"), None);
        assert_eq!(of("1-18446744073709551615").count(), u64::MAX);
    }

    #[test]
    fn sets_behave_as_sets_of_single_positions_do() {
        let sets = ["", "1", "1-4", "2-3,7", "1-9", "4,6,8", "3-7", "9"];
        for a in sets.map(of) {
            for b in sets.map(of) {
                for n in 0..11 {
                    let (in_a, in_b) = (a.contains(n), b.contains(n));
                    assert_eq!(a.union(&b).contains(n), in_a || in_b, "{a} | {b} at {n}");
                    assert_eq!(a.minus(&b).contains(n), in_a && !in_b, "{a} - {b} at {n}");
                    assert_eq!(a.and(&b).contains(n), in_a && in_b, "{a} & {b} at {n}");
                }
                assert_eq!(a.union(&b).positions().count() as u64, a.union(&b).count());
            }
        }
    }
}
