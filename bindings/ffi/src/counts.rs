//! Counters: one tap, exactly once.

use crate::terms::{id, name, term};
use crate::{FieldBook, FieldError, SavedRecord};

/// A step of a counter.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CountDraft {
    /// What is counted: `island_entry_check`, `rescued`, `vessel_moved`, …
    pub kind: String,
    /// How much to add; negative for a correction, which needs a reason.
    pub value: i64,
    /// Code of the post.
    pub post: String,
    /// Id of the patrol during which it is counted.
    #[uniffi(default)]
    pub patrol: Option<String>,
    /// Why a correction is made, at most 500 characters.
    #[uniffi(default)]
    pub reason: Option<String>,
}

/// One counter of one day.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct TallyView {
    /// What is counted.
    pub count_kind: String,
    /// Sum of own steps.
    pub total: i64,
    /// How many steps.
    pub entries: u64,
}

#[uniffi::export]
impl FieldBook {
    /// Adds a step to a counter. Durable before return.
    pub fn count(&self, draft: CountDraft) -> Result<SavedRecord, FieldError> {
        let draft = draft.checked()?;
        self.call(|book| Ok(book.count(draft)?.into()))
    }

    /// Today's counters of this vault.
    pub fn tally_today(&self) -> Result<Vec<TallyView>, FieldError> {
        self.look(|book| Ok(book.tally_today()?.into_iter().map(TallyView::from).collect()))
    }
}

impl CountDraft {
    pub(crate) fn checked(self) -> Result<grid_fieldbook::CountDraft, FieldError> {
        Ok(grid_fieldbook::CountDraft {
            kind: term("kind", &self.kind)?,
            value: self.value,
            post: self.post,
            patrol: self.patrol.map(|patrol| id("patrol", &patrol)).transpose()?,
            reason: self.reason,
        })
    }
}

impl From<grid_fieldbook::TallyView> for TallyView {
    fn from(view: grid_fieldbook::TallyView) -> Self {
        Self {
            count_kind: name(view.count_kind),
            total: view.total,
            entries: view.entries,
        }
    }
}
