//! A scenario that cannot be played says so in one sentence with the file, the field and what to do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that hopes in vain fails, which is right"
)]

use std::fs;
use std::path::{Path, PathBuf};

use grid_scenario::Scenario;

const FILE: &str = "dalu-nine-days.toml";

fn scenarios() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// A copy of the scenario with one text in place of another.
fn with(from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(scenarios().join(FILE)).unwrap();
    assert!(text.contains(from), "the scenario holds no `{from}`");
    fs::write(folder.path().join(FILE), text.replacen(from, to, 1)).unwrap();
    fs::copy(
        scenarios().join("dalu_island.geojson"),
        folder.path().join("dalu_island.geojson"),
    )
    .unwrap();
    fs::create_dir(folder.path().join("tracks")).unwrap();
    for track in fs::read_dir(scenarios().join("tracks")).unwrap() {
        let track = track.unwrap();
        fs::copy(track.path(), folder.path().join("tracks").join(track.file_name())).unwrap();
    }
    folder
}

fn fault(folder: &tempfile::TempDir) -> String {
    let sentence = Scenario::load(folder.path().join(FILE)).unwrap_err().to_string();
    assert!(
        !sentence.contains('\n') && !sentence.trim_end_matches('.').contains(". "),
        "one sentence: {sentence}"
    );
    let [chinese, english] = [0, 1].map(|half| sentence.split(" / ").nth(half).unwrap_or_default());
    assert!(
        chinese.contains("请") && chinese.contains(".toml") | chinese.contains(".g"),
        "{chinese}"
    );
    assert!(english.contains("; ") && !english.contains('请'), "{english}");
    sentence
}

/// Asserts that a changed scenario is refused with all of these words.
fn refused(from: &str, to: &str, words: &[&str]) {
    let sentence = fault(&with(from, to));
    for word in words {
        assert!(sentence.contains(word), "`{word}` is not in: {sentence}");
    }
}

/// The text of the scenario from one mark to the next: what a person would cut out by mistake.
fn part(from: &str, to: &str) -> String {
    let text = fs::read_to_string(scenarios().join(FILE)).unwrap();
    let start = text.find(from).unwrap();
    let end = start + text[start..].find(to).unwrap();
    text[start..end].to_owned()
}

#[test]
fn the_shipped_scenario_can_be_played() {
    let scenario = Scenario::load(scenarios().join(FILE)).unwrap();
    assert_eq!(scenario.fields().village_code, "210681101210");
    assert_eq!(
        (scenario.fields().posts.len(), scenario.fields().phones.len()),
        (7, 6)
    );
    assert_eq!(
        scenario
            .fields()
            .posts
            .iter()
            .filter(|post| post.invented)
            .count(),
        4
    );
}

#[test]
fn a_text_that_is_no_toml() {
    refused(
        "days = 9",
        "days = = 9",
        &[FILE, "line 9", "not TOML", "correct that line"],
    );
}

#[test]
fn a_missing_field() {
    refused("days = 9", "# days = 9", &[FILE, "`days`", "missing", "write it"]);
    refused(
        "cut_percent = 30",
        "# cut_percent = 30",
        &[FILE, "cut_percent`", "missing"],
    );
}

#[test]
fn a_field_nobody_knows() {
    refused(
        "gap_s_min = 600",
        "gap_s_min = 600\ngap_m = 1",
        &["gap_m`", "no field", "take it out"],
    );
}

#[test]
fn a_value_of_another_kind() {
    refused(
        "days = 9",
        "days = \"nine\"",
        &["`days`", "cannot be read", "correct its value"],
    );
}

#[test]
fn no_officers() {
    let officers = part("[[officers]]", "# ------");
    let folder = with(&officers, "");
    assert!(fault(&folder).contains("`officers` is missing"));
    let folder = with("name = ", "officers = []\nname = ");
    let file = folder.path().join(FILE);
    let text = fs::read_to_string(&file).unwrap().replace(&officers, "");
    fs::write(&file, text).unwrap();
    let sentence = fault(&folder);
    assert!(
        sentence.contains("`officers` is empty") && sentence.contains("add an officer"),
        "{sentence}"
    );
}

#[test]
fn an_unknown_post_and_an_unknown_phone() {
    refused(
        "post = \"DL06\"",
        "post = \"DL66\"",
        &["officers[5].post", "`DL66`", "not in `posts`"],
    );
    refused(
        "phone = \"岛5号机\"",
        "phone = \"岛9号机\"",
        &["officers[6].phone", "岛9号机", "not in `phones`"],
    );
}

#[test]
fn a_phone_of_nobody_and_a_phone_of_three() {
    refused(
        "phone = \"岛1号机\"",
        "phone = \"岛2号机\"",
        &["phones[0].label", "no officer uses", "take it out"],
    );
    refused(
        "phone = \"岛6号机\"",
        "phone = \"岛3号机\"",
        &["phones[2].label", "3 officers", "another phone"],
    );
}

#[test]
fn numbers_that_do_not_add_up() {
    refused(
        "counts = 1700",
        "counts = 1701",
        &["totals.counts", "1701", "1700", "until they agree"],
    );
    refused(
        "recalled_finished = 4",
        "recalled_finished = 5",
        &["totals.tasks", "40", "41"],
    );
    refused(
        "in_observations = 152",
        "in_observations = 151",
        &["totals.photos", "300", "299"],
    );
}

#[test]
fn a_missing_track_and_a_track_that_is_none() {
    refused(
        "Mojstrovka.gpx",
        "Triglav.gpx",
        &[
            "Triglav.gpx",
            "tracks[2].file",
            "cannot be read",
            "correct the path",
        ],
    );
    let folder = with("days", "days");
    fs::write(folder.path().join("tracks/Mojstrovka.gpx"), "<gpx/>").unwrap();
    let sentence = fault(&folder);
    assert!(
        sentence.contains("Mojstrovka.gpx") && sentence.contains("no stretch"),
        "{sentence}"
    );
}

#[test]
fn a_missing_outline_and_a_missing_scenario() {
    refused(
        "dalu_island.geojson",
        "lushun.geojson",
        &["lushun.geojson", "`outline`", "cannot be read"],
    );
    let sentence = Scenario::load("nowhere/none.toml").unwrap_err().to_string();
    assert!(
        sentence.contains("none.toml") && sentence.contains("put the file there"),
        "{sentence}"
    );
}

#[test]
fn a_place_in_the_sea() {
    refused(
        "lat = 39.7630, lon = 123.7216",
        "lat = 39.7730, lon = 123.7216",
        &["posts[2].checkpoints[2]", "outside", "move"],
    );
}

#[test]
fn a_name_no_phone_knows() {
    refused(
        "\"island_entry_check\"",
        "\"island_check\"",
        &["counts.kinds[0].kind", "island_check", "use one of"],
    );
    refused(
        "result = \"mediated_failed\"",
        "result = \"gave_up\"",
        &["disputes[8].result", "gave_up"],
    );
}

#[test]
fn a_day_too_short_for_its_work() {
    refused(
        "patrols = 150",
        "patrols = 1500",
        &["totals.patrols", "minutes", "add days, officers or longer shifts"],
    );
    refused(
        "minutes_max = 60",
        "minutes_max = 15",
        &["patrols.minutes_min", "20", "15"],
    );
}

#[test]
fn too_many_corrections_and_too_small_photos() {
    refused(
        "corrections_percent = 3",
        "corrections_percent = 50",
        &["corrections_percent", "850", "lower it"],
    );
    refused(
        "bytes_min = 250000",
        "bytes_min = 900",
        &["photos.bytes_min", "is 900"],
    );
    refused(
        "start = \"2026-01-12T06:00:00+08:00\"",
        "start = \"tomorrow\"",
        &["`start`", "tomorrow", "write it like"],
    );
}
