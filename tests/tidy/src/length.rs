//! Files a reader can hold: at most 500 lines, functions at most 70, tests apart.

use crate::rust::functions;
use crate::tree::is_test_path;
use crate::{Finding, Sources, Tree};
use std::fmt;

/// The hard stop for a file, in lines without test code.
pub const FILE_LINES_MAX: usize = 500;
/// The hard stop for a function, in lines from its `fn` to its closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;

const OTHER_LANGUAGES: [&str; 4] = [".ts", ".tsx", ".kt", ".swift"];

/// How long the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// How many files were measured.
    pub files: usize,
    /// Half of them are not longer than this.
    pub median: usize,
    /// Nine of ten are not longer than this.
    pub p90: usize,
    /// The longest.
    pub longest: usize,
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            files,
            median,
            p90,
            longest,
        } = self;
        write!(
            f,
            "sizes: {files} files, median {median} lines, p90 {p90}, longest {longest}"
        )
    }
}

/// Judges the length of files and functions.
pub fn check(tree: &Tree, sources: &Sources) -> Vec<Finding> {
    let mut found: Vec<Finding> = file_lines(tree, sources)
        .into_iter()
        .filter(|(_, lines)| *lines > FILE_LINES_MAX)
        .map(|(path, lines)| {
            Finding::at(
                path,
                format!("{lines} lines; a file stops at {FILE_LINES_MAX}"),
                "split it where a reader would look for the second half, one subject a file",
            )
        })
        .collect();
    for file in sources.shipped() {
        let own = functions(&file.source)
            .into_iter()
            .filter(|function| !file.source.is_test(function.at));
        found.extend(
            own.filter(|function| function.lines > FUNCTION_LINES_MAX)
                .map(|function| {
                    Finding::on_line(
                        &file.path,
                        file.source.line_of(function.at),
                        format!(
                            "`{}` has {} lines; a function stops at {FUNCTION_LINES_MAX}",
                            function.name, function.lines
                        ),
                        "give its steps names of their own and call them",
                    )
                }),
        );
    }
    found
}

/// The sizes of all measured files; nothing when there are none.
pub fn sizes(tree: &Tree, sources: &Sources) -> Option<Sizes> {
    let mut lines: Vec<usize> = file_lines(tree, sources)
        .into_iter()
        .map(|(_, lines)| lines)
        .collect();
    lines.sort_unstable();
    let last = lines.len().checked_sub(1)?;
    Some(Sizes {
        files: lines.len(),
        median: lines[last / 2],
        p90: lines[last * 9 / 10],
        longest: lines[last],
    })
}

fn file_lines(tree: &Tree, sources: &Sources) -> Vec<(String, usize)> {
    let rust = sources.shipped().map(|file| {
        (
            file.path.clone(),
            file.source.lines_outside_tests(),
            file.source.text.as_str(),
        )
    });
    let others = tree
        .texts()
        .filter(|(path, _)| OTHER_LANGUAGES.iter().any(|end| path.ends_with(end)) && !is_test_path(path))
        .map(|(path, text)| (path.to_owned(), text.lines().count(), text));
    let measured = rust
        .chain(others)
        .filter(|(path, _, text)| !is_generated(path, text));
    measured.map(|(path, lines, _)| (path, lines)).collect()
}

fn is_generated(path: &str, text: &str) -> bool {
    path.split('/').any(|part| part == "generated")
        || text.lines().take(5).any(|line| line.contains("@generated"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::fixture::one_crate;

    #[test]
    fn long_files_and_functions_are_found_and_tests_are_not() {
        let body = "    x();\n".repeat(80);
        let long = "// line\n".repeat(501);
        let lib =
            format!("fn long() {{\n{body}}}\n#[cfg(test)]\nmod tests {{\nfn also_long() {{\n{body}}}\n}}\n");
        let (tree, _, sources) = one_crate(&[
            ("core/a/src/lib.rs", &lib),
            ("core/a/src/long.rs", &long),
            ("core/a/tests/long.rs", &long),
            ("platform/console/src/long.tsx", &long),
            ("platform/console/tests/long.ts", &long),
            ("bindings/kotlin/src/generated/long.kt", &long),
        ]);
        let places: Vec<_> = check(&tree, &sources)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(
            places,
            [
                "core/a/src/long.rs",
                "platform/console/src/long.tsx",
                "core/a/src/lib.rs:1"
            ]
        );
    }

    #[test]
    fn sizes_are_told() {
        let (tree, _, sources) = one_crate(&[("core/a/src/lib.rs", "a\nb\n"), ("core/a/src/c.rs", "a\n")]);
        assert_eq!(
            sizes(&tree, &sources),
            Some(Sizes {
                files: 2,
                median: 1,
                p90: 1,
                longest: 2
            })
        );
    }
}
