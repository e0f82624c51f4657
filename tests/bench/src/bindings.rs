//! What a call costs through Kotlin, Swift and Python, beside the same call from Rust in the same run, in turns.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use grid_contract::RunnersKeys;
use grid_fieldbook::{DataKey, KeyVault as _};
use grid_model::TaskStatus;
use serde::Deserialize;

use crate::BenchError;
use crate::generate::generated;
use crate::ours::make_vault;
use crate::plan::{Plan, id16, task};
use crate::table::Measure;

/// What is measured with.
#[derive(Clone, Debug)]
pub struct BindingsSettings {
    /// How many rounds.
    pub rounds: usize,
    /// The library that apps ship.
    pub library: PathBuf,
    /// What times the same calls from Rust in a language's process.
    pub peer: PathBuf,
    /// `scripts/bindings`.
    pub script: PathBuf,
    /// Which languages.
    pub languages: Vec<Language>,
}

/// A language with a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Kotlin on the JVM.
    Kotlin,
    /// Swift.
    Swift,
    /// Python.
    Python,
}

impl Language {
    const fn name(self) -> &'static str {
        match self {
            Self::Kotlin => "kotlin",
            Self::Swift => "swift",
            Self::Python => "python",
        }
    }

    /// What is asked of a call that is awaited. What asyncio takes to a thread and back is only told: it is none of ours, and a
    /// program of Python has the plain call.
    const fn asked_awaited(self, goal: &'static str) -> &'static str {
        match self {
            Self::Python => "",
            Self::Kotlin | Self::Swift => goal,
        }
    }

    /// Microseconds that a small call may take more than from Rust, and how many times a page of tasks may take as long.
    const fn goals(self) -> (&'static str, &'static str) {
        match self {
            Self::Kotlin => ("ours <= 60", "ratio <= 2"),
            Self::Swift => ("ours <= 5", "ratio <= 1.5"),
            Self::Python => ("ours <= 60", "ratio <= 3"),
        }
    }
}

/// What a language's own program says: medians of one run, its calls and Rust's in turns in one process.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Taken {
    /// A status, us.
    status_us: f64,
    rust_status_us: f64,
    /// A status as a screen awaits it, and from Rust on another thread that waits for the question, us.
    elsewhere_us: f64,
    rust_elsewhere_us: f64,
    /// The first page of 50 tasks, us.
    tasks_us: f64,
    rust_tasks_us: f64,
    /// The same page as a screen awaits it, and from Rust on another thread, us.
    tasks_elsewhere_us: f64,
    rust_tasks_elsewhere_us: f64,
    /// One of 1,000 durable counts in a loop, us.
    count_us: f64,
    rust_count_us: f64,
}

const TASKS: usize = 60;

/// Takes the measures of these languages.
pub fn measure_bindings(settings: &BindingsSettings) -> Result<Vec<Measure>, BenchError> {
    let root = tempfile::tempdir()?;
    let vault = root.path().join("vault");
    make(&vault)?;
    let mut measures = Vec::new();
    for language in &settings.languages {
        let (mut taken, mut slowly) = (Vec::new(), Vec::new());
        for round in 0..settings.rounds {
            println!("{}, round {}", language.name(), round + 1);
            for (wrapper, list) in [(&[][..], &mut taken), (SLOW_FLUSH, &mut slowly)] {
                let here = tempfile::tempdir_in(root.path())?;
                for side in ["rust", "theirs"] {
                    grid_cut::copy(&vault, &here.path().join(side))?;
                }
                let is_first = round == 0 && wrapper.is_empty();
                list.extend(through(settings, *language, here.path(), wrapper, is_first)?);
            }
        }
        measures.extend(beside(*language, &taken, &slowly));
    }
    let library = std::fs::metadata(&settings.library)?.len() as f64 / 1e6;
    measures.push(Measure::beside(
        "library, stripped",
        "MB",
        vec![library],
        Vec::new(),
        "ours <= 12",
    ));
    Ok(measures)
}

/// A vault with tasks, under the key that the languages' runners know.
fn make(folder: &Path) -> Result<(), BenchError> {
    let records = generated(1, TASKS);
    let tasks = records.iter().map(|record| {
        let id = grid_model::id::TaskId(id16(&record.id));
        task(id, record, TaskStatus::Assigned)
    });
    let plan = Plan {
        tasks: tasks.collect(),
        steps: Vec::new(),
    };
    make_vault(folder, &plan, true)?;
    let file = folder.join("key");
    let bare: [u8; 32] = std::fs::read(&file)?
        .try_into()
        .map_err(|_| BenchError::Child("a key of 32 bytes".to_owned()))?;
    let wrapped = RunnersKeys.wrap(&DataKey::from_bytes(bare));
    std::fs::write(
        file,
        wrapped.map_err(|error| BenchError::Child(format!("{error:?}")))?,
    )?;
    Ok(())
}

/// A flush as the flash of a good phone takes it. Disks of servers say that it is done after a tenth of that.
const SLOW_FLUSH: &[&str] = &[
    "strace",
    "-f",
    "-qq",
    "--seccomp-bpf",
    "-o",
    "/dev/null",
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    "inject=fsync,fdatasync:delay_exit=1000",
];

/// What a language's own program says in its last line, of the two vaults in a folder; `None` when there is no such wrapper.
fn through(
    settings: &BindingsSettings,
    language: Language,
    folder: &Path,
    wrapper: &[&str],
    is_first: bool,
) -> Result<Option<Taken>, BenchError> {
    let mut words = wrapper
        .iter()
        .map(OsStr::new)
        .chain([settings.script.as_os_str()]);
    let ran = Command::new(words.next().unwrap_or_default())
        .args(words)
        .arg(language.name())
        .arg("--bench")
        .arg(folder)
        .env("GRID_BENCH_PEER_LIB", &settings.peer)
        .env("GRID_BENCH_AGAIN", if is_first { "" } else { "1" })
        .stderr(Stdio::inherit())
        .output();
    let output = match ran {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !wrapper.is_empty() => return Ok(None),
        ran => ran?,
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    if !output.status.success() {
        return Err(BenchError::Child(format!("{}: {last}", language.name())));
    }
    Ok(Some(serde_json::from_str(last)?))
}

fn beside(language: Language, taken: &[Taken], slowly: &[Taken]) -> [Measure; 6] {
    let name = |what: &str| format!("{what}, {}", language.name());
    let list = |what: &str, sides: fn(&Taken) -> (f64, f64), goal: &str| {
        let (ours, rust) = taken
            .iter()
            .map(sides)
            .map(|(ours, rust)| (ours / 1e3, rust / 1e3))
            .unzip();
        Measure::beside(&name(what), "ms", ours, rust, goal)
    };
    let rates = |what: &str, taken: &[Taken]| {
        Measure::beside(
            &name(what),
            "counts/s",
            taken.iter().map(|taken| 1e6 / taken.count_us).collect(),
            taken.iter().map(|taken| 1e6 / taken.rust_count_us).collect(),
            "ratio >= 0.9",
        )
    };
    let (small, page) = language.goals();
    let added = |what: &str, goal: &str, sides: fn(&Taken) -> (f64, f64)| {
        let (ours, rust): (Vec<f64>, Vec<f64>) = taken.iter().map(sides).unzip();
        let more = ours.iter().zip(&rust).map(|(ours, rust)| ours - rust).collect();
        Measure::beside(&name(what), "us", more, rust, goal)
    };
    [
        added("status, added", small, |taken| {
            (taken.status_us, taken.rust_status_us)
        }),
        added("awaited status, added", language.asked_awaited(small), |taken| {
            (taken.elsewhere_us, taken.rust_elsewhere_us)
        }),
        list("50 tasks", |taken| (taken.tasks_us, taken.rust_tasks_us), page),
        list(
            "awaited 50 tasks",
            |taken| (taken.tasks_elsewhere_us, taken.rust_tasks_elsewhere_us),
            language.asked_awaited(page),
        ),
        rates("1,000 counts", taken),
        rates("1,000 counts at 1 ms", slowly),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_language_prints_becomes_measures() {
        let line = r#"{"runner":"kotlin","status_us":18.5,"rust_status_us":16,"elsewhere_us":40,"rust_elsewhere_us":38,
            "tasks_us":750,"rust_tasks_us":500,"tasks_elsewhere_us":760,"rust_tasks_elsewhere_us":500,"count_us":400,"rust_count_us":380}"#;
        let taken = [serde_json::from_str(line).unwrap()];
        let [status, _, tasks, awaited, counts, slowly] = beside(Language::Swift, &taken, &[]);
        assert_eq!((status.ours, status.is_met()), (Some(2.5), Some(true)));
        assert_eq!((tasks.ratio, tasks.is_met()), (Some(1.5), Some(true)));
        assert_eq!((awaited.ratio, awaited.is_met()), (Some(1.52), Some(false)));
        assert_eq!((counts.ours, counts.is_met()), (Some(2_500.0), Some(true)));
        let [_, told, ..] = beside(Language::Python, &taken, &[]);
        assert_eq!((told.ours, told.is_met()), (Some(2.0), None));
        // Without the wrapper nothing is said.
        assert_eq!((slowly.ours, slowly.is_met()), (None, None));
    }
}
