//! A batch body in columns, read by hand from the specification (docs/sync.md §5): the checker shares no code with the core.

use std::io::Read as _;

use crate::wire::Id;

/// The dictionary of form 3, as it is published beside the specification.
const DICTIONARY: &[u8] = include_bytes!("../../../core/wire/data/columns-2026.zdict");
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const INFLATED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// One change in them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) seq: u64,
    pub(crate) lane: (u64, Id),
    pub(crate) prev_in_lane: u64,
    pub(crate) kind: u64,
    pub(crate) body: Vec<u8>,
}

/// The changes of a body of form 2 or 3; `None` in `Some` says that it is of neither.
pub(crate) fn rows(body: &[u8]) -> Option<Option<Vec<Row>>> {
    let dictionary: &[u8] = match body.first() {
        Some(2) => &[],
        Some(3) => DICTIONARY,
        _ => return Some(None),
    };
    let frame = MAGIC.chain(body.get(1..)?);
    let frame = zstd::stream::read::Decoder::with_dictionary(frame, dictionary).ok()?;
    let mut columns = Vec::new();
    frame.take(INFLATED_BYTES_MAX).read_to_end(&mut columns).ok()?;
    let mut tape = Tape(&columns);
    let rows = tape.rows()?;
    tape.0.is_empty().then_some(Some(rows))
}

struct Tape<'t>(&'t [u8]);

impl<'t> Tape<'t> {
    /// A number in groups of seven bits, the lowest first.
    fn number(&mut self) -> Option<u64> {
        let end = self.0.iter().position(|byte| *byte < 0x80)?;
        let (groups, rest) = self.0.split_at_checked(end + 1)?;
        self.0 = rest;
        let value = groups
            .iter()
            .rev()
            .fold(0_u128, |value, byte| value << 7 | u128::from(byte & 0x7f));
        u64::try_from(value).ok().filter(|_| groups.len() <= 10)
    }

    fn numbers(&mut self, count: usize) -> Option<Vec<u64>> {
        (0..count).map(|_| self.number()).collect()
    }

    fn size(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn bytes(&mut self, length: usize) -> Option<&'t [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn strings(&mut self, count: usize) -> Option<Vec<&'t [u8]>> {
        let lengths = self.numbers(count)?;
        lengths
            .into_iter()
            .map(|length| self.bytes(usize::try_from(length).ok()?))
            .collect()
    }

    fn rows(&mut self) -> Option<Vec<Row>> {
        let count = self.size().filter(|count| *count <= self.0.len())?;
        let steps = self.numbers(count)?;
        let lane_codes = self.numbers(count)?;
        let backs = self.numbers(count)?;
        let lanes = lane_codes.iter().filter(|code| **code == 0).count();
        let lane_kinds = self.numbers(lanes)?;
        let lane_ids: Vec<Id> = (0..lanes)
            .map(|_| self.bytes(16)?.try_into().ok())
            .collect::<Option<_>>()?;
        let kinds = self.numbers(count)?;
        self.numbers(count)?;
        let bodies = self.bodies(count)?;
        let (mut at, mut met) = (0_u64, 0);
        let mut last = vec![0; lanes];
        let mut rows = Vec::new();
        for (index, body) in bodies.into_iter().enumerate() {
            at = at.wrapping_add(unfold(steps[index])).wrapping_add(1);
            let lane = match lane_codes[index] {
                0 => {
                    met += 1;
                    met - 1
                }
                code => usize::try_from(code - 1).ok().filter(|lane| *lane < met)?,
            };
            let prev_in_lane = match backs[index] {
                0 => last[lane],
                back => at.checked_sub(back)?,
            };
            last[lane] = at;
            rows.push(Row {
                seq: at,
                lane: (lane_kinds[lane], lane_ids[lane]),
                prev_in_lane,
                kind: kinds[index],
                body,
            });
        }
        Some(rows)
    }

    fn bodies(&mut self, count: usize) -> Option<Vec<Vec<u8>>> {
        // For each change its two skeletons, or none.
        let (mut named, mut shapes) = (Vec::new(), 0);
        for _ in 0..count {
            let mut pair = Vec::new();
            while pair.len() < 2 {
                match self.number()? {
                    0 => {
                        pair.push(shapes);
                        shapes += 1;
                    }
                    1 => break,
                    code => pair.push(usize::try_from(code - 2).ok().filter(|at| *at < shapes)?),
                }
            }
            named.push(pair);
        }
        let skeletons: Vec<&[u8]> = (0..shapes)
            .map(|_| {
                let length = self.size()?;
                self.bytes(length)
            })
            .collect::<Option<_>>()?;
        let uses = |shape: usize| named.iter().flatten().filter(|at| **at == shape).count();
        let mut numbers: Vec<Vec<u64>> = Vec::new();
        for (shape, skeleton) in skeletons.iter().enumerate() {
            for _ in skeleton.iter().filter(|byte| [0x1c, 0x3c].contains(*byte)) {
                let way = self.number()?;
                let mut column = self.numbers(uses(shape))?;
                if way > 0 {
                    let before = usize::try_from(way - 1).ok()?.checked_sub(1);
                    let base = before.map_or(Some(0), |column| numbers.get(column)?.first().copied());
                    let mut value = base?;
                    for number in &mut column {
                        value = value.wrapping_add(unfold(*number));
                        *number = value;
                    }
                }
                numbers.push(column);
            }
        }
        let mut strings = Vec::new();
        for (shape, skeleton) in skeletons.iter().enumerate() {
            for _ in skeleton.iter().filter(|byte| [0x5c, 0x7c].contains(*byte)) {
                strings.push(self.strings(uses(shape))?);
            }
        }
        let whole = self.strings(named.iter().filter(|pair| pair.len() < 2).count())?;
        put_together(&named, &skeletons, &numbers, &strings, &whole)
    }
}

/// Bodies out of skeletons and columns; columns of a skeleton follow those of the skeletons before.
fn put_together(
    named: &[Vec<usize>],
    skeletons: &[&[u8]],
    numbers: &[Vec<u64>],
    strings: &[Vec<&[u8]>],
    whole: &[&[u8]],
) -> Option<Vec<Vec<u8>>> {
    let columns_before = |shape: usize, kinds: [u8; 2]| {
        let before = skeletons[..shape].iter().copied().flatten();
        before.filter(|byte| kinds.contains(byte)).count()
    };
    let mut used = vec![0; skeletons.len()];
    let mut whole = whole.iter();
    let mut bodies = Vec::new();
    for pair in named {
        if pair.len() < 2 {
            bodies.push(whole.next()?.to_vec());
            continue;
        }
        let mut body = vec![0x82];
        for &shape in pair {
            let (mut number, mut string) = (
                columns_before(shape, [0x1c, 0x3c]),
                columns_before(shape, [0x5c, 0x7c]),
            );
            for &byte in skeletons[shape] {
                match byte {
                    0x1c | 0x3c => {
                        head(&mut body, byte & 0xe0, numbers[number][used[shape]]);
                        number += 1;
                    }
                    0x5c | 0x7c => {
                        let found = strings[string][used[shape]];
                        head(&mut body, byte & 0xe0, found.len() as u64);
                        body.extend(found);
                        string += 1;
                    }
                    plain => body.push(plain),
                }
            }
            used[shape] += 1;
        }
        bodies.push(body);
    }
    Some(bodies)
}

/// The head of a CBOR item, as short as it can be.
fn head(body: &mut Vec<u8>, major: u8, value: u64) {
    let wide = value.to_be_bytes();
    match value {
        0..=23 => body.push(major | wide[7]),
        24..=0xff => body.extend([major | 24, wide[7]]),
        0x100..=0xffff => {
            body.push(major | 25);
            body.extend(&wide[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            body.push(major | 26);
            body.extend(&wide[4..]);
        }
        _ => {
            body.push(major | 27);
            body.extend(wide);
        }
    }
}

fn unfold(value: u64) -> u64 {
    if value & 1 == 0 { value >> 1 } else { !(value >> 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frozen_columns_are_read() {
        let path = "/../../core/wire/tests/snapshots/columns__batch_columns.snap";
        let text = std::fs::read_to_string(format!("{}{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let columns = hex::decode(text.trim_end().lines().last().unwrap()).unwrap();
        let frame = zstd::bulk::compress(&columns, 3).unwrap();
        let rows = rows(&[&[2], &frame[4..]].concat()).unwrap().unwrap();
        let places: Vec<_> = rows
            .iter()
            .map(|row| (row.seq, row.lane.0, row.prev_in_lane, row.kind))
            .collect();
        assert_eq!(places, [(500, 1, 0, 1), (501, 77, 20, 999), (502, 1, 500, 2)]);
        assert_eq!(rows[0].body, [0x82, 0x83, 0, 0, 0, 0xa0]);
        assert_eq!(rows[1].body, b"kept as it came");
    }

    #[test]
    fn a_body_of_rows_is_none_of_ours_and_a_cut_one_is_refused() {
        assert_eq!(rows(&[0x28, 0xb5]), Some(None));
        assert_eq!(rows(&[2, 1, 2, 3]), None);
    }
}
