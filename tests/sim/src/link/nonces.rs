//! Nonces of requests.

use std::collections::BTreeMap;

use grid_fieldbook::Request;
use grid_wire::{BatchHeader, ExchangeRequest, decode};
use sha2::{Digest as _, Sha256};

/// Nonces of requests, to see that none is drawn twice, whatever was copied.
#[derive(Debug, Default)]
pub(crate) struct Nonces {
    /// The vault that used it first, and the digest over that request.
    first: BTreeMap<u64, (String, [u8; 32])>,
    /// What was wrong.
    pub(crate) reused: Vec<String>,
}

impl Nonces {
    pub(super) fn used(&mut self, vault: &str, request: &Request) {
        let asked = ExchangeRequest::from_bytes(&request.body).ok();
        let header = asked.and_then(|asked| decode::<BatchHeader>(&asked.header.bytes, "sync header").ok());
        let Some(header) = header else { return };
        let digest = Sha256::digest(&request.body).into();
        let first = self.first.entry(header.nonce);
        let (name, same) = first.or_insert_with(|| (vault.to_owned(), digest));
        // The same request again, from a copy of the vault too, is the same request.
        if *same != digest {
            self.reused
                .push(format!("{name} and {vault} sent two requests under one nonce"));
        }
    }
}
