//! The outline of the island: one ring of a GeoJSON polygon.

use serde_json::Value;

use super::{Plane, Spot};

/// The outline of the island; knows how far outside it a position lies.
#[derive(Clone, Debug)]
pub struct Outline {
    plane: Plane,
    ring: Vec<Spot>,
}

impl Outline {
    /// Reads the outer ring of the first polygon of a GeoJSON feature collection; the error says what is missing.
    pub(crate) fn from_geojson(text: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(text).map_err(|error| format!("is not JSON ({error})"))?;
        let features = json
            .get("features")
            .and_then(Value::as_array)
            .ok_or("holds no `features`")?;
        let ring = features
            .iter()
            .filter_map(|feature| feature.get("geometry"))
            .find(|geometry| geometry.get("type").and_then(Value::as_str) == Some("Polygon"))
            .and_then(|polygon| polygon.get("coordinates")?.get(0)?.as_array())
            .ok_or("holds no polygon")?;
        let degrees: Vec<(f64, f64)> = ring
            .iter()
            .filter_map(|corner| Some((corner.get(1)?.as_f64()?, corner.get(0)?.as_f64()?)))
            .collect();
        if degrees.len() < 4 || degrees.len() != ring.len() {
            return Err("holds a ring of fewer than four positions".to_owned());
        }
        let (lat, lon) = degrees
            .iter()
            .fold((0.0, 0.0), |sum, corner| (sum.0 + corner.0, sum.1 + corner.1));
        let plane = Plane::at(lat / degrees.len() as f64, lon / degrees.len() as f64);
        let ring = degrees
            .into_iter()
            .map(|(lat, lon)| plane.spot(lat, lon))
            .collect();
        Ok(Self { plane, ring })
    }

    /// How far outside the outline a position in 1e-7 degrees lies, metres; 0 inside.
    pub fn metres_outside(&self, lat_e7: i32, lon_e7: i32) -> f64 {
        self.outside(self.plane.spot(f64::from(lat_e7) / 1e7, f64::from(lon_e7) / 1e7))
    }

    pub(crate) fn plane(&self) -> &Plane {
        &self.plane
    }

    /// How far outside the outline a place lies, metres; 0 inside.
    pub(crate) fn outside(&self, spot: Spot) -> f64 {
        if self.holds(spot) {
            0.0
        } else {
            spot.metres_to(self.nearest(spot))
        }
    }

    /// The place of the outline that is nearest: where somebody walks who may not walk on the water.
    pub(crate) fn nearest(&self, spot: Spot) -> Spot {
        let mut best = (f64::INFINITY, spot);
        for (from, to) in self.edges() {
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            let square = dx * dx + dy * dy;
            let along = if square > 0.0 {
                ((spot.x - from.x) * dx + (spot.y - from.y) * dy) / square
            } else {
                0.0
            };
            let along = along.clamp(0.0, 1.0);
            let foot = Spot {
                x: from.x + along * dx,
                y: from.y + along * dy,
            };
            let metres = spot.metres_to(foot);
            if metres < best.0 {
                best = (metres, foot);
            }
        }
        best.1
    }

    /// Whether a place lies inside, by the number of edges a ray to the east meets.
    fn holds(&self, spot: Spot) -> bool {
        let meets = |(from, to): &(Spot, Spot)| {
            (from.y > spot.y) != (to.y > spot.y)
                && spot.x < from.x + (spot.y - from.y) / (to.y - from.y) * (to.x - from.x)
        };
        self.edges().filter(meets).count() % 2 == 1
    }

    fn edges(&self) -> impl Iterator<Item = (Spot, Spot)> + '_ {
        self.ring
            .iter()
            .zip(self.ring.iter().cycle().skip(1))
            .map(|(from, to)| (*from, *to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Outline {
        // About 1,112 m high and 853 m wide.
        let ring = "[[123.70,39.75],[123.71,39.75],[123.71,39.76],[123.70,39.76],[123.70,39.75]]";
        let polygon = format!("{{\"type\":\"Polygon\",\"coordinates\":[{ring}]}}");
        Outline::from_geojson(&format!("{{\"features\":[{{\"geometry\":{polygon}}}]}}")).unwrap()
    }

    #[test]
    fn inside_is_nought_and_outside_is_the_way_to_the_shore() {
        let outline = square();
        assert_eq!(outline.metres_outside(397_550_000, 1_237_050_000), 0.0);
        let north = outline.metres_outside(397_610_000, 1_237_050_000);
        assert!((north - 111.2).abs() < 0.2, "{north}");
        let corner = outline.metres_outside(397_490_000, 1_236_990_000);
        assert!((corner - 140.2).abs() < 1.0, "{corner}");
    }

    #[test]
    fn a_file_without_a_polygon_says_so() {
        assert_eq!(Outline::from_geojson("{}").unwrap_err(), "holds no `features`");
        assert_eq!(
            Outline::from_geojson("{\"features\":[]}").unwrap_err(),
            "holds no polygon"
        );
        assert!(
            Outline::from_geojson("island")
                .unwrap_err()
                .starts_with("is not JSON")
        );
    }
}
