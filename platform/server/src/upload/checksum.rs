//! `Upload-Checksum`: what one request says of its own bytes. It finds accidents on the way; whose bytes they are and
//! whether the attachment is the right one is decided by the grant and by the hash of the whole.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_wire::{Refusal, RefusalCode};
use ring::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use crate::device::Refused;

/// What is told to whoever asks, the one we would rather have first.
pub(crate) const ALGORITHMS: &str = "sha256,sha1";

/// A checksum that a request announced, and its bytes as far as they came.
pub(crate) struct Checksum {
    announced: Vec<u8>,
    seen: Context,
}

impl Checksum {
    /// What the request announces; none when it says nothing. Refuses what cannot be checked: bytes that somebody wanted
    /// checked are never taken unchecked.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Refused> {
        let Some(said) = headers.get("upload-checksum") else {
            return Ok(None);
        };
        let (name, encoded) = said
            .to_str()
            .ok()
            .and_then(|said| said.split_once(' '))
            .ok_or_else(|| malformed("Upload-Checksum must be an algorithm and a checksum in base64"))?;
        let algorithm = algorithm(name)
            .ok_or_else(|| malformed("the algorithm of Upload-Checksum must be sha256 or sha1"))?;
        let announced = STANDARD
            .decode(encoded.trim())
            .ok()
            .filter(|bytes| bytes.len() == algorithm.output_len())
            .ok_or_else(|| malformed("Upload-Checksum must hold as many bytes as its algorithm makes"))?;
        Ok(Some(Self {
            announced,
            seen: Context::new(algorithm),
        }))
    }

    /// Takes the next bytes into account.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.seen.update(bytes);
    }

    /// Whether the bytes are the ones announced.
    pub(crate) fn holds(self) -> bool {
        self.seen.finish().as_ref() == self.announced
    }
}

/// What goes to a request whose bytes are not the ones it announced.
pub(crate) fn differs() -> Refused {
    Refusal::new(
        RefusalCode::HashMismatch,
        "the bytes of this request are not the ones of its Upload-Checksum",
    )
    .into()
}

fn algorithm(name: &str) -> Option<&'static Algorithm> {
    match name {
        "sha256" => Some(&SHA256),
        "sha1" => Some(&SHA1_FOR_LEGACY_USE_ONLY),
        _ => None,
    }
}

fn malformed(detail: &str) -> Refused {
    Refusal::new(RefusalCode::Malformed, detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(said: &str) -> Result<Option<Checksum>, Refused> {
        let value = axum::http::HeaderValue::from_bytes(said.as_bytes()).unwrap();
        Checksum::of(
            &[("upload-checksum".parse().unwrap(), value)]
                .into_iter()
                .collect(),
        )
    }

    #[test]
    fn the_checksums_of_tus_clients_hold_for_their_bytes_only() {
        // `abc`, from FIPS 180.
        for said in [
            "sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
        ] {
            for (pieces, holds) in [(["a", "bc"], true), (["ab", "d"], false)] {
                let mut checksum = asked(said).unwrap().unwrap();
                pieces.iter().for_each(|piece| checksum.update(piece.as_bytes()));
                assert_eq!(checksum.holds(), holds, "{said} {pieces:?}");
            }
        }
        assert!(Checksum::of(&HeaderMap::new()).unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        for wrong in [
            "md5 kAFQmDzST7DWlj99KOF/cg==",
            "SHA1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "sha256 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=",
            "sha1 ?",
            "sha1",
            "",
            "哈希 x",
        ] {
            let refused = asked(wrong).map(|_| ()).unwrap_err();
            assert_eq!(refused.code(), RefusalCode::Malformed, "{wrong}");
        }
    }
}
