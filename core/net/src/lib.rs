//! Carries requests over HTTP with reqwest, tokio and rustls. Knows addresses, certificates and time-outs; knows nothing
//! of changes, batches or receipts.
//!
//! TLS fails closed: no byte of a request leaves before a chain to the pinned private CA is verified; the phone's own
//! trust store is never asked. Plain HTTP is spoken on loopback only.

mod address;
mod http;
mod names;
mod trust;

pub use address::{Address, AddressError};
pub use http::{HttpTransport, Line};
pub use trust::{Accepts, Trust};
