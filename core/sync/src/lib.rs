//! Decides what to send next. Never reads a clock, a file or a socket: callers pass what happened.
//!
//! [`Input`] goes in with the time, [`Step`] comes out; the driver performs the step, makes its result durable and only
//! then tells the engine (persist, then believe). So a crash between the two replays the step, and nothing is believed
//! that is not on disk.

mod cancel;
mod engine;
#[cfg(test)]
mod engine_tests;
mod link;
mod pace;

pub use cancel::CancelToken;
pub use engine::{Engine, Input, PhotoWork, Step, Work};
pub use link::{Budget, HEAD_BYTES, Outcome, Summary};
pub use pace::Pace;
pub mod transport;
pub use transport::{LinkError, Method, Request, Response, Transport};
