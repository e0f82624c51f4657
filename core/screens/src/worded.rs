//! Words for values that have a code: every one in both languages.

use crate::{Lang, Text};

/// A value with words in both languages.
pub trait Worded {
    /// The words for it. A code this build does not know is shown by its number, never hidden.
    fn words(&self, lang: Lang) -> String;
}

impl Worded for Text {
    fn words(&self, lang: Lang) -> String {
        self.get(lang).to_owned()
    }
}

/// Words for a code this build does not know.
pub(crate) fn unknown_code(code: u16, lang: Lang) -> String {
    Text::of("未知（代码 {0}）", "unknown (code {0})").fill(lang, &[&code.to_string()])
}

/// Gives words to a coded enumeration: `Variant = "zh", "en"`. A variant without words does not compile.
macro_rules! worded {
    ($( $Type:ty { $( $Variant:ident = $zh:literal, $en:literal; )* } )*) => { $(
        impl $crate::Worded for $Type {
            fn words(&self, lang: $crate::Lang) -> String {
                match self {
                    $( Self::$Variant => $crate::Text::of($zh, $en).get(lang).to_owned(), )*
                    Self::Unknown(code) => $crate::worded::unknown_code(*code, lang),
                }
            }
        }
    )* };
}
pub(crate) use worded;
