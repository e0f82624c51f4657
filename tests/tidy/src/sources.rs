//! The Rust files of the tree, each read once, with the files that targets reach.

use crate::rust::{Source, includes, module_lines};
use crate::tree::is_test_path;
use crate::{Tree, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// One Rust file.
#[derive(Debug, Clone)]
pub struct RustFile {
    /// Its path from the root.
    pub path: String,
    /// Its text, ready for the rules.
    pub source: Source,
    /// Whether only tests are built with it: below a tests folder, or named by a `#[cfg(test)] mod`.
    pub is_test: bool,
    /// Whether some target is built with it.
    pub is_reached: bool,
}

/// The Rust files of a tree, in order of their paths.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// All of them.
    pub files: Vec<RustFile>,
}

impl Sources {
    /// Reads all Rust files and follows `mod` lines from the roots of all targets.
    pub fn read(tree: &Tree, workspace: &Workspace) -> Self {
        let texts = tree.texts().filter(|(path, _)| path.ends_with(".rs"));
        let sources: BTreeMap<&str, Source> = texts.map(|(path, text)| (path, Source::read(text))).collect();
        let roots: BTreeSet<&str> = workspace
            .members
            .iter()
            .flat_map(|member| &member.target_roots)
            .map(String::as_str)
            .collect();
        let mut reached: BTreeMap<String, bool> = BTreeMap::new();
        for root in &roots {
            follow(root, true, is_test_path(root), &sources, &mut reached);
        }
        let files = sources
            .iter()
            .map(|(path, source)| RustFile {
                path: (*path).to_owned(),
                source: source.clone(),
                is_test: is_test_path(path) || reached.get(*path) == Some(&true),
                is_reached: reached.contains_key(*path),
            })
            .collect();
        Self { files }
    }

    /// The files whose code is shipped.
    pub fn shipped(&self) -> impl Iterator<Item = &RustFile> {
        self.files.iter().filter(|file| !file.is_test)
    }
}

/// Marks a file and what it names as reached; a file that shipped code reaches is not a test's.
fn follow(
    path: &str,
    owns_folder: bool,
    is_test: bool,
    sources: &BTreeMap<&str, Source>,
    reached: &mut BTreeMap<String, bool>,
) {
    let Some(source) = sources.get(path) else { return };
    if reached.get(path).is_some_and(|known| !known || is_test) {
        return;
    }
    reached.insert(path.to_owned(), is_test);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rs");
    let own = if owns_folder || stem == "mod" {
        folder.to_owned()
    } else {
        join(folder, stem)
    };
    for line in module_lines(source) {
        let below = line
            .around
            .iter()
            .fold(own.clone(), |folder, name| join(&folder, name));
        let test = is_test || line.is_test;
        match &line.path {
            Some(named) => {
                let base = if line.around.is_empty() {
                    folder
                } else {
                    below.as_str()
                };
                follow(&join(base, named), true, test, sources, reached);
            }
            None => {
                follow(
                    &join(&below, &format!("{}.rs", line.name)),
                    false,
                    test,
                    sources,
                    reached,
                );
                follow(
                    &join(&below, &format!("{}/mod.rs", line.name)),
                    true,
                    test,
                    sources,
                    reached,
                );
            }
        }
    }
    for include in includes(source) {
        follow(&join(folder, &include.path), true, is_test, sources, reached);
    }
}

/// Joins two paths and takes `.` and `..` out of them.
fn join(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::Member;

    /// A workspace of one crate `grid-a` in `core/a`, over the given files.
    pub(crate) fn one_crate(files: &[(&str, &str)]) -> (Tree, Workspace, Sources) {
        let member = Member {
            package: "grid-a".to_owned(),
            folder: "core/a".to_owned(),
            target_roots: vec!["core/a/src/lib.rs".to_owned()],
            dependencies: Vec::new(),
        };
        let (tree, workspace) = (
            Tree::of(files),
            Workspace {
                members: vec![member],
            },
        );
        let sources = Sources::read(&tree, &workspace);
        (tree, workspace, sources)
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::one_crate;
    use super::*;

    #[test]
    fn module_lines_are_followed_through_folders_paths_and_includes() {
        let (_, _, sources) = one_crate(&[
            (
                "core/a/src/lib.rs",
                "mod b;\n#[path = \"../gen/c.rs\"]\nmod c;\n#[cfg(test)]\nmod t;",
            ),
            ("core/a/src/b.rs", "mod d;\ninclude!(\"e.rs\");"),
            ("core/a/src/b/d.rs", ""),
            ("core/a/src/e.rs", ""),
            ("core/a/gen/c.rs", ""),
            ("core/a/src/t.rs", ""),
        ]);
        assert!(sources.files.iter().all(|file| file.is_reached));
        let tests: Vec<&str> = sources
            .files
            .iter()
            .filter(|f| f.is_test)
            .map(|f| f.path.as_str())
            .collect();
        assert_eq!(tests, ["core/a/src/t.rs"]);
    }

    #[test]
    fn paths_join_without_dots() {
        assert_eq!(join("core/a/src", "../gen/./c.rs"), "core/a/gen/c.rs");
    }
}
