//! Whether two sides hold the same rows, whatever order they were told in.

use grid_model::Coded as _;
use grid_model::Sha256;
use grid_model::terms::RowKind;

use crate::Hasher;

/// Rows of one kind, summed up: how many, and the sum modulo 2^256 of the SHA-256 of each row's kind, id and revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSum {
    count: u64,
    /// The sum, the least significant 64 bits first.
    limbs: [u64; 4],
}

impl RowSum {
    /// Takes in a row. Each digest is over `grid-scope-v1\0`, the kind in 2 bytes, the length of the id in 2, the id, and the
    /// revision in 8, big-endian. Revision 0 counts as 1: phones keep no 0.
    pub fn add(&mut self, kind: RowKind, id: &[u8], revision: u64) {
        let mut hasher = Hasher::default();
        hasher.update(b"grid-scope-v1\0");
        hasher.update(&kind.code().to_be_bytes());
        hasher.update(&u16::try_from(id.len()).unwrap_or(u16::MAX).to_be_bytes());
        hasher.update(id);
        hasher.update(&revision.max(1).to_be_bytes());
        let digest = hasher.finish();
        let mut carry = false;
        let words = digest.bytes().rchunks_exact(8);
        for (limb, word) in self.limbs.iter_mut().zip(words) {
            let word = word
                .iter()
                .fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
            let (sum, over) = limb.overflowing_add(word);
            let (sum, more) = sum.overflowing_add(u64::from(carry));
            (*limb, carry) = (sum, over || more);
        }
        self.count += 1;
    }

    /// How many rows.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The sum, big-endian.
    pub fn sum(&self) -> Sha256 {
        let mut bytes = [0; 32];
        for (place, limb) in bytes.rchunks_exact_mut(8).zip(self.limbs) {
            place.copy_from_slice(&limb.to_be_bytes());
        }
        Sha256(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(RowKind, &[u8], u64)]) -> RowSum {
        let mut sum = RowSum::default();
        for (kind, id, revision) in rows {
            sum.add(*kind, id, *revision);
        }
        sum
    }

    #[test]
    fn the_order_does_not_matter_and_everything_else_does() {
        let (a, b) = ((RowKind::Task, &[1; 16][..], 3), (RowKind::Task, &[2; 16][..], 1));
        assert_eq!(of(&[a, b]), of(&[b, a]));
        let others = [
            of(&[a]),
            of(&[a, a]),
            of(&[a, (RowKind::Post, b.1, b.2)]),
            of(&[a, (b.0, &b.1[..15], b.2)]),
            of(&[a, (b.0, b.1, 2)]),
        ];
        assert!(others.iter().all(|other| *other != of(&[a, b])));
        assert_eq!(of(&[(b.0, b.1, 0)]), of(&[b]), "no revision is 0 on a phone");
    }

    #[test]
    fn a_carry_goes_through_all_of_it() {
        let mut sum = of(&[(RowKind::Task, &[1; 16], 1)]);
        let one = sum.limbs;
        sum.limbs = [u64::MAX; 4];
        sum.add(RowKind::Task, &[1; 16], 1);
        // -1 and x make x - 1.
        let mut expected = one;
        expected[0] = one[0].wrapping_sub(1);
        assert_eq!(sum.limbs, expected);
        assert_eq!(sum.sum().bytes()[..8], expected[3].to_be_bytes());
    }

    /// What both sides must agree on for ever; computed once with another program.
    #[test]
    fn the_sum_of_two_rows_is_frozen() {
        let sum = of(&[(RowKind::Task, &[1; 16], 3), (RowKind::Post, b"DL-01", 2)]);
        assert_eq!(sum.count(), 2);
        assert_eq!(
            sum.sum().to_string(),
            "70af464432ee1aa50f06a78e4ea3132ec67ca24c1e554b3ad419bce173181d4c"
        );
    }
}
