//! The page a device gets: the newest state of each thing it must know, in the platform's order.

use grid_model::limits::PULL_PAGE_BYTES_MAX;
use grid_model::terms::RowKind;
use grid_model::{DeviceId, Epoch, ExtensionState, Lane, TaskId, WorkerId};
use grid_wire::{ExtensionRow, FeedRow, PullPage, TaskMoved, TaskRow, encode};

use crate::store::{FeedPlace, HubRead, Stored, StoredExtension, StoredTask, StoredWorker};

/// Places read at a time.
const STRETCH: u32 = 128;
/// What a row costs beside its id and body, bytes.
const ROW_OVERHEAD_BYTES: usize = 16;
/// What a short row of a task has beside its reason, bytes.
const MOVED_BYTES: usize = 20;
/// What a request for more time in it has beside its answer, bytes.
const EXTENSION_BYTES: usize = 16;

/// The page after `from`, for a device that holds every task which was dispatched up to `whole_to` and reads short rows of
/// them. It holds at least one row if there is one, however small the device's budget, so that a
/// device always gets on.
pub(super) fn page<T: HubRead>(
    tx: &T,
    worker: &StoredWorker,
    log: (DeviceId, Epoch),
    (from, whole_to): (u64, u64),
    bytes_max: u64,
) -> Stored<PullPage> {
    let bytes_max = usize::try_from(bytes_max)
        .unwrap_or(usize::MAX)
        .min(PULL_PAGE_BYTES_MAX);
    let mut page = PullPage {
        from,
        next: from,
        ..PullPage::default()
    };
    let mut bytes = 0;
    loop {
        let places = tx.feed_after(worker.id, worker.org, page.next, STRETCH)?;
        for place in &places {
            let Some(row) = row(tx, worker.id, (log, whole_to), place)? else {
                page.next = place.position;
                continue;
            };
            let cost = row.body.len() + row.id.len() + moved_bytes(&row) + ROW_OVERHEAD_BYTES;
            if !page.rows.is_empty() && bytes + cost > bytes_max {
                page.more = true;
                return Ok(page);
            }
            bytes += cost;
            page.rows.push(row);
            page.next = place.position;
        }
        if places.len() < STRETCH as usize {
            return Ok(page);
        }
    }
}

fn moved_bytes(row: &FeedRow) -> usize {
    let text = |text: Option<&String>| text.map_or(0, String::len);
    let answer = |moved: &TaskMoved| {
        let extension = moved.extension.as_ref();
        extension.map_or(0, |extension| EXTENSION_BYTES + text(extension.answer.as_ref()))
    };
    row.moved.as_ref().map_or(0, |moved| {
        MOVED_BYTES + text(moved.reason.as_ref()) + answer(moved)
    })
}

/// The newest state of a thing; a thing that is not there any more, or is somebody else's by now, has no body.
fn row<T: HubRead>(
    tx: &T,
    worker: WorkerId,
    (log, whole_to): ((DeviceId, Epoch), u64),
    place: &FeedPlace,
) -> Stored<Option<FeedRow>> {
    let mut moved = None;
    let state = match place.kind {
        RowKind::Task => {
            let Ok(id) = <[u8; 16]>::try_from(place.id.as_slice()) else {
                return Ok(None);
            };
            let task = tx.task(TaskId(id))?.filter(|task| task.holder == worker);
            match task {
                None => None,
                // Its words do not change after its dispatch, and with a new holder it is dispatched anew.
                Some(task) if task.dispatched_position <= whole_to => {
                    moved = Some(TaskMoved::of(told(tx, log, &task)?));
                    Some((task.revision, Vec::new()))
                }
                Some(task) => Some((task.revision, encode(&told(tx, log, &task)?))),
            }
        }
        RowKind::Post => {
            let post = tx.post(&String::from_utf8_lossy(&place.id))?;
            post.map(|post| (post.revision, encode(&post.row)))
        }
        RowKind::Unknown(_) => return Ok(None),
    };
    let (revision, body) = state.unwrap_or_default();
    Ok(Some(FeedRow {
        kind: place.kind,
        id: place.id.clone(),
        revision,
        body,
        moved,
    }))
}

/// A task as this log's device is told of it.
fn told<T: HubRead>(tx: &T, log: (DeviceId, Epoch), task: &StoredTask) -> Stored<TaskRow> {
    let lane = Lane::task(task.id);
    let covers = tx.folded_to(log.0, log.1, lane)?;
    let mut row = task_row(task);
    // The holder's own words that lost against others, or came behind the decision, are kept: he is told.
    let moved_on = !task.status.is_open_for_holder();
    row.late_report |= moved_on && tx.has_supplement_of(log.0, lane)?;
    row.extension = counting(tx.extensions_of(task.id)?);
    Ok(row.covering(covers))
}

fn task_row(task: &StoredTask) -> TaskRow {
    TaskRow {
        no: task.no.clone(),
        title: task.title.clone(),
        description: task.description.clone(),
        case_kind: task.case_kind,
        level: task.level,
        status: task.status,
        grid_code: task.grid_code.clone(),
        place_text: task.place_text.clone(),
        created_at_ms: task.created_at_ms,
        due_at_ms: task.due_at_ms,
        reason: task.reason.clone(),
        late_report: task.late_report,
        covers: 0,
        extension: None,
    }
}

/// The request for more time that counts now: one that waits, or else the one that was answered or came too late last.
fn counting(asked: Vec<StoredExtension>) -> Option<ExtensionRow> {
    let last_ms = |row: &StoredExtension| {
        row.answer
            .as_ref()
            .map_or(row.received_at_ms, |answer| answer.at_ms)
    };
    let found = asked
        .into_iter()
        .filter(|row| row.state != ExtensionState::Superseded)
        .max_by_key(|row| (row.state == ExtensionState::Pending, last_ms(row), row.change))?;
    Some(ExtensionRow {
        state: found.state,
        wanted_due_ms: found.wanted_due_ms,
        answer: found.answer.and_then(|answer| answer.reason),
    })
}
