//! Search over tasks and own records, offline. Every substring counts, so a two-character name is found; never waits for
//! the index, which may lag behind.

use grid_store::Query;
use grid_sync::CancelToken;

use crate::drafts::named;
use crate::status::{record_view, words_of};
use crate::{FieldBook, FieldError, RecordView, TaskView};

/// Tasks, and records, that a search without a limit answers at most.
const FOUND_MAX: u32 = 5_000;
/// Rows that one transaction of the indexer looks at.
const ROWS_PER_TURN: u32 = 1_000;
/// Turns of the indexer after a sync: a few thousand rows.
const TURNS_AFTER_SYNC: u32 = 8;

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Tasks whose number, title, description or place holds the text: open ones first, by due time.
    pub tasks: Vec<TaskView>,
    /// Own records whose words hold the text, the newest first.
    pub records: Vec<RecordView>,
}

impl FieldBook {
    /// Tasks and own records that hold `text`, letters without regard to case. Two or more letters alone, or with digits,
    /// also find the characters whose pinyin they begin: `ldzw` finds 楼道杂物.
    pub fn search(&self, text: &str) -> Result<Found, FieldError> {
        self.search_first(text, FOUND_MAX)
    }

    /// Like `search`; the first `limit` tasks and the newest `limit` records.
    pub fn search_first(&self, text: &str, limit: u32) -> Result<Found, FieldError> {
        named("text", text)?;
        let query = Query::new(text);
        self.store.read(|tx| {
            let tasks = tx.search_tasks(&query, limit)?;
            let records = tx.search_records(&query, limit, &mut words_of)?;
            Ok(Found {
                tasks: tasks
                    .iter()
                    .map(|base| self.task_view(tx, base))
                    .collect::<Result<_, _>>()?,
                records: records.iter().map(record_view).collect(),
            })
        })
    }

    /// Takes what is new into the index of the search, in at most so many short transactions (64 KiB of text each).
    /// Answers whether there is more to do. For idle time and after opening; what is not indexed is found too, by reading
    /// it.
    pub fn index_for_search(&self, turns: u32) -> Result<bool, FieldError> {
        let behind = self
            .store
            .read(|tx| tx.index_is_behind().map_err(FieldError::from))?;
        let mut more = behind;
        for _ in 0..turns {
            if !more {
                break;
            }
            // What a power cut takes of the index is indexed again.
            more = self.store.write_buffered(|tx| {
                tx.index_some(ROWS_PER_TURN, &mut words_of)
                    .map_err(FieldError::from)
            })?;
        }
        Ok(more)
    }

    /// A bounded share of the indexer's work. The sync is over and stands: trouble here is not its failure.
    pub(crate) fn index_after_sync(&self, cancel: &CancelToken) {
        for _ in 0..TURNS_AFTER_SYNC {
            if cancel.is_cancelled() {
                return;
            }
            match self.index_for_search(1) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    log::warn!("indexing for search: {error}");
                    return;
                }
            }
        }
    }
}
