//! What a carrier of requests must do. `core/net` is one; a phone's own background transport or a police network another.

use std::fmt;

use crate::CancelToken;

/// The verbs this protocol uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Asks how far an upload got.
    Head,
    /// Sends a batch, begins an upload.
    Post,
    /// Sends a piece of an upload.
    Patch,
}

/// One request, whole in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The verb.
    pub method: Method,
    /// Path below the platform's base address, beginning with `/`.
    pub path: String,
    /// Header names in lower case with their values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers.
    pub fn new(method: Method, path: impl Into<String>, body: Vec<u8>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body,
        }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// One answer, whole in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// The body, at most what the carrier allows.
    pub body: Vec<u8>,
    /// The connection broke before the body was whole; what came of it is in `body`. A carrier that cannot tell answers
    /// [`LinkError::Lost`] instead.
    pub is_cut: bool,
}

impl Response {
    /// The first value of a header (name in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why there is no answer. None of these says whether the request had its effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LinkError {
    /// No connection could be made: no network, or no way from it to the platform.
    Unreachable,
    /// Nobody has the platform's name on this network.
    NameUnknown,
    /// The network's name server did not answer in time.
    NameSilent,
    /// The platform's machine is there, and nothing listens at this address.
    NothingListens,
    /// The connection broke, or was silent for too long.
    Lost,
    /// The server's certificate is not of the pinned authority.
    WrongCertificate,
    /// By the phone's clock the server's certificate is not valid yet, or not any more.
    CertificateTime,
    /// The address itself cannot be used: not an address, or plain HTTP off loopback.
    BadAddress,
    /// The answer is larger than allowed.
    TooLarge,
    /// The caller's token asked to stop.
    Cancelled,
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "no connection to the platform",
            Self::NameUnknown => "the platform's name has no address",
            Self::NameSilent => "the name server does not answer",
            Self::NothingListens => "nothing listens at the platform's address",
            Self::Lost => "the connection broke",
            Self::WrongCertificate => "the certificate is not of the pinned authority",
            Self::CertificateTime => "by this phone's clock the certificate is not valid",
            Self::BadAddress => "the platform's address cannot be used",
            Self::TooLarge => "the answer is larger than allowed",
            Self::Cancelled => "cancelled",
        })
    }
}

impl std::error::Error for LinkError {}

/// Carries one request at a time. Blocking; bounded in time by its own deadlines; stops early when cancelled.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for its whole answer.
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError>;
}
