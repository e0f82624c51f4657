//! Populated vaults of every released schema, as the builds of their time left them. The tests open copies of them with
//! today's build. A fixture is never edited and never made again: `make-fixture` says how it came about.

use std::path::PathBuf;

/// The folder of the fixture of a released schema.
pub fn fixture(schema: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(format!("schema-{schema}"))
}
