//! One value of every message, with all fields set and with as little as it can hold.

pub(crate) mod facts;
pub(crate) mod lifeboat;
pub(crate) mod messages;
pub(crate) mod resume;

use std::ops::Range;

use grid_model::time::{Anchor, Stamp};
use grid_model::{Point, Sha256};
use grid_wire::Signed;

use crate::doors::Door;

/// A message in bytes.
pub(crate) struct Sample {
    /// Which message; the name of its snapshot.
    pub(crate) message: String,
    /// What is special about this one.
    pub(crate) which: &'static str,
    /// The bytes, uncompressed.
    pub(crate) bytes: Vec<u8>,
    /// Where its CBOR stands in the bytes.
    pub(crate) cbor: Range<usize>,
    /// Reads it.
    pub(crate) door: Door,
}

impl Sample {
    /// A message that is CBOR from its first byte to its last.
    pub(crate) fn plain(message: &str, which: &'static str, bytes: Vec<u8>, door: Door) -> Self {
        Self {
            message: message.to_owned(),
            which,
            cbor: 0..bytes.len(),
            bytes,
            door,
        }
    }

    /// A message that begins with a mark of four bytes.
    pub(crate) fn marked(message: &str, which: &'static str, bytes: Vec<u8>, door: Door) -> Self {
        Self {
            message: message.to_owned(),
            which,
            cbor: 4..bytes.len(),
            bytes,
            door,
        }
    }
}

/// Every sample of every message.
pub(crate) fn all() -> Vec<Sample> {
    let mut all = facts::samples();
    all.extend(messages::samples());
    all.extend(lifeboat::samples());
    all.extend(resume::samples());
    all
}

/// 2026-01-14T02:03:04.123Z in ms.
pub(crate) const NOW_MS: i64 = 1_768_356_184_123;

pub(crate) fn id<T: From<[u8; 16]>>(byte: u8) -> T {
    T::from([byte; 16])
}

pub(crate) fn hash(byte: u8) -> Sha256 {
    Sha256([byte; 32])
}

pub(crate) fn point() -> Point {
    Point {
        lat_e7: 397_512_345,
        lon_e7: 1_237_298_765,
        accuracy_dm: Some(63),
    }
}

/// A stamp with the platform's time known.
pub(crate) fn anchored() -> Stamp {
    let anchor = Anchor {
        server_ms: NOW_MS - 60_000,
        mono_ms: 3_540_000,
        width_ms: 180,
        boot: 0x0102_0304_0506_0708,
        wall_ms: NOW_MS - 59_000,
    };
    Stamp {
        wall_ms: NOW_MS,
        mono_ms: 3_600_000,
        boot: 0x0102_0304_0506_0708,
        anchor: Some(anchor),
    }
}

/// A stamp of a phone that never met the platform.
pub(crate) fn unanchored() -> Stamp {
    Stamp {
        wall_ms: 0,
        mono_ms: 0,
        boot: 0,
        anchor: None,
    }
}

pub(crate) fn signed(bytes: Vec<u8>) -> Signed {
    Signed {
        bytes,
        signature: vec![0x5a; 64],
    }
}
