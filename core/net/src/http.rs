//! One request, one answer, with deadlines and a token to stop early.

use std::error::Error as _;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use grid_model::limits;
use grid_sync::{CancelToken, LinkError, Method, Request, Response, Transport};
use tokio::runtime::Runtime;

use crate::names::{Lookup, NameTrouble, Names};
use crate::trust::{Presented, client_config};
use crate::{Address, Trust};

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// How long an answer may be silent once the request is up.
const SILENT_AT_MOST: Duration = Duration::from_secs(30);
/// How long bytes may go unacknowledged: on a link of 20 kbit/s with a long queue that is longer than a silence.
#[cfg(any(target_os = "android", target_os = "linux"))]
const UNACKNOWLEDGED_AT_MOST: Duration = Duration::from_secs(60);
/// A link that carries less is no link: 8 kbit/s.
const SLOWEST_BYTES_PER_S: u64 = 1_000;
const WHOLE_WITHIN: Duration = Duration::from_secs(300);
const CANCEL_CHECKED_EVERY: Duration = Duration::from_millis(50);
const ANSWER_BYTES_MAX: usize = limits::BATCH_INFLATED_BYTES_MAX;

/// The way to one platform, kept between syncs: whom to believe, and the TLS sessions that a later connection may go on with,
/// which saves it the certificates. Holds no connection and no file: what was open when the phone slept is rarely alive.
#[derive(Clone)]
pub struct Line {
    address: Address,
    tls: rustls::ClientConfig,
    presented: Presented,
}

impl Line {
    /// The way to this address under this trust.
    pub fn new(address: Address, trust: Trust) -> Result<Self, LinkError> {
        let presented = Presented::default();
        let tls = client_config(trust, &presented).map_err(|_| LinkError::WrongCertificate)?;
        Ok(Self {
            address,
            tls,
            presented,
        })
    }

    /// A transport along it. Makes no connection yet.
    pub fn open(&self) -> Result<HttpTransport, LinkError> {
        HttpTransport::along(self, Names::of_system())
    }
}

/// A transport over HTTP to one platform.
pub struct HttpTransport {
    address: Address,
    client: reqwest::Client,
    runtime: Worker,
    presented: Presented,
}

impl HttpTransport {
    /// A transport to this address under this trust. Makes no connection yet.
    pub fn new(address: Address, trust: Trust) -> Result<Self, LinkError> {
        Line::new(address, trust)?.open()
    }

    fn along<L: Lookup>(line: &Line, names: Names<L>) -> Result<Self, LinkError> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(line.tls.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(names)
            .connect_timeout(CONNECT_WITHIN);
        // A dead link is noticed while a large body is still on its way: nobody acknowledges it.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        let client = client.tcp_user_timeout(UNACKNOWLEDGED_AT_MOST);
        let client = client.build().map_err(|_| LinkError::BadAddress)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| LinkError::Unreachable)?;
        Ok(Self {
            address: line.address.clone(),
            client,
            runtime: Worker(Some(runtime)),
            presented: Arc::clone(&line.presented),
        })
    }

    /// The CA certificate met at first contact, in DER, once a request was answered under `Trust::Introduced`.
    pub fn authority(&self) -> Option<Vec<u8>> {
        self.presented
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn exchange(&self, request: &Request) -> Result<Response, LinkError> {
        let method = match request.method {
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
        };
        let url = self.address.join(&request.path).ok_or(LinkError::BadAddress)?;
        let mut building = self.client.request(method, url);
        for (name, value) in &request.headers {
            building = building.header(*name, value);
        }
        let sending = sending_within(request.body.len());
        let building = building
            .timeout(sending + WHOLE_WITHIN)
            .body(request.body.clone());
        let mut answer = tokio::time::timeout(sending + SILENT_AT_MOST, building.send())
            .await
            .map_err(|_| LinkError::Lost)?
            .map_err(|error| link_error(&error))?;
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        let mut is_cut = false;
        loop {
            let piece = tokio::time::timeout(SILENT_AT_MOST, answer.chunk()).await;
            let piece = match piece
                .map_err(|_| LinkError::Lost)
                .and_then(|piece| piece.map_err(|error| link_error(&error)))
            {
                Ok(Some(piece)) => piece,
                Ok(None) => break,
                // What came of the answer is of use: the platform is asked for the rest.
                Err(LinkError::Lost) if !body.is_empty() => {
                    is_cut = true;
                    break;
                }
                Err(error) => return Err(error),
            };
            if body.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(LinkError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response {
            is_cut,
            status: answer.status().as_u16(),
            headers,
            body,
        })
    }
}

/// What requests run on. Dropping it does not wait for a name server that never answers.
struct Worker(Option<Runtime>);

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        let runtime = self.runtime.0.as_ref().ok_or(LinkError::Unreachable)?;
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = cancelled(cancel) => Err(LinkError::Cancelled),
                answer = self.exchange(request) => answer,
            }
        })
    }
}

/// How long a body may take on its way up: on a slow link that is no silence.
const fn sending_within(bytes: usize) -> Duration {
    Duration::from_millis(bytes as u64 * 1_000 / SLOWEST_BYTES_PER_S)
}

async fn cancelled(cancel: &CancelToken) {
    let mut ticks = tokio::time::interval(CANCEL_CHECKED_EVERY);
    while !cancel.is_cancelled() {
        ticks.tick().await;
    }
}

fn link_error(error: &reqwest::Error) -> LinkError {
    log::debug!(
        "request failed: {}",
        if error.is_connect() { "connect" } else { "transfer" }
    );
    let below = |error: &reqwest::Error| error.source().and_then(inner::<NameTrouble>).copied();
    match below(error) {
        Some(NameTrouble::Unknown) => return LinkError::NameUnknown,
        Some(NameTrouble::Silent) => return LinkError::NameSilent,
        None => {}
    }
    let refused = |error: &std::io::Error| error.kind() == std::io::ErrorKind::ConnectionRefused;
    match error.source().and_then(inner::<rustls::Error>) {
        Some(rustls::Error::InvalidCertificate(why)) if is_time(why) => LinkError::CertificateTime,
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::InvalidMessage(_)) => {
            LinkError::WrongCertificate
        }
        Some(_) => LinkError::Lost,
        None if error.source().and_then(inner).is_some_and(refused) => LinkError::NothingListens,
        None if error.is_connect() => LinkError::Unreachable,
        None => LinkError::Lost,
    }
}

/// Whether it is the phone's clock or the certificate's dates that are wrong.
const fn is_time(why: &rustls::CertificateError) -> bool {
    use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        why,
        Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. }
    )
}

/// The error of this type somewhere below: an I/O error hides its inner error from `source`, so both ways are walked.
fn inner<'e, E: std::error::Error + 'static>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    let hidden = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    let hidden = hidden.map(|inner| inner as &(dyn std::error::Error + 'static));
    hidden.and_then(inner).or_else(|| error.source().and_then(inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_up_slowly_is_not_silent() {
        let at_20_kbit_s = |bytes: usize| Duration::from_millis(bytes as u64 * 8 / 20);
        for bytes in [0, 1_000, 128 * 1024, 512 * 1024, limits::UPLOAD_CHUNK_BYTES_MAX] {
            assert!(sending_within(bytes) >= at_20_kbit_s(bytes), "{bytes}");
        }
    }

    /// Names as a test wants them.
    struct TestLookup(Option<std::net::IpAddr>);

    impl Lookup for TestLookup {
        async fn addresses(&self, name: &str) -> std::io::Result<Vec<std::net::SocketAddr>> {
            match (name, self.0) {
                ("nobody.example", _) => Err(std::io::ErrorKind::NotFound.into()),
                ("empty.example", _) => Ok(Vec::new()),
                (_, Some(address)) => Ok(vec![(address, 0).into()]),
                (_, None) => std::future::pending().await,
            }
        }
    }

    fn asked(host: &str, port: u16, address: Option<std::net::IpAddr>) -> Result<u16, LinkError> {
        let names = Names::of(TestLookup(address), Duration::from_millis(20));
        let at = Address::parse(&format!("https://{host}:{port}")).expect("an address");
        let line = Line::new(at, Trust::Loopback).expect("a line");
        let transport = HttpTransport::along(&line, names).expect("a transport");
        let request = Request::new(Method::Post, "/v1/sync", Vec::new());
        let answer = transport.send(&request, &CancelToken::default());
        answer.map(|answer| answer.status)
    }

    #[test]
    fn a_name_that_nobody_has_is_told_from_a_name_server_that_is_silent() {
        assert_eq!(asked("nobody.example", 9, None), Err(LinkError::NameUnknown));
        assert_eq!(asked("empty.example", 9, None), Err(LinkError::NameUnknown));
        assert_eq!(asked("grid.example", 9, None), Err(LinkError::NameSilent));
    }

    #[test]
    fn a_name_with_an_ipv6_address_alone_leads_there() {
        let listener = std::net::TcpListener::bind("[::1]:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let knocked = std::thread::spawn(move || listener.accept().is_ok());
        let localhost = std::net::Ipv6Addr::LOCALHOST.into();
        // Whoever knocks is let go of before TLS began.
        assert_eq!(
            asked("six.example", port, Some(localhost)),
            Err(LinkError::Unreachable)
        );
        assert!(knocked.join().expect("it listened"));
        assert_eq!(
            asked("six.example", port, Some(localhost)),
            Err(LinkError::NothingListens)
        );
    }
}
