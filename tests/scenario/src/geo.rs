//! Positions on the island: a flat plane of metres is exact enough for four kilometres (error below 0.1 m).

mod gpx;
mod outline;
pub(crate) mod route;

pub(crate) use gpx::stretches;
pub use outline::Outline;

/// Metres of one degree of latitude (mean earth radius 6,371,008.8 m).
const METRES_PER_DEGREE: f64 = 111_195.08;

/// A place on the plane, metres east and north of its origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Spot {
    /// Metres to another place.
    pub(crate) fn metres_to(self, other: Self) -> f64 {
        (other.x - self.x).hypot(other.y - self.y)
    }
}

/// A plane that touches the earth at its origin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    lat: f64,
    lon: f64,
    metres_per_degree_east: f64,
}

impl Plane {
    /// The plane around this place, degrees.
    pub(crate) fn at(lat: f64, lon: f64) -> Self {
        Self {
            lat,
            lon,
            metres_per_degree_east: METRES_PER_DEGREE * lat.to_radians().cos(),
        }
    }

    /// A place in degrees, on the plane.
    pub(crate) fn spot(&self, lat: f64, lon: f64) -> Spot {
        Spot {
            x: (lon - self.lon) * self.metres_per_degree_east,
            y: (lat - self.lat) * METRES_PER_DEGREE,
        }
    }

    /// A place on the plane, in 1e-7 degrees: latitude, longitude.
    pub(crate) fn e7(&self, spot: Spot) -> (i32, i32) {
        let lat = self.lat + spot.y / METRES_PER_DEGREE;
        let lon = self.lon + spot.x / self.metres_per_degree_east;
        ((lat * 1e7).round() as i32, (lon * 1e7).round() as i32)
    }
}
