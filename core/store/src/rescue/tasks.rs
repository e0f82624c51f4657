//! Tasks of a damaged database: the platform's row and where the task stands lie in two tables, and either may be found alone.

use std::collections::BTreeMap;

use grid_model::id::TaskId;
use grid_model::{Coded as _, TaskStatus};
use grid_wire::TaskRow;

use super::{Ranks, blob, fixed, int};
use crate::TaskBase;
use crate::salvage::Row;
use crate::sql::{code, counted};

/// What was found of tasks so far.
#[derive(Default)]
pub(super) struct Pieces {
    whole: BTreeMap<TaskId, TaskBase>,
    /// By number: where a task stands, and when it is due.
    standings: BTreeMap<i64, (TaskStatus, i64)>,
    /// The platform's rows: number, revision, body.
    rows: BTreeMap<TaskId, (i64, u64, Vec<u8>)>,
}

impl Pieces {
    /// `task`: doc, id, revision, body; up to schema 4 with local_status, due_at_ms, open behind; up to schema 2 without doc.
    pub(super) fn task(&mut self, row: &Row<'_>, ranks: &mut Ranks) -> Option<()> {
        let from = match row.values.len() {
            7 | 4 => 1,
            6 => 0,
            // One of its indexes.
            _ => return Some(()),
        };
        let id = TaskId(fixed(row, from)?);
        let (revision, body) = (counted(int(row, from + 1)?), blob(row, from + 2)?.to_vec());
        if row.values.len() == 4 {
            let doc = row.rowid?;
            if ranks.is_newer("task", id.bytes().to_vec(), row.rank) {
                self.rows.insert(id, (doc, revision, body));
            }
            return Some(());
        }
        let task = TaskBase {
            id,
            revision,
            body,
            local_status: TaskStatus::from_code(code(int(row, from + 3)?)),
            due_at_ms: int(row, from + 4)?,
        };
        if ranks.is_newer("task", id.bytes().to_vec(), row.rank) {
            self.whole.insert(id, task);
        }
        Some(())
    }

    /// `standing`: doc, local_status, due_at_ms, open.
    pub(super) fn standing(&mut self, row: &Row<'_>, ranks: &mut Ranks) -> Option<()> {
        if row.values.len() < 4 {
            // One of its indexes.
            return Some(());
        }
        let doc = row.rowid?;
        let standing = (TaskStatus::from_code(code(int(row, 1)?)), int(row, 2)?);
        if ranks.is_newer("standing", doc.to_be_bytes().to_vec(), row.rank) {
            self.standings.insert(doc, standing);
        }
        Some(())
    }

    /// The tasks. One whose standing is lost stands where the platform saw it, until the platform tells it again.
    pub(super) fn joined(self) -> BTreeMap<TaskId, TaskBase> {
        let mut tasks = self.whole;
        for (id, (doc, revision, body)) in self.rows {
            let told = || {
                grid_wire::decode::<TaskRow>(&body, "task")
                    .ok()
                    .map(|row| (row.status, row.due_at_ms))
            };
            let Some((local_status, due_at_ms)) = self.standings.get(&doc).copied().or_else(told) else {
                continue;
            };
            let task = TaskBase {
                id,
                revision,
                body,
                local_status,
                due_at_ms,
            };
            tasks.insert(id, task);
        }
        tasks
    }
}
