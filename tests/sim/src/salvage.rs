//! Bringing a damaged vault back, and what is to be said of it: what came back, and that the damaged files stayed as they were.

use std::path::Path;
use std::sync::Arc;

use grid_crash::SimDisk;
use grid_crash::world::OpenKeys;
use grid_fieldbook::{FieldBook, FieldError, Host, RecordState};
use grid_model::id::{Epoch, Seq};
use serde_json::json;

use crate::Trouble;
use crate::clock::SeededEntropy;
use crate::vault::Vault;

const PAGE: u32 = 500;

/// A record as its vault shows it.
pub(crate) struct Standing {
    pub(crate) place: Seq,
    pub(crate) key: (Epoch, Seq),
    pub(crate) is_unsent: bool,
}

/// Every record of a book.
fn records(book: &FieldBook) -> Result<Vec<Standing>, FieldError> {
    let (mut found, mut before) = (Vec::new(), Seq(0));
    loop {
        let page = book.records(before, PAGE)?;
        for record in &page {
            // What is shown has a key.
            let Some(key) = book.key_of(record.seq)? else {
                continue;
            };
            found.push(Standing {
                place: record.seq,
                key,
                is_unsent: record.state == RecordState::Saved,
            });
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => before = last.seq,
            _ => return Ok(found),
        }
    }
}

impl Vault {
    /// Every record with its place and its key.
    pub(crate) fn records_by_place(&mut self) -> Result<Vec<Standing>, Trouble> {
        records(self.book()?).map_err(Trouble::of)
    }

    /// Brings the damaged vault back, and once more on a copy of its disk.
    pub(crate) fn rescued(&mut self) -> Result<FieldBook, Trouble> {
        let damaged = self.disk.snapshot();
        let database = self.database();
        let folder = self.disk.root().join("vault");
        let (book, recovery) = FieldBook::recover(&folder, self.host(), &OpenKeys).map_err(Trouble::of)?;
        self.told_missing.extend(recovery.missing.iter().copied());
        let Some(unsent) = self.unsent_before.take() else {
            return Ok(book);
        };
        let keys = |book: &FieldBook| -> Result<Vec<(Epoch, Seq)>, Trouble> {
            let all = records(book).map_err(Trouble::of)?;
            Ok(all.into_iter().map(|record| record.key).collect())
        };
        let here = keys(&book)?;
        let copy = SimDisk::from_snapshot(&damaged);
        let mut host = Host::new(self.clock.clone(), Arc::new(SeededEntropy::new(self.acts)));
        host.storage = self.host().storage;
        host.storage.disk = copy.shared();
        let again = FieldBook::recover(&copy.root().join("vault"), host, &OpenKeys);
        let (again, _) = again.map_err(Trouble::of)?;
        let same = keys(&again)? == here;
        let kept = recovery.quarantined.as_ref().map(|place| {
            let kept = Path::new("vault").join(place).join("fieldbook.db");
            self.disk.read_file(&kept) == database
        });
        let recovered = unsent.iter().filter(|key| here.contains(key)).count();
        self.note(
            "salvage",
            json!({"unsent": unsent.len(), "recovered": recovered, "original_untouched": kept.unwrap_or(true),
                "again_same": same}),
        );
        Ok(book)
    }
}
