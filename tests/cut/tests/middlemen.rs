//! What stands between a phone and its platform on real networks and does more than cut: portals, and proxies that pack or
//! shorten what passes. Real sockets, real transport, real platform.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use grid_crash::world::OpenKeys;
use grid_cut::Bed;
use grid_fieldbook::{
    Address, Budget, CancelToken, Cause, CountDraft, FieldBook, Host, HttpTransport, Outcome, PhoneDraft,
    RecordState, SystemClock, SystemEntropy,
};
use grid_model::id::{PhoneId, Seq};
use grid_model::terms::CountKind;
use grid_net::Trust;

/// Reads one HTTP message: its head, and as many bytes behind it as it says.
fn message(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// Somebody who answers each request with what `answer` makes of it.
fn middleman(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(mut stream), answer) = (stream, Arc::clone(&answer)) else {
                return;
            };
            std::thread::spawn(move || {
                if let Some((head, body)) = message(&mut stream) {
                    // Whoever asked may have gone.
                    let _gone = stream.write_all(&answer(&head, &body));
                }
            });
        }
    });
    address
}

/// The platform's own answer to a request: its head and its body.
fn forwarded(to: SocketAddr, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(to).expect("the platform");
    stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body))
        .expect("sent");
    message(&mut stream).expect("an answer")
}

/// An answer under the head of another, with this body and one more header.
fn answer_of(head: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let kept = head
        .lines()
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("content-length:"));
    let mut bytes = kept
        .map(|line| format!("{line}\r\n"))
        .collect::<String>()
        .into_bytes();
    bytes.extend(format!("{more}content-length: {}\r\n\r\n", body.len()).bytes());
    bytes.extend(body);
    bytes
}

struct Phone {
    book: FieldBook,
    bed: Bed,
    _folder: tempfile::TempDir,
}

impl Phone {
    fn enrolled() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bed = Bed::open(&folder.path().join("platform")).expect("a platform");
        let book = open(&folder.path().join("vault"));
        let phone = PhoneDraft {
            phone: PhoneId([1; 16]),
            label: "一号机".to_owned(),
            platform: "linux".to_owned(),
            app_version: "0.1.0".to_owned(),
        };
        book.enroll(&bed.ticket().expect("a ticket"), &phone, &Default::default())
            .expect("enrolled");
        book.count(CountDraft {
            kind: CountKind::Rescued,
            value: 1,
            post: "DL-01".to_owned(),
            patrol: None,
            reason: None,
        })
        .expect("saved");
        Self {
            book,
            bed,
            _folder: folder,
        }
    }

    fn sync(&self, by: SocketAddr) -> Outcome {
        let address = Address::parse(&format!("http://{by}")).expect("an address");
        let over = HttpTransport::new(address, Trust::Loopback).expect("a transport");
        let report = self
            .book
            .sync(&over, Budget::default(), &CancelToken::default(), &mut |_| {});
        report.expect("synced").summary.outcome
    }

    fn state(&self) -> RecordState {
        self.book.records(Seq(0), 1).expect("a page")[0].state
    }

    /// Nothing was called received; the next direct sync takes all, once.
    fn goes_through_in_the_end(&self) {
        assert_eq!(self.state(), RecordState::Saved);
        assert_eq!(self.sync(self.bed.address()), Outcome::Complete);
        assert_eq!(self.state(), RecordState::Received);
    }
}

fn open(folder: &Path) -> FieldBook {
    let host = Host::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
    FieldBook::open(folder, host, &OpenKeys).expect("a vault")
}

#[test]
fn a_captive_portal_is_told_as_one_whatever_it_answers() {
    for (name, answer) in [
        (
            "a page",
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n<html>log in</html>\n",
        ),
        (
            "a redirect",
            "HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\ncontent-length: 0\r\n\r\n",
        ),
        (
            "511",
            "HTTP/1.1 511 Network Authentication Required\r\ncontent-length: 7\r\n\r\n<html/>",
        ),
        ("an empty page", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        ("204", "HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let phone = Phone::enrolled();
        let portal = middleman(move |_, _| answer.as_bytes().to_vec());
        assert_eq!(phone.sync(portal), Outcome::NotOurPlatform, "{name}");
        let waiting = phone.book.waiting(9).expect("why");
        assert_eq!(waiting.len(), 1, "{name}");
        assert_eq!(waiting[0].cause, Cause::Ended(Outcome::NotOurPlatform), "{name}");
        phone.goes_through_in_the_end();
    }
}

#[test]
fn a_proxy_that_packs_the_answer_is_not_believed_and_costs_no_record() {
    let phone = Phone::enrolled();
    let platform = phone.bed.address();
    let packing = middleman(move |head, body| {
        let (head, body) = forwarded(platform, head, body);
        let packed = zstd::bulk::compress(&body, 1).expect("packed");
        answer_of(&head, "content-encoding: zstd\r\n", &packed)
    });
    assert_eq!(phone.sync(packing), Outcome::NotOurPlatform);
    phone.goes_through_in_the_end();
}

#[test]
fn a_proxy_that_shortens_the_answer_and_says_so_costs_no_record() {
    let phone = Phone::enrolled();
    let platform = phone.bed.address();
    let shortening = middleman(move |head, body| {
        let (head, body) = forwarded(platform, head, body);
        answer_of(&head, "", &body[..body.len() / 2])
    });
    assert_ne!(phone.sync(shortening), Outcome::Complete);
    phone.goes_through_in_the_end();
}

#[test]
fn a_proxy_that_alters_a_byte_of_the_answer_is_not_believed() {
    let phone = Phone::enrolled();
    let platform = phone.bed.address();
    let altering = middleman(move |head, body| {
        let (head, mut body) = forwarded(platform, head, body);
        if let Some(byte) = body.get_mut(60) {
            *byte ^= 0x40;
        }
        answer_of(&head, "", &body)
    });
    let outcome = phone.sync(altering);
    assert!(
        matches!(
            outcome,
            Outcome::BadReceipt | Outcome::NotOurPlatform | Outcome::Link(_)
        ),
        "{outcome:?}"
    );
    phone.goes_through_in_the_end();
}

#[test]
fn a_proxy_that_shortens_the_request_is_answered_and_the_record_goes_again() {
    let phone = Phone::enrolled();
    let platform = phone.bed.address();
    let shortening = middleman(move |head, body| {
        let short = &body[..body.len() - 9];
        let head = head.to_ascii_lowercase().replace(
            &format!("content-length: {}", body.len()),
            &format!("content-length: {}", short.len()),
        );
        let first = head.replacen("post /v1/sync http/1.1", "POST /v1/sync HTTP/1.1", 1);
        let (head, body) = forwarded(platform, &first, short);
        answer_of(&head, "", &body)
    });
    assert_ne!(phone.sync(shortening), Outcome::Complete);
    phone.goes_through_in_the_end();
}
