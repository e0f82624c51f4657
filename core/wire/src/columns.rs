//! A batch in columns: what stands at the same place of alike bodies stands side by side, numbers as differences, so that
//! zstd finds more. Every body comes back byte for byte, unknown fields included: a body that is not two CBOR items in
//! their shortest form, or lies deeper than ours do, travels as it is.
//!
//! **Invariant:** no bytes make the reader panic, recurse, or give more than `grid_model::limits` allow.

mod read;
mod take_apart;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;

/// Stands in a skeleton where a number was; no CBOR begins like this, nor with the others.
const NUMBER: u8 = 0x1c;
/// A negative number.
const NEGATIVE: u8 = 0x3c;
/// A byte string.
const BYTES: u8 = 0x5c;
/// A text.
const TEXT: u8 = 0x7c;

/// Codes of a skeleton in the list of entries: one that was not met before, and a body that travels as it is.
const NEW: u64 = 0;
const AS_IT_IS: u64 = 1;
const KNOWN: u64 = 2;

/// How a column of numbers is written: as they are, or as differences, the first from 0 or from the first number of an
/// earlier column.
const PLAIN: u64 = 0;
const FROM_ZERO: u64 = 1;
const FROM_COLUMN: u64 = 2;

/// Parts of a body that is taken apart: stamp and fact.
const PARTS: usize = 2;

/// Most numbers and strings that stand in the columns of a batch: a bound for the reader's memory. What has more travels as
/// it is.
const LEAVES_MAX: usize = 256 * 1024;

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

const fn put_bytes(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Small differences of either sign as small numbers.
const fn folded(difference: u64) -> u64 {
    (difference << 1) ^ (((difference as i64) >> 63) as u64)
}

const fn unfolded(value: u64) -> u64 {
    (value >> 1) ^ (value & 1).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_folded_and_unfolded() {
        for difference in [0, 1, 2, u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) - 1] {
            assert_eq!(unfolded(folded(difference)), difference);
        }
        assert_eq!(folded(u64::MAX), 1);
        for value in [0, 1, 127, 128, 16_383, 16_384, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, value);
            assert_eq!(bytes.len(), put_bytes(value));
        }
    }
}
