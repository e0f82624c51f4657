//! Items found in blanked code: test ranges, functions, module lines.

use super::{Source, is_word};
use std::ops::Range;

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The byte of its `fn`.
    pub at: usize,
    /// Lines from its `fn` to its closing brace.
    pub lines: usize,
}

/// A `mod name;` that names another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleLine {
    /// The names of the inline modules around it, outermost first.
    pub around: Vec<String>,
    /// The module's name.
    pub name: String,
    /// The file that a `#[path = "…"]` names.
    pub path: Option<String>,
    /// Whether it is only there in tests.
    pub is_test: bool,
}

/// An `include!("…")` of another Rust file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// The path as written.
    pub path: String,
}

/// The byte ranges of items that only tests are built with: below `#[cfg(test)]`, `#[test]` and their like.
pub fn test_ranges(code: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, _) in code.match_indices('#') {
        if ranges.last().is_some_and(|range| range.contains(&at)) {
            continue;
        }
        let inner = code[at + 1..].starts_with('!');
        let open = at + 1 + usize::from(inner);
        if !code[open..].starts_with('[') || !is_test_attribute(&code[open..bracket_end(code, open)]) {
            continue;
        }
        ranges.push(if inner {
            0..code.len()
        } else {
            at..item_end(code, bracket_end(code, open))
        });
    }
    ranges
}

fn is_test_attribute(attribute: &str) -> bool {
    let plain: String = attribute
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '[' | ']'))
        .collect();
    let names_test = plain
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word == "test");
    let conditional = plain.starts_with("cfg(");
    names_test
        && !plain.contains("not(test")
        && (conditional || plain.split('(').next().is_some_and(|p| p.ends_with("test")))
}

/// The byte after the item that starts at or after `from`: past its body, its `;`, or at the end of what holds it.
fn item_end(code: &str, from: usize) -> usize {
    let bytes = code.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => return bracket_end(code, at),
            b'(' | b'[' => at = bracket_end(code, at),
            b';' => return at + 1,
            b'}' | b')' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The byte after the bracket that closes the one at `open`.
fn bracket_end(code: &str, open: usize) -> usize {
    let mut depth = 0usize;
    for (at, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}

/// The functions that have a body, outside and inside tests.
pub fn functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let mut found = Vec::new();
    for at in source.positions("fn") {
        let name = word_after(code, at + 2);
        if name.is_empty() {
            continue;
        }
        let end = item_end(code, at);
        if code[..end].ends_with('}') {
            let lines = source.line_of(end - 1) - source.line_of(at) + 1;
            found.push(Function { name, at, lines });
        }
    }
    found
}

/// The name that follows, after spaces; empty when none does.
pub(crate) fn word_after(code: &str, from: usize) -> String {
    let rest = code[from..].trim_start();
    let end = rest.bytes().position(|byte| !is_word(byte)).unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// The `mod name;` lines, with the inline modules around them.
pub fn module_lines(source: &Source) -> Vec<ModuleLine> {
    let code = &source.code;
    let mut inline: Vec<(String, Range<usize>)> = Vec::new();
    let mut found = Vec::new();
    for at in source.positions("mod") {
        let name = word_after(code, at + 3);
        let Some(offset) = code[at..].find(['{', ';']) else {
            continue;
        };
        let head = at + offset;
        if name.is_empty() || !code[at + 3..head].trim().eq(&name) {
            continue;
        }
        if code[head..].starts_with('{') {
            inline.push((name, head..bracket_end(code, head)));
            continue;
        }
        let around = inline
            .iter()
            .filter(|(_, body)| body.contains(&at))
            .map(|(name, _)| name.clone())
            .collect();
        let start = code[..at].rfind([';', '{', '}']).map_or(0, |at| at + 1);
        found.push(ModuleLine {
            around,
            name,
            path: path_attribute(source, start..at),
            is_test: source.is_test(at),
        });
    }
    found
}

fn path_attribute(source: &Source, attributes: Range<usize>) -> Option<String> {
    let at = source
        .positions("path")
        .into_iter()
        .find(|at| attributes.contains(at))?;
    literal(&source.text[at..attributes.end])
}

/// The first plain literal in a text, without its quotes.
fn literal(text: &str) -> Option<String> {
    text.split('"').nth(1).map(str::to_owned)
}

/// The files that `include!` takes in by a plain path.
pub fn includes(source: &Source) -> Vec<Include> {
    let calls = source.positions("include!").into_iter().map(|at| {
        let open = at + "include!".len();
        (
            &source.text[open..bracket_end(&source.code, open)],
            &source.code[open..bracket_end(&source.code, open)],
        )
    });
    calls
        .filter(|(_, code)| code.bytes().all(|byte| !is_word(byte)))
        .filter_map(|(text, _)| Some(Include { path: literal(text)? }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_items_are_ranges_and_shipped_ones_are_not() {
        let code = "fn a() {}\n#[cfg(test)]\nmod t { fn b() {} }\n#[cfg(not(test))]\nfn c() {}\n#[tokio::test]\nfn d() {}";
        let source = Source::read(code);
        let in_tests: Vec<bool> = functions(&source).iter().map(|f| source.is_test(f.at)).collect();
        assert_eq!(in_tests, [false, true, false, true]);
    }

    #[test]
    fn a_function_is_measured_from_its_name_to_its_brace() {
        let source = Source::read(
            "trait T {\n    fn x(&self);\n}\nfn y(\n    a: [u8; 2],\n) {\n    if a { }\n}\ntype F = fn(u8);",
        );
        let found: Vec<_> = functions(&source)
            .into_iter()
            .map(|f| (f.name, f.lines))
            .collect();
        assert_eq!(found, [("y".to_owned(), 5)]);
    }

    #[test]
    fn module_lines_know_their_place() {
        let source = Source::read(
            "mod a;\npub mod b {\n    #[path = \"other.rs\"]\n    mod c;\n}\n#[cfg(test)]\nmod tests;\ninclude!(\"d.rs\");\ninclude!(concat!(x));",
        );
        let lines = module_lines(&source);
        assert_eq!(
            (lines[0].name.as_str(), lines[0].around.len(), lines[0].is_test),
            ("a", 0, false)
        );
        assert_eq!(lines[1].path.as_deref(), Some("other.rs"));
        assert_eq!(lines[1].around, ["b"]);
        assert!(lines[2].is_test);
        assert_eq!(
            includes(&source),
            [Include {
                path: "d.rs".to_owned()
            }]
        );
    }
}
