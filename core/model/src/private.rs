//! Values that must never reach a log line.

use std::fmt;

/// A personal value (name, phone, address, coordinate); its `Debug` and `Display` print `‹private›`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Private<T>(pub T);

impl<T> Private<T> {
    /// The value itself, for the one who has a reason to see it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}
impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹private›")
    }
}
impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹private›")
    }
}
