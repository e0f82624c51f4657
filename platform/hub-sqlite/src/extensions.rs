//! Requests for more time.

use grid_hub::store::{ExtensionRead, ExtensionWrite, Stored, StoredAnswer, StoredExtension};
use grid_hub::views::{Page, PageAsk};
use grid_model::{Coded as _, ExtensionState, OrgId, TaskId, TaskStatus};
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, int};

macro_rules! extension_columns {
    ($rest:literal) => {
        concat!(
            "SELECT x.change_position, x.task_id, x.author_id, x.wanted_due_ms, x.due_then_ms, x.state, x.occurred_at_ms, ",
            "x.earliest_ms, x.latest_ms, x.clock, x.received_at_ms, x.decided_by, x.decided_at_ms, x.given_due_ms, x.answer ",
            "FROM extension AS x ",
            $rest
        )
    };
}

/// Those in the state `?2`, of tasks that are in none of the states `?3` to `?6`.
macro_rules! waiting {
    ($rest:literal) => {
        concat!(
            "JOIN task AS t USING (task_id) WHERE x.state = ?2 AND t.org_id IN scope AND t.status NOT IN (?3, ?4, ?5, ?6) ",
            $rest
        )
    };
}

fn extension(c: &mut Cells<'_>) -> rusqlite::Result<StoredExtension> {
    Ok(StoredExtension {
        change: c.number()?,
        task: c.id()?,
        author: c.id()?,
        wanted_due_ms: c.take()?,
        due_then_ms: c.take()?,
        state: c.code()?,
        occurred: c.occurred()?,
        received_at_ms: c.take()?,
        answer: answer(c)?,
    })
}

/// Four cells: who, when, the due time given, why not.
fn answer(c: &mut Cells<'_>) -> rusqlite::Result<Option<StoredAnswer>> {
    let (by, at_ms) = (c.id_maybe()?, c.take::<Option<i64>>()?);
    let (due_at_ms, reason) = (c.take()?, c.take()?);
    Ok(by.zip(at_ms).map(|(by, at_ms)| StoredAnswer {
        by,
        at_ms,
        due_at_ms,
        reason,
    }))
}

impl<M> ExtensionRead for Access<'_, M> {
    fn extensions_of(&self, task: TaskId) -> Stored<Vec<StoredExtension>> {
        self.all(
            extension_columns!("WHERE x.task_id = ?1 ORDER BY x.change_position"),
            [task.0],
            extension,
        )
    }

    fn extensions_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredExtension>> {
        let pending = ExtensionState::Pending.code();
        let [escalated, returned, recalled, voided] = [
            TaskStatus::Escalated,
            TaskStatus::Returned,
            TaskStatus::Recalled,
            TaskStatus::Voided,
        ]
        .map(|status| status.code());
        let count = within!(concat!("SELECT count(*) FROM extension AS x ", waiting!("")));
        let sql = within!(concat!(
            extension_columns!(""),
            waiting!("ORDER BY t.due_at_ms, x.change_position LIMIT ?7 OFFSET ?8")
        ));
        self.page(
            (
                count,
                params![root.0, pending, escalated, returned, recalled, voided],
            ),
            (
                sql,
                params![
                    root.0,
                    pending,
                    escalated,
                    returned,
                    recalled,
                    voided,
                    page.limit,
                    page.offset
                ],
            ),
            extension,
        )
    }
}

impl ExtensionWrite for Access<'_, Writes> {
    fn add_extension(&mut self, extension: &StoredExtension) -> Stored<()> {
        self.run(
            "INSERT INTO extension (change_position, task_id, author_id, wanted_due_ms, due_then_ms, state, occurred_at_ms,
                 earliest_ms, latest_ms, clock, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                int(extension.change),
                extension.task.0,
                extension.author.0,
                extension.wanted_due_ms,
                extension.due_then_ms,
                extension.state.code(),
                extension.occurred.at_ms,
                extension.occurred.earliest_ms,
                extension.occurred.latest_ms,
                extension.occurred.quality.code(),
                extension.received_at_ms
            ],
        )?;
        Ok(())
    }

    fn put_extension(&mut self, extension: &StoredExtension) -> Stored<()> {
        let answer = extension.answer.as_ref();
        self.run(
            "UPDATE extension SET state = ?2, decided_by = ?3, decided_at_ms = ?4, given_due_ms = ?5, answer = ?6
             WHERE change_position = ?1",
            params![
                int(extension.change),
                extension.state.code(),
                answer.map(|answer| answer.by.0),
                answer.map(|answer| answer.at_ms),
                answer.and_then(|answer| answer.due_at_ms),
                answer.and_then(|answer| answer.reason.as_deref())
            ],
        )?;
        Ok(())
    }
}
