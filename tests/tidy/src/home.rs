//! Which repository is judged: the one this binary was built from, and only when that is the one that was asked about.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The root of the repository that this crate was built in.
///
/// Two checkouts that share a target folder also share the built binary, and cargo does not always build it anew: it
/// would judge the other checkout and say nothing. `asked` is `CARGO_MANIFEST_DIR` at run time, which `cargo run` and
/// `cargo test` set; when it names another folder the answer is a sentence that says what to do.
pub fn root(asked: Option<&OsStr>) -> Result<PathBuf, String> {
    judged(Path::new(env!("CARGO_MANIFEST_DIR")), asked)
}

fn judged(built: &Path, asked: Option<&OsStr>) -> Result<PathBuf, String> {
    match asked.map(Path::new).filter(|asked| *asked != built) {
        None => Ok(built.join("../..")),
        Some(asked) => Err(format!(
            "grid-tidy was built in {} and would judge that checkout, not {}; give each checkout a CARGO_TARGET_DIR of its \
             own, or run: cargo clean -p grid-tidy",
            built.display(),
            asked.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_checkout_is_not_judged() {
        let built = Path::new("/a/tests/tidy");
        assert_eq!(judged(built, None), Ok(built.join("../..")));
        assert_eq!(judged(built, Some(built.as_os_str())), Ok(built.join("../..")));
        let refused = judged(built, Some(OsStr::new("/b/tests/tidy"))).unwrap_err();
        assert!(refused.contains("/a/tests/tidy") && refused.contains("/b/tests/tidy"));
    }
}
