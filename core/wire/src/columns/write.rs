//! Entries into columns.

use std::collections::BTreeMap;

use grid_model::Coded as _;

use super::take_apart::{Leaf, Part, take_apart};
use super::{AS_IT_IS, FROM_COLUMN, FROM_ZERO, KNOWN, LEAVES_MAX, NEW, PLAIN, folded, put, put_bytes};
use crate::batch::Entry;

/// The columns of these entries.
pub(crate) fn write(entries: &[Entry]) -> Vec<u8> {
    let mut shapes = Shapes::default();
    let (mut codes, mut whole) = (Vec::new(), Vec::new());
    let mut room = LEAVES_MAX;
    for entry in entries {
        let parts = take_apart(&entry.body).filter(|parts| {
            let leaves: usize = parts.iter().map(|part| part.leaves.len()).sum();
            room = room.saturating_sub(leaves);
            room > 0
        });
        match parts {
            Some(parts) => parts
                .into_iter()
                .for_each(|part| put(&mut codes, shapes.take(part))),
            None => {
                put(&mut codes, AS_IT_IS);
                whole.push(entry.body.as_slice());
            }
        }
    }
    let bodies: usize = entries.iter().map(|entry| entry.body.len()).sum();
    let mut out = Vec::with_capacity(bodies + 64);
    put(&mut out, entries.len() as u64);
    places(&mut out, entries);
    out.extend(codes);
    shapes.put(&mut out);
    strings(&mut out, &whole);
    out
}

/// Position, lane, the change before it in its lane, kind and schema of each.
fn places(out: &mut Vec<u8>, entries: &[Entry]) {
    let mut before = 0_u64;
    for entry in entries {
        put(out, folded(entry.seq.0.wrapping_sub(before).wrapping_sub(1)));
        before = entry.seq.0;
    }
    let mut lanes = BTreeMap::new();
    let (mut order, mut previous) = (Vec::new(), Vec::new());
    for entry in entries {
        let next = lanes.len() as u64;
        let (index, last) = lanes.entry(entry.lane).or_insert((next, 0));
        let is_new = *index == next;
        put(out, if is_new { NEW } else { *index + 1 });
        if is_new {
            order.push(entry.lane);
        }
        // The one before it in this batch, or none: told by a 0. No change is its own predecessor.
        let prev = entry.prev_in_lane.0;
        put(
            &mut previous,
            if prev == *last {
                0
            } else {
                entry.seq.0.saturating_sub(prev)
            },
        );
        *last = entry.seq.0;
    }
    out.extend(previous);
    for lane in &order {
        put(out, u64::from(lane.kind.code()));
    }
    for lane in &order {
        out.extend(lane.id);
    }
    for entry in entries {
        put(out, u64::from(entry.kind.code()));
    }
    for entry in entries {
        put(out, u64::from(entry.schema_version));
    }
}

fn strings(out: &mut Vec<u8>, strings: &[&[u8]]) {
    for string in strings {
        put(out, string.len() as u64);
    }
    for string in strings {
        out.extend(*string);
    }
}

enum Column<'b> {
    Numbers(Vec<u64>),
    Strings(Vec<&'b [u8]>),
}

struct Shape<'b> {
    skeleton: Vec<u8>,
    columns: Vec<Column<'b>>,
}

/// What was met so far.
#[derive(Default)]
struct Shapes<'b> {
    known: BTreeMap<Vec<u8>, usize>,
    shapes: Vec<Shape<'b>>,
}

impl<'b> Shapes<'b> {
    /// Lays a part into its columns; answers the code of its skeleton.
    fn take(&mut self, part: Part<'b>) -> u64 {
        let (at, code) = match self.known.get(&part.skeleton) {
            Some(at) => (*at, *at as u64 + KNOWN),
            None => {
                let at = self.shapes.len();
                self.known.insert(part.skeleton.clone(), at);
                let columns = part.leaves.iter().map(Column::like).collect();
                let skeleton = part.skeleton;
                self.shapes.push(Shape { skeleton, columns });
                (at, NEW)
            }
        };
        if let Some(shape) = self.shapes.get_mut(at) {
            for (column, leaf) in shape.columns.iter_mut().zip(part.leaves) {
                match (column, leaf) {
                    (Column::Numbers(numbers), Leaf::Number(number)) => numbers.push(number),
                    (Column::Strings(strings), Leaf::Bytes(bytes)) => strings.push(bytes),
                    // A skeleton says what its leaves are.
                    _ => {}
                }
            }
        }
        code
    }

    fn put(&self, out: &mut Vec<u8>) {
        for shape in &self.shapes {
            put(out, shape.skeleton.len() as u64);
            out.extend(&shape.skeleton);
        }
        let mut firsts = Vec::new();
        for column in self.shapes.iter().flat_map(|shape| &shape.columns) {
            if let Column::Numbers(numbers) = column {
                put_numbers(out, numbers, &firsts);
                firsts.extend(numbers.first());
            }
        }
        for column in self.shapes.iter().flat_map(|shape| &shape.columns) {
            if let Column::Strings(list) = column {
                strings(out, list);
            }
        }
    }
}

impl Column<'_> {
    const fn like(leaf: &Leaf<'_>) -> Self {
        match leaf {
            Leaf::Number(_) => Self::Numbers(Vec::new()),
            Leaf::Bytes(_) => Self::Strings(Vec::new()),
        }
    }
}

/// Numbers in the way that takes fewest bytes before zstd; `firsts` are the first numbers of the columns before.
fn put_numbers(out: &mut Vec<u8>, numbers: &[u64], firsts: &[u64]) {
    let Some((&first, rest)) = numbers.split_first() else {
        return;
    };
    let from = |base: u64| put_bytes(folded(first.wrapping_sub(base)));
    let nearest = firsts.iter().enumerate().min_by_key(|(_, base)| from(**base));
    let (way, base) = match nearest {
        Some((at, base)) if from(*base) + 1 < from(0) => (at as u64 + FROM_COLUMN, *base),
        _ => (FROM_ZERO, 0),
    };
    let differences = || {
        numbers
            .windows(2)
            .map(|pair| folded(pair[1].wrapping_sub(pair[0])))
    };
    let apart: usize = differences().map(put_bytes).sum::<usize>() + from(base);
    let plain: usize = rest.iter().map(|number| put_bytes(*number)).sum::<usize>() + put_bytes(first);
    if plain <= apart {
        put(out, PLAIN);
        numbers.iter().for_each(|number| put(out, *number));
    } else {
        put(out, way);
        put(out, folded(first.wrapping_sub(base)));
        differences().for_each(|difference| put(out, difference));
    }
}
