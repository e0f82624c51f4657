//! One request, one answer, with deadlines and a token to stop early.

use std::error::Error as _;
use std::sync::PoisonError;
use std::time::Duration;

use grid_model::limits;
use grid_sync::{CancelToken, LinkError, Method, Request, Response, Transport};
use tokio::runtime::Runtime;

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

/// A transport over HTTP to one platform.
pub struct HttpTransport {
    address: Address,
    client: reqwest::Client,
    runtime: Runtime,
    presented: Presented,
}

impl HttpTransport {
    /// A transport to this address under this trust. Makes no connection yet.
    pub fn new(address: Address, trust: Trust) -> Result<Self, LinkError> {
        let presented = Presented::default();
        let tls = client_config(trust, &presented).map_err(|_| LinkError::WrongCertificate)?;
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
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
            address,
            client,
            runtime,
            presented,
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

impl Transport for HttpTransport {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        self.runtime.block_on(async {
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
    match error.source().and_then(tls_error) {
        Some(rustls::Error::InvalidCertificate(_) | rustls::Error::InvalidMessage(_)) => {
            LinkError::WrongCertificate
        }
        Some(_) => LinkError::Lost,
        None if error.is_connect() => LinkError::Unreachable,
        None => LinkError::Lost,
    }
}

/// The TLS error somewhere below: an I/O error hides its inner error from `source`, so both ways are walked.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let hidden = error
        .downcast_ref::<std::io::Error>()
        .and_then(std::io::Error::get_ref);
    let hidden = hidden.map(|inner| inner as &(dyn std::error::Error + 'static));
    hidden
        .and_then(tls_error)
        .or_else(|| error.source().and_then(tls_error))
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
}
