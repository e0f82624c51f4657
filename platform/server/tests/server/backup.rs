//! Backups: made under a running server, proved or refused by name, put back as a new life.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::StatusCode;
use clap::Parser as _;
use grid_hub::conformance::device::{FakeDevice, report, with_attachments};
use grid_model::terms::AttachmentRole;
use grid_model::{Lane, Sha256};
use grid_server::cli::{Arguments, run};
use grid_server::{Language, listen};
use grid_wire::fact::Fact;
use grid_wire::{Attachment, Checkpoint, ExchangeResponse, decode};
use serde_json::json;
use tempfile::TempDir;

use crate::world::{MINUTE, START, World, id_of};

const PHOTO: &[u8] = b"a photo of the reef";

/// What a command says in English, or its exit code and sentence.
fn said(words: &[&str]) -> Result<String, (u8, String)> {
    let arguments = Arguments::try_parse_from(["grid-platform"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    run(arguments, Language::En, &mut out).map_err(|failure| (failure.code(), failure.sentence().en))?;
    Ok(String::from_utf8(out).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Makes a backup in this store; answers its folder.
fn backed_up(data: &Path, store: &Path) -> PathBuf {
    let said = said(&["backup", "--data", text(data), "--to", text(store)]).unwrap();
    let last = said.lines().last().unwrap();
    let (name, _) = last.strip_prefix("backup ").unwrap().split_once(": ").unwrap();
    store.join(name)
}

fn verify(data: &Path, backup: &Path) -> Result<String, (u8, String)> {
    said(&["verify", "--data", text(data), "--backup", text(backup)])
}

fn checkpoint(answer: &ExchangeResponse) -> Checkpoint {
    let signed = answer.page.checkpoint.as_ref().unwrap();
    decode(&signed.bytes, "checkpoint").unwrap()
}

fn photo() -> Attachment {
    Attachment {
        sha256: grid_hub::sha256(PHOTO),
        role: AttachmentRole::After,
        mime: "image/jpeg".into(),
        bytes: PHOTO.len() as u64,
        taken_at_ms: START,
        point: None,
    }
}

/// A world in which `W01` reported on a task with a photo that arrived, and walked on.
async fn reported() -> (World, FakeDevice) {
    let world = World::start();
    let cookie = world.sign_in("d01").await;
    let task = id_of(&world.dispatch(&cookie).await);
    let mut device = world.enrol(1, "W01").await;
    device.record(
        START,
        Lane::task(task),
        with_attachments(report(1), vec![photo()]),
    );
    walk(&mut device, 2);
    let answer = world.sync(&mut device).await;
    world.upload(&answer.upload_grant, &photo(), PHOTO).await;
    (world, device)
}

fn walk(device: &mut FakeDevice, changes: usize) {
    for _ in 0..changes {
        device.record(START, Lane::loose_counts(device.id), Fact::PatrolPaused);
    }
}

fn blob(store: &Path, sha256: Sha256) -> PathBuf {
    let name = sha256.to_string();
    store.join("blobs").join(&name[..2]).join(name)
}

/// Files in a folder and below it.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_and_proved_under_a_running_server() {
    let (world, mut device) = reported().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (data, store) = (world.path().to_owned(), elsewhere.path().join("backups"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let platform = world.platform.clone();
    let serving = tokio::spawn(async move {
        let told = async { _ = stopped.await };
        platform.serve(listener, None, told).await
    });
    let making = {
        let (data, store) = (data.clone(), store.clone());
        tokio::task::spawn_blocking(move || backed_up(&data, &store))
    };
    while !making.is_finished() {
        walk(&mut device, 1);
        let told = checkpoint(&world.sync(&mut device).await);
        assert_eq!(told.backed_up_to().0, 0, "made is not proved");
    }
    let backup = making.await.unwrap();
    let proved = verify(&data, &backup).unwrap();
    let name = backup.file_name().unwrap().to_str().unwrap();
    assert!(proved.starts_with(&format!("verified {name}: ")), "{proved}");
    assert!(
        proved
            .trim_end()
            .ends_with(", 1 files; backed up to now holds 1 logs"),
        "{proved}"
    );
    let told = checkpoint(&world.sync(&mut device).await);
    let first = told.backed_up_to().0;
    assert!(first >= 3 && first <= told.verified_to().0, "{told:?}");
    let cookie = world.sign_in("d01").await;
    let shown = world.seen(&cookie, "/api/devices").await;
    assert_eq!(shown["items"][0]["backed_up_to"], json!(first));
    assert_eq!(
        (&shown["items"][0]["missing"], &shown["items"][0]["missing_count"]),
        (&json!([]), &json!(0))
    );
    // A second one shares the attachments of the first and moves the mark on.
    walk(&mut device, 2);
    let all = checkpoint(&world.sync(&mut device).await).verified_to();
    let second = backed_up(&data, &store);
    assert_eq!(files(&store.join("blobs")), 1);
    verify(&data, &second).unwrap();
    verify(&data, &backup).unwrap();
    assert_eq!(checkpoint(&world.sync(&mut device).await).backed_up_to(), all);
    assert_eq!(
        fs::read_dir(&store).unwrap().count(),
        3,
        "two backups, their attachments, and nothing else"
    );
    assert!(
        !backup.join("platform.key").exists() && files(&backup) == 2,
        "no keys"
    );
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

/// A copy of a backup store, to be damaged.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copied(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test]
async fn whatever_does_not_hold_is_refused_by_name_and_moves_nothing() {
    let (world, mut device) = reported().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let store = elsewhere.path().join("backups");
    let name = backed_up(world.path(), &store).file_name().unwrap().to_owned();
    let photo = blob(Path::new(""), photo().sha256);
    let written = |path: &Path, change: fn(&mut Vec<u8>)| {
        let mut bytes = fs::read(path).unwrap();
        change(&mut bytes);
        fs::write(path, bytes).unwrap();
    };
    type Damage<'d> = (&'static str, Box<dyn Fn(&Path) + 'd>);
    let cases: [Damage<'_>; 9] = [
        (
            "hub.sqlite is not the file",
            Box::new(|at| {
                written(&at.join(&name).join("hub.sqlite"), |bytes| {
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 1;
                });
            }),
        ),
        (
            "its hub.sqlite is missing",
            Box::new(|at| fs::remove_file(at.join(&name).join("hub.sqlite")).unwrap()),
        ),
        (
            "is missing; move",
            Box::new(|at| fs::remove_file(at.join(&photo)).unwrap()),
        ),
        (
            "has another size",
            Box::new(|at| written(&at.join(&photo), |bytes| bytes.truncate(5))),
        ),
        (
            "is damaged; move",
            Box::new(|at| written(&at.join(&photo), |bytes| bytes[5] ^= 1)),
        ),
        (
            "has no manifest.json",
            Box::new(|at| fs::remove_file(at.join(&name).join("manifest.json")).unwrap()),
        ),
        (
            "manifest.json cannot be read",
            Box::new(|at| written(&at.join(&name).join("manifest.json"), |bytes| bytes.truncate(40))),
        ),
        (
            "newer program (backup format 9",
            Box::new(|at| fs::write(at.join(&name).join("manifest.json"), r#"{"format":9}"#).unwrap()),
        ),
        (
            "not the one that manifest.json describes",
            Box::new(|at| {
                let path = at.join(&name).join("manifest.json");
                let mut told: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
                told["changes"] = json!(2);
                fs::write(&path, told.to_string()).unwrap();
            }),
        ),
    ];
    for (index, (says, damage)) in cases.iter().enumerate() {
        let copy = elsewhere.path().join(format!("damaged-{index}"));
        copied(&store, &copy);
        damage(&copy);
        let (code, sentence) = verify(world.path(), &copy.join(&name)).unwrap_err();
        assert_eq!(code, 1, "{sentence}");
        assert!(
            sentence.contains(says) && sentence.contains(name.to_str().unwrap()),
            "{says}: {sentence}"
        );
        let fresh = tempfile::tempdir().unwrap();
        let keys = world.path().join("keys");
        let (code, _) = restored(&copy.join(&name), fresh.path(), Some(&keys)).unwrap_err();
        assert_eq!(
            (code, fresh.path().join("hub.sqlite").exists()),
            (1, false),
            "{says}"
        );
        assert_eq!(
            fs::read_dir(&copy).unwrap().filter(hidden).count(),
            0,
            "no scratch is left"
        );
    }
    let (code, sentence) = verify(world.path(), Path::new("/nowhere/backup")).unwrap_err();
    assert!(code == 2 && sentence.starts_with("/nowhere/backup"), "{sentence}");
    assert_eq!(checkpoint(&world.sync(&mut device).await).backed_up_to().0, 0);
    // Untouched it would hold, but not for another life.
    world.platform.admin().begin_incarnation().unwrap();
    let (code, sentence) = verify(world.path(), &store.join(&name)).unwrap_err();
    assert!(
        code == 1 && sentence.contains("another life of the store"),
        "{sentence}"
    );
    let world = World::put_back(&world, world_copy(&world));
    assert_eq!(checkpoint(&world.sync(&mut device).await).backed_up_to().0, 0);
}

fn hidden(entry: &std::io::Result<fs::DirEntry>) -> bool {
    let name = entry.as_ref().unwrap().file_name();
    name.to_str().unwrap().starts_with('.')
}

/// The data folder of a world, copied while nobody writes to it.
fn world_copy(world: &World) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    copied(world.path(), folder.path());
    folder
}

fn restored(backup: &Path, data: &Path, keys: Option<&Path>) -> Result<String, (u8, String)> {
    let mut words = vec!["restore", "--backup", text(backup), "--data", text(data)];
    if let Some(keys) = keys {
        words.extend(["--keys", text(keys)]);
    }
    said(&words)
}

#[tokio::test]
async fn a_restored_backup_serves_as_a_new_life_and_holds_what_was_backed_up() {
    let (world, mut device) = reported().await;
    world.platform.admin().make_authority(&[]).unwrap();
    fs::write(world.path().join("work_calendar.csv"), "2026-01-15,0,test\n").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let keys = elsewhere.path().join("platform.keys");
    let backup = backed_up(world.path(), &elsewhere.path().join("backups"));
    said(&["backup-keys", "--data", text(world.path()), "--to", text(&keys)]).unwrap();
    // What happens after the backup is lost with the machine.
    walk(&mut device, 2);
    world.sync(&mut device).await;
    let cookie = world.sign_in("d01").await;
    let lost = world.dispatch(&cookie).await["no"].clone();
    assert_eq!(lost, "DL-2026-0002");

    let folder = tempfile::tempdir().unwrap();
    let said = restored(&backup, folder.path(), Some(&keys)).unwrap();
    let again = world.put_back(folder);
    let incarnation = again.platform.hub().incarnation();
    assert_ne!(incarnation, world.platform.hub().incarnation());
    let last = said.lines().last().unwrap();
    assert!(
        last.starts_with("restored ") && last.ends_with(&format!("incarnation {incarnation}")),
        "{last}"
    );
    assert_eq!(
        again.platform.admin().ca_pin().unwrap(),
        world.platform.admin().ca_pin().unwrap()
    );
    assert!(again.path().join("work_calendar.csv").exists());
    assert_eq!(fs::read_dir(again.path()).unwrap().filter(hidden).count(), 0);
    let cookie = again.sign_in("d01").await;
    let records = again.seen(&cookie, "/api/records").await;
    assert_eq!(records["items"].as_array().unwrap().len(), 3);
    let photo = format!("/api/attachments/{}", photo().sha256);
    assert_eq!(again.get(&cookie, &photo).await.body, PHOTO);
    assert_eq!(again.dispatch(&cookie).await["no"], "DL-2026-1002");
    // The phone says where its log ends: what the restored store lacks is known by position.
    let empty = device.request(&[], |_| {}).to_bytes();
    let answer = again.post("/v1/sync", empty).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = ExchangeResponse::from_bytes(&answer.body).unwrap().unwrap();
    let told = checkpoint(&answer);
    assert_eq!(
        (told.verified_to().0, told.backed_up_to().0, told.incarnation),
        (3, 3, incarnation)
    );
    let shown = again.seen(&cookie, "/api/devices").await;
    let epoch = device.epoch.to_string();
    assert_eq!(
        (&shown["items"][0]["missing"], &shown["items"][0]["missing_count"]),
        (&json!([{"epoch": epoch, "from": 4, "to": 5}]), &json!(2))
    );
    let offered = checkpoint(&again.sync(&mut device).await);
    assert_eq!((offered.verified_to().0, offered.backed_up_to().0), (5, 3));
    // The old backup speaks for the old life; a new one counts.
    assert_eq!(verify(again.path(), &backup).unwrap_err().0, 1);
    let next = backed_up(again.path(), backup.parent().unwrap());
    verify(again.path(), &next).unwrap();
    again.clock.pass(MINUTE);
    assert_eq!(checkpoint(&again.sync(&mut device).await).backed_up_to().0, 5);
}

#[tokio::test]
async fn nothing_is_overwritten_and_keys_must_fit() {
    let (world, _) = reported().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let keys = elsewhere.path().join("platform.keys");
    let data = text(world.path());
    let backup = backed_up(world.path(), &elsewhere.path().join("backups"));
    let export = ["backup-keys", "--data", data, "--to", text(&keys)];
    said(&export).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let before = fs::read(&keys).unwrap();
    let (code, sentence) = said(&export).unwrap_err();
    assert!(code == 2 && sentence.contains("is there already"), "{sentence}");
    assert_eq!(fs::read(&keys).unwrap(), before);
    // Not over a platform.
    let (code, sentence) = restored(&backup, world.path(), Some(&keys)).unwrap_err();
    assert!(
        code == 2 && sentence.contains("holds a platform already"),
        "{sentence}"
    );
    // Not without keys, and not with another platform's.
    let fresh = tempfile::tempdir().unwrap();
    let sentence = restored(&backup, fresh.path(), None).unwrap_err().1;
    assert!(sentence.contains("--keys"), "{sentence}");
    let other = World::start();
    let sentence = restored(&backup, fresh.path(), Some(&other.path().join("keys")))
        .unwrap_err()
        .1;
    assert!(sentence.contains("do not belong to this backup"), "{sentence}");
    let sentence = restored(&backup, fresh.path(), Some(&backup.join("manifest.json")))
        .unwrap_err()
        .1;
    assert!(sentence.contains("holds no platform keys"), "{sentence}");
    assert!(!fresh.path().join("hub.sqlite").exists() && !fresh.path().join("keys/platform.key").exists());
    // From the keys folder, and from keys that were put there before.
    restored(&backup, fresh.path(), Some(&world.path().join("keys"))).unwrap();
    assert!(restored(&backup, fresh.path(), None).is_err(), "not twice");
    let placed = tempfile::tempdir().unwrap();
    fs::create_dir(placed.path().join("keys")).unwrap();
    let key = "keys/platform.key";
    fs::copy(world.path().join(key), placed.path().join(key)).unwrap();
    let (whole, foreign) = (fs::read(placed.path().join(key)).unwrap(), vec![7; 96]);
    fs::write(placed.path().join(key), &foreign).unwrap();
    let sentence = restored(&backup, placed.path(), Some(&keys)).unwrap_err().1;
    assert!(sentence.contains("is there already"), "{sentence}");
    assert_eq!(fs::read(placed.path().join(key)).unwrap(), foreign);
    fs::write(placed.path().join(key), whole).unwrap();
    restored(&backup, placed.path(), None).unwrap();
    // One that was interrupted before the database got its name is simply begun again.
    fs::rename(
        placed.path().join("hub.sqlite"),
        placed.path().join("hub.sqlite.draft"),
    )
    .unwrap();
    fs::write(blob(placed.path(), photo().sha256), b"a photo of the rock").unwrap();
    restored(&backup, placed.path(), Some(&keys)).unwrap();
    assert_eq!(fs::read(blob(placed.path(), photo().sha256)).unwrap(), PHOTO);
    assert!(!placed.path().join("hub.sqlite.draft").exists());
}

#[tokio::test]
async fn an_attachment_that_is_damaged_on_the_platform_is_named_and_no_backup_is_left() {
    let (world, _) = reported().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let own = blob(world.path(), photo().sha256);
    fs::write(&own, b"a photo of the rock").unwrap();
    let words = [
        "backup",
        "--data",
        text(world.path()),
        "--to",
        text(elsewhere.path()),
    ];
    let (code, sentence) = said(&words).unwrap_err();
    assert!(
        code == 2 && sentence.contains(text(&own)) && sentence.contains("no whole backup"),
        "{sentence}"
    );
    assert_eq!(files(elsewhere.path()), 0);
    fs::write(&own, PHOTO).unwrap();
    verify(world.path(), &backed_up(world.path(), elsewhere.path())).unwrap();
}

#[tokio::test]
async fn the_binary_tells_by_its_exit_code_whether_a_backup_holds() {
    let (world, _) = reported().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = backed_up(world.path(), elsewhere.path());
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grid-platform"));
        command.args(["verify", "--data", text(world.path()), "--backup", text(&backup)]);
        command.env("LC_ALL", "C.UTF-8").output().unwrap()
    };
    let held = verify();
    assert_eq!(held.status.code(), Some(0), "{held:?}");
    fs::remove_file(backup.join("hub.sqlite")).unwrap();
    let broken = verify();
    assert_eq!(broken.status.code(), Some(1));
    let said = String::from_utf8(broken.stderr).unwrap();
    assert!(
        said.starts_with("grid-platform: backup ") && said.lines().count() == 1,
        "{said}"
    );
}
