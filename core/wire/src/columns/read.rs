//! Columns into entries.

use grid_model::id::Seq;
use grid_model::lane::{ChangeKind, Lane, LaneKind};
use grid_model::{Coded as _, limits};

use super::take_apart::put_head;
use super::{
    AS_IT_IS, BYTES, FROM_COLUMN, FROM_ZERO, KNOWN, LEAVES_MAX, NEGATIVE, NEW, NUMBER, PARTS, PLAIN, TEXT,
    unfolded,
};
use crate::batch::Entry;

/// The entries in these columns; `None` when they are none, or more than a batch may have.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Entry>> {
    let mut from = Source(bytes);
    let count = from.count()?;
    if count > limits::ENTRIES_PER_BATCH_MAX {
        return None;
    }
    let mut entries = from.places(count)?;
    let mut codes = Vec::with_capacity(count);
    let (mut known, mut whole) = (0_usize, 0_usize);
    for _ in 0..count {
        let first = from.number()?;
        if first == AS_IT_IS {
            whole += 1;
            codes.push(None);
            continue;
        }
        let first = skeleton(first, &mut known)?;
        codes.push(Some([first, skeleton(from.number()?, &mut known)?]));
    }
    let mut shapes = from.shapes(known, &codes)?;
    let mut whole = from.strings(whole)?.into_iter();
    if !from.0.is_empty() {
        return None;
    }
    let mut room = limits::BATCH_INFLATED_BYTES_MAX;
    for (entry, parts) in entries.iter_mut().zip(&codes) {
        match parts {
            None => entry.body.extend(whole.next()?),
            Some(parts) => {
                entry.body.push(0x82);
                for part in parts {
                    shapes.get_mut(*part)?.put(&mut entry.body)?;
                }
            }
        }
        if entry.body.len() > limits::BODY_KEPT_BYTES_MAX {
            return None;
        }
        room = room.checked_sub(entry.body.len())?;
    }
    Some(entries)
}

/// Which skeleton a code names; `known` of them were met before.
fn skeleton(code: u64, known: &mut usize) -> Option<usize> {
    match code {
        NEW => {
            *known += 1;
            Some(*known - 1)
        }
        AS_IT_IS => None,
        code => usize::try_from(code - KNOWN).ok().filter(|at| at < known),
    }
}

enum Column<'b> {
    Numbers(std::vec::IntoIter<u64>),
    Strings(std::vec::IntoIter<&'b [u8]>),
}

struct Shape<'b> {
    skeleton: &'b [u8],
    columns: Vec<Column<'b>>,
}

impl Shape<'_> {
    /// Writes the next item of this shape; `None` when no body may have so much.
    fn put(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let mut columns = self.columns.iter_mut();
        for &byte in self.skeleton {
            if !is_leaf(byte) {
                out.push(byte);
                continue;
            }
            let major = byte >> 5;
            match columns.next()? {
                Column::Numbers(numbers) => put_head(out, major, numbers.next()?),
                Column::Strings(strings) => {
                    let string = strings.next()?;
                    if out.len() + string.len() > limits::BODY_KEPT_BYTES_MAX {
                        return None;
                    }
                    put_head(out, major, string.len() as u64);
                    out.extend(string);
                }
            }
        }
        Some(())
    }
}

const fn is_leaf(byte: u8) -> bool {
    matches!(byte, NUMBER | NEGATIVE | BYTES | TEXT)
}

/// What is still to be read.
struct Source<'b>(&'b [u8]);

impl<'b> Source<'b> {
    fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if (bits << shift) >> shift != bits {
                return None;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    /// A number of things that each take a byte at least of what is left.
    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.0.len()).then_some(count)
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn places(&mut self, count: usize) -> Option<Vec<Entry>> {
        let mut entries = Vec::with_capacity(count);
        let mut before = 0_u64;
        for _ in 0..count {
            before = before.wrapping_add(unfolded(self.number()?)).wrapping_add(1);
            entries.push(Entry {
                seq: Seq(before),
                lane: Lane {
                    kind: LaneKind::from_code(0),
                    id: [0; 16],
                },
                prev_in_lane: Seq(0),
                kind: ChangeKind::from_code(0),
                schema_version: 0,
                body: Vec::new(),
            });
        }
        let mut lane_of = Vec::with_capacity(count);
        let mut lanes = 0_usize;
        for _ in 0..count {
            lane_of.push(match self.number()? {
                NEW => {
                    lanes += 1;
                    lanes - 1
                }
                code => usize::try_from(code - 1).ok().filter(|at| *at < lanes)?,
            });
        }
        let mut last = vec![0_u64; lanes];
        for (entry, lane) in entries.iter_mut().zip(&lane_of) {
            let last = last.get_mut(*lane)?;
            let prev = match self.number()? {
                0 => *last,
                back => entry.seq.0.checked_sub(back)?,
            };
            if prev >= entry.seq.0 {
                return None;
            }
            entry.prev_in_lane = Seq(prev);
            *last = entry.seq.0;
        }
        let mut named = Vec::with_capacity(lanes);
        for _ in 0..lanes {
            named.push(LaneKind::from_code(self.short()?));
        }
        let ids = self.take(lanes.checked_mul(16)?)?;
        for (entry, lane) in entries.iter_mut().zip(&lane_of) {
            let (kind, id) = (*named.get(*lane)?, ids.as_chunks().0.get(*lane)?);
            entry.lane = Lane { kind, id: *id };
        }
        for entry in &mut entries {
            entry.kind = ChangeKind::from_code(self.short()?);
        }
        for entry in &mut entries {
            entry.schema_version = self.short()?;
        }
        Some(entries)
    }

    fn short(&mut self) -> Option<u16> {
        u16::try_from(self.number()?).ok()
    }

    /// The shapes with their columns, each as long as the shape is used.
    fn shapes(&mut self, known: usize, codes: &[Option<[usize; PARTS]>]) -> Option<Vec<Shape<'b>>> {
        let mut uses = vec![0_usize; known];
        for at in codes.iter().flatten().flatten() {
            *uses.get_mut(*at)? += 1;
        }
        let mut skeletons = Vec::with_capacity(known);
        for _ in 0..known {
            let length = self.count()?;
            skeletons.push(self.take(length)?);
        }
        let leaves = |(skeleton, uses): (&&[u8], &usize)| {
            let each = skeleton.iter().filter(|byte| is_leaf(**byte)).count();
            each.checked_mul(*uses)
        };
        let mut all = 0_usize;
        for of_one in skeletons.iter().zip(&uses).map(leaves) {
            all = all.checked_add(of_one?)?;
        }
        if all > LEAVES_MAX {
            return None;
        }
        let mut numbers = Vec::new();
        let mut firsts = Vec::new();
        for (skeleton, uses) in skeletons.iter().zip(&uses) {
            for _ in skeleton.iter().filter(|byte| matches!(**byte, NUMBER | NEGATIVE)) {
                let column = self.numbers(*uses, &firsts)?;
                firsts.extend(column.first());
                numbers.push(column);
            }
        }
        let mut numbers = numbers.into_iter();
        let mut shapes = Vec::with_capacity(known);
        for (skeleton, uses) in skeletons.into_iter().zip(uses) {
            let mut columns = Vec::new();
            for leaf in skeleton.iter().filter(|byte| is_leaf(**byte)) {
                columns.push(match *leaf {
                    NUMBER | NEGATIVE => Column::Numbers(numbers.next()?.into_iter()),
                    _ => Column::Strings(self.strings(uses)?.into_iter()),
                });
            }
            shapes.push(Shape { skeleton, columns });
        }
        Some(shapes)
    }

    fn numbers(&mut self, count: usize, firsts: &[u64]) -> Option<Vec<u64>> {
        let way = self.number()?;
        let mut list = Vec::with_capacity(count.min(self.0.len()));
        let mut value = match way {
            PLAIN | FROM_ZERO => 0,
            way => *firsts.get(usize::try_from(way - FROM_COLUMN).ok()?)?,
        };
        for _ in 0..count {
            let read = self.number()?;
            value = if way == PLAIN {
                read
            } else {
                value.wrapping_add(unfolded(read))
            };
            list.push(value);
        }
        Some(list)
    }

    fn strings(&mut self, count: usize) -> Option<Vec<&'b [u8]>> {
        let mut lengths = Vec::with_capacity(count.min(self.0.len()));
        for _ in 0..count {
            lengths.push(usize::try_from(self.number()?).ok()?);
        }
        lengths.into_iter().map(|length| self.take(length)).collect()
    }
}
