//! The pages tell the truth of the surface: `docs/api.md` names every call, and what the READMEs show is what the packages' own
//! tests compile and run.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names of everything that crosses the border: what follows `#[uniffi::export` up to the end of its item.
fn exported() -> BTreeSet<String> {
    let folder = root().join("bindings/ffi/src");
    let entries = fs::read_dir(folder).expect("the sources");
    let mut names = BTreeSet::new();
    for entry in entries {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a source");
        for item in text.split("#[uniffi::export").skip(1) {
            let item = item.split("\n}\n").next().unwrap_or_default();
            for line in item.lines() {
                let line = line.trim_start();
                let head = line.strip_prefix("pub fn ").or_else(|| line.strip_prefix("fn "));
                if let Some((name, _)) = head.and_then(|head| head.split_once('(')) {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names
}

#[test]
fn every_call_is_on_the_page() {
    let page = read("docs/api.md");
    let told: BTreeSet<&str> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .map(|name| name.rsplit('.').next().unwrap_or(name))
        .collect();
    let exported = exported();
    assert!(exported.len() > 60, "{} calls", exported.len());
    let missing: Vec<_> = exported
        .iter()
        .filter(|name| !told.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "docs/api.md does not tell of {missing:?}");
}

/// What an app implements, and what the runners do by steps of their own.
const NO_CALL_STEP: [(&str, &str); 11] = [
    ("open", "\"do\": \"open\""),
    ("recover", "\"do\": \"recover\""),
    ("new", "\"do\": \"new_token\""),
    ("set_log", "\"do\": \"set_log\""),
    ("log", "\"do\": \"set_log\""),
    ("wrap", "\"keys\": "),
    ("unwrap", "\"keys\": "),
    ("now", "\"clock\": "),
    ("on_progress", "\"fake\": \"progress\""),
    ("send", "\"script\": "),
    ("authority", "\"http\": \"platform\""),
];

#[test]
fn every_call_is_in_a_case_of_the_contract() {
    let folder = root().join("tests/contract/cases");
    let cases: String = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| fs::read_to_string(entry.expect("an entry").path()).expect("a case"))
        .collect();
    let missing: Vec<_> = exported()
        .into_iter()
        .filter(|name| {
            let step = NO_CALL_STEP.iter().find(|(known, _)| known == name);
            let step = step.map_or(format!("\"call\": \"{name}\""), |(_, step)| (*step).to_owned());
            !cases.contains(&step)
        })
        .collect();
    assert!(missing.is_empty(), "no case of tests/contract has {missing:?}");
}

/// What stands between the marks of a tested file, its indentation taken off.
fn snippet(path: &str) -> String {
    let text = read(path);
    let mut lines: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("README:begin"))
        .skip(1)
        .take_while(|line| !line.contains("README:end"))
        .collect();
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let indent = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines: Vec<_> = lines
        .iter()
        .map(|line| line.get(indent..).unwrap_or(""))
        .collect();
    lines.join("\n")
}

/// The first fenced block of a language in a page.
fn block(page: &str, language: &str) -> String {
    let text = read(page);
    let (_, rest) = text
        .split_once(&format!("```{language}\n"))
        .unwrap_or_else(|| panic!("{page} shows no {language}"));
    rest.split("\n```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_readmes_show_what_the_packages_compile_and_run() {
    for (language, file) in [
        (
            "kotlin",
            "bindings/kotlin/src/test/kotlin/cn/gridfieldbook/Readme.kt",
        ),
        ("swift", "bindings/swift/Tests/FieldBookTests/Readme.swift"),
        ("python", "bindings/python/tests/readme_snippet.py"),
    ] {
        let snippet = snippet(file);
        let lines = snippet.lines().count();
        assert!((12..=24).contains(&lines), "{file} shows {lines} lines");
        for page in ["README.md", "README.zh-CN.md"] {
            assert_eq!(
                block(page, language),
                snippet,
                "{page}, {language}: copy it from {file}"
            );
        }
    }
}
