//! What tus says in headers. Nothing from a header is trusted further than its own grammar.

use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::UploadAsk;
use grid_model::Sha256;
use grid_model::limits::ATTACHMENT_BYTES_MAX;
use grid_wire::{Refusal, RefusalCode};

use crate::device::Refused;

/// The version we speak.
pub(crate) const TUS_RESUMABLE: &str = "1.0.0";
/// The type of bytes whose type is not known.
const BYTES_TYPE: &str = "application/octet-stream";
/// Longest media type that is kept, characters.
const MIME_CHARS_MAX: usize = 100;

/// Refuses another version of the protocol.
pub(crate) fn version(headers: &HeaderMap) -> Result<(), Refused> {
    match text(headers, "tus-resumable") {
        Some(TUS_RESUMABLE) => Ok(()),
        _ => Err(Refused::with_status(
            StatusCode::PRECONDITION_FAILED,
            RefusalCode::Malformed,
            "Tus-Resumable must be 1.0.0",
        )),
    }
}

/// What a creation asks for.
pub(crate) fn ask(headers: &HeaderMap) -> Result<UploadAsk, Refused> {
    version(headers)?;
    let bytes =
        number(headers, "upload-length").ok_or_else(|| malformed("Upload-Length must be a number"))?;
    if bytes > ATTACHMENT_BYTES_MAX {
        return Err(Refusal::new(RefusalCode::TooLarge, "the attachment is larger than allowed").into());
    }
    let metadata = text(headers, "upload-metadata").unwrap_or_default();
    let sha256 = value(metadata, "sha256").and_then(|bytes| digest(&bytes));
    let sha256 =
        sha256.ok_or_else(|| malformed("Upload-Metadata must hold sha256, 64 hex digits in base64"))?;
    // A photo is not refused for the name of its type; the record that names it says it too.
    let mime = value(metadata, "mime")
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|mime| is_mime(mime));
    let mime = mime.unwrap_or_else(|| BYTES_TYPE.to_owned());
    Ok(UploadAsk { sha256, mime, bytes })
}

/// Where a piece begins.
pub(crate) fn piece(headers: &HeaderMap) -> Result<u64, Refused> {
    version(headers)?;
    if text(headers, "content-type") != Some("application/offset+octet-stream") {
        let detail = "Content-Type must be application/offset+octet-stream";
        return Err(Refused::with_status(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            RefusalCode::Malformed,
            detail,
        ));
    }
    number(headers, "upload-offset").ok_or_else(|| malformed("Upload-Offset must be a number"))
}

/// An id that is none of this device's uploads.
pub(crate) fn unknown_upload() -> Refused {
    Refusal::new(RefusalCode::NotFound, "no such upload").into()
}

/// An upload of this device whose bytes are gone: it ended it, or the upload was swept.
pub(crate) fn ended_upload() -> Refused {
    Refused::with_status(
        StatusCode::GONE,
        RefusalCode::NotFound,
        "the upload was ended; begin it again",
    )
}

fn malformed(detail: &str) -> Refused {
    Refusal::new(RefusalCode::Malformed, detail).into()
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    let digits = text(headers, name)?;
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

/// The value of a key in `key base64,key base64`.
fn value(metadata: &str, key: &str) -> Option<Vec<u8>> {
    let mut pairs = metadata.split(',').filter_map(|pair| pair.trim().split_once(' '));
    let (_, encoded) = pairs.find(|(name, _)| *name == key)?;
    STANDARD.decode(encoded.trim()).ok()
}

fn digest(bytes: &[u8]) -> Option<Sha256> {
    Sha256::from_slice(bytes).or_else(|| std::str::from_utf8(bytes).ok()?.parse().ok())
}

/// `type/subtype` of token characters, without parameters.
fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let parts = text.split_once('/');
    text.len() <= MIME_CHARS_MAX && parts.is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn creation(length: &str, sha256: &[u8], mime: &str) -> HeaderMap {
        let metadata = format!(
            "sha256 {},mime {}",
            STANDARD.encode(sha256),
            STANDARD.encode(mime)
        );
        headers(&[
            ("tus-resumable", "1.0.0"),
            ("upload-length", length),
            ("upload-metadata", &metadata),
        ])
    }

    #[test]
    fn a_creation_names_hash_type_and_length() {
        let hash = Sha256([0xab; 32]);
        let expected = UploadAsk {
            sha256: hash,
            mime: "image/jpeg".to_owned(),
            bytes: 12,
        };
        assert_eq!(
            ask(&creation("12", hash.to_string().as_bytes(), "image/jpeg")),
            Ok(expected.clone())
        );
        assert_eq!(ask(&creation("12", hash.bytes(), "image/jpeg")), Ok(expected));
    }

    #[test]
    fn a_strange_type_is_bytes_and_no_reason_to_refuse() {
        let hash = Sha256([0xab; 32]).to_string();
        for mime in ["image/jpeg\r\nx: y", "text/html;charset=utf-8", "", "photo"] {
            let asked = ask(&creation("1", hash.as_bytes(), mime)).map(|ask| ask.mime);
            assert_eq!(asked.as_deref(), Ok("application/octet-stream"), "{mime}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_a_code() {
        let hash = Sha256([0xab; 32]).to_string();
        let code = |headers: HeaderMap| ask(&headers).map_err(|refused| refused.code());
        assert_eq!(
            code(creation("20971521", hash.as_bytes(), "image/jpeg")),
            Err(RefusalCode::TooLarge)
        );
        for wrong in [
            creation("-1", hash.as_bytes(), "image/jpeg"),
            creation("+1", hash.as_bytes(), "image/jpeg"),
            creation("1", b"abc", "image/jpeg"),
            headers(&[("upload-length", "1")]),
        ] {
            assert_eq!(code(wrong), Err(RefusalCode::Malformed));
        }
    }
}
