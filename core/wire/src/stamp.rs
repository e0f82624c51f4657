//! Clock evidence and positions on the wire: short arrays, since every change carries them.

use grid_model::Point;
use grid_model::time::{Anchor, Stamp};
use minicbor::{Decode, Encode};

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct AnchorWire(#[n(0)] i64, #[n(1)] i64, #[n(2)] i64, #[n(3)] u64, #[n(4)] i64);

#[derive(Encode, Decode)]
#[cbor(array)]
pub(crate) struct StampWire(#[n(0)] i64, #[n(1)] i64, #[n(2)] u64, #[n(3)] Option<AnchorWire>);

impl From<&Stamp> for StampWire {
    fn from(stamp: &Stamp) -> Self {
        let anchor = stamp
            .anchor
            .map(|a| AnchorWire(a.server_ms, a.mono_ms, a.width_ms, a.boot, a.wall_ms));
        Self(stamp.wall_ms, stamp.mono_ms, stamp.boot, anchor)
    }
}

impl From<StampWire> for Stamp {
    fn from(wire: StampWire) -> Self {
        let anchor = wire.3.map(|a| Anchor {
            server_ms: a.0,
            mono_ms: a.1,
            width_ms: a.2,
            boot: a.3,
            wall_ms: a.4,
        });
        Self {
            wall_ms: wire.0,
            mono_ms: wire.1,
            boot: wire.2,
            anchor,
        }
    }
}

/// `[lat_e7, lon_e7, accuracy_dm?]`.
pub(crate) mod point {
    use super::*;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    #[derive(Encode, Decode)]
    #[cbor(array)]
    struct PointWire(#[n(0)] i32, #[n(1)] i32, #[n(2)] Option<u32>);

    pub(crate) fn encode<C, W: Write>(
        value: &Option<Point>,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        let wire = value.map(|p| PointWire(p.lat_e7, p.lon_e7, p.accuracy_dm));
        e.encode(wire)?.ok()
    }

    pub(crate) fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Option<Point>, DecodeError> {
        let wire: Option<PointWire> = d.decode()?;
        wire.map(|p| {
            // `Point::checked` takes absolute values, and the least i32 has none.
            let countable = p.0 != i32::MIN && p.1 != i32::MIN;
            let point = if countable {
                Point::checked(p.0, p.1, p.2)
            } else {
                None
            };
            point.ok_or_else(|| DecodeError::message("a point off the earth"))
        })
        .transpose()
    }

    pub(crate) fn nil() -> Option<Option<Point>> {
        Some(None)
    }

    pub(crate) fn is_nil(value: &Option<Point>) -> bool {
        value.is_none()
    }
}
