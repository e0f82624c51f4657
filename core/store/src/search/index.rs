//! Keeping the index: some rows at a time, after the fact. Postings and how far they go move in one transaction, so a
//! killed process leaves an index that is behind and never one that is wrong.

use grid_model::id::{Epoch, Seq};
use grid_wire::{TaskRow, decode};
use rusqlite::{OptionalExtension as _, params};

use super::tokens;
use crate::records::RecordRow;
use crate::sql::{count, seq, signed, unsigned};
use crate::tasks::TaskBase;
use crate::{Reading, StoreError, Writing};

/// Texts taken in by one transaction at most, bytes; the pages it writes are at most thirty times that.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Pages of the index that one transaction joins into larger segments.
const MERGED_PAGES: u32 = 160;

/// How far the index goes.
pub(super) struct Indexed {
    /// Tasks up to this number, but for the stale ones.
    pub(super) tasks_to: i64,
    /// Records of the current life of the log up to here.
    pub(super) records_to: Seq,
}

/// What one transaction may still take in.
struct Left {
    rows: u32,
    bytes: usize,
}

impl Left {
    fn take(&mut self, bytes: usize) {
        self.rows = self.rows.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    const fn is_spent(&self) -> bool {
        self.rows == 0 || self.bytes == 0
    }
}

impl Reading<'_> {
    /// How far the index goes: nowhere when its words were made another way, or of another life's records.
    pub(super) fn indexed(&self) -> Result<Indexed, StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT words_version, tasks_to, epoch, records_to FROM search_state")?;
        let (version, tasks_to, epoch, records_to): (i64, i64, Option<i64>, i64) =
            statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let readable = version == tokens::VERSION;
        let same_life = epoch.map(|epoch| Epoch(unsigned(epoch))) == self.current_epoch().ok();
        Ok(Indexed {
            tasks_to: if readable { tasks_to } else { 0 },
            records_to: if readable && same_life {
                seq(records_to)
            } else {
                seq(self.current_life()?.id(Seq(0)))
            },
        })
    }
}

impl Reading<'_> {
    /// The place of the newest record of the current life.
    fn newest_place(&self) -> Result<Seq, StoreError> {
        let life = self.current_life()?;
        Ok(seq(life.id(self.head_of(&life)?.seq())))
    }

    /// Whether there is something that the index has not taken in.
    pub fn index_is_behind(&self) -> Result<bool, StoreError> {
        let indexed = self.indexed()?;
        let mut statement = self.sql().prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM search_stale) OR EXISTS (SELECT 1 FROM task WHERE doc > ?1)",
        )?;
        let tasks: bool = statement.query_row([indexed.tasks_to], |row| row.get(0))?;
        Ok(tasks || indexed.records_to < self.newest_place()?)
    }
}

impl Writing<'_> {
    /// Takes tasks and records that the index lacks into it, at most `rows` and about 64 KiB of text, in this
    /// transaction. `words` gives the searchable text of a record. Also joins some
    /// small segments of the index. Answers whether there is more to do.
    pub fn index_some(
        &self,
        rows: u32,
        words: &mut dyn FnMut(&RecordRow) -> String,
    ) -> Result<bool, StoreError> {
        let mut left = Left {
            rows,
            bytes: TEXT_BYTES_MAX,
        };
        let epoch = self.current_epoch()?;
        let mut indexed = self.begin_index(epoch)?;
        self.index_stale(&mut left)?;
        self.index_tasks(&mut indexed, &mut left)?;
        self.index_records(&mut indexed, &mut left, words)?;
        let mut statement = self
            .sql()
            .prepare_cached("UPDATE search_state SET tasks_to = ?1, records_to = ?2")?;
        statement.execute(params![indexed.tasks_to, count(indexed.records_to.0)])?;
        let merged = self.merge_index()?;
        Ok(left.is_spent() || merged)
    }

    /// Joins small segments of the index into larger ones, some pages of them. Answers whether there were any.
    fn merge_index(&self) -> Result<bool, StoreError> {
        let mut merged = false;
        for table in ["search_task", "search_record"] {
            let before = self.sql().total_changes();
            let sql = format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)");
            self.sql().prepare_cached(&sql)?.execute([MERGED_PAGES])?;
            // FTS5 counts the command itself as one change.
            merged |= self.sql().total_changes() - before > 1;
        }
        Ok(merged)
    }

    /// Where to go on. What was indexed another way, or from another life of the log, is dropped first.
    fn begin_index(&self, epoch: Epoch) -> Result<Indexed, StoreError> {
        let (version, known): (i64, Option<i64>) =
            self.sql()
                .query_row("SELECT words_version, epoch FROM search_state", [], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
        let indexed = self.indexed()?;
        if version != tokens::VERSION {
            self.sql().execute_batch(
                "INSERT INTO search_task (search_task) VALUES ('delete-all');
                 DELETE FROM search_stale;",
            )?;
        }
        if version != tokens::VERSION || known != Some(signed(epoch.0)) {
            self.sql()
                .execute_batch("INSERT INTO search_record (search_record) VALUES ('delete-all')")?;
            self.sql().execute(
                "UPDATE search_state SET words_version = ?1, epoch = ?2",
                params![tokens::VERSION, signed(epoch.0)],
            )?;
        }
        Ok(indexed)
    }

    fn index_stale(&self, left: &mut Left) -> Result<(), StoreError> {
        let stale: Vec<i64> = {
            let mut statement = self
                .sql()
                .prepare_cached("SELECT doc FROM search_stale LIMIT ?1")?;
            statement
                .query_map([left.rows], |row| row.get(0))?
                .collect::<Result<_, _>>()?
        };
        for doc in stale {
            if left.is_spent() {
                break;
            }
            self.sql()
                .prepare_cached("DELETE FROM search_task WHERE rowid = ?1")?
                .execute([doc])?;
            let body: Option<Vec<u8>> = self
                .sql()
                .prepare_cached("SELECT body FROM task WHERE doc = ?1")?
                .query_row([doc], |row| row.get(0))
                .optional()?;
            self.index_task(doc, &body.unwrap_or_default(), left)?;
            self.sql()
                .prepare_cached("DELETE FROM search_stale WHERE doc = ?1")?
                .execute([doc])?;
        }
        Ok(())
    }

    fn index_tasks(&self, indexed: &mut Indexed, left: &mut Left) -> Result<(), StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT doc, body FROM task WHERE doc > ?1 ORDER BY doc LIMIT ?2")?;
        let mut rows = statement.query(params![indexed.tasks_to, left.rows])?;
        while !left.is_spent() {
            let Some(row) = rows.next()? else { break };
            let doc = row.get(0)?;
            self.index_task(doc, row.get_ref(1)?.as_blob().unwrap_or_default(), left)?;
            indexed.tasks_to = doc;
        }
        Ok(())
    }

    fn index_task(&self, doc: i64, body: &[u8], left: &mut Left) -> Result<(), StoreError> {
        let (mut words, mut bytes) = (String::new(), 0);
        for text in texts(body).iter().flatten() {
            tokens::words(text, &mut words);
            bytes += text.len();
        }
        left.take(bytes);
        let mut statement = self
            .sql()
            .prepare_cached("INSERT INTO search_task (rowid, words) VALUES (?1, ?2)")?;
        statement.execute(params![doc, words])?;
        Ok(())
    }

    fn index_records(
        &self,
        indexed: &mut Indexed,
        left: &mut Left,
        words_of: &mut dyn FnMut(&RecordRow) -> String,
    ) -> Result<(), StoreError> {
        let to = self
            .newest_place()?
            .min(Seq(indexed.records_to.0.saturating_add(left.rows.into())));
        // Positions have no holes: the newest before `to` are the next ones.
        let mut rows = self.records(to.next(), left.rows)?;
        if rows.is_empty() {
            // Purged before the index came here.
            indexed.records_to = to.max(indexed.records_to);
        }
        while let Some(record) = rows.pop() {
            if left.is_spent() {
                break;
            }
            if record.place <= indexed.records_to {
                continue;
            }
            let (text, mut words) = (words_of(&record), String::new());
            tokens::words(&text, &mut words);
            left.take(text.len());
            if !words.is_empty() {
                let mut statement = self
                    .sql()
                    .prepare_cached("INSERT INTO search_record (rowid, words) VALUES (?1, ?2)")?;
                statement.execute(params![count(record.place.0), words])?;
            }
            indexed.records_to = record.place;
        }
        Ok(())
    }

    /// Remembers that a task about to be replaced was indexed with another text.
    pub(crate) fn search_before_put(&self, task: &TaskBase) -> Result<(), StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("SELECT doc, body FROM task WHERE id = ?1")?;
        let mut rows = statement.query([task.id.bytes()])?;
        let Some(row) = rows.next()? else { return Ok(()) };
        let (doc, known): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        if texts(&known) == texts(&task.body) {
            return Ok(());
        }
        // Where the index has not come yet, it will read the new text anyway.
        let mut statement = self.sql().prepare_cached(
            "INSERT OR IGNORE INTO search_stale (doc) SELECT ?1 FROM search_state WHERE tasks_to >= ?1",
        )?;
        statement.execute([doc])?;
        Ok(())
    }
}

/// What of a task is searched: number, title, description, place. `None` for a row this build cannot read.
pub(super) fn texts(body: &[u8]) -> Option<[String; 4]> {
    let row: TaskRow = decode(body, "task row").ok()?;
    Some([row.no, row.title, row.description, row.place_text])
}
