//! Tasks: the platform's row as it came, and the state after own pending changes beside it.

use grid_model::id::TaskId;
use grid_model::{Coded as _, TaskStatus};
use rusqlite::{OptionalExtension as _, Row, params};

use crate::sql::{code, count, counted, id16};
use crate::{Reading, StoreError, Writing};

/// A task as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskBase {
    /// Task id.
    pub id: TaskId,
    /// The platform's revision.
    pub revision: u64,
    /// The platform's row as it came (`grid_wire::TaskRow`).
    pub body: Vec<u8>,
    /// The platform's state plus own pending changes.
    pub local_status: TaskStatus,
    /// When it is due, UTC ms.
    pub due_at_ms: i64,
}

pub(crate) const COLUMNS: &str = "t.id, t.revision, t.body, s.local_status, s.due_at_ms";

pub(crate) fn base_of(row: &Row<'_>) -> rusqlite::Result<Result<TaskBase, StoreError>> {
    let id: Vec<u8> = row.get(0)?;
    let (revision, body, status, due_at_ms): (i64, Vec<u8>, i64, i64) =
        (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(id16(&id, "task").map(|id| TaskBase {
        id: TaskId(id),
        revision: counted(revision),
        body,
        local_status: TaskStatus::from_code(code(status)),
        due_at_ms,
    }))
}

impl Reading<'_> {
    /// Tasks by due time; open ones only, or all.
    pub fn tasks(&self, open_only: bool, limit: u32) -> Result<Vec<TaskBase>, StoreError> {
        let mut found = self.tasks_where("s.open = 1", limit)?;
        if !open_only {
            let rest = limit.saturating_sub(u32::try_from(found.len()).unwrap_or(u32::MAX));
            found.extend(self.tasks_where("s.open = 0", rest)?);
        }
        Ok(found)
    }

    /// One partial index each: the first page of open tasks reads nothing of the others.
    fn tasks_where(&self, which: &'static str, limit: u32) -> Result<Vec<TaskBase>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM standing s CROSS JOIN task t USING (doc) WHERE {which} ORDER BY s.due_at_ms LIMIT ?1"
        );
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement.query_map([limit], base_of)?.map(|row| row?).collect()
    }

    /// One task.
    pub fn task(&self, id: TaskId) -> Result<Option<TaskBase>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM task t JOIN standing s USING (doc) WHERE t.id = ?1");
        self.sql()
            .prepare_cached(&sql)?
            .query_row([id.bytes()], base_of)
            .optional()?
            .transpose()
    }

    /// Tasks that the platform has not told of again, at most `limit`.
    pub(crate) fn doubted_tasks(&self, limit: u32) -> Result<Vec<TaskBase>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM task t JOIN standing s USING (doc) WHERE t.revision = 0 LIMIT ?1");
        let mut statement = self.sql().prepare_cached(&sql)?;
        statement.query_map([limit], base_of)?.map(|row| row?).collect()
    }

    /// Posts as they came from the platform, by code.
    pub fn posts(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.sql().prepare_cached("SELECT body FROM post ORDER BY code")?;
        Ok(statement
            .query_map([], |row| row.get(0))?
            .collect::<Result<_, _>>()?)
    }
}

impl Writing<'_> {
    /// Replaces a task's base and its replayed state.
    pub fn put_task(&self, task: &TaskBase) -> Result<(), StoreError> {
        self.search_before_put(task)?;
        let mut statement = self.sql().prepare_cached(
            "INSERT INTO task (id, revision, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, body = excluded.body RETURNING doc",
        )?;
        let row = params![task.id.bytes(), count(task.revision), task.body];
        let doc: i64 = statement.query_row(row, |row| row.get(0))?;
        let mut statement = self.sql().prepare_cached(
            "INSERT OR REPLACE INTO standing (doc, local_status, due_at_ms, open) VALUES (?1, ?2, ?3, ?4)",
        )?;
        statement.execute(params![
            doc,
            i64::from(task.local_status.code()),
            task.due_at_ms,
            task.local_status.is_open_for_holder()
        ])?;
        Ok(())
    }

    /// The platform knows this task, although its row cannot be read here: what is here stays.
    pub fn believe_task(&self, id: TaskId, revision: u64) -> Result<(), StoreError> {
        let sql = "UPDATE task SET revision = ?2 WHERE id = ?1 AND revision = 0";
        self.sql().execute(sql, params![id.bytes(), count(revision)])?;
        Ok(())
    }

    /// Moves a task's local state after an own change. An amendment moves nothing and dirties no page.
    pub fn set_local_status(&self, id: TaskId, status: TaskStatus) -> Result<(), StoreError> {
        let open = status.is_open_for_holder();
        let key = params![id.bytes(), i64::from(status.code()), open];
        // Two sorted lists hold the open and the shut ones: who stays in his list dirties no page of them.
        let mut stays = self.sql().prepare_cached(
            "UPDATE standing SET local_status = ?2
             WHERE doc = (SELECT doc FROM task WHERE id = ?1) AND open = ?3 AND local_status <> ?2",
        )?;
        if open && stays.execute(key)? == 1 {
            return Ok(());
        }
        let mut moves = self.sql().prepare_cached(
            "UPDATE standing SET local_status = ?2, open = ?3
             WHERE doc = (SELECT doc FROM task WHERE id = ?1) AND local_status <> ?2",
        )?;
        moves.execute(key)?;
        Ok(())
    }

    /// Replaces a post.
    pub fn put_post(&self, post: &str, revision: u64, body: &[u8]) -> Result<(), StoreError> {
        let mut statement = self
            .sql()
            .prepare_cached("INSERT OR REPLACE INTO post (code, revision, body) VALUES (?1, ?2, ?3)")?;
        statement.execute(params![post, count(revision), body])?;
        Ok(())
    }
}
