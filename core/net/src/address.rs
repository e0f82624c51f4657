//! Addresses of a platform: `https://host[:port]`, or `http://` on loopback.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// A base address that may be spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(Url);

/// Why a text is no address to speak to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressError {
    /// Not a web address at all.
    NotAnAddress,
    /// Plain HTTP to something other than this machine.
    PlainOffLoopback,
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnAddress => "not an address of the form https://host:port",
            Self::PlainOffLoopback => "plain http is allowed on this machine only; use https",
        })
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// The address in a text.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text.trim()).map_err(|_| AddressError::NotAnAddress)?;
        let host = url.host_str().ok_or(AddressError::NotAnAddress)?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let loopback = bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            "http" => Err(AddressError::PlainOffLoopback),
            _ => Err(AddressError::NotAnAddress),
        }
    }

    /// Whether requests to it are encrypted.
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    pub(crate) fn join(&self, path: &str) -> Option<Url> {
        self.0.join(path).ok()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "http://127.0.0.1:8787",
            "http://[::1]:8787/",
            "http://localhost:1",
            "https://grid.example:8443",
        ] {
            assert!(Address::parse(good).is_ok(), "{good}");
        }
        assert_eq!(
            Address::parse("http://10.0.0.8:8787"),
            Err(AddressError::PlainOffLoopback)
        );
        for bad in ["", "127.0.0.1:8787", "ftp://127.0.0.1", "平台"] {
            assert_eq!(Address::parse(bad), Err(AddressError::NotAnAddress), "{bad}");
        }
    }
}
