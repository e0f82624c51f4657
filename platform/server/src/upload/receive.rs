//! Taking in a piece: write, flush, note the offset, and at the end check the hash.

use std::time::Duration;

use axum::body::Bytes;
use grid_hub::{UploadId, UploadState};
use grid_model::DeviceId;
use grid_wire::{Refusal, RefusalCode};

use tokio::time::{Instant, timeout_at};

use super::spool::{self, Kept};
use super::writers::Turn;
use crate::Platform;
use crate::body::{BodyError, Pieces};
use crate::device::Refused;
use crate::fault::Fault;

/// Bytes held in memory before they are flushed and the offset moves.
const FLUSH_BYTES: usize = 256 * 1024;

/// A writer that gives way waits this long for each bit that is on its way, and this long in all.
const LAST_LOOK: Duration = Duration::from_millis(100);
const LEAVING_MAX: Duration = Duration::from_secs(1);

/// What became of a piece.
pub(crate) enum Taken {
    /// It is here; the upload stands so.
    To(UploadState),
    /// It was refused at its end, or before its beginning; the upload stands so.
    Not(UploadState, Refused),
}

/// Takes a piece that begins at `from`. Runs to its end even when the caller's connection is gone: what arrived is kept.
pub(crate) async fn receive(
    platform: Platform,
    device: DeviceId,
    id: UploadId,
    from: u64,
    pieces: Pieces,
) -> Result<Taken, Refused> {
    let work = async move {
        let turn = platform.writers().take(id).await;
        let state = platform
            .ask_device(move |hub, _| hub.upload_state(device, id))
            .await?;
        if state.offset != from {
            let refusal = Refusal::new(RefusalCode::WrongOffset, "the upload stands elsewhere");
            return Ok(Taken::Not(state, refusal.into()));
        }
        Intake {
            platform,
            device,
            state,
            held: Vec::new(),
        }
        .run(turn, pieces)
        .await
    };
    tokio::spawn(work)
        .await
        .map_err(|gone| Refused::from(Fault::from(gone)))?
}

/// The state of an upload, ended first if all of its bytes are here: a crash may have come before the end was noted.
pub(crate) async fn settled(
    platform: &Platform,
    device: DeviceId,
    state: UploadState,
) -> Result<UploadState, Refused> {
    if state.complete || state.offset < state.bytes {
        return Ok(state);
    }
    platform
        .blocking(move |platform| {
            let matches = spool::finish(platform.folder(), &state).map_err(Fault::from)?;
            let ended = platform
                .hub()
                .upload_finish(platform.now_ms(), device, state.id, matches);
            if !matches {
                spool::discard(platform.folder(), &state).map_err(Fault::from)?;
            }
            ended.map_err(Fault::from)?.map_err(Refused::from)
        })
        .await
}

/// The next bytes. Once somebody else wants the turn, only those that are on their way already: a piece that arrived is
/// kept even when the one who sent it is asking on another connection.
async fn next(
    pieces: &mut Pieces,
    turn: &mut Turn,
    leave_by: &mut Option<Instant>,
) -> Result<Option<Bytes>, BodyError> {
    if leave_by.is_none() {
        tokio::select! {
            biased;
            piece = pieces.next() => return piece,
            () = turn.wanted() => *leave_by = Some(Instant::now() + LEAVING_MAX),
        }
    }
    let last_look = leave_by.map_or(Instant::now(), |end| end.min(Instant::now() + LAST_LOOK));
    timeout_at(last_look, pieces.next())
        .await
        .unwrap_or(Err(BodyError::Cut))
}

struct Intake {
    platform: Platform,
    device: DeviceId,
    state: UploadState,
    held: Vec<u8>,
}

impl Intake {
    async fn run(mut self, mut turn: Turn, mut pieces: Pieces) -> Result<Taken, Refused> {
        let mut leave_by = None;
        loop {
            match next(&mut pieces, &mut turn, &mut leave_by).await {
                Ok(Some(bytes)) => {
                    if !self.hold(&bytes) {
                        self.flush().await?;
                        return Ok(Taken::Not(self.state, BodyError::TooLarge.into()));
                    }
                    if self.held.len() >= FLUSH_BYTES {
                        self.flush().await?;
                    }
                }
                Ok(None) => {
                    self.flush().await?;
                    return settled(&self.platform, self.device, self.state)
                        .await
                        .map(Taken::To);
                }
                Err(cut) => {
                    self.flush().await?;
                    return Ok(Taken::Not(self.state, cut.into()));
                }
            }
        }
    }

    /// Holds the bytes that belong to the upload; false when there are more of them than it has.
    fn hold(&mut self, bytes: &Bytes) -> bool {
        let room = self.state.bytes - self.state.offset - self.held.len() as u64;
        let fitting = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        self.held.extend_from_slice(&bytes[..fitting]);
        fitting == bytes.len()
    }

    /// Makes what is held durable, then moves the offset.
    async fn flush(&mut self) -> Result<(), Refused> {
        if self.held.is_empty() {
            return Ok(());
        }
        let (device, state, bytes) = (self.device, self.state.clone(), std::mem::take(&mut self.held));
        self.state = self
            .platform
            .blocking(move |platform| {
                let (from, to) = (state.offset, state.offset + bytes.len() as u64);
                let place = spool::place(platform.folder(), &state);
                let (hub, now_ms) = (platform.hub(), platform.now_ms());
                let noted = match spool::append(&place, from, &bytes).map_err(Fault::from)? {
                    Kept::Durable => hub.upload_advance(now_ms, device, state.id, (from, to)),
                    Kept::Lost => hub.upload_finish(now_ms, device, state.id, false),
                };
                noted.map_err(Fault::from)?.map_err(Refused::from)
            })
            .await?;
        Ok(())
    }
}
