//! A file that an operator brings, with a name for the sentence that says what is wrong in it.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::AdminError;
use crate::Sentence;

/// A text to take in.
#[derive(Clone, Debug)]
pub struct ListFile {
    /// How a sentence calls it.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl ListFile {
    /// The file at `path`. A byte order mark, as spreadsheets write it, is left out.
    pub fn read(path: &Path) -> Result<Self, AdminError> {
        let text = fs::read_to_string(path).map_err(|source| AdminError::File {
            path: path.to_owned(),
            source,
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        Ok(Self {
            name: path.display().to_string(),
            text,
        })
    }

    /// A text that lies in no file.
    pub fn of(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            text: text.into(),
        }
    }

    /// Lines that are not empty, with their numbers from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self
            .text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line.trim()));
        lines.filter(|(_, line)| !line.is_empty())
    }

    pub(crate) fn fault(&self, line: usize, field: &str, en: &str, zh: &str) -> AdminError {
        let (file, field) = (self.name.clone(), field.to_owned());
        AdminError::Line {
            file,
            line,
            field,
            detail: Sentence::new(zh, en),
        }
    }

    /// A fault that the JSON reader found; `lines_before` of the file come before the text it read.
    pub(crate) fn json_fault(&self, lines_before: usize, error: &serde_json::Error) -> AdminError {
        let detail = error.to_string();
        let detail = detail.split(" at line ").next().unwrap_or_default();
        let field = quoted(detail).unwrap_or_default();
        self.fault(lines_before + error.line().max(1), field, detail, detail)
    }

    /// The value of one line of JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, line: usize, text: &str) -> Result<T, AdminError> {
        serde_json::from_str(text).map_err(|error| self.json_fault(line - 1, &error))
    }
}

/// The name between the first two backticks: how readers name a field.
pub(super) fn quoted(detail: &str) -> Option<&str> {
    detail.split('`').nth(1)
}
