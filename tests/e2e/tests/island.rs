//! A small island played end to end, and three spoilt ones that the tally must notice.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use grid_e2e::{Demo, PlayError, Spoil, demo};
use serde_json::Value;

/// The island with fewer of everything: the same posts, phones and officers.
fn small_island(folder: &Path) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    fs::create_dir_all(folder.join("tracks")).expect("a folder");
    for name in ["divisions.csv", "dalu_island.geojson"] {
        fs::copy(shipped.join(name), folder.join(name)).expect("copied");
    }
    for track in fs::read_dir(shipped.join("tracks")).expect("tracks") {
        let track = track.expect("a track");
        fs::copy(track.path(), folder.join("tracks").join(track.file_name())).expect("copied");
    }
    let mut text = fs::read_to_string(shipped.join("dalu-nine-days.toml")).expect("the scenario");
    for (from, to) in [
        ("patrols = 150", "patrols = 12"),
        ("photos = 300", "photos = 36"),
        ("in_observations = 152", "in_observations = 4"),
        ("in_task_reports = 64", "in_task_reports = 16"),
        ("in_case_births = 24", "in_case_births = 2"),
        ("in_case_reports = 48", "in_case_reports = 2"),
        ("bytes_min = 250000", "bytes_min = 60000"),
        ("bytes_max = 400000", "bytes_max = 90000"),
        ("width = 1600", "width = 640"),
        ("height = 1200", "height = 480"),
    ] {
        assert!(text.contains(from), "the scenario no longer says `{from}`");
        text = text.replace(from, to);
    }
    let file = folder.join("small.toml");
    fs::write(&file, text).expect("written");
    file
}

fn play(seed: u64, spoil: Option<Spoil>) -> (Result<bool, PlayError>, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = Some(small_island(folder.path()));
    let json = folder.path().join("ledger.json");
    let played = demo(&Demo {
        check: true,
        seed,
        json: Some(json.clone()),
        scenario,
        spoil,
    });
    let text = fs::read_to_string(json).unwrap_or_else(|_| "{}".to_owned());
    (played, serde_json::from_str(&text).expect("JSON"))
}

fn line<'l>(document: &'l Value, name: &str) -> &'l Value {
    let lines = document["ledger"]["lines"].as_array().expect("lines");
    lines
        .iter()
        .find(|line| line["name"] == name)
        .unwrap_or(&Value::Null)
}

#[test]
fn nothing_is_lost_or_doubled_on_a_link_that_comes_and_goes() {
    let (played, document) = play(41, None);
    assert!(matches!(played, Ok(true)), "{played:?}");
    assert!(document["cuts"].as_u64() > Some(20), "{document:#}");
    assert!(document["windows"].as_u64() >= Some(1));
    assert_eq!(document["left"], 0);
    assert_eq!(line(&document, "task:recalled_late")["received"], 4);
}

#[test]
fn a_record_dropped_on_the_way_is_missed() {
    let (played, document) = play(42, Some(Spoil::Drop));
    assert!(matches!(played, Ok(false)), "{played:?}");
    assert_eq!(
        (
            line(&document, "counted")["missing"].as_i64(),
            document["ledger"]["missing"].as_i64()
        ),
        (Some(1), Some(1))
    );
}

#[test]
fn a_record_doubled_on_the_way_is_noticed() {
    let (played, document) = play(43, Some(Spoil::Double));
    assert!(matches!(played, Ok(false)), "{played:?}");
    let counted = line(&document, "counted");
    assert_eq!(
        (counted["doubled"].as_i64(), counted["missing"].as_i64()),
        (Some(1), Some(0)),
        "{counted}"
    );
}

#[test]
fn a_record_altered_on_the_way_is_noticed() {
    let (played, document) = play(44, Some(Spoil::Alter));
    assert!(matches!(played, Ok(false)), "{played:?}");
    let counted = line(&document, "counted");
    assert_eq!(
        (counted["missing"].as_i64(), counted["unexpected"].as_i64()),
        (Some(1), Some(1)),
        "{counted}"
    );
}

#[test]
fn a_corrupt_scenario_is_one_sentence() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("broken.toml");
    fs::write(&file, "name = \"岛\"\n[[[").expect("written");
    let scenario = Some(file);
    let played = demo(&Demo {
        check: true,
        seed: 1,
        json: None,
        scenario,
        spoil: None,
    });
    let said = played.expect_err("it does not play").to_string();
    assert!(said.contains("broken.toml") && !said.contains('\n'), "{said}");
}
