//! What a command has to say: once in words, once as one JSON document.

use serde_json::Value;

use crate::failure::Failure;

/// The answer of a command.
pub(crate) struct Answer {
    /// In words, whole lines.
    pub(crate) text: String,
    /// The same for scripts: an object.
    pub(crate) json: Value,
    /// What did not go as asked, when there is an answer all the same.
    pub(crate) failure: Option<Failure>,
}

impl Answer {
    pub(crate) fn new(text: impl Into<String>, json: Value) -> Self {
        let mut text = text.into();
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        Self {
            text,
            json,
            failure: None,
        }
    }
}
