//! TLS fails closed: every wrong certificate is refused before a byte of the request leaves.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;

use grid_net::{Address, HttpTransport, Trust};
use grid_sync::{CancelToken, LinkError, Method, Request, Transport as _};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority"))
    }

    fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// A server that answers 200 `ok` to whatever comes, presenting a leaf for `host` under this authority.
    fn serve(&self, host: &str) -> (u16, mpsc::Receiver<usize>) {
        self.serve_in(host, 2000..=4000)
    }

    /// The same with a leaf that is valid in these years.
    fn serve_in(&self, host: &str, years: std::ops::RangeInclusive<i32>) -> (u16, mpsc::Receiver<usize>) {
        let key = KeyPair::generate().expect("a key");
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).expect("parameters");
        leaf.not_before = rcgen::date_time_ymd(*years.start(), 1, 1);
        leaf.not_after = rcgen::date_time_ymd(*years.end(), 1, 1);
        let leaf = leaf.signed_by(&key, &self.0).expect("a leaf");
        let chain = vec![leaf.der().clone(), self.0.der().clone()];
        let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a configuration");
        let (port_tx, port_rx) = mpsc::channel();
        let (seen_tx, seen_rx) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
                    .await
                    .expect("a port");
                port_tx
                    .send(listener.local_addr().expect("an address").port())
                    .expect("sent");
                let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
                let (stream, _) = listener.accept().await.expect("a connection");
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut bytes = [0; 4096];
                let read = stream.read(&mut bytes).await.unwrap_or(0);
                let _ = seen_tx.send(read);
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                    .await;
                let _ = stream.shutdown().await;
            });
        });
        (port_rx.recv().expect("a port"), seen_rx)
    }
}

fn ask(port: u16, trust: Trust) -> (Result<u16, LinkError>, Option<Vec<u8>>) {
    let address = Address::parse(&format!("https://127.0.0.1:{port}")).expect("an address");
    let transport = HttpTransport::new(address, trust).expect("a transport");
    let request = Request::new(Method::Post, "/v1/sync", b"secret".to_vec());
    let answer = transport
        .send(&request, &CancelToken::default())
        .map(|answer| answer.status);
    (answer, transport.authority())
}

#[test]
fn the_pinned_authority_is_believed() {
    let authority = Authority::new();
    let (port, _) = authority.serve("127.0.0.1");
    assert_eq!(ask(port, Trust::Pinned(authority.der())).0, Ok(200));
}

#[test]
fn another_authority_or_host_is_refused_before_a_byte_of_the_request_leaves() {
    let authority = Authority::new();
    for (host, pinned) in [
        ("127.0.0.1", Authority::new().der()),
        ("grid.example", authority.der()),
    ] {
        let (port, seen) = authority.serve(host);
        assert_eq!(
            ask(port, Trust::Pinned(pinned)).0,
            Err(LinkError::WrongCertificate),
            "{host}"
        );
        assert!(seen.recv().is_err(), "the server read bytes of the request");
    }
}

#[test]
fn a_certificate_out_of_its_time_says_so_before_a_byte_of_the_request_leaves() {
    let authority = Authority::new();
    for years in [2000..=2001, 3000..=3001] {
        let (port, seen) = authority.serve_in("127.0.0.1", years.clone());
        assert_eq!(
            ask(port, Trust::Pinned(authority.der())).0,
            Err(LinkError::CertificateTime),
            "{years:?}"
        );
        assert!(seen.recv().is_err(), "the server read bytes of the request");
    }
}

#[test]
fn first_contact_pins_the_authority_of_the_ticket_and_no_other() {
    let authority = Authority::new();
    let der = authority.der();
    let expected = der.clone();
    let (port, _) = authority.serve("127.0.0.1");
    let met = ask(
        port,
        Trust::Introduced(Box::new(move |cert| cert == expected.as_slice())),
    );
    assert_eq!(met, (Ok(200), Some(der)));

    let (port, seen) = authority.serve("127.0.0.1");
    let met = ask(port, Trust::Introduced(Box::new(|_| false)));
    assert_eq!(met, (Err(LinkError::WrongCertificate), None));
    assert!(seen.recv().is_err());
}

#[test]
fn a_closed_port_is_told_and_a_cancelled_token_stops() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let address = Address::parse(&format!("http://127.0.0.1:{port}")).expect("an address");
    let transport = HttpTransport::new(address, Trust::Loopback).expect("a transport");
    let request = Request::new(Method::Post, "/v1/sync", Vec::new());
    let cancel = CancelToken::default();
    cancel.cancel();
    assert_eq!(transport.send(&request, &cancel), Err(LinkError::Cancelled));
    drop(listener);
    assert_eq!(
        transport.send(&request, &CancelToken::default()),
        Err(LinkError::NothingListens)
    );
}

#[test]
fn a_platform_that_has_an_ipv6_address_alone_is_reached() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("[::1]:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let served = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut bytes = [0; 1024];
        let read = stream.read(&mut bytes).unwrap_or(0);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            .expect("answered");
        read
    });
    let address = Address::parse(&format!("http://[::1]:{port}")).expect("an address");
    let transport = HttpTransport::new(address, Trust::Loopback).expect("a transport");
    let request = Request::new(Method::Post, "/v1/sync", Vec::new());
    let answer = transport.send(&request, &CancelToken::default());
    assert_eq!(answer.map(|answer| answer.body), Ok(b"ok".to_vec()));
    assert!(served.join().expect("served") > 0);
}
