//! What travels between a field book and the platform, byte by byte. Never reads a clock, a file or a socket.
//!
//! CBOR with integer keys (architecture §2 decision 11). A number, once issued, keeps its meaning; a reader skips keys it
//! does not know and keeps enumeration codes it does not know. **Invariant:** no bytes make a decoder panic, recurse
//! without bound or allocate beyond `grid_model::limits`.

mod adapt;
pub mod batch;
mod codec;
mod columns;
pub mod enroll;
pub mod exchange;
pub mod fact;
pub mod feed;
pub mod form;
mod keys;
pub mod lifeboat;
pub mod receipt;
pub mod refusal;
pub mod resume;
mod stamp;
mod support;
pub mod track;

pub use batch::{BatchHeader, Beacon, Entry, Head};
pub use codec::{WireError, decode, decode_versioned, encode};
pub use exchange::{ExchangeRequest, ExchangeResponse, Signed};
pub use fact::{Attachment, Body, Fact};
pub use feed::{Checkpoint, ExtensionRow, FeedRow, PostRow, PullPage, RowKind, ScopeSum, TaskMoved, TaskRow};
pub use form::{Form, Forms};
pub use keys::{KeyNotice, KeyPurpose};
pub use receipt::{Receipt, ReceiptRange, Verdict};
pub use refusal::{Refusal, RefusalCode};
pub use resume::{ContinueRequest, Continued, Part};
pub use support::{SUPPORT_BYTES_MAX, support_bytes, support_from};

/// The wire version this build writes. Every version ever issued stays accepted.
pub const WIRE_VERSION: u16 = 1;
