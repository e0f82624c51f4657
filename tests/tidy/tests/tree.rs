//! The house rules, applied to this repository. Each test is one rule; its failure names the fix.

use grid_tidy::{
    Finding, Sources, Tree, Workspace, clocks, frozen, home, hosts, layers, leftovers, length, listings,
    names, pins, punctuation, reach, sheet,
};
use std::sync::LazyLock;

struct Repository {
    tree: Tree,
    workspace: Workspace,
    sources: Sources,
}

static REPOSITORY: LazyLock<Repository> = LazyLock::new(|| {
    let root = home::root(std::env::var_os("CARGO_MANIFEST_DIR").as_deref())
        .unwrap_or_else(|sentence| panic!("{sentence}"));
    let tree = Tree::open(&root).unwrap_or_else(|error| panic!("the repository cannot be read: {error}"));
    let workspace = Workspace::open(&root).unwrap_or_else(|error| panic!("cargo metadata: {error}"));
    let sources = Sources::read(&tree, &workspace);
    Repository {
        tree,
        workspace,
        sources,
    }
});

#[track_caller]
fn nothing_found(found: Vec<Finding>) {
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), sheet(&found));
}

#[test]
fn the_whole_repository_is_read() {
    assert!(
        REPOSITORY.workspace.members.len() >= 16,
        "cargo metadata lists the members"
    );
    assert!(REPOSITORY.sources.files.len() >= REPOSITORY.workspace.members.len());
}

#[test]
fn layers_are_kept() {
    nothing_found(layers::check(&REPOSITORY.workspace));
}

#[test]
fn placeholders_hold_only_their_page() {
    nothing_found(layers::check_placeholders(&REPOSITORY.tree));
}

#[test]
fn versions_stand_in_one_table_and_are_used() {
    nothing_found(pins::check(
        &REPOSITORY.tree,
        &REPOSITORY.workspace,
        &REPOSITORY.sources,
    ));
}

#[test]
fn files_and_functions_are_short() {
    if let Some(sizes) = length::sizes(&REPOSITORY.tree, &REPOSITORY.sources) {
        println!("{sizes}");
    }
    nothing_found(length::check(&REPOSITORY.tree, &REPOSITORY.sources));
}

#[test]
fn every_file_is_built() {
    nothing_found(reach::check(&REPOSITORY.sources));
}

#[test]
fn nothing_is_left_half_done_or_hoped_for() {
    nothing_found(leftovers::check(&REPOSITORY.sources));
}

#[test]
fn public_names_say_something() {
    nothing_found(names::check(&REPOSITORY.sources));
}

#[test]
fn only_adapters_read_a_clock() {
    nothing_found(clocks::check(&REPOSITORY.sources));
}

#[test]
fn no_registry_host_and_no_machine_path_is_written_down() {
    nothing_found(hosts::check(&REPOSITORY.tree));
}

#[test]
fn chinese_sentences_have_chinese_punctuation() {
    nothing_found(punctuation::check(&REPOSITORY.tree));
}

#[test]
fn public_listings_are_agreed_on() {
    nothing_found(listings::check(&REPOSITORY.tree));
}

#[test]
fn released_migrations_are_frozen() {
    nothing_found(frozen::check(&REPOSITORY.tree));
}
