//! Rotation of the platform's keys from the command line, and copies of several keys.

use std::fs;
use std::path::Path;

use clap::Parser as _;
use grid_server::Language;
use grid_server::cli::{Arguments, run};

/// What a command says, in English, or its sentence.
fn said(words: &[&str]) -> Result<String, String> {
    let arguments = Arguments::try_parse_from(["grid-platform"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    run(arguments, Language::En, &mut out).map_err(|failure| failure.sentence().en)?;
    Ok(String::from_utf8(out).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn admin(data: &Path, words: &[&str]) -> Result<String, String> {
    said(&[&["admin", "--data", text(data)], words].concat())
}

/// Purpose, name and state of every key.
fn listed(data: &Path) -> Vec<[String; 3]> {
    let text = admin(data, &["keys", "list"]).unwrap();
    let line = |line: &str| {
        let columns: Vec<_> = line.split('\t').map(str::to_owned).collect();
        [columns[0].clone(), columns[1].clone(), columns[3].clone()]
    };
    text.lines().map(line).collect()
}

fn made() -> (tempfile::TempDir, std::path::PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    admin(&data, &["init"]).unwrap();
    (temp, data)
}

#[test]
fn keys_are_rotated_listed_and_retired() {
    let (_temp, data) = made();
    let first = listed(&data);
    assert_eq!(first.len(), 2);
    assert!(
        admin(&data, &["keys", "rotate", "signing"])
            .unwrap()
            .contains("180 days")
    );
    assert!(
        admin(&data, &["keys", "rotate", "sealing"])
            .unwrap()
            .contains("backup-keys")
    );
    let keys = listed(&data);
    let kinds: Vec<_> = keys.iter().map(|[purpose, ..]| purpose.as_str()).collect();
    assert_eq!(kinds, ["signing", "signing", "sealing", "sealing"]);
    assert_eq!((&keys[0][1], &keys[2][1]), (&first[0][1], &first[1][1]));
    assert!(keys[0][2].starts_with("still signs until 2"), "{keys:?}");
    assert_eq!([&*keys[1][2], &*keys[3][2]], ["newest", "newest"]);
    assert_eq!(keys[2][2], "opens what was sealed to it");

    let newest = admin(&data, &["keys", "retire", &keys[1][1]]).unwrap_err();
    assert!(newest.contains("newest signing key"), "{newest}");
    let sealing = admin(&data, &["keys", "retire", &keys[2][1]]).unwrap_err();
    assert!(sealing.contains("no such signing key"), "{sealing}");
    admin(&data, &["keys", "retire", &keys[0][1]]).unwrap();
    assert!(listed(&data)[0][2].starts_with("over since 2"));
    let said = admin(&data, &["keys", "retire", &keys[1][1], "--compromised"]).unwrap();
    assert!(said.contains("--again"), "{said}");
    let after = listed(&data);
    assert!(after[1][2].starts_with("compromised"), "{after:?}");
    assert_eq!((after.len(), &*after[2][2]), (5, "newest"));

    // A server would go on with the older keys.
    let serving = fs::File::create(data.join("serving.lock")).unwrap();
    serving.lock().unwrap();
    for words in [
        &["keys", "rotate", "signing"][..],
        &["keys", "retire", &keys[0][1]],
    ] {
        let refused = admin(&data, words).unwrap_err();
        assert!(refused.contains("another grid-platform works on"), "{refused}");
    }
    assert_eq!(listed(&data), after);
}

#[test]
fn copies_hold_every_key_and_older_ones_are_found_out() {
    let (temp, data) = made();
    let (old, new, store) = (
        temp.path().join("old.keys"),
        temp.path().join("new.keys"),
        temp.path().join("backups"),
    );
    said(&["backup-keys", "--data", text(&data), "--to", text(&old)]).unwrap();
    said(&["backup", "--data", text(&data), "--to", text(&store)]).unwrap();
    admin(&data, &["keys", "rotate", "signing"]).unwrap();
    admin(&data, &["keys", "rotate", "sealing"]).unwrap();
    said(&["backup-keys", "--data", text(&data), "--to", text(&new)]).unwrap();
    let format = |path: &Path| {
        let file: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        file["format"].as_u64().unwrap()
    };
    assert_eq!([format(&old), format(&new)], [1, 2]);
    said(&["backup", "--data", text(&data), "--to", text(&store)]).unwrap();
    let mut backups: Vec<_> = fs::read_dir(&store)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.json").exists())
        .collect();
    backups.sort_by_key(|path| {
        fs::metadata(path.join("manifest.json"))
            .unwrap()
            .modified()
            .unwrap()
    });
    let [before, after] = backups.as_slice() else {
        panic!("{backups:?}")
    };
    let restore = |backup: &Path, keys: &Path, name: &str| {
        let to = temp.path().join(name);
        let words = [
            "restore",
            "--backup",
            text(backup),
            "--data",
            text(&to),
            "--keys",
            text(keys),
        ];
        said(&words).map(|_| listed(&to))
    };
    let all = listed(&data);
    // The file from before the rotation lacks what phones know by now; of a backup from before it, it is whole.
    let stale = restore(after, &old, "a").unwrap_err();
    assert!(stale.contains("keys"), "{stale}");
    assert_eq!(restore(before, &old, "b").unwrap().len(), 2);
    assert_eq!(restore(after, &new, "c").unwrap(), all);
    // Newer keys are good for an older backup: phones were told of them.
    assert_eq!(restore(before, &new, "d").unwrap(), all);
    // A file of a program to come.
    let mut file: serde_json::Value = serde_json::from_slice(&fs::read(&new).unwrap()).unwrap();
    file["format"] = 3.into();
    fs::write(&new, file.to_string()).unwrap();
    assert!(restore(after, &new, "e").is_err());
}
