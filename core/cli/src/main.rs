//! The binary `grid`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    grid_cli::main()
}
