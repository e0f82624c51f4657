//! Requests that break in the middle, over real sockets.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::sha256;

use crate::serving::{Served, ask};
use crate::upload::{Phone, photo};
use crate::world::{DAY, World};

/// A phone on sockets, with one photo begun.
struct OnSockets {
    served: Served,
    tus: String,
    place: String,
}

impl OnSockets {
    async fn begun(photo: &[u8]) -> Self {
        let phone = Phone::start().await;
        let begun = phone.begin(sha256(photo), photo.len()).await;
        Self {
            tus: format!("tus-resumable: 1.0.0\r\nauthorization: Grid {}", phone.grant),
            place: begun.header("location").to_owned(),
            served: Served::start(phone.world, None).await,
        }
    }

    /// The head of a PATCH whose sender waits to be told that its body is read.
    fn head(&self, from: usize, bytes: usize, more: &str) -> String {
        format!(
            "PATCH {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}\r\nupload-offset: {from}\r\n\
             content-type: application/offset+octet-stream\r\ncontent-length: {bytes}\r\n{more}expect: 100-continue\r\n\r\n",
            self.place, self.tus
        )
    }

    /// Sends a PATCH of `piece` and ends the connection after `sent` bytes of it. The platform's end is waited for.
    async fn cut(&self, from: usize, piece: &[u8], sent: usize, more: &str) {
        let (head, sent) = (self.head(from, piece.len(), more), piece[..sent].to_vec());
        let talk = move |mut stream: TcpStream| {
            go_on(&mut stream, &head);
            stream.write_all(&sent).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = Vec::new();
            // Whether it is told anything is no matter: the one who asked is gone.
            let _ = stream.read_to_end(&mut answer);
            answer
        };
        self.served.talk(talk).await;
    }

    async fn put(&self, from: usize, piece: &[u8], more: &str) -> String {
        let (head, piece) = (self.head(from, piece.len(), more), piece.to_vec());
        let talk = move |mut stream: TcpStream| {
            go_on(&mut stream, &head);
            stream.write_all(&piece).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        self.served.talk(talk).await
    }

    /// Bytes that lie in the spool.
    fn spooled(&self) -> u64 {
        spooled(&self.served.world)
    }

    /// How much the platform says it has.
    async fn kept(&self) -> usize {
        let head = format!("HEAD {} HTTP/1.1\r\n{}", self.place, self.tus);
        let answer = self.served.talk(move |stream| ask(stream, &head)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let offset = answer
            .lines()
            .find_map(|line| line.strip_prefix("upload-offset: "));
        offset.unwrap().parse().unwrap()
    }
}

/// Sends the head and waits until the platform reads the body: from here on the upload is being written to.
fn go_on(stream: &mut TcpStream, head: &str) {
    stream.write_all(head.as_bytes()).unwrap();
    let mut go = [0; 25];
    stream.read_exact(&mut go).unwrap();
    assert!(
        go.starts_with(b"HTTP/1.1 100"),
        "{}",
        String::from_utf8_lossy(&go)
    );
}

fn checksum(bytes: &[u8]) -> String {
    format!(
        "upload-checksum: sha256 {}\r\n",
        STANDARD.encode(sha256(bytes).bytes())
    )
}

fn spooled(world: &World) -> u64 {
    let spool = std::fs::read_dir(world.path().join("spool")).unwrap();
    spool.map(|file| file.unwrap().metadata().unwrap().len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_of_a_cut_request_is_kept_and_the_rest_is_enough() {
    let photo = photo(600_000);
    let phone = OnSockets::begun(&photo).await;
    phone.cut(0, &photo, 400_000, "").await;
    let kept = phone.kept().await;
    assert!(kept > 0 && kept <= 400_000, "{kept}");
    let last = phone.put(kept, &photo[kept..], "").await;
    assert!(
        last.starts_with("HTTP/1.1 204") && last.contains("upload-offset: 600000"),
        "{last}"
    );
    phone.served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_a_cut_request_that_wanted_to_be_checked() {
    let photo = photo(600_000);
    let phone = OnSockets::begun(&photo).await;
    phone.cut(0, &photo, 400_000, &checksum(&photo)).await;
    assert_eq!((phone.kept().await, phone.spooled()), (0, 0));
    let first = phone.put(0, &photo[..1_000], &checksum(&photo[..1_000])).await;
    assert!(first.contains("upload-offset: 1000\r\n"), "{first}");
    let rest = &photo[1_000..];
    phone.cut(1_000, rest, 400_000, &checksum(rest)).await;
    assert_eq!(
        (phone.kept().await, phone.spooled()),
        (1_000, 1_000),
        "what was promised stays"
    );
    let last = phone.put(1_000, rest, &checksum(rest)).await;
    assert!(
        last.starts_with("HTTP/1.1 204") && last.contains("upload-offset: 600000"),
        "{last}"
    );
    phone.served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_sweeps_what_is_over_before_it_serves() {
    let phone = Phone::start().await;
    let photo = photo(3_000);
    let begun = phone.begin(sha256(&photo), photo.len()).await;
    phone.put(begun.header("location"), 0, &photo[..1_000]).await;
    phone.world.clock.pass(30 * DAY);
    assert_eq!(spooled(&phone.world), 1_000);
    let served = Served::start(phone.world, None).await;
    let alive = served
        .talk(|stream| ask(stream, "GET /health/live HTTP/1.1"))
        .await
        .unwrap();
    assert!(alive.starts_with("HTTP/1.1 200"), "{alive}");
    assert_eq!(spooled(&served.world), 0);
    served.stop().await.unwrap();
}
