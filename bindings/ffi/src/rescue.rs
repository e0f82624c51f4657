//! When a vault does not open: recovery of a damaged one, capture beside a locked one, and the bundle for the support desk.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::book::host_of;
use crate::border::{guarded, refuse_inside_host};
use crate::clock::BorderClock;
use crate::keys::HostKeys;
use crate::terms::{id, term};
use crate::{
    BornCase, CaseDraft, CountDraft, FieldBook, FieldError, HostClock, KeyVault, SavedRecord, UrgentDraft,
};

/// What a recovery found and did, for a page the worker can read.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct RecoveryReport {
    /// The database was whole; at most its second copy was written anew.
    pub database_was_whole: bool,
    /// Records read from the damaged database.
    pub from_database: u64,
    /// Records that only the second copy had.
    pub from_second_copy: u64,
    /// Records here now without a receipt: they go with the next sync, and count once.
    pub unsent: u64,
    /// Records known to have been written that neither copy gives back.
    pub missing: u64,
    /// Where the damaged database is kept, inside the vault's folder.
    pub quarantined: Option<String>,
}

/// Brings a vault back that `FieldBook.open` called `Damaged`, and closes it. Safe to ask for at any time, again after it was cut
/// off, too; the damaged file is kept. `Damaged` when neither copy opens under this key: then nothing is touched.
#[uniffi::export(default(clock = None))]
pub fn recover(
    folder: String,
    key_vault: Arc<dyn KeyVault>,
    clock: Option<Arc<dyn HostClock>>,
) -> Result<RecoveryReport, FieldError> {
    let (clock, host) = host_of(&folder, clock)?;
    let keys = HostKeys::new(key_vault);
    let _reading = clock.read();
    let recovered = guarded(|| {
        let (book, found) = grid_fieldbook::FieldBook::recover(Path::new(&folder), host, &keys)?;
        book.close()?;
        Ok(found)
    });
    Ok(keys.judged(recovered)?.into())
}

/// A vault whose key the host cannot give, and that can still be written to: rescues, matters found and counts. What it takes is
/// sealed, and imported when the vault opens again.
#[derive(uniffi::Object)]
pub struct LockedBook {
    book: Mutex<Option<grid_fieldbook::LockedBook>>,
    clock: Arc<BorderClock>,
}

impl LockedBook {
    fn call<T>(
        &self,
        call: impl FnOnce(&grid_fieldbook::LockedBook) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        refuse_inside_host()?;
        let _reading = self.clock.read();
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let book = book.as_ref().ok_or(FieldError::Closed)?;
        guarded(|| call(book))
    }
}

#[uniffi::export]
impl LockedBook {
    /// Begins a capture for the vault in `folder`. `NotFound` when no vault was ever opened there on this phone.
    #[uniffi::constructor(default(clock = None))]
    pub fn open(folder: String, clock: Option<Arc<dyn HostClock>>) -> Result<Arc<Self>, FieldError> {
        let (clock, host) = host_of(&folder, clock)?;
        let reading = clock.read();
        let book = guarded(|| Ok(grid_fieldbook::LockedBook::open(Path::new(&folder), host)?))?;
        drop(reading);
        Ok(Arc::new(Self {
            book: Mutex::new(Some(book)),
            clock,
        }))
    }

    /// Starts a rescue. Durable before return.
    pub fn start_urgent(&self, draft: UrgentDraft) -> Result<BornCase, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.start_urgent(draft)?.into()))
    }

    /// Records one step of a rescue. Durable before return.
    pub fn urgent_milestone(&self, case_id: String, milestone: String) -> Result<SavedRecord, FieldError> {
        let (case, milestone) = (id("case", &case_id)?, term("milestone", &milestone)?);
        self.call(|book| Ok(book.urgent_milestone(case, milestone)?.into()))
    }

    /// Reports a matter found in the field; without attachments. Durable before return.
    pub fn report_case(&self, draft: CaseDraft) -> Result<BornCase, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.report_case(draft)?.into()))
    }

    /// Adds a step to a counter. Durable before return.
    pub fn count(&self, draft: CountDraft) -> Result<SavedRecord, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.count(draft)?.into()))
    }

    /// Ends the capture; later calls answer `Closed`. Then the vault can be opened.
    pub fn end(&self) -> Result<(), FieldError> {
        refuse_inside_host()?;
        let taken = self.book.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.map_or(Ok(()), |book| guarded(|| Ok(book.close()?)))
    }
}

#[uniffi::export]
impl FieldBook {
    /// What a support desk needs to judge this vault, without a word of what it holds, sealed to the platform. `NotFound` before
    /// enrolment.
    pub fn support_bundle(&self) -> Result<Vec<u8>, FieldError> {
        self.look(|book| Ok(book.support_bundle()?))
    }
}

impl From<grid_fieldbook::Recovery> for RecoveryReport {
    fn from(found: grid_fieldbook::Recovery) -> Self {
        let lost = found
            .missing
            .iter()
            .map(|(_, first, last)| last.0.saturating_sub(first.0) + 1);
        Self {
            database_was_whole: found.database_was_whole,
            from_database: found.from_database,
            from_second_copy: found.from_lifeboat,
            unsent: found.unsent,
            missing: lost.sum(),
            quarantined: found.quarantined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::id::{Epoch, Seq};

    #[test]
    fn what_is_missing_is_counted_over_all_gaps() {
        let found = grid_fieldbook::Recovery {
            missing: vec![(Epoch(1), Seq(3), Seq(5)), (Epoch(2), Seq(9), Seq(9))],
            ..grid_fieldbook::Recovery::default()
        };
        assert_eq!(RecoveryReport::from(found).missing, 4);
    }
}
