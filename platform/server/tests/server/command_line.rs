//! The command line, in this process and as the binary.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clap::Parser as _;
use grid_server::Language;
use grid_server::cli::{Arguments, run};

/// What a command says, in English.
fn said(folder: &Path, words: &[&str]) -> Result<String, String> {
    let data = folder.display().to_string();
    let all = ["grid-platform", "admin", "--data", &data]
        .into_iter()
        .chain(words.iter().copied());
    let arguments = Arguments::try_parse_from(all).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    run(arguments, Language::En, &mut out).map_err(|failure| failure.sentence().en)?;
    Ok(String::from_utf8(out).unwrap())
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

const POSTS: &str = "[[post]]\ncode = \"DL-01\"\nname = \"一号岗\"\nlat = 39.75\nlon = 123.73\n";
const DIVISIONS: &str = "code,name,level,parent\n210000000000,辽宁省,1,\n210600000000,丹东市,2,210000000000\n\
210681000000,东港市,3,210600000000\n210681101000,孤山镇,4,210681000000\n210681101210,大鹿岛村,5,210681101000\n";
const TASK: &str = r#"{"no":"DL-2026-0001","title":"清理渔网","description":"","case_kind":"hazard","level":"simple","holder_job_no":"W01","grid_code":"210681101210001","place_text":"一号码头"}"#;

#[test]
fn a_station_is_set_up_from_the_command_line() {
    let temp = tempfile::tempdir().unwrap();
    let folder = &temp.path().join("data");
    assert!(said(folder, &["org", "list"]).unwrap_err().contains("admin init"));
    assert!(said(folder, &["init"]).unwrap().contains("keys apart"));
    said(
        folder,
        &["org", "add", "--name", "大鹿岛边境派出所", "--prefix", "DL"],
    )
    .unwrap();
    assert!(said(folder, &["org", "list"]).unwrap().starts_with("DL\t"));
    let password = file(temp.path(), "password", "harbour-0713\n");
    let duty = [
        "user",
        "add",
        "--org",
        "DL",
        "--name",
        "d01",
        "--display-name",
        "值班员",
        "--job-no",
        "D01",
        "--role",
        "duty_officer",
    ];
    assert!(
        !said(folder, &[&duty[..], &["--password-file", &password]].concat())
            .unwrap()
            .contains("Password")
    );
    let leader = [
        "user",
        "add",
        "--org",
        "DL",
        "--name",
        "s01",
        "--display-name",
        "所长",
        "--job-no",
        "S01",
        "--role",
        "station_leader",
    ];
    assert!(said(folder, &leader).unwrap().contains("Password (shown once): "));
    let worker = [
        "user",
        "add",
        "--org",
        "DL",
        "--name",
        "w01",
        "--display-name",
        "民警",
        "--job-no",
        "W01",
        "--role",
        "border_officer",
    ];
    assert!(!said(folder, &worker).unwrap().contains("Password"));
    assert_eq!(
        said(
            folder,
            &["post", "--org", "DL", &file(temp.path(), "posts.toml", POSTS)]
        )
        .unwrap(),
        "1 posts taken in.\n"
    );
    let divisions = file(temp.path(), "divisions.csv", DIVISIONS);
    assert_eq!(
        said(folder, &["divisions", &divisions]).unwrap(),
        "5 divisions taken in.\n"
    );
    let outline = file(
        temp.path(),
        "outline.json",
        r#"{"type":"Polygon","coordinates":[[[123.7,39.7],[123.8,39.7],[123.8,39.8],[123.7,39.7]]]}"#,
    );
    said(folder, &["outline", "--org", "DL", &outline]).unwrap();
    let tasks = file(temp.path(), "tasks.jsonl", TASK);
    assert!(
        said(folder, &["tasks", "--by", "D01", &tasks])
            .unwrap()
            .starts_with("1 tasks dispatched, 0")
    );
    assert!(
        said(folder, &["tasks", "--by", "D01", &tasks])
            .unwrap()
            .starts_with("0 tasks dispatched, 1")
    );
    let issued = said(folder, &["code", "issue", "--worker", "W01"]).unwrap();
    let mut lines = issued.lines();
    let code = lines.next().unwrap();
    assert_eq!(
        lines.next().unwrap(),
        format!("grid:http://127.0.0.1:8787#code={code}")
    );
    let secure = [
        "code",
        "issue",
        "--worker",
        "W01",
        "--url",
        "https://10.0.0.5:8443",
    ];
    assert!(said(folder, &secure).unwrap_err().contains("ca init"));
    let pin = said(folder, &["ca", "init", "--host", "10.0.0.5"]).unwrap();
    assert!(
        said(folder, &secure)
            .unwrap()
            .contains(&format!("&ca={}", pin.trim()))
    );
    assert_eq!(said(folder, &["ca", "renew", "--host", "10.0.0.6"]).unwrap(), pin);
    assert_eq!(said(folder, &["ca", "show"]).unwrap(), pin);
    assert!(
        said(folder, &["user", "password", "--job-no", "D01"])
            .unwrap()
            .contains("Password (shown once)")
    );
    assert!(said(folder, &["restored"]).unwrap().contains("new life"));
}

#[test]
fn a_fault_names_the_file_the_line_and_the_field() {
    let temp = tempfile::tempdir().unwrap();
    let folder = &temp.path().join("data");
    said(folder, &["init"]).unwrap();
    said(
        folder,
        &["org", "add", "--name", "大鹿岛边境派出所", "--prefix", "DL"],
    )
    .unwrap();
    let officer = [
        "user",
        "add",
        "--org",
        "DL",
        "--name",
        "d01",
        "--display-name",
        "值班员",
        "--job-no",
        "D01",
        "--role",
        "duty_officer",
    ];
    said(folder, &officer).unwrap();
    assert!(said(folder, &officer).unwrap_err().contains("is taken already"));
    assert!(
        said(folder, &["org", "add", "--name", "x", "--prefix", "dl"])
            .unwrap_err()
            .starts_with("the prefix is not 1 to 8")
    );
    assert!(
        said(folder, &["post", "--org", "XX", "none.toml"])
            .unwrap_err()
            .contains("no organisation has the prefix XX")
    );
    assert!(
        said(folder, &["divisions", "/nowhere/d.csv"])
            .unwrap_err()
            .starts_with("/nowhere/d.csv cannot be read")
    );
    let short = file(temp.path(), "password", "short\n");
    assert!(
        said(
            folder,
            &["user", "password", "--job-no", "D01", "--password-file", &short]
        )
        .unwrap_err()
        .contains("at least 8")
    );
    for (command, name, text, says) in [
        (
            &["divisions"][..],
            "d.csv",
            DIVISIONS.replace("210681101210,", "21068110121,"),
            "d.csv line 6, field code: is not 12 digits",
        ),
        (
            &["tasks", "--by", "D01"],
            "t.jsonl",
            format!("\n{TASK}"),
            "t.jsonl line 2, field holder_job_no: is nobody's",
        ),
        (
            &["post", "--org", "DL"],
            "p.toml",
            POSTS.replace("\"一号岗\"", "\"\""),
            "p.toml line 1, field name: is empty",
        ),
        (
            &["outline", "--org", "DL"],
            "o.json",
            "{\"type\":\"Island\"}".to_owned(),
            "o.json line 1, field type: holds no GeoJSON",
        ),
    ] {
        let path = file(temp.path(), name, &text);
        let sentence = said(folder, &[command, &[path.as_str()]].concat()).unwrap_err();
        assert!(sentence.contains(says), "{sentence}");
    }
}

#[test]
fn the_binary_serves_until_it_is_told_to_stop() {
    let temp = tempfile::tempdir().unwrap();
    said(temp.path(), &["init"]).unwrap();
    let mut platform = Running(binary(temp.path(), "127.0.0.1:0").spawn().unwrap());
    let mut first = String::new();
    BufReader::new(platform.0.stdout.as_mut().unwrap())
        .read_line(&mut first)
        .unwrap();
    let address = first
        .trim()
        .strip_prefix("grid-platform: http://")
        .unwrap()
        .to_owned();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /health/ready HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    let id = platform.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    assert!(platform.0.wait().unwrap().success());
}

#[test]
fn the_binary_says_in_one_sentence_why_it_does_not_start() {
    let temp = tempfile::tempdir().unwrap();
    let refused = |listen: &str| {
        let output = binary(temp.path(), listen).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused("127.0.0.1:0").contains("holds no platform"));
    said(temp.path(), &["init"]).unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let sentence = refused(&format!("127.0.0.1:{port}"));
    assert_eq!(
        sentence,
        format!(
            "grid-platform: port {port} is taken by another program; stop that program, or choose another port with --listen 127.0.0.1:PORT.\n"
        )
    );
    assert!(refused("0.0.0.0:8787").contains("plain HTTP is for loopback only"));
}

fn binary(folder: &Path, listen: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grid-platform"));
    command
        .arg("serve")
        .arg("--data")
        .arg(folder)
        .args(["--listen", listen])
        .env("LC_ALL", "C.UTF-8");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A child that does not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
