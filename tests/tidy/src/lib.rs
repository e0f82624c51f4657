//! The house rules that a machine can check. Never changes a file, except that `freeze` writes the two digest lists.
//!
//! Each rule is a module with one `check` over a [`Tree`] and, where it needs the crates, a [`Workspace`]. It answers
//! with [`Finding`]s, and every finding names its fix. Each module proves on a small bad fixture that its rule fires;
//! `tests/tree.rs` applies all of them to this repository.

pub mod clocks;
pub mod documented;
mod finding;
pub mod frozen;
pub mod home;
pub mod hosts;
pub mod layers;
pub mod leftovers;
pub mod length;
pub mod listings;
pub mod names;
pub mod pins;
pub mod punctuation;
pub mod reach;
pub mod rust;
mod sources;
mod tree;
mod workspace;

pub use finding::{Finding, sheet};
pub use sources::{RustFile, Sources};
pub use tree::Tree;
pub use workspace::{Dependency, DependencyKind, Member, Workspace};

/// Every finding of every rule, in the order of the rules.
pub fn check_all(tree: &Tree, workspace: &Workspace) -> Vec<Finding> {
    let sources = Sources::read(tree, workspace);
    let mut all = layers::check(workspace);
    all.extend(layers::check_placeholders(tree));
    all.extend(pins::check(tree, workspace, &sources));
    all.extend(length::check(tree, &sources));
    all.extend(reach::check(&sources));
    all.extend(leftovers::check(&sources));
    all.extend(names::check(&sources));
    all.extend(clocks::check(&sources));
    all.extend(hosts::check(tree));
    all.extend(punctuation::check(tree));
    all.extend(frozen::check(tree));
    all.extend(listings::check(tree));
    all.extend(documented::check(tree));
    all
}
