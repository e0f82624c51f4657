//! Arbitrary values of every message: any text, any number, any enumeration code, known to this build or not.

pub(crate) mod facts;
pub(crate) mod messages;

use grid_model::time::{Anchor, Stamp};
use grid_model::{Coded, Point, Seq, Sha256};
use grid_wire::{Attachment, Signed};
use proptest::prelude::*;

pub(crate) fn id<T: From<[u8; 16]> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<[u8; 16]>().prop_map(T::from)
}

pub(crate) fn hash() -> impl Strategy<Value = Sha256> {
    any::<[u8; 32]>().prop_map(Sha256)
}

pub(crate) fn seq() -> impl Strategy<Value = Seq> {
    any::<u64>().prop_map(Seq)
}

/// Any code; half of them small, so that known values come as often as unknown ones.
pub(crate) fn coded<T: Coded + std::fmt::Debug>() -> impl Strategy<Value = T> {
    prop_oneof![any::<u16>(), 0_u16..20].prop_map(T::from_code)
}

pub(crate) fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..20).prop_map(String::from_iter)
}

pub(crate) fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..80)
}

pub(crate) fn few<T: std::fmt::Debug>(item: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(item, 0..5)
}

pub(crate) fn point() -> impl Strategy<Value = Point> {
    (
        -900_000_000..=900_000_000,
        -1_800_000_000..=1_800_000_000,
        any::<Option<u32>>(),
    )
        .prop_map(|(lat_e7, lon_e7, accuracy_dm)| Point {
            lat_e7,
            lon_e7,
            accuracy_dm,
        })
}

pub(crate) fn place() -> impl Strategy<Value = Option<Point>> {
    prop::option::of(point())
}

pub(crate) fn stamp() -> impl Strategy<Value = Stamp> {
    let anchor =
        any::<(i64, i64, i64, u64, i64)>().prop_map(|(server_ms, mono_ms, width_ms, boot, wall_ms)| Anchor {
            server_ms,
            mono_ms,
            width_ms,
            boot,
            wall_ms,
        });
    (any::<(i64, i64, u64)>(), prop::option::of(anchor)).prop_map(|((wall_ms, mono_ms, boot), anchor)| {
        Stamp {
            wall_ms,
            mono_ms,
            boot,
            anchor,
        }
    })
}

pub(crate) fn signed() -> impl Strategy<Value = Signed> {
    (bytes(), bytes()).prop_map(|(bytes, signature)| Signed { bytes, signature })
}

pub(crate) fn attachment() -> impl Strategy<Value = Attachment> {
    (hash(), coded(), text(), any::<u64>(), any::<i64>(), place()).prop_map(
        |(sha256, role, mime, bytes, taken_at_ms, point)| Attachment {
            sha256,
            role,
            mime,
            bytes,
            taken_at_ms,
            point,
        },
    )
}
