//! Reading tasks.

use grid_model::{Sha256, TaskId};

use super::{Desk, DeskRefusal, log_access, show};
use crate::store::{
    AccessPurpose, AccessSubject, FieldRead as _, HubRead, PeopleRead as _, Stored, StoredTask, TaskRead as _,
};
use crate::views::{AttachmentFile, Page, PageAsk, Session, TaskDetail, TaskQuery, TaskSummary, WorkerView};
use crate::{Hub, HubError, HubStore};

impl<S: HubStore> Hub<S> {
    /// Tasks in this person's subtree. The access is logged before anything is answered.
    pub fn tasks(
        &self,
        now_ms: i64,
        who: &Session,
        query: &TaskQuery,
    ) -> Result<Page<TaskSummary>, HubError> {
        let query = TaskQuery {
            page: query.page.bounded(),
            ..query.clone()
        };
        self.store.write(|tx| {
            let page = tx.tasks_within(who.org, &query)?;
            let ids: Vec<&[u8]> = page.items.iter().map(|task| &task.id.bytes()[..]).collect();
            log_access(tx, now_ms, who, (AccessPurpose::List, AccessSubject::Task), &ids)?;
            show::each(page, |task| show::summary(tx, now_ms, task))
        })
    }

    /// One task with its log. The access is logged before anything is answered.
    pub fn task(&self, now_ms: i64, who: &Session, task: TaskId) -> Desk<TaskDetail> {
        self.store.write(|tx| {
            let Some(task) = seen(tx, who, task)? else {
                return Ok(Err(DeskRefusal::NotFound));
            };
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::Detail, AccessSubject::Task),
                &[task.id.bytes()],
            )?;
            show::detail(tx, now_ms, task).map(Ok)
        })
    }

    /// People of this subtree. The access is logged.
    pub fn workers(&self, now_ms: i64, who: &Session, page: PageAsk) -> Result<Page<WorkerView>, HubError> {
        self.store.write(|tx| {
            let page = tx.workers_within(who.org, page.bounded())?;
            let ids: Vec<&[u8]> = page.items.iter().map(|row| &row.id.bytes()[..]).collect();
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::List, AccessSubject::Worker),
                &ids,
            )?;
            show::each(page, |row| Ok(show::worker(row)))
        })
    }

    /// An attachment that a record of this subtree names. The access is logged.
    pub fn attachment(&self, now_ms: i64, who: &Session, sha256: Sha256) -> Desk<AttachmentFile> {
        self.store.write(|tx| {
            let Some(row) = tx.attachment_within(who.org, sha256)? else {
                return Ok(Err(DeskRefusal::NotFound));
            };
            log_access(
                tx,
                now_ms,
                who,
                (AccessPurpose::Detail, AccessSubject::Attachment),
                &[sha256.bytes()],
            )?;
            Ok(Ok(AttachmentFile {
                sha256,
                mime: row.mime,
                bytes: row.bytes,
                here: row.here,
            }))
        })
    }
}

/// The task, if it lies in what this person sees.
pub(super) fn seen<T: HubRead>(tx: &T, who: &Session, id: TaskId) -> Stored<Option<StoredTask>> {
    match tx.task(id)? {
        Some(task) if tx.org_within(who.org, task.org)? => Ok(Some(task)),
        _ => Ok(None),
    }
}
