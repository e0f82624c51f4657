//! A running transaction as a type: what must be inside one takes it, what may wait cannot get one.

use std::cell::{Cell, RefCell, RefMut};
use std::ops::Deref;

use grid_model::Sha256;
use grid_model::id::{Epoch, PatrolId};
use grid_model::track::TrackPoint;
use grid_wire::lifeboat::FileKeyRow;
use grid_wire::{Entry, Head};
use rusqlite::Transaction;

use crate::StoreError;
use crate::lanes::Tail;
use crate::log::Life;

/// A consistent view of the store.
pub struct Reading<'c> {
    transaction: Transaction<'c>,
    life: Cell<Option<Life>>,
    lanes: RefCell<Option<Tail>>,
    distrusted: Cell<bool>,
}

impl<'c> Reading<'c> {
    pub(crate) const fn new(transaction: Transaction<'c>, lanes: Option<Tail>) -> Self {
        Self {
            transaction,
            life: Cell::new(None),
            lanes: RefCell::new(lanes),
            distrusted: Cell::new(false),
        }
    }

    /// The connection met a page that it could not read: it is not used again.
    pub(crate) fn distrust(&self) {
        self.distrusted.set(true);
    }

    pub(crate) const fn is_distrusted(&self) -> bool {
        self.distrusted.get()
    }

    pub(crate) const fn sql(&self) -> &Transaction<'c> {
        &self.transaction
    }

    /// What is known of the lanes behind the table's mark.
    pub(crate) fn known_tail(&self) -> RefMut<'_, Option<Tail>> {
        self.lanes.borrow_mut()
    }

    pub(crate) const fn known_life(&self) -> Option<Life> {
        self.life.get()
    }

    pub(crate) fn know_life(&self, life: Life) {
        self.life.set(Some(life));
    }

    pub(crate) fn forget_life(&self) {
        self.life.set(None);
    }
}

/// Something written in a transaction that the lifeboat does not have yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unguarded {
    Change {
        epoch: Epoch,
        entry: Entry,
        h: Sha256,
        body_hash: Sha256,
        recorded_at_ms: i64,
        files: Vec<FileKeyRow>,
    },
    File(FileKeyRow),
    Fix {
        patrol: PatrolId,
        number: u64,
        point: TrackPoint,
    },
}

/// The one write transaction; reads what it writes.
pub struct Writing<'c> {
    reading: Reading<'c>,
    unguarded: RefCell<Vec<Unguarded>>,
    newest: Cell<Option<(i64, Head)>>,
}

impl<'c> Writing<'c> {
    /// `lanes` is what an earlier transaction of this writer left (`Self::commit`).
    pub(crate) const fn new(transaction: Transaction<'c>, lanes: Option<Tail>) -> Self {
        Self {
            reading: Reading::new(transaction, lanes),
            unguarded: RefCell::new(Vec::new()),
            newest: Cell::new(None),
        }
    }

    /// Commits; answers what is known of the lanes now, for the next transaction. What was rolled back is known no more.
    pub(crate) fn commit(self) -> Result<Option<Tail>, StoreError> {
        let lanes = self.reading.lanes.take();
        self.reading.transaction.commit()?;
        Ok(lanes)
    }

    /// The last change that this transaction appended, with the ordinal of its life.
    pub(crate) const fn known_newest(&self) -> Option<(i64, Head)> {
        self.newest.get()
    }

    pub(crate) fn know_newest(&self, newest: Option<(i64, Head)>) {
        self.newest.set(newest);
    }

    /// What this transaction wrote goes into the lifeboat once it is committed.
    pub(crate) fn leave_unguarded(&self, what: Unguarded) {
        self.unguarded.borrow_mut().push(what);
    }

    pub(crate) fn take_unguarded(&self) -> Vec<Unguarded> {
        self.unguarded.take()
    }

    /// A write that changes nothing, so that its commit flushes what was buffered before it. A row updated to what it was
    /// would not do: SQLite leaves such a page clean, and a commit without a dirty page flushes nothing. Writing the
    /// header's application id always makes its page dirty.
    pub(crate) fn touch(&self) -> Result<(), StoreError> {
        self.sql().execute_batch("PRAGMA application_id = 0")?;
        Ok(())
    }
}

impl<'c> Deref for Writing<'c> {
    type Target = Reading<'c>;

    fn deref(&self) -> &Reading<'c> {
        &self.reading
    }
}
