//! Decides what to send next. Never reads a clock, a file or a socket: callers pass what happened.
//!
//! [`Step`] comes out, [`Input`] goes in with the time: `let plan = engine.plan(now, input)`, then the driver writes what the
//! plan names in one transaction, then `engine.commit(plan)`, which cannot fail (persist, then believe). So a crash between
//! the two replays the step, and nothing is believed that is not on disk.

mod cancel;
mod engine;
#[cfg(test)]
mod engine_tests;
mod link;
mod pace;
mod plan;
mod steps;

pub use cancel::CancelToken;
pub use engine::Engine;
pub use link::{Budget, HEAD_BYTES, Outcome, Summary};
pub use pace::Pace;
pub use plan::{Answer, Known, PagePlace, Plan, Verified, Write};
pub use steps::{Input, PhotoWork, Step, Work};
pub mod transport;
pub use transport::{LinkError, Method, Request, Response, Transport};
