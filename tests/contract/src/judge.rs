//! Whether every runner ran every case, and what came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Trouble;

#[derive(Deserialize)]
struct CaseFile {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
}

/// What a runner wrote.
#[derive(Deserialize)]
struct Results {
    runner: String,
    results: Vec<Ran>,
}

#[derive(Deserialize)]
struct Ran {
    name: String,
    ok: bool,
    #[serde(default)]
    detail: String,
}

/// The names of all cases; an error when one stands twice.
pub(crate) fn names(folder: &Path) -> Result<BTreeSet<String>, Trouble> {
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(folder).map_err(Trouble::of)? {
        let path = entry.map_err(Trouble::of)?.path();
        if path.extension().is_none_or(|kind| kind != "json") {
            continue;
        }
        let file: CaseFile = read(&path)?;
        for case in file.cases {
            if !names.insert(case.name.clone()) {
                return Err(Trouble(format!("two cases are called {}", case.name)));
            }
        }
    }
    Ok(names)
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, Trouble> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Trouble(format!("{}: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| Trouble(format!("{}: {error}", path.display())))
}

/// What came of all runs.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    passed: usize,
    failed: usize,
    complaints: Vec<String>,
}

fn sum(names: &BTreeSet<String>, runs: &[Results]) -> Sum {
    let mut sum = Sum::default();
    let mut seen = BTreeSet::new();
    for run in runs {
        if !seen.insert(&run.runner) {
            sum.complaints.push(format!("{} ran twice", run.runner));
        }
        let mut ran = BTreeMap::new();
        for result in &run.results {
            if ran.insert(&result.name, result).is_some() {
                sum.complaints
                    .push(format!("{}: {} ran twice", run.runner, result.name));
            }
            if !names.contains(&result.name) {
                sum.complaints.push(format!(
                    "{}: {} is no case of the contract",
                    run.runner, result.name
                ));
            }
        }
        for name in names {
            match ran.get(name) {
                Some(result) if result.ok => sum.passed += 1,
                Some(result) => {
                    sum.failed += 1;
                    sum.complaints
                        .push(format!("{}: {name}: {}", run.runner, result.detail));
                }
                None => {
                    sum.failed += 1;
                    sum.complaints.push(format!("{}: {name} was not run", run.runner));
                }
            }
        }
    }
    sum
}

/// Prints what was wrong, and the last line; an error unless all is well.
pub(crate) fn judge(cases: &Path, results: &[PathBuf]) -> Result<(), Trouble> {
    let names = names(cases)?;
    let runs = results
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<Results>, _>>()?;
    let sum = sum(&names, &runs);
    for complaint in &sum.complaints {
        println!("{complaint}");
    }
    println!(
        "cases {}, runners {}, passed {}, failed {}",
        names.len(),
        runs.len(),
        sum.passed,
        sum.failed
    );
    if names.is_empty() || !sum.complaints.is_empty() {
        return Err(Trouble("the contract does not hold".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(runner: &str, results: &[(&str, bool)]) -> Results {
        let results = results.iter().map(|(name, ok)| Ran {
            name: (*name).to_owned(),
            ok: *ok,
            detail: "why".to_owned(),
        });
        Results {
            runner: runner.to_owned(),
            results: results.collect(),
        }
    }

    #[test]
    fn a_case_that_one_language_lacks_fails() {
        let names: BTreeSet<String> = ["a".to_owned(), "b".to_owned()].into();
        let good = [
            run("kotlin", &[("a", true), ("b", true)]),
            run("swift", &[("a", true), ("b", true)]),
        ];
        assert_eq!(
            sum(&names, &good),
            Sum {
                passed: 4,
                ..Sum::default()
            }
        );
        let short = [
            run("kotlin", &[("a", true), ("b", true)]),
            run("swift", &[("b", true)]),
        ];
        assert_eq!(sum(&names, &short).complaints, ["swift: a was not run"]);
        let failed = [run("python", &[("a", false), ("b", true)])];
        assert_eq!(sum(&names, &failed).complaints, ["python: a: why"]);
    }

    #[test]
    fn what_is_no_case_and_what_ran_twice_is_told() {
        let names: BTreeSet<String> = ["a".to_owned()].into();
        let odd = [run("python", &[("a", true), ("a", true), ("c", true)])];
        assert_eq!(
            sum(&names, &odd).complaints,
            ["python: a ran twice", "python: c is no case of the contract"]
        );
        let twice = [run("python", &[("a", true)]), run("python", &[("a", true)])];
        assert_eq!(sum(&names, &twice).complaints, ["python ran twice"]);
    }
}
