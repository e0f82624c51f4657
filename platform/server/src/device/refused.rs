//! Refusals to a device as HTTP: the frame says why, the status says it again for proxies and logs.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use grid_wire::exchange::refusal_bytes;
use grid_wire::{Refusal, RefusalCode};

use super::FRAME_TYPE;
use crate::body::BodyError;
use crate::fault::Fault;

/// How long a device waits when the platform cannot work, seconds.
const BROKEN_WAIT_S: u32 = 30;
/// How long it waits when the platform's disk is full: an operator has to come first.
const FULL_WAIT_S: u32 = 300;

/// A refusal on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    status: StatusCode,
    refusal: Refusal,
}

impl Refused {
    /// A refusal with a status of its own, where its route has a better one than the code's.
    pub(crate) fn with_status(status: StatusCode, code: RefusalCode, detail: &str) -> Self {
        Self {
            status,
            refusal: Refusal::new(code, detail),
        }
    }

    /// Why, for tests.
    #[cfg(test)]
    pub(crate) fn code(&self) -> RefusalCode {
        self.refusal.code
    }
}

/// The status that says the same as the code. 460 is the checksum mismatch of tus.
fn status(code: RefusalCode) -> StatusCode {
    match code {
        RefusalCode::Malformed => StatusCode::BAD_REQUEST,
        RefusalCode::NewerVersion => StatusCode::UPGRADE_REQUIRED,
        RefusalCode::UnknownDevice
        | RefusalCode::Revoked
        | RefusalCode::BadSignature
        | RefusalCode::CodeWrong => StatusCode::FORBIDDEN,
        RefusalCode::CodeUsed | RefusalCode::Fork | RefusalCode::WrongOffset => StatusCode::CONFLICT,
        RefusalCode::CodeExpired => StatusCode::GONE,
        // Said by the hub when there were too many tries; a platform that cannot work says 503 itself.
        RefusalCode::TryLater => StatusCode::TOO_MANY_REQUESTS,
        RefusalCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RefusalCode::NotFound => StatusCode::NOT_FOUND,
        RefusalCode::HashMismatch => StatusCode::from_u16(460).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        RefusalCode::NotGranted => StatusCode::UNAUTHORIZED,
        RefusalCode::NoKey => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalCode::Unknown(_) => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self { status, refusal } = self;
        let mut response = (
            status,
            [(header::CONTENT_TYPE, FRAME_TYPE)],
            refusal_bytes(&refusal),
        )
            .into_response();
        if let Some(wait_s) = refusal.retry_after_s {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        response
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            status: status(refusal.code),
            refusal,
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        // To a device both are the same: it keeps everything, the batch in flight too, and comes back.
        let (status, wait_s, detail) = match fault {
            Fault::StorageFull => (
                StatusCode::INSUFFICIENT_STORAGE,
                FULL_WAIT_S,
                "the platform's disk is full",
            ),
            Fault::Broken => (
                StatusCode::SERVICE_UNAVAILABLE,
                BROKEN_WAIT_S,
                "the platform cannot work at the moment",
            ),
        };
        let refusal = Refusal {
            retry_after_s: Some(wait_s),
            ..Refusal::new(RefusalCode::TryLater, detail)
        };
        Self { status, refusal }
    }
}

impl From<BodyError> for Refused {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => {
                Refusal::new(RefusalCode::TooLarge, "the body is larger than allowed").into()
            }
            BodyError::Cut => Refusal::new(RefusalCode::Malformed, "the body ended early").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::Coded as _;

    #[test]
    fn every_refusal_has_a_status_of_its_kind() {
        for &code in RefusalCode::known() {
            let response = Refused::from(Refusal::new(code, "why")).into_response();
            let status = response.status().as_u16();
            assert!((400..500).contains(&status), "{code:?} → {status}");
        }
    }

    #[test]
    fn a_broken_store_says_when_to_come_back() {
        let response = Refused::from(Fault::Broken).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "30");
    }

    #[test]
    fn a_full_disk_asks_devices_to_keep_everything_and_come_back() {
        let refused = Refused::from(Fault::StorageFull);
        assert_eq!(refused.code(), RefusalCode::TryLater);
        let response = refused.into_response();
        assert_eq!(response.status(), StatusCode::INSUFFICIENT_STORAGE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "300");
    }
}
