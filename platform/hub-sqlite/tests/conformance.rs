//! The hub's own suite over SQLite.

use grid_hub_sqlite::{SqliteSettings, SqliteStore};

fn fresh() -> (SqliteStore, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store =
        SqliteStore::open(&folder.path().join("hub.db"), &SqliteSettings::default()).expect("a store");
    (store, folder)
}

grid_hub::conformance_tests!(fresh);
