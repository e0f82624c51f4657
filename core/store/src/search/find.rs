//! Answering a search: candidates of the index and all it lacks, each checked against its own text.

use grid_model::id::Seq;
use rusqlite::{OptionalExtension as _, Row, params};

use super::Query;
use super::index::texts;
use crate::records::RecordRow;
use crate::sql::{count, seq};
use crate::tasks::{COLUMNS, TaskBase, base_of};
use crate::{Reading, StoreError};

/// So many steps through the index of due times cost what reading one task does.
const STEPS_PER_TASK: usize = 100;
/// Records read at once where they are read through.
const RECORDS_AT_ONCE: u32 = 500;

impl Reading<'_> {
    /// Tasks whose number, title, description or place holds the text: open ones first, by due time.
    pub fn search_tasks(&self, query: &Query, limit: u32) -> Result<Vec<TaskBase>, StoreError> {
        let limit = limit as usize;
        match self.task_candidates(query)? {
            None => self.tasks_read_through(query, limit),
            Some(candidates) if are_few(&candidates, limit) => {
                self.tasks_one_by_one(query, &candidates, limit)
            }
            Some(candidates) => self.tasks_in_order(query, &candidates, limit),
        }
    }

    /// Records of this vault whose words hold the text, the newest first. `words` gives the searchable text of a record.
    pub fn search_records(
        &self,
        query: &Query,
        limit: u32,
        words: &mut dyn FnMut(&RecordRow) -> String,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let limit = limit as usize;
        let life_begins = seq(self.current_life()?.id(Seq(0)));
        let indexed = self.indexed()?.records_to;
        let asked = query.expression().filter(|_| indexed > life_begins);
        let read_to = if asked.is_some() { indexed } else { Seq(0) };
        let mut found = self.records_read_through(query, limit, (Seq(0), read_to), words)?;
        let Some(asked) = asked else { return Ok(found) };
        let mut statement = self.sql().prepare_cached(
            "SELECT rowid FROM search_record WHERE search_record MATCH ?1 AND rowid BETWEEN ?2 AND ?3
             ORDER BY rowid DESC",
        )?;
        let mut rows = statement.query(params![asked, count(life_begins.0), count(indexed.0)])?;
        while found.len() < limit {
            let Some(row) = rows.next()? else { break };
            let record = self.record(seq(row.get(0)?))?;
            found.extend(record.filter(|record| query.is_in(&words(record))));
        }
        if life_begins > Seq(0) && found.len() < limit {
            // Former lives of the log are short, and not in the index.
            let rest = limit - found.len();
            found.extend(self.records_read_through(query, rest, (life_begins, Seq(0)), words)?);
        }
        Ok(found)
    }

    /// Records between two places that hold the text, the newest first; before 0: from the newest.
    fn records_read_through(
        &self,
        query: &Query,
        limit: usize,
        (mut before, after): (Seq, Seq),
        words: &mut dyn FnMut(&RecordRow) -> String,
    ) -> Result<Vec<RecordRow>, StoreError> {
        let mut found = Vec::new();
        loop {
            let rows = self.records(before, RECORDS_AT_ONCE)?;
            let Some(oldest) = rows.last().map(|record| record.place) else {
                return Ok(found);
            };
            for record in rows.into_iter().take_while(|record| record.place > after) {
                if found.len() == limit {
                    return Ok(found);
                }
                if query.is_in(&words(&record)) {
                    found.push(record);
                }
            }
            if oldest <= after.next() {
                return Ok(found);
            }
            before = oldest;
        }
    }

    /// Numbers of the tasks that may hold the text, ascending; `None` for all of them.
    fn task_candidates(&self, query: &Query) -> Result<Option<Vec<i64>>, StoreError> {
        let tasks_to = self.indexed()?.tasks_to;
        let Some(asked) = query.expression().filter(|_| tasks_to > 0) else {
            return Ok(None);
        };
        let mut candidates = Vec::new();
        let mut statement = self
            .sql()
            .prepare_cached("SELECT rowid FROM search_task WHERE search_task MATCH ?1")?;
        let mut rows = statement.query([asked])?;
        while let Some(row) = rows.next()? {
            candidates.push(row.get(0)?);
        }
        let mut statement = self
            .sql()
            .prepare_cached("SELECT doc FROM search_stale UNION ALL SELECT doc FROM task WHERE doc > ?1")?;
        let mut rows = statement.query([tasks_to])?;
        while let Some(row) = rows.next()? {
            candidates.push(row.get(0)?);
        }
        candidates.sort_unstable();
        candidates.dedup();
        Ok(Some(candidates))
    }

    fn tasks_one_by_one(
        &self,
        query: &Query,
        candidates: &[i64],
        limit: usize,
    ) -> Result<Vec<TaskBase>, StoreError> {
        let mut found = Vec::new();
        for doc in candidates {
            found.extend(self.task_that_holds(query, *doc)?.map(|task| (*doc, task)));
        }
        Ok(first_ones(found, limit))
    }

    fn tasks_in_order(
        &self,
        query: &Query,
        candidates: &[i64],
        limit: usize,
    ) -> Result<Vec<TaskBase>, StoreError> {
        let mut found = Vec::new();
        // Two walks of one index: nothing is sorted, and both stop as soon as the answer is full.
        for sql in [
            "SELECT doc FROM standing WHERE open = 1 ORDER BY due_at_ms",
            "SELECT doc FROM standing WHERE open = 0 ORDER BY due_at_ms",
        ] {
            let mut statement = self.sql().prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while found.len() < limit {
                let Some(row) = rows.next()? else { break };
                let doc = row.get(0)?;
                if candidates.binary_search(&doc).is_ok() {
                    found.extend(self.task_that_holds(query, doc)?);
                }
            }
        }
        Ok(found)
    }

    fn tasks_read_through(&self, query: &Query, limit: usize) -> Result<Vec<TaskBase>, StoreError> {
        let mut found = Vec::new();
        let sql = format!("SELECT {COLUMNS}, t.doc FROM task t JOIN standing s USING (doc)");
        let mut statement = self.sql().prepare_cached(&sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if holds(query, row)? {
                found.push((row.get(5)?, base_of(row)??));
            }
        }
        Ok(first_ones(found, limit))
    }

    fn task_that_holds(&self, query: &Query, doc: i64) -> Result<Option<TaskBase>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM task t JOIN standing s USING (doc) WHERE t.doc = ?1");
        let mut statement = self.sql().prepare_cached(&sql)?;
        let read = |row: &Row<'_>| {
            Ok(if holds(query, row)? {
                Some(base_of(row)?)
            } else {
                None
            })
        };
        statement.query_row([doc], read).optional()?.flatten().transpose()
    }
}

/// Whether to read all the candidates costs less than to meet them in the order of the answer until it is full.
fn are_few(candidates: &[i64], limit: usize) -> bool {
    let count = candidates.len().max(1);
    let tasks = candidates
        .last()
        .map_or(0, |newest| usize::try_from(*newest).unwrap_or(usize::MAX));
    count <= limit.saturating_add(tasks.saturating_mul(limit) / count / STEPS_PER_TASK)
}

fn holds(query: &Query, row: &Row<'_>) -> rusqlite::Result<bool> {
    let texts = texts(row.get_ref(2)?.as_blob()?);
    Ok(texts.iter().flatten().any(|text| query.is_in(text)))
}

/// In the order of the answer.
fn first_ones(mut found: Vec<(i64, TaskBase)>, limit: usize) -> Vec<TaskBase> {
    found.sort_by_key(|(doc, task)| (!task.local_status.is_open_for_holder(), task.due_at_ms, *doc));
    found.into_iter().take(limit).map(|(_, task)| task).collect()
}
