//! Many phones, one platform, one seed: days of work under every fault there is a place for, and what must hold when the
//! faults have stopped. The field core, its store and the platform's router are the real ones; the disk, the link, the clocks
//! and the people are the simulation's.
//!
//! **Invariant:** a seed gives the same history, line for line.

mod clock;
mod faults;
mod hardship;
mod harm;
mod history;
mod link;
mod many;
mod minimise;
pub mod museum;
mod old;
mod operator;
mod rescue;
mod salvage;
mod site;
mod tables;
mod told;
mod vault;
mod verdict;
mod work;
mod world;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use grid_store::Flaw;

pub use faults::{FAULTS, Listed, Place};
pub use many::{Sums, play_many};
pub use minimise::minimised;
pub use verdict::Verdict;
pub use world::Run;

/// How large a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Decides everything that happens.
    pub seed: u64,
    /// Phones.
    pub devices: usize,
    /// Days.
    pub days: u32,
    /// A known mistake that the stores of all phones make, to see that it is found.
    pub flaw: Option<Flaw>,
}

/// Why a run could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The core or the platform did what it must not.
    Broken(String),
    /// The simulation itself is wrong.
    Bug(&'static str),
}

impl Trouble {
    pub(crate) fn of(error: impl fmt::Debug) -> Self {
        Self::Broken(format!("{error:?}"))
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(what) => f.write_str(what),
            Self::Bug(what) => write!(f, "the simulation is wrong: {what}"),
        }
    }
}

impl std::error::Error for Trouble {}

/// Plays one seed with all faults, or only with these; with its history in a file when one is wanted.
pub fn play(
    settings: &Settings,
    allowed: Option<BTreeSet<u8>>,
    history: Option<&Path>,
) -> Result<Run, Trouble> {
    world::play(settings, allowed, history)
}
