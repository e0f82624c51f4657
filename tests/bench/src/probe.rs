//! Measures that need a process of their own: memory, a cold open, and what strace and valgrind count.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::BenchError;
use crate::large::QUEUED;
use crate::meter::{memory_mb, spent};
use crate::ours::{act, act_grouped, make_vault, open_book, open_store};
use crate::plan::{bodies, plan};
use crate::raw::{self, Sealed};
use crate::record::Record;

/// What a measuring process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Probe {
    /// Durable changes one at a time.
    Single,
    /// The same without a lifeboat.
    SingleApart,
    /// 100 in a commit.
    Grouped,
    /// Bare inserts one at a time.
    RawSingle,
    /// Bare inserts, 100 in a commit.
    RawGrouped,
    /// Opens the large vault and lists 50 open tasks.
    Open,
    /// Opens the large bare database and lists 50 open tasks.
    RawOpen,
    /// Opens the large vault, asks how it stands and reads a page of records.
    Queued,
}

/// What a measuring process found.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probed {
    /// Milliseconds.
    pub ms: f64,
    /// Milliseconds of processor time.
    pub cpu_ms: f64,
    /// Largest resident size, MB.
    pub peak_mb: f64,
    /// Resident size at the end, MB.
    pub steady_mb: f64,
}

/// Tasks listed.
pub const LISTED: u32 = 50;

/// Runs a probe in this process. `folder` is what it works in; `changes` how many of the records it works off.
pub fn run(probe: Probe, folder: &Path, records: &[Record], changes: usize) -> Result<Probed, BenchError> {
    let short = |found| BenchError::Child(format!("{found} rows instead of {LISTED}"));
    let (book, spent) = match probe {
        Probe::Open => spent(|| {
            let book = open_book(&folder.join("ours"), true)?;
            let found = book.tasks(true, LISTED)?.len();
            (found == LISTED as usize)
                .then_some(Some(book))
                .ok_or(short(found))
        })?,
        Probe::RawOpen => spent(|| {
            let found = raw::read_list(&folder.join("raw.db"), LISTED)?;
            (found == LISTED as usize).then_some(None).ok_or(short(found))
        })?,
        Probe::Queued => spent(|| {
            let book = open_book(&folder.join("ours"), true)?;
            let saved = book.status()?.saved;
            let found = book.records(grid_model::Seq(0), LISTED)?.len();
            (saved == QUEUED as u64 && found == LISTED as usize)
                .then_some(Some(book))
                .ok_or(short(found))
        })?,
        _ => spent(|| work(probe, folder, records, changes).map(|()| None))?,
    };
    let probed = Probed {
        ms: spent.wall * 1e3,
        cpu_ms: spent.cpu * 1e3,
        peak_mb: memory_mb("VmHWM")?,
        steady_mb: memory_mb("VmRSS")?,
    };
    drop(book);
    Ok(probed)
}

fn work(probe: Probe, folder: &Path, records: &[Record], changes: usize) -> Result<(), BenchError> {
    let mut plan = plan(records);
    let lifeboat = probe != Probe::SingleApart;
    let steps = plan
        .steps
        .split_off(0)
        .into_iter()
        .take(changes)
        .collect::<Vec<_>>();
    match probe {
        Probe::Single | Probe::SingleApart => {
            let patrol = make_vault(folder, &plan, lifeboat)?;
            act(&open_book(folder, lifeboat)?, patrol, steps)
        }
        Probe::Grouped => {
            make_vault(folder, &plan, lifeboat)?;
            act_grouped(&open_store(folder, lifeboat)?, steps, 100)
        }
        _ => {
            let per_commit = if probe == Probe::RawSingle { 1 } else { 100 };
            raw::insert(&folder.join("raw.db"), Sealed::Yes, &bodies(&steps), per_commit).map(|_| ())
        }
    }
}

/// How a probe process is started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'s> {
    /// What it does.
    pub probe: Probe,
    /// Where.
    pub folder: &'s Path,
    /// Seed of its records; `None` for the kept ones.
    pub seed: Option<u64>,
    /// How many changes.
    pub changes: usize,
}

/// The program of what is measured apart: beside the bench's own, also for a test, which runs in a folder below.
pub(crate) fn phone_program() -> Result<PathBuf, BenchError> {
    let mut program = std::env::current_exe()?;
    program.pop();
    if program.ends_with("deps") {
        program.pop();
    }
    Ok(program.join("grid-bench-phone"))
}

/// A program, below the one that looks at it, if there is one.
pub(crate) fn wrapped(program: &Path, wrapper: &[&str]) -> Command {
    match wrapper {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

impl Start<'_> {
    fn command(&self, wrapper: &[&str]) -> Result<Command, BenchError> {
        let mut command = wrapped(&phone_program()?, wrapper);
        let name = clap::ValueEnum::to_possible_value(&self.probe);
        command
            .arg("probe")
            .arg(name.map(|name| name.get_name().to_owned()).unwrap_or_default())
            .arg(self.folder)
            .args(["--changes", &self.changes.to_string()]);
        if let Some(seed) = self.seed {
            command.args(["--seed", &seed.to_string()]);
        }
        Ok(command)
    }

    /// Runs it in a process of its own.
    pub fn spawn(&self) -> Result<Probed, BenchError> {
        let output = self.command(&[])?.output()?;
        if !output.status.success() {
            return Err(BenchError::Child(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            ));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// What it says on its second stream under a wrapper such as strace; `None` when the wrapper is not installed.
    fn under(&self, wrapper: &[&str]) -> Result<Option<String>, BenchError> {
        match self.command(wrapper)?.output() {
            Ok(output) if output.status.success() => {
                Ok(Some(String::from_utf8_lossy(&output.stderr).into_owned()))
            }
            Ok(output) => Err(BenchError::Child(
                String::from_utf8_lossy(&output.stderr).into_owned(),
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Something counted per change, from the difference of two lengths.
fn per_change(
    probe: Probe,
    seed: Option<u64>,
    (short, long): (usize, usize),
    count: impl Fn(&Start<'_>) -> Result<Option<f64>, BenchError>,
) -> Result<Option<f64>, BenchError> {
    let counted = |changes| {
        let folder = tempfile::tempdir()?;
        count(&Start {
            probe,
            folder: folder.path(),
            seed,
            changes,
        })
    };
    let (Some(few), Some(many)) = (counted(short)?, counted(long)?) else {
        return Ok(None);
    };
    Ok(Some((many - few) / (long - short) as f64))
}

/// Flushes per change by strace.
pub fn flushes(probe: Probe, seed: Option<u64>, lengths: (usize, usize)) -> Result<Option<f64>, BenchError> {
    let wrapper = [
        "strace",
        "-f",
        "-c",
        "-e",
        "trace=fsync,fdatasync,sync_file_range",
    ];
    per_change(probe, seed, lengths, |start| {
        Ok(start.under(&wrapper)?.map(|table| calls(&table)))
    })
}

/// The calls in a table of `strace -c`: the fourth column of each row.
pub(crate) fn calls(table: &str) -> f64 {
    let rows = table.lines().filter(|line| {
        let name = line.split_whitespace().last().unwrap_or_default();
        ["fsync", "fdatasync", "sync_file_range"].contains(&name)
    });
    rows.filter_map(|row| row.split_whitespace().nth(3)?.parse::<f64>().ok())
        .sum()
}

/// Instructions of user code per change by callgrind.
pub fn instructions(
    probe: Probe,
    seed: Option<u64>,
    lengths: (usize, usize),
) -> Result<Option<f64>, BenchError> {
    let wrapper = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    per_change(probe, seed, lengths, |start| {
        Ok(start.under(&wrapper)?.and_then(|text| collected(&text)))
    })
}

/// The number behind `Collected :`.
fn collected(text: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.contains("Collected :"))?;
    line.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_strace_and_callgrind_are_read() {
        let table = "% time     seconds  usecs/call     calls    errors syscall\n\
                     ------ ----------- ----------- --------- --------- ----------------\n\
                     100.00    0.012345          12      2048           fdatasync\n\
                     0.00    0.000001           1         3         1 fsync\n\
                     100.00    0.012346          12      2051         1 total\n";
        assert!((calls(table) - 2051.0).abs() < 0.1);
        let text = "==1== Events    : Ir\n==1== Collected : 123456789\n";
        assert_eq!(collected(text), Some(123_456_789.0));
    }
}
