//! The files of the repository, read once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Folders that hold what tools made, for a tree that git cannot list.
const MADE_BY_TOOLS: [&str; 6] = [".git", "target", "node_modules", "dist", "build", "test-results"];

/// Every file that belongs to the repository: path from its root (with `/`) and bytes.
///
/// Git says what belongs: tracked files and new ones that no ignore rule names, so that a rule fires before the commit.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// Reads the repository at `root`. A file that was deleted but is still in git's index is left out.
    pub fn open(root: &Path) -> io::Result<Self> {
        let paths = match listed_by_git(root) {
            Some(paths) => paths,
            None => walked(root)?,
        };
        let mut files = BTreeMap::new();
        for path in paths {
            let full = root.join(&path);
            if full.is_file() {
                files.insert(path, std::fs::read(full)?);
            }
        }
        Ok(Self { files })
    }

    /// A tree of given paths and texts: the fixtures of the tests.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect();
        Self { files }
    }

    /// All paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The bytes of a file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The text of a file; nothing when it is not there or is not UTF-8.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.bytes(path).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// All text files, with their paths.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.paths().filter_map(|path| Some((path, self.text(path)?)))
    }
}

fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()?;
    let listing = String::from_utf8(output.stdout).ok()?;
    let paths: Vec<String> = listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    (output.status.success() && !paths.is_empty()).then_some(paths)
}

fn walked(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_dir() {
                if !MADE_BY_TOOLS.contains(&name.as_str()) {
                    folders.push(entry.path());
                }
            } else if let Ok(path) = entry.path().strip_prefix(root) {
                found.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

/// Whether a path is a test's: below a folder `tests`, `benches` or `e2e`.
pub(crate) fn is_test_path(path: &str) -> bool {
    path.split('/')
        .rev()
        .skip(1)
        .any(|folder| matches!(folder, "tests" | "benches" | "e2e" | "test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_named_tests_marks_what_is_below_it() {
        assert!(is_test_path("tests/e2e/src/main.rs"));
        assert!(is_test_path("core/store/tests/open.rs"));
        assert!(!is_test_path("core/store/src/tests.rs"));
    }

    #[test]
    fn a_tree_without_git_is_walked_without_what_tools_made() {
        let root = std::env::temp_dir().join(format!("grid-tidy-walk-{}", std::process::id()));
        std::fs::create_dir_all(root.join("core/target")).unwrap();
        std::fs::write(root.join("core/a.rs"), "").unwrap();
        std::fs::write(root.join("core/target/b.rs"), "").unwrap();
        let found = walked(&root);
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(found.unwrap(), ["core/a.rs"]);
    }
}
