//! What goes wrong in the field: each is told, nothing is lost, nothing is called received.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::net::TcpListener;

use common::platform::{Mode, Platform};
use common::{Post, Said};
use grid_cli::Exit;
use grid_fieldbook::{FieldBook, FileKeyVault};
use grid_model::id::DeviceId;
use serde_json::Value;

fn refused(said: &Said, exit: Exit, word: &str) {
    assert_eq!(said.exit, exit, "{}{}", said.out, said.err);
    assert!(said.err.contains(word), "{word}: {}", said.err);
    assert!(said.err.lines().count() >= 3, "three parts: {}", said.err);
}

fn status(post: &Post) -> Value {
    post.done(&["status", "--json"]).json()
}

#[test]
fn a_log_in_page_of_a_network_takes_nothing() {
    let post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Portal, &post.clock);
    post.done(&["count", "rescued", "2", "--post", "DL03"]);
    refused(&post.run(&["enroll", &platform.ticket()]), Exit::NoLink, "登录");
    assert_eq!(status(&post)["enrolled"], false);

    platform.set(Mode::Platform);
    post.done(&["enroll", &platform.ticket()]);
    platform.set(Mode::Portal);
    let said = post.run(&["sync"]);
    refused(&said, Exit::NoLink, "登录");
    assert!(said.out.contains("全部已存本机 · 待传 1"), "{}", said.out);
    assert!(!said.out.contains("平台已收"), "{}", said.out);
    assert_eq!(status(&post)["saved"], 1);
    assert!(post.done(&["records"]).out.contains("已存本机"));

    platform.set(Mode::Platform);
    assert!(post.done(&["sync"]).out.contains("平台已收 1 条"));
    assert!(post.done(&["records"]).out.contains("平台已收"));
}

#[test]
fn a_platform_that_is_not_there_or_busy_is_no_loss() {
    let post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Platform, &post.clock);
    post.done(&["count", "rescued", "2", "--post", "DL03"]);
    post.done(&["enroll", &platform.ticket()]);
    platform.set(Mode::Busy);
    refused(&post.run(&["sync"]), Exit::NoLink, "正忙");
    drop(platform);
    let said = post.run(&["sync"]);
    refused(&said, Exit::NoLink, "服务没有开");
    assert!(said.err.contains("后再试"), "{}", said.err);
    assert_eq!(status(&post)["saved"], 1);
}

#[test]
fn a_platform_of_a_newer_wire_version_is_told_and_takes_nothing() {
    let post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Newer, &post.clock);
    post.done(&["count", "rescued", "2", "--post", "DL03"]);
    refused(
        &post.run(&["enroll", &platform.ticket()]),
        Exit::Refused,
        "平台已经更新",
    );
    assert_eq!(status(&post)["enrolled"], false);
    platform.set(Mode::Platform);
    post.done(&["enroll", &platform.ticket()]);
    platform.set(Mode::Newer);
    refused(&post.run(&["sync"]), Exit::Refused, "平台已经更新");
    assert_eq!(status(&post)["saved"], 1);
    platform.set(Mode::Platform);
    assert!(post.done(&["sync"]).out.contains("平台已收 1 条"));
}

#[test]
fn a_code_that_another_phone_used_is_told() {
    let second = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Platform, &second.clock);
    platform.state.lock().expect("state").used = Some(DeviceId([9; 16]));
    second.done(&["count", "rescued", "2", "--post", "DL03"]);
    refused(
        &second.run(&["enroll", &platform.ticket()]),
        Exit::Refused,
        "登记码已经用过",
    );
    assert_eq!(
        (&status(&second)["enrolled"], &status(&second)["saved"]),
        (&false.into(), &1.into())
    );
}

#[test]
fn a_phone_without_space_refuses_a_photo_and_says_so_and_takes_text() {
    let mut post = Post::new("zh_CN.UTF-8");
    // As if nobody had that much free.
    post.setting.host.storage.limits.photo_headroom_bytes = 1 << 60;
    let photo = post
        .file("a.jpg", &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])
        .display()
        .to_string();
    let report = [
        "case",
        "report",
        "--kind",
        "hazard",
        "--title",
        "楼道杂物",
        "--place",
        "三单元",
    ];
    refused(
        &post.run(&[&report[..], &["--photo", &photo]].concat()),
        Exit::Storage,
        "存储空间不够",
    );
    assert_eq!(status(&post)["saved"], 0);
    post.done(&report);
    assert_eq!(status(&post)["saved"], 1);
}

#[test]
fn an_address_where_nobody_listens_is_told_at_enrolment() {
    let post = Post::new("en");
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    let ticket = format!("grid:http://127.0.0.1:{port}#code=ABCD-EFGH");
    refused(&post.run(&["enroll", &ticket]), Exit::NoLink, "is not running");
    assert_eq!(status(&post)["enrolled"], false);
}

#[test]
fn tickets_that_do_not_fit_are_told_apart() {
    let post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Platform, &post.clock);
    let wrong = platform.ticket().replace("ABCD", "WXYZ");
    refused(&post.run(&["enroll", &wrong]), Exit::Refused, "登记码不对");
    refused(&post.run(&["enroll", "ABCD-EFGH"]), Exit::Refused, "不是登记单");
    refused(
        &post.run(&["enroll", "grid:ftp://x#code=A"]),
        Exit::Refused,
        "地址写得不完整",
    );
    refused(
        &post.run(&["enroll", "grid:http://10.0.0.8#code=A"]),
        Exit::Refused,
        "没有加密",
    );
    refused(
        &post.run(&["enroll", "grid:https://x#code=A"]),
        Exit::Refused,
        "平台指纹",
    );
    let label = "名".repeat(41);
    refused(
        &post.run(&["enroll", &platform.ticket(), "--phone-label", &label]),
        Exit::Refused,
        "手机名称",
    );
    post.done(&["enroll", &platform.ticket()]);
    refused(
        &post.run(&["enroll", &platform.ticket()]),
        Exit::Refused,
        "已经登记过",
    );
}

#[test]
fn what_cannot_be_taken_records_nothing() {
    let post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Platform, &post.clock);
    post.done(&["enroll", &platform.ticket()]);
    post.done(&["sync"]);
    let no = "DL-2026-0001";
    let long = "长".repeat(1001);
    refused(&post.run(&["accept", "DL-9"]), Exit::Refused, "没有这项任务");
    refused(&post.run(&["accept", ""]), Exit::Refused, "没有这项任务");
    refused(
        &post.run(&["submit", no, "--result", "solved", "--text", &long]),
        Exit::Refused,
        "最多 1000 个字",
    );
    refused(
        &post.run(&["submit", no, "--result", "solved", "--text", "好"]),
        Exit::Refused,
        "至少 5 个字",
    );
    refused(
        &post.run(&["count", "rescued", "-1", "--post", "DL03"]),
        Exit::Refused,
        "更正",
    );
    let script = post.file("run.sh", b"#!/bin/sh").display().to_string();
    let photo = post.file("a.jpg", &[0xff, 0xd8, 0xff]).display().to_string();
    let both = [
        "submit",
        no,
        "--result",
        "solved",
        "--text",
        "清理完毕了",
        "--photo",
        &photo,
        "--photo",
        &script,
    ];
    refused(&post.run(&both), Exit::Refused, "不是照片");
    let after = status(&post);
    assert_eq!(
        (after["saved"].as_u64(), after["photos_waiting"].as_u64()),
        (Some(0), Some(0))
    );
}

#[test]
fn two_ids_that_begin_alike_are_asked_about() {
    let post = Post::new("zh_CN.UTF-8");
    let first = post
        .done(&["patrol", "start", "sea", "--post", "DL03", "--json"])
        .json();
    let id = first["patrol"]["id"].as_str().expect("an id").to_owned();
    // Sixteen more begin with at least one digit twice.
    for _ in 0..16 {
        post.done(&["patrol", "start", "sea", "--post", "DL03"]);
    }
    let twice = "0123456789abcdef"
        .chars()
        .map(|digit| post.run(&["patrol", "status", "--patrol", &digit.to_string()]));
    assert!(twice.filter(|said| said.err.contains("不止一项")).count() >= 1);
    post.done(&["patrol", "status", "--patrol", &id]);
}

#[test]
fn a_vault_that_does_not_open_is_left_as_it_is() {
    let mut post = Post::new("zh_CN.UTF-8");
    post.done(&["count", "rescued", "2", "--post", "DL03"]);
    let vault = post.folder.path().join("vault");
    let key = post.folder.path().join("vault.key");

    post.setting.patience_ms = 0;
    let open = FieldBook::open(&vault, post.setting.host.clone(), &FileKeyVault::at(&key)).expect("opened");
    refused(&post.run(&["status"]), Exit::Storage, "另一个程序");
    open.close().expect("closed");
    post.setting.patience_ms = 10_000;

    let kept = std::fs::read(&key).expect("read");
    std::fs::remove_file(&key).expect("removed");
    let said = post.run(&["count", "rescued", "1", "--post", "DL03"]);
    refused(&said, Exit::Storage, "打不开");
    assert!(said.err.contains("vault.key 不在"), "{}", said.err);
    assert!(!key.exists(), "no new key over an old vault");
    std::fs::write(&key, kept).expect("written");
    assert_eq!(status(&post)["saved"], 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_a_matter_of_storage() {
    let post = Post::new("zh_CN.UTF-8");
    let file = post.file("a-file", b"").join("vault").display().to_string();
    refused(
        &post.run(&["count", "rescued", "1", "--post", "DL03", "--vault", &file]),
        Exit::Storage,
        "建不了文件夹",
    );
    let mut nowhere = Post::new("en");
    nowhere.setting.environment.clear();
    refused(&nowhere.run(&["status"]), Exit::Refused, "field book should be");
}

#[test]
fn a_rescue_starts_even_when_its_position_does_not_read() {
    let post = Post::new("zh_CN.UTF-8");
    let said = post.run(&["urgent", "start", "--place", "前滩", "--at", "不知道"]);
    assert_eq!(said.exit, Exit::Done);
    assert!(
        said.out.contains("已存本机") && said.err.contains("没有带位置"),
        "{}{}",
        said.out,
        said.err
    );
    let warned = post.done(&["urgent", "start", "--at", "x", "--json"]).json();
    assert_eq!(warned["warning"]["code"], "not_a_position");
    assert_eq!(warned["saved"]["state"], "saved");
}

#[test]
fn text_of_others_does_not_steer_the_terminal() {
    let post = Post::new("zh_CN.UTF-8");
    post.done(&[
        "case",
        "report",
        "--kind",
        "other",
        "--title",
        "a\u{1b}[2Jb\u{7}c",
    ]);
    for arguments in [&["case", "list"][..], &["records"], &["search", "b"]] {
        let said = post.done(arguments);
        assert!(!said.out.contains(['\u{1b}', '\u{7}']), "{:?}", said.out);
    }
}

#[test]
fn a_bar_leaves_nothing_behind() {
    let mut post = Post::new("zh_CN.UTF-8");
    let platform = Platform::start(Mode::Platform, &post.clock);
    post.done(&["enroll", &platform.ticket()]);
    post.setting.terminal.bar = true;
    let said = post.done(&["sync", "--max-seconds", "60"]);
    assert_eq!(said.err, "");
    assert!(said.out.contains("取回 3 项"), "{}", said.out);
}

#[test]
fn colours_are_for_terminals() {
    let mut post = Post::new("zh_CN.UTF-8");
    post.done(&["count", "rescued", "2", "--post", "DL03"]);
    assert!(!post.done(&["status"]).out.contains('\u{1b}'));
    (post.setting.terminal.colour_out, post.setting.terminal.colour_err) = (true, true);
    assert!(post.done(&["status"]).out.contains('\u{1b}'));
    assert!(post.run(&["sync"]).err.contains('\u{1b}'));
    assert!(!post.done(&["status", "--json"]).out.contains('\u{1b}'));
}

#[test]
fn terms_may_be_said_in_chinese() {
    let post = Post::new("zh_CN.UTF-8");
    let said = post
        .done(&["count", "救助", "2", "--post", "DL03", "--json"])
        .json();
    assert_eq!(said["today"]["count_kind"], "rescued");
}
