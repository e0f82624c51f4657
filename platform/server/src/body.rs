//! Reading a request's body under its route's limit. A slow link is not an attack: what counts is that bytes keep coming.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header;
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use tokio::time::{Instant, timeout, timeout_at};

use crate::guard::BodyMax;
use crate::upload::Turn;

/// A body may pause this long between two pieces.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// A body held in memory may take this long in all.
const WHOLE_MAX: Duration = Duration::from_secs(15 * 60);

/// Of a body that was refused at most so much is read away, for at most so long.
const READ_AWAY_BYTES: usize = 1024 * 1024;
const READ_AWAY: Duration = Duration::from_secs(5);

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// More bytes than the route allows.
    TooLarge,
    /// The connection broke or fell silent.
    Cut,
}

/// The whole body.
pub(crate) async fn whole(request: Request) -> Result<Bytes, BodyError> {
    Gathered::of(request)?.rest().await
}

/// A body that is held in memory, as far as it was read.
pub(crate) struct Gathered {
    pieces: Pieces,
    bytes: Vec<u8>,
    most: usize,
    end: Instant,
}

impl Gathered {
    /// A body of which nothing is read yet.
    pub(crate) fn of(request: Request) -> Result<Self, BodyError> {
        let most = request.extensions().get::<BodyMax>().map_or(0, |max| max.0);
        if request.body().size_hint().lower() > most as u64 {
            return Err(BodyError::TooLarge);
        }
        Ok(Self {
            pieces: Pieces::of(request),
            bytes: Vec::new(),
            most,
            end: Instant::now() + WHOLE_MAX,
        })
    }

    /// The body so far, once it has `enough` bytes or has ended.
    pub(crate) async fn up_to(&mut self, enough: usize) -> Result<&[u8], BodyError> {
        while self.bytes.len() < enough {
            let Some(piece) = timeout_at(self.end, self.pieces.next())
                .await
                .map_err(|_| BodyError::Cut)??
            else {
                break;
            };
            self.hold(&piece)?;
        }
        Ok(&self.bytes)
    }

    /// Reads on to the end, or until somebody else wants the turn; whatever arrived is held.
    pub(crate) async fn fill(&mut self, turn: &mut Turn) -> Result<(), BodyError> {
        loop {
            let piece = timeout_at(self.end, turn.next(&mut self.pieces)).await;
            let Some(piece) = piece.map_err(|_| BodyError::Cut)?? else {
                return Ok(());
            };
            self.hold(&piece)?;
        }
    }

    /// Reads what is still to come, under the same limits, and holds nothing of it: its sender gets to read the answer.
    pub(crate) async fn pass_over(mut self) {
        let mut read = std::mem::take(&mut self.bytes).len();
        while read <= self.most
            && let Ok(Ok(Some(piece))) = timeout_at(self.end, self.pieces.next()).await
        {
            read += piece.len();
        }
    }

    /// What is held.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }

    fn hold(&mut self, piece: &Bytes) -> Result<(), BodyError> {
        if self.bytes.len() + piece.len() > self.most {
            return Err(BodyError::TooLarge);
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// All of it.
    pub(crate) async fn rest(mut self) -> Result<Bytes, BodyError> {
        self.up_to(usize::MAX).await?;
        Ok(self.bytes.into())
    }
}

/// A body, piece by piece.
pub(crate) struct Pieces {
    body: Body,
    /// Its sender waits to be told that somebody reads it.
    waits: bool,
}

impl Pieces {
    /// The body of a request.
    pub(crate) fn of(request: Request) -> Self {
        Self {
            waits: request.headers().contains_key(header::EXPECT),
            body: request.into_body(),
        }
    }

    /// Reads away what is on its way of a body that nobody wants, while its answer leaves: a connection that closes over
    /// unread bytes may take the answer with it. What was not sent yet is not asked for.
    pub(crate) fn read_away(mut self) {
        if self.waits {
            return;
        }
        tokio::spawn(timeout(READ_AWAY, async move {
            let mut read = 0;
            while read < READ_AWAY_BYTES
                && let Ok(Some(bytes)) = self.next().await
            {
                read += bytes.len();
            }
        }));
    }

    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            self.waits = false;
            let frame = timeout(PAUSE_MAX, self.body.frame())
                .await
                .map_err(|_| BodyError::Cut)?;
            match frame {
                None => return Ok(None),
                Some(Err(_)) => return Err(BodyError::Cut),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) if !bytes.is_empty() => return Ok(Some(bytes)),
                    _ => {}
                },
            }
        }
    }
}
