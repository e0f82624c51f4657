//! Measures the field core beside what a bare database can do with the same bytes, side by side in one run. Never judges:
//! a goal that is not met is told, the exit code stays 0.

pub mod bindings;
mod error;
pub mod generate;
mod large;
mod meter;
mod ours;
pub mod plan;
pub mod probe;
mod raw;
pub mod record;
pub mod rounds;
pub mod samples;
mod search;
pub mod sync;
pub mod table;

pub use error::BenchError;
