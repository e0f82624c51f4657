//! The rows of a page of the feed, in the views of this phone.

use grid_model::id::TaskId;
use grid_store::{Applied, Writing};
use grid_wire::{FeedRow, PostRow, RowKind, decode};

use crate::{FieldError, tasks};

/// Lays rows into the views; what this build cannot read is left out and counted.
pub(crate) fn lay_rows(tx: &Writing<'_>, rows: &[FeedRow]) -> Result<Applied, FieldError> {
    let mut applied = Applied::default();
    for row in rows {
        let taken = match row.kind {
            RowKind::Task => apply_task(tx, &row.id, row.revision, &row.body)?,
            RowKind::Post => apply_post(tx, &row.body)?,
            RowKind::Unknown(_) => false,
        };
        applied.rows += u64::from(taken);
        applied.skipped += u64::from(!taken);
    }
    Ok(applied)
}

fn apply_task(tx: &Writing<'_>, id: &[u8], revision: u64, body: &[u8]) -> Result<bool, FieldError> {
    let Ok(id) = <[u8; 16]>::try_from(id).map(TaskId) else {
        return Ok(false);
    };
    // Revision 0 says of a task here that the platform has not told of it again.
    let revision = revision.max(1);
    if decode::<grid_wire::TaskRow>(body, "task row").is_err() {
        tx.believe_task(id, revision)?;
        return Ok(false);
    }
    // Never back to an older state of the same store.
    if tx.task(id)?.is_some_and(|known| known.revision > revision) {
        return Ok(true);
    }
    tx.put_task(&tasks::replay(tx, id, revision, body.to_vec())?)?;
    Ok(true)
}

fn apply_post(tx: &Writing<'_>, body: &[u8]) -> Result<bool, FieldError> {
    let Ok(post) = decode::<PostRow>(body, "post row") else {
        return Ok(false);
    };
    tx.put_post(&post.code, body)?;
    Ok(true)
}
