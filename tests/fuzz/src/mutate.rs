//! Mutations of one input from a fixed seed: bits flipped, bytes cut, put in and repeated, lengths set to extremes.

/// Longest input that a mutation makes: a little over the largest that any decoder takes whole.
const BYTES_MAX: usize = 1024 * 1024 + 64 * 1024;
/// What a length or a number is set to.
const EXTREMES: [u64; 9] = [
    0,
    1,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// So many mutations of these bytes, the same for the same name; each differs in one to four places.
pub fn mutations<'b>(name: &str, bytes: &'b [u8], count: usize) -> impl Iterator<Item = Vec<u8>> + use<'b> {
    let mut dice = Dice::of(name);
    (0..count).map(move |_| {
        let mut mutated = bytes.to_vec();
        for _ in 0..=dice.below(4) {
            hit(&mut mutated, &mut dice);
        }
        mutated.truncate(BYTES_MAX);
        mutated
    })
}

/// One change somewhere.
fn hit(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    match dice.below(9) {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << dice.below(8);
            }
        }
        2 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = dice.byte();
            }
        }
        3 => bytes.truncate(at),
        4 => {
            let end = (at + 1 + dice.below(16)).min(bytes.len());
            bytes.drain(at..end);
        }
        5 => {
            let more: Vec<u8> = (0..=dice.below(16)).map(|_| dice.byte()).collect();
            bytes.splice(at..at, more);
        }
        6 => {
            let end = (at + 1 + dice.below(64)).min(bytes.len());
            let again = bytes[at..end].repeat(1 + dice.below(40));
            bytes.splice(at..at, again);
        }
        7 => number(bytes, at, dice),
        _ => head(bytes, at, dice),
    }
}

/// A number of one to eight bytes becomes an extreme one.
fn number(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    let width = [1, 2, 4, 8][dice.below(4)];
    let extreme = EXTREMES[dice.below(EXTREMES.len())].to_be_bytes();
    if let Some(place) = bytes.get_mut(at..at + width) {
        place.copy_from_slice(&extreme[8 - width..]);
    }
}

/// A head of CBOR is put in that claims as much as it can.
fn head(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let major = dice.byte() & 0xe0;
    let extreme = EXTREMES[dice.below(EXTREMES.len())].to_be_bytes();
    let head = [&[major | 27], extreme.as_slice()].concat();
    let end = (at + dice.below(2)).min(bytes.len());
    bytes.splice(at..end, head);
}

/// SplitMix64, seeded by a name.
struct Dice(u64);

impl Dice {
    fn of(name: &str) -> Self {
        let fold = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_gives_the_same_mutations_and_they_differ() {
        let of = |name| mutations(name, b"some bytes", 50).collect::<Vec<_>>();
        assert_eq!(of("a"), of("a"));
        assert_ne!(of("a"), of("b"));
        let altered = of("a").iter().filter(|bytes| *bytes != b"some bytes").count();
        assert!(altered > 40, "{altered}");
        assert_eq!(mutations("a", b"", 50).count(), 50);
    }
}
