//! The layer table of architecture.md §1: who may import whom of ours, and who alone may use a third-party crate.
//!
//! Normal and build dependencies are judged. A development dependency may reach further: a test may stand above its crate.

use crate::{DependencyKind, Finding, Member, Tree, Workspace};

/// What a crate may import of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// These crates and no others.
    Only(&'static [&'static str]),
    /// Any crate: a suite that stands above all of them.
    Any,
}

/// One row: a crate, and what it may import of ours.
pub const LAYERS: &[(&str, Reach)] = &[
    ("grid-model", Reach::Only(&[])),
    ("grid-wire", Reach::Only(&["grid-model"])),
    ("grid-sync", Reach::Only(&["grid-model", "grid-wire"])),
    ("grid-vault", Reach::Only(&["grid-model", "grid-wire"])),
    (
        "grid-store",
        Reach::Only(&["grid-model", "grid-wire", "grid-vault"]),
    ),
    ("grid-net", Reach::Only(&["grid-model", "grid-wire", "grid-sync"])),
    (
        "grid-fieldbook",
        Reach::Only(&[
            "grid-model",
            "grid-wire",
            "grid-sync",
            "grid-vault",
            "grid-store",
            "grid-net",
        ]),
    ),
    ("grid-screens", Reach::Only(&["grid-model", "grid-fieldbook"])),
    (
        "grid-cli",
        Reach::Only(&["grid-fieldbook", "grid-screens", "grid-net"]),
    ),
    (
        "grid-ffi",
        Reach::Only(&["grid-fieldbook", "grid-screens", "grid-model"]),
    ),
    ("grid-bindgen", Reach::Only(&[])),
    (
        "grid-hub",
        Reach::Only(&["grid-model", "grid-wire", "grid-vault"]),
    ),
    (
        "grid-hub-sqlite",
        Reach::Only(&["grid-hub", "grid-model", "grid-wire"]),
    ),
    (
        "grid-hub-postgres",
        Reach::Only(&["grid-hub", "grid-model", "grid-wire"]),
    ),
    (
        "grid-server",
        Reach::Only(&[
            "grid-hub",
            "grid-hub-sqlite",
            "grid-hub-postgres",
            "grid-wire",
            "grid-model",
        ]),
    ),
    ("grid-scenario", Reach::Only(&[])),
    ("grid-compat", Reach::Any),
    ("grid-contract", Reach::Any),
    ("grid-crash", Reach::Any),
    ("grid-cut", Reach::Any),
    ("grid-e2e", Reach::Any),
    ("grid-sim", Reach::Any),
    ("grid-model-check", Reach::Only(&["grid-model", "grid-sync"])),
    ("grid-checker", Reach::Only(&[])),
    ("grid-fuzz", Reach::Any),
    ("grid-bench", Reach::Any),
    ("grid-bench-peer", Reach::Any),
    ("grid-tidy", Reach::Only(&[])),
];

/// Third-party crates with owners: nobody else may build with them.
pub const OWNED: &[(&str, &[&str])] = &[
    (
        "rusqlite",
        &[
            "grid-store",
            "grid-hub-sqlite",
            "grid-crash",
            "grid-cut",
            "grid-sim",
            "grid-bench",
            "grid-contract",
        ],
    ),
    ("pinyin", &["grid-store"]),
    ("reqwest", &["grid-net", "grid-e2e"]),
    (
        "tokio",
        &[
            "grid-net",
            "grid-server",
            "grid-cut",
            "grid-e2e",
            "grid-sim",
            "grid-fuzz",
        ],
    ),
    ("rustls", &["grid-net", "grid-server", "grid-e2e"]),
    ("minicbor", &["grid-wire", "grid-fuzz"]),
    ("zstd", &["grid-wire", "grid-bench", "grid-checker", "grid-fuzz"]),
    ("p256", &["grid-vault", "grid-checker"]),
    ("aes", &["grid-vault", "grid-fuzz"]),
    ("aes-gcm", &["grid-vault"]),
    ("cbc", &["grid-vault", "grid-fuzz"]),
    ("hmac", &["grid-vault", "grid-fuzz"]),
    (
        "sha2",
        &[
            "grid-vault",
            "grid-scenario",
            "grid-cut",
            "grid-sim",
            "grid-checker",
            "grid-fuzz",
            "grid-tidy",
            "grid-contract",
        ],
    ),
    ("uniffi", &["grid-ffi", "grid-bindgen"]),
    (
        "clap",
        &[
            "grid-cli",
            "grid-server",
            "grid-e2e",
            "grid-bench",
            "grid-crash",
            "grid-cut",
            "grid-sim",
            "grid-model-check",
            "grid-checker",
            "grid-contract",
        ],
    ),
    ("axum", &["grid-server", "grid-sim", "grid-fuzz"]),
    ("tower", &["grid-server", "grid-sim", "grid-fuzz"]),
    ("hyper", &["grid-server"]),
    ("hyper-util", &["grid-server"]),
    ("tokio-rustls", &["grid-server"]),
    ("libfuzzer-sys", &["grid-fuzz"]),
];

/// Apps that are not begun: their folders hold a page that says what will live there, and nothing else.
pub const PLACEHOLDERS: &[&str] = &["android", "ios"];

/// Judges every member against both tables.
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut found = Vec::new();
    for member in &workspace.members {
        match LAYERS.iter().find(|(package, _)| *package == member.package) {
            None => found.push(Finding::at(
                member.manifest(),
                format!("`{}` has no row in the layer table", member.package),
                "add the row to LAYERS in tests/tidy/src/layers.rs and to the table of architecture §1, or make it a module",
            )),
            Some((_, reach)) => found.extend(check_ours(member, *reach, workspace)),
        }
        found.extend(check_owned(member));
    }
    found
}

fn check_ours(member: &Member, reach: Reach, workspace: &Workspace) -> Vec<Finding> {
    let Reach::Only(allowed) = reach else {
        return Vec::new();
    };
    let ours = workspace.ours();
    judged(member)
        .filter(|package| ours.contains(package) && !allowed.contains(package))
        .map(|package| {
            Finding::at(
                member.manifest(),
                format!(
                    "`{}` imports `{package}`; it may import {}",
                    member.package,
                    names(allowed)
                ),
                "move the code to the layer that may hold it, or pass a value or a trait across instead",
            )
        })
        .collect()
}

fn check_owned(member: &Member) -> Vec<Finding> {
    let owners = |package: &str| {
        OWNED
            .iter()
            .find(|(owned, _)| *owned == package)
            .map(|(_, owners)| *owners)
    };
    judged(member)
        .filter_map(|package| Some((package, owners(package)?)))
        .filter(|(_, owners)| !owners.contains(&member.package.as_str()))
        .map(|(package, owners)| {
            Finding::at(
                member.manifest(),
                format!(
                    "`{}` uses `{package}`, which only {} may use",
                    member.package,
                    names(owners)
                ),
                format!("call what {} offers instead of `{package}`", owners[0]),
            )
        })
        .collect()
}

fn judged(member: &Member) -> impl Iterator<Item = &str> {
    let built = member
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Dev);
    built.map(|dependency| dependency.package.as_str())
}

fn names(packages: &[&str]) -> String {
    if packages.is_empty() {
        "nothing of ours".to_owned()
    } else {
        packages.join(", ")
    }
}

/// The placeholder folders hold their README and nothing else.
pub fn check_placeholders(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for folder in PLACEHOLDERS {
        let page = format!("{folder}/README.md");
        if tree.text(&page).is_none() {
            found.push(Finding::at(
                &page,
                "the page that says what will live here is missing",
                "write it, a few lines",
            ));
        }
        for path in tree
            .paths()
            .filter(|path| path.starts_with(&format!("{folder}/")) && **path != page)
        {
            found.push(Finding::at(
                path,
                "a placeholder folder holds more than its README",
                "take it away; when the app begins, take its folder out of PLACEHOLDERS in tests/tidy/src/layers.rs",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dependency;

    fn workspace(members: &[(&str, &[(&str, DependencyKind)])]) -> Workspace {
        let members = members.iter().map(|(package, dependencies)| Member {
            package: (*package).to_owned(),
            folder: format!("core/{package}"),
            target_roots: Vec::new(),
            dependencies: dependencies
                .iter()
                .map(|(package, kind)| Dependency {
                    package: (*package).to_owned(),
                    kind: *kind,
                })
                .collect(),
        });
        Workspace {
            members: members.collect(),
        }
    }

    #[test]
    fn an_import_against_the_layers_is_found_and_a_dev_import_is_not() {
        use DependencyKind::{Build, Dev, Normal};
        let found = check(&workspace(&[
            ("grid-model", &[("grid-wire", Dev)]),
            ("grid-wire", &[("grid-model", Normal)]),
            ("grid-hub", &[("grid-store", Normal)]),
            ("grid-store", &[("grid-hub", Build)]),
        ]));
        let faults: Vec<_> = found.iter().map(|finding| finding.fault.as_str()).collect();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("`grid-hub` imports `grid-store`"));
        assert!(faults[1].starts_with("`grid-store` imports `grid-hub`"));
    }

    #[test]
    fn an_owned_crate_elsewhere_is_found() {
        let found = check(&workspace(&[("grid-sync", &[("tokio", DependencyKind::Normal)])]));
        assert_eq!(found.len(), 1);
        assert!(found[0].fault.contains(
            "`tokio`, which only grid-net, grid-server, grid-cut, grid-e2e, grid-sim, grid-fuzz may use"
        ));
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert!(
            check(&workspace(&[("grid-extra", &[])]))[0]
                .fault
                .contains("no row")
        );
    }

    #[test]
    fn a_placeholder_with_code_or_without_its_page_is_found() {
        let tree = Tree::of(&[("android/README.md", ""), ("android/app/Main.kt", "")]);
        let places: Vec<_> = check_placeholders(&tree)
            .into_iter()
            .map(|finding| finding.place)
            .collect();
        assert_eq!(places, ["android/app/Main.kt", "ios/README.md"]);
    }
}
