//! The binary `grid-platform`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    grid_server::cli::main()
}
