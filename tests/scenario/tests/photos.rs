//! The photos are real JPEG files of the size the scenario asks for, each different, each always the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that hopes in vain fails, which is right"
)]

use std::collections::BTreeSet;
use std::path::Path;

use grid_scenario::plan::Frame;
use grid_scenario::{Scenario, photo};

const FRAME: Frame = Frame {
    width: 1600,
    height: 1200,
    bytes_min: 250_000,
    bytes_max: 400_000,
};

#[test]
fn a_photo_can_be_decoded_and_has_the_size_asked_for() {
    let mut prints = BTreeSet::new();
    for index in [0, 1, 2, 17, 299] {
        let jpeg = photo::jpeg(7, index, FRAME);
        assert!(
            (FRAME.bytes_min..=FRAME.bytes_max).contains(&jpeg.len()),
            "{index}: {} bytes",
            jpeg.len()
        );
        let decoded = image::load_from_memory_with_format(&jpeg, image::ImageFormat::Jpeg).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (1600, 1200));
        assert!(prints.insert(photo::Print::of(&jpeg).sha256));
    }
    assert_eq!(photo::jpeg(7, 17, FRAME), photo::jpeg(7, 17, FRAME));
    assert_ne!(photo::jpeg(8, 17, FRAME), photo::jpeg(7, 17, FRAME));
}

#[test]
fn other_frames_keep_their_bounds_too() {
    for (width, height, bytes_min, bytes_max) in [
        (320, 240, 12_000, 16_000),
        (640, 480, 32_000, 35_200),
        (800, 600, 240_000, 264_000),
        (64, 64, 1_500, 1_650),
    ] {
        let frame = Frame {
            width,
            height,
            bytes_min,
            bytes_max,
        };
        for index in 0..6 {
            let bytes = photo::jpeg(1, index, frame).len();
            assert!(
                (bytes_min..=bytes_max).contains(&bytes),
                "{width} x {height}: {bytes} bytes"
            );
        }
    }
}

#[test]
fn the_prints_of_a_plan_are_those_of_its_photos() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/dalu-nine-days.toml");
    let mut plan = Scenario::load(file).unwrap().expand(5);
    plan.photos.truncate(5);
    let prints = photo::prints(&plan);
    let own: Vec<_> = (0..5)
        .map(|photo| photo::Print::of(&plan.photo_jpeg(photo)))
        .collect();
    assert_eq!(prints, own);
}
