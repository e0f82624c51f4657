//! Reading segments back: every frame that is whole is found, whatever stands before it.

use std::path::Path;

use grid_model::id::{DeviceId, Epoch, Seq};
use grid_vault::{DataKey, Domain, SegmentKey, VerifyKey, key_id, open_private, open_signed};
use grid_wire::lifeboat::{
    ChangeFrame, FRAME_HEAD_BYTES, FRAMES_FROM, FileKeyRow, FixesFrame, Found, FrameAt, FrameHead, FrameKind,
    HEADER_BLOCK_BYTES, SegmentHeader, VaultPrivate, frame_at, header_from, headers, walk,
};
use grid_wire::{Head, Signed, decode};

use super::{Crew, Survey};
use crate::StoreError;
use crate::disk::{Disk, Open, read_all};

/// Length of the frame that ends a segment: no plain bytes, a seal of 16.
pub(super) const END_BYTES: usize = FRAME_HEAD_BYTES + 16;

/// One thing a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoatRow {
    /// A change and the chain there.
    Change(ChangeFrame, grid_model::Sha256),
    /// The key of an attachment.
    File(FileKeyRow),
    /// Track fixes.
    Fixes(FixesFrame),
}

/// What reading a segment found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentRead {
    /// The vault that wrote it.
    pub device: DeviceId,
    /// The life of the log its changes belong to.
    pub epoch: Epoch,
    /// What only the vault can read, if it was this vault's.
    pub private: Option<VaultPrivate>,
    /// Whole frames.
    pub frames: u64,
    /// Places between frames where something stood that is no frame, or a frame that does not open; an end that was cut off.
    pub damaged: u64,
    /// A header block does not read, or differs from the other.
    pub header_damaged: bool,
    /// It was ended in good order.
    pub ended: bool,
}

/// The header of a segment: from whichever of its two blocks reads, and whether both are whole. The signature is the caller's
/// to check: of two that read and differ, it tells which holds.
pub fn segment_header(bytes: &[u8]) -> Result<(SegmentHeader, Signed, bool), StoreError> {
    let block = |from: usize| bytes.get(from..from + HEADER_BLOCK_BYTES).unwrap_or_default();
    let whole = block(0) == block(HEADER_BLOCK_BYTES);
    match headers(bytes) {
        Ok(mut read) => {
            let (header, signed) = read.swap_remove(0);
            Ok((header, signed, whole))
        }
        Err(grid_wire::WireError::Newer { found }) => Err(StoreError::TooNew {
            found: u32::from(found),
            supported: u32::from(grid_wire::WIRE_VERSION),
        }),
        Err(_) => Err(StoreError::Unreadable("lifeboat header")),
    }
}

/// Reads a segment of this vault with its data key and hands out every row, in order.
pub fn read_segment(
    bytes: &[u8],
    data_key: &DataKey,
    visit: &mut dyn FnMut(BoatRow),
) -> Result<SegmentRead, StoreError> {
    let whole = segment_header(bytes)?.2;
    let read = headers(bytes).unwrap_or_default();
    let opened = read.into_iter().find_map(|(header, signed)| {
        let key = SegmentKey::unwrap_for_vault(data_key, &header.key_for_vault).ok()?;
        let plain = open_private(data_key, &header.private).ok();
        let private: Option<VaultPrivate> =
            plain.and_then(|plain| decode(&plain, "private part of a lifeboat").ok());
        // The header's own signature is by the key inside it: what reads but was altered is not believed.
        let secret: Option<[u8; 32]> = private.as_ref().and_then(|p| p.secret.clone().try_into().ok());
        let signer = secret.and_then(|secret| grid_vault::SignatureKey::from_secret(&secret).ok());
        let signer = signer.and_then(|signer| VerifyKey::from_sec1(&signer.public()).ok())?;
        open_signed(&signer, Domain::Lifeboat, &signed).ok()?;
        Some((header, key, private))
    });
    let (header, key, private) = opened.ok_or(StoreError::WrongKeyOrDamaged)?;
    let mut read = SegmentRead {
        device: header.device,
        epoch: header.epoch(),
        private,
        frames: 0,
        damaged: 0,
        // The power may go while a segment is begun: before its first frame, half a header says nothing.
        header_damaged: !whole && !was_never_written(bytes),
        ended: false,
    };
    let end = walk(bytes, header.mark(), &mut |found| match found {
        Found::Damage => read.damaged += 1,
        Found::Frame(frame) => {
            let head = frame.head;
            match key.open_frame(&frame).ok().map(|plain| row_of(&head, &plain)) {
                Some(Ok(row)) => {
                    read.frames += 1;
                    read.ended = head.kind == FrameKind::End;
                    row.into_iter().for_each(&mut *visit);
                }
                Some(Err(())) | None => read.damaged += 1,
            }
        }
    });
    let rest = bytes.get(end..).unwrap_or_default();
    let cut = read.frames > 0 && !read.ended && is_cut(rest, header.mark());
    read.damaged += u64::from(cut);
    Ok(read)
}

/// Whether the file of a segment that was not ended lost its last bytes, from what stands behind its last whole frame. Room for
/// a frame, and for the end behind it, is durable before the frame is written, so no power cut leaves less.
fn is_cut(rest: &[u8], mark: [u8; 8]) -> bool {
    rest.len() < END_BYTES || matches!(frame_at(rest, mark), FrameAt::Short(_))
}

pub(super) fn row_of(head: &FrameHead, plain: &[u8]) -> Result<Option<BoatRow>, ()> {
    let row = match head.kind {
        FrameKind::Change => {
            let change: ChangeFrame = decode(plain, "lifeboat change").map_err(|_| ())?;
            BoatRow::Change(change, head.head.h)
        }
        FrameKind::File => BoatRow::File(decode(plain, "lifeboat file").map_err(|_| ())?),
        FrameKind::Fixes => BoatRow::Fixes(decode(plain, "lifeboat fixes").map_err(|_| ())?),
        FrameKind::End | FrameKind::Unknown(_) => return Ok(None),
    };
    Ok(Some(row))
}

/// The newest change of a segment and its epoch, from clear heads only; `None` when its header does not read or a place in
/// it is damaged.
pub(super) fn newest_change(disk: &dyn Disk, path: &Path) -> Result<Option<(Epoch, Seq)>, StoreError> {
    let bytes = read_all(disk, path)?;
    let Ok((header, ..)) = segment_header(&bytes) else {
        return Ok(None);
    };
    let (mut newest, mut whole) = (Seq(0), true);
    walk(&bytes, header.mark(), &mut |found| match found {
        Found::Frame(frame) if frame.head.kind == FrameKind::Change => {
            newest = newest.max(frame.head.head.seq());
        }
        Found::Frame(_) => {}
        Found::Damage => whole = false,
    });
    Ok(whole.then_some((header.epoch(), newest)))
}

/// What the segments hold of an epoch, from the newest backwards until one says.
///
/// Only the last group of frames before the power went may be torn, in the segment that was written last. There a change
/// counts as guarded when every place of the segment before it reads; when not even the first does, the segment before it
/// says, which was flushed in whole before this one began.
pub(super) fn survey(
    disk: &dyn Disk,
    folder: &Path,
    names: &[(u64, String)],
    crew: &Crew,
    epoch: Epoch,
) -> Result<Survey, StoreError> {
    let mut survey = Survey {
        ended: true,
        ..Survey::default()
    };
    let wanted_key_id = match crew.platform.as_slice() {
        [] => Vec::new(),
        key => key_id(key),
    };
    for (_, name) in names.iter().rev() {
        let path = folder.join(name);
        if let Some((end, platform_key_id)) = clean_end(disk, &path, epoch)? {
            if end.seq() > Seq(0) {
                survey.damaged = platform_key_id != wanted_key_id;
                survey.newest = survey.newest.or(Some(end));
                survey.guarded = end.seq();
                break;
            }
            continue;
        }
        survey.ended = false;
        let bytes = read_all(disk, &path)?;
        if was_never_written(&bytes) {
            continue;
        }
        let (header, signed) = match segment_header(&bytes) {
            Ok((header, signed, _)) => (header, signed),
            Err(StoreError::TooNew { found, supported }) => {
                return Err(StoreError::TooNew { found, supported });
            }
            Err(_) => {
                survey.damaged = true;
                break;
            }
        };
        let signer = VerifyKey::from_sec1(&crew.signer.public())?;
        if header.device != crew.device || open_signed(&signer, Domain::Lifeboat, &signed).is_err() {
            survey.damaged = true;
            break;
        }
        if header.epoch() != epoch {
            continue;
        }
        // What was written before the enrolment is sealed for this vault alone: it is written anew.
        survey.damaged |= header.platform_key_id != wanted_key_id;
        let (newest, guarded) = changes_of(&bytes, header.mark());
        survey.newest = survey.newest.or(newest);
        if guarded > Seq(0) {
            survey.guarded = guarded;
            break;
        }
    }
    Ok(survey)
}

/// The newest change that a segment holds, and the newest before which every place of it reads.
fn changes_of(bytes: &[u8], mark: [u8; 8]) -> (Option<Head>, Seq) {
    let (mut newest, mut guarded, mut next) = (None::<Head>, Seq(0), Some(0));
    walk(bytes, mark, &mut |found| {
        let Found::Frame(frame) = found else { return };
        next = next
            .filter(|next| *next == frame.head.index)
            .and_then(|next| next.checked_add(1));
        if frame.head.kind == FrameKind::Change {
            let head = frame.head.head;
            newest = newest.filter(|known| known.seq() >= head.seq()).or(Some(head));
            if next.is_some() {
                guarded = guarded.max(head.seq());
            }
        }
    });
    (newest, guarded)
}

/// Whether a segment holds no frame at all: the power went while it was made.
pub(crate) fn was_never_written(bytes: &[u8]) -> bool {
    let frames = bytes.get(FRAMES_FROM as usize..).unwrap_or_default();
    frames.iter().all(|byte| *byte == 0)
}

/// The newest change of a segment that was ended in good order, by its last bytes alone; seq 0 when it is of another epoch
/// or holds none. With it the name of the platform key that it is sealed to.
fn clean_end(disk: &dyn Disk, path: &Path, epoch: Epoch) -> Result<Option<(Head, Vec<u8>)>, StoreError> {
    let mut file = disk.open(path, Open::Read)?;
    let length = file.len()?;
    let Some(end_at) = length
        .checked_sub(END_BYTES as u64)
        .filter(|at| *at >= FRAMES_FROM)
    else {
        return Ok(None);
    };
    let mut block = vec![0; HEADER_BLOCK_BYTES];
    file.read_at(0, &mut block)?;
    let Ok((header, _)) = header_from(&block) else {
        return Ok(None);
    };
    let mut tail = [0; END_BYTES];
    file.read_at(end_at, &mut tail)?;
    match frame_at(&tail, header.mark()) {
        FrameAt::Whole(frame, END_BYTES) if frame.head.kind == FrameKind::End => {
            let of_epoch = header.epoch() == epoch;
            let seq = if of_epoch { frame.head.head.seq() } else { Seq(0) };
            Ok(Some((Head::new(seq, frame.head.head.h), header.platform_key_id)))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use grid_model::Sha256;
    use grid_wire::lifeboat::put_frame;

    use super::*;

    const MARK: [u8; 8] = *b"ABCDEFGH";

    /// A segment of five changes, and where the frame of each begins.
    fn five() -> (Vec<u8>, Vec<usize>) {
        let (mut bytes, mut places) = (vec![0; FRAMES_FROM as usize], Vec::new());
        for index in 0..5 {
            places.push(bytes.len());
            let head = FrameHead {
                kind: FrameKind::Change,
                index,
                head: Head::new(Seq(u64::from(index) + 11), Sha256([1; 32])),
                body_hash: Sha256([2; 32]),
            };
            put_frame(&mut bytes, MARK, &head, &[7; 40]);
        }
        (bytes, places)
    }

    #[test]
    fn a_change_is_guarded_only_when_every_place_before_it_reads() {
        let (bytes, places) = five();
        let seen = |bytes: &[u8]| {
            let (newest, guarded) = changes_of(bytes, MARK);
            (newest.map(|head| head.seq().0), guarded.0)
        };
        assert_eq!(seen(&bytes), (Some(15), 15));
        for (torn, guarded) in [(0, 0), (1, 11), (3, 13)] {
            let mut bytes = bytes.clone();
            bytes[places[torn] + 60] ^= 1;
            assert_eq!(seen(&bytes), (Some(15), guarded), "frame {torn}");
        }
        assert_eq!(seen(&bytes[..places[2]]), (Some(12), 12));
        assert_eq!(seen(&bytes[..FRAMES_FROM as usize]), (None, 0));
    }

    #[test]
    fn an_end_that_was_cut_off_is_told_from_one_that_was_not_written() {
        let (mut bytes, places) = five();
        let frames = bytes.len();
        bytes.resize(frames + END_BYTES, 0);
        let cut_at = |length: usize| {
            let bytes = &bytes[..length];
            is_cut(&bytes[walk(bytes, MARK, &mut |_| ())..], MARK)
        };
        assert!(!cut_at(bytes.len()), "all is there");
        for length in places[1]..bytes.len() {
            assert!(cut_at(length), "cut at {length} of {frames} and an end");
        }
        // Torn by a power cut: the room for it was there before.
        bytes[places[4] + 50..].fill(0);
        assert!(!is_cut(&bytes[places[4]..], MARK));
    }

    #[test]
    fn what_was_begun_and_never_written_holds_nothing() {
        let (bytes, places) = five();
        assert!(!was_never_written(&bytes));
        assert!(was_never_written(&bytes[..places[0]]));
        assert!(was_never_written(b"half a header"));
        let mut ahead = bytes[..places[0]].to_vec();
        ahead.resize(places[0] + 4_096, 0);
        assert!(was_never_written(&ahead));
    }
}
