//! Everything that can go wrong, as three short parts: what happened, what it means for the record, what to do.

mod enroll;
mod field;
mod keys;
mod link;
mod park;
mod sync;
mod waiting;

pub use enroll::{enroll_advice, ticket_advice};
pub use field::{field_advice, input_advice, not_found_advice, task_not_now};
pub use keys::AdviceKey;
pub use link::{link_advice, refusal_advice};
pub use park::park_advice;
pub use sync::sync_advice;
pub use waiting::waiting_advice;

use crate::{Lang, Text};

/// What a person is told when something did not go as asked. None of it blames, none of it says more than is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// A stable snake_case name of what happened, for scripts and tests.
    pub code: String,
    /// What happened.
    pub happened: String,
    /// What it means for the record.
    pub meaning: String,
    /// What to do.
    pub next: String,
}

impl Advice {
    /// The advice under a key, with what is filled in.
    pub fn of(key: AdviceKey, fillings: &[&str], lang: Lang) -> Self {
        let [happened, meaning, next] = key.texts().map(|text| text.fill(lang, fillings));
        Self {
            code: key.code().to_owned(),
            happened: capital(&happened),
            meaning,
            next,
        }
    }

    /// Words for what happened joined with what they mean here and what to do.
    fn made(code: impl Into<String>, happened: &str, meaning: Text, next: Text, lang: Lang) -> Self {
        Self {
            code: code.into(),
            happened: capital(happened),
            meaning: meaning.get(lang).to_owned(),
            next: next.get(lang).to_owned(),
        }
    }
}

/// English sentences begin with a capital letter; Chinese ones stay as they are.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + letters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{is_chinese, is_english};

    pub(super) fn is_whole(advice: impl Fn(Lang) -> Advice) {
        let (zh, en) = (advice(Lang::Zh), advice(Lang::En));
        for part in [&zh.happened, &zh.meaning, &zh.next] {
            assert!(is_chinese(part), "{}: {part}", zh.code);
            assert!(part.chars().count() <= 60, "{}: {part} is long", zh.code);
        }
        for part in [&en.happened, &en.meaning, &en.next] {
            assert!(is_english(part), "{}: {part}", en.code);
            assert!(!part.ends_with('.'), "{}: {part}", en.code);
        }
        assert_eq!(zh.code, en.code);
    }

    #[test]
    fn every_key_has_three_parts_in_both_languages() {
        let mut codes = std::collections::BTreeSet::new();
        for key in AdviceKey::ALL {
            assert!(codes.insert(key.code()), "{key:?}: a code names one thing");
            is_whole(|lang| Advice::of(*key, &["x", "9"], lang));
        }
    }

    #[test]
    fn nobody_is_blamed() {
        for text in AdviceKey::ALL.iter().flat_map(|key| key.texts()) {
            for word in ["你错", "错误", "违规操作", "非法", "失败"] {
                assert!(!text.zh.contains(word), "{}", text.zh);
            }
            for word in ["illegal", "invalid", "failed", "wrong!", "you must"] {
                assert!(!text.en.to_lowercase().contains(word), "{}", text.en);
            }
        }
    }
}
