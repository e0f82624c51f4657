//! Who may call what. A route is closed until it says who may call it: [`Routes::build`] refuses to make a router with a
//! route that does not, so a forgotten declaration is found at start-up and never by a stranger.

mod access;
mod admit;
mod table;

pub(crate) use access::Access;
pub(crate) use admit::{BodyMax, Connection, SignedIn, Uploader};
pub use table::Undeclared;
pub(crate) use table::{Routes, delete, get, head, options, patch, post};
