//! The crates of the workspace, as cargo tells them.

use serde_json::Value;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DependencyKind {
    /// Part of what is built and shipped.
    Normal,
    /// Used by the build script.
    Build,
    /// Used by the crate's own tests only.
    Dev,
}

/// One line of a crate's dependency tables, by the package's real name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    /// The package's name, also where the crate renames it.
    pub package: String,
    /// What it is for.
    pub kind: DependencyKind,
}

/// One crate of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package's name.
    pub package: String,
    /// Its folder from the repository's root, with `/`.
    pub folder: String,
    /// The root files of its targets (library, binaries, tests, build script), from the repository's root.
    pub target_roots: Vec<String>,
    /// All dependencies that the manifest names.
    pub dependencies: Vec<Dependency>,
}

impl Member {
    /// Whether the crate is shipped or built with this package: development dependencies do not count.
    pub fn builds_with(&self, package: &str) -> bool {
        self.dependencies
            .iter()
            .any(|d| d.package == package && d.kind != DependencyKind::Dev)
    }

    /// The path of its manifest from the repository's root.
    pub fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }
}

/// The crates of the workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// All members, in cargo's order.
    pub members: Vec<Member>,
}

impl Workspace {
    /// Asks cargo, without network and without resolving anything.
    pub fn open(root: &Path) -> io::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--offline", "--no-deps"])
            .current_dir(root)
            .output()?;
        if !output.status.success() {
            return Err(io::Error::other(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        Ok(Self::from_metadata(&metadata))
    }

    /// Reads what `cargo metadata --no-deps` printed; what has another form is left out.
    pub fn from_metadata(metadata: &Value) -> Self {
        let root = format!("{}/", metadata["workspace_root"].as_str().unwrap_or_default());
        let members = list(&metadata["packages"])
            .filter_map(|package| member(package, &root))
            .collect();
        Self { members }
    }

    /// The names of all members: what "ours" means.
    pub fn ours(&self) -> BTreeSet<&str> {
        self.members
            .iter()
            .map(|member| member.package.as_str())
            .collect()
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn member(package: &Value, root: &str) -> Option<Member> {
    let inside = |path: &Value| path.as_str()?.strip_prefix(root).map(str::to_owned);
    let manifest = inside(&package["manifest_path"])?;
    Some(Member {
        package: package["name"].as_str()?.to_owned(),
        folder: manifest.strip_suffix("/Cargo.toml")?.to_owned(),
        target_roots: list(&package["targets"])
            .filter_map(|target| inside(&target["src_path"]))
            .collect(),
        dependencies: list(&package["dependencies"]).filter_map(dependency).collect(),
    })
}

fn dependency(entry: &Value) -> Option<Dependency> {
    let kind = match entry["kind"].as_str() {
        Some("dev") => DependencyKind::Dev,
        Some("build") => DependencyKind::Build,
        _ => DependencyKind::Normal,
    };
    Some(Dependency {
        package: entry["name"].as_str()?.to_owned(),
        kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_becomes_members_with_paths_from_the_root() {
        let metadata = json!({ "workspace_root": "/r", "packages": [{
            "name": "grid-a", "manifest_path": "/r/core/a/Cargo.toml",
            "targets": [{ "src_path": "/r/core/a/src/lib.rs" }],
            "dependencies": [{ "name": "log", "kind": null }, { "name": "insta", "kind": "dev" }],
        }]});
        let workspace = Workspace::from_metadata(&metadata);
        assert_eq!(workspace.members[0].folder, "core/a");
        assert_eq!(workspace.members[0].target_roots, ["core/a/src/lib.rs"]);
        assert!(workspace.members[0].builds_with("log"));
        assert!(!workspace.members[0].builds_with("insta"));
    }
}
