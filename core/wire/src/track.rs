//! Track segments: five columns of integers, each as differences, zigzag and variable length. Lossless.

use grid_model::limits::SEGMENT_POINTS_MAX;
use grid_model::track::TrackPoint;
use minicbor::{Decode, Encode};

use crate::codec::WireError;

/// `track_segment`: a stretch of fixes of one patrol, in the order they came.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Segment {
    /// Index of the first fix in its patrol, from 0: a missing segment leaves a visible hole.
    #[n(0)]
    pub first_index: u64,
    /// How many fixes.
    #[n(1)]
    pub count: u32,
    /// The columns time, latitude, longitude, accuracy, speed, one after the other.
    #[cbor(n(2), with = "minicbor::bytes")]
    columns: Vec<u8>,
}

const COLUMNS: [fn(&TrackPoint) -> i64; 5] = [
    |p| p.at_ms,
    |p| i64::from(p.lat_e7),
    |p| i64::from(p.lon_e7),
    |p| i64::from(p.accuracy_dm),
    |p| i64::from(p.speed_cms),
];

impl Segment {
    /// The segment of these fixes, or `None` when they are none or too many ([`SEGMENT_POINTS_MAX`]).
    pub fn of(first_index: u64, points: &[TrackPoint]) -> Option<Self> {
        let count = u32::try_from(points.len()).ok()?;
        if points.is_empty() || points.len() > SEGMENT_POINTS_MAX {
            return None;
        }
        let mut columns = Vec::with_capacity(points.len() * 8);
        for column in COLUMNS {
            let mut last = 0_i64;
            for point in points {
                let value = column(point);
                write_signed(&mut columns, value.wrapping_sub(last));
                last = value;
            }
        }
        Some(Self {
            first_index,
            count,
            columns,
        })
    }

    /// The fixes, exactly as they were recorded.
    pub fn points(&self) -> Result<Vec<TrackPoint>, WireError> {
        let broken = WireError::Malformed {
            what: "track segment",
        };
        let count = self.count as usize;
        if count == 0 || count > SEGMENT_POINTS_MAX {
            return Err(broken);
        }
        let mut rest = self.columns.as_slice();
        let mut columns = [const { Vec::new() }; 5];
        for column in &mut columns {
            let mut last = 0_i64;
            for _ in 0..count {
                last = last.wrapping_add(read_signed(&mut rest).ok_or_else(|| broken.clone())?);
                column.push(last);
            }
        }
        if !rest.is_empty() {
            return Err(broken);
        }
        let [at, lat, lon, accuracy, speed] = columns;
        (0..count)
            .map(|i| {
                Some(TrackPoint {
                    at_ms: at[i],
                    lat_e7: i32::try_from(lat[i]).ok()?,
                    lon_e7: i32::try_from(lon[i]).ok()?,
                    accuracy_dm: u32::try_from(accuracy[i]).ok()?,
                    speed_cms: u32::try_from(speed[i]).ok()?,
                })
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(broken)
    }
}

fn write_signed(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn read_signed(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_point() -> impl Strategy<Value = TrackPoint> {
        (
            any::<i64>(),
            any::<i32>(),
            any::<i32>(),
            any::<u32>(),
            any::<u32>(),
        )
            .prop_map(|(at_ms, lat_e7, lon_e7, accuracy_dm, speed_cms)| TrackPoint {
                at_ms,
                lat_e7,
                lon_e7,
                accuracy_dm,
                speed_cms,
            })
    }

    proptest! {
        #[test]
        fn any_fixes_come_back_exactly(first in any::<u64>(), points in prop::collection::vec(any_point(), 1..200)) {
            let segment = Segment::of(first, &points).expect("a segment");
            prop_assert_eq!(segment.points(), Ok(points));
        }

        #[test]
        fn any_bytes_are_a_track_or_an_error(count in any::<u32>(), columns in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Segment { first_index: 0, count, columns }.points();
        }
    }

    #[test]
    fn nothing_and_too_much_are_no_segment() {
        assert_eq!(Segment::of(0, &[]), None);
        let point = TrackPoint {
            at_ms: 0,
            lat_e7: 0,
            lon_e7: 0,
            accuracy_dm: 0,
            speed_cms: 0,
        };
        assert_eq!(Segment::of(0, &vec![point; SEGMENT_POINTS_MAX + 1]), None);
    }
}
