//! The same random cases everywhere, and messages with fields of tomorrow.

use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

/// The same cases on every machine and every day.
pub(crate) fn seeded() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(20_260_114),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Lists in lists, `levels` deep, of a known or an open length; the innermost holds a zero.
pub(crate) fn nested(levels: usize, open: bool) -> Vec<u8> {
    let mut bytes = vec![if open { 0x9f } else { 0x81 }; levels];
    bytes.push(0);
    bytes.extend(vec![0xff; if open { levels } else { 0 }]);
    bytes
}

/// The CBOR list or map that begins at `start` and ends with the bytes, with one thing more in it: for a map under a key
/// that no version has used.
pub(crate) fn grown(bytes: &[u8], start: usize, value: &[u8]) -> Vec<u8> {
    let mut grown = bytes.to_vec();
    grown[start] += 1;
    if grown[start] >> 5 == 5 {
        grown.extend([0x19, 0x7f, 0xff]);
    }
    grown.extend(value);
    grown
}
