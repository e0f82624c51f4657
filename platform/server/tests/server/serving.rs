//! Sockets, TLS and stopping.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use grid_hub::conformance::device::FakeDevice;
use grid_model::Sha256;
use grid_server::{Clock as _, Platform, StartError, TlsIdentity, listen};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::world::{START, SimClock, World};

/// A platform on a port of its own.
pub(crate) struct Served {
    pub(crate) world: World,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), StartError>>,
}

impl Served {
    pub(crate) async fn start(world: World, tls: Option<TlsIdentity>) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let platform = world.platform.clone();
        let serving = tokio::spawn(async move {
            platform
                .serve(listener, tls, async { stopped.await.unwrap_or(()) })
                .await
        });
        Self {
            world,
            address,
            stop,
            serving,
        }
    }

    pub(crate) async fn talk<T: Send + 'static>(
        &self,
        talk: impl FnOnce(TcpStream) -> T + Send + 'static,
    ) -> T {
        let address = self.address;
        let talk = move || {
            let stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            talk(stream)
        };
        tokio::task::spawn_blocking(talk).await.unwrap()
    }

    pub(crate) async fn stop(self) -> Result<World, StartError> {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().map(|()| self.world)
    }
}

pub(crate) fn ask(mut stream: impl Read + Write, head: &str) -> std::io::Result<String> {
    write!(stream, "{head}\r\nhost: x\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Believes a chain that ends at the certificate with this hash, by the platform's clock: what a device does.
#[derive(Debug)]
struct Pinned {
    pin: Sha256,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let root = chain
            .iter()
            .find(|found| grid_hub::sha256(found) == self.pin)
            .ok_or(unknown)?;
        let mut roots = RootCertStore::empty();
        roots.add(root.clone().into_owned())?;
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), self.provider.clone())
            .build()
            .unwrap();
        verifier.verify_server_cert(leaf, chain, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.3 only".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            cert,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

struct PlatformTime(SimClock);

impl std::fmt::Debug for PlatformTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlatformTime")
    }
}

impl TimeProvider for PlatformTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(
            self.0.now_ms() as u64
        )))
    }
}

fn client(
    clock: &SimClock,
    pin: Sha256,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let time = Arc::new(PlatformTime(clock.clone()));
    let config = ClientConfig::builder_with_details(provider.clone(), time)
        .with_protocol_versions(versions)
        .unwrap();
    config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Pinned { pin, provider }))
        .with_no_client_auth()
}

fn secured(stream: TcpStream, config: ClientConfig, name: &'static str) -> std::io::Result<String> {
    let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(name).unwrap()).unwrap();
    let answer = ask(StreamOwned::new(connection, stream), "GET /health/live HTTP/1.1");
    // The server ends a connection without ceremony where the client asked for its end.
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_client_is_served_under_tls_1_3_and_others_are_not() {
    let world = World::start();
    let pin = world
        .platform
        .admin()
        .make_authority(&["platform.island".to_owned()])
        .unwrap();
    let identity = world.platform.admin().tls_identity().unwrap();
    assert_eq!(identity.pin(), pin);
    let served = Served::start(world, Some(identity)).await;
    let clock = served.world.clock.clone();
    let modern = [&rustls::version::TLS13];
    for name in ["platform.island", "localhost", "127.0.0.1"] {
        let config = client(&clock, pin.0, &modern);
        let answer = served
            .talk(move |stream| secured(stream, config, name))
            .await
            .unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("{\"status\":\"ok\"}"),
            "{answer}"
        );
        assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    }
    let foreign = client(&clock, Sha256([7; 32]), &modern);
    assert!(
        served
            .talk(move |stream| secured(stream, foreign, "localhost"))
            .await
            .is_err(),
        "a foreign authority"
    );
    let other = client(&clock, pin.0, &modern);
    assert!(
        served
            .talk(move |stream| secured(stream, other, "elsewhere.island"))
            .await
            .is_err(),
        "another host"
    );
    let older = client(&clock, pin.0, &[&rustls::version::TLS12]);
    assert!(
        served
            .talk(move |stream| secured(stream, older, "localhost"))
            .await
            .is_err(),
        "an older TLS"
    );
    let plain = served
        .talk(|stream| ask(stream, "GET /health/live HTTP/1.1"))
        .await;
    assert!(!plain.unwrap_or_default().contains("200 OK"), "plain HTTP");
    served.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_cookie_under_tls_is_secure_only() {
    let world = World::start();
    let pin = world.platform.admin().make_authority(&[]).unwrap();
    let identity = world.platform.admin().tls_identity().unwrap();
    let served = Served::start(world, Some(identity)).await;
    let config = client(&served.world.clock, pin.0, &[&rustls::version::TLS13]);
    let form = format!("{{\"name\":\"d01\",\"password\":\"{}\"}}", crate::world::PASSWORD);
    let answer = served.talk(move |stream| {
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        write!(stream, "POST /api/login HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-grid-console: 1\r\ncontent-length: {}\r\n\r\n{form}", form.len()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await;
    assert!(
        answer.contains("; HttpOnly; SameSite=Strict; ") && answer.contains("; Secure\r\n"),
        "{answer}"
    );
    served.stop().await.unwrap();
}

#[test]
fn a_renewed_certificate_keeps_the_pin() {
    let world = World::start();
    let admin = world.platform.admin();
    assert!(admin.renew_certificate(&[]).is_err(), "nothing to renew");
    let pin = admin.make_authority(&[]).unwrap();
    assert!(
        matches!(admin.make_authority(&[]), Err(StartError::Authority { .. })),
        "devices have pinned the first one"
    );
    let leaf = std::fs::read(world.path().join("ca/leaf.pem")).unwrap();
    assert_eq!(admin.renew_certificate(&["10.0.0.5".to_owned()]).unwrap(), pin);
    assert_ne!(std::fs::read(world.path().join("ca/leaf.pem")).unwrap(), leaf);
    assert_eq!(admin.tls_identity().unwrap().pin(), pin);
    assert!(
        admin
            .renew_certificate(&["no host".to_owned(), "ä".to_owned()])
            .is_err()
    );
}

#[tokio::test]
async fn plain_http_is_for_loopback_only() {
    let world = World::start();
    let listener = listen("0.0.0.0:0".parse().unwrap()).await.unwrap();
    let error = world
        .platform
        .serve(listener, None, std::future::pending())
        .await
        .unwrap_err();
    let sentence = error.sentence();
    assert!(
        sentence.en.contains("--tls") && sentence.en.contains("127.0.0.1"),
        "{}",
        sentence.en
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_server() {
    let served = Served::start(World::start(), None).await;
    assert!(
        served
            .talk(|stream| ask(stream, "GET /health/live HTTP/1.1"))
            .await
            .is_ok()
    );
    let clock = Arc::new(served.world.clock.clone());
    let second = Platform::open(served.world.path(), clock, crate::world::settings()).unwrap();
    let listener = || listen("127.0.0.1:0".parse().unwrap());
    let error = second
        .serve(listener().await.unwrap(), None, std::future::ready(()))
        .await
        .unwrap_err();
    assert!(
        error.to_string().starts_with("another grid-platform works on"),
        "{error}"
    );
    assert!(
        second.admin().begin_incarnation().is_err(),
        "not under a running server"
    );
    let _folder = served.stop().await.unwrap();
    second
        .serve(listener().await.unwrap(), None, std::future::ready(()))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = taken.local_addr().unwrap();
    let sentence = listen(address).await.unwrap_err().sentence();
    assert!(
        sentence
            .en
            .starts_with(&format!("port {} is taken", address.port())),
        "{}",
        sentence.en
    );
    assert!(
        sentence.zh.starts_with(&format!("端口 {} 已被", address.port())),
        "{}",
        sentence.zh
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_request_finishes_after_the_stop_and_a_new_one_is_not_taken() {
    let served = Served::start(World::start(), None).await;
    let (half_sent, told) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let form = format!("{{\"name\":\"d01\",\"password\":\"{}\"}}", crate::world::PASSWORD);
    let address = served.address;
    let request = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "POST /api/login HTTP/1.1\r\nhost: x\r\nx-grid-console: 1\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n", form.len()).unwrap();
        // The server says "go on" once the handler waits for the body: the request is running.
        let mut go = [0; 25];
        stream.read_exact(&mut go).unwrap();
        half_sent.send(()).unwrap();
        may_go_on.blocking_recv().unwrap();
        stream.write_all(form.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    told.await.unwrap();
    let stopping = tokio::spawn(served.stop());
    while TcpStream::connect(address).is_ok() {
        tokio::task::yield_now().await;
    }
    go_on.send(()).unwrap();
    let answer = request.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    stopping.await.unwrap().unwrap();
}

/// The connection breaks in the middle of a piece; what arrived is kept and only the rest is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_upload_keeps_every_byte_that_arrived() {
    use base64::Engine as _;
    let world = World::start();
    let mut device = world.enrol(1, "W01").await;
    let grant = world.sync(&mut device).await.upload_grant;
    let photo: Vec<u8> = (0..400_000_u32).map(|index| (index % 253) as u8).collect();
    let text = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let metadata = format!(
        "sha256 {},mime {}",
        text(&grid_hub::sha256(&photo).to_string()),
        text("image/jpeg")
    );
    let served = Served::start(world, None).await;
    let tus = format!("tus-resumable: 1.0.0\r\nauthorization: Grid {grant}");
    let begin = format!(
        "POST /v1/uploads HTTP/1.1\r\n{tus}\r\nupload-length: 400000\r\nupload-metadata: {metadata}\r\ncontent-length: 0"
    );
    let begun = served.talk(move |stream| ask(stream, &begin)).await.unwrap();
    let place = begun
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap()
        .to_owned();
    let piece = format!(
        "PATCH {place} HTTP/1.1\r\nhost: x\r\n{tus}\r\nupload-offset: 0\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: 400000\r\n\r\n"
    );
    let first = photo[..123_456].to_vec();
    // Two connections, as a phone that changes networks has them: the older one is never closed by its end.
    let hanging = served.talk(move |mut stream| {
        stream.write_all(piece.as_bytes()).unwrap();
        stream.write_all(&first).unwrap();
        stream
    });
    let hanging = hanging.await;
    let standing = format!("HEAD {place} HTTP/1.1\r\n{tus}");
    let mut offset = 0;
    // The bytes travel through the system's buffers first; the phone asks until it hears of them or of none new.
    for _ in 0..1_000 {
        let head = standing.clone();
        let answer = served.talk(move |stream| ask(stream, &head)).await.unwrap();
        offset = answer
            .lines()
            .find_map(|line| line.strip_prefix("upload-offset: "))
            .unwrap()
            .parse()
            .unwrap();
        if offset > 0 {
            break;
        }
    }
    assert!(offset > 0 && offset <= 123_456, "{offset}");
    drop(hanging);
    let rest = photo[offset..].to_vec();
    let piece = format!(
        "PATCH {place} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{tus}\r\nupload-offset: {offset}\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
        rest.len()
    );
    let answer = served.talk(move |mut stream| {
        stream.write_all(piece.as_bytes()).unwrap();
        stream.write_all(&rest).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await;
    assert!(
        answer.starts_with("HTTP/1.1 204") && answer.contains("upload-offset: 400000"),
        "{answer}"
    );
    served.stop().await.unwrap();
}

/// Posts an enrolment from this address of the loopback network; answers the status.
async fn guess(served: &Served, from: &str, enrolment: Vec<u8>) -> u16 {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
    let mut stream = socket.connect(served.address).await.unwrap().into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    let talk = move || {
        let length = enrolment.len();
        let head = "POST /v1/enroll HTTP/1.1\r\nhost: x\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {length}\r\n\r\n").unwrap();
        stream.write_all(&enrolment).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[9..12]).parse().unwrap()
    };
    tokio::task::spawn_blocking(talk).await.unwrap()
}

#[tokio::test]
async fn wrong_codes_stop_their_source_and_nobody_else() {
    let served = Served::start(World::start(), None).await;
    let phone = FakeDevice::with_seed(1);
    for _ in 0..10 {
        assert_eq!(
            guess(&served, "127.0.0.2", phone.enrolment("AAAA-AAAA")).await,
            403
        );
    }
    let code = served
        .world
        .platform
        .hub()
        .issue_code(START, "W01", None)
        .unwrap()
        .unwrap()
        .code;
    let enrolment = phone.enrolment(&code);
    assert_eq!(guess(&served, "127.0.0.2", enrolment.clone()).await, 429);
    assert_eq!(guess(&served, "127.0.0.3", enrolment).await, 200);
    served.stop().await.unwrap();
}
