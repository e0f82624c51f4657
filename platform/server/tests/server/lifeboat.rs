//! Lifeboat segments over HTTP, and from a folder copied off a phone.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use clap::Parser as _;
use grid_hub::UploadAsk;
use grid_hub::conformance::device::{FakeDevice, report, with_attachments};
use grid_hub::conformance::segment::{SegmentWriter, sealed_photo};
use grid_model::terms::{AttachmentRole, RefusalCode};
use grid_model::{Epoch, Lane, TaskId};
use grid_server::Language;
use grid_server::cli::{Arguments, run};
use grid_wire::Attachment;
use grid_wire::lifeboat::{FileKeyRow, LifeboatAnswer, SEGMENT_BYTES_MAX, answer_from};
use hyper::body::Frame;

use crate::world::{START, World, id_of};

fn public(world: &World) -> Vec<u8> {
    world.platform.hub().keys().sealing_public()
}

fn attachment(row: &FileKeyRow) -> Attachment {
    Attachment {
        sha256: row.sha256,
        role: AttachmentRole::After,
        mime: row.mime.clone(),
        bytes: row.bytes,
        taken_at_ms: START,
        point: None,
    }
}

/// A phone of `W01` that reported on a task with a photo and never came home.
async fn lost_phone(world: &World, row: &FileKeyRow) -> (FakeDevice, TaskId) {
    let cookie = world.sign_in("d01").await;
    let task = id_of(&world.dispatch(&cookie).await);
    let mut device = world.enrol(1, "W01").await;
    device.record(
        START,
        Lane::task(task),
        with_attachments(report(1), vec![attachment(row)]),
    );
    (device, task)
}

#[tokio::test]
async fn a_segment_goes_from_a_dead_phone_to_the_console() {
    let world = World::start();
    let (row, _) = sealed_photo(b"photo", 1);
    let (device, task) = lost_phone(&world, &row).await;
    let bytes = SegmentWriter::of(&device, &public(&world), 1)
        .whole_log(&device)
        .bytes();
    for new in [1, 0] {
        let answer = world.post("/v1/lifeboat", bytes.clone()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let expected = LifeboatAnswer {
            version: 1,
            frames: 1,
            new,
            duplicate: 1 - new,
            ..LifeboatAnswer::default()
        };
        assert_eq!(answer_from(&answer.body), Ok(Ok(expected)));
    }
    let cookie = world.sign_in("d01").await;
    let detail = world.seen(&cookie, &format!("/api/tasks/{task}")).await;
    assert_eq!(detail["status"], "submitted");
    assert_eq!(detail["reports"][0]["attachments"][0]["here"], false);
}

#[tokio::test]
async fn a_segment_is_refused_for_a_reason_and_nobody_else_makes_us_read_it() {
    let world = World::start();
    let device = world.enrol(1, "W01").await;
    let platform = public(&world);
    let segment = || SegmentWriter::of(&device, &platform, 1);
    let stranger = FakeDevice::with_seed(9);
    let mut forged = segment();
    forged.signer = stranger.key.clone();
    let mut early = segment();
    early.header.key_for_platform.clear();
    let mut newer = segment();
    newer.header.version = 9;
    let (unknown, too_large) = (
        SegmentWriter::of(&stranger, &platform, 1).bytes(),
        [segment().bytes(), vec![0; SEGMENT_BYTES_MAX]].concat(),
    );
    for (bytes, status, code) in [
        (
            b"<html>sign in to the hotel</html>".to_vec(),
            StatusCode::BAD_REQUEST,
            RefusalCode::Malformed,
        ),
        (unknown, StatusCode::FORBIDDEN, RefusalCode::UnknownDevice),
        (forged.bytes(), StatusCode::FORBIDDEN, RefusalCode::BadSignature),
        (
            early.bytes(),
            StatusCode::UNPROCESSABLE_ENTITY,
            RefusalCode::NoKey,
        ),
        (
            newer.bytes(),
            StatusCode::UPGRADE_REQUIRED,
            RefusalCode::NewerVersion,
        ),
        (too_large, StatusCode::PAYLOAD_TOO_LARGE, RefusalCode::TooLarge),
    ] {
        let answer = world.post("/v1/lifeboat", bytes).await;
        assert_eq!((answer.status, answer.refusal().code), (status, code));
        assert!(matches!(answer_from(&answer.body), Ok(Err(_))));
    }
    let endless = Request::post("/v1/lifeboat").body(Body::new(Endless(Some(forged.bytes()))));
    assert_eq!(
        world.send(endless.unwrap()).await.status,
        StatusCode::FORBIDDEN,
        "told by the header alone"
    );
}

/// A body that has sent these bytes and never comes to an end.
struct Endless(Option<Vec<u8>>);

impl hyper::body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.0.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes.into())))),
            None => Poll::Pending,
        }
    }
}

/// What the command says about these paths.
fn said(world: &World, language: Language, paths: &[&Path]) -> Result<String, String> {
    let data = world.path().display().to_string();
    let paths = paths.iter().map(|path| path.display().to_string());
    let words = ["grid-platform", "admin", "--data", &data, "lifeboat"].map(str::to_owned);
    let arguments = Arguments::try_parse_from(words.into_iter().chain(paths)).unwrap();
    let mut out = Vec::new();
    let outcome = run(arguments, language, &mut out);
    let out = String::from_utf8(out).unwrap();
    match outcome {
        Ok(()) => Ok(out),
        Err(failure) => {
            let sentence = failure.sentence();
            Err(out + sentence.in_language(language))
        }
    }
}

fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn a_folder_copied_off_a_phone_gives_its_records_and_photos() {
    let world = World::start();
    let photo: Vec<u8> = (0..100_000_u32).map(|n| n as u8).collect();
    let (row, sealed) = sealed_photo(&photo, 1);
    let (device, task) = lost_phone(&world, &row).await;
    let platform = public(&world);
    let mut segment = SegmentWriter::of(&device, &platform, 1);
    segment.change(&device.log[0], vec![row.clone()]);
    let capture = SegmentWriter::capture(&device, &platform, Epoch(7)).whole_log(&device);
    let phone = tempfile::tempdir().unwrap();
    let vault = phone.path().join("files/vault");
    put(&vault, "lifeboat/0000000000.boat", &segment.bytes());
    put(&vault, "lifeboat/0000000001.boat", &[0; 10_000]);
    put(&vault, "lifeboat/0000000000.locked", &capture.bytes());
    put(&vault, &format!("attachments/{}.sealed", row.sha256), &sealed);
    put(&vault, &format!("attachments/{}.sealed", "a".repeat(64)), &sealed);
    put(&vault, "fieldbook.db", b"damaged");

    let first = said(&world, Language::En, &[phone.path()]).unwrap();
    let (line, rest) = first.split_once('\n').unwrap();
    assert_eq!(
        line.split_once(" (W01), device ").unwrap().1,
        format!(
            "{}: 2 segments, 2 frames; 2 new, 0 here before, 0 to be checked by a person, 0 damaged places; 1 new \
             photos, 0 here before; 0 track fixes that no record holds (they stay in the files).",
            device.id
        )
    );
    assert!(rest.starts_with("1 sealed photos have no key here"), "{rest}");
    let again = said(&world, Language::Zh, &[phone.path()]).unwrap();
    assert!(
        again.contains("（W01），设备")
            && again.contains("新收 0 条，此前已有 2 条")
            && again.contains("照片新收 0 张，此前已有 1 张"),
        "{again}"
    );

    let cookie = world.sign_in("d01").await;
    let detail = world.seen(&cookie, &format!("/api/tasks/{task}")).await;
    assert_eq!(detail["reports"][0]["attachments"][0]["here"], true);
    let shown = world
        .get(&cookie, &format!("/api/attachments/{}", row.sha256))
        .await;
    assert_eq!((shown.status, &shown.body[..]), (StatusCode::OK, &photo[..]));
}

#[tokio::test]
async fn a_photo_goes_on_where_its_phone_stopped_or_begins_again() {
    let world = World::start();
    for (seed, spooled) in [(1, b"photo"), (2, b"wrong")] {
        let plain = [b"photo of ".as_slice(), &[b'0' + seed]].concat();
        let (row, sealed) = sealed_photo(&plain, seed);
        let mut device = world.enrol(seed, "W01").await;
        let hub = world.platform.hub();
        let ask = UploadAsk {
            sha256: row.sha256,
            mime: row.mime.clone(),
            bytes: row.bytes,
        };
        let begun = hub.upload_begin(START, device.id, &ask).unwrap().unwrap();
        fs::write(world.path().join("spool").join(begun.id.to_string()), spooled).unwrap();
        hub.upload_advance(START, device.id, begun.id, (0, 5))
            .unwrap()
            .unwrap();
        device.record(
            START,
            Lane::loose_counts(device.id),
            with_attachments(report(1), vec![attachment(&row)]),
        );
        let mut segment = SegmentWriter::of(&device, &public(&world), 1);
        segment.file(&row);
        let phone = tempfile::tempdir().unwrap();
        let boat = put(phone.path(), "1.boat", &segment.bytes());
        put(phone.path(), &format!("{}.sealed", row.sha256), &sealed);
        let out = said(&world, Language::En, &[&boat, phone.path()]).unwrap();
        assert!(
            out.contains("1 segments, 1 frames;") && out.contains("1 new photos"),
            "{out}"
        );
        let sha256 = row.sha256.to_string();
        let blob = world.path().join("blobs").join(&sha256[..2]).join(&sha256);
        assert_eq!(fs::read(blob).unwrap(), plain);
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_and_left() {
    let world = World::start();
    let phone = tempfile::tempdir().unwrap();
    let nothing = said(&world, Language::En, &[phone.path()]).unwrap_err();
    assert!(
        nothing.starts_with("no lifeboat segment (*.boat, *.locked) was found"),
        "{nothing}"
    );
    let stranger = SegmentWriter::of(&FakeDevice::with_seed(9), &public(&world), 1);
    put(phone.path(), "1.boat", &stranger.bytes());
    put(phone.path(), "2.boat", b"no segment");
    let left = said(&world, Language::En, &[phone.path()]).unwrap_err();
    assert!(
        left.contains("1.boat was not taken in: the device was never enrolled here.")
            && left.contains("2.boat was not taken in: its headers are damaged")
            && left.contains("none of 2 lifeboat segments could be opened"),
        "{left}"
    );
    let left = said(&world, Language::Zh, &[phone.path()]).unwrap_err();
    assert!(left.contains("1.boat 未导入：不是在本平台登记的设备。"), "{left}");
    let absent = said(&world, Language::En, &[&phone.path().join("3.boat")]).unwrap_err();
    assert!(absent.contains("3.boat cannot be read"), "{absent}");
    // One that opens is enough to have done something.
    let device = world.enrol(1, "W01").await;
    put(
        phone.path(),
        "4.boat",
        &SegmentWriter::of(&device, &public(&world), 1).bytes(),
    );
    let some = said(&world, Language::En, &[phone.path()]).unwrap();
    assert!(
        some.contains("1 segments, 0 frames") && some.contains("1.boat was not taken in"),
        "{some}"
    );
}
