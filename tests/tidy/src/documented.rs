//! Every public name of the packages says what holds: KDoc in Kotlin, DocC in Swift, docstrings in Python. The generated names have
//! theirs from Rust, where the compiler asks for them.

use crate::{Finding, Tree};

/// One language: the files of its package and which of their lines name something public that says nothing.
struct Language {
    folder: &'static str,
    extension: &'static str,
    silent: fn(&[&str]) -> Vec<usize>,
    fix: &'static str,
}

const LANGUAGES: [Language; 3] = [
    Language {
        folder: "bindings/kotlin/src/main/",
        extension: ".kt",
        silent: kotlin,
        fix: "write `/** … */` above it: what holds, then units and errors",
    },
    Language {
        folder: "bindings/swift/Sources/FieldBook/",
        extension: ".swift",
        silent: swift,
        fix: "write `/// …` above it: what holds, then units and errors",
    },
    Language {
        folder: "bindings/python/src/",
        extension: ".py",
        silent: python,
        fix: "write a docstring below it: what holds, then units and errors",
    },
];

/// Finds public names of the packages that say nothing.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts() {
        let language = LANGUAGES
            .iter()
            .find(|language| path.starts_with(language.folder) && path.ends_with(language.extension));
        let Some(language) = language else { continue };
        let lines: Vec<_> = text.lines().collect();
        let silent = (language.silent)(&lines).into_iter();
        found.extend(silent.map(|index| {
            Finding::on_line(
                path,
                index + 1,
                "a public name says nothing of itself",
                language.fix,
            )
        }));
    }
    found
}

/// Names are public by their word; the end of a KDoc stands above them.
fn kotlin(lines: &[&str]) -> Vec<usize> {
    let mut silent = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let words = line.trim_start();
        let named = words
            .strip_prefix('@')
            .map_or(words, |rest| rest.split_once(' ').map_or("", |(_, rest)| rest));
        if named.starts_with("public ") && !is_kdoc(lines, index) {
            silent.push(index);
        }
    }
    silent
}

/// Whether what ends above this line is a KDoc with words in it.
fn is_kdoc(lines: &[&str], index: usize) -> bool {
    let end = above(lines, index);
    let before = lines.iter().take(index).rev().map(|line| line.trim());
    let begin = before
        .into_iter()
        .find(|line| line.starts_with("/*"))
        .unwrap_or_default();
    end.ends_with("*/") && begin.starts_with("/**") && begin != "/** */"
}

/// Names are public by their word, and the cases of a public enumeration with it; a line of DocC stands above them.
fn swift(lines: &[&str]) -> Vec<usize> {
    let (mut silent, mut in_enumeration) = (Vec::new(), false);
    for (index, line) in lines.iter().enumerate() {
        let words = line.trim_start();
        in_enumeration = *line != "}" && (in_enumeration || line.starts_with("public enum "));
        let is_named = words.starts_with("public ") && !words.starts_with("public extension ");
        let is_case = in_enumeration && line.starts_with("    case ");
        if (is_named || is_case) && !above(lines, index).starts_with("///") {
            silent.push(index);
        }
    }
    silent
}

/// The line above one that is no attribute or annotation.
fn above<'a>(lines: &[&'a str], index: usize) -> &'a str {
    let before = lines.iter().take(index).rev().map(|line| line.trim());
    before
        .into_iter()
        .find(|line| !line.starts_with('@'))
        .unwrap_or_default()
}

/// Names are public without an underscore, at the top and in public classes; a docstring stands below their last line.
fn python(lines: &[&str]) -> Vec<usize> {
    let (mut silent, mut in_public_class) = (Vec::new(), false);
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = defined(line) else { continue };
        let is_top = !line.starts_with(' ');
        if is_top {
            in_public_class = line.starts_with("class ") && !name.starts_with('_');
        }
        let is_overload = above_of_any_kind(lines, index).ends_with("overload");
        let is_public = !is_overload
            && !name.starts_with('_')
            && (is_top || in_public_class && line.starts_with("    ") && !line.starts_with("     "));
        let from_here = lines.iter().skip(index);
        let after = from_here.skip_while(|line| !code(line).ends_with(':')).nth(1);
        let is_told = after.is_some_and(|line| line.trim_start().starts_with("\"\"\""));
        if is_public && (has_its_body(line) || !is_told) {
            silent.push(index);
        }
    }
    silent
}

/// A line of Python without what is said beside it.
fn code(line: &str) -> &str {
    line.split_once("  #").map_or(line, |(code, _)| code).trim_end()
}

/// A definition with its body on the same line has no room for a docstring.
fn has_its_body(line: &str) -> bool {
    [": ...", ": pass"].iter().any(|body| code(line).ends_with(body))
}

fn above_of_any_kind<'a>(lines: &[&'a str], index: usize) -> &'a str {
    index
        .checked_sub(1)
        .and_then(|before| lines.get(before))
        .copied()
        .unwrap_or_default()
        .trim()
}

/// What a line of Python begins to define.
fn defined(line: &str) -> Option<&str> {
    let words = line.trim_start();
    let words = words.strip_prefix("async ").unwrap_or(words);
    let rest = words
        .strip_prefix("def ")
        .or_else(|| words.strip_prefix("class "))?;
    rest.split(['(', ':', '[']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<String> {
        let tree = Tree::of(&[(path, text)]);
        check(&tree).into_iter().map(|finding| finding.place).collect()
    }

    #[test]
    fn a_silent_name_of_kotlin_is_found() {
        let text = "/** A book. */\n@Stable\npublic class Book {\n    public fun close() {}\n    internal fun free() {}\n    \
                    @JvmStatic public fun open() {}\n    /* Aside. */\n    public val size: Int = 0\n}\n";
        let path = "bindings/kotlin/src/main/kotlin/Book.kt";
        assert_eq!(places(path, text), [4, 6, 8].map(|line| format!("{path}:{line}")));
        assert!(places("bindings/kotlin/src/test/kotlin/Book.kt", text).is_empty());
    }

    #[test]
    fn a_silent_name_of_swift_is_found_and_so_is_a_case() {
        let text = "/// Errors.\npublic enum Oops {\n    /// Closed.\n    case closed\n    case full\n}\npublic extension Oops {\n    \
                    /// Why.\n    @inlinable\n    public var why: String {\n        switch self {\n        case .full: \"\"\n        }\n    }\n    public init()\n}\n";
        let path = "bindings/swift/Sources/FieldBook/Oops.swift";
        assert_eq!(places(path, text), [format!("{path}:5"), format!("{path}:15")]);
    }

    #[test]
    fn a_silent_name_of_python_is_found_below_a_long_signature_too() {
        let text = "class Book:\n    \"\"\"A book.\"\"\"\n\n    async def count(\n        self,\n    ) -> None:\n        pass\n\n    def _own(self):\n        pass\n\n\
                    class _Hidden:\n    def seen(self):\n        pass\n\ndef told():  # noqa\n    \"\"\"Told.\"\"\"\n\n\
                    @overload\ndef seen(): ...\n\ndef bare(): ...\n\"\"\"No docstring of it.\"\"\"\n";
        let path = "bindings/python/src/grid_fieldbook/book.py";
        assert_eq!(places(path, text), [format!("{path}:4"), format!("{path}:22")]);
    }
}
