//! When phone and platform are no longer of one mind about the past because this phone's vault went back.

use grid_model::id::{Epoch, Seq};
use grid_store::Writing;
use grid_wire::Checkpoint;

use crate::{FieldBook, FieldError};

impl FieldBook {
    /// Begins a new epoch when the platform verified what this phone does not have, or has otherwise: an older copy of the
    /// whole vault was put back, or a clone went on. Both branches are kept, and nothing is renumbered. Answers whether it did.
    pub(crate) fn leave_branch(&self, tx: &Writing<'_>, checkpoint: &Checkpoint) -> Result<bool, FieldError> {
        let epoch = tx.current_epoch()?;
        if checkpoint.epoch() != epoch || !is_elsewhere(tx, checkpoint)? {
            return Ok(false);
        }
        let next = Epoch(u64::from_be_bytes(self.host.random()?));
        tx.begin_epoch(self.device(), next)?;
        log::warn!("the platform holds another branch of this log; a new epoch begins");
        Ok(true)
    }
}

/// Up to where the platform has this very log. What it verified of another branch says nothing of this one: then nothing.
pub(crate) fn verified_of_own(tx: &Writing<'_>, checkpoint: &Checkpoint) -> Result<Seq, FieldError> {
    let known = tx.life(checkpoint.epoch())?.is_some();
    if known && is_elsewhere(tx, checkpoint)? {
        return Ok(Seq(0));
    }
    Ok(checkpoint.verified_to())
}

fn is_elsewhere(tx: &Writing<'_>, checkpoint: &Checkpoint) -> Result<bool, FieldError> {
    let (epoch, verified_to) = (checkpoint.epoch(), checkpoint.verified_to());
    if verified_to > tx.head(epoch)?.seq() {
        return Ok(true);
    }
    // Where the chain is not here any more it was purged, and nothing can be said.
    let own = tx.chain_at(epoch, verified_to)?;
    Ok(matches!((own, checkpoint.verified_h), (Some(own), Some(theirs)) if own != theirs))
}
