//! Tasks and their log.

use grid_hub::store::{DueMoved, Stored, StoredTask, StoredTaskEvent, TaskRead, TaskWrite};
use grid_hub::views::{Page, TaskQuery, TaskSort};
use grid_model::{Coded as _, OrgId, TaskId, WorkerId};
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, code_maybe, int};

macro_rules! task_columns {
    ($rest:literal) => {
        concat!(
            "SELECT task_id, org_id, no, title, description, case_kind, level, status, holder_id, dispatcher_id, ",
            "grid_code, place_text, created_at_ms, dispatched_position, delivered_at_ms, due_at_ms, done_at_ms, ",
            "done_clock, late_report, reason, revision FROM task ",
            $rest
        )
    };
}

/// What a query asks for, with `?2` status and `?3` text.
macro_rules! matching {
    ($rest:literal) => {
        concat!(
            "WHERE org_id IN scope AND (?2 IS NULL OR status = ?2) AND (?3 IS NULL ",
            "OR instr(lower(no), lower(?3)) > 0 OR instr(title, ?3) > 0 OR instr(place_text, ?3) > 0) ",
            $rest
        )
    };
}

fn task(c: &mut Cells<'_>) -> rusqlite::Result<StoredTask> {
    Ok(StoredTask {
        id: c.id()?,
        org: c.id()?,
        no: c.take()?,
        title: c.take()?,
        description: c.take()?,
        case_kind: c.code()?,
        level: c.code()?,
        status: c.code()?,
        holder: c.id()?,
        dispatcher: c.id()?,
        grid_code: c.take()?,
        place_text: c.take()?,
        created_at_ms: c.take()?,
        dispatched_position: c.number()?,
        delivered_at_ms: c.take()?,
        due_at_ms: c.take()?,
        done_at_ms: c.take()?,
        done_clock: c.code_maybe()?,
        late_report: c.take()?,
        reason: c.take()?,
        revision: c.number()?,
    })
}

/// Two cells: due before and due after.
fn moved(c: &mut Cells<'_>) -> rusqlite::Result<Option<DueMoved>> {
    let (from_ms, to_ms): (Option<i64>, Option<i64>) = (c.take()?, c.take()?);
    Ok(from_ms
        .zip(to_ms)
        .map(|(from_ms, to_ms)| DueMoved { from_ms, to_ms }))
}

impl<M> TaskRead for Access<'_, M> {
    fn task(&self, id: TaskId) -> Stored<Option<StoredTask>> {
        self.one(task_columns!("WHERE task_id = ?1"), [id.0], task)
    }

    fn task_by_no(&self, no: &str) -> Stored<Option<StoredTask>> {
        self.one(task_columns!("WHERE no = ?1"), [no], task)
    }

    fn tasks_within(&self, root: OrgId, query: &TaskQuery) -> Stored<Page<StoredTask>> {
        let count = within!(concat!("SELECT count(*) FROM task ", matching!("")));
        let sql = match query.sort {
            TaskSort::Due => within!(concat!(
                task_columns!(""),
                matching!("ORDER BY due_at_ms, task_id LIMIT ?4 OFFSET ?5")
            )),
            TaskSort::Created => within!(concat!(
                task_columns!(""),
                matching!("ORDER BY created_at_ms DESC, task_id DESC LIMIT ?4 OFFSET ?5")
            )),
        };
        let (status, text) = (code_maybe(query.status), query.text.as_deref());
        let page = query.page;
        self.page(
            (count, params![root.0, status, text]),
            (sql, params![root.0, status, text, page.limit, page.offset]),
            task,
        )
    }

    fn undelivered(&self, holder: WorkerId, position: u64) -> Stored<Vec<StoredTask>> {
        self.all(
            task_columns!(
                "WHERE holder_id = ?1 AND delivered_at_ms IS NULL AND dispatched_position <= ?2
                 ORDER BY dispatched_position"
            ),
            params![holder.0, int(position)],
            task,
        )
    }

    fn task_events(&self, task: TaskId) -> Stored<Vec<StoredTaskEvent>> {
        self.all(
            "SELECT position, task_id, event, actor_id, from_status, to_status, reason_code, reason_text, occurred_at_ms,
                    earliest_ms, latest_ms, clock, received_at_ms, change_position, due_from_ms, due_to_ms
             FROM task_event WHERE task_id = ?1 ORDER BY position",
            [task.0],
            |c| {
                Ok(StoredTaskEvent {
                    position: c.number()?,
                    task: c.id()?,
                    event: c.code()?,
                    actor: c.id()?,
                    from: c.code_maybe()?,
                    to: c.code()?,
                    reason_code: c.code_maybe()?,
                    reason_text: c.take()?,
                    occurred: c.occurred()?,
                    received_at_ms: c.take()?,
                    change: c.number_maybe()?,
                    due_moved: moved(c)?,
                })
            },
        )
    }
}

impl TaskWrite for Access<'_, Writes> {
    fn add_task(&mut self, task: &StoredTask) -> Stored<()> {
        self.run(
            "INSERT INTO task (task_id, org_id, no, title, description, case_kind, level, status, holder_id,
                 dispatcher_id, grid_code, place_text, created_at_ms, dispatched_position, delivered_at_ms, due_at_ms,
                 done_at_ms, done_clock, late_report, reason, revision)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            params![
                task.id.0,
                task.org.0,
                task.no,
                task.title,
                task.description,
                task.case_kind.code(),
                task.level.code(),
                task.status.code(),
                task.holder.0,
                task.dispatcher.0,
                task.grid_code,
                task.place_text,
                task.created_at_ms,
                int(task.dispatched_position),
                task.delivered_at_ms,
                task.due_at_ms,
                task.done_at_ms,
                code_maybe(task.done_clock),
                task.late_report,
                task.reason,
                int(task.revision)
            ],
        )?;
        Ok(())
    }

    fn put_task(&mut self, task: &StoredTask) -> Stored<()> {
        self.run(
            "UPDATE task SET status = ?2, delivered_at_ms = ?3, due_at_ms = ?4, done_at_ms = ?5, done_clock = ?6,
                 late_report = ?7, reason = ?8, revision = ?9
             WHERE task_id = ?1",
            params![
                task.id.0,
                task.status.code(),
                task.delivered_at_ms,
                task.due_at_ms,
                task.done_at_ms,
                code_maybe(task.done_clock),
                task.late_report,
                task.reason,
                int(task.revision)
            ],
        )?;
        Ok(())
    }

    fn add_task_event(&mut self, event: &StoredTaskEvent) -> Stored<u64> {
        self.insert(
            "INSERT INTO task_event (task_id, event, actor_id, from_status, to_status, reason_code, reason_text,
                 occurred_at_ms, earliest_ms, latest_ms, clock, received_at_ms, change_position, due_from_ms, due_to_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            params![
                event.task.0,
                event.event.code(),
                event.actor.0,
                code_maybe(event.from),
                event.to.code(),
                code_maybe(event.reason_code),
                event.reason_text,
                event.occurred.at_ms,
                event.occurred.earliest_ms,
                event.occurred.latest_ms,
                event.occurred.quality.code(),
                event.received_at_ms,
                event.change.map(int),
                event.due_moved.map(|moved| moved.from_ms),
                event.due_moved.map(|moved| moved.to_ms)
            ],
        )
    }
}
