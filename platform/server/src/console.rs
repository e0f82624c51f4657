//! The console API: JSON for supervisors, under `/api`. A handler names its question and its answer; who may ask is
//! declared in `router.rs`, what the answer holds is decided by the hub.

mod asked;
pub(crate) mod attachments;
pub(crate) mod cases;
pub(crate) mod cookie;
pub(crate) mod counts;
pub(crate) mod devices;
pub(crate) mod extensions;
mod fact;
pub(crate) mod login;
pub(crate) mod outline;
pub(crate) mod patrols;
mod problem;
pub(crate) mod records;
mod shapes;
pub(crate) mod tasks;
pub(crate) mod workers;

use axum::Json;

pub(crate) use problem::{Problem, ProblemBody};
pub(crate) use shapes::Named;

/// A page of another site cannot send this header without our leave, so a request that has it came from the console.
pub(crate) const CONSOLE_HEADER: &str = "x-grid-console";

/// What a handler answers.
pub(crate) type Reply<T> = Result<Json<T>, Problem>;
