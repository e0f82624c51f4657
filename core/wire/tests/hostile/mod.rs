//! Bytes that nobody means well with.

use proptest::prelude::*;

use crate::doors;

/// Every mark a message may begin with.
pub(crate) const MARKS: [&[u8; 4]; 10] = [
    b"GFB1", b"GFR1", b"GFX1", b"GFE1", b"GFN1", b"GFL1", b"GFA1", b"GFC1", b"GFT1", b"GFP1",
];

/// The bytes bare, compressed, behind each mark, and in the frame of a sync request.
pub(crate) fn dressed(bytes: &[u8]) -> Vec<Vec<u8>> {
    let squeezed = doors::squeezed(bytes);
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut dressed = vec![
        [b"GFB1", length.as_slice(), bytes, b"body"].concat(),
        [b"GFC1", length.as_slice(), bytes, b"body"].concat(),
        [b"GFL1", length.as_slice(), bytes, b"room"].concat(),
    ];
    for mark in MARKS {
        dressed.push([mark.as_slice(), bytes].concat());
        dressed.push([mark.as_slice(), &squeezed].concat());
    }
    dressed.extend([bytes.to_vec(), squeezed]);
    dressed
}

/// Tokens of CBOR in any order: it looks right from near and makes no sense from afar.
pub(crate) fn soup() -> impl Strategy<Value = Vec<u8>> {
    let head = |major: u8| (0_u8..30).prop_map(move |low| vec![major << 5 | low]);
    let string = |major: u8, length: usize| {
        let head = if length < 24 {
            vec![major << 5 | length as u8]
        } else {
            vec![major << 5 | 24, length as u8]
        };
        prop::collection::vec(0x20_u8..0x7f, length).prop_map(move |text| [head.clone(), text].concat())
    };
    let number = (0_u8..2, any::<u64>())
        .prop_map(|(major, n)| [vec![major << 5 | 27], n.to_be_bytes().to_vec()].concat());
    let token = prop_oneof![
        4 => (0_u8..24).prop_map(|n| vec![n]),
        2 => number,
        2 => string(2, 16),
        2 => string(2, 32),
        1 => string(2, 0),
        2 => string(3, 5),
        2 => head(4),
        2 => head(5),
        1 => head(6),
        1 => head(7),
        1 => prop::sample::select(vec![0x9f_u8, 0xbf, 0x5f, 0x7f, 0xff, 0xf6, 0xf4, 0xf5]).prop_map(|b| vec![b]),
        1 => (2_u8..6).prop_map(claim),
    ];
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

/// The head of a string, list or map that claims to hold 2^60 things.
pub(crate) fn claim(major: u8) -> Vec<u8> {
    [&[major << 5 | 27], (1_u64 << 60).to_be_bytes().as_slice()].concat()
}

/// A zstd frame that asks for a window of 2^`window_log` bytes and unpacks to `blocks` times 128 KiB of zeros.
pub(crate) fn zeros(window_log: u8, blocks: usize) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (window_log - 10) << 3];
    for block in 1..=blocks {
        let run_of_one_byte = (128 * 1024) << 3 | 1 << 1 | u32::from(block == blocks);
        frame.extend(&run_of_one_byte.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// A zstd frame that asks for a window of 2^`window_log` bytes and holds these few bytes as they are.
pub(crate) fn frame(window_log: u8, content: &[u8]) -> Vec<u8> {
    let last_and_raw = 1 | (content.len() as u32) << 3;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, (window_log - 10) << 3];
    frame.extend(&last_and_raw.to_le_bytes()[..3]);
    frame.extend(content);
    frame
}
