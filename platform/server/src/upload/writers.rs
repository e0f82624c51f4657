//! One writer for each upload, and for what each device pushes. A newcomer is the same device on a fresh connection, so
//! the older writer, which hangs on a dead one, gives way: it keeps what arrived and ends.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{Mutex as Gate, OwnedMutexGuard, watch};
use tokio::time::{Instant, timeout_at};

use crate::body::{BodyError, Pieces};

/// A writer that gives way waits this long for each bit that is on its way, and this long in all.
const LAST_LOOK: Duration = Duration::from_millis(100);
const LEAVING_MAX: Duration = Duration::from_secs(1);

/// Who is writing what.
#[derive(Debug)]
pub(crate) struct Writers<K>(Mutex<HashMap<K, Seat>>);

impl<K> Default for Writers<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[derive(Clone, Debug)]
struct Seat {
    gate: Arc<Gate<()>>,
    newest: watch::Sender<u64>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    number: u64,
    newest: watch::Receiver<u64>,
    /// When it ends at the latest, once somebody else wants it.
    leave_by: Option<Instant>,
    _held: OwnedMutexGuard<()>,
}

impl<K: Copy + Eq + Hash> Writers<K> {
    /// Asks the current writer to end and waits until it has.
    pub(crate) async fn take(&self, id: K) -> Turn {
        let (seat, number) = self.seat(id);
        let held = seat.gate.lock_owned().await;
        Turn {
            number,
            newest: seat.newest.subscribe(),
            leave_by: None,
            _held: held,
        }
    }

    fn seat(&self, id: K) -> (Seat, u64) {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A seat that only this table knows has no writer and nobody waiting.
        seats.retain(|_, seat| Arc::strong_count(&seat.gate) > 1);
        let seat = seats.entry(id).or_insert_with(|| Seat {
            gate: Arc::default(),
            newest: watch::Sender::new(0),
        });
        let mut number = 0;
        seat.newest.send_modify(|newest| {
            *newest += 1;
            number = *newest;
        });
        (seat.clone(), number)
    }
}

impl Turn {
    /// The next bytes. Once somebody else wants the turn, only those that are on their way already: what arrived is kept
    /// even when the one who sent it is asking on another connection.
    pub(crate) async fn next(&mut self, pieces: &mut Pieces) -> Result<Option<Bytes>, BodyError> {
        if self.leave_by.is_none() {
            tokio::select! {
                biased;
                piece = pieces.next() => return piece,
                () = self.wanted() => self.leave_by = Some(Instant::now() + LEAVING_MAX),
            }
        }
        let last_look = Instant::now() + LAST_LOOK;
        let last_look = self.leave_by.map_or(last_look, |end| end.min(last_look));
        timeout_at(last_look, pieces.next())
            .await
            .unwrap_or(Err(BodyError::Cut))
    }

    /// Ends when somebody else wants this turn.
    async fn wanted(&mut self) {
        let number = self.number;
        if self.newest.wait_for(|newest| *newest > number).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_hub::UploadId;

    #[tokio::test]
    async fn the_newcomer_gets_the_turn_and_the_older_one_hears_of_it() {
        let writers = Arc::new(Writers::default());
        let id = UploadId([1; 16]);
        let mut older = writers.take(id).await;
        let newcomer = tokio::spawn({
            let writers = Arc::clone(&writers);
            async move { writers.take(id).await.number }
        });
        older.wanted().await;
        drop(older);
        assert_eq!(newcomer.await.unwrap(), 2);
        drop(writers.take(UploadId([2; 16])).await);
        assert!(
            !writers.0.lock().unwrap().contains_key(&id),
            "an upload without a writer is forgotten"
        );
    }
}
