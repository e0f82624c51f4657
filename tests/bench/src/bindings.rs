//! What a call costs through Kotlin, Swift and Python, beside the same call from Rust in the same run, in turns.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use grid_contract::RunnersKeys;
use grid_fieldbook::{CountDraft, DataKey, FieldBook, Host, KeyVault as _, SystemClock, SystemEntropy};
use grid_model::TaskStatus;
use grid_model::terms::CountKind;
use serde::Deserialize;

use crate::BenchError;
use crate::generate::generated;
use crate::ours::make_vault;
use crate::plan::{Plan, id16, task};
use crate::table::{Measure, median};

/// What is measured with.
#[derive(Clone, Debug)]
pub struct BindingsSettings {
    /// How many rounds.
    pub rounds: usize,
    /// The library that apps ship.
    pub library: PathBuf,
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

    /// Microseconds that a small call may take more than from Rust, and how many times a page of tasks may take as long.
    const fn goals(self) -> (&'static str, &'static str) {
        match self {
            Self::Kotlin => ("ours <= 60", "ratio <= 2"),
            Self::Swift => ("ours <= 5", "ratio <= 1.5"),
            Self::Python => ("ours <= 60", "ratio <= 3"),
        }
    }
}

/// What one side took.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Taken {
    /// Median of a status, microseconds.
    status_us: f64,
    /// Median of the first page of 50 tasks, milliseconds.
    #[serde(alias = "tasks_50_ms")]
    tasks_ms: f64,
    /// 1,000 durable counts in a loop, a second.
    #[serde(alias = "counts_per_second")]
    counts_per_s: f64,
}

const STATUSES: usize = 5_000;
const LISTS: usize = 200;
const COUNTS: usize = 1_000;
const TASKS: usize = 60;
const PAGE: u32 = 50;

/// Takes the measures of these languages.
pub fn measure_bindings(settings: &BindingsSettings) -> Result<Vec<Measure>, BenchError> {
    let root = tempfile::tempdir()?;
    let vault = root.path().join("vault");
    make(&vault)?;
    let mut measures = Vec::new();
    for language in &settings.languages {
        let (mut rust, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..settings.rounds {
            println!("{}, round {}", language.name(), round + 1);
            let here = |side: &str| root.path().join(format!("{}-{round}-{side}", language.name()));
            grid_cut::copy(&vault, &here("rust"))?;
            grid_cut::copy(&vault, &here("theirs"))?;
            rust.push(from_rust(&here("rust"))?);
            theirs.push(through(&settings.script, *language, &here("theirs"))?);
        }
        measures.extend(beside(*language, &rust, &theirs));
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

fn from_rust(folder: &Path) -> Result<Taken, BenchError> {
    let host = Host::new(Arc::new(SystemClock), Arc::new(SystemEntropy));
    let book = FieldBook::open(folder, host, &RunnersKeys)?;
    let status_ms = timed(STATUSES, || book.status().map(drop))?;
    let tasks_ms = timed(LISTS, || book.tasks(true, PAGE).map(drop))?;
    let begun = Instant::now();
    for _ in 0..COUNTS {
        book.count(CountDraft {
            kind: CountKind::Rescued,
            value: 1,
            post: "DL-01".to_owned(),
            patrol: None,
            reason: None,
        })?;
    }
    let counts_per_s = COUNTS as f64 / begun.elapsed().as_secs_f64();
    book.close()?;
    Ok(Taken {
        status_us: status_ms * 1e3,
        tasks_ms,
        counts_per_s,
    })
}

/// The median of so many calls, ms.
fn timed<E: Into<BenchError>>(
    times: usize,
    mut call: impl FnMut() -> Result<(), E>,
) -> Result<f64, BenchError> {
    let mut taken = Vec::with_capacity(times);
    for _ in 0..times {
        let begun = Instant::now();
        call().map_err(Into::into)?;
        taken.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(taken).unwrap_or_default())
}

/// What a language's own program says in its last line.
fn through(script: &Path, language: Language, folder: &Path) -> Result<Taken, BenchError> {
    let output = Command::new(script)
        .arg(language.name())
        .arg("--bench")
        .arg(folder)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    if !output.status.success() {
        return Err(BenchError::Child(format!("{}: {last}", language.name())));
    }
    Ok(serde_json::from_str(last)?)
}

fn beside(language: Language, rust: &[Taken], theirs: &[Taken]) -> [Measure; 3] {
    let name = |what: &str| format!("{what}, {}", language.name());
    let of = |side: &[Taken], what: fn(&Taken) -> f64| side.iter().map(what).collect::<Vec<_>>();
    let added = rust
        .iter()
        .zip(theirs)
        .map(|(rust, theirs)| theirs.status_us - rust.status_us);
    let (small, page) = language.goals();
    [
        Measure::beside(
            &name("status, added"),
            "us",
            added.collect(),
            of(rust, |taken| taken.status_us),
            small,
        ),
        Measure::beside(
            &name("50 tasks"),
            "ms",
            of(theirs, |taken| taken.tasks_ms),
            of(rust, |taken| taken.tasks_ms),
            page,
        ),
        Measure::beside(
            &name("1,000 counts"),
            "counts/s",
            of(theirs, |taken| taken.counts_per_s),
            of(rust, |taken| taken.counts_per_s),
            "ratio >= 0.9",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_languages_print_is_read_by_either_name() {
        for line in [
            r#"{"runner":"kotlin","status_us":1.5,"tasks_50_ms":0.2,"counts_per_s":900}"#,
            r#"{"status_us": 1.5, "tasks_ms": 0.2, "tasks_found": 50, "counts_per_second": 900}"#,
        ] {
            let taken: Taken = serde_json::from_str(line).unwrap();
            assert_eq!(
                (taken.status_us, taken.tasks_ms, taken.counts_per_s),
                (1.5, 0.2, 900.0)
            );
        }
    }
}
