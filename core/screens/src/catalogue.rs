//! Catalogues of texts under typed keys.

/// Declares a catalogue: an enumeration whose every key has a text in both languages, `Key = "zh", "en"`, with `{0}`,
/// `{1}` for what is filled in.
#[macro_export]
macro_rules! catalogue {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $( $Key:ident = $zh:literal, $en:literal; )* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $Name { $( #[doc = $en] $Key, )* }

        impl $Name {
            /// Every key.
            pub const ALL: &[Self] = &[ $( Self::$Key ),* ];

            /// The text under this key.
            pub const fn text(self) -> $crate::Text {
                match self { $( Self::$Key => $crate::Text::of($zh, $en), )* }
            }

            /// The text in this language, nothing filled in.
            pub const fn get(self, lang: $crate::Lang) -> &'static str {
                self.text().get(lang)
            }

            /// The text in this language, its places filled in.
            pub fn fill(self, lang: $crate::Lang, fillings: &[&str]) -> String {
                self.text().fill(lang, fillings)
            }
        }
    };
}
