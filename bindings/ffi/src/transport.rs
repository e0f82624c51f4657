//! The host's own carrier: OkHttp, `URLSession`, a police network's client. It carries the same requests that the built-in one
//! carries.

use std::sync::Arc;

use grid_fieldbook::{LinkError, Method, Request, Response};

use crate::aside::{NoAnswer, aside};
use crate::border::host_call;
use crate::{CancelToken, HostError, LinkProblem};

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HttpMethod {
    /// `HEAD`: asks how far an upload got.
    Head,
    /// `POST`: sends a batch, begins an upload.
    Post,
    /// `PATCH`: sends a piece of an upload.
    Patch,
}

/// One header.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HttpHeader {
    /// Its name, in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One request, whole in memory. Send it as it is: the platform checks a signature over the body.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HttpRequest {
    /// The verb.
    pub method: HttpMethod,
    /// Path below the platform's base address, beginning with `/`.
    pub path: String,
    /// Its headers.
    pub headers: Vec<HttpHeader>,
    /// Its body; at most some hundred kilobytes.
    pub body: Vec<u8>,
}

/// One answer, whole in memory, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct HttpAnswer {
    /// HTTP status.
    pub status: u16,
    /// Its headers; names in any case.
    pub headers: Vec<HttpHeader>,
    /// Its body as it came: not decompressed, not redirected.
    pub body: Vec<u8>,
    /// The connection broke before the body was whole: what came of it is used, and only the rest asked for again.
    #[uniffi(default = false)]
    pub is_cut: bool,
}

/// Why a host's carrier has no answer. Anything else that it throws counts as `Failed`.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Error)]
pub enum TransportError {
    /// The link: it is tried again as with the built-in carrier.
    NoLink {
        /// What is wrong with it.
        problem: LinkProblem,
    },
    /// The carrier itself failed; counts as a lost connection.
    Failed {
        /// For the support desk; nothing personal.
        detail: String,
    },
}

impl std::fmt::Display for TransportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoLink { problem } => write!(f, "no link: {problem:?}"),
            Self::Failed { detail } => write!(f, "failed: {detail}"),
        }
    }
}

impl std::error::Error for TransportError {}

impl From<uniffi::UnexpectedUniFFICallbackError> for TransportError {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            detail: HostError::from(error).to_string(),
        }
    }
}

/// Carries one request at a time. Implemented by the app; `FieldBook.sync_over` and `enroll_over` use it.
///
/// It runs on a thread of its own: one that never answers delays its sync alone, and cancelling ends that sync within 100 ms
/// all the same. Verify the platform's certificate against `FieldBook.platform`; follow no redirect; speak plain HTTP to loopback
/// only.
#[uniffi::export(with_foreign)]
pub trait Transport: Send + Sync {
    /// Sends a request and waits for its whole answer. An answer is one whatever its status; throw only when there is none.
    fn send(&self, request: HttpRequest, cancel: Arc<CancelToken>) -> Result<HttpAnswer, TransportError>;
    /// The certificate of the authority under which the last answer came, DER; none for plain HTTP. Asked once, when a vault is
    /// enrolled: it must be the one that the ticket names.
    fn authority(&self) -> Result<Option<Vec<u8>>, TransportError>;
}

/// The host's carrier as the engine sees it.
pub(crate) struct HostTransport(pub(crate) Arc<dyn Transport>);

impl HostTransport {
    /// What the host says of the authority it met; nothing when it cannot.
    pub(crate) fn authority(&self) -> Vec<u8> {
        let told = host_call(|| Ok(self.0.authority()));
        told.ok().and_then(Result::ok).flatten().unwrap_or_default()
    }
}

impl grid_fieldbook::Transport for HostTransport {
    fn send(&self, request: &Request, cancel: &grid_fieldbook::CancelToken) -> Result<Response, LinkError> {
        let (host, request) = (Arc::clone(&self.0), HttpRequest::from(request));
        let token = Arc::new(CancelToken::from(cancel.clone()));
        let answer = aside("grid-transport", cancel, move || carried(&*host, request, token));
        answer.unwrap_or_else(|none| {
            Err(match none {
                NoAnswer::Cancelled => LinkError::Cancelled,
                NoAnswer::NoThread => LinkError::Unreachable,
                NoAnswer::Lost => LinkError::Lost,
            })
        })
    }
}

fn carried(
    host: &dyn Transport,
    request: HttpRequest,
    cancel: Arc<CancelToken>,
) -> Result<Response, LinkError> {
    // The host's own error type cannot pass `host_call`, so it travels as the value.
    match host_call(|| Ok(host.send(request, cancel))) {
        Ok(Ok(answer)) => Ok(answer.into()),
        Ok(Err(TransportError::NoLink { problem })) => Err(problem.into()),
        Ok(Err(failed @ TransportError::Failed { .. })) => {
            log::warn!("the host's transport {failed}");
            Err(LinkError::Lost)
        }
        Err(error) => {
            log::warn!("the host's transport {error}");
            Err(LinkError::Lost)
        }
    }
}

impl From<&Request> for HttpRequest {
    fn from(request: &Request) -> Self {
        let header = |(name, value): &(&str, String)| HttpHeader {
            name: (*name).to_owned(),
            value: value.clone(),
        };
        Self {
            method: match request.method {
                Method::Head => HttpMethod::Head,
                Method::Post => HttpMethod::Post,
                Method::Patch => HttpMethod::Patch,
            },
            path: request.path.clone(),
            headers: request.headers.iter().map(header).collect(),
            body: request.body.clone(),
        }
    }
}

impl From<HttpAnswer> for Response {
    fn from(answer: HttpAnswer) -> Self {
        let header = |header: HttpHeader| (header.name.to_ascii_lowercase(), header.value);
        Self {
            status: answer.status,
            headers: answer.headers.into_iter().map(header).collect(),
            body: answer.body,
            is_cut: answer.is_cut,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;

    use grid_fieldbook::Transport as _;

    use super::*;

    type Answering = dyn FnMut(HttpRequest) -> Result<HttpAnswer, TransportError> + Send;

    /// Answers what the test sets.
    struct Fake(Mutex<Box<Answering>>);

    impl Transport for Fake {
        fn send(&self, request: HttpRequest, _: Arc<CancelToken>) -> Result<HttpAnswer, TransportError> {
            (self.0.lock().unwrap())(request)
        }

        fn authority(&self) -> Result<Option<Vec<u8>>, TransportError> {
            Ok(None)
        }
    }

    fn over(
        answer: impl FnMut(HttpRequest) -> Result<HttpAnswer, TransportError> + Send + 'static,
    ) -> HostTransport {
        HostTransport(Arc::new(Fake(Mutex::new(Box::new(answer)))))
    }

    fn request() -> Request {
        Request::new(Method::Patch, "/v1/x", vec![0, 255]).with("upload-offset", "7")
    }

    #[test]
    fn a_request_goes_out_and_its_answer_comes_back_as_it_is() {
        let transport = over(|request| {
            assert_eq!(
                (request.method, request.path.as_str()),
                (HttpMethod::Patch, "/v1/x")
            );
            assert_eq!(request.headers[0].value, "7");
            Ok(HttpAnswer {
                status: 204,
                headers: vec![HttpHeader {
                    name: "Upload-Offset".to_owned(),
                    value: "9".to_owned(),
                }],
                body: request.body,
                is_cut: true,
            })
        });
        let answer = transport
            .send(&request(), &grid_fieldbook::CancelToken::default())
            .unwrap();
        assert_eq!((answer.status, answer.header("upload-offset")), (204, Some("9")));
        assert_eq!((answer.body, answer.is_cut), (vec![0, 255], true));
    }

    #[test]
    fn what_a_carrier_throws_is_a_link_that_failed() {
        let no_link = || TransportError::NoLink {
            problem: LinkProblem::NameUnknown,
        };
        let failed = || TransportError::Failed {
            detail: String::new(),
        };
        for (thrown, seen) in [(no_link(), LinkError::NameUnknown), (failed(), LinkError::Lost)] {
            let transport = over(move |_| Err(thrown.clone()));
            let answer = transport.send(&request(), &grid_fieldbook::CancelToken::default());
            assert_eq!(answer, Err(seen));
        }
        let transport = over(|_| panic!("no carrier"));
        let answer = transport.send(&request(), &grid_fieldbook::CancelToken::default());
        assert_eq!(answer, Err(LinkError::Lost));
    }

    #[test]
    fn a_carrier_that_never_answers_does_not_hold_whoever_cancelled() {
        let (hold, held) = channel::<()>();
        let transport = over(move |_| {
            let _until_the_test_ends = held.recv();
            Err(TransportError::Failed {
                detail: String::new(),
            })
        });
        let cancel = grid_fieldbook::CancelToken::default();
        cancel.cancel();
        // It would wait here for ever.
        assert_eq!(transport.send(&request(), &cancel), Err(LinkError::Cancelled));
        drop(hold);
    }
}
