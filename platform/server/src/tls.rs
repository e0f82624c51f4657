//! TLS of the platform: a private certificate authority, made once, whose certificate devices pin at enrolment.

mod authority;
mod identity;

pub use authority::AuthorityFault;
pub(crate) use authority::{make, pin, renew};
pub use identity::TlsIdentity;

use std::fmt;

use grid_model::Sha256;

/// SHA-256 of the authority's certificate (DER): what an enrolment ticket carries and a device pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaPin(pub Sha256);

impl fmt::Display for CaPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
