//! Refusals: a whole request that the platform would not take. Never about a single change; those get verdicts.

use minicbor::{Decode, Encode};

pub use grid_model::terms::RefusalCode;

use crate::adapt;

/// Why, for the program; the words for people are the reader's.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Refusal {
    /// What kind of refusal.
    #[cbor(n(0), with = "adapt::code")]
    pub code: RefusalCode,
    /// A technical detail for the log; holds nothing personal.
    #[n(1)]
    pub detail: String,
    /// Newest wire version the platform reads, when the version was the reason.
    #[n(2)]
    pub version_max: Option<u16>,
    /// Ask again after this many seconds.
    #[n(3)]
    pub retry_after_s: Option<u32>,
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            version_max: None,
            retry_after_s: None,
        }
    }
}
