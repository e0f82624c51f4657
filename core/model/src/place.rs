//! Positions, always WGS-84. Conversion to another datum happens at the map's edge only (domain §2).

/// A position with its claimed accuracy. Empty is better than wrong: it is stored only when there was a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// Latitude, 1e-7 degrees north.
    pub lat_e7: i32,
    /// Longitude, 1e-7 degrees east.
    pub lon_e7: i32,
    /// Radius of 68 % confidence as the phone claims it, decimetres.
    pub accuracy_dm: Option<u32>,
}

impl Point {
    /// The point, if both coordinates are on the earth.
    pub fn checked(lat_e7: i32, lon_e7: i32, accuracy_dm: Option<u32>) -> Option<Self> {
        let on_earth = lat_e7.unsigned_abs() <= 900_000_000 && lon_e7.unsigned_abs() <= 1_800_000_000;
        on_earth.then_some(Self {
            lat_e7,
            lon_e7,
            accuracy_dm,
        })
    }

    /// The point at these degrees, with an accuracy in metres, if both are numbers on the earth and the accuracy is none or a
    /// number from 0. What is not a number is no place.
    pub fn from_degrees(lat: f64, lon: f64, accuracy_m: Option<f64>) -> Option<Self> {
        let e7 = |degrees: f64, limit: f64| {
            // The comparison is false for NaN, too.
            (degrees.abs() <= limit).then(|| (degrees * 1e7).round() as i32)
        };
        let accuracy_dm = match accuracy_m {
            None => None,
            Some(metres) if metres >= 0.0 && metres.is_finite() => Some((metres * 10.0).round() as u32),
            Some(_) => return None,
        };
        Self::checked(e7(lat, 90.0)?, e7(lon, 180.0)?, accuracy_dm)
    }

    /// Latitude in degrees.
    pub fn lat(&self) -> f64 {
        f64::from(self.lat_e7) / 1e7
    }

    /// Longitude in degrees.
    pub fn lon(&self) -> f64 {
        f64::from(self.lon_e7) / 1e7
    }
}

/// Great-circle metres between two positions given in 1e-7 degrees (mean earth radius 6,371,008.8 m).
pub fn metres_between(a: (i32, i32), b: (i32, i32)) -> f64 {
    let radians = |e7: i32| (f64::from(e7) / 1e7).to_radians();
    let (lat_a, lat_b) = (radians(a.0), radians(b.0));
    let half_lat = ((lat_b - lat_a) / 2.0).sin();
    let half_lon = ((radians(b.1) - radians(a.1)) / 2.0).sin();
    let h = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
    2.0 * 6_371_008.8 * h.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_is_111_km() {
        let metres = metres_between((390_000_000, 1_237_000_000), (400_000_000, 1_237_000_000));
        assert!((metres - 111_195.0).abs() < 5.0, "{metres}");
    }

    #[test]
    fn a_latitude_of_91_is_no_point() {
        assert_eq!(Point::checked(910_000_000, 0, None), None);
        assert!(Point::checked(397_500_000, 1_237_300_000, Some(50)).is_some());
    }
}
