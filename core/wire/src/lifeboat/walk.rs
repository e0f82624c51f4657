//! Reading a segment back: every frame that is whole is found, whatever stands before it. Opens nothing.

use super::{
    FRAME_HEAD_BYTES, FRAMES_FROM, Frame, FrameAt, HEADER_BLOCK_BYTES, SegmentHeader, be32, frame_at,
    header_from,
};
use crate::codec::WireError;
use crate::exchange::Signed;

/// How much may be read, in lengths of the segment, of what only looks like frames. Real damage needs less than one; it bounds
/// what a segment made for it costs its reader.
const VAIN_READING_MAX: usize = 16;

/// One thing that stands among the frames of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'b> {
    /// A frame whose checksum holds.
    Frame(Frame<'b>),
    /// Something that is no frame, before the next one.
    Damage,
}

/// The headers of a segment that read: both blocks, or the one that is whole. Two that read may differ; which of them holds
/// is told by the signature, the caller's to check.
pub fn headers(bytes: &[u8]) -> Result<Vec<(SegmentHeader, Signed)>, WireError> {
    let (mut read, mut why) = (Vec::new(), WireError::NotOurs);
    for from in [0, HEADER_BLOCK_BYTES] {
        match header_from(bytes.get(from..from + HEADER_BLOCK_BYTES).unwrap_or_default()) {
            Ok(header) => read.push(header),
            Err(newer @ WireError::Newer { .. }) => why = newer,
            Err(error) if why == WireError::NotOurs => why = error,
            Err(_) => {}
        }
    }
    if read.is_empty() { Err(why) } else { Ok(read) }
}

/// Walks over the frames of a segment. What is no frame is skipped up to the next mark; zeros up to the end, and one torn
/// frame with nothing behind it, are the ordinary end of a segment that was not closed. Answers where the last whole frame
/// ends.
pub fn walk<'b>(bytes: &'b [u8], mark: [u8; 8], visit: &mut dyn FnMut(Found<'b>)) -> usize {
    let mut at = FRAMES_FROM as usize;
    let mut vain = bytes.len().saturating_mul(VAIN_READING_MAX);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if let FrameAt::Whole(frame, length) = frame_at(rest, mark) {
            visit(Found::Frame(frame));
            at += length;
            continue;
        }
        let Some(next) = next_whole(rest, mark, &mut vain) else {
            break;
        };
        visit(Found::Damage);
        at += next;
    }
    at
}

/// Where the next whole frame begins.
fn next_whole(bytes: &[u8], mark: [u8; 8], vain: &mut usize) -> Option<usize> {
    for at in 1..bytes.len().saturating_sub(FRAME_HEAD_BYTES) {
        let here = &bytes[at..];
        if !here.starts_with(&mark) {
            continue;
        }
        if matches!(frame_at(here, mark), FrameAt::Whole(..)) {
            return Some(at);
        }
        let claimed = be32(&here[FRAME_HEAD_BYTES - 8..FRAME_HEAD_BYTES - 4]) as usize;
        *vain = vain.checked_sub(FRAME_HEAD_BYTES + claimed.min(here.len()))?;
    }
    None
}

#[cfg(test)]
mod tests {
    use grid_model::Sha256;
    use grid_model::id::{DeviceId, Epoch, Seq};

    use super::*;
    use crate::batch::Head;
    use crate::codec::encode;
    use crate::lifeboat::{FrameHead, FrameKind, header_block, put_frame};

    const MARK: [u8; 8] = *b"ABCDEFGH";

    fn frame(out: &mut Vec<u8>, index: u32) {
        let head = FrameHead {
            kind: FrameKind::Change,
            index,
            head: Head::new(Seq(u64::from(index) + 1), Sha256([1; 32])),
            body_hash: Sha256([2; 32]),
        };
        put_frame(out, MARK, &head, &[index as u8; 40]);
    }

    /// A segment of three frames with room behind them, and where each of them begins.
    fn three() -> (Vec<u8>, [usize; 3]) {
        let mut bytes = vec![0; FRAMES_FROM as usize];
        let places = [0, 1, 2].map(|index| {
            let at = bytes.len();
            frame(&mut bytes, index);
            at
        });
        bytes.resize(bytes.len() + 500, 0);
        (bytes, places)
    }

    /// The places of the frames that are found, and how many damaged ones there are.
    fn seen(bytes: &[u8]) -> (Vec<u32>, usize) {
        let (mut frames, mut damaged) = (Vec::new(), 0);
        walk(bytes, MARK, &mut |found| match found {
            Found::Frame(frame) => frames.push(frame.head.index),
            Found::Damage => damaged += 1,
        });
        (frames, damaged)
    }

    #[test]
    fn zeros_and_a_torn_frame_are_the_ordinary_end() {
        let (bytes, [.., last]) = three();
        assert_eq!(seen(&bytes), (vec![0, 1, 2], 0));
        assert_eq!(seen(&bytes[..last + 60]), (vec![0, 1], 0));
        assert_eq!(seen(&bytes[..100]), (vec![], 0));
        let mut torn = bytes;
        torn[last + 100..].fill(0);
        assert_eq!(seen(&torn), (vec![0, 1], 0));
    }

    #[test]
    fn a_damaged_place_costs_what_stood_there_and_nothing_else() {
        let (bytes, [first, middle, last]) = three();
        for at in [first + 3, first + 87, first + 100] {
            let mut hit = bytes.clone();
            hit[at] ^= 0x10;
            assert_eq!(seen(&hit), (vec![1, 2], 1), "{at}");
        }
        let mut hole = bytes.clone();
        hole[middle..last].fill(0);
        assert_eq!(seen(&hole), (vec![0, 2], 1));
        let mut moved = bytes;
        moved.splice(middle..middle, b"something else".iter().copied());
        assert_eq!(seen(&moved), (vec![0, 1, 2], 1));
    }

    /// A header that came to lie among the frames, with the mark in it and any number behind the mark.
    #[test]
    fn a_mark_that_claims_more_than_there_is_costs_no_more_than_there_is() {
        let (mut bytes, [first, ..]) = three();
        let mut stray = MARK.to_vec();
        stray.resize(FRAME_HEAD_BYTES, 0);
        stray[FRAME_HEAD_BYTES - 8..FRAME_HEAD_BYTES - 4].copy_from_slice(&u32::MAX.to_be_bytes());
        bytes.splice(first..first, stray);
        assert_eq!(seen(&bytes), (vec![0, 1, 2], 1));
    }

    /// Marks everywhere, each claiming the largest frame: a quarter of a million checksums over as many bytes each.
    #[test]
    fn a_segment_made_to_be_slow_is_given_up() {
        let mark = [0, 0, 4, 0, 0, 0, 4, 0];
        let bytes = [0, 0, 4, 0].repeat(250_000);
        let mut found = 0;
        walk(&bytes, mark, &mut |_| found += 1);
        assert_eq!(found, 0);
    }

    #[test]
    fn either_header_will_do_and_a_newer_one_is_told_apart() {
        let signed = |version| {
            let mut header = SegmentHeader::new(DeviceId([1; 16]), Epoch(2), [3; 16]);
            header.version = version;
            Signed {
                bytes: encode(&header),
                signature: vec![0; 64],
            }
        };
        let block = header_block(&signed(1)).expect("a block");
        let newer = header_block(&signed(2)).expect("a block");
        let read = |first: &[u8], second: &[u8]| headers(&[first, second].concat()).map(|read| read.len());
        let nothing = [0; HEADER_BLOCK_BYTES];
        assert_eq!(read(&block, &block), Ok(2));
        assert_eq!(read(&block, &nothing), Ok(1));
        assert_eq!(read(&nothing, &block), Ok(1));
        assert_eq!(read(&block, &[]), Ok(1));
        assert_eq!(read(&nothing, &nothing), Err(WireError::NotOurs));
        assert_eq!(read(&nothing, &newer), Err(WireError::Newer { found: 2 }));
        assert_eq!(read(&newer, &block), Ok(1));
        let mut broken = nothing;
        broken[..4].copy_from_slice(b"GFL1");
        assert_eq!(
            read(&broken, &nothing),
            Err(WireError::Malformed {
                what: "lifeboat header"
            })
        );
    }
}
