//! `grid-contract`: what the runners of `tests/contract` need beside the library that they test.

mod judge;
mod place;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use grid_fieldbook::DataKey;
use grid_model::Sha256;

/// What went wrong, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Trouble(String);

impl Trouble {
    /// What somebody else says went wrong.
    pub(crate) fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// What the runners need beside the library.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Makes a platform and an enrolled vault with unsent records, and what the platform holds once they were sent.
    Prepare {
        /// New folder: `platform`, `vault` and `expected.json`.
        folder: PathBuf,
    },
    /// Serves the platform of a folder on loopback, made if it is not there; answers lines of JSON until it is told to stop.
    Serve {
        /// Folder of the platform.
        folder: PathBuf,
    },
    /// Pretends that a newer application wrote a vault.
    NewerSchema {
        /// Folder of the vault.
        folder: PathBuf,
        /// Its key, 64 hexadecimal digits.
        key: String,
        /// Schema it has from now on.
        version: u32,
    },
    /// Counts what the runners did; fails unless each ran each case and all passed.
    Judge {
        /// Folder of the cases.
        cases: PathBuf,
        /// What each runner wrote.
        #[arg(required = true)]
        results: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    let ended = match Arguments::parse().what {
        What::Prepare { folder } => place::prepare(&folder),
        What::Serve { folder } => serve::serve(&folder),
        What::NewerSchema { folder, key, version } => newer(&folder, &key, version),
        What::Judge { cases, results } => judge::judge(&cases, &results),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("grid-contract: {error}");
            ExitCode::FAILURE
        }
    }
}

fn newer(folder: &std::path::Path, key: &str, version: u32) -> Result<(), Trouble> {
    // A key has the shape of a digest.
    let Sha256(key) = key
        .parse()
        .map_err(|_| Trouble("the key has 64 hexadecimal digits".to_owned()))?;
    grid_store::set_schema_for_tests(folder, &DataKey::from_bytes(key), version).map_err(Trouble::of)
}
