//! The committed corpus: a folder for each target, a file for each input.

use std::fs;
use std::io;

use crate::Target;

/// One input of a target.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file's name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The corpus of a target, by name; an error names what cannot be read.
pub fn corpus(target: &Target) -> io::Result<Vec<Case>> {
    let folder = target.folder();
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        cases.push(Case {
            name: name.unwrap_or_default(),
            bytes: fs::read(path)?,
        });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}
