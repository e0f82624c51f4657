//! One writer for each upload. A newcomer is the same device on a fresh connection, so the older writer, which hangs on a
//! dead one, gives way: it keeps what arrived and ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use grid_hub::UploadId;
use tokio::sync::{Mutex as Gate, OwnedMutexGuard, watch};

/// Who is writing what.
#[derive(Debug, Default)]
pub(crate) struct Writers(Mutex<HashMap<UploadId, Seat>>);

#[derive(Clone, Debug)]
struct Seat {
    gate: Arc<Gate<()>>,
    newest: watch::Sender<u64>,
}

/// The right to write to one upload, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    number: u64,
    newest: watch::Receiver<u64>,
    _held: OwnedMutexGuard<()>,
}

impl Writers {
    /// Asks the current writer to end and waits until it has.
    pub(crate) async fn take(&self, id: UploadId) -> Turn {
        let (seat, number) = self.seat(id);
        let held = seat.gate.lock_owned().await;
        Turn {
            number,
            newest: seat.newest.subscribe(),
            _held: held,
        }
    }

    fn seat(&self, id: UploadId) -> (Seat, u64) {
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
    /// Ends when somebody else wants this turn.
    pub(crate) async fn wanted(&mut self) {
        let number = self.number;
        if self.newest.wait_for(|newest| *newest > number).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
