//! Tasks from a list.

use super::{Admin, AdminRefusal, ImportedTask, TaskImport, found, granted};
use crate::birth::{TaskBirth, bear, misshapen};
use crate::store::{HubTxn, PeopleRead as _, Stored, StoredWorker};
use crate::{Hub, HubStore};

impl<S: HubStore> Hub<S> {
    /// Takes in a list of tasks, dispatched by `dispatcher_job_no`; all of them or none. A number that is here already is
    /// left as it is, so a list can be taken in again.
    pub fn import_tasks(
        &self,
        now_ms: i64,
        dispatcher_job_no: &str,
        tasks: &[TaskImport],
    ) -> Admin<Vec<ImportedTask>> {
        // A bad row must leave no trace of the rows before it: looked at first, written afterwards.
        let checked = self.store.read(|tx| {
            granted!(found(tx.worker_by_job_no(dispatcher_job_no)?, "dispatcher"));
            for (index, task) in tasks.iter().enumerate() {
                let bad = |(field, detail)| AdminRefusal::BadRow {
                    row: index + 1,
                    field,
                    detail,
                };
                if tx.worker_by_job_no(&task.holder_job_no)?.is_none() {
                    return Ok(Err(bad(("holder_job_no", "is nobody's"))));
                }
                let wrong = misshapen(tx, &birth(task, task.due_at_ms), &self.calendar)?;
                granted!(wrong.map_or(Ok(()), |wrong| Err(bad(wrong))));
            }
            Ok(Ok(()))
        })?;
        granted!(checked);
        self.store.write(|tx| {
            let dispatcher = granted!(found(tx.worker_by_job_no(dispatcher_job_no)?, "dispatcher"));
            let imported: Stored<Vec<_>> = tasks
                .iter()
                .map(|task| self.import(tx, now_ms, &dispatcher, task))
                .collect();
            imported.map(Ok)
        })
    }

    fn import<T: HubTxn>(
        &self,
        tx: &mut T,
        now_ms: i64,
        dispatcher: &StoredWorker,
        task: &TaskImport,
    ) -> Stored<ImportedTask> {
        if let Some(no) = &task.no
            && let Some(known) = tx.task_by_no(no)?
        {
            return Ok(ImportedTask {
                id: known.id,
                no: known.no,
                created: false,
            });
        }
        let holder = tx.worker_by_job_no(&task.holder_job_no)?;
        let holder = holder.ok_or(crate::HubError::Bug("a holder vanished between two transactions"))?;
        let born = bear(
            tx,
            self.entropy.as_ref(),
            &self.calendar,
            now_ms,
            (dispatcher, &holder),
            &birth(task, task.due_at_ms),
        )?;
        Ok(ImportedTask {
            id: born.id,
            no: born.no,
            created: true,
        })
    }
}

fn birth(task: &TaskImport, due_at_ms: Option<i64>) -> TaskBirth<'_> {
    TaskBirth {
        no: task.no.as_deref(),
        title: &task.title,
        description: &task.description,
        case_kind: task.case_kind,
        level: task.level,
        grid_code: task.grid_code.as_deref().unwrap_or_default(),
        place_text: &task.place_text,
        created_at_ms: task.dispatched_at_ms,
        due_at_ms,
        reason: None,
    }
}
