//! Uploads that were cut, and where they went on.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_fieldbook::{Method, Request, Response};
use serde_json::{Value, json};

/// A vault's uploads.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    /// The photo of each place.
    photos: BTreeMap<String, String>,
    /// How many bytes of a photo had been handed to the link when it was cut.
    cut: BTreeMap<String, u64>,
}

impl Uploads {
    /// A place was given for a photo.
    pub(super) fn placed(&mut self, request: &Request, answer: &Response) {
        if request.method != Method::Post || request.path != "/v1/uploads" {
            return;
        }
        let location = answer
            .header("location")
            .and_then(|at| at.find("/v1/").map(|from| &at[from..]));
        if let Some((place, photo)) = location.zip(photo_of(request)) {
            self.photos.insert(place.to_owned(), photo);
        }
    }

    /// A piece goes on after a cut: what there is to tell of it.
    pub(super) fn goes_on(&mut self, vault: &str, request: &Request) -> Option<Value> {
        let (photo, from) = (self.photo(request)?, offset(request)?);
        let cut_at = self.cut.remove(&photo)?;
        Some(json!({"vault": vault, "sha256": photo, "cut_at": cut_at, "resumed_at": from}))
    }

    /// A piece was cut, or its answer was lost, after so many bytes of it.
    pub(super) fn was_cut(&mut self, request: &Request, handed: usize) {
        if let (Some(photo), Some(from)) = (self.photo(request), offset(request)) {
            let cut = self.cut.entry(photo).or_default();
            *cut = (*cut).max(from + handed as u64);
        }
    }

    fn photo(&self, request: &Request) -> Option<String> {
        let is_piece = request.method == Method::Patch;
        self.photos.get(&request.path).filter(|_| is_piece).cloned()
    }
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let mut headers = request.headers.iter();
    headers
        .find(|(own, _)| *own == name)
        .map(|(_, value)| value.as_str())
}

fn offset(request: &Request) -> Option<u64> {
    header(request, "upload-offset")?.parse().ok()
}

/// The photo that an upload names.
fn photo_of(request: &Request) -> Option<String> {
    let told = header(request, "upload-metadata")?.split(',');
    let sha256 = told.filter_map(|part| part.strip_prefix("sha256 ")).next()?;
    String::from_utf8(STANDARD.decode(sha256).ok()?).ok()
}
