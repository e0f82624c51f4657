//! Enrolment tickets: all that a phone needs to find the platform and believe it, in one line for a QR code.

use axum::http::Uri;
use grid_hub::IssuedCode;

use super::AdminError;
use crate::{CaPin, Sentence};

/// A single-use code and the ticket that carries it. Shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct IssuedTicket {
    /// As a person reads and types it: `XXXX-XXXX`.
    pub code: String,
    /// `grid:<address>#code=XXXX-XXXX&ca=<pin>`; without `ca` for plain HTTP on loopback.
    pub ticket: String,
    /// When the code ends, UTC ms.
    pub expires_at_ms: i64,
}

/// Where a phone finds the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    base: String,
    pin: Option<CaPin>,
}

/// Reads an address: `https://host[:port]`, or `http://` on loopback.
pub(super) fn place(url: &str, pin: Option<CaPin>) -> Result<Place, AdminError> {
    let wrong = |zh: &str, en: &str| AdminError::Address {
        url: url.to_owned(),
        detail: Sentence::new(zh, en),
    };
    let base = url.trim_end_matches('/');
    let no_address = || {
        wrong(
            "应为 https://主机:端口 这样的地址",
            "it must look like https://host:port",
        )
    };
    let uri: Uri = base.parse().map_err(|_| no_address())?;
    let host = uri.host().ok_or_else(no_address)?;
    if !matches!(uri.path(), "" | "/") || uri.query().is_some() || base.contains(['#', '@']) {
        return Err(no_address());
    }
    match uri.scheme_str() {
        Some("https") => {
            let missing = || {
                wrong(
                    "请先运行 grid-platform admin ca init",
                    "run `grid-platform admin ca init` first",
                )
            };
            Ok(Place {
                base: base.to_owned(),
                pin: Some(pin.ok_or_else(missing)?),
            })
        }
        Some("http") if matches!(host, "127.0.0.1" | "[::1]" | "localhost") => Ok(Place {
            base: base.to_owned(),
            pin: None,
        }),
        Some("http") => Err(wrong(
            "明文 HTTP 只能用于本机，请用 https://",
            "plain HTTP is for this machine only, use https://",
        )),
        _ => Err(no_address()),
    }
}

impl Place {
    pub(super) fn ticket(&self, code: IssuedCode) -> IssuedTicket {
        let IssuedCode { code, expires_at_ms } = code;
        let pin = self.pin.map(|pin| format!("&ca={pin}")).unwrap_or_default();
        IssuedTicket {
            ticket: format!("grid:{}#code={code}{pin}", self.base),
            code,
            expires_at_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::Sha256;

    fn ticket(url: &str, pin: Option<CaPin>) -> Result<String, AdminError> {
        let code = IssuedCode {
            code: "AB12-CD34".to_owned(),
            expires_at_ms: 0,
        };
        place(url, pin).map(|place| place.ticket(code).ticket)
    }

    #[test]
    fn a_ticket_carries_the_pin_wherever_tls_is() {
        let pin = CaPin(Sha256([0xab; 32]));
        let secure = format!("grid:https://10.0.0.5:8443#code=AB12-CD34&ca={}", "ab".repeat(32));
        assert_eq!(ticket("https://10.0.0.5:8443/", Some(pin)).unwrap(), secure);
        assert_eq!(
            ticket("http://127.0.0.1:8787", Some(pin)).unwrap(),
            "grid:http://127.0.0.1:8787#code=AB12-CD34"
        );
    }

    #[test]
    fn an_address_that_a_phone_must_not_use_is_refused() {
        for url in [
            "http://10.0.0.5:8787",
            "https://10.0.0.5",
            "ftp://127.0.0.1",
            "127.0.0.1:8787",
            "http://127.0.0.1/x",
            "http://u@127.0.0.1",
        ] {
            assert!(ticket(url, None).is_err(), "{url}");
        }
    }
}
