//! The two languages, and a text that is written in both.

/// The language a screen speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language of a locale name such as `zh_CN.UTF-8`; English for everything that is not Chinese.
    pub fn of_locale(locale: &str) -> Self {
        if locale.trim().to_ascii_lowercase().starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// One of two values, by language.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }
}

/// One text in both languages; `{0}`, `{1}` stand for what is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Text {
    /// The same thing said twice.
    pub const fn of(zh: &'static str, en: &'static str) -> Self {
        Self { zh, en }
    }

    /// The text of this language, nothing filled in.
    pub const fn get(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }

    /// The text of this language with its places filled in one pass: what is filled in is never read as a place itself.
    pub fn fill(self, lang: Lang, fillings: &[&str]) -> String {
        let mut rest = self.get(lang);
        let mut filled = String::with_capacity(rest.len());
        while let Some(at) = rest.find('{') {
            let (before, place) = rest.split_at(at);
            filled.push_str(before);
            let number = place.get(1..2).and_then(|digit| digit.parse::<usize>().ok());
            match number
                .filter(|_| place.get(2..3) == Some("}"))
                .and_then(|n| fillings.get(n))
            {
                Some(filling) => {
                    filled.push_str(filling);
                    rest = &place[3..];
                }
                None => {
                    filled.push('{');
                    rest = &place[1..];
                }
            }
        }
        filled.push_str(rest);
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_names_its_language() {
        for zh in ["zh_CN.UTF-8", "zh", "ZH_TW", " zh-Hans"] {
            assert_eq!(Lang::of_locale(zh), Lang::Zh, "{zh}");
        }
        for en in ["", "C.UTF-8", "en_GB", "de_DE", "POSIX"] {
            assert_eq!(Lang::of_locale(en), Lang::En, "{en}");
        }
    }

    #[test]
    fn a_filling_is_never_read_as_a_place() {
        let text = Text::of("甲{0}乙{1}丙", "a{1}b{0}c");
        assert_eq!(text.fill(Lang::Zh, &["{1}", "x"]), "甲{1}乙x丙");
        assert_eq!(text.fill(Lang::En, &["{1}", "x"]), "axb{1}c");
        // A place without a filling stays readable instead of panicking.
        assert_eq!(Text::of("剩{0", "left {9}{").fill(Lang::Zh, &["x"]), "剩{0");
        assert_eq!(Text::of("剩{0", "left {9}{").fill(Lang::En, &["x"]), "left {9}{");
    }
}
