//! What the headers of a WAL tell: which frames are of its present life, and where transactions end. Never decides whether
//! a page is authentic.
//!
//! A WAL is written from its start again and again; behind the frames of its present life lie those of earlier ones, told
//! apart by two salts. The database file is at least as new as those.

use super::Page;
use super::files::{FRAME_HEADER_BYTES, Files};

/// The lives of a WAL are this far apart in [`Frames::at`].
const LIFE: i64 = 1 << 32;

/// One frame as far as it is needed.
pub(super) struct Frame {
    /// Page number; 0 when it cannot be known.
    pub(super) number: u32,
    /// The page is authentic.
    pub(super) sound: bool,
    /// First bytes of IV and HMAC, by which two copies of an image are known.
    pub(super) mark: [u64; 2],
    salts: [u8; 8],
    ends_transaction: bool,
}

/// The frames of a WAL, in the order of the file.
pub(super) struct Frames {
    pub(super) list: Vec<Frame>,
    /// Place in time of each frame: from 1 in the present life, negative in earlier ones.
    pub(super) at: Vec<i64>,
    /// Where the transactions of the present life end, rising.
    pub(super) commits: Vec<i64>,
}

impl Frames {
    /// Reads the WAL. `open` says the page's number, whether it is authentic and its mark, from the number in the header.
    pub(super) fn read(
        files: &mut Files,
        mut open: impl FnMut(u32, u32, Option<&Page>) -> (u32, bool, [u64; 2]),
    ) -> Self {
        let header = files.wal_header().unwrap_or_default();
        // SQLite sums words in the byte order of the machine that wrote the file: its magic's last bit.
        let big_endian = header[3] & 1 == 1;
        let mut sum: [u8; 8] = piece(&header, 24);
        let mut list = Vec::new();
        for index in 0..files.frames {
            let Some((header, page)) = files.frame(index) else {
                let (number, sound, mark) = open(index, 0, None);
                sum = [0; 8];
                list.push(Frame {
                    number,
                    sound,
                    mark,
                    salts: [0; 8],
                    ends_transaction: false,
                });
                continue;
            };
            let stated = u32::from_be_bytes(piece(&header, 0));
            let (number, sound, mark) = open(index, stated, Some(&page));
            let linked = checksum(big_endian, sum, &header[..8], &page) == piece(&header, 16);
            let pages_after = u32::from_be_bytes(piece(&header, 4));
            // One flipped bit makes a power of two of zero, and then the sum tells; any other number was written.
            let ends_transaction = pages_after != 0 && (linked || !pages_after.is_power_of_two());
            sum = piece(&header, 16);
            list.push(Frame {
                number,
                sound,
                mark,
                salts: piece(&header, 8),
                ends_transaction,
            });
        }
        let (at, present) = places(&list, piece(&header, 16));
        let ends = at.iter().zip(&list).take(present);
        let commits = ends
            .filter_map(|(at, frame)| frame.ends_transaction.then_some(*at))
            .collect();
        Self { list, at, commits }
    }
}

/// Each frame's place in time, and how many frames are of the present life.
fn places(list: &[Frame], header_salts: [u8; 8]) -> (Vec<i64>, usize) {
    let mut votes: Vec<[u8; 8]> = list
        .iter()
        .filter(|frame| frame.sound)
        .take(3)
        .map(|frame| frame.salts)
        .collect();
    votes.push(header_salts);
    let count = |salts: &[u8; 8]| votes.iter().filter(|vote| *vote == salts).count();
    let mut current = votes[0];
    for salts in &votes {
        if count(salts) > count(&current) {
            current = *salts;
        }
    }
    // Each life begins at the start of the file, so whatever lies before a frame of this one is of this one too.
    let last = list.iter().rposition(|frame| alike(frame.salts, current));
    let present = last.map_or(0, |last| last + 1);
    let (mut life, mut salts) = (0, current);
    let at = list.iter().zip(0_i64..).map(|(frame, index)| {
        if (index as usize) < present {
            return index + 1;
        }
        if life == 0 || !alike(frame.salts, salts) {
            life += 1;
            salts = frame.salts;
        }
        index - life * LIFE
    });
    (at.collect(), present)
}

/// The end of the life in which an earlier frame was written.
pub(super) fn end_of_life(at: i64) -> i64 {
    at.div_euclid(LIFE) * LIFE + LIFE - 1
}

/// The index of the frame at a place in time.
pub(super) fn frame_index(at: i64) -> u32 {
    let index = if at > 0 { at - 1 } else { at.rem_euclid(LIFE) };
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// One damaged half is forgiven: between two lives both change.
fn alike(a: [u8; 8], b: [u8; 8]) -> bool {
    a[..4] == b[..4] || a[4..] == b[4..]
}

/// The running sum of the WAL format, over a frame's first 8 bytes and its page.
fn checksum(big_endian: bool, from: [u8; 8], head: &[u8], page: &Page) -> [u8; 8] {
    let mut first = u32::from_be_bytes(piece(&from, 0));
    let mut second = u32::from_be_bytes(piece(&from, 4));
    let (head, _) = head.as_chunks::<8>();
    let (page, _) = page.as_chunks::<8>();
    for pair in head.iter().chain(page) {
        let word = |at| {
            let bytes = piece(pair, at);
            if big_endian {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            }
        };
        first = first.wrapping_add(word(0)).wrapping_add(second);
        second = second.wrapping_add(word(4)).wrapping_add(first);
    }
    let mut sum = [0; 8];
    sum[..4].copy_from_slice(&first.to_be_bytes());
    sum[4..].copy_from_slice(&second.to_be_bytes());
    sum
}

/// `N` bytes from `at`; zeros where there are none.
fn piece<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or([0; N])
}

const _: () = assert!(FRAME_HEADER_BYTES == 24);
