//! Which of the unsynced effects reach the medium when the power is cut. Never looks at their bytes.

use crate::NodeId;
use crate::dice::{Dice, mixed};

/// A choice among the effects that were not synced. Printing one is enough to repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subset {
    /// Nothing that was not synced.
    None,
    /// Everything, as when only the process is killed.
    All,
    /// Everything, but of the last write only the first half of its sectors.
    LastTorn,
    /// Everything but the last effect.
    AllButLast,
    /// The older half of the effects, the one at the border torn.
    OlderHalf,
    /// The last effect alone: it overtook the others.
    OnlyLast,
    /// Everything but the first effect, which was overtaken by the others.
    AllButFirst,
    /// All bytes and lengths, no name.
    BytesOnly,
    /// All names, no byte and no length.
    NamesOnly,
    /// All names and lengths; what was not written reads as zero.
    LengthsOnly,
    /// Of each file and of the names a prefix of its own, whatever became of the other files.
    Files(u64),
    /// Each effect by a throw of its own; some of the writes keep only their first sectors.
    Effects(u64),
    /// Each sector of each write by a throw of its own.
    Sectors(u64),
}

const FIXED: [Subset; 10] = [
    Subset::None,
    Subset::All,
    Subset::LastTorn,
    Subset::AllButLast,
    Subset::OlderHalf,
    Subset::OnlyLast,
    Subset::AllButFirst,
    Subset::BytesOnly,
    Subset::NamesOnly,
    Subset::LengthsOnly,
];

impl Subset {
    /// The n-th subset: the ten fixed ones first, then random ones without end.
    pub fn nth(n: u64) -> Self {
        Self::seeded(0, n)
    }

    /// Like `nth`, with other random ones for each seed.
    pub fn seeded(seed: u64, n: u64) -> Self {
        if let Some(fixed) = usize::try_from(n).ok().and_then(|n| FIXED.get(n)) {
            return *fixed;
        }
        let own = mixed(seed, n);
        match n % 3 {
            0 => Self::Sectors(own),
            1 => Self::Files(own),
            _ => Self::Effects(own),
        }
    }

    /// The first `count` subsets of a seed.
    pub fn first(count: u64, seed: u64) -> impl Iterator<Item = Self> {
        (0..count).map(move |n| Self::seeded(seed, n))
    }
}

/// What an effect is, as far as the choice depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A write that touches this many sectors.
    Write {
        sectors: u64,
    },
    SetLen,
    Name,
}

/// What becomes of an effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Dropped,
    Kept,
    /// Of a write, these of its sectors; with or without the length it gives the file.
    Torn {
        kept: Vec<bool>,
        length: bool,
    },
}

/// A subset at work: asked once for each effect, in the order in which they happened.
pub(crate) struct Chooser {
    subset: Subset,
    total: usize,
    asked: usize,
    dice: Dice,
    odds: u64,
}

impl Chooser {
    pub(crate) fn of(subset: Subset, total: usize) -> Self {
        let mut dice = Dice::seeded(match subset {
            Subset::Files(seed) | Subset::Effects(seed) | Subset::Sectors(seed) => seed,
            _ => 0,
        });
        let odds = [100, 300, 500, 500, 700, 900][dice.below(6) as usize];
        Self {
            subset,
            total,
            asked: 0,
            dice,
            odds,
        }
    }

    /// What becomes of the next effect, the `nth` of `of` of its own file (or of the names: `node` is then `None`).
    pub(crate) fn next(&mut self, kind: Kind, node: Option<NodeId>, nth: usize, of: usize) -> Fate {
        let index = self.asked;
        self.asked += 1;
        let (first, last) = (index == 0, index + 1 == self.total);
        match self.subset {
            Subset::None => Fate::Dropped,
            Subset::All => Fate::Kept,
            Subset::LastTorn if last => head(kind, |sectors| sectors / 2),
            Subset::LastTorn => Fate::Kept,
            Subset::AllButLast => kept_if(!last),
            Subset::OnlyLast => kept_if(last),
            Subset::AllButFirst => kept_if(!first),
            Subset::OlderHalf if index == self.total / 2 => head(kind, |sectors| sectors / 2),
            Subset::OlderHalf => kept_if(index < self.total / 2),
            Subset::BytesOnly => kept_if(kind != Kind::Name),
            Subset::NamesOnly => kept_if(kind == Kind::Name),
            Subset::LengthsOnly => match kind {
                Kind::Write { .. } => Fate::Torn {
                    kept: Vec::new(),
                    length: true,
                },
                Kind::SetLen | Kind::Name => Fate::Kept,
            },
            Subset::Files(seed) => {
                let border = mixed(seed, node.map_or(0, |node| node + 1)) % (of as u64 + 1);
                match (nth as u64).cmp(&border) {
                    std::cmp::Ordering::Less => Fate::Kept,
                    std::cmp::Ordering::Equal => head(kind, |sectors| sectors / 2),
                    std::cmp::Ordering::Greater => Fate::Dropped,
                }
            }
            Subset::Effects(_) => self.by_effect(kind),
            Subset::Sectors(_) => self.by_sector(kind),
        }
    }

    fn by_effect(&mut self, kind: Kind) -> Fate {
        if !self.dice.chance(self.odds) {
            return Fate::Dropped;
        }
        if self.dice.chance(750) {
            return Fate::Kept;
        }
        head(kind, |sectors| self.dice.below(sectors + 1))
    }

    fn by_sector(&mut self, kind: Kind) -> Fate {
        let Kind::Write { sectors } = kind else {
            return kept_if(self.dice.chance(self.odds));
        };
        let odds = self.odds;
        Fate::Torn {
            kept: (0..sectors).map(|_| self.dice.chance(odds)).collect(),
            length: self.dice.chance(500),
        }
    }
}

fn kept_if(kept: bool) -> Fate {
    if kept { Fate::Kept } else { Fate::Dropped }
}

/// The first sectors of a write; anything else cannot be halved and is kept.
fn head(kind: Kind, count: impl FnOnce(u64) -> u64) -> Fate {
    match kind {
        Kind::Write { sectors } => {
            let count = count(sectors);
            Fate::Torn {
                kept: (0..sectors).map(|sector| sector < count).collect(),
                length: false,
            }
        }
        Kind::SetLen | Kind::Name => Fate::Kept,
    }
}
