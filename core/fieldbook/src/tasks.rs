//! Tasks: list, accept, arrive, submit. All of it works with no network (domain §5.2, "offline? yes").

use grid_model::deadline::{Light, light};
use grid_model::id::TaskId;
use grid_model::lane::{ChangeKind, Lane};
use grid_model::time::Stamp;
use grid_model::{ExtensionState, Point, Seq, TaskEvent, TaskStatus};
use grid_store::{Reading, TaskBase, Writing};
use grid_wire::fact::{Arrived, ExtensionRequested, Report};
use grid_wire::{Body, ExtensionRow, Fact, PostRow, TaskRow, decode};

use crate::drafts::named_by;
use crate::{
    ExtensionDraft, ExtensionView, FieldBook, FieldError, PostView, Problem, ReportDraft, Saved, TaskView,
};

impl FieldBook {
    /// Tasks by due time; open ones only, or all that are on this phone.
    pub fn tasks(&self, open_only: bool, limit: u32) -> Result<Vec<TaskView>, FieldError> {
        self.store.read(|tx| {
            let bases = tx.tasks(open_only, limit)?;
            bases.iter().map(|base| self.task_view(tx, base)).collect()
        })
    }

    /// One task.
    pub fn task(&self, id: TaskId) -> Result<TaskView, FieldError> {
        self.store.read(|tx| {
            let base = tx.task(id)?.ok_or(FieldError::NotFound { what: "task" })?;
            self.task_view(tx, &base)
        })
    }

    /// The posts and checkpoints this phone knows, by code.
    pub fn posts(&self) -> Result<Vec<PostView>, FieldError> {
        let rows = self.store.read(|tx| tx.posts().map_err(FieldError::from))?;
        let read = rows
            .iter()
            .filter_map(|body| decode::<PostRow>(body, "post row").ok());
        Ok(read
            .map(|post| PostView {
                code: post.code,
                name: post.name,
                checkpoints: post.checkpoints.into_iter().map(|c| (c.code, c.name)).collect(),
            })
            .collect())
    }

    /// Accepts a task (签收). Durable before return.
    pub fn accept(&self, id: TaskId) -> Result<Saved, FieldError> {
        self.move_task(id, |_| TaskEvent::Accept, |_| Ok(Fact::TaskAccepted))
    }

    /// Records that the holder is on the scene (到场); implies accepting. Durable before return.
    pub fn arrive(&self, id: TaskId, point: Option<Point>) -> Result<Saved, FieldError> {
        self.move_task(
            id,
            |_| TaskEvent::Arrive,
            |_| Ok(Fact::TaskArrived(Arrived { point })),
        )
    }

    /// Submits a disposition report (处置反馈); implies arriving. A second one before review amends the first. Durable
    /// before return.
    pub fn submit(&self, id: TaskId, draft: ReportDraft) -> Result<Saved, FieldError> {
        draft.check()?;
        let event = |status| match status {
            TaskStatus::Submitted => TaskEvent::Amend,
            // Done before the recall was known here: the fact is kept, the platform decides (rule C2).
            TaskStatus::Recalled => TaskEvent::LateReport,
            _ => TaskEvent::Submit,
        };
        self.move_task(id, event, |tx| {
            Ok(Fact::ReportSubmitted(report(tx, Lane::task(id), draft)?))
        })
    }

    /// Asks for more time (申请延期). It has to be asked by the due time: past it even by the earliest moment that the clocks
    /// allow, it is refused here (`due`). A newer request takes the place of one that waits. Durable before return.
    pub fn request_extension(&self, id: TaskId, draft: ExtensionDraft) -> Result<Saved, FieldError> {
        self.move_task(
            id,
            |_| TaskEvent::RequestExtension,
            |tx| {
                let base = tx.task(id)?.ok_or(FieldError::NotFound { what: "task" })?;
                let row = row_of(&base.body)?;
                draft.check(row.created_at_ms, row.due_at_ms)?;
                if self.earliest_now_ms(tx)? > row.due_at_ms {
                    return Err(FieldError::invalid("due", Problem::WrongState));
                }
                Ok(Fact::ExtensionRequested(ExtensionRequested {
                    wanted_due_ms: draft.wanted_due_ms,
                    reason: draft.reason,
                }))
            },
        )
    }

    /// The earliest moment that it can be now, by the evidence that the platform will judge by.
    fn earliest_now_ms(&self, tx: &Writing<'_>) -> Result<i64, FieldError> {
        let now = self.host.clock.now();
        let stamp = Stamp {
            wall_ms: now.wall_ms,
            mono_ms: now.mono_ms,
            boot: now.boot,
            anchor: tx.anchor()?,
        };
        Ok(stamp.occurred(now.wall_ms).earliest_ms)
    }

    /// Judged inside the write: its connection knows the pages that a reader would have to decrypt anew after each commit.
    fn move_task(
        &self,
        id: TaskId,
        event: impl FnOnce(TaskStatus) -> TaskEvent,
        fact: impl FnOnce(&Writing<'_>) -> Result<Fact, FieldError>,
    ) -> Result<Saved, FieldError> {
        self.durably(|tx| {
            let base = tx.task(id)?.ok_or(FieldError::NotFound { what: "task" })?;
            let moved = base.local_status.after(event(base.local_status));
            let status = moved.ok_or(FieldError::invalid("task", Problem::WrongState))?;
            let fact = fact(tx)?;
            let saved = self.append(tx, Lane::task(id), fact)?;
            tx.set_local_status(id, status)?;
            Ok(saved)
        })
    }

    pub(crate) fn task_view(&self, tx: &Reading<'_>, base: &TaskBase) -> Result<TaskView, FieldError> {
        let row = row_of(&base.body)?;
        let now_ms = self.host.clock.now().wall_ms;
        let burns = light(row.created_at_ms, row.due_at_ms, now_ms);
        let own = tx.lane_state(Lane::task(base.id))?;
        // Only a task with own records can have an own request.
        let asked_here = match own {
            Some(_) => waiting_here(tx, base.id, row.covers())?,
            None => None,
        };
        let extension = asked_here.or_else(|| row.extension.map(told));
        Ok(TaskView {
            id: base.id,
            no: row.no,
            title: row.title,
            description: row.description,
            case_kind: row.case_kind,
            level: row.level,
            status: base.local_status,
            revision: base.revision,
            grid_code: row.grid_code,
            place_text: row.place_text,
            created_at_ms: row.created_at_ms,
            due_at_ms: row.due_at_ms,
            light: match burns {
                _ if !base.local_status.is_open_for_holder() => Light::Done,
                Light::Red if extension.as_ref().is_some_and(|asked| asked.spares(now_ms)) => Light::Yellow,
                burns => burns,
            },
            reason: row.reason,
            late_report: row.late_report,
            own,
            extension,
        })
    }
}

fn row_of(body: &[u8]) -> Result<TaskRow, FieldError> {
    decode(body, "task row").map_err(|error| FieldError::Internal {
        detail: error.to_string(), // rows are checked before they are stored
    })
}

/// The newest own request that the platform's row has not taken in. One that was sent back waits for nobody.
fn waiting_here(tx: &Reading<'_>, id: TaskId, covers: Seq) -> Result<Option<ExtensionView>, FieldError> {
    let epoch = tx.current_epoch()?;
    for entry in tx.extensions_after(epoch, id, covers)? {
        if let Ok(Fact::ExtensionRequested(asked)) =
            Body::from_bytes(entry.kind, &entry.body).map(|body| body.fact)
            && !tx.was_sent_back(epoch, entry.seq)?
        {
            return Ok(Some(ExtensionView {
                state: ExtensionState::Pending,
                wanted_due_ms: asked.wanted_due_ms,
                answer: None,
            }));
        }
    }
    Ok(None)
}

fn told(row: ExtensionRow) -> ExtensionView {
    let ExtensionRow {
        state,
        wanted_due_ms,
        answer,
    } = row;
    ExtensionView {
        state,
        wanted_due_ms,
        answer,
    }
}

/// The same row once more, after something changed what counts of the own changes.
pub(crate) fn replay_known(tx: &Writing<'_>, id: TaskId) -> Result<(), FieldError> {
    if let Some(known) = tx.task(id)? {
        let row = row_of(&known.body)?;
        tx.put_task(&replay(tx, id, known.revision, (known.body, &row))?)?;
    }
    Ok(())
}

/// The platform's row, as it came and as it reads, and what this vault's own later changes make of it: decision 3, own work is never seen to vanish.
pub(crate) fn replay(
    tx: &Writing<'_>,
    id: TaskId,
    revision: u64,
    (body, row): (Vec<u8>, &TaskRow),
) -> Result<TaskBase, FieldError> {
    let epoch = tx.current_epoch()?;
    let mut local_status = row.status;
    for entry in tx.lane_after(epoch, Lane::task(id), row.covers())? {
        let event = match entry.kind {
            ChangeKind::TaskAccepted => TaskEvent::Accept,
            ChangeKind::TaskArrived => TaskEvent::Arrive,
            ChangeKind::ReportSubmitted => TaskEvent::Submit,
            _ => continue,
        };
        // What was sent back moves nothing, here as there, until it is offered again and taken.
        if tx.was_sent_back(epoch, entry.seq)? {
            continue;
        }
        // Illegal by now: the fact stays in the log, the platform's rules decide (C1–C7).
        local_status = local_status.after(event).unwrap_or(local_status);
    }
    Ok(TaskBase {
        id,
        revision,
        body,
        local_status,
        due_at_ms: row.due_at_ms,
    })
}

/// The next report of a lane.
pub(crate) fn report(tx: &Writing<'_>, lane: Lane, draft: ReportDraft) -> Result<Report, FieldError> {
    let before = tx.newest_in_lane(lane, ChangeKind::ReportSubmitted)?;
    let before = before.and_then(|entry| Body::from_bytes(entry.kind, &entry.body).ok());
    let version = match before.map(|body| body.fact) {
        Some(Fact::ReportSubmitted(report)) => report.version,
        _ => 0,
    };
    Ok(Report {
        version: version.saturating_add(1),
        result: draft.result,
        measures: draft.measures,
        narrative: draft.narrative,
        party_told: draft.party_told,
        agreement: draft.agreement,
        self_handled: draft.self_handled,
        point: draft.point,
        attachments: named_by(&draft.attachments),
    })
}
