//! The two binaries as people use them: an operator sets a platform up over TLS, a field worker works with `grid`.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A binary of the workspace, beside the tests' own folder.
fn binary(name: &str) -> PathBuf {
    let deps = std::env::current_exe().expect("this test");
    let path = deps
        .parent()
        .and_then(Path::parent)
        .expect("the target folder")
        .join(name);
    assert!(
        path.exists(),
        "{name} is not built: run `cargo build --workspace --bins` first"
    );
    path
}

fn platform(data: &Path, words: &[&str]) -> String {
    let out = Command::new(binary("grid-platform"))
        .arg("admin")
        .args(words)
        .arg("--data")
        .arg(data)
        .output();
    let out = out.expect("it runs");
    assert!(
        out.status.success(),
        "{words:?}: {}",
        String::from_utf8_lossy(&out.stderr)
    );
    String::from_utf8(out.stdout).expect("text")
}

struct Grid {
    vault: PathBuf,
}

impl Grid {
    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(binary("grid"));
        command
            .args(["--json", "--lang", "en", "--vault"])
            .arg(&self.vault)
            .args(words);
        command.env_remove("GRID_KEY_FILE").output().expect("it runs")
    }

    fn json(&self, words: &[&str]) -> Value {
        let out = self.run(words);
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(
            out.status.success(),
            "{words:?}: {text} {}",
            String::from_utf8_lossy(&out.stderr)
        );
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{words:?}: {error}: {text}"))
    }

    fn code(&self, words: &[&str]) -> Option<i32> {
        self.run(words).status.code()
    }
}

/// A serving platform; ended in order when the test ends.
struct Serving {
    child: Child,
    base: String,
}

impl Serving {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(binary("grid-platform"))
            .args(["serve", "--listen", "127.0.0.1:0", "--tls", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it serves");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output"))
            .read_line(&mut line)
            .expect("a line");
        let base = line.trim().trim_start_matches("grid-platform: ").to_owned();
        assert!(base.starts_with("https://127.0.0.1:"), "{line}");
        Self { child, base }
    }

    /// Asks it to stop, as a service manager would, and waits for it.
    fn stop(mut self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .expect("asked")
                .success()
        );
        assert!(self.child.wait().expect("ended").success(), "it ends with 0");
    }
}

fn setup(data: &Path) {
    platform(data, &["init"]);
    platform(data, &["org", "add", "--name", "试点站", "--prefix", "SD"]);
    let person = |name, job_no, role| {
        let named = [
            "user",
            "add",
            "--org",
            "SD",
            "--name",
            name,
            "--display-name",
            name,
        ];
        platform(
            data,
            &[&named[..], &["--job-no", job_no, "--role", role]].concat(),
        );
    };
    person("duty", "D01", "duty_officer");
    person("w01", "W01", "grid_worker");
    platform(data, &["ca", "init", "--host", "127.0.0.1"]);
    let list = data.join("tasks.jsonl");
    let task = r#"{"no":"SD-1","title":"楼道堆放杂物","description":"三单元","case_kind":"hazard","level":"simple","holder_job_no":"W01","place_text":"三单元楼道"}"#;
    std::fs::write(&list, task).expect("written");
    platform(data, &["tasks", "--by", "D01", list.to_str().expect("a path")]);
}

#[test]
fn a_worker_records_offline_enrols_over_tls_and_everything_arrives_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("platform");
    setup(&data);
    let grid = Grid {
        vault: folder.path().join("vault"),
    };
    // Before any enrolment: the work is kept all the same.
    grid.json(&["patrol", "start", "coastline", "--post", "SD01"]);
    grid.json(&["patrol", "observe", "normal", "--text", "一切正常"]);
    grid.json(&["count", "rescued", "2", "--post", "SD01"]);
    grid.json(&["patrol", "end"]);
    let saved = grid.json(&["status"])["saved"].as_u64().expect("a number");
    assert!(saved >= 4);
    assert_eq!(grid.code(&["sync"]), Some(1), "not enrolled yet");

    let serving = Serving::start(&data);
    let issued = platform(
        &data,
        &["code", "issue", "--worker", "W01", "--url", &serving.base],
    );
    let ticket = issued
        .lines()
        .find(|line| line.starts_with("grid:"))
        .expect("a ticket");
    // A ticket that names another authority: told, nothing sent, nothing lost.
    let (address, pin) = ticket.split_once("&ca=").expect("a pin");
    // Hexadecimal digits are the same in both cases.
    let first = if pin.starts_with(['A', 'a']) { "B" } else { "A" };
    let other = format!("{address}&ca={first}{}", &pin[1..]);
    let refused = grid.run(&["enroll", &other, "--phone-label", "一号机"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let told = String::from_utf8_lossy(&refused.stdout).into_owned() + &said;
    assert!(
        !refused.status.success() && told.contains("certificate"),
        "{told}"
    );
    assert_eq!(grid.json(&["status"])["saved"].as_u64(), Some(saved));
    grid.json(&["enroll", ticket, "--phone-label", "一号机"]);
    assert_eq!(grid.code(&["enroll", ticket]), Some(1), "enrolled already");
    grid.json(&["sync"]);
    let status = grid.json(&["status"]);
    assert_eq!(
        (status["saved"].as_u64(), status["received"].as_u64()),
        (Some(0), Some(saved))
    );

    grid.json(&["accept", "SD-1"]);
    grid.json(&[
        "submit",
        "SD-1",
        "--result",
        "solved",
        "--text",
        "已清理楼道杂物",
        "--measure",
        "cleaned",
    ]);
    grid.json(&["sync"]);
    let task = grid.json(&["task", "SD-1"]).to_string();
    assert!(task.contains("submitted"), "{task}");
    serving.stop();

    // No platform: recorded and kept, the exit code says no link.
    grid.json(&["count", "rescued", "1", "--post", "SD01"]);
    assert_eq!(grid.code(&["sync"]), Some(3));
    assert_eq!(grid.json(&["status"])["saved"], 1);
    assert_eq!(grid.code(&["doctor"]), Some(0));
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let out = Command::new(binary("grid"))
            .args(["completions", shell])
            .output()
            .expect("it runs");
        assert!(out.status.success());
        assert!(String::from_utf8_lossy(&out.stdout).contains("patrol"), "{shell}");
    }
}
