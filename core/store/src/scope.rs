//! What this device holds of what it should: sums over the platform's rows, doubt whether they are still the platform's, and
//! when everything was last fetched anew.

use std::collections::{BTreeMap, BTreeSet};

use grid_model::Coded as _;
use grid_model::id::TaskId;
use grid_model::terms::RowKind;
use grid_vault::RowSum;
use rusqlite::{OptionalExtension as _, params};

use crate::sql::{code, count, counted};
use crate::{Reading, StoreError, TaskBase, Writing};

/// Most tasks that are named when they go.
const NAMED_MAX: u32 = 200;

/// What went because the platform did not tell it again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Tasks.
    pub tasks: u64,
    /// The first of them as they stood.
    pub named: Vec<TaskBase>,
    /// Posts, and rows that this build could not read.
    pub others: u64,
}

impl Reading<'_> {
    /// The platform's rows on this device, summed up by kind; those that this build cannot read are among them.
    pub fn scope(&self) -> Result<BTreeMap<RowKind, RowSum>, StoreError> {
        let mut sums: BTreeMap<RowKind, RowSum> = BTreeMap::new();
        let mut unread = BTreeSet::new();
        let mut statement = self
            .sql()
            .prepare_cached("SELECT row_kind, id, revision FROM unread")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id, revision): (i64, Vec<u8>, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let kind = RowKind::from_code(code(kind));
            sums.entry(kind).or_default().add(kind, &id, counted(revision));
            unread.insert((kind, id));
        }
        for (kind, sql) in [
            (RowKind::Task, "SELECT id, revision FROM task"),
            (RowKind::Post, "SELECT CAST(code AS BLOB), revision FROM post"),
        ] {
            let mut statement = self.sql().prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let id = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
                // Of one that stands here in an older form the newer one counts.
                if unread.is_empty() || !unread.contains(&(kind, id.to_vec())) {
                    let revision: i64 = row.get(1)?;
                    sums.entry(kind).or_default().add(kind, id, counted(revision));
                }
            }
        }
        Ok(sums)
    }

    /// Whether there are rows that this build cannot read.
    pub fn has_unread(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM unread)";
        let mut statement = self.sql().prepare_cached(sql)?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    /// Whether this is a row that this build cannot read.
    pub fn is_unread(&self, kind: RowKind, id: &[u8]) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM unread WHERE row_kind = ?1 AND id = ?2)";
        let mut statement = self.sql().prepare_cached(sql)?;
        Ok(statement.query_row(params![i64::from(kind.code()), id], |row| row.get(0))?)
    }

    /// Platform time at which everything was begun to be fetched anew, while it is not known whether it helped, UTC ms.
    pub fn fetched_anew_at(&self) -> Result<Option<i64>, StoreError> {
        let mut statement = self.sql().prepare_cached("SELECT at_ms FROM fetched_anew")?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    }
}

impl Writing<'_> {
    /// Whether the platform still knows what is here of it is not known until it has told everything again.
    pub fn doubt_rows(&self) -> Result<(), StoreError> {
        for sql in [
            "UPDATE task SET revision = 0 WHERE revision <> 0",
            "UPDATE post SET revision = 0 WHERE revision <> 0",
            "UPDATE unread SET revision = 0 WHERE revision <> 0",
        ] {
            self.sql().prepare_cached(sql)?.execute([])?;
        }
        Ok(())
    }

    /// Everything was told: rows that were not among it are none any more. What was recorded about them stays in the log.
    pub fn drop_doubted(&self) -> Result<Dropped, StoreError> {
        let named = self.doubted_tasks(NAMED_MAX)?;
        let mut dropped = Dropped {
            named,
            ..Dropped::default()
        };
        self.sql().execute(
            "DELETE FROM standing WHERE doc IN (SELECT doc FROM task WHERE revision = 0)",
            [],
        )?;
        let gone =
            |sql| -> Result<u64, StoreError> { Ok(self.sql().prepare_cached(sql)?.execute([])? as u64) };
        dropped.tasks = gone("DELETE FROM task WHERE revision = 0")?;
        dropped.others = gone("DELETE FROM post WHERE revision = 0")?;
        dropped.others += gone("DELETE FROM unread WHERE revision = 0")?;
        Ok(dropped)
    }

    /// A task is none of this device's any more. What was recorded about it stays in the log and in the outbox.
    pub fn drop_task(&self, id: TaskId) -> Result<(), StoreError> {
        self.sql().execute(
            "DELETE FROM standing WHERE doc = (SELECT doc FROM task WHERE id = ?1)",
            [id.bytes()],
        )?;
        self.sql()
            .execute("DELETE FROM task WHERE id = ?1", [id.bytes()])?;
        Ok(())
    }

    /// A post is none of this device's any more.
    pub fn drop_post(&self, post: &str) -> Result<(), StoreError> {
        self.sql().execute("DELETE FROM post WHERE code = ?1", [post])?;
        Ok(())
    }

    /// The platform told of this row in a form that this build cannot read.
    pub fn note_unread(&self, kind: RowKind, id: &[u8], revision: u64) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO unread (row_kind, id, revision) VALUES (?1, ?2, ?3)";
        let mut statement = self.sql().prepare_cached(sql)?;
        statement.execute(params![i64::from(kind.code()), id, count(revision)])?;
        Ok(())
    }

    /// The row could be read, or is none of this device's any more.
    pub fn forget_unread(&self, kind: RowKind, id: &[u8]) -> Result<(), StoreError> {
        let sql = "DELETE FROM unread WHERE row_kind = ?1 AND id = ?2";
        let mut statement = self.sql().prepare_cached(sql)?;
        statement.execute(params![i64::from(kind.code()), id])?;
        Ok(())
    }

    /// Remembers that everything is fetched anew, as of this platform time; `None` when it is known that it helped.
    pub fn set_fetched_anew(&self, at_ms: Option<i64>) -> Result<(), StoreError> {
        match at_ms {
            Some(at_ms) => self.sql().execute(
                "INSERT OR REPLACE INTO fetched_anew (one, at_ms) VALUES (1, ?1)",
                [at_ms],
            )?,
            None => self.sql().execute("DELETE FROM fetched_anew", [])?,
        };
        Ok(())
    }
}
