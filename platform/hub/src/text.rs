//! Text rules, in characters and never in bytes.

/// The text without its end beyond `chars_max` characters.
pub(crate) fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

/// What is wrong with a text that must not be empty.
pub(crate) fn needed(text: &str, chars_max: usize) -> Option<&'static str> {
    if text.trim().is_empty() {
        Some("is empty")
    } else {
        bounded(text, chars_max)
    }
}

/// What is wrong with a text that may be empty.
pub(crate) fn bounded(text: &str, chars_max: usize) -> Option<&'static str> {
    (text.chars().count() > chars_max).then_some("is too long")
}

/// Whether the text is exactly `length` digits.
pub(crate) fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}
