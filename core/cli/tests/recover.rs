//! A field book that does not open, and one that another program holds.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::Post;
use grid_cli::Exit;
use grid_fieldbook::{FieldBook, FileKeyVault};

fn record(post: &Post) {
    post.done(&["count", "island_entry_check", "3", "--post", "DL-01"]);
    post.done(&["urgent", "start", "--title", "落水", "--place", "前滩"]);
}

#[test]
fn a_damaged_field_book_comes_back_and_the_damaged_file_is_kept() {
    let post = Post::new("zh_CN.UTF-8");
    record(&post);
    let vault = post.folder.path().join("vault");
    let damaged = vec![0_u8; 8192];
    std::fs::write(vault.join("fieldbook.db"), &damaged).expect("written");
    let refused = post.run(&["records"]);
    assert_eq!(refused.exit, Exit::Storage);
    assert!(refused.err.contains("grid recover"), "{}", refused.err);
    let said = post.done(&["recover"]);
    assert!(said.out.contains("从第二份里找回 2 条"), "{}", said.out);
    assert!(said.out.contains("没有缺失"), "{}", said.out);
    assert_eq!(
        std::fs::read(vault.join("quarantine/0001/fieldbook.db")).expect("kept"),
        damaged
    );
    assert_eq!(post.done(&["status", "--json"]).json()["saved"], 2);
    let again = post.done(&["recover", "--json"]).json();
    assert_eq!(again["database_was_whole"], true);
    assert_eq!(again["unsent"], 2);
}

#[test]
fn a_doctor_looks_at_a_copy_while_another_program_has_the_field_book() {
    let post = Post::new("en");
    record(&post);
    let vault = post.folder.path().join("vault");
    let keys = FileKeyVault::at(post.folder.path().join("vault.key"));
    let held = FieldBook::open(&vault, post.setting.host.clone(), &keys).expect("opened");
    let said = post.run(&["doctor", "--json"]);
    let checks = said.json();
    assert_eq!(checks["on_copy"], true, "{checks}");
    let bad: Vec<_> = checks["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["ok"] == false)
        .map(|check| check["name"].clone())
        .collect();
    assert_eq!(bad, ["enrolment"]);
    let left: Vec<_> = std::fs::read_dir(post.folder.path())
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(".doctor"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    held.close().expect("closed");
}

#[test]
fn a_support_bundle_needs_somebody_to_be_sealed_to() {
    let post = Post::new("en");
    record(&post);
    let file = post.folder.path().join("bundle");
    let named = file.display().to_string();
    let refused = post.run(&["doctor", "--bundle", &named]);
    assert_eq!(refused.exit, Exit::Refused, "{}", refused.err);
    assert!(!file.exists());
}
