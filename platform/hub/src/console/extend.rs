//! Answering requests for more time (domain §5.2 row 10).

use grid_model::limits::REASON_CHARS_MAX;
use grid_model::terms::Role;
use grid_model::{ExtensionState, TaskEvent, TaskId};

use super::decide::{move_on, open};
use super::{Desk, DeskRefusal, log_access, show};
use crate::birth::beyond_ten_years;
use crate::lateness::waiting;
use crate::store::{
    AccessPurpose, AccessSubject, ExtensionRead as _, ExtensionWrite as _, StoredAnswer, StoredExtension,
    TaskRead as _,
};
use crate::text::needed;
use crate::views::{ExtensionAnswer, Page, PageAsk, Session, TaskDetail, WaitingExtension};
use crate::{Hub, HubError, HubStore};

impl<S: HubStore> Hub<S> {
    /// Requests of this person's subtree that wait for an answer, with their tasks. The access is logged.
    pub fn waiting_extensions(
        &self,
        now_ms: i64,
        who: &Session,
        page: PageAsk,
    ) -> Result<Page<WaitingExtension>, HubError> {
        self.store.write(|tx| {
            let page = tx.extensions_within(who.org, page.bounded())?;
            let ids: Vec<&[u8]> = page.items.iter().map(|row| &row.task.bytes()[..]).collect();
            log_access(tx, now_ms, who, (AccessPurpose::List, AccessSubject::Task), &ids)?;
            show::each(page, |row| {
                let task = tx
                    .task(row.task)?
                    .ok_or(HubError::Bug("a request for more time without its task"))?;
                Ok(WaitingExtension {
                    task: show::summary(tx, now_ms, task)?,
                    extension: show::extension(tx, row)?,
                })
            })
        })
    }

    /// Answers the request that waits; `revision` is the one the supervisor saw. Granted, the due time moves and the old one
    /// stays in the log. A task is given more time once; a second time only the head of the station can give it.
    pub fn answer_extension(
        &self,
        now_ms: i64,
        who: &Session,
        task: TaskId,
        revision: u64,
        answer: &ExtensionAnswer,
    ) -> Desk<TaskDetail> {
        if let ExtensionAnswer::Refuse { reason } = answer
            && let Some(detail) = needed(reason, REASON_CHARS_MAX)
        {
            let field = "reason_text";
            return Ok(Err(DeskRefusal::Invalid { field, detail }));
        }
        self.store.write(|tx| {
            let mut task = match open(tx, who, task, revision)? {
                Ok(task) => task,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let asked = tx.extensions_of(task.id)?;
            let Some(extension) =
                waiting(&asked).filter(|_| task.status.after(TaskEvent::GrantExtension).is_some())
            else {
                return Ok(Err(DeskRefusal::NotNow { status: task.status }));
            };
            if task.holder == who.worker {
                return Ok(Err(DeskRefusal::OwnWork));
            }
            let given_due_ms = match answer {
                ExtensionAnswer::Refuse { .. } => None,
                ExtensionAnswer::Grant { due_at_ms } => {
                    let again = asked.iter().any(|row| row.state == ExtensionState::Granted);
                    if again && who.role != Role::StationLeader {
                        return Ok(Err(DeskRefusal::NeedsHead));
                    }
                    Some(due_at_ms.unwrap_or(extension.wanted_due_ms))
                }
            };
            let wrong = |due_at_ms| {
                if due_at_ms <= task.due_at_ms {
                    return Some("is no later than it is due now");
                }
                beyond_ten_years(task.created_at_ms, due_at_ms)
            };
            if let Some(detail) = given_due_ms.and_then(wrong) {
                let field = "due_at";
                return Ok(Err(DeskRefusal::Invalid { field, detail }));
            }
            let (state, event, reason) = match answer {
                ExtensionAnswer::Grant { .. } => (ExtensionState::Granted, TaskEvent::GrantExtension, None),
                ExtensionAnswer::Refuse { reason } => (
                    ExtensionState::Refused,
                    TaskEvent::RefuseExtension,
                    Some(reason.as_str()),
                ),
            };
            tx.put_extension(&StoredExtension {
                state,
                answer: Some(StoredAnswer {
                    by: who.worker,
                    at_ms: now_ms,
                    due_at_ms: given_due_ms,
                    reason: reason.map(str::to_owned),
                }),
                ..extension.clone()
            })?;
            task.due_at_ms = given_due_ms.unwrap_or(task.due_at_ms);
            move_on(tx, now_ms, who, task, event, (None, reason)).map(Ok)
        })
    }
}
