//! Taking in a piece: write, flush, note the offset, and at the end check the hash.

use axum::body::Bytes;
use grid_hub::{UploadId, UploadState};
use grid_model::DeviceId;
use grid_wire::{Refusal, RefusalCode};

use super::checksum::{self, Checksum};
use super::ending;
use super::spool::{self, Kept};
use super::writers::Turn;
use crate::Platform;
use crate::body::{BodyError, Pieces};
use crate::device::Refused;
use crate::fault::Fault;

/// Bytes held in memory before they are flushed and the offset moves.
const FLUSH_BYTES: usize = 256 * 1024;

/// What became of a piece.
pub(crate) enum Taken {
    /// It is here; the upload stands so.
    To(UploadState),
    /// It was refused at its end, or before its beginning; the upload stands so.
    Not(UploadState, Refused),
}

/// A piece on its way in.
pub(crate) struct Piece {
    /// Where it begins.
    pub(crate) from: u64,
    /// What it says of its bytes.
    pub(crate) checksum: Option<Checksum>,
    /// Its bytes.
    pub(crate) pieces: Pieces,
}

/// Takes a piece. Runs to its end even when the caller's connection is gone: what arrived is kept, unless the piece wants
/// to be checked as a whole.
pub(crate) async fn receive(
    platform: Platform,
    device: DeviceId,
    (id, turn): (UploadId, Turn),
    piece: Piece,
) -> Result<Taken, Refused> {
    let work = async move {
        let state = match ending::standing(&platform, device, id).await {
            Ok(state) => state,
            Err(refused) => {
                piece.pieces.read_away();
                return Err(refused);
            }
        };
        if state.offset != piece.from {
            piece.pieces.read_away();
            let refusal = Refusal::new(RefusalCode::WrongOffset, "the upload stands elsewhere");
            return Ok(Taken::Not(state, refusal.into()));
        }
        Intake {
            platform,
            device,
            state,
            held: Vec::new(),
            unpromised: 0,
            checksum: piece.checksum,
        }
        .run(turn, piece.pieces)
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
                spool::discard(platform.folder(), state.id).map_err(Fault::from)?;
            }
            ended.map_err(Fault::from)?.map_err(Refused::from)
        })
        .await
}

struct Intake {
    platform: Platform,
    device: DeviceId,
    state: UploadState,
    held: Vec<u8>,
    /// Bytes on disk behind the offset, which moves over them only when the checksum holds.
    unpromised: u64,
    checksum: Option<Checksum>,
}

impl Intake {
    async fn run(mut self, mut turn: Turn, mut pieces: Pieces) -> Result<Taken, Refused> {
        loop {
            match turn.next(&mut pieces).await {
                Ok(Some(bytes)) => {
                    if !self.hold(&bytes) {
                        pieces.read_away();
                        return self.broken(BodyError::TooLarge).await;
                    }
                    if self.held.len() >= FLUSH_BYTES {
                        self.flush().await?;
                    }
                }
                Ok(None) => {
                    self.flush().await?;
                    if !self.checked().await? {
                        return Ok(Taken::Not(self.state, checksum::differs()));
                    }
                    return settled(&self.platform, self.device, self.state)
                        .await
                        .map(Taken::To);
                }
                Err(cut) => return self.broken(cut).await,
            }
        }
    }

    /// Holds the bytes that belong to the upload; false when there are more of them than it has.
    fn hold(&mut self, bytes: &Bytes) -> bool {
        let room = self.state.bytes - self.state.offset - self.unpromised - self.held.len() as u64;
        let fitting = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        self.held.extend_from_slice(&bytes[..fitting]);
        fitting == bytes.len()
    }

    /// Ends a piece that did not come as it should: what arrived is kept, or nothing of it if it could not be checked.
    async fn broken(mut self, error: BodyError) -> Result<Taken, Refused> {
        if self.checksum.is_some() {
            self.forget().await?;
        } else {
            self.flush().await?;
        }
        Ok(Taken::Not(self.state, error.into()))
    }

    /// Whether the piece has the checksum it announced, if it did. The offset moves over it then; else nothing is kept.
    async fn checked(&mut self) -> Result<bool, Refused> {
        let Some(checksum) = self.checksum.take() else {
            return Ok(true);
        };
        if !checksum.holds() {
            self.forget().await?;
            return Ok(false);
        }
        let (device, id) = (self.device, self.state.id);
        let (from, to) = (self.state.offset, self.state.offset + self.unpromised);
        self.state = self
            .platform
            .ask_device(move |hub, now_ms| hub.upload_advance(now_ms, device, id, (from, to)))
            .await?;
        Ok(true)
    }

    /// Takes away what this piece brought.
    async fn forget(&mut self) -> Result<(), Refused> {
        self.held.clear();
        if std::mem::take(&mut self.unpromised) == 0 {
            return Ok(());
        }
        let (id, offset) = (self.state.id, self.state.offset);
        self.platform
            .blocking(move |platform| {
                Ok(spool::cut(&spool::place(platform.folder(), id), offset).map_err(Fault::from)?)
            })
            .await
    }

    /// Makes what is held durable, then moves the offset, unless a checksum has to hold first.
    async fn flush(&mut self) -> Result<(), Refused> {
        if self.held.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.held);
        let promise = self.checksum.is_none();
        if let Some(checksum) = &mut self.checksum {
            checksum.update(&bytes);
        }
        let (device, state) = (self.device, self.state.clone());
        let from = state.offset + self.unpromised;
        let length = bytes.len() as u64;
        self.state = self
            .platform
            .blocking(move |platform| {
                let place = spool::place(platform.folder(), state.id);
                let (hub, now_ms) = (platform.hub(), platform.now_ms());
                let noted = match spool::append(&place, from, &bytes).map_err(Fault::from)? {
                    Kept::Durable if promise => {
                        hub.upload_advance(now_ms, device, state.id, (from, from + length))
                    }
                    Kept::Durable => return Ok(state),
                    Kept::Lost => hub.upload_finish(now_ms, device, state.id, false),
                };
                noted.map_err(Fault::from)?.map_err(Refused::from)
            })
            .await?;
        if !promise {
            self.unpromised += length;
        }
        Ok(())
    }
}
