//! The checker on the command line: `grid-checker [--demand 1-28] HISTORY`.
//!
//! Prints how often each invariant was checked and every violation. Exit code 0: nothing violated and every demanded
//! invariant checked; 1: a violation, or a demanded invariant that was never checked; 2: anything else.

use std::fs::File;
use std::io::BufReader;
use std::process::ExitCode;

use grid_checker::{INVARIANTS, Ranges, Report};

const USAGE: &str = "grid-checker [--demand 1-28] HISTORY";

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(is_good) => ExitCode::from(u8::from(!is_good)),
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: Vec<String>) -> Result<bool, String> {
    let (demand, path) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [path] if !path.starts_with('-') => (INVARIANTS.collect(), path),
        ["--demand", numbers, path] | [path, "--demand", numbers] => (demanded(numbers)?, path),
        _ => return Err(USAGE.to_owned()),
    };
    let file = File::open(path).map_err(|error| format!("{path}: {error}"))?;
    let report = grid_checker::check(BufReader::new(file)).map_err(|error| format!("{path}: {error}"))?;
    Ok(print(&report, demand))
}

fn demanded(numbers: &str) -> Result<Vec<u8>, String> {
    let ranges = Ranges::parse(numbers).filter(|ranges| ranges.last() <= u64::from(*INVARIANTS.end()));
    let ranges =
        ranges.ok_or_else(|| format!("--demand takes numbers from 1 to 28 such as 1-6,9; not {numbers}"))?;
    Ok(ranges
        .positions()
        .filter_map(|number| u8::try_from(number).ok())
        .collect())
}

/// Prints the report and says whether it is good.
fn print(report: &Report, demand: Vec<u8>) -> bool {
    for (invariant, count) in &report.checked {
        let violated = report.violated.get(invariant).copied().unwrap_or(0);
        println!("invariant {invariant:>2}: checked {count}, violated {violated}");
    }
    for violation in &report.violations {
        println!("{violation}");
    }
    let kept = report.violations.len() as u64;
    let all: u64 = report.violated.values().sum();
    if all > kept {
        println!("and {} violations more", all - kept);
    }
    let unchecked = report.unchecked(demand);
    for invariant in &unchecked {
        println!("invariant {invariant} was never checked");
    }
    let is_good = all == 0 && unchecked.is_empty();
    let word = if is_good { "holds" } else { "does not hold" };
    println!(
        "{} lines, {all} violations, {} never checked: {word}",
        report.lines,
        unchecked.len()
    );
    is_good
}
