//! What a person sees, word for word, in both languages.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use common::Post;
use common::platform::{Mode, Platform};
use grid_model::ExtensionState;
use grid_model::id::Seq;
use grid_model::terms::ParkReason;

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4];
const LANGS: [(&str, &str); 2] = [("zh", "zh_CN.UTF-8"), ("en", "en_GB.UTF-8")];

#[test]
fn a_day_without_a_link() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let text = post.transcript(&[
            &["status"],
            &[
                "patrol",
                "start",
                "coastline",
                "--post",
                "DL03",
                "--at",
                "39.7512,123.7301,8",
            ],
            &["patrol", "observe", "normal", "--text", "一切正常"],
            &["patrol", "fix", "--at", "39.7513,123.7302,6", "--speed", "1.2"],
            &["patrol", "visit", "DL03-C1", "--unlocated", "indoor"],
            &["patrol", "count", "island_entry_check", "37"],
            &["count", "rescued", "2", "--post", "DL03"],
            &[
                "count",
                "rescued",
                "-1",
                "--post",
                "DL03",
                "--reason",
                "多点了一次",
            ],
            &["patrol", "pause"],
            &["patrol", "status"],
            &["patrol", "resume"],
            &["patrol", "end"],
            &["patrol", "list"],
            &["urgent", "start", "--place", "前滩", "--title", "母女被困"],
            &["urgent", "step", "on_scene"],
            &[
                "urgent",
                "report",
                "--result",
                "emergency_handled",
                "--text",
                "母女二人已救起",
                "--measure",
                "rescued",
            ],
            &[
                "case",
                "report",
                "--title",
                "滩涂养殖界线争议",
                "--dispute-type",
                "mudflat",
                "--involved",
                "34",
                "--party",
                "A=东口养殖户",
                "--party",
                "B=后口养殖户",
                "--place",
                "后口滩涂",
            ],
            &["case", "list"],
            &["records", "--limit", "6"],
            &["search", "前滩"],
            &["status", "--why"],
            &["doctor"],
        ]);
        insta::assert_snapshot!(format!("offline_day_{name}"), text);
    }
}

#[test]
fn a_day_with_the_platform() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let platform = Platform::start(Mode::Platform, &post.clock);
        // The third record is sent back once.
        platform
            .state
            .lock()
            .expect("state")
            .park
            .insert(Seq(3), ParkReason::NotHolder);
        let photo = post.file("after.jpg", JPEG).display().to_string();
        let mut text = post.transcript(&[
            &["count", "calls_received", "1", "--post", "DL03"],
            &["enroll", &platform.ticket(), "--phone-label", "一号机"],
            &["sync"],
            &["tasks"],
            &["posts"],
            &["task", "DL-2026-0002"],
            &["accept", "DL-2026-0001"],
            &["arrive", "01010101", "--at", "39.7512,123.7301"],
            &[
                "submit",
                "dl-2026-0001",
                "--result",
                "solved",
                "--text",
                "已和住户一起清理",
                "--measure",
                "cleaned",
                "--measure",
                "persuaded",
                "--told",
                "yes",
                "--photo",
                &photo,
            ],
            &["accept", "DL-2026-0001"],
            &["tasks", "--all"],
            &["sync", "--no-photos"],
            &["records", "--parked"],
            &["sync"],
            &["retry", "3"],
        ]);
        platform.state.lock().expect("state").park.clear();
        text.push_str(&post.transcript(&[&["sync"], &["records"], &["status", "--why"], &["doctor"]]));
        assert_eq!(platform.state.lock().expect("state").photos["0"].1, JPEG);
        insta::assert_snapshot!(format!("platform_day_{name}"), without_sizes(&text));
    }
}

#[test]
fn what_a_sync_changed() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let platform = Platform::start(Mode::Platform, &post.clock);
        let ticket = platform.ticket();
        let mut text = post.transcript(&[
            &["enroll", &ticket, "--phone-label", "一号机"],
            &["sync"],
            &[
                "submit",
                "DL-2026-0001",
                "--result",
                "solved",
                "--text",
                "已当场清走",
            ],
            &["count", "rescued", "2", "--post", "DL03"],
        ]);
        let sent_back = (Seq(2), ParkReason::Conflict);
        let state = || platform.state.lock().expect("state");
        state().park.insert(sent_back.0, sent_back.1);
        platform.moves_on();
        text.push_str(&post.transcript(&[&["sync"], &["sync"], &["task", "DL-2026-0001"]]));
        platform.moves_on();
        text.push_str(&post.transcript(&[&["sync"], &["records"]]));
        insta::assert_snapshot!(format!("changes_{name}"), without_sizes(&text));
    }
}

#[test]
fn asking_for_more_time() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let platform = Platform::start(Mode::Platform, &post.clock);
        let asks = |until| ["extend", "DL-2026-0001", "--until", until, "--reason", "住户外出"];
        let mut text = post.transcript(&[
            &["enroll", &platform.ticket(), "--phone-label", "一号机"],
            &["sync"],
            &["extend", "-h"],
            &asks("tomorrow"),
            &asks("2026-01-06"),
            &["extend", "DL-2026-0001", "--until", "2026-01-09", "--reason", ""],
            &[
                "extend",
                "DL-2026-0002",
                "--until",
                "2026-01-09",
                "--reason",
                "忘了申请",
            ],
            &asks("2026-01-09T25:00"),
            &asks("2026-01-09"),
            &["tasks"],
            &["task", "DL-2026-0001"],
        ]);
        // Past the old due time, and still not sent.
        post.pass(3 * 24 * 3_600_000);
        text.push_str(&post.transcript(&[&["task", "DL-2026-0001"], &["sync"]]));
        platform.answers(ExtensionState::Refused, Some("请今天办完"), 0);
        text.push_str(&post.transcript(&[&["sync"], &["task", "DL-2026-0001"]]));
        platform.answers(ExtensionState::Granted, None, 48 * 3_600_000);
        text.push_str(&post.transcript(&[&["sync"], &["tasks"], &["records"]]));
        insta::assert_snapshot!(format!("more_time_{name}"), without_sizes(&text));
    }
}

/// Sizes hang on the wire format, which other tests watch.
fn without_sizes(text: &str) -> String {
    let cut = |line: &str| {
        let sizes = line.find("上行 ").or_else(|| {
            line.rfind(" · ")
                .filter(|_| line.ends_with(" down"))
                .map(|at| at + 4)
        });
        sizes.map_or(line.to_owned(), |at| line[..at].to_owned() + "<sizes>")
    };
    text.lines().map(|line| cut(line) + "\n").collect()
}

#[test]
fn what_cannot_be_done_is_told_in_three_parts() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let text = post.transcript(&[
            &[],
            &["tasks"],
            &["frobnicate"],
            &["stat"],
            &["patrol", "start", "coastlin", "--post", "DL03"],
            &["patrol", "start", "coastline"],
            &["patrol", "start", "coastline", "--post", "DL03", "--colour"],
            &["count", "rescued", "two", "--post", "DL03"],
            &["count", "rescued", "0", "--post", "DL03"],
            &["count", "rescued", "-1", "--post", "DL03"],
            &["count", "rescued", "1", "--post", " "],
            &["case", "report", "--kind", "hazard", "--title", &"长".repeat(41)],
            &[
                "case",
                "report",
                "--kind",
                "dispute",
                "--title",
                "x",
                "--dispute-type",
                "neighbour",
                "--party",
                "甲",
            ],
            &[
                "case",
                "report",
                "--kind",
                "hazard",
                "--title",
                "x",
                "--photo",
                "nowhere.jpg",
            ],
            &["patrol", "observe", "normal"],
            &["patrol", "fix", "--at", "39"],
            &["accept", "DL-1"],
            &["urgent", "step", "safe"],
            &["retry", "1"],
            &["sync"],
            &["sync", "--max-bytes", "5"],
            &["enroll", "ABCD-EFGH"],
            &["enroll", "--server", "10.0.0.8", "--code", "ABCD-EFGH"],
            &[
                "enroll",
                "--server",
                "http://10.0.0.8:8787",
                "--code",
                "ABCD-EFGH",
            ],
            &[
                "enroll",
                "--server",
                "https://grid.example:8443",
                "--code",
                "ABCD-EFGH",
            ],
            &[
                "enroll",
                "--server",
                "https://grid.example:8443",
                "--code",
                "ABCD-EFGH",
                "--ca",
                "12:34",
            ],
            &[
                "enroll",
                "grid:http://127.0.0.1:1#code=A",
                "--server",
                "x",
                "--code",
                "y",
            ],
        ]);
        insta::assert_snapshot!(format!("refusals_{name}"), text);
    }
}

#[test]
fn help_speaks_both_languages() {
    for (name, lang) in LANGS {
        let post = Post::new(lang);
        let text = post.transcript(&[
            &["--help"],
            &["submit", "-h"],
            &["patrol", "start", "--help"],
            &["--version"],
        ]);
        insta::assert_snapshot!(format!("help_{name}"), text);
    }
}
