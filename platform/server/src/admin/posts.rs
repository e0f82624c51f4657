//! Posts and their checkpoints: TOML, `[[post]]` with `code`, `name`, `lat`, `lon` and `[[post.checkpoint]]` with the same
//! and `radius_m`. Degrees, WGS-84.

use grid_hub::{CheckpointDraft, PostDraft};
use grid_model::Point;
use serde::Deserialize;
use toml::Spanned;

use super::list::quoted;
use super::{AdminError, ListFile};

/// A visit within this many metres counts as located, unless the file says otherwise.
const RADIUS_M: u32 = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Posts {
    #[serde(default)]
    post: Vec<Spanned<PostTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostTable {
    code: String,
    name: String,
    lat: f64,
    lon: f64,
    #[serde(default)]
    checkpoint: Vec<Spanned<CheckpointTable>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointTable {
    code: String,
    name: String,
    lat: f64,
    lon: f64,
    radius_m: Option<u32>,
}

/// The posts, each with the line it begins in.
pub(super) fn read(file: &ListFile) -> Result<Vec<(usize, PostDraft)>, AdminError> {
    let posts: Posts = toml::from_str(&file.text).map_err(|error| {
        let (line, detail) = (
            line(file, error.span().map_or(0, |span| span.start)),
            error.message(),
        );
        file.fault(line, quoted(detail).unwrap_or_default(), detail, detail)
    })?;
    posts.post.into_iter().map(|post| draft(file, post)).collect()
}

fn draft(file: &ListFile, post: Spanned<PostTable>) -> Result<(usize, PostDraft), AdminError> {
    let line = line(file, post.span().start);
    let PostTable {
        code,
        name,
        lat,
        lon,
        checkpoint,
    } = post.into_inner();
    let (lat_e7, lon_e7) = place(file, line, lat, lon)?;
    let checkpoints = checkpoint
        .into_iter()
        .map(|checkpoint| self::checkpoint(file, checkpoint))
        .collect::<Result<_, _>>()?;
    Ok((
        line,
        PostDraft {
            code,
            name,
            lat_e7,
            lon_e7,
            checkpoints,
        },
    ))
}

fn checkpoint(file: &ListFile, checkpoint: Spanned<CheckpointTable>) -> Result<CheckpointDraft, AdminError> {
    let line = line(file, checkpoint.span().start);
    let CheckpointTable {
        code,
        name,
        lat,
        lon,
        radius_m,
    } = checkpoint.into_inner();
    let (lat_e7, lon_e7) = place(file, line, lat, lon)?;
    Ok(CheckpointDraft {
        code,
        name,
        lat_e7,
        lon_e7,
        radius_m: radius_m.unwrap_or(RADIUS_M),
    })
}

fn place(file: &ListFile, line: usize, lat: f64, lon: f64) -> Result<(i32, i32), AdminError> {
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    let point = Point::checked(e7(lat), e7(lon), None).filter(|_| lat.abs() <= 90.0 && lon.abs() <= 180.0);
    let fault = || {
        file.fault(
            line,
            "lat, lon",
            "are no degrees on the earth",
            "不是有效的经纬度",
        )
    };
    point.map(|point| (point.lat_e7, point.lon_e7)).ok_or_else(fault)
}

fn line(file: &ListFile, offset: usize) -> usize {
    file.text
        .as_bytes()
        .iter()
        .take(offset)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[post]]\ncode = \"DL-01\"\nname = \"一号岗\"\nlat = 39.75\nlon = 123.73\n\n[[post.checkpoint]]\ncode = \"DL-01-C1\"\nname = \"灯塔\"\nlat = 39.751\nlon = 123.731\n";

    #[test]
    fn a_post_with_its_checkpoints_reads() {
        let posts = read(&ListFile::of("posts.toml", GOOD)).unwrap();
        assert_eq!((posts.len(), posts[0].0), (1, 1));
        assert_eq!(
            (posts[0].1.lat_e7, posts[0].1.lon_e7),
            (397_500_000, 1_237_300_000)
        );
        assert_eq!(
            (
                posts[0].1.checkpoints[0].lat_e7,
                posts[0].1.checkpoints[0].radius_m
            ),
            (397_510_000, RADIUS_M)
        );
    }

    #[test]
    fn faults_name_the_line_and_the_field() {
        for (text, says) in [
            (
                GOOD.replace("lat = 39.751", "lat = 139.751"),
                "posts.toml line 7, field lat, lon: are no degrees",
            ),
            (
                GOOD.replace("name = \"灯塔\"\n", ""),
                "posts.toml line 7, field name: missing field",
            ),
            (
                GOOD.replace("lon = 123.73\n", "long = 123.73\n"),
                "posts.toml line 5, field long: unknown field",
            ),
            (GOOD.replace("\"一号岗\"", "一号岗"), "posts.toml line 3"),
        ] {
            let error = read(&ListFile::of("posts.toml", text)).unwrap_err();
            assert!(error.to_string().starts_with(says), "{error}");
        }
    }
}
