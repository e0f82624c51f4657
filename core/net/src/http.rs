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
const SILENT_AT_MOST: Duration = Duration::from_secs(30);
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
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(SILENT_AT_MOST)
            .timeout(WHOLE_WITHIN)
            .build()
            .map_err(|_| LinkError::BadAddress)?;
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
        let mut answer = building
            .body(request.body.clone())
            .send()
            .await
            .map_err(|error| link_error(&error))?;
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| link_error(&error))? {
            if body.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(LinkError::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Response {
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
