//! Uploads that end before they are whole: their device ends them, or nobody goes on with them.
//!
//! **Invariant:** only bytes are taken away, and only of an unfinished upload: whoever begins the same attachment again
//! finds the same place, empty. An upload that was ended has no file in the spool; one that goes on has one.

use std::fs;

use grid_hub::store::{Stored, StoredUpload};
use grid_hub::{HubRead, HubStore as _, UploadId, UploadState};
use grid_model::DeviceId;
use grid_wire::{Refusal, RefusalCode};

use super::{headers, receive, spool};
use crate::device::Refused;
use crate::fault::Fault;
use crate::{Platform, StartError};

/// An unfinished upload is kept at least this long after its last byte or its device's last exchange.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1_000;
/// Creations sweep no oftener than this.
pub(crate) const SWEPT_EVERY_MS: i64 = 60 * 60 * 1_000;

/// What became of the wish to end an upload.
pub(crate) enum Ended {
    /// Its bytes are gone.
    Freed,
    /// All of it is here and stays; the upload stands so.
    Whole(UploadState, Refused),
}

/// Ends an upload of this device, for whoever has the turn at it.
pub(crate) async fn end(platform: &Platform, device: DeviceId, id: UploadId) -> Result<Ended, Refused> {
    let state = standing(platform, device, id).await?;
    let state = receive::settled(platform, device, state).await?;
    if state.complete {
        let stays = Refusal::new(RefusalCode::WrongOffset, "all of it is here and stays");
        return Ok(Ended::Whole(state, stays.into()));
    }
    platform
        .blocking(move |platform| free(platform, platform.now_ms(), device, id).map_err(Refused::from))
        .await?;
    Ok(Ended::Freed)
}

/// How far an upload of this device got; `410` for one that was ended.
pub(crate) async fn standing(
    platform: &Platform,
    device: DeviceId,
    id: UploadId,
) -> Result<UploadState, Refused> {
    platform
        .blocking(move |platform| {
            let state = platform.hub().upload_state(device, id).map_err(Fault::from)?;
            let state = state.map_err(Refused::from)?;
            let begun = state.complete
                || state.offset > 0
                || spool::place(platform.folder(), id)
                    .try_exists()
                    .map_err(Fault::from)?;
            if begun {
                Ok(state)
            } else {
                Err(headers::ended_upload())
            }
        })
        .await
}

/// Until when an unfinished upload is kept at the least, UTC ms; none for a finished one, which is an attachment.
pub(crate) async fn kept_until(platform: &Platform, id: UploadId) -> Result<Option<i64>, Refused> {
    platform
        .blocking(move |platform| {
            let until = platform
                .hub()
                .store()
                .read(|tx| unfinished(tx, id)?.map(|upload| until(tx, &upload)).transpose());
            Ok(until.map_err(Fault::from)?)
        })
        .await
}

impl Platform {
    /// Takes away the bytes of unfinished uploads that are over at `now_ms` and that no record names; answers of how many.
    /// Their devices are told 410 and begin again.
    pub fn sweep_uploads(&self, now_ms: i64) -> Result<usize, StartError> {
        let folder = self.folder().spool();
        let failed = |source| StartError::folder(&folder, source);
        let (mut swept, mut failure) = (0, None);
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            let over = self.hub().store().read(|tx| over(tx, id, now_ms));
            if let Some(device) = over.map_err(StartError::Store)? {
                let freed = self.hub().upload_finish(now_ms, device, id, false);
                // One that cannot be removed keeps the others from nothing.
                if freed.map_err(StartError::Store)?.is_err() {
                    match spool::remove(self.folder(), id) {
                        Ok(()) => swept += 1,
                        Err(source) => failure = Some(source),
                    }
                }
            }
        }
        failure.map_or(Ok(swept), |source| Err(failed(source)))
    }

    /// Sweeps if that was not done for a while. A failure is noted and hinders nobody: the next one tries again.
    pub(crate) async fn sweep_when_due(&self) {
        let now_ms = self.now_ms();
        if !self.sweep_is_due(now_ms) {
            return;
        }
        let swept = self
            .blocking(move |platform| {
                let (begun, uploads) = (platform.sweep_begun(now_ms), platform.sweep_uploads(now_ms));
                let swept = begun.and_then(|begun| Ok((begun, uploads?)));
                swept.map_err(|error| {
                    tracing::error!(%error, "the spool could not be swept");
                    Fault::Broken
                })
            })
            .await;
        match swept {
            Ok((0, 0)) | Err(Fault::Broken | Fault::StorageFull) => {}
            Ok((begun, uploads)) => tracing::info!(uploads, begun, "what nobody went on with was swept"),
        }
    }
}

/// Notes that nothing of an upload is here and takes its bytes away, in this order: a crash in between leaves an upload
/// that stands at its beginning.
fn free(platform: &Platform, now_ms: i64, device: DeviceId, id: UploadId) -> Result<(), Fault> {
    // The hub says that the bytes are gone as a refusal; it stands at 0 then.
    let noted = platform.hub().upload_finish(now_ms, device, id, false)?;
    if noted.is_err() {
        spool::remove(platform.folder(), id)?;
    }
    Ok(())
}

fn unfinished<T: HubRead>(tx: &T, id: UploadId) -> Stored<Option<StoredUpload>> {
    Ok(tx.upload(id)?.filter(|upload| !upload.complete))
}

fn until<T: HubRead>(tx: &T, upload: &StoredUpload) -> Stored<i64> {
    let contact = tx.device(upload.device)?.and_then(|device| device.contact);
    let contact_ms = contact.map_or(upload.touched_at_ms, |contact| contact.at_ms);
    Ok(upload.touched_at_ms.max(contact_ms).saturating_add(KEPT_MS))
}

/// Whether there are records of this device whose attachments are not listed yet: sent back, or still on their way.
fn may_name_more<T: HubRead>(tx: &T, device: DeviceId) -> Stored<bool> {
    let tally = tx.device_tally(device, None)?;
    if tally.parked > 0 || tally.conflicts > 0 {
        return Ok(true);
    }
    for (epoch, head) in tx.heads_told(device)? {
        let here = tx.chain(device, epoch)?.map(|chain| chain.contiguous_to);
        if here.unwrap_or_default() < head {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The device whose upload is over: kept long enough, and no record of that device's station asks for the bytes.
fn over<T: HubRead>(tx: &T, id: UploadId, now_ms: i64) -> Stored<Option<DeviceId>> {
    let Some(upload) = unfinished(tx, id)? else {
        return Ok(None);
    };
    if now_ms < until(tx, &upload)? {
        return Ok(None);
    }
    let Some(device) = tx.device(upload.device)? else {
        return Ok(Some(upload.device));
    };
    if may_name_more(tx, device.id)? {
        return Ok(None);
    }
    let named = match tx.worker(device.worker)? {
        Some(worker) => tx.attachment_within(worker.org, upload.sha256)?,
        None => None,
    };
    Ok(named.is_none().then_some(upload.device))
}
