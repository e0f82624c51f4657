//! What an app may call is written down for each language. Who changes it tells app developers.

use crate::{Finding, Tree};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The agreed listings, and what the changelog told when they were agreed on: `<sha256>  <name>` a line.
pub const LIST: &str = "tests/tidy/listings.digest";

const LISTINGS: [&str; 3] = [
    "bindings/kotlin/api.txt",
    "bindings/python/api.txt",
    "bindings/swift/api.txt",
];
const CHANGELOG: &str = "CHANGELOG.md";
const AGREE: &str = "tell app developers in CHANGELOG.md, then run `cargo run -p grid-tidy -- freeze`";
const TELL: &str = "say in CHANGELOG.md, in a line for app developers, what changed; then freeze again";

/// Judges every listing against the agreed one.
pub fn check(tree: &Tree) -> Vec<Finding> {
    if LISTINGS.iter().all(|path| tree.bytes(path).is_none()) {
        return Vec::new();
    }
    let changed = LISTINGS
        .iter()
        .filter(|path| agreed(tree, path) != digest_of_listing(tree, path));
    changed
        .map(|path| Finding::at(*path, "this listing is not the agreed one", AGREE))
        .collect()
}

/// The list of today. Refuses while a listing differs from the agreed one and app developers were told nothing since.
pub fn freeze(tree: &Tree) -> Result<String, Vec<Finding>> {
    let told = digest(told(tree).as_bytes());
    let changed = check(tree);
    let is_first = tree.bytes(LIST).is_none();
    if !changed.is_empty() && !is_first && agreed(tree, CHANGELOG).as_ref() == Some(&told) {
        let silent = |finding: Finding| Finding::at(finding.place, "nobody is told of this change", TELL);
        return Err(changed.into_iter().map(silent).collect());
    }
    let mut list = String::new();
    // What is told goes on growing; it is compared with what was told at the last change.
    let told = if changed.is_empty() && !is_first {
        agreed(tree, CHANGELOG).unwrap_or(told)
    } else {
        told
    };
    let _ = writeln!(list, "{told}  {CHANGELOG}");
    for path in LISTINGS {
        if let Some(digest) = digest_of_listing(tree, path) {
            let _ = writeln!(list, "{digest}  {path}");
        }
    }
    Ok(list)
}

/// The items of the changelog that are for app developers.
fn told(tree: &Tree) -> String {
    let mut items: Vec<String> = Vec::new();
    for line in tree.text(CHANGELOG).unwrap_or_default().lines() {
        match (line.strip_prefix("- "), items.last_mut()) {
            (Some(item), _) => items.push(item.to_owned()),
            (None, Some(item)) => {
                item.push(' ');
                item.push_str(line.trim());
            }
            (None, None) => {}
        }
    }
    items.retain(|item| item.to_lowercase().contains("for app developers"));
    items.join("\n")
}

fn agreed(tree: &Tree, name: &str) -> Option<String> {
    let lines = tree.text(LIST).unwrap_or_default().lines();
    let mut pairs = lines.filter_map(|line| line.split_once("  "));
    pairs
        .find(|(_, found)| *found == name)
        .map(|(digest, _)| digest.to_owned())
}

fn digest_of_listing(tree: &Tree, path: &str) -> Option<String> {
    tree.bytes(path).map(digest)
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "- For everybody: a\n- For app developers: b\n  and c\n";

    fn tree(kotlin: &str, changelog: &str, list: &str) -> Tree {
        Tree::of(&[
            (LISTINGS[0], kotlin),
            (LISTINGS[1], "p"),
            (LISTINGS[2], "s"),
            (CHANGELOG, changelog),
            (LIST, list),
        ])
    }

    #[test]
    fn a_listing_that_changed_fails_until_app_developers_are_told() {
        let first = Tree::of(&[
            (LISTINGS[0], "k"),
            (LISTINGS[1], "p"),
            (LISTINGS[2], "s"),
            (CHANGELOG, OLD),
        ]);
        assert_eq!(check(&first).len(), 3);
        let list = freeze(&first).unwrap();
        assert!(check(&tree("k", OLD, &list)).is_empty());

        let silent = tree("k2", &format!("{OLD}- For supervisors: d\n"), &list);
        assert_eq!(check(&silent)[0].place, LISTINGS[0]);
        assert_eq!(freeze(&silent).unwrap_err()[0].fix, TELL);

        let changelog = format!("{OLD}- Something (for app developers `k2`).\n");
        let list = freeze(&tree("k2", &changelog, &list)).unwrap();
        assert!(check(&tree("k2", &changelog, &list)).is_empty());
    }

    #[test]
    fn telling_more_than_needed_is_no_licence_for_the_next_change() {
        let list = freeze(&tree("k", OLD, "")).unwrap();
        let more = format!("{OLD}- For app developers: e\n");
        // Frozen without a change: what was told at the last one stays, so that a change may still go with `more`.
        assert_eq!(freeze(&tree("k", &more, &list)).unwrap(), list);
    }

    #[test]
    fn a_listing_that_is_gone_is_found() {
        let list = freeze(&tree("k", OLD, "")).unwrap();
        let gone = Tree::of(&[
            (LISTINGS[0], "k"),
            (LISTINGS[1], "p"),
            (CHANGELOG, OLD),
            (LIST, &list),
        ]);
        assert_eq!(check(&gone)[0].place, LISTINGS[2]);
    }
}
