//! The public names of a file.

use super::Source;
use super::scan::word_after;

const KEYWORDS: [&str; 9] = [
    "struct", "enum", "union", "trait", "type", "fn", "mod", "const", "static",
];
const MODIFIERS: [&str; 4] = ["unsafe", "async", "extern", "mut"];

/// A public item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RustItem {
    /// What it is: `struct`, `fn` and so on.
    pub keyword: String,
    /// Its name.
    pub name: String,
    /// The byte of its `pub`.
    pub at: usize,
}

/// All items that say `pub`, without those that say `pub(crate)`.
pub fn public_items(source: &Source) -> Vec<RustItem> {
    source
        .positions("pub")
        .into_iter()
        .filter_map(|at| item(&source.code, at))
        .collect()
}

fn item(code: &str, at: usize) -> Option<RustItem> {
    let mut from = at + "pub".len();
    let mut keyword = String::new();
    loop {
        let word = word_after(code, from);
        let is_modifier = MODIFIERS.contains(&word.as_str()) || word == "fn" && keyword == "const";
        if KEYWORDS.contains(&word.as_str()) && (keyword.is_empty() || is_modifier) {
            keyword.clone_from(&word);
        } else if !is_modifier {
            let named = !keyword.is_empty() && !word.is_empty();
            return named.then_some(RustItem {
                keyword,
                name: word,
                at,
            });
        }
        from = code[from..]
            .find(word.as_str())
            .map(|offset| from + offset + word.len())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_items_are_told_with_their_kind() {
        let text = "pub struct A;\npub(crate) struct B;\npub const fn c() {}\npub unsafe async fn d() {}\n\
                    pub const E: u8 = 1;\npub use f::G;\nstruct H { pub i: u8 }\npub extern \"C\" fn j() {}";
        let items = public_items(&Source::read(text));
        let named: Vec<_> = items
            .iter()
            .map(|item| (item.keyword.as_str(), item.name.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("struct", "A"),
                ("fn", "c"),
                ("fn", "d"),
                ("const", "E"),
                ("fn", "j")
            ]
        );
    }
}
