//! Attachments that an operator brings: kept as if the phone had uploaded them, by the same steps.

use grid_hub::{HubError, UploadAsk, UploadState};
use grid_model::DeviceId;
use grid_wire::Refusal;

use super::spool::{self, Kept};
use crate::{AdminError, Platform, StartError};

/// What became of an attachment that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Brought {
    /// It is here now.
    Now,
    /// This device had uploaded it before.
    Before,
}

/// Keeps the bytes of an attachment for a device. Goes on where the phone stopped, if it had begun; should those bytes be
/// others, begins again. The caller has checked the hash.
pub(crate) fn bring(
    platform: &Platform,
    device: DeviceId,
    ask: &UploadAsk,
    plain: &[u8],
) -> Result<Brought, AdminError> {
    let (hub, now_ms) = (platform.hub(), platform.now_ms());
    for _ in 0..2 {
        let state = allowed(hub.upload_begin(now_ms, device, ask)?)?;
        if state.complete {
            return Ok(Brought::Before);
        }
        let matches = spooled(platform, device, &state, plain)?;
        let ended = hub.upload_finish(now_ms, device, state.id, matches)?;
        if matches {
            return allowed(ended).map(|_| Brought::Now);
        }
        spool::discard(platform.folder(), state.id)
            .map_err(|source| StartError::folder(&spool::place(platform.folder(), state.id), source))?;
    }
    Err(HubError::Bug("an attachment with the right hash was not kept").into())
}

/// Writes what is missing to the spool, durably, and moves the file to its name if all of it has the right hash.
fn spooled(
    platform: &Platform,
    device: DeviceId,
    state: &UploadState,
    plain: &[u8],
) -> Result<bool, AdminError> {
    let place = spool::place(platform.folder(), state.id);
    let failed = |source| AdminError::from(StartError::folder(&place, source));
    let missing = usize::try_from(state.offset)
        .ok()
        .and_then(|from| plain.get(from..))
        .unwrap_or_default();
    if !missing.is_empty() {
        if spool::append(&place, state.offset, missing).map_err(failed)? == Kept::Lost {
            return Ok(false);
        }
        let (hub, now_ms) = (platform.hub(), platform.now_ms());
        allowed(hub.upload_advance(now_ms, device, state.id, (state.offset, state.bytes))?)?;
    }
    spool::finish(platform.folder(), state).map_err(failed)
}

/// What the hub would refuse to a phone cannot happen here: the size was checked with the hash.
fn allowed<T>(answer: Result<T, Refusal>) -> Result<T, AdminError> {
    answer.map_err(|_| HubError::Bug("an attachment that was brought was refused").into())
}
