//! `grid-tidy` applies the house rules to this repository; `grid-tidy freeze` adds new migrations to the digest list.

use grid_tidy::{Sources, Tree, Workspace, check_all, frozen, home, length, sheet};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    let root = match home::root(std::env::var_os("CARGO_MANIFEST_DIR").as_deref()) {
        Ok(root) => root,
        Err(sentence) => {
            writeln!(io::stderr(), "{sentence}")?;
            return Ok(ExitCode::from(2));
        }
    };
    let tree = Tree::open(&root)?;
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, None) => judge(&tree, &Workspace::open(&root)?),
        (Some("freeze"), None) => freeze(&tree, &root),
        _ => {
            writeln!(io::stderr(), "usage: cargo run -p grid-tidy [-- freeze]")?;
            Ok(ExitCode::from(2))
        }
    }
}

fn judge(tree: &Tree, workspace: &Workspace) -> io::Result<ExitCode> {
    let found = check_all(tree, workspace);
    let mut out = io::stdout().lock();
    write!(out, "{}", sheet(&found))?;
    if let Some(sizes) = length::sizes(tree, &Sources::read(tree, workspace)) {
        writeln!(out, "{sizes}")?;
    }
    writeln!(out, "{} findings", found.len())?;
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn freeze(tree: &Tree, root: &std::path::Path) -> io::Result<ExitCode> {
    match frozen::freeze(tree) {
        Ok(list) => {
            std::fs::write(root.join(frozen::LIST), &list)?;
            writeln!(
                io::stdout(),
                "{} migrations are frozen in {}",
                list.lines().count(),
                frozen::LIST
            )?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            write!(io::stderr(), "{}", sheet(&broken))?;
            Ok(ExitCode::FAILURE)
        }
    }
}
