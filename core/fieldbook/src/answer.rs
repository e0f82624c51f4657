//! What an answer of the platform says beside its content.

use grid_model::time::Anchor;
use grid_sync::{Outcome, Response};
use grid_wire::{Receipt, WireError};

use crate::Moment;

/// The platform's time, taken at the middle of the exchange.
pub(crate) fn anchor(receipt: &Receipt, before: Moment, after: Moment) -> Anchor {
    let width_ms = (after.mono_ms - before.mono_ms).max(0) / 2;
    Anchor {
        server_ms: receipt.server_ms,
        mono_ms: before.mono_ms + width_ms,
        width_ms,
        boot: after.boot,
        wall_ms: before.wall_ms + width_ms,
    }
}

/// What an answer that is no message of ours means.
pub(crate) fn unreadable(answer: &Response, error: &WireError) -> Outcome {
    match (error, answer.status) {
        (WireError::Newer { .. }, _) => Outcome::NewerPlatform,
        (_, 429 | 500..=599) if answer.status != 511 => Outcome::TryLater,
        _ => Outcome::NotOurPlatform,
    }
}
