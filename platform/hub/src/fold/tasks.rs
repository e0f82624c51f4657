//! Task facts (domain §5.2, C1–C7): what was legal when it was made is kept, whatever happened meanwhile.

use grid_model::time::{ClockQuality, Occurred};
use grid_model::{TaskEvent, TaskId, TaskStatus};
use grid_wire::Fact;
use grid_wire::fact::Report;

use super::Fold;
use crate::HubError;
use crate::store::{HubTxn, Stored, StoredChange, StoredReport, StoredTask, StoredTaskEvent};

impl Fold {
    pub(super) fn task_fact<T: HubTxn>(
        &mut self,
        tx: &mut T,
        id: TaskId,
        change: &StoredChange,
        fact: &Fact,
        occurred: Occurred,
    ) -> Stored<()> {
        let task = tx
            .task(id)?
            .ok_or(HubError::Bug("an accepted change of a task that is not here"))?;
        match fact {
            Fact::TaskAccepted => self.task_event(tx, task, (TaskEvent::Accept, None), change, occurred),
            Fact::TaskArrived(_) => self.task_event(tx, task, (TaskEvent::Arrive, None), change, occurred),
            Fact::ReportSubmitted(report) => self.task_report(tx, task, report, change, occurred),
            Fact::ExtensionRequested(asked) => self.extension(tx, task, asked, change, occurred),
            _ => Ok(()),
        }
    }

    fn task_report<T: HubTxn>(
        &mut self,
        tx: &mut T,
        mut task: StoredTask,
        report: &Report,
        change: &StoredChange,
        occurred: Occurred,
    ) -> Stored<()> {
        let status = task.status;
        let late = status == TaskStatus::Recalled;
        // Submitting implies accepting and arriving; what was decided already keeps the report as a supplement (C4).
        let (event, supplement) = match status {
            TaskStatus::Recalled => (TaskEvent::LateReport, false),
            TaskStatus::Submitted => contest(tx, &task, change, occurred)?,
            _ if status.after(TaskEvent::Submit).is_some() => (TaskEvent::Submit, false),
            _ => (TaskEvent::Amend, true),
        };
        tx.add_report(&StoredReport {
            lane: change.entry.lane,
            change: change.position,
            version: report.version,
            author: self.worker.id,
            occurred,
            received_at_ms: change.received_at_ms,
            supplement,
            late,
        })?;
        match event {
            TaskEvent::LateReport => task.late_report = true,
            TaskEvent::Submit => {
                mark_done(&mut task, occurred);
                task.reason = None;
            }
            _ => {}
        }
        self.task_event(tx, task, (event, None), change, occurred)
    }

    /// Logs what the holder did and moves the task if the pair is legal now; an event that comes too late is logged and
    /// moves nothing.
    pub(super) fn task_event<T: HubTxn>(
        &mut self,
        tx: &mut T,
        mut task: StoredTask,
        (event, reason): (TaskEvent, Option<&str>),
        change: &StoredChange,
        occurred: Occurred,
    ) -> Stored<()> {
        let from = task.status;
        task.status = from.after(event).unwrap_or(from);
        task.revision += 1;
        tx.put_task(&task)?;
        tx.add_task_event(&StoredTaskEvent {
            position: 0,
            task: task.id,
            event,
            actor: self.worker.id,
            from: Some(from),
            to: task.status,
            reason_code: None,
            reason_text: reason.map(str::to_owned),
            occurred,
            received_at_ms: change.received_at_ms,
            change: Some(change.position),
            due_moved: None,
        })?;
        self.tasks.insert(task.id);
        Ok(())
    }
}

/// What a report on submitted work is. One from the phone that reported before amends it. One from another phone is a second
/// word on the same work: who did it first leads, and the other's becomes a supplement (C3).
fn contest<T: HubTxn>(
    tx: &mut T,
    task: &StoredTask,
    change: &StoredChange,
    occurred: Occurred,
) -> Stored<(TaskEvent, bool)> {
    let reports = tx.reports_of(change.entry.lane)?;
    let Some(leading) = reports.iter().rev().find(|report| !report.supplement) else {
        return Ok((TaskEvent::Amend, false));
    };
    if tx.writer_of(leading.change)? == Some(change.device) {
        return Ok((TaskEvent::Amend, false));
    }
    // A suspect time decides nothing: then who came first leads.
    let decided = occurred.quality != ClockQuality::Suspect;
    if !decided
        || task
            .done_at_ms
            .is_none_or(|done_at_ms| occurred.at_ms >= done_at_ms)
    {
        return Ok((TaskEvent::Amend, true));
    }
    // What was said in earlier rounds, before a review, stays what it was.
    let log = tx.task_events(task.id)?;
    let round = log.iter().rev().find(|line| line.event == TaskEvent::Submit);
    let since = round.and_then(|line| line.change).unwrap_or(0);
    for report in reports
        .iter()
        .filter(|report| report.change >= since && !report.supplement)
    {
        tx.make_supplement(report.change)?;
    }
    Ok((TaskEvent::Submit, false))
}

/// Stops the handling clock at the effective time; a suspect time stays undecided until a person confirms it.
pub(crate) fn mark_done(task: &mut StoredTask, occurred: Occurred) {
    let decided = occurred.quality != ClockQuality::Suspect;
    task.done_at_ms = decided.then_some(occurred.at_ms);
    task.done_clock = Some(occurred.quality);
}
