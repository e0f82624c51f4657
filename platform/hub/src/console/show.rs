//! From rows to views: what several pages show alike.

use grid_model::{Lane, PatrolId, WorkerId};
use grid_wire::{Body, Fact};

use crate::lateness;
use crate::store::{
    HubRead, Stored, StoredAttachment, StoredCount, StoredExtension, StoredReport, StoredTask,
    StoredTaskEvent, StoredWorker,
};
use crate::views::{
    AttachmentView, CountEntry, ExtensionView, Page, Person, ReportView, TaskDetail, TaskEventView,
    TaskSummary, WorkerView,
};

/// The same page with every row shown.
pub(super) fn each<R, V>(page: Page<R>, show: impl FnMut(R) -> Stored<V>) -> Stored<Page<V>> {
    let items = page.items.into_iter().map(show).collect::<Stored<Vec<V>>>()?;
    Ok(Page {
        total: page.total,
        items,
    })
}

pub(super) fn person<T: HubRead>(tx: &T, id: WorkerId) -> Stored<Person> {
    let name = tx
        .worker(id)?
        .map(|worker| worker.display_name)
        .unwrap_or_default();
    Ok(Person { id, name })
}

pub(super) fn worker(worker: StoredWorker) -> WorkerView {
    let StoredWorker {
        id,
        display_name,
        job_no,
        role,
        post,
        ..
    } = worker;
    WorkerView {
        id,
        name: display_name,
        job_no,
        role,
        post,
    }
}

pub(super) fn summary<T: HubRead>(tx: &T, now_ms: i64, task: StoredTask) -> Stored<TaskSummary> {
    let photos = tx.attachment_count(Lane::task(task.id))?;
    let spared_until_ms = lateness::spared_until(&tx.extensions_of(task.id)?);
    Ok(TaskSummary {
        timeliness: lateness::timeliness(tx, &task, spared_until_ms)?,
        light: lateness::due_light(&task, spared_until_ms, now_ms),
        extension_waits: spared_until_ms.is_some(),
        id: task.id,
        holder: person(tx, task.holder)?,
        no: task.no,
        title: task.title,
        case_kind: task.case_kind,
        level: task.level,
        status: task.status,
        grid_code: task.grid_code,
        place_text: task.place_text,
        created_at_ms: task.created_at_ms,
        delivered_at_ms: task.delivered_at_ms,
        due_at_ms: task.due_at_ms,
        done_at_ms: task.done_at_ms,
        done_clock: task.done_clock,
        late_report: task.late_report,
        revision: task.revision,
        photos_expected: photos.expected,
        photos_here: photos.here,
    })
}

pub(super) fn detail<T: HubRead>(tx: &T, now_ms: i64, task: StoredTask) -> Stored<TaskDetail> {
    let lane = Lane::task(task.id);
    let log = tx
        .task_events(task.id)?
        .into_iter()
        .map(|row| event(tx, row))
        .collect::<Stored<Vec<_>>>()?;
    let asked = tx
        .extensions_of(task.id)?
        .into_iter()
        .map(|row| extension(tx, row));
    let rows = tx.attachments_of_lane(lane)?;
    let reports = tx
        .reports_of(lane)?
        .into_iter()
        .filter_map(|row| report(tx, row, &rows).transpose());
    Ok(TaskDetail {
        description: task.description.clone(),
        extensions: asked.collect::<Stored<Vec<_>>>()?,
        log,
        reports: reports.collect::<Stored<Vec<_>>>()?,
        attachments: attachments(tx, &rows)?,
        summary: summary(tx, now_ms, task)?,
    })
}

fn event<T: HubRead>(tx: &T, row: StoredTaskEvent) -> Stored<TaskEventView> {
    Ok(TaskEventView {
        position: row.position,
        event: row.event,
        actor: person(tx, row.actor)?,
        from: row.from,
        to: row.to,
        reason_code: row.reason_code,
        reason_text: row.reason_text,
        occurred_at_ms: row.occurred.at_ms,
        received_at_ms: row.received_at_ms,
        clock: row.occurred.quality,
        due_moved: row.due_moved,
    })
}

/// A request for more time; its reason is empty if the change cannot be read any more.
pub(super) fn extension<T: HubRead>(tx: &T, row: StoredExtension) -> Stored<ExtensionView> {
    let reason = match body(tx, row.change)?.map(|body| body.fact) {
        Some(Fact::ExtensionRequested(asked)) => asked.reason,
        _ => String::new(),
    };
    let (decided_by, decided_at_ms) = match &row.answer {
        Some(answer) => (Some(person(tx, answer.by)?), Some(answer.at_ms)),
        None => (None, None),
    };
    let given_due_ms = row.answer.as_ref().and_then(|answer| answer.due_at_ms);
    Ok(ExtensionView {
        author: person(tx, row.author)?,
        wanted_due_ms: row.wanted_due_ms,
        due_then_ms: row.due_then_ms,
        reason,
        state: row.state,
        occurred_at_ms: row.occurred.at_ms,
        clock: row.occurred.quality,
        received_at_ms: row.received_at_ms,
        decided_by,
        decided_at_ms,
        given_due_ms,
        answer: row.answer.and_then(|answer| answer.reason),
    })
}

/// The report with its words, which are in the change; none if the change cannot be read any more.
fn report<T: HubRead>(tx: &T, row: StoredReport, rows: &[StoredAttachment]) -> Stored<Option<ReportView>> {
    let Some(Body {
        fact: Fact::ReportSubmitted(fact),
        ..
    }) = body(tx, row.change)?
    else {
        return Ok(None);
    };
    let own: Vec<_> = rows
        .iter()
        .filter(|attachment| attachment.change == row.change)
        .cloned()
        .collect();
    Ok(Some(ReportView {
        fact,
        author: person(tx, row.author)?,
        occurred_at_ms: row.occurred.at_ms,
        clock: row.occurred.quality,
        received_at_ms: row.received_at_ms,
        supplement: row.supplement,
        late: row.late,
        attachments: attachments(tx, &own)?,
    }))
}

/// The body of the change at `position`, if this build can read it.
pub(super) fn body<T: HubRead>(tx: &T, position: u64) -> Stored<Option<Body>> {
    let found = tx.body_at(position)?;
    Ok(found.and_then(|(kind, bytes)| Body::from_bytes(kind, &bytes).ok()))
}

pub(super) fn attachments<T: HubRead>(tx: &T, rows: &[StoredAttachment]) -> Stored<Vec<AttachmentView>> {
    rows.iter()
        .map(|row| {
            let phone_label = tx
                .device(row.device)?
                .map(|device| device.phone_label)
                .unwrap_or_default();
            Ok(AttachmentView {
                sha256: row.sha256,
                role: row.role,
                mime: row.mime.clone(),
                bytes: row.bytes,
                taken_at_ms: row.taken_at_ms,
                here: row.here,
                phone_label,
            })
        })
        .collect()
}

/// The name of a post; its code where the post is not known.
pub(super) fn post_name<T: HubRead>(tx: &T, code: &str) -> Stored<String> {
    Ok(tx
        .post(code)?
        .map_or_else(|| code.to_owned(), |post| post.row.name))
}

/// The patrol that a count names, if it is here and is the counting person's own: whoever knows the id of somebody
/// else's patrol must not write into it. The count itself stays, and so does what it says in the log.
fn own_patrol<T: HubRead>(tx: &T, row: &StoredCount) -> Stored<Option<PatrolId>> {
    let Some(id) = row.patrol else {
        return Ok(None);
    };
    let own = tx.patrol(id)?.filter(|patrol| patrol.worker == row.worker);
    Ok(own.map(|patrol| patrol.id))
}

pub(super) fn count<T: HubRead>(tx: &T, row: StoredCount) -> Stored<CountEntry> {
    Ok(CountEntry {
        patrol: own_patrol(tx, &row)?,
        count_kind: row.count_kind,
        value: row.value,
        summed: row.summed,
        post_name: post_name(tx, &row.post)?,
        post: row.post,
        worker: person(tx, row.worker)?,
        recorded_at_ms: row.recorded_at_ms,
        clock: row.clock,
        received_at_ms: row.received_at_ms,
        reason: row.reason,
        device: row.device,
        seq: row.seq,
    })
}
