//! A few read connections, lent one at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::Connection;

pub(crate) struct Pool {
    connections: Vec<Mutex<Connection>>,
    turn: AtomicUsize,
}

impl Pool {
    /// A pool of these.
    pub(crate) fn of(connections: Vec<Connection>) -> Self {
        Self {
            connections: connections.into_iter().map(Mutex::new).collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// A free connection; if none is, the next one in turn, once it is. `None` only from an empty pool.
    ///
    /// A reader that panicked left its transaction rolled back, so a poisoned lock is taken as it is.
    pub(crate) fn take(&self) -> Option<MutexGuard<'_, Connection>> {
        for connection in &self.connections {
            match connection.try_lock() {
                Ok(free) => return Some(free),
                Err(TryLockError::Poisoned(free)) => return Some(free.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        let turn = self
            .turn
            .fetch_add(1, Ordering::Relaxed)
            .checked_rem(self.connections.len())?;
        Some(
            self.connections
                .get(turn)?
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }
}
