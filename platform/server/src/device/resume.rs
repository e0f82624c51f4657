//! Exchanges whose connection breaks: what arrived of a batch is kept, and what was answered can be asked for again.
//!
//! **Invariant:** nothing is kept for anybody but an enrolled device that signed the header, and of its batch only frames
//! with the digests of that header. Whether the batch is taken is the hub's to say, of the whole, as if it had come at once.

use axum::body::Bytes;
use axum::http::StatusCode;
use grid_hub::{ExchangeSender, sha256};
use grid_model::DeviceId;
use grid_model::limits::FRAME_BYTES;
use grid_wire::resume::{before_body, partial_bytes, tail_bytes};
use grid_wire::{BatchHeader, ContinueRequest, ExchangeRequest, Part, RefusalCode, decode};

use super::{Refused, begun};
use crate::Platform;
use crate::body::{BodyError, Gathered};
use crate::fault::Fault;

/// Bytes of mark and length, with which every request begins.
const LENGTH_BYTES: usize = 8;

/// What stands before the body of a request, as far as it is here.
pub(super) async fn beginning(body: &mut Gathered) -> Result<Bytes, BodyError> {
    let before = before_body(body.up_to(LENGTH_BYTES).await?).unwrap_or(LENGTH_BYTES);
    let bytes = body.up_to(before).await?;
    Ok(Bytes::copy_from_slice(bytes.get(..before).unwrap_or(bytes)))
}

/// Who says it is calling, for the log line of a refusal only.
pub(super) fn claimed_device(beginning: &[u8]) -> Option<DeviceId> {
    let signed = match ContinueRequest::from_bytes(beginning) {
        Ok(request) => request.header,
        Err(_) => ExchangeRequest::from_bytes(beginning).ok()?.header,
    };
    decode::<BatchHeader>(&signed.bytes, "sync header")
        .ok()
        .map(|header| header.device)
}

/// Reads the body behind its beginning and answers. Runs to its end even when the caller's connection is gone.
pub(super) async fn answer(
    platform: Platform,
    sender: ExchangeSender,
    before: usize,
    mut body: Gathered,
) -> Result<Bytes, Refused> {
    let work = async move {
        let mut turn = platform.pushing().take(sender.header.device).await;
        let came = body.fill(&mut turn).await;
        let request = body.into_bytes();
        let answer = platform
            .blocking(move |platform| {
                let push = Push {
                    platform,
                    sender,
                    body: request.get(before..).unwrap_or_default(),
                    request: &request,
                };
                match came {
                    Ok(()) => push.whole(),
                    Err(BodyError::Cut) => push.cut(),
                    Err(BodyError::TooLarge) => Err(BodyError::TooLarge.into()),
                }
            })
            .await;
        drop(turn);
        if came.is_err() {
            platform.sweep_when_due().await;
        }
        answer
    };
    tokio::spawn(work)
        .await
        .map_err(|gone| Refused::from(Fault::from(gone)))?
}

/// What an enrolled device sent.
struct Push<'p> {
    platform: &'p Platform,
    sender: ExchangeSender,
    /// All of it.
    request: &'p [u8],
    /// What stands behind its beginning.
    body: &'p [u8],
}

impl Push<'_> {
    /// Answers a request that came to its end.
    fn whole(&self) -> Result<Bytes, Refused> {
        let Some(part) = &self.sender.part else {
            return self.exchanged(self.request);
        };
        let (device, header) = (self.sender.header.device, sha256(&self.sender.signed.bytes));
        let now_ms = self.platform.now_ms();
        if let Some(answer) = self.platform.answers().given(now_ms, device, header) {
            return Ok(rest(&answer, part));
        }
        let kept = begun::read(self.platform.folder(), &self.sender);
        let here = self.joined(&kept);
        if here.len() as u64 >= self.sender.header.body_bytes {
            let request = ExchangeRequest {
                header: self.sender.signed.clone(),
                body: here,
            };
            return self.exchanged(&request.to_bytes());
        }
        let frames = self.keep(&kept, here).map_err(Fault::from)?;
        Ok(partial_bytes(frames).into())
    }

    /// Keeps what arrived of a request that broke off. Its sender hardly hears it: he is to come again with the same.
    fn cut(&self) -> Result<Bytes, Refused> {
        let kept = begun::read(self.platform.folder(), &self.sender);
        self.keep(&kept, self.joined(&kept)).map_err(Fault::from)?;
        Err(Refused::with_status(
            StatusCode::SERVICE_UNAVAILABLE,
            RefusalCode::TryLater,
            "the body ended early",
        ))
    }

    /// The body as far as it is here: what was kept, up to where this request begins, then what it brings.
    fn joined(&self, kept: &[u8]) -> Vec<u8> {
        let from = match &self.sender.part {
            None => Some(0),
            Some(part) => part.from_frame,
        };
        let before = from.and_then(|frame| kept.get(..frame as usize * FRAME_BYTES));
        // What begins behind a hole is of no use.
        before.map_or_else(|| kept.to_vec(), |before| [before, self.body].concat())
    }

    /// Keeps the frames of this body that hold, if they are more than those that are here; answers how many are here.
    fn keep(&self, kept: &[u8], mut body: Vec<u8>) -> std::io::Result<u32> {
        let (frames, bytes) = begun::whole_frames(&self.sender.header, &body);
        if bytes <= kept.len() {
            return Ok(kept.len().div_ceil(FRAME_BYTES) as u32);
        }
        body.truncate(bytes);
        let folder = self.platform.folder();
        begun::keep(folder, self.platform.now_ms(), &self.sender, body)?;
        Ok(frames)
    }

    /// The ordinary exchange of a whole request.
    fn exchanged(&self, request: &[u8]) -> Result<Bytes, Refused> {
        let (platform, device) = (self.platform, self.sender.header.device);
        let answered = platform.hub().exchange(platform.now_ms(), request);
        let answered = answered.map_err(Fault::from)?;
        // It is answered: the beginning has done its work. One that stays is swept, or replaced by the next.
        let _ = begun::remove(platform.folder(), &self.sender).map_err(Fault::from);
        let answer = Bytes::from(answered.map_err(Refused::from)?.response.to_bytes());
        let header = sha256(&self.sender.signed.bytes);
        let now_ms = platform.now_ms();
        platform.answers().keep(now_ms, device, header, answer.clone());
        Ok(answer)
    }
}

/// The rest of an answer whose beginning is with its device; the whole, when something else is there.
fn rest(answer: &Bytes, part: &Part) -> Bytes {
    let have = usize::try_from(part.answer_have).unwrap_or(usize::MAX);
    match answer.split_at_checked(have) {
        Some((here, tail)) if have > 0 && part.answer_digest == Some(sha256(here)) => tail_bytes(tail).into(),
        _ => answer.clone(),
    }
}
