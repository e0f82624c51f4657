//! Whether a task is late. Judged by when things were done, never by when their records arrived (domain §6.4).

use grid_model::deadline::{Light, light};
use grid_model::time::ClockQuality;
use grid_model::{ExtensionState, TaskEvent};

use crate::store::{HubRead, Stored, StoredExtension, StoredTask, StoredTaskEvent};
use crate::views::Timeliness;

/// The request for more time that waits for an answer.
pub(crate) fn waiting(asked: &[StoredExtension]) -> Option<&StoredExtension> {
    asked
        .iter()
        .rev()
        .find(|extension| extension.state == ExtensionState::Pending)
}

/// Until when nobody is called late, UTC ms: the time that a request wants which was made in time and waits (C7).
pub(crate) fn spared_until(asked: &[StoredExtension]) -> Option<i64> {
    waiting(asked).map(|extension| extension.wanted_due_ms)
}

/// Whether a task was done in time.
pub(crate) fn timeliness<T: HubRead>(
    tx: &T,
    task: &StoredTask,
    spared_until_ms: Option<i64>,
) -> Stored<Timeliness> {
    if task.done_clock == Some(ClockQuality::Suspect) {
        return Ok(Timeliness::Undecided);
    }
    let Some(done_at_ms) = task.done_at_ms else {
        let open = task.status.is_open_for_holder();
        return Ok(if open {
            Timeliness::Open
        } else {
            Timeliness::Stopped
        });
    };
    // The interval of the line that stopped the clock.
    let log = tx.task_events(task.id)?;
    let work = log.iter().rev().find(|line| {
        matches!(line.event, TaskEvent::Submit | TaskEvent::LateReport) && line.occurred.at_ms == done_at_ms
    });
    let earliest_ms = work.map_or(done_at_ms, |line| line.occurred.earliest_ms);
    Ok(if earliest_ms <= task.due_at_ms {
        Timeliness::OnTime
    } else if spared_until_ms.is_some_and(|until_ms| earliest_ms <= until_ms) {
        Timeliness::Undecided
    } else {
        Timeliness::Overdue
    })
}

/// The due light.
pub(crate) fn due_light(task: &StoredTask, spared_until_ms: Option<i64>, now_ms: i64) -> Light {
    if !task.status.is_open_for_holder() {
        return Light::Done;
    }
    match light(task.created_at_ms, task.due_at_ms, now_ms) {
        Light::Red if spared_until_ms.is_some_and(|until_ms| now_ms <= until_ms) => Light::Yellow,
        burning => burning,
    }
}

/// Whether supervisors see the task as overdue now: open and past its due time, or done too late.
pub(crate) fn is_shown_overdue<T: HubRead>(
    tx: &T,
    task: &StoredTask,
    spared_until_ms: Option<i64>,
    now_ms: i64,
) -> Stored<bool> {
    Ok(due_light(task, spared_until_ms, now_ms) == Light::Red
        || timeliness(tx, task, spared_until_ms)? == Timeliness::Overdue)
}

/// The due time that was in force at `at_ms`: what is due now, less what was moved since.
pub(crate) fn due_in_force(task: &StoredTask, log: &[StoredTaskEvent], at_ms: i64) -> i64 {
    let moved_since = |line: &&StoredTaskEvent| line.due_moved.is_some() && line.occurred.at_ms > at_ms;
    log.iter()
        .find(moved_since)
        .and_then(|line| line.due_moved)
        .map_or(task.due_at_ms, |moved| moved.from_ms)
}
