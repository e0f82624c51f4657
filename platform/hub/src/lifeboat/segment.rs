//! One segment, opened: its frames, cut into pieces that a transaction can hold.

use std::collections::BTreeSet;

use grid_model::{DeviceId, Epoch, Seq, Sha256};
use grid_vault::{SegmentKey, chain_link, chain_start, sha256};
use grid_wire::lifeboat::{
    ChangeFrame, FileKeyRow, FixesFrame, Found, Frame, FrameKind, SegmentHeader, walk,
};
use grid_wire::{Entry, Head, decode};

use super::SegmentRefusal;
use crate::PlatformKeys;
use crate::exchange::POSITION_MAX;

/// Most changes, and about as many bytes of bodies, that one transaction takes.
const PIECE_ENTRIES_MAX: usize = 256;
const PIECE_BYTES_MAX: usize = 1024 * 1024;

/// Changes that go in together.
#[derive(Default)]
pub(super) struct Piece {
    /// Each with the hash of its body.
    pub(super) entries: Vec<(Entry, Sha256)>,
    /// The chain at each of them, as its frame tells it.
    pub(super) heads: Vec<Head>,
    bytes: usize,
}

/// What a segment holds.
pub(super) struct Segment {
    /// Whose log, and which life of it.
    pub(super) log: (DeviceId, Epoch),
    /// It was written while the vault was locked.
    pub(super) captured: bool,
    /// Frames that opened; the mark of an orderly end is not one.
    pub(super) frames: u64,
    /// Places that are no frame, and frames that do not open or do not hold what their heads say.
    pub(super) damaged: u64,
    /// Changes that stand in it more than once, beyond the first.
    pub(super) repeated: u64,
    /// Track fixes.
    pub(super) fixes: u64,
    /// Keys of photos, each once.
    pub(super) files: Vec<FileKeyRow>,
    /// The first change whose frame tells another link than follows from the frame before it, and what would follow.
    pub(super) torn: Option<(Head, Sha256)>,
    pieces: Vec<Piece>,
    seen: BTreeSet<Sha256>,
    before: Head,
}

impl Segment {
    /// Opens a segment with the platform's key. The header's signature was checked by the caller.
    pub(super) fn open(
        keys: &PlatformKeys,
        header: &SegmentHeader,
        bytes: &[u8],
    ) -> Result<Self, SegmentRefusal> {
        let key = key_of(keys, header)?;
        let log = (header.device, header.epoch());
        let mut segment = Self {
            log,
            captured: header.capture.is_some(),
            frames: 0,
            damaged: 0,
            repeated: 0,
            fixes: 0,
            files: Vec::new(),
            torn: None,
            pieces: Vec::new(),
            seen: BTreeSet::new(),
            before: Head::new(Seq(0), chain_start(log.0, log.1)),
        };
        walk(bytes, header.mark(), &mut |found| match found {
            Found::Damage => segment.damaged += 1,
            Found::Frame(frame) => match key.open_frame(&frame) {
                Ok(_) if frame.head.kind == FrameKind::End => {}
                Ok(plain) => match segment.take(&frame, &plain) {
                    Some(()) => segment.frames += 1,
                    None => segment.damaged += 1,
                },
                Err(_) => segment.damaged += 1,
            },
        });
        let mut once = BTreeSet::new();
        segment
            .files
            .retain(|row| once.insert((row.sha256, row.bytes, row.file_key.clone())));
        Ok(segment)
    }

    /// Its changes in pieces of bounded size.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Takes the plain bytes of a frame; `None` when they are not what its head says.
    fn take(&mut self, frame: &Frame<'_>, plain: &[u8]) -> Option<()> {
        match frame.head.kind {
            FrameKind::Change => {
                let change: ChangeFrame = decode(plain, "lifeboat change").ok()?;
                let entry = change.entry();
                let body_sha256 = sha256(&entry.body);
                let told = (frame.head.head.seq(), frame.head.body_hash);
                if told != (entry.seq, body_sha256) || !is_possible(&entry) {
                    return None;
                }
                self.files.extend(change.files);
                self.add(entry, body_sha256, frame.head.head);
            }
            FrameKind::File => self.files.push(decode(plain, "lifeboat file").ok()?),
            FrameKind::Fixes => {
                let fixes: FixesFrame = decode(plain, "lifeboat fixes").ok()?;
                self.fixes += fixes.fixes().len() as u64;
            }
            // What a newer build writes lies in the file for a newer platform.
            FrameKind::End | FrameKind::Unknown(_) => {}
        }
        Some(())
    }

    fn add(&mut self, entry: Entry, body_sha256: Sha256, head: Head) {
        if self.before.seq().next() == entry.seq {
            let follows = chain_link(self.before.h, &entry);
            if follows != head.h && self.torn.is_none() {
                self.torn = Some((head, follows));
            }
        }
        self.before = head;
        if !self.seen.insert(chain_link(Sha256([0; 32]), &entry)) {
            self.repeated += 1;
            return;
        }
        let full = |piece: &Piece| piece.entries.len() >= PIECE_ENTRIES_MAX || piece.bytes >= PIECE_BYTES_MAX;
        if self.pieces.last().is_none_or(full) {
            self.pieces.push(Piece::default());
        }
        if let Some(piece) = self.pieces.last_mut() {
            piece.bytes += entry.body.len();
            piece.entries.push((entry, body_sha256));
            piece.heads.push(head);
        }
    }
}

/// Whether a log can have this change.
fn is_possible(entry: &Entry) -> bool {
    (1..=POSITION_MAX).contains(&entry.seq.0) && entry.prev_in_lane < entry.seq
}

fn key_of(keys: &PlatformKeys, header: &SegmentHeader) -> Result<SegmentKey, SegmentRefusal> {
    if header.key_for_platform.is_empty() {
        return Err(SegmentRefusal::NotSealed);
    }
    let sealing = keys
        .sealing_named(&header.platform_key_id)
        .ok_or(SegmentRefusal::OtherKey)?;
    SegmentKey::open_with(sealing, &header.key_for_platform).map_err(|_| SegmentRefusal::OtherKey)
}
