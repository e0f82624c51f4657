//! What a device is told it should hold, against what it holds that took in every row it was told: the same, whatever happened
//! and however small the pages were; and not the same when rows were altered behind the platform's back.

use std::collections::BTreeMap;

use grid_hub::RowSum;
use grid_hub::conformance::device::{Exchanged, FakeDevice, report};
use grid_hub::conformance::world::{MINUTE, World};
use grid_hub::conformance::{must, there};
use grid_hub_sqlite::{SqliteSettings, SqliteStore};
use grid_model::Lane;
use grid_model::terms::RowKind;

use grid_wire::{Fact, PostRow, ScopeSum};

/// A phone's rows: revision by kind and id.
#[derive(Default)]
struct Held(BTreeMap<(RowKind, Vec<u8>), u64>);

impl Held {
    fn take(&mut self, answer: &Exchanged) {
        for row in &answer.page.rows {
            let key = (row.kind, row.id.clone());
            match row.body.is_empty() {
                true => self.0.remove(&key),
                false => self.0.insert(key, row.revision),
            };
        }
    }

    fn sums(&self) -> Vec<ScopeSum> {
        let mut sums: BTreeMap<RowKind, RowSum> = BTreeMap::new();
        for ((kind, id), revision) in &self.0 {
            sums.entry(*kind).or_default().add(*kind, id, *revision);
        }
        let sums = sums.into_iter().map(|(kind, sum)| ScopeSum {
            kind,
            count: sum.count(),
            sum: sum.sum(),
        });
        sums.collect()
    }
}

struct Phone {
    device: FakeDevice,
    held: Held,
}

impl Phone {
    /// One round to its end; answers what it should hold then.
    fn round(&mut self, world: &World<SqliteStore>) -> Vec<ScopeSum> {
        let answer = self.device.push_all(world);
        self.held.take(&answer);
        let mut told = answer.checkpoint.scope;
        let mut more = answer.page.more;
        while more {
            assert_eq!(told, None, "only at the end of a round");
            let answer = self.device.push(world, []);
            self.held.take(&answer);
            (told, more) = (answer.checkpoint.scope, answer.page.more);
        }
        there(told)
    }
}

fn post(code: u32, name: u32) -> PostRow {
    PostRow {
        code: format!("DL-{code:02}"),
        name: format!("{name}号岗"),
        lat_e7: 0,
        lon_e7: 0,
        checkpoints: Vec::new(),
    }
}

fn world(folder: &tempfile::TempDir) -> World<SqliteStore> {
    let path = folder.path().join("hub.db");
    World::over(must(SqliteStore::open(&path, &SqliteSettings::default())))
}

fn phones(world: &mut World<SqliteStore>) -> Vec<Phone> {
    let mut phone = |job_no| Phone {
        device: world.enrol(job_no),
        held: Held::default(),
    };
    vec![phone("W01"), phone("W01"), phone("W02")]
}

#[test]
fn both_sides_come_to_the_same_sums_in_any_world() {
    for seed in 1..=6_u32 {
        let folder = must(tempfile::tempdir());
        let mut world = world(&folder);
        let mut phones = phones(&mut world);
        let mut tasks = Vec::new();
        let mut noise = seed;
        let mut draw = |below: u32| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 16) % below
        };
        for _ in 0..60 {
            world.pass(MINUTE);
            let which = draw(3) as usize;
            match draw(7) {
                0 | 1 => tasks.push(world.dispatch(if draw(2) == 0 { world.worker } else { world.other })),
                2 => must(must(world.hub.put_post(world.org, &post(draw(4), draw(9))))),
                3 if !tasks.is_empty() => {
                    let task = tasks[draw(tasks.len() as u32) as usize];
                    let revision = world.revision(task);
                    let _ = must(world.hub.recall(world.now, &world.desk, task, revision, "改派"));
                }
                4 | 5 if !tasks.is_empty() => {
                    let task = tasks[draw(tasks.len() as u32) as usize];
                    let fact = if draw(2) == 0 {
                        report(1)
                    } else {
                        Fact::TaskAccepted
                    };
                    phones[which].device.record(world.now, Lane::task(task), fact);
                }
                _ => {
                    let phone = &mut phones[which];
                    phone.device.page_bytes_max = [1, 700, u64::MAX][draw(3) as usize];
                    let told = phone.round(&world);
                    assert_eq!(told, phone.held.sums(), "seed {seed}");
                }
            }
        }
        for phone in &mut phones {
            let told = phone.round(&world);
            assert_eq!(told, phone.held.sums(), "seed {seed}");
            // Who begins anew is told the same.
            phone.device.cursor = 0;
            phone.held = Held::default();
            assert_eq!(phone.round(&world), phone.held.sums(), "seed {seed}");
        }
    }
}

#[test]
fn what_is_altered_behind_the_feeds_back_is_noticed() {
    let folder = must(tempfile::tempdir());
    let mut world = world(&folder);
    let mut phones = phones(&mut world);
    must(must(world.hub.put_post(world.org, &post(1, 1))));
    let tasks = [(); 3].map(|()| world.dispatch(world.worker));
    let phone = &mut phones[0];
    assert_eq!(phone.round(&world), phone.held.sums());
    let alter = |sql: &str, id: &[u8]| {
        let file = must(rusqlite::Connection::open(folder.path().join("hub.db")));
        must(file.execute_batch("PRAGMA foreign_keys = OFF"));
        assert_eq!(must(file.execute(sql, [id])), 1);
    };
    // Another's by now: a phone that begins anew is told that it is gone, and who has it is not told of it by this alone.
    let other = world.other.0;
    alter("DELETE FROM task WHERE task_id = ?1", tasks[0].bytes());
    assert_ne!(phone.round(&world), phone.held.sums(), "a row was lost");
    alter(
        "UPDATE task SET revision = 9 WHERE task_id = ?1",
        tasks[1].bytes(),
    );
    let file = must(rusqlite::Connection::open(folder.path().join("hub.db")));
    let given = "UPDATE task SET holder_id = ?2 WHERE task_id = ?1";
    must(file.execute(given, [tasks[2].bytes(), &other]));
    phone.device.cursor = 0;
    assert_eq!(
        phone.round(&world),
        phone.held.sums(),
        "told anew, it is the same again"
    );
    let held: Vec<_> = phone.held.0.keys().map(|(_, id)| id.clone()).collect();
    assert_eq!(held, [tasks[1].bytes().to_vec(), b"DL-01".to_vec()]);
}

/// Large sums are kept for ten minutes while the feed stands still, and not a moment when it moves.
#[test]
fn sums_of_many_rows_are_kept_while_nothing_moves() {
    let folder = must(tempfile::tempdir());
    let mut world = world(&folder);
    let mut phones = phones(&mut world);
    let first = world.dispatch(world.worker);
    for _ in 0..1_050 {
        world.dispatch(world.worker);
    }
    let phone = &mut phones[0];
    assert_eq!(phone.round(&world), phone.held.sums());
    let file = must(rusqlite::Connection::open(folder.path().join("hub.db")));
    must(file.execute("UPDATE task SET revision = 9 WHERE task_id = ?1", [first.bytes()]));
    assert_eq!(phone.round(&world), phone.held.sums(), "kept");
    world.dispatch(world.worker);
    assert_ne!(phone.round(&world), phone.held.sums(), "made anew");
    must(file.execute(
        "UPDATE task SET revision = 10 WHERE task_id = ?1",
        [first.bytes()],
    ));
    let kept = phone.round(&world);
    world.pass(10 * MINUTE);
    assert_ne!(phone.round(&world), kept, "made anew after ten minutes");
}
