//! A running transaction as a type: what must be inside one takes it, what may wait cannot get one.

use std::ops::Deref;

use rusqlite::Transaction;

use crate::StoreError;

/// A consistent view of the store.
pub struct Reading<'c>(Transaction<'c>);

impl<'c> Reading<'c> {
    pub(crate) const fn new(transaction: Transaction<'c>) -> Self {
        Self(transaction)
    }

    pub(crate) const fn sql(&self) -> &Transaction<'c> {
        &self.0
    }
}

/// The one write transaction; reads what it writes.
pub struct Writing<'c>(Reading<'c>);

impl<'c> Writing<'c> {
    pub(crate) const fn new(transaction: Transaction<'c>) -> Self {
        Self(Reading(transaction))
    }

    pub(crate) fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.0.commit()?)
    }

    /// A write that changes nothing, so that its commit flushes what was buffered before it.
    pub(crate) fn touch(&self) -> Result<(), StoreError> {
        self.sql()
            .execute_batch("UPDATE feed SET cursor = cursor WHERE one = 1")?;
        Ok(())
    }
}

impl<'c> Deref for Writing<'c> {
    type Target = Reading<'c>;

    fn deref(&self) -> &Reading<'c> {
        &self.0
    }
}
