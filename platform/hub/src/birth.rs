//! The birth of a task: what is checked, and what a dispatch writes.

use grid_model::deadline::WorkCalendar;
use grid_model::limits::{
    DESCRIPTION_CHARS_MAX, DUE_WITHIN_MS, PLACE_CHARS_MAX, REASON_CHARS_MAX, TITLE_CHARS_MAX,
};
use grid_model::terms::{CaseKind, Level, RowKind};
use grid_model::{TaskEvent, TaskStatus};

use crate::entropy::new_id;
use crate::exchange::at_the_platform;
use crate::number::next_task_no;
use crate::store::{Audience, HubRead, HubTxn, Stored, StoredTask, StoredTaskEvent, StoredWorker};
use crate::text::{bounded, digits, needed};
use crate::{Entropy, HubError};

/// A dispatch lies in this century, UTC ms: date arithmetic stays far from its ends.
const BELIEVED_MS: std::ops::Range<i64> = 946_684_800_000..4_102_444_800_000;
const NO_CHARS_MAX: usize = 40;

/// What a new task says.
pub(crate) struct TaskBirth<'a> {
    /// Human number; the next free one when absent.
    pub(crate) no: Option<&'a str>,
    pub(crate) title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) case_kind: CaseKind,
    pub(crate) level: Level,
    /// May be empty.
    pub(crate) grid_code: &'a str,
    pub(crate) place_text: &'a str,
    pub(crate) created_at_ms: i64,
    /// Computed from the calendar when absent.
    pub(crate) due_at_ms: Option<i64>,
    pub(crate) reason: Option<&'a str>,
}

/// The first field that cannot be taken, and what is wrong with it.
pub(crate) fn misshapen<T: HubRead>(
    tx: &T,
    task: &TaskBirth<'_>,
    calendar: &WorkCalendar,
) -> Stored<Option<(&'static str, &'static str)>> {
    let texts = [
        ("no", task.no.and_then(|no| needed(no, NO_CHARS_MAX))),
        ("title", needed(task.title, TITLE_CHARS_MAX)),
        ("description", bounded(task.description, DESCRIPTION_CHARS_MAX)),
        ("place_text", bounded(task.place_text, PLACE_CHARS_MAX)),
        (
            "reason",
            task.reason.and_then(|reason| bounded(reason, REASON_CHARS_MAX)),
        ),
        (
            "case_kind",
            matches!(task.case_kind, CaseKind::Unknown(_)).then_some("is unknown"),
        ),
        (
            "dispatched_at",
            (!BELIEVED_MS.contains(&task.created_at_ms)).then_some("is not in this century"),
        ),
        (
            "level",
            matches!(task.level, Level::Unknown(_)).then_some("is unknown"),
        ),
    ];
    if let Some((field, wrong)) = texts.into_iter().find_map(|(field, wrong)| Some((field, wrong?))) {
        return Ok(Some((field, wrong)));
    }
    match task
        .due_at_ms
        .or_else(|| calendar.due_at_ms(task.level, task.created_at_ms))
    {
        None => return Ok(Some(("due_at", "is needed for a complex matter"))),
        Some(due_at_ms) => {
            if let Some(wrong) = beyond_ten_years(task.created_at_ms, due_at_ms) {
                return Ok(Some(("due_at", wrong)));
            }
        }
    }
    Ok(grid_code_wrong(tx, task.grid_code)?.map(|wrong| ("grid_code", wrong)))
}

/// What is wrong with a due time that no task has.
pub(crate) fn beyond_ten_years(created_at_ms: i64, due_at_ms: i64) -> Option<&'static str> {
    let allowed = created_at_ms..=created_at_ms.saturating_add(DUE_WITHIN_MS);
    (!allowed.contains(&due_at_ms)).then_some("is not within ten years after the dispatch")
}

/// A grid lies in a village: 12 digits of the village and 3 of its own.
fn grid_code_wrong<T: HubRead>(tx: &T, code: &str) -> Stored<Option<&'static str>> {
    if code.is_empty() {
        return Ok(None);
    }
    if !digits(code, 15) {
        return Ok(Some("is not 15 digits"));
    }
    let known = tx.division_count()? == 0 || tx.division(&code[..12])?.is_some();
    Ok((!known).then_some("begins with no village of the division table"))
}

/// Writes a checked task, the first line of its log and its place in the holder's feed.
pub(crate) fn bear<T: HubTxn>(
    tx: &mut T,
    entropy: &dyn Entropy,
    calendar: &WorkCalendar,
    now_ms: i64,
    (dispatcher, holder): (&StoredWorker, &StoredWorker),
    birth: &TaskBirth<'_>,
) -> Stored<StoredTask> {
    let org = tx
        .org(holder.org)?
        .ok_or(HubError::Bug("a worker without an organisation"))?;
    let id: grid_model::TaskId = new_id(entropy, now_ms)?;
    let no = match birth.no {
        Some(no) => no.to_owned(),
        None => next_task_no(tx, &org.prefix, birth.created_at_ms)?,
    };
    let due_at_ms = birth
        .due_at_ms
        .or_else(|| calendar.due_at_ms(birth.level, birth.created_at_ms));
    let task = StoredTask {
        id,
        org: org.id,
        no,
        title: birth.title.to_owned(),
        description: birth.description.to_owned(),
        case_kind: birth.case_kind,
        level: birth.level,
        status: TaskStatus::Assigned,
        holder: holder.id,
        dispatcher: dispatcher.id,
        grid_code: birth.grid_code.to_owned(),
        place_text: birth.place_text.to_owned(),
        created_at_ms: birth.created_at_ms,
        dispatched_position: tx.feed_touch(Audience::Worker(holder.id), RowKind::Task, id.bytes())?,
        delivered_at_ms: None,
        due_at_ms: due_at_ms.ok_or(HubError::Bug("a task without a due time passed its check"))?,
        done_at_ms: None,
        done_clock: None,
        late_report: false,
        reason: None,
        revision: 1,
    };
    tx.add_task(&task)?;
    tx.add_task_event(&StoredTaskEvent {
        position: 0,
        task: id,
        event: TaskEvent::Dispatch,
        actor: dispatcher.id,
        from: None,
        to: TaskStatus::Assigned,
        reason_code: None,
        reason_text: birth.reason.map(str::to_owned),
        occurred: at_the_platform(birth.created_at_ms),
        received_at_ms: now_ms,
        change: None,
        due_moved: None,
    })?;
    Ok(task)
}
