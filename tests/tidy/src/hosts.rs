//! The tree builds anywhere: no registry host and no path of one machine is written into it.

use crate::{Finding, Tree};

/// Registry hosts. They are put together here so that this file does not hold them.
const HOSTS: &[&str] = &[
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("github.com/rust-lang/crates", ".io-index"),
    concat!("registry.npmjs", ".org"),
    concat!("registry.yarnpkg", ".com"),
    concat!("repo1.maven", ".org"),
    concat!("repo.maven.apache", ".org"),
    concat!("files.pythonhosted", ".org"),
    concat!("pypi", ".org"),
    concat!("deb.debian", ".org"),
];

/// Folders of the machines this was written on.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// The one line that cargo writes itself into its lock file.
const CARGO_WRITES: &str = concat!(
    "source = \"registry+https://github.com/rust-lang/crates",
    ".io-index\""
);

/// Finds registry hosts and machine paths in every text file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts() {
        let is_lock = path.ends_with("Cargo.lock");
        for (index, line) in text.lines().enumerate() {
            if is_lock && line.trim() == CARGO_WRITES {
                continue;
            }
            found.extend(HOSTS.iter().filter(|host| line.contains(**host)).map(|host| {
                let fix = "leave the host to the tool's own configuration; for npm keep omit-lockfile-registry-resolved=true";
                Finding::on_line(path, index + 1, format!("names the registry host {host}"), fix)
            }));
            found.extend(
                MACHINE_PATHS
                    .iter()
                    .filter(|folder| names_folder(line, folder))
                    .map(|folder| {
                        let fix = "take the path from the repository's root, $HOME or an argument";
                        Finding::on_line(
                            path,
                            index + 1,
                            format!("names the folder {folder} of one machine"),
                            fix,
                        )
                    }),
            );
        }
    }
    found
}

/// Whether the line holds the folder as the start of a path, not in the middle of one.
fn names_folder(line: &str, folder: &str) -> bool {
    let inside_path =
        |before: char| before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '}' | '~');
    line.match_indices(folder)
        .any(|(at, _)| !line[..at].chars().next_back().is_some_and(inside_path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_machine_paths_are_found() {
        let host = format!("\"resolved\": \"https://{}/a\"", HOSTS[3]);
        let folder = format!("cd {}main\nls $HOME{}x", MACHINE_PATHS[0], MACHINE_PATHS[0]);
        let lock = format!("{CARGO_WRITES}\nsource = \"registry+https://{}/\"", HOSTS[0]);
        let tree = Tree::of(&[("Cargo.lock", &lock), ("a.json", &host), ("b.sh", &folder)]);
        let places: Vec<_> = check(&tree).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["Cargo.lock:2", "a.json:1", "b.sh:1"]);
    }
}
