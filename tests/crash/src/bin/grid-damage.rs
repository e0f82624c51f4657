//! Runs the suites of damaged vaults and of known bugs from the command line.
#![allow(clippy::print_stdout, reason = "a program that tells what it found")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str, otherwise: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        let value = at.and_then(|at| arguments.get(at + 1)?.parse().ok());
        value.unwrap_or(otherwise)
    };
    let (count, seed) = (number("--count", 20_000), number("--seed", 1));
    let ran = match arguments.first().map(String::as_str) {
        Some("damage") => {
            grid_crash::damage::run(count, seed, number("--threads", 2)).map(|r| (r.text(), r.is_clean()))
        }
        Some("museum") if arguments.get(1).is_some_and(|which| which == "store") => {
            let visit = grid_crash::museum::store();
            Ok((visit.text(), visit.bugs == visit.caught))
        }
        Some("repeat") => {
            grid_crash::damage::repeat(seed, number("--image", 0)).map(|r| (r.text(), r.problems.is_empty()))
        }
        _ => Err(
            "usage: grid-damage damage --count N --seed S [--threads T] | repeat --seed S --image N | museum store"
                .to_owned(),
        ),
    };
    match ran {
        Ok((text, clean)) => {
            println!("{text}");
            if clean {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}
