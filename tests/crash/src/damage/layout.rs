//! Which bytes of a vault's files mean something, read from the formats alone. Never asks the code under test.
//!
//! Without meaning are: frames of the log behind its last commit; a log all of whose pages are in the database already; a
//! database page that a committed frame supersedes; the bytes behind the last frame of a lifeboat's segment; the mark
//! that ends a segment.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use grid_wire::lifeboat::{FRAME_HEAD_BYTES, FRAMES_FROM, HEADER_BLOCK_BYTES, header_from};

pub(crate) const PAGE: usize = 4096;
const LOG_HEADER: usize = 32;
pub(crate) const LOG_FRAME: usize = 24 + PAGE;

/// The meaningful bytes of a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meaning(Vec<Range<usize>>);

impl Meaning {
    fn from_start(bytes: usize) -> Self {
        Self(std::iter::once(0..bytes).collect())
    }

    /// Whether a changed file lost something that meant something.
    pub(crate) fn is_hurt(&self, before: &[u8], after: Option<&[u8]>) -> bool {
        let after = after.unwrap_or_default();
        let mut ranges = self.0.iter();
        ranges.any(|range| before.get(range.clone()) != after.get(range.clone()))
    }
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk());
    four.map_or(0, |four| u32::from_be_bytes(*four))
}

/// The committed part of a log: bytes, and where the newest image of each page lies.
pub(crate) struct Log {
    pub(crate) end: usize,
    pub(crate) newest: BTreeMap<u32, usize>,
}

/// Reads a log as SQLite would.
pub(crate) fn log(bytes: &[u8]) -> Log {
    let mut found = Log {
        end: 0,
        newest: BTreeMap::new(),
    };
    let Some(header) = bytes.get(..LOG_HEADER) else {
        return found;
    };
    let big_endian = header[3] & 1 == 1;
    let mut sum = summed(big_endian, (0, 0), &header[..24]);
    if sum != (be32(header, 24), be32(header, 28)) {
        return found;
    }
    let mut pending = BTreeMap::new();
    for (index, frame) in bytes[LOG_HEADER..].chunks_exact(LOG_FRAME).enumerate() {
        if frame[8..16] != header[16..24] {
            break;
        }
        sum = summed(big_endian, summed(big_endian, sum, &frame[..8]), &frame[24..]);
        if sum != (be32(frame, 16), be32(frame, 20)) {
            break;
        }
        let at = LOG_HEADER + index * LOG_FRAME;
        pending.insert(be32(frame, 0), at + 24);
        if be32(frame, 4) != 0 {
            found.newest.append(&mut pending);
            found.end = at + LOG_FRAME;
        }
    }
    found
}

fn summed(big_endian: bool, from: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    let (mut a, mut b) = from;
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let word = be32(pair, at);
            if big_endian { word } else { word.swap_bytes() }
        };
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    (a, b)
}

/// The pages that a reader of both files sees.
pub(crate) fn seen(database: &[u8], wal: &[u8]) -> Vec<u8> {
    let log = log(wal);
    let mut pages = database.to_vec();
    for (number, at) in &log.newest {
        let page = (*number as usize - 1) * PAGE;
        if pages.len() < page + PAGE {
            pages.resize(page + PAGE, 0);
        }
        pages[page..page + PAGE].copy_from_slice(&wal[*at..*at + PAGE]);
    }
    pages
}

/// What means something in a database and in its log.
pub(crate) fn database(database: &[u8], wal: Option<&[u8]>) -> (Meaning, Meaning) {
    let log = log(wal.unwrap_or_default());
    let in_both = |(number, at): (&u32, &usize)| {
        let page = (*number as usize - 1) * PAGE;
        database.get(page..page + PAGE) == wal.and_then(|wal| wal.get(*at..*at + PAGE))
    };
    if log.newest.iter().all(in_both) {
        return (Meaning::from_start(database.len()), Meaning::default());
    }
    let superseded: BTreeSet<usize> = log.newest.keys().map(|number| *number as usize - 1).collect();
    // The salt of the whole file stands before the first page's bytes, and is read from here.
    let Meaning(mut pages) = Meaning::from_start(16);
    let own = (0..database.len() / PAGE).filter(|page| !superseded.contains(page));
    pages.extend(own.map(|page| page * PAGE..(page + 1) * PAGE));
    (Meaning(pages), Meaning::from_start(log.end))
}

/// A frame of a segment.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Range<usize>,
    /// The epoch and position of a change; `None` for other frames.
    pub(crate) change: Option<(u64, u64)>,
}

/// What a segment holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Segment {
    pub(crate) frames: Vec<Frame>,
}

/// Reads an undamaged segment.
pub(crate) fn segment(bytes: &[u8]) -> Segment {
    let header = bytes
        .get(..HEADER_BLOCK_BYTES)
        .and_then(|block| header_from(block).ok());
    let Some((header, _)) = header else {
        return Segment::default();
    };
    let mut found = Segment::default();
    let mut at = FRAMES_FROM as usize;
    while let Some(head) = bytes
        .get(at..at + FRAME_HEAD_BYTES)
        .filter(|head| head.starts_with(&header.mark()))
    {
        let end = at + FRAME_HEAD_BYTES + be32(head, 85) as usize;
        let position = (u64::from(be32(head, 13)) << 32) | u64::from(be32(head, 17));
        let change = (head[8] == 1).then_some((header.epoch().0, position));
        if head[8] != END {
            found.frames.push(Frame {
                bytes: at..end,
                change,
            });
        }
        at = end;
    }
    found
}

const END: u8 = 4;

impl Segment {
    pub(crate) fn meaning(&self) -> Meaning {
        let Meaning(mut ranges) = Meaning::from_start(FRAMES_FROM as usize);
        ranges.extend(self.frames.iter().map(|frame| frame.bytes.clone()));
        Meaning(ranges)
    }

    /// Changes whose frame is untouched, while one of the two headers is.
    pub(crate) fn untouched(&self, before: &[u8], after: Option<&[u8]>) -> BTreeSet<(u64, u64)> {
        let after = after.unwrap_or_default();
        let same = |range: Range<usize>| before.get(range.clone()) == after.get(range);
        if !same(0..HEADER_BLOCK_BYTES) && !same(HEADER_BLOCK_BYTES..2 * HEADER_BLOCK_BYTES) {
            return BTreeSet::new();
        }
        let whole = self.frames.iter().filter(|frame| same(frame.bytes.clone()));
        whole.filter_map(|frame| frame.change).collect()
    }
}
