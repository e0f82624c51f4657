//! When phone and platform are no longer of one mind about the past: the platform's store was restored from a backup, or
//! this phone's database was.

use grid_model::id::{Epoch, Seq};
use grid_store::{OfferedAgain, Writing};
use grid_wire::{Checkpoint, Receipt};

use crate::{FieldBook, FieldError};

impl FieldBook {
    /// A store of another incarnation answers: what came after its backup is on this phone alone, and is offered again.
    pub(crate) fn meet_restored(
        &self,
        tx: &Writing<'_>,
        receipt: &Receipt,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<OfferedAgain, FieldError> {
        let verified_to = checkpoint.map_or(Seq(0), Checkpoint::verified_to);
        Ok(tx.offer_again(receipt, verified_to)?)
    }

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

fn is_elsewhere(tx: &Writing<'_>, checkpoint: &Checkpoint) -> Result<bool, FieldError> {
    let (epoch, verified_to) = (checkpoint.epoch(), checkpoint.verified_to());
    if verified_to > tx.head(epoch)?.seq() {
        return Ok(true);
    }
    // Where the chain is not here any more it was purged, and nothing can be said.
    let own = tx.chain_at(epoch, verified_to)?;
    Ok(matches!((own, checkpoint.verified_h), (Some(own), Some(theirs)) if own != theirs))
}
