//! Takes a body apart: its skeleton, and what stood in it.

use super::{BYTES, NEGATIVE, NUMBER, TEXT};

/// Deeper ones travel as they are.
pub(super) const DEPTH_MAX: usize = 8;

/// What stood at a place of a skeleton.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaf<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// One CBOR item taken apart.
#[derive(Debug, Default)]
pub(super) struct Part<'b> {
    pub(super) skeleton: Vec<u8>,
    pub(super) leaves: Vec<Leaf<'b>>,
}

/// The two items of a body; `None` when it is not `[item, item]` in shortest form.
pub(super) fn take_apart(body: &[u8]) -> Option<[Part<'_>; 2]> {
    let mut rest = body.strip_prefix(&[0x82])?;
    let parts = [part(&mut rest)?, part(&mut rest)?];
    rest.is_empty().then_some(parts)
}

/// Items that are still to come in a list or map, and whether the next one is a key.
struct Open {
    left: u64,
    is_map: bool,
    is_key: bool,
}

fn part<'b>(rest: &mut &'b [u8]) -> Option<Part<'b>> {
    let mut part = Part::default();
    let mut open: Vec<Open> = Vec::new();
    loop {
        let is_key = open.last().is_some_and(|open| open.is_key);
        let (&first, after) = rest.split_first()?;
        *rest = after;
        let (major, info) = (first >> 5, first & 0x1f);
        match major {
            // A key is short and stays in the skeleton; other keys than numbers are none of ours.
            0 if is_key && info < 24 => part.skeleton.push(first),
            _ if is_key => return None,
            0 | 1 => {
                part.skeleton.push(if major == 0 { NUMBER } else { NEGATIVE });
                part.leaves.push(Leaf::Number(argument(info, rest)?));
            }
            2 | 3 => {
                let length = usize::try_from(argument(info, rest)?).ok()?;
                let (bytes, after) = rest.split_at_checked(length)?;
                *rest = after;
                part.skeleton.push(if major == 2 { BYTES } else { TEXT });
                part.leaves.push(Leaf::Bytes(bytes));
            }
            4 | 5 if info < 24 => {
                part.skeleton.push(first);
                if info > 0 {
                    if open.len() == DEPTH_MAX {
                        return None;
                    }
                    let is_map = major == 5;
                    open.push(Open {
                        left: u64::from(info) << u8::from(is_map),
                        is_map,
                        is_key: is_map,
                    });
                    continue;
                }
            }
            // False, true and null.
            7 if (20..23).contains(&info) => part.skeleton.push(first),
            _ => return None,
        }
        // An item has ended, and with it perhaps what held it.
        loop {
            let Some(holding) = open.last_mut() else {
                return Some(part);
            };
            holding.left -= 1;
            holding.is_key = holding.is_map && !holding.is_key;
            if holding.left > 0 {
                break;
            }
            open.pop();
        }
    }
}

/// The number behind a first byte, if it is in its shortest form.
fn argument(info: u8, rest: &mut &[u8]) -> Option<u64> {
    if info < 24 {
        return Some(u64::from(info));
    }
    let width = match info {
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (bytes, after) = rest.split_at_checked(width)?;
    *rest = after;
    let value = bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let least = if width == 1 { 24 } else { 1 << (4 * width) };
    (value >= least).then_some(value)
}

/// Writes the first bytes of an item with this argument, in shortest form.
pub(super) fn put_head(out: &mut Vec<u8>, major: u8, value: u64) {
    let first = major << 5;
    match value {
        0..24 => out.push(first | value as u8),
        24..0x100 => out.extend([first | 24, value as u8]),
        0x100..0x1_0000 => {
            out.push(first | 25);
            out.extend((value as u16).to_be_bytes());
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(first | 26);
            out.extend((value as u32).to_be_bytes());
        }
        _ => {
            out.push(first | 27);
            out.extend(value.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_in_shortest_form_only() {
        for value in [
            0,
            23,
            24,
            255,
            256,
            65_535,
            65_536,
            (1 << 32) - 1,
            1 << 32,
            u64::MAX,
        ] {
            let mut bytes = Vec::new();
            put_head(&mut bytes, 0, value);
            let (first, mut rest) = (bytes[0], &bytes[1..]);
            assert_eq!(argument(first & 0x1f, &mut rest), Some(value));
        }
        for long in [
            [24_u8, 23].as_slice(),
            &[25, 0, 255],
            &[26, 0, 0, 255, 255],
            &[27, 0, 0, 0, 0, 255, 255, 255, 255],
        ] {
            let mut rest = &long[1..];
            assert_eq!(argument(long[0], &mut rest), None);
        }
    }

    #[test]
    fn a_body_of_another_form_is_not_taken_apart() {
        let good = [0x82, 0x01, 0xa1, 0x00, 0x61, b'x'];
        let parts = take_apart(&good).expect("two items");
        assert_eq!(parts[0].skeleton, [NUMBER]);
        assert_eq!(parts[1].skeleton, [0xa1, 0x00, TEXT]);
        assert_eq!(parts[1].leaves, [Leaf::Bytes(b"x")]);
        for other in [
            [0x81, 0x01].as_slice(),               // one item
            &[0x82, 0x01],                         // cut
            &[0x82, 0x01, 0x02, 0x03],             // more
            &[0x82, 0x01, 0xa1, 0x61, b'x', 0x00], // a text for a key
            &[0x82, 0x01, 0x9f, 0xff],             // a list without a length
            &[0x82, 0x01, 0xf9, 0, 0],             // a float
            &[0x82, 0x01, 0xc1, 0x00],             // a tag
            &[0x82, 0x01, 0x18, 0x01],             // a number longer than it need be
            &[
                0x82, 0x01, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x81, 0x00,
            ], // deep
        ] {
            assert!(take_apart(other).is_none(), "{other:x?}");
        }
    }
}
