//! In which forms of a batch body the platform may be written to: what its last receipt said.

use std::sync::PoisonError;

use grid_store::Reading;
use grid_wire::{Forms, Receipt, decode};

use crate::{FieldBook, FieldError};

impl FieldBook {
    /// Forms that the platform reads. Looked up in the last receipt once, then kept in memory.
    pub(crate) fn forms(&self, tx: &Reading<'_>) -> Result<Forms, FieldError> {
        let mut known = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(forms) = *known {
            return Ok(forms);
        }
        let last = tx.last_receipt()?;
        let said = last.and_then(|signed| decode::<Receipt>(&signed.bytes, "receipt").ok()?.forms);
        Ok(*known.insert(said.unwrap_or_default()))
    }

    /// Remembers what a verified receipt says; one that says nothing is of a platform that reads the first form alone.
    pub(crate) fn learned(&self, receipt: Receipt) -> Receipt {
        self.set_forms(receipt.forms.unwrap_or_default());
        receipt
    }

    /// An older platform may stand in the place of the one that was met, and not read what that one read.
    pub(crate) fn forget_forms(&self) {
        self.set_forms(Forms::NONE);
    }

    fn set_forms(&self, forms: Forms) {
        *self.forms.lock().unwrap_or_else(PoisonError::into_inner) = Some(forms);
    }
}
