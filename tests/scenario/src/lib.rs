//! Never imports the core or the platform: whatever both get wrong in the same way would pass unseen through a shared type.
//!
//! A scenario is a TOML file that a person edits ([`Scenario::load`]). [`Scenario::expand`] turns it and a seed into a
//! [`Plan`]: every tap, fix, photo, dispatch and window, in order, with its simulated time. A player feeds the plan to
//! real phones and a real platform. The [`Tally`] is the paper tally of the same plan, and [`Tally::compare`] lays what
//! the platform's API answers ([`Received`]) beside it, line by line ([`Ledger`]).
//!
//! **Invariant:** the same file and the same seed give the same plan, the same photos and the same tally.

mod dice;
mod expand;
pub mod geo;
pub mod photo;
pub mod plan;
pub mod scenario;
pub mod tally;
mod time;

pub use plan::Plan;
pub use scenario::{Scenario, ScenarioError};
pub use tally::{Ledger, Received, Tally};
