//! Files on the command line: photos, voice notes and papers. All are read before the first is kept.

use std::fs;
use std::path::Path;

use grid_fieldbook::{AttachmentDraft, AttachmentRef};
use grid_screens::Lang;
use grid_screens::model::Coded as _;
use grid_screens::model::Point;
use grid_screens::model::terms::AttachmentRole;

use crate::desk::Desk;
use crate::failure::{Failure, Snag};

/// Files to attach.
#[derive(Debug, clap::Args)]
pub(crate) struct Files {
    /// Photo, voice note or PDF to attach, as FILE or ROLE=FILE; may be given again. Roles: before, during, after,
    /// agreement, notice, voice, other
    #[arg(long, value_name = "[ROLE=]FILE")]
    pub(crate) photo: Vec<String>,
}

impl Files {
    /// Keeps all files; `role` is what they show unless it is said. When one cannot be read, none is kept.
    pub(crate) fn keep(
        &self,
        desk: &Desk<'_>,
        role: AttachmentRole,
        point: Option<Point>,
    ) -> Result<Vec<AttachmentRef>, Failure> {
        let read: Result<Vec<_>, _> = self
            .photo
            .iter()
            .map(|text| draft(text, role, point, desk.lang))
            .collect();
        read?
            .into_iter()
            .map(|draft| desk.ask(|book| book.attach(draft)))
            .collect()
    }
}

fn draft(
    text: &str,
    role: AttachmentRole,
    point: Option<Point>,
    lang: Lang,
) -> Result<AttachmentDraft, Failure> {
    let named = text
        .split_once('=')
        .and_then(|(name, file)| Some((AttachmentRole::from_name(name)?, file)));
    let (role, file) = named.unwrap_or((role, text));
    let content = fs::read(file).map_err(|_| Snag::FileUnreadable.with(file, lang))?;
    let mime = mime(Path::new(file), &content).ok_or_else(|| Snag::FileKind.with(file, lang))?;
    Ok(AttachmentDraft {
        role,
        mime: mime.to_owned(),
        point,
        content,
    })
}

/// The media type by the first bytes; where these say nothing, by the name.
fn mime(file: &Path, content: &[u8]) -> Option<&'static str> {
    match content {
        [0xff, 0xd8, 0xff, ..] => return Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => return Some("image/png"),
        [b'%', b'P', b'D', b'F', ..] => return Some("application/pdf"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => return Some("image/webp"),
        [b'#', b'!', b'A', b'M', b'R', ..] => return Some("audio/amr"),
        _ => {}
    }
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "heic" => Some("image/heic"),
        "m4a" => Some("audio/mp4"),
        "mp3" => Some("audio/mpeg"),
        "wav" => Some("audio/wav"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_say_what_a_file_is() {
        let of = |name: &str, content: &[u8]| mime(Path::new(name), content);
        assert_eq!(of("photo.txt", &[0xff, 0xd8, 0xff, 0xe0]), Some("image/jpeg"));
        assert_eq!(of("a", b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(of("a", b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(of("note.M4A", b"\0\0\0\x18ftyp"), Some("audio/mp4"));
        for (name, content) in [("run.sh", &b"#!/bin/sh"[..]), ("a.jpg", b"hello"), ("empty", b"")] {
            assert_eq!(of(name, content), None, "{name}");
        }
    }
}
