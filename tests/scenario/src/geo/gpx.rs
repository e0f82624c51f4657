//! Recorded tracks: the stretches of a GPX file, each on a plane of its own.

use super::{Plane, Spot};

/// Shortest stretch that is worth walking.
const POINTS_MIN: usize = 12;

/// The unbroken stretches of at least twelve points; the error says why there are none.
pub(crate) fn stretches(gpx: &str) -> Result<Vec<Vec<Spot>>, String> {
    let document = roxmltree::Document::parse(gpx).map_err(|error| format!("is not GPX ({error})"))?;
    let degree = |point: &roxmltree::Node<'_, '_>, name: &str| point.attribute(name)?.parse::<f64>().ok();
    let mut found = Vec::new();
    for segment in document
        .descendants()
        .filter(|node| node.has_tag_name_local("trkseg"))
    {
        let points = segment.children().filter(|node| node.has_tag_name_local("trkpt"));
        let degrees: Vec<_> = points
            .filter_map(|point| Some((degree(&point, "lat")?, degree(&point, "lon")?)))
            .collect();
        let Some(&(lat, lon)) = degrees.first().filter(|_| degrees.len() >= POINTS_MIN) else {
            continue;
        };
        let plane = Plane::at(lat, lon);
        found.push(
            degrees
                .into_iter()
                .map(|(lat, lon)| plane.spot(lat, lon))
                .collect(),
        );
    }
    if found.is_empty() {
        return Err(format!("holds no stretch of {POINTS_MIN} points"));
    }
    Ok(found)
}

/// Whatever namespace a recorder writes.
trait LocalName {
    fn has_tag_name_local(&self, name: &str) -> bool;
}

impl LocalName for roxmltree::Node<'_, '_> {
    fn has_tag_name_local(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_stretches_are_left_out() {
        let point = |i: usize| format!("<trkpt lat=\"46.{i:04}\" lon=\"13.0\"/>");
        let long: String = (0..12).map(point).collect();
        let gpx = format!(
            "<gpx xmlns=\"urn:x\"><trk><trkseg>{long}</trkseg><trkseg>{}</trkseg></trk></gpx>",
            point(1)
        );
        let found = stretches(&gpx).unwrap();
        assert_eq!((found.len(), found[0].len()), (1, 12));
        assert!((found[0][1].y - 11.12).abs() < 0.01);
        assert!(stretches("<gpx/>").unwrap_err().contains("no stretch"));
        assert!(stretches("gpx").unwrap_err().contains("not GPX"));
    }
}
