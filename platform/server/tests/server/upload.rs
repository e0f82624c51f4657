//! Uploads over tus.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::sha256;
use grid_model::Sha256;
use grid_model::terms::RefusalCode;

use crate::world::{Answer, DAY, World};

/// A phone that may upload.
pub(crate) struct Phone {
    pub(crate) world: World,
    pub(crate) grant: String,
}

impl Phone {
    pub(crate) async fn start() -> Self {
        let world = World::start();
        let grant = granted(&world, 1, "W01").await;
        Self { world, grant }
    }

    pub(crate) fn request(&self, verb: &str, path: &str) -> axum::http::request::Builder {
        let request = Request::builder()
            .method(verb)
            .uri(path)
            .header("tus-resumable", "1.0.0");
        request.header("authorization", format!("Grid {}", self.grant))
    }

    pub(crate) async fn begin(&self, sha256: Sha256, bytes: usize) -> Answer {
        let metadata = format!(
            "sha256 {},mime {}",
            STANDARD.encode(sha256.to_string()),
            STANDARD.encode("image/jpeg")
        );
        let request = self
            .request("POST", "/v1/uploads")
            .header("upload-length", bytes)
            .header("upload-metadata", metadata);
        self.world.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn standing(&self, place: &str) -> Answer {
        self.world
            .send(self.request("HEAD", place).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn put(&self, place: &str, from: usize, bytes: &[u8]) -> Answer {
        let request = self.request("PATCH", place).header("upload-offset", from);
        let request = request.header("content-type", "application/offset+octet-stream");
        self.world
            .send(request.body(bytes.to_vec().into()).unwrap())
            .await
    }
}

pub(crate) async fn granted(world: &World, seed: u8, job_no: &str) -> String {
    let mut device = world.enrol(seed, job_no).await;
    world.sync(&mut device).await.upload_grant
}

pub(crate) fn photo(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index * 7 % 251) as u8).collect()
}

#[tokio::test]
async fn a_photo_arrives_in_pieces_and_lies_under_its_hash() {
    let phone = Phone::start().await;
    let photo = photo(700_000);
    let hash = sha256(&photo);
    let begun = phone.begin(hash, photo.len()).await;
    assert_eq!(
        (begun.status, begun.header("upload-offset")),
        (StatusCode::CREATED, "0")
    );
    let place = begun.header("location").to_owned();
    let first = phone.put(&place, 0, &photo[..300_000]).await;
    assert_eq!(
        (first.status, first.header("upload-offset")),
        (StatusCode::NO_CONTENT, "300000")
    );
    assert_eq!(first.header("tus-resumable"), "1.0.0");
    // The answer was lost: the phone asks, and may even begin again.
    let standing = phone.standing(&place).await;
    assert_eq!(
        (standing.status, standing.header("upload-offset")),
        (StatusCode::OK, "300000")
    );
    assert_eq!(
        (standing.header("upload-length"), standing.header("cache-control")),
        ("700000", "no-store")
    );
    let again = phone.begin(hash, photo.len()).await;
    assert_eq!(
        (again.header("location"), again.header("upload-offset")),
        (place.as_str(), "300000")
    );
    let wrong = phone.put(&place, 0, &photo).await;
    assert_eq!(
        (wrong.status, wrong.refusal().code),
        (StatusCode::CONFLICT, RefusalCode::WrongOffset)
    );
    assert_eq!(wrong.header("upload-offset"), "300000");
    let last = phone.put(&place, 300_000, &photo[300_000..]).await;
    assert_eq!(
        (last.status, last.header("upload-offset")),
        (StatusCode::NO_CONTENT, "700000")
    );
    let name = hash.to_string();
    let kept = phone.world.path().join("blobs").join(&name[..2]).join(&name);
    assert_eq!(std::fs::read(kept).unwrap(), photo);
    assert_eq!(
        std::fs::read_dir(phone.world.path().join("spool"))
            .unwrap()
            .count(),
        0
    );
    assert_eq!(
        phone.begin(hash, photo.len()).await.header("upload-offset"),
        "700000"
    );
}

#[tokio::test]
async fn other_bytes_than_announced_are_thrown_away_and_asked_for_again() {
    let phone = Phone::start().await;
    let photo = photo(1_000);
    let place = phone
        .begin(sha256(&photo), 1_000)
        .await
        .header("location")
        .to_owned();
    let wrong = phone.put(&place, 0, &[0; 1_000]).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.refusal().code),
        (460, RefusalCode::HashMismatch)
    );
    assert_eq!(phone.standing(&place).await.header("upload-offset"), "0");
    assert_eq!(phone.put(&place, 0, &photo).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn more_bytes_than_announced_are_refused() {
    let phone = Phone::start().await;
    let photo = photo(1_000);
    let place = phone
        .begin(sha256(&photo), 999)
        .await
        .header("location")
        .to_owned();
    let long = phone.put(&place, 0, &photo).await;
    assert_eq!(
        (long.status, long.refusal().code),
        (StatusCode::PAYLOAD_TOO_LARGE, RefusalCode::TooLarge)
    );
    assert_eq!(
        phone.begin(sha256(b"x"), 20 * 1024 * 1024 + 1).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

/// The folder came from an older copy than the store, or somebody tidied it.
#[tokio::test]
async fn a_spool_file_that_vanished_is_asked_for_again_from_the_start() {
    let phone = Phone::start().await;
    let photo = photo(1_000);
    let place = phone
        .begin(sha256(&photo), 1_000)
        .await
        .header("location")
        .to_owned();
    phone.put(&place, 0, &photo[..500]).await;
    for file in std::fs::read_dir(phone.world.path().join("spool")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let lost = phone.put(&place, 500, &photo[500..]).await;
    assert_eq!(
        (lost.status.as_u16(), lost.refusal().code),
        (460, RefusalCode::HashMismatch)
    );
    assert_eq!(phone.put(&place, 0, &photo).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn only_a_granted_device_uploads_and_only_to_its_own() {
    let phone = Phone::start().await;
    let photo = photo(10);
    let place = phone
        .begin(sha256(&photo), 10)
        .await
        .header("location")
        .to_owned();
    let other = Phone {
        grant: granted(&phone.world, 2, "W02").await,
        world: phone.world,
    };
    assert_eq!(other.standing(&place).await.status, StatusCode::NOT_FOUND);
    assert_eq!(other.put(&place, 0, &photo).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        other.standing("/v1/uploads/..%2f..%2fhub.sqlite").await.status,
        StatusCode::NOT_FOUND
    );
    let nobody = Phone {
        grant: "x.1.2".to_owned(),
        ..other
    };
    let refused = nobody.begin(sha256(&photo), 10).await;
    assert_eq!(
        (refused.status, refused.refusal().code),
        (StatusCode::UNAUTHORIZED, RefusalCode::NotGranted)
    );
    assert_eq!(refused.header("tus-resumable"), "1.0.0");
}

#[tokio::test]
async fn a_grant_ends_with_its_day_and_with_its_device() {
    let phone = Phone::start().await;
    let revoked = Phone {
        grant: granted(&phone.world, 2, "W02").await,
        world: phone.world,
    };
    revoked
        .world
        .platform
        .admin()
        .revoke(grid_model::DeviceId([2; 16]))
        .unwrap();
    let refused = revoked.begin(sha256(b"x"), 1).await;
    assert_eq!(
        (refused.status, refused.refusal().code),
        (StatusCode::FORBIDDEN, RefusalCode::Revoked)
    );
    let late = Phone {
        grant: phone.grant,
        world: revoked.world,
    };
    assert_eq!(late.begin(sha256(b"x"), 1).await.status, StatusCode::CREATED);
    late.world.clock.pass(2 * DAY);
    assert_eq!(late.begin(sha256(b"x"), 1).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_tus_clients_ask_first_and_other_versions() {
    let phone = Phone::start().await;
    let options = Request::options("/v1/uploads").body(Body::empty()).unwrap();
    let abilities = phone.world.send(options).await;
    assert_eq!(abilities.status, StatusCode::NO_CONTENT);
    let headers = ["tus-resumable", "tus-version", "tus-max-size"].map(|name| abilities.header(name));
    assert_eq!(headers, ["1.0.0", "1.0.0", "20971520"]);
    let extensions = abilities.header("tus-extension");
    assert_eq!(extensions, "creation,checksum,expiration,termination");
    assert_eq!(abilities.header("tus-checksum-algorithm"), "sha256,sha1");
    let place = phone.begin(sha256(b"x"), 1).await.header("location").to_owned();
    for (verb, path) in [
        ("POST", "/v1/uploads"),
        ("HEAD", &place),
        ("PATCH", &place),
        ("DELETE", &place),
    ] {
        for version in [None, Some("0.2.2")] {
            let mut older = Request::builder().method(verb).uri(path);
            if let Some(version) = version {
                older = older.header("tus-resumable", version);
            }
            let older = older.header("authorization", format!("Grid {}", phone.grant));
            let refused = phone.world.send(older.body(Body::empty()).unwrap()).await;
            assert_eq!(
                (refused.status, refused.header("tus-version")),
                (StatusCode::PRECONDITION_FAILED, "1.0.0"),
                "{verb} {version:?}"
            );
        }
    }
    assert_eq!(
        phone.standing(&place).await.status,
        StatusCode::OK,
        "nothing was done"
    );
    let form = phone
        .request("PATCH", &place)
        .header("upload-offset", 0)
        .header("content-type", "text/plain");
    let form = phone.world.send(form.body("x".into()).unwrap()).await;
    assert_eq!(form.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}
