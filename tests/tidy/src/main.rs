//! `grid-tidy` applies the house rules to this repository; `grid-tidy freeze` adds new migrations to the
//! digest list, and agrees to public listings that app developers were told of.

use grid_tidy::{Sources, Tree, Workspace, check_all, frozen, home, length, listings, sheet};
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
    let lists = [
        (frozen::LIST, frozen::freeze(tree)),
        (listings::LIST, listings::freeze(tree)),
    ];
    let mut code = ExitCode::SUCCESS;
    for (path, list) in lists {
        match list {
            Ok(list) => {
                std::fs::write(root.join(path), &list)?;
                writeln!(io::stdout(), "{} are frozen in {path}", list.lines().count())?;
            }
            Err(broken) => {
                write!(io::stderr(), "{}", sheet(&broken))?;
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}
