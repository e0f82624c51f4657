//! What only a store in a file can show: it outlives its process, it can be copied while it works, and many devices at
//! once do not confuse it.

use grid_hub::conformance::device::FakeDevice;
use grid_hub::conformance::must;
use grid_hub::conformance::world::{World, sign_in};
use grid_hub::views::{PageAsk, Period};
use grid_hub::{Hub, HubError, HubStore};
use grid_hub_sqlite::{SqliteSettings, SqliteStore};
use grid_model::Lane;
use grid_model::terms::CountKind;
use grid_wire::fact::Counted;
use grid_wire::{Fact, Verdict};

fn count(world: &World<SqliteStore>, device: &mut FakeDevice, value: i64) -> u64 {
    let (count_kind, post) = (CountKind::Rescued, "DL-01".to_owned());
    let counted = Counted {
        count_kind,
        value,
        post,
        patrol: None,
        reason: None,
    };
    device.record(world.now, Lane::loose_counts(device.id), Fact::Counted(counted))
}

fn total<S: HubStore>(hub: &Hub<S>, now: i64) -> i64 {
    let desk = sign_in(hub, now, "D01");
    must(hub.count_totals(&desk, Period::ALWAYS))
        .iter()
        .map(|total| total.total)
        .sum()
}

#[test]
fn what_was_receipted_is_there_after_a_restart_and_in_a_copy() {
    let folder = must(tempfile::tempdir());
    let (path, copy) = (folder.path().join("hub.db"), folder.path().join("copy.db"));
    let settings = SqliteSettings::default();
    let mut world = World::over(must(SqliteStore::open(&path, &settings)));
    let mut device = world.enrol("W01");
    count(&world, &mut device, 5);
    device.push_all(&world);
    must(world.hub.store().copy_to(&copy));
    count(&world, &mut device, 7);
    device.push_all(&world);
    assert!(
        world.hub.store().copy_to(&copy).is_err(),
        "a backup overwrites nothing"
    );
    let now = world.now;
    drop(world);
    for (file, expected) in [(&path, 12), (&copy, 5)] {
        let store = must(SqliteStore::open(file, &settings));
        let keys = grid_hub::conformance::world::seeded_keys(1);
        let hub = must(Hub::open(store, grid_hub::conformance::world::settings(keys)));
        assert_eq!(total(&hub, now), expected);
    }
}

#[test]
fn devices_at_once_lose_and_double_nothing() {
    let folder = must(tempfile::tempdir());
    let settings = SqliteSettings {
        readers: 2,
        ..SqliteSettings::default()
    };
    let mut world = World::over(must(SqliteStore::open(&folder.path().join("hub.db"), &settings)));
    let devices: Vec<_> = (0..6).map(|_| world.enrol("W01")).collect();
    let world = &world;
    std::thread::scope(|scope| {
        for mut device in devices {
            scope.spawn(move || {
                for _ in 0..10 {
                    let seq = count(world, &mut device, 1);
                    let answer = device.push(world, [seq]);
                    assert_eq!(answer.verdicts([seq]), [Some(Verdict::Accepted)]);
                    // As if the answer had been lost.
                    assert_eq!(
                        device.push(world, [seq]).verdicts([seq]),
                        [Some(Verdict::Duplicate)]
                    );
                    must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
                }
            });
        }
    });
    assert_eq!(total(&world.hub, world.now), 60);
    let devices = must(world.hub.devices(world.now, &world.desk, PageAsk::default()));
    assert!(
        devices
            .items
            .iter()
            .all(|device| device.received_to == 10 && device.verified_to == 10)
    );
}

/// A limit of pages stands for a full disk: SQLite says `SQLITE_FULL` to both.
#[test]
fn a_full_store_says_so_and_loses_nothing() {
    let folder = must(tempfile::tempdir());
    let path = folder.path().join("hub.db");
    let open = |pages_max| {
        let settings = SqliteSettings {
            pages_max,
            ..SqliteSettings::default()
        };
        must(SqliteStore::open(&path, &settings))
    };
    let again = |pages_max| {
        let keys = grid_hub::conformance::world::seeded_keys(1);
        let settings = grid_hub::conformance::world::settings(keys);
        must(Hub::open(open(pages_max), settings))
    };
    let mut world = World::over(open(None));
    let mut device = world.enrol("W01");
    count(&world, &mut device, 1);
    device.push_all(&world);
    for _ in 0..200 {
        count(&world, &mut device, 1);
    }
    let request = device.request(&device.entries(2..=201), |_| {}).to_bytes();
    let (now, desk) = (world.now, world.desk.clone());
    let sum = |hub: &Hub<SqliteStore>| must(hub.count_totals(&desk, Period::ALWAYS))[0].total;
    drop(world);
    // Fewer pages than it has: nothing can grow any more.
    let full = again(Some(1));
    match full.exchange(now, &request) {
        Err(HubError::Full(_)) => {}
        other => panic!("expected a full store, found {:?}", other.map(|_| ())),
    }
    assert_eq!(
        sum(&full),
        1,
        "what was receipted stays, of the refused batch nothing"
    );
    drop(full);
    // The phone keeps its batch as it is; once there is space the very same bytes are taken.
    let roomy = again(None);
    must(must(roomy.exchange(now, &request)));
    assert_eq!(sum(&roomy), 201);
}
