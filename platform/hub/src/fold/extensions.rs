//! Requests for more time (domain §5.2 rows 9 and 10, C7): judged by when they were made, against the due time that was in
//! force then.

use grid_model::time::Occurred;
use grid_model::{ExtensionState, TaskEvent, TaskStatus};
use grid_wire::fact::ExtensionRequested;

use super::{Fold, TIME_MS_MAX};
use crate::exchange::at_the_platform;
use crate::lateness::{due_in_force, is_shown_overdue, spared_until, timeliness, waiting};
use crate::store::{HubTxn, Stored, StoredChange, StoredExtension, StoredTask, StoredTaskEvent};
use crate::views::Timeliness;

impl Fold {
    /// Keeps the request. Made in time it waits for an answer, whenever it arrives, and a task that was shown as overdue
    /// meanwhile is so no more.
    pub(super) fn extension<T: HubTxn>(
        &mut self,
        tx: &mut T,
        task: StoredTask,
        asked: &ExtensionRequested,
        change: &StoredChange,
        occurred: Occurred,
    ) -> Stored<()> {
        let earlier = tx.extensions_of(task.id)?;
        let log = tx.task_events(task.id)?;
        let mut extension = StoredExtension {
            change: change.position,
            task: task.id,
            author: self.worker.id,
            wanted_due_ms: asked.wanted_due_ms.clamp(-TIME_MS_MAX, TIME_MS_MAX),
            due_then_ms: due_in_force(&task, &log, occurred.at_ms),
            state: ExtensionState::Pending,
            occurred,
            received_at_ms: change.received_at_ms,
            answer: None,
        };
        let before = waiting(&earlier);
        let was_overdue = is_shown_overdue(tx, &task, spared_until(&earlier), change.received_at_ms)?;
        extension.state = standing(tx, &task, &extension, before)?;
        let waits = extension.state == ExtensionState::Pending;
        if let Some(before) = before.filter(|_| waits) {
            tx.put_extension(&StoredExtension {
                state: ExtensionState::Superseded,
                ..before.clone()
            })?;
        }
        tx.add_extension(&extension)?;
        let event = match extension.state {
            ExtensionState::Late => TaskEvent::LateExtension,
            _ => TaskEvent::RequestExtension,
        };
        let told = (event, Some(asked.reason.as_str()));
        self.task_event(tx, task.clone(), told, change, occurred)?;
        let spared_until_ms = spared_until(&tx.extensions_of(task.id)?);
        if was_overdue && !is_shown_overdue(tx, &task, spared_until_ms, change.received_at_ms)? {
            self.overdue_is_withdrawn(tx, &task, change)?;
        }
        Ok(())
    }

    fn overdue_is_withdrawn<T: HubTxn>(
        &self,
        tx: &mut T,
        task: &StoredTask,
        change: &StoredChange,
    ) -> Stored<()> {
        tx.add_task_event(&StoredTaskEvent {
            position: 0,
            task: task.id,
            event: TaskEvent::WithdrawOverdue,
            actor: self.worker.id,
            from: Some(task.status),
            to: task.status,
            reason_code: None,
            reason_text: None,
            occurred: at_the_platform(change.received_at_ms),
            received_at_ms: change.received_at_ms,
            change: Some(change.position),
            due_moved: None,
        })?;
        Ok(())
    }
}

/// What a request is that comes in. Late is who asked late by even the earliest moment of the interval; of two that wait the one
/// made last counts, whichever was heard first.
fn standing<T: HubTxn>(
    tx: &T,
    task: &StoredTask,
    extension: &StoredExtension,
    before: Option<&StoredExtension>,
) -> Stored<ExtensionState> {
    let made_before = |other: &StoredExtension| other.occurred.at_ms > extension.occurred.at_ms;
    Ok(if extension.occurred.earliest_ms > extension.due_then_ms {
        ExtensionState::Late
    } else if before.is_some_and(made_before) || is_settled(tx, task, extension)? {
        ExtensionState::Superseded
    } else {
        ExtensionState::Pending
    })
}

/// Whether there is nothing left to answer: the task has that much time already, or is closed and was in time.
fn is_settled<T: HubTxn>(tx: &T, task: &StoredTask, extension: &StoredExtension) -> Stored<bool> {
    let has_it = extension.wanted_due_ms <= task.due_at_ms;
    let closed = task.status == TaskStatus::Closed;
    Ok(has_it || closed && timeliness(tx, task, None)? == Timeliness::OnTime)
}
