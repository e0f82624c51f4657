//! Public names say what a thing is: no word that says nothing may be part of one.

use crate::rust::{RustItem, public_items};
use crate::{Finding, Sources};

/// Words that say nothing, as they stand in `CamelCase`.
pub const EMPTY_WORDS: &[&str] = &[
    "Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Data", "Info", "Common", "Misc", "New",
];

/// Terms of the architecture and the glossary that hold such a word and say something all the same.
pub const TERMS: &[(&str, &str)] = &[("Data", "Key")];

/// Judges the public names of all Rust files, tests apart.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &sources.files {
        for item in public_items(&file.source)
            .into_iter()
            .filter(|item| !file.source.is_test(item.at))
        {
            if let Some(word) = empty_word(&item) {
                found.push(Finding::on_line(
                    &file.path,
                    file.source.line_of(item.at),
                    format!("the {} `{}` is named `{word}`", item.keyword, item.name),
                    "say what it is or does in the words of docs/glossary.md; a word that fits everything names nothing",
                ));
            }
        }
    }
    found
}

/// The empty word in a name. `new` is fine for a function: it is how Rust names a constructor.
fn empty_word(item: &RustItem) -> Option<&'static str> {
    let words = words(&item.name);
    let is_constructor_word = |word: &str| item.keyword == "fn" && word == "New";
    let is = |at: usize, word: &str| {
        words
            .get(at)
            .is_some_and(|own: &String| own.eq_ignore_ascii_case(word))
    };
    let is_term = |at: usize| {
        TERMS
            .iter()
            .any(|(first, second)| is(at, first) && is(at + 1, second))
    };
    let named = |empty: &str| (0..words.len()).any(|at| is(at, empty) && !is_term(at));
    EMPTY_WORDS
        .iter()
        .copied()
        .find(|empty| named(empty) && !is_constructor_word(empty))
}

/// The words of a `CamelCase` or `snake_case` name.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    for letter in name.chars() {
        let after_lower = words
            .last()
            .and_then(|word| word.chars().last())
            .is_some_and(|last| !last.is_uppercase());
        if letter == '_' || letter.is_uppercase() && after_lower {
            words.push(String::new());
        }
        if let (Some(word), true) = (words.last_mut(), letter != '_') {
            word.push(letter);
        }
    }
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::fixture::one_crate;

    #[test]
    fn empty_words_in_public_names_are_found() {
        let text = "pub struct SyncManager;\npub fn new() {}\npub mod utils {}\npub fn row_info() {}\nstruct Helper;\n\
                    pub struct Metadata;\npub(crate) struct Common;\npub async fn load_data() {}\npub enum NewTask {}\n\
                    pub const MISC_LIMIT: u8 = 1;\n";
        let (_, _, sources) = one_crate(&[("core/a/src/lib.rs", text)]);
        let lines: Vec<_> = check(&sources)
            .iter()
            .map(|finding| finding.place.rsplit(':').next().unwrap().to_owned())
            .collect();
        assert_eq!(lines, ["1", "3", "4", "8", "9", "10"]);
    }

    #[test]
    fn a_term_of_the_architecture_is_no_empty_word() {
        let text = "pub struct DataKey;\npub fn data_key_of() {}\npub struct KeyData;\n";
        let (_, _, sources) = one_crate(&[("core/a/src/lib.rs", text)]);
        let places: Vec<_> = check(&sources).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["core/a/src/lib.rs:3"]);
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("TaskViewId"), ["Task", "View", "Id"]);
        assert_eq!(words("row_info"), ["row", "info"]);
        assert_eq!(words("MAX_DATA"), ["MAX", "DATA"]);
    }
}
