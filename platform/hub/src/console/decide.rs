//! Deciding on tasks. Each decision names the revision its maker saw; a task that moved on meanwhile answers `Conflict`.

use grid_model::deadline::{civil_date, end_of_day_ms};
use grid_model::limits::REASON_CHARS_MAX;
use grid_model::terms::{ReviewFailReason, RowKind};
use grid_model::time::Occurred;
use grid_model::{ExtensionState, TaskEvent, TaskId};

use super::tasks::seen;
use super::{Desk, DeskRefusal, log_access, show};
use crate::birth::{TaskBirth, bear, misshapen};
use crate::exchange::at_the_platform;
use crate::fold::mark_done;
use crate::lateness::{timeliness, waiting};
use crate::store::{
    AccessPurpose, AccessSubject, Audience, DueMoved, HubTxn, PeopleRead as _, Stored, StoredExtension,
    StoredTask, StoredTaskEvent,
};
use crate::text::{bounded, needed};
use crate::views::{Review, Session, TaskDetail, TaskDraft, Timeliness};
use crate::{Hub, HubError, HubStore};

impl<S: HubStore> Hub<S> {
    /// Gives a new task to a holder of this subtree.
    pub fn dispatch(&self, now_ms: i64, who: &Session, draft: &TaskDraft) -> Desk<TaskDetail> {
        let birth = TaskBirth {
            no: None,
            title: &draft.title,
            description: &draft.description,
            case_kind: draft.case_kind,
            level: draft.level,
            grid_code: draft.grid_code.as_deref().unwrap_or_default(),
            place_text: &draft.place_text,
            created_at_ms: now_ms,
            due_at_ms: draft.due_at_ms,
            reason: draft.reason.as_deref(),
        };
        self.store.write(|tx| {
            if let Some((field, detail)) = misshapen(tx, &birth, &self.calendar)? {
                return Ok(Err(DeskRefusal::Invalid { field, detail }));
            }
            let dispatcher = tx
                .worker(who.worker)?
                .ok_or(HubError::Bug("a session without its person"))?;
            let holder = match tx.worker(draft.holder)? {
                Some(holder) if holder.posted_until_ms.is_some_and(|until_ms| until_ms <= now_ms) => {
                    return Ok(Err(DeskRefusal::Invalid {
                        field: "holder_id",
                        detail: "has left the post",
                    }));
                }
                Some(holder) if tx.org_within(who.org, holder.org)? => holder,
                _ => {
                    return Ok(Err(DeskRefusal::Invalid {
                        field: "holder_id",
                        detail: "is nobody you see",
                    }));
                }
            };
            let pair = (&dispatcher, &holder);
            let task = bear(tx, self.entropy.as_ref(), &self.calendar, now_ms, pair, &birth)?;
            decided(tx, now_ms, who, task).map(Ok)
        })
    }

    /// Decides on a submitted task; `revision` is the one the reviewer saw. A failed review gives the holder until the end
    /// of the next workday, or longer if the task has longer.
    pub fn review(
        &self,
        now_ms: i64,
        who: &Session,
        task: TaskId,
        revision: u64,
        review: &Review,
    ) -> Desk<TaskDetail> {
        let (event, reason) = match review {
            Review::Pass => (TaskEvent::ReviewPass, (None, None)),
            Review::Fail {
                reason_code,
                reason_text,
            } => (
                TaskEvent::ReviewFail,
                (
                    Some(*reason_code),
                    reason_text.as_deref().filter(|text| !text.is_empty()),
                ),
            ),
        };
        if let Some(detail) = reason.1.and_then(|text| bounded(text, REASON_CHARS_MAX)) {
            return Ok(Err(DeskRefusal::Invalid {
                field: "reason_text",
                detail,
            }));
        }
        self.store.write(|tx| {
            let mut task = match open(tx, who, task, revision)? {
                Ok(task) => task,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if task.status.after(event).is_none() {
                return Ok(Err(DeskRefusal::NotNow { status: task.status }));
            }
            if task.holder == who.worker {
                return Ok(Err(DeskRefusal::OwnWork));
            }
            if event == TaskEvent::ReviewPass {
                drop_idle_request(tx, &task)?;
            }
            if event == TaskEvent::ReviewFail {
                task.due_at_ms = task.due_at_ms.max(self.next_workday_end(now_ms)?);
                (task.done_at_ms, task.done_clock) = (None, None);
                task.reason = Some(spoken(reason));
            }
            move_on(tx, now_ms, who, task, event, reason).map(Ok)
        })
    }

    /// Takes a live task back; its holder learns why at his next contact. What he reports all the same is kept.
    pub fn recall(
        &self,
        now_ms: i64,
        who: &Session,
        task: TaskId,
        revision: u64,
        reason: &str,
    ) -> Desk<TaskDetail> {
        if let Some(detail) = needed(reason, REASON_CHARS_MAX) {
            return Ok(Err(DeskRefusal::Invalid {
                field: "reason_text",
                detail,
            }));
        }
        self.store.write(|tx| {
            let mut task = match open(tx, who, task, revision)? {
                Ok(task) => task,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if task.status.after(TaskEvent::Recall).is_none() {
                return Ok(Err(DeskRefusal::NotNow { status: task.status }));
            }
            task.reason = Some(reason.to_owned());
            move_on(tx, now_ms, who, task, TaskEvent::Recall, (None, Some(reason))).map(Ok)
        })
    }

    /// Lets the late report of a recalled task count: the task becomes submitted, done when the report says (C2).
    pub fn restore(&self, now_ms: i64, who: &Session, task: TaskId, revision: u64) -> Desk<TaskDetail> {
        self.store.write(|tx| {
            let mut task = match open(tx, who, task, revision)? {
                Ok(task) => task,
                Err(refusal) => return Ok(Err(refusal)),
            };
            if !task.late_report || task.status.after(TaskEvent::Restore).is_none() {
                return Ok(Err(DeskRefusal::NotNow { status: task.status }));
            }
            let done = late_work(tx, task.id)?;
            mark_done(&mut task, done);
            (task.late_report, task.reason) = (false, None);
            move_on(tx, now_ms, who, task, TaskEvent::Restore, (None, None)).map(Ok)
        })
    }

    fn next_workday_end(&self, now_ms: i64) -> Stored<i64> {
        let today = civil_date(now_ms).ok_or(HubError::Bug("a time beyond the calendar"))?;
        Ok(end_of_day_ms(self.calendar.work_days(today, 1)))
    }
}

/// When the work was done that a report after the newest recall tells of.
fn late_work<T: HubTxn>(tx: &T, task: TaskId) -> Stored<Occurred> {
    let log = tx.task_events(task)?;
    let since = log
        .iter()
        .rev()
        .take_while(|line| line.event != TaskEvent::Recall);
    let first = since.filter(|line| line.event == TaskEvent::LateReport).last();
    first
        .map(|line| line.occurred)
        .ok_or(HubError::Bug("a late report that is not in the log"))
}

/// The task to decide on, if this person sees it and saw its newest revision.
pub(super) fn open<T: HubTxn>(
    tx: &T,
    who: &Session,
    id: TaskId,
    revision: u64,
) -> Stored<Result<StoredTask, DeskRefusal>> {
    Ok(match seen(tx, who, id)? {
        None => Err(DeskRefusal::NotFound),
        Some(task) if task.revision != revision => Err(DeskRefusal::Conflict {
            revision: task.revision,
        }),
        Some(task) => Ok(task),
    })
}

/// Writes what was decided: the task as it stands now, a line of its log, and how its due time moved.
pub(super) fn move_on<T: HubTxn>(
    tx: &mut T,
    now_ms: i64,
    who: &Session,
    mut task: StoredTask,
    event: TaskEvent,
    (reason_code, reason_text): (Option<ReviewFailReason>, Option<&str>),
) -> Stored<TaskDetail> {
    let from = task.status;
    task.status = from
        .after(event)
        .ok_or(HubError::Bug("a decision passed its check and is illegal"))?;
    task.revision += 1;
    let due_before_ms = tx
        .task(task.id)?
        .map_or(task.due_at_ms, |before| before.due_at_ms);
    tx.put_task(&task)?;
    tx.add_task_event(&StoredTaskEvent {
        position: 0,
        task: task.id,
        event,
        actor: who.worker,
        from: Some(from),
        to: task.status,
        reason_code,
        reason_text: reason_text.map(str::to_owned),
        occurred: at_the_platform(now_ms),
        received_at_ms: now_ms,
        change: None,
        due_moved: (due_before_ms != task.due_at_ms).then_some(DueMoved {
            from_ms: due_before_ms,
            to_ms: task.due_at_ms,
        }),
    })?;
    tx.feed_touch(Audience::Worker(task.holder), RowKind::Task, task.id.bytes())?;
    decided(tx, now_ms, who, task)
}

/// A request for more time on work that was in time anyway waits for nobody once the matter is closed.
fn drop_idle_request<T: HubTxn>(tx: &mut T, task: &StoredTask) -> Stored<()> {
    let asked = tx.extensions_of(task.id)?;
    match waiting(&asked) {
        Some(extension) if timeliness(tx, task, None)? == Timeliness::OnTime => {
            tx.put_extension(&StoredExtension {
                state: ExtensionState::Superseded,
                ..extension.clone()
            })
        }
        _ => Ok(()),
    }
}

fn decided<T: HubTxn>(tx: &mut T, now_ms: i64, who: &Session, task: StoredTask) -> Stored<TaskDetail> {
    log_access(
        tx,
        now_ms,
        who,
        (AccessPurpose::Decide, AccessSubject::Task),
        &[task.id.bytes()],
    )?;
    show::detail(tx, now_ms, task)
}

/// The reason as the holder reads it: what the code means, then the reviewer's own words.
fn spoken((code, text): (Option<ReviewFailReason>, Option<&str>)) -> String {
    let meaning = match code {
        Some(ReviewFailReason::NotSolved) => "问题还在",
        Some(ReviewFailReason::UnclearPhoto) => "照片看不清",
        Some(ReviewFailReason::WrongPlace) => "地点对不上",
        Some(ReviewFailReason::MissingItem) => "还缺内容",
        Some(ReviewFailReason::NotTold) => "还没告知当事人",
        Some(ReviewFailReason::Unknown(_)) | None => "需要重办",
    };
    text.map_or_else(|| meaning.to_owned(), |text| format!("{meaning}：{text}"))
}
