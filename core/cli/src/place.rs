//! Positions on the command line: `LAT,LON` or `LAT,LON,METRES`, WGS-84 degrees.

use grid_screens::Lang;
use grid_screens::model::Point;

use crate::failure::{Failure, Snag};

/// The position in a text, if one was given.
pub(crate) fn point(text: Option<&str>, lang: Lang) -> Result<Option<Point>, Failure> {
    text.map(|text| read(text).ok_or_else(|| Snag::NotAPosition.with(text, lang)))
        .transpose()
}

fn read(text: &str) -> Option<Point> {
    let mut numbers = text.split(',').map(|part| part.trim().parse::<f64>());
    let (lat, lon) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    let accuracy = numbers.next().transpose().ok()?;
    let believable = accuracy.is_none_or(|metres| metres <= 100_000.0);
    if !believable || numbers.next().is_some() {
        return None;
    }
    Point::from_degrees(lat, lon, accuracy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_two_or_three_numbers_on_the_earth() {
        let read = |text| read(text).map(|p| (p.lat_e7, p.lon_e7, p.accuracy_dm));
        assert_eq!(read("39.7512,123.7301"), Some((397_512_000, 1_237_301_000, None)));
        assert_eq!(
            read(" 39.7512 , 123.7301 , 8.5 "),
            Some((397_512_000, 1_237_301_000, Some(85)))
        );
        assert_eq!(read("-33.8,-151.2"), Some((-338_000_000, -1_512_000_000, None)));
        for bad in [
            "",
            "39.7512",
            "91,0",
            "0,181",
            "a,b",
            "1,2,3,4",
            "1,2,-3",
            "NaN,0",
            "0,inf",
            "39.7，123.7",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
