//! What a field worker may expect of an update: the vault of an older build opens with everything that was in it.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod copy;
mod interrupted;
mod kept;
mod lean;
mod old;
mod refused;
mod schema;
mod second_copy;
mod sent;
