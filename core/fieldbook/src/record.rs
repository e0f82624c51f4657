//! Recording a fact: stamp, body, change, view and outbox entry in one transaction.

use std::sync::PoisonError;

use grid_model::id::Seq;
use grid_model::lane::Lane;
use grid_model::limits;
use grid_model::time::Stamp;
use grid_store::{Draft, Writing};
use grid_wire::{Body, Fact};

use crate::{FieldBook, FieldError, Problem, Saved};

impl FieldBook {
    /// Records one fact in a lane, with whatever views it alters, durably.
    pub(crate) fn record(
        &self,
        lane: Lane,
        fact: Fact,
        view: impl FnOnce(&Writing<'_>) -> Result<(), FieldError>,
    ) -> Result<Saved, FieldError> {
        self.durably(|tx| {
            let saved = self.append(tx, lane, fact)?;
            view(tx)?;
            Ok(saved)
        })
    }

    /// Runs a write that records something, and says with how many copies it is kept.
    pub(crate) fn durably(
        &self,
        f: impl FnOnce(&Writing<'_>) -> Result<Saved, FieldError>,
    ) -> Result<Saved, FieldError> {
        // Held throughout: a fix that is buffered behind this commit is not flushed by it.
        let mut buffered_at = self
            .fix_buffered_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let saved = self.store.write(f)?;
        // Its commit flushed the buffered fixes with it.
        *buffered_at = None;
        drop(buffered_at);
        Ok(Saved {
            second_copy: self.store.has_second_copy(),
            ..saved
        })
    }

    /// Appends one fact to the log inside a running transaction.
    pub(crate) fn append(&self, tx: &Writing<'_>, lane: Lane, fact: Fact) -> Result<Saved, FieldError> {
        let now = self.host.clock.now();
        let stamp = Stamp {
            wall_ms: now.wall_ms,
            mono_ms: now.mono_ms,
            boot: now.boot,
            anchor: tx.anchor()?,
        };
        let draft = Draft::of(lane, &Body { stamp, fact }, now.wall_ms);
        if draft.body.len() > limits::BODY_BYTES_MAX {
            let problem = Problem::TooMany {
                max: limits::BODY_BYTES_MAX as u64,
            };
            return Err(FieldError::invalid("record", problem));
        }
        let seq: Seq = tx.append(draft)?;
        Ok(Saved {
            seq,
            recorded_at_ms: now.wall_ms,
            second_copy: false,
        })
    }
}
