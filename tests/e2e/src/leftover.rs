//! The platform that a demo leaves running: found again by process id and start time, and ended only if it is that one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::PlayError;

/// Folder of the demonstration below the cache.
pub fn folder() -> PathBuf {
    let cache = std::env::var_os("GRID_CACHE")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            home.join(".cache/grid-fieldbook")
        });
    cache.join("demo")
}

fn pid_file() -> PathBuf {
    folder().join("platform.pid")
}

/// Starts `grid-platform serve` on a folder, in a session of its own, and remembers which process it is.
pub fn start(data: &Path, listen: &str) -> Result<(), PlayError> {
    let binary = std::env::current_exe()
        .map_err(PlayError::io)?
        .with_file_name("grid-platform");
    let log = fs::File::create(folder().join("platform.log")).map_err(PlayError::io)?;
    let child = Command::new("setsid")
        .arg(&binary)
        .args(["serve", "--listen", listen, "--data"])
        .arg(data)
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(PlayError::io)?)
        .stderr(log)
        .spawn()
        .map_err(|error| {
            PlayError::Host(format!(
                "{0} 无法启动 / {0} does not start: {error}",
                binary.display()
            ))
        })?;
    let pid = child.id();
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(100));
        if std::net::TcpStream::connect(listen).is_ok() && is_platform(pid) {
            let started = started_at(pid).unwrap_or_default();
            return fs::write(pid_file(), format!("{pid} {started}\n")).map_err(PlayError::io);
        }
    }
    let said = fs::read_to_string(folder().join("platform.log")).unwrap_or_default();
    Err(PlayError::Host(format!(
        "平台没有启动起来 / the platform did not come up: {}",
        said.lines().last().unwrap_or("没有输出 / no word")
    )))
}

/// Ends the platform of a former demo, if it still runs. Answers what was done.
pub fn stop() -> Result<String, PlayError> {
    let none = "没有演示平台在运行 / no platform of a demo is running".to_owned();
    let Some((pid, started)) = remembered() else {
        return Ok(none);
    };
    if !is_platform(pid) || started_at(pid).as_deref() != Some(started.as_str()) {
        fs::remove_file(pid_file()).map_err(PlayError::io)?;
        return Ok(none);
    }
    Command::new("kill")
        .args(["-TERM", &pid.to_string()])
        .status()
        .map_err(PlayError::io)?;
    for _ in 0..150 {
        if started_at(pid).as_deref() != Some(started.as_str()) {
            fs::remove_file(pid_file()).map_err(PlayError::io)?;
            return Ok("演示平台已停止 / the demo platform is stopped".to_owned());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(PlayError::Host(format!(
        "进程 {pid} 在 15 秒内没有结束，请执行 / process {pid} did not end within 15 s; end it with: kill -9 {pid}"
    )))
}

fn remembered() -> Option<(u32, String)> {
    let text = fs::read_to_string(pid_file()).ok()?;
    let mut words = text.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
}

fn is_platform(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "grid-platform")
}

/// Start time in clock ticks since boot: field 22 of the process's `stat`. A process that ended but was not waited for
/// counts as gone.
fn started_at(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    if state == "Z" {
        None
    } else {
        fields.nth(18).map(str::to_owned)
    }
}
