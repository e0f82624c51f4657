//! What tus adds to creation: checksums of requests, uploads that end, and how long they are kept.

use axum::body::Body;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::conformance::device::{report, with_attachments};
use grid_hub::sha256;
use grid_model::terms::{AttachmentRole, RefusalCode};
use grid_model::{Lane, TaskId};
use grid_wire::Attachment;

use crate::upload::{Phone, granted, photo};
use crate::world::{Answer, DAY, MINUTE, START, World, id_of};

impl Phone {
    /// A PATCH that says this of its bytes.
    async fn put_checked(&self, place: &str, from: usize, bytes: &[u8], checksum: &str) -> Answer {
        let request = self.request("PATCH", place).header("upload-offset", from);
        let request = request
            .header("content-type", "application/offset+octet-stream")
            .header("upload-checksum", checksum);
        self.world
            .send(request.body(bytes.to_vec().into()).unwrap())
            .await
    }

    async fn end(&self, place: &str) -> Answer {
        self.world
            .send(self.request("DELETE", place).body(Body::empty()).unwrap())
            .await
    }

    /// Begins a photo and sends its first bytes; answers where.
    async fn begun(&self, photo: &[u8], sent: usize) -> String {
        let begun = self.begin(sha256(photo), photo.len()).await;
        let place = begun.header("location").to_owned();
        if sent > 0 {
            assert_eq!(
                self.put(&place, 0, &photo[..sent]).await.status,
                StatusCode::NO_CONTENT
            );
        }
        place
    }

    /// The bytes that lie in the spool, of all uploads together.
    fn spooled(&self) -> u64 {
        let spool = std::fs::read_dir(self.world.path().join("spool")).unwrap();
        spool.map(|file| file.unwrap().metadata().unwrap().len()).sum()
    }
}

fn says(bytes: &[u8]) -> String {
    format!("sha256 {}", STANDARD.encode(sha256(bytes).bytes()))
}

fn offset(answer: &Answer) -> (StatusCode, &str) {
    (answer.status, answer.header("upload-offset"))
}

#[tokio::test]
async fn a_request_with_its_checksum_is_taken_and_one_with_another_leaves_nothing() {
    let phone = Phone::start().await;
    // Larger than what is held in memory at once, so that wrong bytes had been written before the end was seen.
    let photo = photo(900_000);
    let place = phone.begun(&photo, 1_000).await;
    let piece = &photo[1_000..701_000];
    let wrong = phone.put_checked(&place, 1_000, piece, &says(b"other")).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.refusal().code),
        (460, RefusalCode::HashMismatch)
    );
    assert_eq!(wrong.header("upload-offset"), "1000");
    assert_eq!(offset(&phone.standing(&place).await), (StatusCode::OK, "1000"));
    assert_eq!(phone.spooled(), 1_000, "nothing of it is kept");
    let right = phone.put_checked(&place, 1_000, piece, &says(piece)).await;
    assert_eq!(offset(&right), (StatusCode::NO_CONTENT, "701000"));
    let long = [&photo[701_000..], b"more"].concat();
    let long = phone.put_checked(&place, 701_000, &long, &says(&long)).await;
    assert_eq!(offset(&long), (StatusCode::PAYLOAD_TOO_LARGE, "701000"));
    assert_eq!(phone.spooled(), 701_000);
    let rest = &photo[701_000..];
    let last = phone.put_checked(&place, 701_000, rest, &says(rest)).await;
    assert_eq!(offset(&last), (StatusCode::NO_CONTENT, "900000"));
    let name = sha256(&photo).to_string();
    let kept = phone.world.path().join("blobs").join(&name[..2]).join(&name);
    assert_eq!(std::fs::read(kept).unwrap(), photo);
}

#[tokio::test]
async fn sha1_is_checked_and_what_cannot_be_checked_is_not_taken() {
    let phone = Phone::start().await;
    let place = phone.begun(b"abcdef", 0).await;
    for unknown in [
        "md5 kAFQmDzST7DWlj99KOF/cg==",
        "crc32 NSRBwg==",
        "sha256 abc",
        "sha1",
    ] {
        let refused = phone.put_checked(&place, 0, b"abc", unknown).await;
        assert_eq!(
            (refused.status, refused.refusal().code),
            (StatusCode::BAD_REQUEST, RefusalCode::Malformed),
            "{unknown}"
        );
    }
    assert_eq!(offset(&phone.standing(&place).await), (StatusCode::OK, "0"));
    // `abc`, from FIPS 180.
    let sha1 = "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=";
    let other = phone.put_checked(&place, 0, b"abd", sha1).await;
    assert_eq!((other.status.as_u16(), other.header("upload-offset")), (460, "0"));
    let right = phone.put_checked(&place, 0, b"abc", sha1).await;
    assert_eq!(offset(&right), (StatusCode::NO_CONTENT, "3"));
}

#[tokio::test]
async fn an_unfinished_upload_ends_when_its_device_says_so() {
    let phone = Phone::start().await;
    let photo = photo(10_000);
    let place = phone.begun(&photo, 4_000).await;
    let ended = phone.end(&place).await;
    assert_eq!(
        (ended.status, ended.header("tus-resumable")),
        (StatusCode::NO_CONTENT, "1.0.0")
    );
    assert_eq!(phone.spooled(), 0, "its bytes are freed");
    for again in [
        phone.standing(&place).await,
        phone.put(&place, 4_000, &photo[4_000..]).await,
        phone.put(&place, 0, &photo).await,
        phone.end(&place).await,
    ] {
        assert_eq!(offset(&again), (StatusCode::GONE, ""));
    }
    // Begun again it starts at its beginning, and ends well.
    let begun = phone.begin(sha256(&photo), photo.len()).await;
    assert_eq!(offset(&begun), (StatusCode::CREATED, "0"));
    let put = phone.put(begun.header("location"), 0, &photo).await;
    assert_eq!(offset(&put), (StatusCode::NO_CONTENT, "10000"));
}

#[tokio::test]
async fn nobody_ends_what_is_finished_or_somebody_elses() {
    let phone = Phone::start().await;
    let photo = photo(5_000);
    let place = phone.begun(&photo, 2_000).await;
    let other = Phone {
        grant: granted(&phone.world, 2, "W02").await,
        world: phone.world,
    };
    assert_eq!(other.end(&place).await.status, StatusCode::NOT_FOUND);
    let nobody = Phone {
        grant: "x.1.2".to_owned(),
        ..other
    };
    assert_eq!(nobody.end(&place).await.status, StatusCode::UNAUTHORIZED);
    let phone = Phone {
        grant: phone.grant,
        world: nobody.world,
    };
    assert_eq!(
        offset(&phone.standing(&place).await),
        (StatusCode::OK, "2000"),
        "untouched"
    );
    phone.put(&place, 2_000, &photo[2_000..]).await;
    let stays = phone.end(&place).await;
    assert_eq!(
        (stays.refusal().code, offset(&stays)),
        (RefusalCode::WrongOffset, (StatusCode::CONFLICT, "5000"))
    );
    let name = sha256(&photo).to_string();
    let kept = phone.world.path().join("blobs").join(&name[..2]).join(&name);
    assert_eq!(std::fs::read(kept).unwrap(), photo, "the attachment stays");
}

#[tokio::test]
async fn an_unfinished_upload_says_until_when_it_is_kept_and_is_swept_then() {
    let phone = Phone::start().await;
    let photo = photo(10_000);
    let begun = phone.begin(sha256(&photo), photo.len()).await;
    assert_eq!(
        begun.header("upload-expires"),
        "Fri, 13 Feb 2026 02:00:00 GMT",
        "30 days after 14 January"
    );
    phone.world.clock.pass(60 * MINUTE);
    let place = begun.header("location");
    let put = phone.put(place, 0, &photo[..4_000]).await;
    let until = "Fri, 13 Feb 2026 03:00:00 GMT";
    assert_eq!(put.header("upload-expires"), until);
    assert_eq!(phone.standing(place).await.header("upload-expires"), until);
    let sweep = |at_ms: i64| phone.world.platform.sweep_uploads(at_ms).unwrap();
    assert_eq!(sweep(START + 30 * DAY + 60 * MINUTE - 1), 0);
    assert_eq!(offset(&phone.standing(place).await), (StatusCode::OK, "4000"));
    assert_eq!(sweep(START + 30 * DAY + 60 * MINUTE), 1);
    assert_eq!(phone.spooled(), 0);
    let gone = phone.standing(place).await;
    assert_eq!(offset(&gone), (StatusCode::GONE, ""));
    let put = phone.put(place, 4_000, &photo[4_000..]).await;
    assert_eq!(
        (put.status, put.refusal().code),
        (StatusCode::GONE, RefusalCode::NotFound)
    );
    assert_eq!(sweep(START + 90 * DAY), 0, "swept once");
    // What is finished is an attachment: it has no end, and no sweep takes it.
    assert_eq!(
        phone.begin(sha256(&photo), photo.len()).await.header("location"),
        place
    );
    let whole = phone.put(place, 0, &photo).await;
    assert_eq!(
        (offset(&whole), whole.header("upload-expires")),
        ((StatusCode::NO_CONTENT, "10000"), "")
    );
    assert_eq!(sweep(START + 900 * DAY), 0);
    assert_eq!(offset(&phone.standing(place).await), (StatusCode::OK, "10000"));
}

/// What a record says of a photo.
fn naming(photo: &[u8]) -> Attachment {
    Attachment {
        sha256: sha256(photo),
        role: AttachmentRole::After,
        mime: "image/jpeg".to_owned(),
        bytes: photo.len() as u64,
        taken_at_ms: START,
        point: None,
    }
}

#[tokio::test]
async fn a_device_in_contact_and_a_record_that_names_it_keep_an_upload() {
    let world = World::start();
    let mut silent = world.enrol(1, "W01").await;
    let mut alive = world.enrol(2, "W02").await;
    let named = photo(3_000);
    let cookie = world.sign_in("d01").await;
    let lane = Lane::task(id_of(&world.dispatch(&cookie).await));
    silent.record(START, lane, with_attachments(report(1), vec![naming(&named)]));
    let grants = [
        world.sync(&mut silent).await.upload_grant,
        world.sync(&mut alive).await.upload_grant,
    ];
    let mut phone = Phone {
        world,
        grant: grants[0].clone(),
    };
    phone.begun(&named, 1_000).await;
    phone.begun(&photo(4_000), 2_000).await;
    phone.grant.clone_from(&grants[1]);
    let kept = phone.begun(&photo(5_000), 3_000).await;
    phone.world.clock.pass(29 * DAY);
    phone.grant = phone.world.sync(&mut alive).await.upload_grant;
    let swept = phone.world.platform.sweep_uploads(START + 31 * DAY).unwrap();
    assert_eq!(swept, 1, "the one of the silent device that no record names");
    assert_eq!(phone.spooled(), 1_000 + 3_000);
    let standing = phone.standing(&kept).await;
    assert_eq!(offset(&standing), (StatusCode::OK, "3000"));
    assert_eq!(
        standing.header("upload-expires"),
        "Sat, 14 Mar 2026 02:00:00 GMT",
        "30 days after the exchange"
    );
}

#[tokio::test]
async fn a_record_that_was_sent_back_keeps_the_uploads_of_its_device() {
    let world = World::start();
    let mut lost = world.enrol(1, "W01").await;
    let named = photo(3_000);
    // A report on a task that the platform does not know: it is kept, and listed nowhere yet.
    let lane = Lane::task(TaskId([9; 16]));
    lost.record(START, lane, with_attachments(report(1), vec![naming(&named)]));
    let grant = world.sync(&mut lost).await.upload_grant;
    let phone = Phone { world, grant };
    phone.begun(&named, 1_000).await;
    let swept = phone.world.platform.sweep_uploads(START + 400 * DAY).unwrap();
    assert_eq!((swept, phone.spooled()), (0, 1_000));
}

#[tokio::test]
async fn a_creation_sweeps_what_is_over_once_an_hour() {
    let world = World::start();
    let silent = Phone {
        grant: granted(&world, 1, "W01").await,
        world,
    };
    silent.begun(&photo(3_000), 1_000).await;
    silent.world.clock.pass(30 * DAY - MINUTE);
    let phone = Phone {
        grant: granted(&silent.world, 2, "W02").await,
        world: silent.world,
    };
    phone.begun(&photo(10), 0).await;
    assert_eq!(phone.spooled(), 1_000, "not over yet");
    phone.world.clock.pass(MINUTE);
    phone.begun(&photo(11), 0).await;
    assert_eq!(phone.spooled(), 1_000, "swept a minute ago");
    phone.world.clock.pass(60 * MINUTE);
    phone.begun(&photo(12), 0).await;
    assert_eq!(phone.spooled(), 0);
}
