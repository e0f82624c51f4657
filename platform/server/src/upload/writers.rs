//! One writer for each upload, and for what each device pushes. A newcomer is the same device on a fresh connection, so
//! the older writer, which hangs on a dead one, gives way: it keeps what arrived and ends.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use grid_hub::UploadId;
use tokio::sync::{Mutex as Gate, OwnedMutexGuard, watch};
use tokio::time::{Instant, timeout};

use crate::body::{BodyError, Pieces};
use crate::device::Refused;

/// A writer that gives way waits this long for each bit that is on its way, and this long in all; what it takes to keep what
/// came is not counted, so that a slow disk drops nothing that arrived.
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
    /// How long it may still wait, once somebody else wants it.
    patience: Option<Duration>,
    _held: OwnedMutexGuard<()>,
}

/// A turn that was asked for when its request came, before its grant was looked at: a question how far an upload got must not
/// overtake the bytes that were sent before it, or they go twice.
#[derive(Clone, Debug)]
pub(crate) struct Queued(Arc<Mutex<Option<Turn>>>);

impl Queued {
    /// The turn at the upload of this path, if it is the path of one.
    pub(crate) async fn at(writers: &Writers<UploadId>, path: &str) -> Option<Self> {
        let id = path.strip_prefix("/v1/uploads/")?.parse().ok()?;
        let turn = writers.take(id).await;
        Some(Self(Arc::new(Mutex::new(Some(turn)))))
    }

    /// The turn, for whoever asks first.
    pub(crate) fn claim(&self) -> Option<Turn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<S: Sync> FromRequestParts<S> for Turn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let queued = parts.extensions.get().and_then(Queued::claim);
        queued.ok_or_else(super::headers::unknown_upload)
    }
}

impl<K: Copy + Eq + Hash> Writers<K> {
    /// Asks the current writer to end and waits until it has.
    pub(crate) async fn take(&self, id: K) -> Turn {
        let (seat, number) = self.seat(id);
        let held = seat.gate.lock_owned().await;
        Turn {
            number,
            newest: seat.newest.subscribe(),
            patience: None,
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
        let patience = match self.patience {
            Some(patience) => patience,
            None => tokio::select! {
                biased;
                piece = pieces.next() => return piece,
                () = self.wanted() => LEAVING_MAX,
            },
        };
        let begun = Instant::now();
        let piece = timeout(LAST_LOOK.min(patience), pieces.next()).await;
        self.patience = Some(patience.saturating_sub(begun.elapsed()));
        piece.unwrap_or(Err(BodyError::Cut))
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

    #[tokio::test]
    async fn requests_for_an_upload_are_served_as_they_came() {
        let writers = Arc::new(Writers::default());
        let path = format!("/v1/uploads/{}", UploadId([1; 16]));
        let sends = Queued::at(&writers, &path).await.unwrap();
        let asks = tokio::spawn({
            let (writers, path) = (Arc::clone(&writers), path.clone());
            async move { Queued::at(&writers, &path).await.unwrap().claim() }
        });
        // The one that came first is looked at for longer, and still goes first.
        tokio::task::yield_now().await;
        let mut turn = sends.claim().unwrap();
        turn.wanted().await;
        assert!(sends.claim().is_none() && !asks.is_finished());
        drop(turn);
        assert_eq!(asks.await.unwrap().map(|turn| turn.number), Some(2));
        assert!(Queued::at(&writers, "/v1/sync").await.is_none());
    }
}
