//! Beginnings of batches whose connection broke, on disk: one for each device, 30 days. A file is the time in 8 bytes, then
//! the request as it came, up to the end of the last frame that holds. Nobody is believed by it: what counts is which
//! frames have the digests of the header that was signed, and they are looked at again at each reading.

use std::fs;
use std::io::{self, Read as _};
use std::path::PathBuf;

use grid_hub::{ExchangeSender, sha256};
use grid_model::DeviceId;
use grid_model::limits::{BATCH_BYTES_MAX, FRAME_BYTES};
use grid_wire::{BatchHeader, ExchangeRequest};

use crate::folder::{PlatformFolder, write_private};
use crate::{Platform, StartError};

/// A beginning is kept this long, ms.
const KEPT_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// How many frames of this body, from the first on, have the digests of the header; and how many bytes that is.
pub(super) fn whole_frames(header: &BatchHeader, body: &[u8]) -> (u32, usize) {
    let frames = body.chunks(FRAME_BYTES).zip(&header.frames);
    let frames = frames.take(BATCH_BYTES_MAX / FRAME_BYTES);
    let frames = frames
        .take_while(|(frame, digest)| sha256(frame) == **digest)
        .count();
    (frames as u32, body.len().min(frames * FRAME_BYTES))
}

fn place(folder: &PlatformFolder, device: DeviceId) -> PathBuf {
    folder.begun().join(device.to_string())
}

/// The frames that are here of the body with this very header; empty when there are none, or only those of another batch.
pub(super) fn read(folder: &PlatformFolder, sender: &ExchangeSender) -> Vec<u8> {
    let bytes = match fs::read(place(folder, sender.header.device)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        // What cannot be read is not here: its device sends it again, and what it sends takes its place.
        Err(error) => {
            tracing::error!(%error, "a beginning cannot be read");
            return Vec::new();
        }
    };
    let request = bytes
        .split_first_chunk::<8>()
        .and_then(|(_, request)| ExchangeRequest::from_bytes(request).ok())
        .filter(|request| request.header.bytes == sender.signed.bytes);
    let mut body = request.map_or_else(Vec::new, |request| request.body);
    body.truncate(whole_frames(&sender.header, &body).1);
    body
}

/// Keeps these frames, durably, in place of what was here of this device.
pub(super) fn keep(
    folder: &PlatformFolder,
    now_ms: i64,
    sender: &ExchangeSender,
    frames: Vec<u8>,
) -> io::Result<()> {
    let request = ExchangeRequest {
        header: sender.signed.clone(),
        body: frames,
    };
    let bytes = [now_ms.to_be_bytes().as_slice(), &request.to_bytes()].concat();
    write_private(&place(folder, sender.header.device), &bytes)
}

/// Takes away what is here of this very batch. One that comes back after a power cut does no harm.
pub(super) fn remove(folder: &PlatformFolder, sender: &ExchangeSender) -> io::Result<()> {
    if read(folder, sender).is_empty() {
        return Ok(());
    }
    match fs::remove_file(place(folder, sender.header.device)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl Platform {
    /// Takes away beginnings of batches that nobody went on with for 30 days; answers how many. Their devices send the whole.
    pub fn sweep_begun(&self, now_ms: i64) -> Result<usize, StartError> {
        let folder = self.folder().begun();
        let failed = |source| StartError::folder(&folder, source);
        let mut swept = 0;
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let mut at_ms = [0; 8];
            // One that was just removed, or is just being written, is none that is over.
            let read = fs::File::open(&path).and_then(|mut file| file.read_exact(&mut at_ms));
            if read.is_ok() && i64::from_be_bytes(at_ms).abs_diff(now_ms) >= KEPT_MS {
                fs::remove_file(&path).map_err(failed)?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}
