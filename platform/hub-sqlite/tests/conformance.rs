//! The hub's own suite over SQLite.

use grid_hub::conformance::must;
use grid_hub_sqlite::{SqliteSettings, SqliteStore};

fn fresh() -> (SqliteStore, tempfile::TempDir) {
    let folder = must(tempfile::tempdir());
    let store = must(SqliteStore::open(
        &folder.path().join("hub.db"),
        &SqliteSettings::default(),
    ));
    (store, folder)
}

grid_hub::conformance_tests!(fresh);
