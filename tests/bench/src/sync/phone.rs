//! A phone in a process of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use grid_cut::{Cut, Direction, Link};
use grid_fieldbook::{Address, Budget, CancelToken, HttpTransport, Outcome};
use grid_net::Trust;
use serde::{Deserialize, Serialize};

use crate::BenchError;
use crate::meter::{cpu_seconds, memory_mb};
use crate::ours::open_book;
use crate::probe::{phone_program, wrapped};
use crate::sync::limit;

/// What a phone's process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Act {
    /// Opens the vault, syncs until nothing waits, closes.
    Sync,
    /// Opens the vault and closes it.
    Rest,
    /// Reads the records of a bare encrypted table and sends them as one stream of zstd -3.
    Stream,
    /// Inserts rows into bare tables with the indexes of ours.
    Insert,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Acted {
    /// Milliseconds of processor time until the last answer was laid in.
    pub cpu_ms: f64,
    /// Largest resident size, MB.
    pub peak_mb: f64,
    /// Requests made.
    pub turns: u32,
    /// Records without a receipt in the end.
    pub unsent: u64,
    /// Rows pulled.
    pub pulled: u64,
    /// Milliseconds from the beginning of the first sync until tasks could be listed; 0 when there were none.
    pub first_tasks_ms: f64,
}

/// After a cut this many syncs must do.
const SYNCS_MAX: u32 = 8;

/// Acts in this process. `rows` is the seed and the number of rows to insert.
pub fn act(act: Act, folder: &Path, address: SocketAddr, rows: (u64, usize)) -> Result<Acted, BenchError> {
    match act {
        Act::Sync => sync(folder, address),
        Act::Rest => {
            // The first write after an opening begins the log, and closing moves it: no batch is to blame for either.
            let book = open_book(folder, true)?;
            book.store_for_tests().flush()?;
            book.close()?;
            Ok(Acted::default())
        }
        Act::Stream => limit::send(folder, address),
        Act::Insert => limit::insert_rows(folder, rows),
    }
}

fn sync(folder: &Path, address: SocketAddr) -> Result<Acted, BenchError> {
    let book = open_book(folder, true)?;
    let address = Address::parse(&format!("http://{address}")).map_err(child)?;
    let over = HttpTransport::new(address, Trust::Loopback).map_err(child)?;
    let mut acted = Acted::default();
    let mut cpu = 0.0;
    let started = std::time::Instant::now();
    for _ in 0..SYNCS_MAX {
        let begun = cpu_seconds()?;
        let mut laid_in = begun;
        let report = book.sync(&over, Budget::default(), &CancelToken::default(), &mut |_| {
            if acted.first_tasks_ms == 0.0 && book.tasks(true, 1).is_ok_and(|found| !found.is_empty()) {
                acted.first_tasks_ms = started.elapsed().as_secs_f64() * 1e3;
            }
            laid_in = cpu_seconds().unwrap_or(f64::NAN)
        })?;
        cpu += laid_in - begun;
        acted.turns += report.summary.turns;
        acted.pulled += report.pulled;
        let status = book.status()?;
        acted.unsent = status.saved + status.parked + status.photos_waiting + status.photos_failed;
        if report.summary.outcome == Outcome::Complete && acted.unsent == 0 {
            break;
        }
    }
    acted.cpu_ms = cpu * 1e3;
    acted.peak_mb = memory_mb("VmHWM")?;
    book.close()?;
    Ok(acted)
}

fn child(error: impl std::fmt::Debug) -> BenchError {
    BenchError::Child(format!("{error:?}"))
}

/// How a phone's process is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start<'s> {
    /// What it does.
    pub(crate) act: Act,
    /// Where its vault is.
    pub(crate) folder: &'s Path,
    /// Where the platform is.
    pub(crate) address: SocketAddr,
    /// Seed and number of the rows that it inserts.
    pub(crate) rows: (u64, usize),
}

impl Start<'_> {
    fn command(&self, wrapper: &[&str]) -> Result<Command, BenchError> {
        let mut command = wrapped(&phone_program()?, wrapper);
        let name = clap::ValueEnum::to_possible_value(&self.act);
        command
            .arg("phone")
            .arg(name.map(|name| name.get_name().to_owned()).unwrap_or_default())
            .arg(self.folder)
            .arg(self.address.to_string())
            .args([self.rows.0.to_string(), self.rows.1.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Ok(command)
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Result<Acted, BenchError> {
        ended(self.command(&[])?.spawn()?)
    }

    /// Runs it while the link is cut `cuts` times, each time `every` bytes up after the cut before.
    pub(crate) fn run_while_cut(&self, link: &Link, cuts: u64, every: u64) -> Result<Acted, BenchError> {
        let arm = || {
            link.arm(Cut {
                direction: Direction::Up,
                after: every,
                style: grid_cut::Style::Close,
            });
        };
        arm();
        let mut running = self.command(&[])?.spawn()?;
        let mut made = link.cuts();
        while running.try_wait()?.is_none() {
            let now = link.cuts();
            if now > made && now < cuts {
                arm();
            }
            made = now;
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        ended(running)
    }

    /// How often it flushes, by strace; `None` when that is not installed.
    pub(crate) fn flushes(&self) -> Result<Option<f64>, BenchError> {
        let wrapper = [
            "strace",
            "-f",
            "-c",
            "-e",
            "trace=fsync,fdatasync,sync_file_range",
        ];
        match self.command(&wrapper)?.output() {
            Ok(output) if output.status.success() => Ok(Some(crate::probe::calls(&String::from_utf8_lossy(
                &output.stderr,
            )))),
            Ok(output) => Err(child(String::from_utf8_lossy(&output.stderr))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn ended(running: Child) -> Result<Acted, BenchError> {
    let output = running.wait_with_output()?;
    if !output.status.success() {
        return Err(child(String::from_utf8_lossy(&output.stderr)));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
