//! Exchanges that are cut, and go on.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use grid_hub::conformance::device::FakeDevice;
use grid_hub::sha256;
use grid_model::limits::FRAME_BYTES;
use grid_model::terms::{ObservationKind, RefusalCode};
use grid_model::{Lane, LaneKind, Seq};
use grid_wire::fact::Observed;
use grid_wire::{
    ContinueRequest, Continued, ExchangeRequest, ExchangeResponse, Fact, Part, Receipt, Verdict, decode,
};
use hyper::body::Frame;

use crate::world::{Answer, DAY, MINUTE, START, World};

/// Changes in a batch whose body has a little more than two frames.
const CHANGES: u64 = 30;

/// Writes observations whose notes nothing makes smaller.
pub(crate) fn observe(device: &mut FakeDevice, changes: u64) {
    let mut noise = u64::from(device.id.0[0]) << 32 | device.log.len() as u64;
    let mut letter = || {
        noise = noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from_u32(0x4e00 + (noise >> 40) as u32 % 20_000).unwrap()
    };
    for _ in 0..changes {
        let fact = Fact::Observed(Observed {
            observation_kind: ObservationKind::Hazard,
            note: (0..300).map(|_| letter()).collect(),
            point: None,
            attachments: Vec::new(),
        });
        let lane = Lane {
            kind: LaneKind::Patrol,
            id: [device.id.0[0]; 16],
        };
        device.record(START, lane, fact);
    }
}

/// A batch of this device with everything it wrote.
pub(crate) fn batch(device: &mut FakeDevice) -> ExchangeRequest {
    let entries = device.entries(1..=device.log.len() as u64);
    device.request(&entries, |_| {})
}

pub(crate) fn going_on(request: &ExchangeRequest, part: Part) -> ContinueRequest {
    let from = part.from_frame.map(|frame| frame as usize * FRAME_BYTES);
    ContinueRequest {
        header: request.header.clone(),
        body: from.map_or(Vec::new(), |from| request.body[from..].to_vec()),
        part,
    }
}

pub(crate) fn from_frame(frame: u32) -> Part {
    Part {
        from_frame: Some(frame),
        ..Part::default()
    }
}

fn having(answer: &[u8]) -> Part {
    Part {
        answer_have: answer.len() as u64,
        answer_digest: Some(sha256(answer)),
        ..Part::default()
    }
}

pub(crate) fn receipt(answer: &[u8]) -> Receipt {
    let response = ExchangeResponse::from_bytes(answer).unwrap().unwrap();
    decode(&response.receipt.bytes, "receipt").unwrap()
}

fn verdicts(answer: &[u8]) -> Vec<Option<Verdict>> {
    let receipt = receipt(answer);
    (1..=CHANGES).map(|seq| receipt.verdict_on(Seq(seq))).collect()
}

/// A body that sends these bytes and breaks off.
struct Broken(std::vec::IntoIter<Bytes>);

impl hyper::body::Body for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let piece = self.0.next().ok_or(io::ErrorKind::ConnectionReset.into());
        Poll::Ready(Some(piece.map(Frame::data)))
    }
}

impl World {
    /// Sends the first bytes of a request, then the connection breaks.
    async fn cut(&self, bytes: &[u8], sent: usize) -> Answer {
        let pieces: Vec<_> = bytes[..sent].chunks(5_000).map(Bytes::copy_from_slice).collect();
        let body = Body::new(Broken(pieces.into_iter()));
        self.send(Request::post("/v1/sync").body(body).unwrap()).await
    }

    async fn go_on(&self, request: &ExchangeRequest, part: Part) -> Continued {
        let answer = self.post("/v1/sync", going_on(request, part).to_bytes()).await;
        Continued::from_bytes(&answer.body).unwrap()
    }

    /// How many frames of this request the platform says it has.
    async fn frames(&self, request: &ExchangeRequest) -> u32 {
        match self.go_on(request, Part::default()).await {
            Continued::Partial { frames } => frames,
            other => panic!("no part: {other:?}"),
        }
    }

    async fn whole(&self, request: &ExchangeRequest, part: Part) -> Vec<u8> {
        match self.go_on(request, part).await {
            Continued::Whole(answer) => answer,
            other => panic!("no whole answer: {other:?}"),
        }
    }

    /// A device with a batch, of which it sent nothing yet.
    async fn loaded(&self, seed: u8) -> (FakeDevice, ExchangeRequest) {
        let mut device = self.enrol(seed, "W01").await;
        observe(&mut device, CHANGES);
        let request = batch(&mut device);
        let length = request.body.len();
        assert!(
            length > 2 * FRAME_BYTES && !length.is_multiple_of(FRAME_BYTES),
            "{length}"
        );
        (device, request)
    }

    async fn records(&self) -> usize {
        let cookie = self.sign_in("d01").await;
        let records = self.seen(&cookie, "/api/records?limit=1000").await;
        records["items"].as_array().unwrap().len()
    }

    /// Files with beginnings of batches.
    fn begun(&self) -> usize {
        std::fs::read_dir(self.path().join("begun")).unwrap().count()
    }
}

#[tokio::test]
async fn a_batch_that_was_cut_anywhere_is_here_up_to_its_last_whole_frame() {
    let world = World::start();
    let (_, request) = world.loaded(1).await;
    let bytes = request.to_bytes();
    let before = bytes.len() - request.body.len();
    // Every place where something begins or ends, and a few of those between.
    let ends = [
        0,
        before,
        before + FRAME_BYTES,
        before + 2 * FRAME_BYTES,
        bytes.len(),
    ];
    let is_near = |sent: usize| ends.iter().any(|end| end.abs_diff(sent) <= 20);
    for sent in (0..bytes.len()).filter(|sent| sent % 97 == 0 || is_near(*sent)) {
        let answer = world.cut(&bytes, sent).await;
        let expected = if sent < before {
            RefusalCode::Malformed
        } else {
            RefusalCode::TryLater
        };
        assert_eq!(answer.refusal().code, expected, "{sent}");
        let frames = sent.saturating_sub(before) / FRAME_BYTES;
        assert_eq!(world.frames(&request).await as usize, frames, "{sent} bytes");
    }
    // All of it came, and then the connection broke: nothing has to be sent again.
    world.cut(&bytes, bytes.len()).await;
    let answer = world.whole(&request, Part::default()).await;
    assert_eq!(receipt(&answer).digest, cover(&request));
    assert_eq!((world.records().await, world.begun()), (CHANGES as usize, 0));
}

/// What a receipt for this batch has to cover.
fn cover(request: &ExchangeRequest) -> grid_model::Sha256 {
    let entries = grid_wire::batch::unpack(&request.body).unwrap();
    let mut covered = b"grid-cover-v1\0".to_vec();
    for entry in entries {
        covered.extend(entry.seq.0.to_be_bytes());
        covered.extend(sha256(&entry.body).bytes());
    }
    sha256(&covered)
}

#[tokio::test]
async fn the_rest_gives_the_receipt_of_an_uncut_batch_and_doubles_nothing() {
    let world = World::start();
    let (_, uncut) = world.loaded(100).await;
    let uncut = world.post("/v1/sync", uncut.to_bytes()).await;
    let mut devices = 1;
    let end = FRAME_BYTES * 2 + 500;
    for (first, second) in [
        (0, 0),
        (1, FRAME_BYTES),
        (FRAME_BYTES - 1, 3),
        (FRAME_BYTES, FRAME_BYTES - 1),
        (FRAME_BYTES + 1, FRAME_BYTES + 1),
        (end, 7),
    ] {
        devices += 1;
        let (_, request) = world.loaded(devices as u8).await;
        let bytes = request.to_bytes();
        let before = bytes.len() - request.body.len();
        world.cut(&bytes, before + first).await;
        let mut sent = first;

        let here = world.frames(&request).await;
        let rest = going_on(&request, from_frame(here)).to_bytes();
        let behind = rest.len() - (request.body.len() - here as usize * FRAME_BYTES);
        world
            .cut(&rest, behind + second.min(rest.len() - behind - 1))
            .await;
        sent += second.min(rest.len() - behind - 1);

        let here = world.frames(&request).await;
        assert_eq!(here as usize, (first / FRAME_BYTES) + second / FRAME_BYTES);
        let answer = world.whole(&request, from_frame(here)).await;
        sent += request.body.len() - here as usize * FRAME_BYTES;
        let again = sent - request.body.len();
        assert!(again < 2 * FRAME_BYTES, "{again} bytes were sent again");
        assert_eq!(verdicts(&answer), verdicts(&uncut.body), "{first}, {second}");
        assert_eq!(receipt(&answer).digest, cover(&request));
    }
    assert_eq!(world.records().await, devices * CHANGES as usize);
    assert_eq!(world.begun(), 0);
}

#[tokio::test]
async fn an_answer_that_was_cut_anywhere_is_completed_to_the_very_same_bytes() {
    let world = World::start();
    let (_, request) = world.loaded(1).await;
    let answer = world.post("/v1/sync", request.to_bytes()).await.body;
    let asked = |part| world.go_on(&request, part);
    for have in 1..=answer.len() {
        let tail = asked(having(&answer[..have])).await;
        assert_eq!(tail, Continued::Tail(answer[have..].to_vec()), "{have}");
    }
    let whole = Continued::Whole(answer.to_vec());
    let mut other = answer.to_vec();
    other[4] ^= 1;
    let longer = [&answer[..], b"more"].concat();
    let unsaid = Part {
        answer_digest: None,
        ..having(&answer[..10])
    };
    let endless = Part {
        answer_have: u64::MAX,
        ..having(&answer)
    };
    for part in [
        Part::default(),
        having(&other[..10]),
        having(&longer),
        unsaid,
        endless,
        from_frame(0),
    ] {
        assert_eq!(asked(part.clone()).await, whole, "{part:?}");
    }
    world.clock.pass(15 * MINUTE);
    assert_eq!(
        world.frames(&request).await,
        0,
        "the answer is gone, and the body was not kept"
    );
    let anew = world.whole(&request, from_frame(0)).await;
    assert!(verdicts(&anew).iter().all(|v| *v == Some(Verdict::Duplicate)));
    assert_eq!(world.records().await, CHANGES as usize);
}

#[tokio::test]
async fn what_nobody_pushed_has_an_answer_too() {
    let world = World::start();
    let mut device = world.enrol(1, "W01").await;
    let request = device.request(&[], |_| {});
    let answer = world.whole(&request, Part::default()).await;
    let tail = world.go_on(&request, having(&answer[..20])).await;
    assert_eq!(tail, Continued::Tail(answer[20..].to_vec()));
    assert_eq!(receipt(&answer).ranges.len(), 0);
}

#[tokio::test]
async fn nothing_is_kept_or_told_for_anybody_but_the_device_that_signed() {
    let world = World::start();
    let (device, request) = world.loaded(1).await;
    let bytes = request.to_bytes();
    let stranger = {
        let mut stranger = FakeDevice::with_seed(9);
        observe(&mut stranger, CHANGES);
        batch(&mut stranger)
    };
    let mut forged = request.clone();
    forged.header.signature[0] ^= 1;
    for (foreign, code) in [
        (&stranger, RefusalCode::UnknownDevice),
        (&forged, RefusalCode::BadSignature),
    ] {
        let bytes = foreign.to_bytes();
        let answer = world.cut(&bytes, bytes.len() - 10).await;
        assert_eq!(answer.refusal().code, code);
        assert_eq!(world.begun(), 0);
        let Continued::Refused(refusal) = world.go_on(foreign, Part::default()).await else {
            panic!("taken")
        };
        assert_eq!(refusal.code, code);
    }
    world.cut(&bytes, bytes.len() - 10).await;
    assert_eq!(world.frames(&request).await, 2);
    let (_, neighbour) = world.loaded(2).await;
    assert_eq!(world.frames(&neighbour).await, 0);
    let answered = world.whole(&neighbour, from_frame(0)).await;
    world.platform.admin().revoke(device.id).unwrap();
    for part in [
        Part::default(),
        from_frame(2),
        having(&answered[..30]),
        having(&answered),
    ] {
        let answer = world.post("/v1/sync", going_on(&request, part).to_bytes()).await;
        assert_eq!(
            (answer.status, answer.refusal().code),
            (StatusCode::FORBIDDEN, RefusalCode::Revoked)
        );
    }
}

#[tokio::test]
async fn an_answer_is_no_longer_given_once_its_device_is_revoked() {
    let world = World::start();
    let (device, request) = world.loaded(1).await;
    let answer = world.post("/v1/sync", request.to_bytes()).await.body;
    world.platform.admin().revoke(device.id).unwrap();
    let Continued::Refused(refusal) = world.go_on(&request, having(&answer[..30])).await else {
        panic!("answered")
    };
    assert_eq!(refusal.code, RefusalCode::Revoked);
}

#[tokio::test]
async fn a_newer_batch_takes_the_place_of_the_one_that_was_kept() {
    let world = World::start();
    let (mut device, older) = world.loaded(1).await;
    let bytes = older.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    observe(&mut device, 1);
    let newer = batch(&mut device);
    assert_eq!(world.frames(&newer).await, 0, "it is of another header");
    assert_eq!(world.frames(&older).await, 2);
    let bytes = newer.to_bytes();
    world
        .cut(&bytes, bytes.len() - newer.body.len() + FRAME_BYTES)
        .await;
    assert_eq!((world.frames(&newer).await, world.begun()), (1, 1));
    assert_eq!(world.frames(&older).await, 0);
    world.whole(&newer, from_frame(1)).await;
    assert_eq!((world.records().await, world.begun()), (CHANGES as usize + 1, 0));
}

#[tokio::test]
async fn a_restart_keeps_beginnings_and_makes_answers_anew() {
    let world = World::start();
    let (_, request) = world.loaded(1).await;
    let (_, answered) = world.loaded(2).await;
    let bytes = request.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    let answer = world.post("/v1/sync", answered.to_bytes()).await.body;
    let folder = tempfile::tempdir().unwrap();
    copy(world.path(), folder.path());
    let world = world.put_back(folder);
    assert_eq!(world.frames(&request).await, 2);
    world.whole(&request, from_frame(2)).await;
    let part = Part {
        from_frame: Some(0),
        ..having(&answer[..30])
    };
    let anew = world.whole(&answered, part).await;
    assert_ne!(answer, anew, "told as duplicates");
    assert_eq!(receipt(&anew).digest, receipt(&answer).digest);
    assert_eq!(world.records().await, 2 * CHANGES as usize);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test]
async fn a_frame_that_is_not_the_signed_one_is_never_kept() {
    let world = World::start();
    let (device, request) = world.loaded(1).await;
    let mut altered = request.clone();
    altered.body[FRAME_BYTES + 100] ^= 1;
    let bytes = altered.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    assert_eq!(world.frames(&request).await, 1);
    // A part behind a hole, one that brings nothing new, and one that is altered: none moves what is here.
    let hole = world.go_on(&request, from_frame(2)).await;
    assert_eq!(hole, Continued::Partial { frames: 1 });
    let mut rest = going_on(&altered, from_frame(1));
    rest.body.truncate(FRAME_BYTES + 5);
    let answer = world.post("/v1/sync", rest.to_bytes()).await;
    assert_eq!(
        Continued::from_bytes(&answer.body).unwrap(),
        Continued::Partial { frames: 1 }
    );
    let whole = world
        .post("/v1/sync", going_on(&altered, from_frame(0)).to_bytes())
        .await;
    assert_eq!(
        (whole.status.as_u16(), whole.refusal().code),
        (460, RefusalCode::HashMismatch)
    );
    assert_eq!(world.records().await, 0);

    // What lies on the disk is looked at again: here its second frame was hit, there the time and the mark.
    let bytes = request.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    assert_eq!(world.frames(&request).await, 2);
    let place = world.path().join("begun").join(device.id.to_string());
    let kept = std::fs::read(&place).unwrap();
    for (length, frames) in [(kept.len() - 1, 1), (300, 0), (9, 0), (0, 0)] {
        std::fs::write(&place, &kept[..length]).unwrap();
        assert_eq!(world.frames(&request).await, frames, "torn after {length} bytes");
    }
    world.whole(&request, from_frame(0)).await;
    assert_eq!(world.records().await, CHANGES as usize);
}

#[tokio::test]
async fn a_part_that_ends_in_good_order_adds_to_what_is_here() {
    let world = World::start();
    let (_, request) = world.loaded(1).await;
    for frame in 0..2 {
        let mut part = going_on(&request, from_frame(frame));
        part.body.truncate(FRAME_BYTES);
        let answer = world.post("/v1/sync", part.to_bytes()).await;
        let here = Continued::from_bytes(&answer.body).unwrap();
        assert_eq!(here, Continued::Partial { frames: frame + 1 });
    }
    // An older part again takes nothing away.
    let mut part = going_on(&request, from_frame(0));
    part.body.truncate(FRAME_BYTES);
    world.post("/v1/sync", part.to_bytes()).await;
    assert_eq!(world.frames(&request).await, 2);
    world.whole(&request, from_frame(1)).await;
    assert_eq!(world.records().await, CHANGES as usize);
}

#[tokio::test]
async fn a_beginning_is_kept_for_thirty_days() {
    let world = World::start();
    let (_, request) = world.loaded(1).await;
    let bytes = request.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    world.clock.pass(30 * DAY - 1);
    assert_eq!(world.platform.sweep_begun(world.platform.now_ms()).unwrap(), 0);
    assert_eq!(world.frames(&request).await, 2);
    world.clock.pass(1);
    // Another device's cut sweeps, too.
    let (_, other) = world.loaded(2).await;
    let bytes = other.to_bytes();
    world.cut(&bytes, bytes.len() - 1).await;
    assert_eq!((world.frames(&request).await, world.begun()), (0, 1));
    assert_eq!(
        world
            .platform
            .sweep_begun(world.platform.now_ms() + 30 * DAY)
            .unwrap(),
        1
    );
    world.whole(&request, from_frame(0)).await;
}
