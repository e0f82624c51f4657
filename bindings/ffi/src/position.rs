//! Positions, always WGS-84.

use grid_model::Point;

use crate::FieldError;

/// A position with its claimed accuracy. Leave it out when there was no fix: empty is better than wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Position {
    /// Latitude, 1e-7 degrees north.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees east.
    pub lon_e7: i32,
    /// Radius of 68 % confidence as the phone claims it, decimetres.
    #[uniffi(default)]
    pub accuracy_dm: Option<u32>,
}

/// The point of a draft; one that is not on the earth names the field `point`.
pub(crate) fn point(position: Option<Position>) -> Result<Option<Point>, FieldError> {
    position
        .map(|at| {
            Point::checked(at.lat_e7, at.lon_e7, at.accuracy_dm)
                .ok_or_else(|| FieldError::invalid("point", "out_of_range"))
        })
        .transpose()
}
