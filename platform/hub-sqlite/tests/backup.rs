//! A copy that was altered is never proved, and a database that is damaged says so.

use grid_hub::conformance::device::FakeDevice;
use grid_hub::conformance::must;
use grid_hub::conformance::world::World;
use grid_hub::{CopyFlaw, prove};
use grid_hub_sqlite::{SqliteSettings, SqliteStore};
use grid_model::{Lane, Seq};
use grid_wire::Fact;
use rusqlite::Connection;

/// What stands in the copy once `sql` has run over it.
fn altered(sql: &str) -> Result<u64, CopyFlaw> {
    let folder = must(tempfile::tempdir());
    let settings = SqliteSettings::default();
    let copy = folder.path().join("copy.db");
    let mut world = World::over(must(SqliteStore::open(&folder.path().join("hub.db"), &settings)));
    let mut device: FakeDevice = world.enrol("W01");
    for _ in 0..100 {
        device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    }
    device.push_all(&world);
    // A second body under a taken key.
    let mut second = device.entries([7]);
    second[0].body.push(0);
    device.push_entries(&world, &second);
    must(world.hub.store().copy_to(&copy));
    must(must(Connection::open(&copy)).execute_batch(sql));
    let copied = must(SqliteStore::open(&copy, &settings));
    assert_eq!(must(copied.damage()), None);
    must(prove(&copied, 0)).map(|proof| proof.changes)
}

#[test]
fn whatever_was_altered_in_a_copy_is_found() {
    assert_eq!(altered(""), Ok(100));
    let at = |wanted: u64, found: Result<u64, CopyFlaw>| match found {
        Err(CopyFlaw::Body { seq, .. } | CopyFlaw::Chain { seq, .. } | CopyFlaw::Unsigned { seq, .. }) => {
            assert_eq!(seq, Seq(wanted));
        }
        other => panic!("expected a flaw at {wanted}, found {other:?}"),
    };
    at(70, altered("UPDATE change SET body = zeroblob(3) WHERE seq = 70"));
    at(70, altered("UPDATE change SET kind = kind + 1 WHERE seq = 70"));
    at(
        70,
        altered("UPDATE change SET body_sha256 = zeroblob(32) WHERE seq = 70"),
    );
    at(
        70,
        altered("UPDATE change SET chain_h = zeroblob(32) WHERE seq = 70"),
    );
    at(100, altered("DELETE FROM change WHERE seq = 100"));
    at(51, altered("UPDATE chain SET contiguous_to = 50"));
    at(100, altered("DELETE FROM signed_head"));
    assert_eq!(
        altered("UPDATE conflict SET body = zeroblob(3)"),
        Err(CopyFlaw::Conflict { place: 1 })
    );
}

#[test]
fn a_row_that_names_nobody_is_damage() {
    let folder = must(tempfile::tempdir());
    let path = folder.path().join("hub.db");
    let store = must(SqliteStore::open(&path, &SqliteSettings::default()));
    assert_eq!(must(store.damage()), None);
    let connection = must(Connection::open(&path));
    must(connection.execute_batch(
        "PRAGMA foreign_keys = OFF; INSERT INTO outline (org_id, geojson) VALUES (zeroblob(16), '{}')",
    ));
    let said = must(store.damage());
    assert!(said.is_some_and(|said| said.contains("outline")));
}
