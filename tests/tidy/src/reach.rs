//! Every Rust file is built by some target: what nobody names is not tested and not read.

use crate::{Finding, Sources};

/// Finds the files that no `mod`, `#[path]` or `include!` leads to.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let unreached = sources.files.iter().filter(|file| !file.is_reached);
    unreached
        .map(|file| {
            Finding::at(
                &file.path,
                "no target of the workspace is built with this file",
                "name it with `mod` where it belongs, or delete it",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::fixture::one_crate;

    #[test]
    fn a_file_that_nobody_names_is_found() {
        let (_, _, sources) = one_crate(&[
            ("core/a/src/lib.rs", "mod b; // mod lost;"),
            ("core/a/src/b/mod.rs", ""),
            ("core/a/src/lost.rs", ""),
        ]);
        let places: Vec<_> = check(&sources).into_iter().map(|finding| finding.place).collect();
        assert_eq!(places, ["core/a/src/lost.rs"]);
    }
}
