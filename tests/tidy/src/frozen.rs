//! Released migrations never change: a database in the field has already run them.

use crate::{Finding, Tree};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The list of frozen files, from the repository's root: `<sha256>  <path>` a line, as `sha256sum` writes it.
pub const LIST: &str = "tests/tidy/migrations.digest";

const FOLDERS: [&str; 2] = ["core/store/migrations/", "platform/hub-sqlite/migrations/"];
const FREEZE: &str = "freeze it with `cargo run -p grid-tidy -- freeze` when it is released";
const NEVER_EDIT: &str = "write a new migration; never edit a released one. Take the old text back from git";

/// Judges every migration against the list.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let frozen = frozen(tree);
    let present = migrations(tree);
    let mut found = Vec::new();
    for (path, digest) in &present {
        match frozen.get(path) {
            None => found.push(Finding::at(path, "this migration is not frozen", FREEZE)),
            Some(known) if known != digest => {
                found.push(Finding::at(
                    path,
                    "this released migration was changed",
                    NEVER_EDIT,
                ));
            }
            Some(_) => {}
        }
    }
    for path in frozen.keys().filter(|path| !present.contains_key(*path)) {
        found.push(Finding::at(path, "this released migration is gone", NEVER_EDIT));
    }
    found
}

/// The list with every new migration added. Refuses while a frozen one is changed or gone.
pub fn freeze(tree: &Tree) -> Result<String, Vec<Finding>> {
    let broken: Vec<Finding> = check(tree)
        .into_iter()
        .filter(|finding| finding.fix == NEVER_EDIT)
        .collect();
    if !broken.is_empty() {
        return Err(broken);
    }
    let mut list = String::new();
    for (path, digest) in migrations(tree) {
        let _ = writeln!(list, "{digest}  {path}");
    }
    Ok(list)
}

fn migrations(tree: &Tree) -> BTreeMap<String, String> {
    let is_migration =
        |path: &&str| path.ends_with(".sql") && FOLDERS.iter().any(|folder| path.starts_with(folder));
    let digest = |path: &str| hex::encode(Sha256::digest(tree.bytes(path).unwrap_or_default()));
    tree.paths()
        .filter(is_migration)
        .map(|path| (path.to_owned(), digest(path)))
        .collect()
}

fn frozen(tree: &Tree) -> BTreeMap<String, String> {
    let lines = tree.text(LIST).unwrap_or_default().lines();
    lines
        .filter_map(|line| line.split_once("  "))
        .map(|(digest, path)| (path.to_owned(), digest.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "core/store/migrations/0001_init.sql";

    fn faults(tree: &Tree) -> Vec<String> {
        check(tree).into_iter().map(|finding| finding.fault).collect()
    }

    #[test]
    fn a_new_a_changed_and_a_lost_migration_are_found() {
        assert_eq!(
            faults(&Tree::of(&[(FIRST, "a")])),
            ["this migration is not frozen"]
        );
        let list = freeze(&Tree::of(&[(FIRST, "a")])).unwrap();
        assert!(faults(&Tree::of(&[(FIRST, "a"), (LIST, &list)])).is_empty());
        assert_eq!(
            faults(&Tree::of(&[(FIRST, "b"), (LIST, &list)])),
            ["this released migration was changed"]
        );
        assert_eq!(
            faults(&Tree::of(&[(LIST, &list)])),
            ["this released migration is gone"]
        );
    }

    #[test]
    fn freezing_adds_and_never_changes() {
        let list = freeze(&Tree::of(&[(FIRST, "a")])).unwrap();
        let second = "platform/hub-sqlite/migrations/0001_init.sql";
        let both = freeze(&Tree::of(&[(FIRST, "a"), (second, "s"), (LIST, &list)])).unwrap();
        assert!(both.starts_with(&list) && both.lines().count() == 2);
        assert_eq!(
            freeze(&Tree::of(&[(FIRST, "b"), (LIST, &list)])).unwrap_err()[0].place,
            FIRST
        );
    }
}
