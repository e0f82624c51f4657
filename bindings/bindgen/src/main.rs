//! Writes the foreign sides from the built library: `uniffi-bindgen generate --library libgrid_ffi.so --language python`.
//!
//! What the generator writes is right everywhere and slow in few places, which [`quick`] exchanges before anybody sees the files.

use std::path::PathBuf;
use std::process::ExitCode;

mod flat;
mod quick;

fn main() -> ExitCode {
    uniffi::uniffi_bindgen_main();
    let Some(folder) = out_dir(std::env::args()) else {
        return ExitCode::SUCCESS;
    };
    match quick::exchange_in(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uniffi-bindgen: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where the generator was told to write.
fn out_dir(mut arguments: impl Iterator<Item = String>) -> Option<PathBuf> {
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--out-dir" | "-o" => return arguments.next().map(PathBuf::from),
            _ => {
                if let Some(folder) = argument.strip_prefix("--out-dir=") {
                    return Some(PathBuf::from(folder));
                }
            }
        }
    }
    None
}
