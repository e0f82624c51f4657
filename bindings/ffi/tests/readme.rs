//! What the READMEs show of an app exists: every call on the book, every argument it names, every field of a draft.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// One `name(…)` of a snippet: the names of its arguments; those without a name are left out.
struct Call {
    name: String,
    labels: Vec<String>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source of the surface, one after the other.
fn surface() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let entries = fs::read_dir(folder).expect("the sources");
    let files = entries.map(|entry| entry.expect("an entry").path());
    files
        .filter(|path| path.is_file())
        .map(|path| fs::read_to_string(path).expect("a source"))
        .collect()
}

/// The fenced blocks of a language in a page.
fn blocks(page: &str, language: &str) -> String {
    let fence = format!("```{language}\n");
    let parts = page.split(&fence).skip(1);
    parts.filter_map(|part| part.split("```").next()).collect()
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// What stands between a parenthesis, just opened, and its own end.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &text[..end.expect("a closed parenthesis")]
}

/// Arguments apart: a comma inside a parenthesis parts nothing.
fn arguments(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .collect()
}

/// The calls whose name follows `before`, with the labels that `sign` ends.
fn calls(text: &str, before: &str, sign: char) -> Vec<Call> {
    let mut found = Vec::new();
    for rest in text.split(before).skip(1) {
        let Some((name, rest)) = rest.split_once('(') else {
            continue;
        };
        if !name.chars().all(char::is_alphanumeric) {
            continue;
        }
        let labels = arguments(inside(rest)).into_iter().filter_map(|argument| {
            let (label, _) = argument.split_once(sign)?;
            let label = label.trim();
            label.chars().all(char::is_alphanumeric).then(|| snake(label))
        });
        found.push(Call {
            name: snake(name),
            labels: labels.collect(),
        });
    }
    found
}

/// What follows `head` up to `end`.
fn between<'a>(surface: &'a str, head: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = surface.split_once(head)?;
    rest.split(end).next()
}

fn judge(page: &str, language: &str, sign: char) -> usize {
    let text = fs::read_to_string(root().join(page)).expect("a README");
    let (snippet, surface) = (blocks(&text, language), surface());
    let mut judged = 0;
    for before in ["book.", "FieldBook."] {
        for call in calls(&snippet, before, sign) {
            let head = format!("pub fn {}(", call.name);
            let taken = between(&surface, &head, "->");
            let taken =
                taken.unwrap_or_else(|| panic!("{page}, {language}: no {} in bindings/ffi", call.name));
            for label in &call.labels {
                let known = taken.contains(&format!("{label}: "));
                assert!(known, "{page}, {language}: {} takes no {label}", call.name);
            }
            judged += 1;
        }
    }
    for record in ["CountDraft", "Budget"] {
        for call in calls(&snippet.replace(record, &format!("¶{record}")), "¶", sign) {
            let fields = between(&surface, &format!("pub struct {record} {{"), "\n}").expect("a record");
            for label in &call.labels {
                let known = fields.contains(&format!("pub {label}: "));
                assert!(known, "{page}, {language}: {record} has no field {label}");
            }
            judged += 1;
        }
    }
    judged
}

#[test]
fn every_call_that_the_readmes_show_exists_with_its_arguments() {
    for page in ["README.md", "README.zh-CN.md"] {
        // accept, count, tasks, sync, open; CountDraft, Budget.
        assert_eq!(judge(page, "kotlin", '='), 7, "{page}");
        // accept, count, tasks, open; CountDraft.
        assert_eq!(judge(page, "swift", ':'), 5, "{page}");
    }
}
