//! A sentence for a person, in both languages of the platform: what happened, and what to do.

use std::fmt;

/// One plain sentence in Chinese and in English.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// The same thing said twice.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// The one for this language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// English, for logs and for whoever asks without a language.
impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// The language in which the terminal speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language of a locale name such as `zh_CN.UTF-8`; English for all that is not Chinese.
    pub fn of_locale(name: &str) -> Self {
        if name.starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_locale_reads_chinese() {
        let sentence = Sentence::new("端口被占用", "the port is taken");
        assert_eq!(
            sentence.in_language(Language::of_locale("zh_CN.UTF-8")),
            "端口被占用"
        );
        assert_eq!(
            sentence.in_language(Language::of_locale("C.UTF-8")),
            "the port is taken"
        );
    }
}
