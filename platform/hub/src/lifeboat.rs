//! Lifeboat segments: the second copy that a phone wrote beside its database, delivered as it lies in its file. The hub finds
//! out who wrote it, opens it with the platform's own key, and takes the changes in as if they had come in a batch. Keeps no
//! key of a segment or of a photo.

mod segment;

use std::fmt;

use grid_model::{DeviceId, Seq};
use grid_vault::{FileKey, SealedLayout, VerifyKey, chain_start, header_is_by, open_chunk, sha256};
use grid_wire::lifeboat::{FileKeyRow, LifeboatAnswer, SegmentHeader, headers};
use grid_wire::{Head, Refusal, RefusalCode, Verdict, WIRE_VERSION, WireError};

use crate::enroll::refusal_of;
use crate::exchange::intake::{Author, Taken, take_in};
use crate::exchange::{POSITION_MAX, chain};
use crate::store::{DeviceRead as _, HubTxn, PeopleRead as _, Stored, StoredDevice};
use crate::{Hub, HubError, HubStore};
use segment::{Piece, Segment};

/// Why a segment was not taken in. Nothing of it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SegmentRefusal {
    /// Neither of its headers reads.
    Unreadable(WireError),
    /// Nobody enrolled the device that it names.
    UnknownDevice,
    /// Its header is signed neither by that device nor by a capture key with the device's grant.
    BadSignature,
    /// Written before its vault was enrolled: only the phone itself can open it.
    NotSealed,
    /// Sealed to a key that is not this platform's.
    OtherKey,
    /// Captured for a log that the device has signed itself, and what it holds is not in that log.
    NotItsLog,
}

impl fmt::Display for SegmentRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "not a lifeboat segment: {error}"),
            Self::UnknownDevice => f.write_str("no such device"),
            Self::BadSignature => f.write_str("the header is not signed by this device"),
            Self::NotSealed => f.write_str("written before enrolment, not sealed to any platform"),
            Self::OtherKey => f.write_str("sealed to another key than this platform's"),
            Self::NotItsLog => f.write_str("a capture does not speak for a log that its device has signed"),
        }
    }
}

impl std::error::Error for SegmentRefusal {}

impl From<SegmentRefusal> for Refusal {
    fn from(why: SegmentRefusal) -> Self {
        let code = match &why {
            SegmentRefusal::Unreadable(error) => return refusal_of(error),
            SegmentRefusal::UnknownDevice => RefusalCode::UnknownDevice,
            SegmentRefusal::BadSignature | SegmentRefusal::NotItsLog => RefusalCode::BadSignature,
            SegmentRefusal::NotSealed | SegmentRefusal::OtherKey => RefusalCode::NoKey,
        };
        Self::new(code, why.to_string())
    }
}

/// A segment that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentTaken {
    /// Which device wrote it.
    pub device: DeviceId,
    /// How its worker is called.
    pub display_name: String,
    /// The worker's job number.
    pub job_no: String,
    /// It was written while the vault was locked.
    pub captured: bool,
    /// What it came to.
    pub answer: LifeboatAnswer,
    /// Keys of the photos of which it knows, each once: for whoever has the sealed files at hand. The hub keeps none.
    pub files: Vec<FileKeyRow>,
}

impl<S: HubStore> Hub<S> {
    /// The device that signed a segment, or whose capture key did; its first 8 KiB are enough to tell. A revoked device is
    /// answered too: what it wrote is kept.
    pub fn segment_sender(&self, bytes: &[u8]) -> Result<Result<DeviceId, SegmentRefusal>, HubError> {
        Ok(self.sender(bytes)?.map(|(device, _)| device.id))
    }

    /// Takes in a segment (`POST /v1/lifeboat`). Changes are stored in pieces of bounded size, each durable for itself; the
    /// same segment again changes nothing. What a revoked device wrote is kept and parked.
    pub fn take_segment(
        &self,
        now_ms: i64,
        bytes: &[u8],
    ) -> Result<Result<SegmentTaken, SegmentRefusal>, HubError> {
        let (device, header) = match self.sender(bytes)? {
            Ok(sender) => sender,
            Err(why) => return Ok(Err(why)),
        };
        let segment = match Segment::open(&self.keys(), &header, bytes) {
            Ok(segment) => segment,
            Err(why) => return Ok(Err(why)),
        };
        let worker = self.store.read(|tx| tx.worker(device.worker))?;
        let worker = worker.ok_or(HubError::Bug("a device without its worker"))?;
        let mut answer = LifeboatAnswer {
            version: WIRE_VERSION,
            frames: segment.frames,
            duplicate: segment.repeated,
            damaged: segment.damaged,
            fixes: segment.fixes,
            ..LifeboatAnswer::default()
        };
        for piece in segment.pieces() {
            match self.store.write(|tx| take_piece(tx, now_ms, &segment, piece))? {
                Ok(taken) => taken.iter().for_each(|taken| count(&mut answer, taken)),
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(SegmentTaken {
            device: device.id,
            display_name: worker.display_name,
            job_no: worker.job_no,
            captured: segment.captured,
            answer,
            files: segment.files,
        }))
    }

    /// The device that a segment is by, with the header that says so: either of the two.
    fn sender(
        &self,
        bytes: &[u8],
    ) -> Result<Result<(StoredDevice, SegmentHeader), SegmentRefusal>, HubError> {
        let read = match headers(bytes) {
            Ok(read) => read,
            Err(error) => return Ok(Err(SegmentRefusal::Unreadable(error))),
        };
        let mut why = SegmentRefusal::UnknownDevice;
        for (header, signed) in read {
            let Some(device) = self.store.read(|tx| tx.device(header.device))? else {
                continue;
            };
            let key = VerifyKey::from_sec1(&device.key);
            if key.is_ok_and(|key| header_is_by(&key, &header, &signed)) {
                return Ok(Ok((device, header)));
            }
            why = SegmentRefusal::BadSignature;
        }
        Ok(Err(why))
    }
}

/// Takes in a piece of a segment.
fn take_piece<T: HubTxn>(
    tx: &mut T,
    now_ms: i64,
    segment: &Segment,
    piece: &Piece,
) -> Stored<Result<Vec<Taken>, SegmentRefusal>> {
    let log = segment.log;
    // Asked again: the device may have been revoked since its signature was checked.
    let device = tx.device(log.0)?.ok_or(HubError::Bug("a device that is gone"))?;
    let worker = tx
        .worker(device.worker)?
        .ok_or(HubError::Bug("a device without its worker"))?;
    if segment.captured && !is_its_own(tx, segment, piece)? {
        return Ok(Err(SegmentRefusal::NotItsLog));
    }
    let author = Author {
        worker: &worker,
        revoked: device.revoked_at_ms.is_some(),
    };
    let taken = take_in(tx, now_ms, &author, log, &piece.entries)?;
    let newest = piece.heads.iter().copied().max_by_key(Head::seq);
    // A capture key lies open beside its vault: it can add facts, but its word moves no mark.
    let head = newest
        .filter(|_| !segment.captured)
        .unwrap_or_else(|| Head::new(Seq(0), chain_start(log.0, log.1)));
    chain::advance(tx, log, head, now_ms)?;
    chain::compare(tx, log, piece.heads.iter().copied(), now_ms)?;
    if let Some((claimed, ours)) = segment.torn {
        tx.add_fork(log, claimed, ours, now_ms)?;
    }
    Ok(Ok(taken))
}

/// Whether a capture adds to a log of its own: one that the device has signed nothing of, or nothing that is not there. Whoever
/// holds a locked phone can write a capture; he must not take positions in the worker's own log.
fn is_its_own<T: HubTxn>(tx: &T, segment: &Segment, piece: &Piece) -> Stored<bool> {
    let (device, epoch) = segment.log;
    if tx
        .heads_between(device, epoch, Seq(0), Seq(POSITION_MAX))?
        .is_empty()
    {
        return Ok(true);
    }
    for (entry, _) in &piece.entries {
        let known = tx.change(device, epoch, entry.seq)?;
        if known.is_none_or(|known| known.entry != *entry) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn count(answer: &mut LifeboatAnswer, taken: &Taken) {
    let conflict = taken.verdict == Verdict::Parked(grid_model::terms::ParkReason::Conflict);
    answer.new += u64::from(taken.new);
    answer.duplicate += u64::from(!taken.new && !conflict);
    answer.parked += u64::from(matches!(taken.verdict, Verdict::Parked(_)));
}

/// The original of a sealed attachment file, if this key opens all of it and its hash is the one the key was kept under.
pub fn open_attachment(row: &FileKeyRow, sealed: &[u8]) -> Option<Vec<u8>> {
    if row.bytes > grid_model::limits::ATTACHMENT_BYTES_MAX {
        return None;
    }
    let layout = SealedLayout::of(row.bytes);
    if layout.sealed_bytes() != sealed.len() as u64 {
        return None;
    }
    let key = FileKey::from_bytes(row.file_key.as_slice().try_into().ok()?);
    let mut plain = Vec::with_capacity(usize::try_from(row.bytes).ok()?);
    for index in 0..layout.chunks() {
        let (offset, length, last) = layout.chunk(index)?;
        let from = usize::try_from(offset).ok()?;
        plain.extend(open_chunk(&key, index, last, sealed.get(from..from + length)?).ok()?);
    }
    (sha256(&plain) == row.sha256).then_some(plain)
}
