//! Never imports the core or the platform: whatever both get wrong in the same way would pass unseen through a shared type.
//!
//! A scenario is a TOML file that a person edits ([`Scenario::load`]). [`Scenario::expand`] turns it and a seed into a
//! [`Plan`]: every tap, fix, photo, dispatch and window, in order, with its simulated time. A player feeds the plan to
//! real phones and a real platform. The [`Tally`] is the paper tally of the same plan, and [`Tally::compare`] lays what
//! the platform's API answers ([`Received`]) beside it, line by line ([`Ledger`]).
//!
//! ```no_run
//! use grid_scenario::{Received, Scenario, Tally, photo};
//!
//! let plan = Scenario::load("scenarios/dalu-nine-days.toml")?.expand(7);
//! // Enrol every officer of `plan.officers` on his phone from `plan.enrol_at_ms` on, hand out what `plan.desk()` says
//! // before `plan.cut_at_ms`, and let every phone have an exchange. Then go through `plan.actions` and the rest of
//! // `plan.desk()` by time, each phone's clock set to the action's `at_ms`. From `plan.back_at_ms` on let phones speak
//! // only inside `plan.windows`, at `plan.link`'s speed, and throw away the answer to request n when `plan.is_cut(n)`.
//! let tally = Tally::from_plan(&plan, &photo::prints(&plan));
//! let received = Received::new();
//! // … `add_records`, `add_tasks`, `add_counts` with the API's JSON, `name_task`, and `add_photo` for `photos_named` …
//! let ledger = tally.compare(&received);
//! println!("{}", ledger.render());
//! # Ok::<(), grid_scenario::ScenarioError>(())
//! ```
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
