//! The fuzzing engine around the target that `GRID_FUZZ_TARGET` names.
#![no_main]

use std::sync::LazyLock;

use grid_fuzz::Target;
use libfuzzer_sys::{Corpus, fuzz_target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("GRID_FUZZ_TARGET").unwrap_or_default();
    Target::named(&name).unwrap_or_else(|| panic!("GRID_FUZZ_TARGET names no target: `{name}`"))
});

fuzz_target!(|bytes: &[u8]| -> Corpus {
    (TARGET.run)(bytes);
    Corpus::Keep
});
