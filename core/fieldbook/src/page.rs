//! The rows of a page of the feed, in the views of this phone.

use grid_model::id::TaskId;
use grid_store::{Applied, TaskBase, Writing};
use grid_wire::{FeedRow, PostRow, RowKind, TaskMoved, TaskRow, decode};

use crate::changed::Changed;
use crate::{FieldError, tasks};

/// Lays rows into the views; what this build cannot read is left out, counted, and known to be there.
pub(crate) fn lay_rows(
    tx: &Writing<'_>,
    rows: &[FeedRow],
    changed: &mut Changed,
) -> Result<Applied, FieldError> {
    let mut applied = Applied::default();
    let mut has_unread = tx.has_unread()?;
    for row in rows {
        // Revision 0 says of a row here that the platform has not told of it again.
        let revision = row.revision.max(1);
        if let Some(moved) = &row.moved {
            let unread = has_unread && tx.is_unread(row.kind, &row.id)?;
            if unread {
                tx.note_unread(row.kind, &row.id, revision)?;
            }
            let taken = !unread && move_task(tx, row, moved.clone(), revision, changed)?;
            applied.rows += u64::from(taken);
            applied.skipped += u64::from(!taken);
            continue;
        }
        let taken = match row.kind {
            RowKind::Task => apply_task(tx, row, revision, changed)?,
            RowKind::Post => apply_post(tx, row, revision)?,
            RowKind::Unknown(_) => false,
        };
        if !taken && !row.body.is_empty() {
            tx.note_unread(row.kind, &row.id, revision)?;
            has_unread = true;
        } else if has_unread {
            tx.forget_unread(row.kind, &row.id)?;
        }
        applied.rows += u64::from(taken);
        applied.skipped += u64::from(!taken);
    }
    Ok(applied)
}

fn apply_task(
    tx: &Writing<'_>,
    row: &FeedRow,
    revision: u64,
    changed: &mut Changed,
) -> Result<bool, FieldError> {
    let Ok(id) = <[u8; 16]>::try_from(row.id.as_slice()).map(TaskId) else {
        return Ok(false);
    };
    let known = tx.task(id)?;
    if row.body.is_empty() {
        if let Some(known) = &known {
            changed.task_is_gone(known);
            tx.drop_task(id)?;
        }
        return Ok(true);
    }
    let Ok(told) = decode(&row.body, "task row") else {
        tx.believe_task(id, revision)?;
        return Ok(false);
    };
    put_told(
        tx,
        id,
        known.as_ref(),
        (revision, row.body.clone(), told),
        changed,
    )?;
    Ok(true)
}

/// Lays what moved into the task as it is here. Where it is not here, the sums at the end of the round tell, and everything is
/// fetched anew.
fn move_task(
    tx: &Writing<'_>,
    row: &FeedRow,
    moved: TaskMoved,
    revision: u64,
    changed: &mut Changed,
) -> Result<bool, FieldError> {
    let (RowKind::Task, Ok(id)) = (row.kind, <[u8; 16]>::try_from(row.id.as_slice()).map(TaskId)) else {
        return Ok(false);
    };
    let Some(known) = tx.task(id)? else {
        return Ok(false);
    };
    let Ok((body, told)) = moved.laid_into(&known.body) else {
        return Ok(false);
    };
    put_told(tx, id, Some(&known), (revision, body, told), changed)?;
    Ok(true)
}

/// Keeps a task as the platform told it, but never goes back to an older state of the same store.
fn put_told(
    tx: &Writing<'_>,
    id: TaskId,
    known: Option<&TaskBase>,
    (revision, body, row): (u64, Vec<u8>, TaskRow),
    changed: &mut Changed,
) -> Result<(), FieldError> {
    if known.is_some_and(|known| known.revision > revision) {
        return Ok(());
    }
    let now = tasks::replay(tx, id, revision, (body, &row))?;
    changed.task_is_told(known, &now);
    tx.put_task(&now)?;
    Ok(())
}

fn apply_post(tx: &Writing<'_>, row: &FeedRow, revision: u64) -> Result<bool, FieldError> {
    if row.body.is_empty() {
        if let Ok(post) = std::str::from_utf8(&row.id) {
            tx.drop_post(post)?;
        }
        return Ok(true);
    }
    let Ok(post) = decode::<PostRow>(&row.body, "post row") else {
        return Ok(false);
    };
    tx.put_post(&post.code, revision, &row.body)?;
    Ok(true)
}
