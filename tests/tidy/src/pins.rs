//! One version table for all crates, and the packages the product is built on are in it and in use.

use crate::rust::{Source, is_word};
use crate::{Finding, Member, Sources, Tree, Workspace};
use toml::{Table, Value};

/// The packages the product is built on.
pub const PINNED: &[&str] = &[
    "uniffi", "rusqlite", "serde", "reqwest", "tokio", "chrono", "uuid", "log",
];

const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// Judges the root table and every member's manifest.
pub fn check(tree: &Tree, workspace: &Workspace, sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    let root = manifest(tree, "Cargo.toml");
    let pinned = root
        .get("workspace")
        .and_then(|table| table.get("dependencies"))
        .and_then(Value::as_table);
    for package in PINNED {
        if !pinned.is_some_and(|table| table.contains_key(*package)) {
            found.push(Finding::at(
                "Cargo.toml",
                format!("`{package}` is not in [workspace.dependencies]"),
                "put it there with its version: the product is built on it",
            ));
        } else if !workspace
            .members
            .iter()
            .any(|member| uses(member, package, sources))
        {
            found.push(Finding::at(
                "Cargo.toml",
                format!("no crate both depends on `{package}` and calls it"),
                "use it where the architecture puts it, or correct PINNED in tests/tidy/src/pins.rs by a decision record",
            ));
        }
    }
    for member in &workspace.members {
        found.extend(check_member(
            &member.manifest(),
            &manifest(tree, &member.manifest()),
        ));
    }
    found
}

fn manifest(tree: &Tree, path: &str) -> Table {
    tree.text(path)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

fn check_member(path: &str, manifest: &Table) -> Vec<Finding> {
    let mut tables: Vec<&Table> = sections(manifest);
    let targets = manifest.get("target").and_then(Value::as_table);
    tables.extend(
        targets
            .into_iter()
            .flat_map(Table::values)
            .filter_map(Value::as_table)
            .flat_map(sections),
    );
    let lines = tables.into_iter().flatten();
    lines
        .filter(|(_, value)| value.get("workspace").and_then(Value::as_bool) != Some(true))
        .map(|(package, _)| {
            Finding::at(
                path,
                format!("`{package}` does not take its version from the root table"),
                format!("write `{package}.workspace = true` and keep the version in the root Cargo.toml"),
            )
        })
        .collect()
}

fn sections(manifest: &Table) -> Vec<&Table> {
    TABLES
        .iter()
        .filter_map(|name| manifest.get(*name).and_then(Value::as_table))
        .collect()
}

/// Whether the crate is built with the package and its own code calls it.
fn uses(member: &Member, package: &str, sources: &Sources) -> bool {
    let source_folder = format!("{}/src/", member.folder);
    member.builds_with(package)
        && sources
            .files
            .iter()
            .any(|file| file.path.starts_with(&source_folder) && calls(&file.source, package))
}

/// Whether the code says `package::`, or imports it whole.
fn calls(source: &Source, package: &str) -> bool {
    let name = package.replace('-', "_");
    source.positions(&name).into_iter().any(|at| {
        let before = source.code[..at].trim_end();
        let after = source.code[at + name.len()..].trim_start();
        let of_another_path =
            before.ends_with("::") && before.trim_end_matches(':').bytes().last().is_some_and(is_word);
        !of_another_path && (after.starts_with("::") || before.ends_with("use") && after.starts_with(';'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_version_in_a_member_is_found_in_every_table() {
        let text = "[dependencies]\nlog.workspace = true\nserde = \"1\"\n[dev-dependencies]\nuuid = { version = \"1\" }\n\
                    [target.'cfg(unix)'.dependencies]\ntokio = { path = \"x\" }\n";
        let found = check_member("core/a/Cargo.toml", &text.parse().unwrap());
        let fixes: Vec<_> = found
            .iter()
            .map(|finding| finding.fix.split('`').nth(1).unwrap())
            .collect();
        assert_eq!(
            fixes,
            [
                "serde.workspace = true",
                "uuid.workspace = true",
                "tokio.workspace = true"
            ]
        );
    }

    #[test]
    fn a_pinned_package_that_nobody_calls_or_that_is_missing_is_found() {
        let root = "[workspace.dependencies]\nlog = \"0.4\"\n";
        let (tree, workspace, sources) = crate::sources::fixture::one_crate(&[
            ("Cargo.toml", root),
            ("core/a/Cargo.toml", "[dependencies]\nlog.workspace = true\n"),
            ("core/a/src/lib.rs", "// log::info!(\"only a comment\");\n"),
        ]);
        let found = check(&tree, &workspace, &sources);
        assert_eq!(found.len(), PINNED.len());
        assert!(
            found
                .iter()
                .any(|finding| finding.fault == "no crate both depends on `log` and calls it")
        );
        assert!(
            found
                .iter()
                .any(|finding| finding.fault == "`uniffi` is not in [workspace.dependencies]")
        );
    }

    #[test]
    fn a_call_is_told_from_a_namesake() {
        assert!(calls(&Source::read("log::info!(\"\")"), "log"));
        assert!(calls(&Source::read("use ::log::info;"), "log"));
        assert!(!calls(&Source::read("crate::log::write(); let log = 1;"), "log"));
    }
}
