//! A page of the feed on this phone: whether it goes on where the phone is, and its rows in the views.

use grid_model::id::TaskId;
use grid_store::{Applied, Reading, Writing};
use grid_wire::{FeedRow, PostRow, PullPage, Receipt, RowKind, decode};

use crate::{FieldError, tasks};

/// Where a page belongs. Looked up once, before its first piece is laid in.
#[derive(Clone, Copy)]
pub(crate) struct PagePlace {
    /// It comes from the store that was met before, or the first one. A vault that was recovered has a past, and may not know
    /// any more which store it met: then it is another one.
    pub(crate) same_store: bool,
    /// It goes on where this phone is, or begins anew. One from elsewhere (an old answer come late) would leave a hole, and
    /// the first of another life of the store comes before this phone has made room for it: it is asked for again from zero.
    pub(crate) is_next: bool,
    /// Its rows say what they take in of the log that is written now. A page that answers a push of another life of the log
    /// (captured while locked, left for a new branch) speaks of that one: it is asked for again.
    pub(crate) is_of_this_log: bool,
}

impl PagePlace {
    pub(crate) fn of(tx: &Reading<'_>, page: &PullPage, receipt: &Receipt) -> Result<Self, FieldError> {
        let feed = tx.feed_state()?;
        let same_store = match feed.incarnation {
            Some(known) => known == receipt.incarnation,
            None => !tx.has_met_a_platform()?,
        };
        let is_next = same_store && (page.from == 0 || page.from == feed.cursor);
        Ok(Self {
            same_store,
            is_next,
            is_of_this_log: receipt.epoch() == tx.current_epoch()?,
        })
    }

    /// Whether its rows are laid in.
    pub(crate) const fn is_taken(self) -> bool {
        self.is_next && self.is_of_this_log
    }

    /// Lays the last rows of a page that is next. Answers where the feed goes on, and whether there is more of it: a page
    /// that speaks of another log leaves it where it is.
    pub(crate) fn lay_last(
        self,
        tx: &Writing<'_>,
        page: &PullPage,
        last: &[FeedRow],
    ) -> Result<(Applied, u64, bool), FieldError> {
        if self.is_of_this_log {
            return Ok((lay_rows(tx, last)?, page.next, page.more));
        }
        Ok((Applied::default(), page.from, true))
    }
}

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
