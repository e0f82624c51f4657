//! Enumerations that keep what they do not know. A newer peer may send a code this build has never seen; it is carried
//! as `Unknown(code)` and written back unchanged (invariant 26 of docs/sync.md).

use std::borrow::Cow;

/// A value with a stable number for the wire and a stable name for people and JSON.
pub trait Coded: Copy + Eq + 'static {
    /// The number on the wire; never reused for another meaning.
    fn code(self) -> u16;
    /// The value for a number; an unseen number becomes `Unknown`.
    fn from_code(code: u16) -> Self;
    /// The snake_case name of domain terms; `code_N` for an unseen number.
    fn name(self) -> Cow<'static, str>;
    /// The value for a name, `code_N` included.
    fn from_name(name: &str) -> Option<Self>;
    /// Every value this build knows, in order of their codes.
    fn known() -> &'static [Self];
}

/// Declares a [`Coded`] enumeration: `Variant = code "name"`.
macro_rules! coded {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $( $Variant:ident = $code:literal $text:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $Name {
            $( #[doc = concat!("`", $text, "` (code ", stringify!($code), ").")] $Variant, )*
            /// A code this build does not know; kept as it came.
            Unknown(u16),
        }

        impl $crate::Coded for $Name {
            fn code(self) -> u16 {
                match self { $( Self::$Variant => $code, )* Self::Unknown(code) => code }
            }
            fn from_code(code: u16) -> Self {
                match code { $( $code => Self::$Variant, )* other => Self::Unknown(other) }
            }
            fn name(self) -> std::borrow::Cow<'static, str> {
                match self { $( Self::$Variant => $text.into(), )* Self::Unknown(code) => format!("code_{code}").into() }
            }
            fn from_name(name: &str) -> Option<Self> {
                match name {
                    $( $text => Some(Self::$Variant), )*
                    other => other.strip_prefix("code_")?.parse().ok().map(Self::from_code),
                }
            }
            fn known() -> &'static [Self] { &[ $( Self::$Variant ),* ] }
        }
    };
}
pub(crate) use coded;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::CountKind;

    #[test]
    fn an_unseen_code_survives_code_and_name() {
        let unseen = CountKind::from_code(9_999);
        assert_eq!(unseen, CountKind::Unknown(9_999));
        assert_eq!(unseen.code(), 9_999);
        assert_eq!(CountKind::from_name(&unseen.name()), Some(unseen));
    }

    #[test]
    fn known_values_have_distinct_codes_and_names() {
        let codes: std::collections::BTreeSet<_> = CountKind::known().iter().map(|k| k.code()).collect();
        let names: std::collections::BTreeSet<_> = CountKind::known().iter().map(|k| k.name()).collect();
        assert_eq!(codes.len(), CountKind::known().len());
        assert_eq!(names.len(), CountKind::known().len());
    }
}
