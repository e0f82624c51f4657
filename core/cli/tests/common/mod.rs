//! A folder, a clock and a terminal that a test owns; and a platform that speaks just enough of the protocol.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    reason = "each test file uses its own part of it"
)]

pub mod platform;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use grid_cli::{Exit, Setting, Terminal};
use grid_fieldbook::{Clock, Entropy, Host, Moment};

/// 2026-01-05 08:00 in Shanghai.
pub const START_MS: i64 = 1_767_571_200_000;
/// What passes between two commands.
const BETWEEN_MS: i64 = 60_000;

pub struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let elapsed = self.0.load(Ordering::SeqCst);
        Moment {
            wall_ms: START_MS + elapsed,
            mono_ms: elapsed,
            boot: 1,
        }
    }
}

struct TestEntropy(AtomicU64);

impl Entropy for TestEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        for byte in buffer {
            let next = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            *byte = ((next ^ (next >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56) as u8;
        }
        true
    }
}

/// What one run said.
pub struct Said {
    pub exit: Exit,
    pub out: String,
    pub err: String,
}

impl Said {
    pub fn json(&self) -> serde_json::Value {
        assert_eq!(self.out.lines().count(), 1, "one document: {}", self.out);
        serde_json::from_str(&self.out).expect("JSON on standard output")
    }
}

/// A terminal in a folder of its own.
pub struct Post {
    pub folder: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub setting: Setting,
}

impl Post {
    pub fn new(lang: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        let vault = folder.path().join("vault").into_os_string();
        let environment = [("GRID_VAULT", vault), ("LANG", OsString::from(lang))];
        let setting = Setting {
            host: Host::new(clock.clone(), Arc::new(TestEntropy(AtomicU64::new(7)))),
            environment: environment
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<BTreeMap<_, _>>(),
            terminal: Terminal {
                columns: Some(100),
                ..Terminal::default()
            },
            machine: "一号机".to_owned(),
            patience_ms: 10_000,
        };
        Self {
            folder,
            clock,
            setting,
        }
    }

    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    /// Runs one command, then a minute passes.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let exit = grid_cli::run(&arguments, &self.setting, &mut out, &mut err);
        self.pass(BETWEEN_MS);
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Said {
            exit,
            out: text(out),
            err: text(err),
        }
    }

    /// Runs one command that must be done.
    pub fn done(&self, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(said.exit, Exit::Done, "{arguments:?}: {}{}", said.out, said.err);
        said
    }

    /// Runs commands and writes down what a person sees: answers, then `! ` for each line of standard error.
    pub fn transcript(&self, commands: &[&[&str]]) -> String {
        let mut text = String::new();
        for arguments in commands {
            let said = self.run(arguments);
            text.push_str(&format!("$ grid {}\n{}", arguments.join(" "), said.out));
            said.err
                .lines()
                .for_each(|line| text.push_str(&format!("! {line}\n")));
            if said.exit != Exit::Done {
                text.push_str(&format!("[exit {}]\n", said.exit as u8));
            }
            text.push('\n');
        }
        self.without_chance(&text)
    }

    /// Leaves out what differs from run to run or hangs on the wire: folders, ids, ports, sizes, waits.
    fn without_chance(&self, text: &str) -> String {
        let text = text.replace(&self.folder.path().display().to_string(), "<folder>");
        text.lines()
            .map(|line| line.split_inclusive(' ').map(masked).collect::<String>() + "\n")
            .collect::<String>()
    }
}

/// One word of a line, space included.
fn masked(word: &str) -> String {
    let bare = word.trim_end();
    let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let is_id =
        bare.len() == 36 && bare.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && hex(&bare.replace('-', ""));
    let is_short_id = bare.len() == 8 && hex(bare) && bare.chars().any(|c| c.is_ascii_digit());
    let ending = &word[bare.len()..];
    if is_id {
        return format!("<id>{ending}");
    }
    if is_short_id {
        return format!("<short>{ending}");
    }
    match word.find("http://127.0.0.1:") {
        Some(at) => {
            let rest = &word[at + 17..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            format!("{}http://127.0.0.1:<port>{}", &word[..at], &rest[digits..])
        }
        None => word.to_owned(),
    }
}
