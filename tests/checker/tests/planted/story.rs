//! One consistent story in which every invariant is checked: a task with photos and a wrong clock (a), a clone (b and c),
//! a rollback (d), a backup, a purge, a restore.

use serde_json::{Value, json};

use crate::encode::{Id, hash};
use crate::world::{Act, World};

pub(crate) const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Above what a JSON number can hold exactly.
pub(crate) const FIRST: u64 = 0xfeed_f00d_dead_beef;
const SECOND: u64 = 77;
pub(crate) const TASK: Id = [0x11; 16];

/// What the world itself does wrong, where no line can be altered without breaking a signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plant {
    Nothing,
    LittleBackedUp,
    CloneGoesOn,
    RollbackGoesOn,
}

pub(crate) fn photo(number: u8) -> [u8; 32] {
    hash(&[number])
}

fn act(lane: (&'static str, u64, Id), kind: (&'static str, u64)) -> Act {
    Act {
        lane,
        kind,
        count: None,
        photos: Vec::new(),
    }
}

fn task(kind: (&'static str, u64)) -> Act {
    act(("task", 1, TASK), kind)
}

fn count(value: u64) -> Act {
    Act {
        count: Some(value),
        ..act(("count", 6, [0x22; 16]), ("counted", 20))
    }
}

fn observed() -> Act {
    act(("patrol", 4, [0x33; 16]), ("observed", 12))
}

pub(crate) fn history(plant: Plant) -> Vec<Value> {
    let mut world = World::new();
    for (number, name) in ["a", "b", "d"].into_iter().enumerate() {
        world.enrol(name, number as u8 + 1);
    }
    recording(&mut world);
    sending(&mut world);
    clone(&mut world, plant);
    rollback(&mut world, plant);
    let mut orders = vec![order(&world, "b", FIRST, &[2, 3])];
    orders[0].truncate(2);
    reading(
        &mut world,
        if plant == Plant::RollbackGoesOn { 30 } else { 130 },
        &orders,
    );
    backup(&mut world, plant);
    restore(&mut world);
    ending(&mut world, plant);
    world.lines
}

/// What a does before it has a link: seconds of work, a crash, and what the simulator measured beside it.
fn recording(world: &mut World) {
    world.phones.get_mut("a").unwrap().wall_offset_ms = 3_650 * DAY_MS;
    world.tell(
        "clock",
        json!({"vault": "a", "wall_offset_ms": 3_650 * DAY_MS, "mono_ms": 1, "boot": 1}),
    );
    let local = |status: &str, own: bool, revision: u64| json!({"vault": "a", "task": hex::encode(TASK), "status": status, "own": own, "revision": revision});
    world.tell("local", local("assigned", false, 1));
    world.save(
        "a",
        FIRST,
        Act {
            photos: vec![photo(1)],
            ..task(("task_accepted", 1))
        },
        true,
    );
    world.tell("local", local("accepted", true, 1));
    world.save("a", FIRST, count(5), true);
    world.tell(
        "refused",
        json!({"vault": "a", "op": "bad", "error": "note: too long"}),
    );
    world.save(
        "a",
        FIRST,
        Act {
            photos: vec![photo(2)],
            ..task(("report_submitted", 3))
        },
        true,
    );
    world.tell("local", local("submitted", true, 1));
    world.view("a");
    world.save("a", FIRST, observed(), false);
    world.tell("down", json!({"vault": "a", "how": "power"}));
    world.tell(
        "opened",
        json!({"vault": "a", "epoch": FIRST.to_string(), "ok": true}),
    );
    world.view("a");
    world.tell(
        "damage",
        json!({"vault": "a", "copy": "lifeboat", "detected": true}),
    );
    let salvage =
        json!({"vault": "a", "unsent": 4, "recovered": 4, "original_untouched": true, "again_same": true});
    world.tell("salvage", salvage);
    world.tell(
        "migrated",
        json!({"vault": "a", "from": 1, "to": 2, "cut": true, "same": true}),
    );
    world.tell(
        "future",
        json!({"vault": "a", "kind": "field", "survived": true, "before": "a0", "after": "a0"}),
    );
    world.tell("fault", json!({"number": 3}));
}

/// a sends, loses an answer, sends again; b is asked to wait.
fn sending(world: &mut World) {
    world.tell("sync", json!({"vault": "a", "begin": true}));
    world.exchange_again("a", FIRST, &[1, 2, 3, 4], "cut", 5);
    world.tell(
        "sync",
        json!({"vault": "a", "end": true, "outcome": "link", "next_in_ms": 4000, "wrote_since": false}),
    );
    world.tell("rest", json!({"vault": "a", "failures": 1, "rest_ms": 4000}));
    world.tell("sync", json!({"vault": "a", "begin": true}));
    world.exchange_again("a", FIRST, &[1, 2, 3, 4], "whole", 5);
    world.ask("a", "/v1/uploads/7", b"jpeg");
    let resent =
        json!({"vault": "a", "sha256": hex::encode(photo(1)), "cut_at": 200_000, "resumed_at": 150_000});
    world.tell("resent", resent);
    world.tell(
        "sync",
        json!({"vault": "a", "end": true, "outcome": "complete", "wrote_since": false}),
    );
    world.view("a");
    world.tell(
        "parked",
        json!({"vault": "a", "epoch": FIRST.to_string(), "seq": 4, "reason": "not_holder"}),
    );
    let local =
        json!({"vault": "a", "task": hex::encode(TASK), "status": "submitted", "own": false, "revision": 3});
    world.tell("local", local);
    let command = |base: u64, accepted: bool| json!({"task": hex::encode(TASK), "by": "z", "base_revision": base, "revision": 4, "accepted": accepted});
    world.tell("command", command(3, true));
    world.tell("command", command(3, false));
    world.save("b", FIRST, task(("report_submitted", 3)), true);
    let n = world.ask("b", "/v1/sync", &request_of_nothing(world));
    world.refuse(n, 60);
    world.at += 60_000;
    world.exchange("b", FIRST, &[1], "whole");
    world.view("b");
}

fn request_of_nothing(world: &World) -> Vec<u8> {
    let phone = &world.phones["b"];
    let header = crate::encode::Header {
        device: phone.device,
        epoch: FIRST,
        head: 1,
        incarnation: None,
        nonce: 9,
    };
    crate::encode::request(&phone.key, &header, &[])
}

/// c is a copy of b; both write the second position.
fn clone(world: &mut World, plant: Plant) {
    let copy = world.phones["b"].clone();
    world.phones.insert("c", copy);
    world.tell("clone", json!({"vault": "c", "of": "b"}));
    world.save("b", FIRST, count(1), true);
    world.save("b", FIRST, count(2), true);
    world.exchange("b", FIRST, &[2], "whole");
    world.save("c", FIRST, observed(), true);
    world.exchange("c", FIRST, &[2], "whole");
    let epoch = if plant == Plant::CloneGoesOn {
        FIRST
    } else {
        SECOND
    };
    world.view("c");
    let seq = world.save("c", epoch, observed(), true);
    world.view("c");
    world.exchange("c", epoch, &[seq], "whole");
    world.view("b");
    world.view("c");
}

/// d is put back behind what the platform has.
fn rollback(world: &mut World, plant: Plant) {
    for value in [7, 8, 9] {
        world.save("d", FIRST, count(value), true);
    }
    world.exchange("d", FIRST, &[1, 2, 3], "whole");
    world.view("d");
    world.tell("down", json!({"vault": "d", "how": "close"}));
    world.tell("rollback", json!({"vault": "d", "to_seq": 1}));
    let phone = world.phones.get_mut("d").unwrap();
    phone.logs.get_mut(&FIRST).unwrap().retain(|seq, _| *seq <= 1);
    phone.states.retain(|(_, seq), _| *seq <= 1);
    world.tell(
        "opened",
        json!({"vault": "d", "epoch": FIRST.to_string(), "ok": true}),
    );
    world.view("d");
    world.save("d", FIRST, count(80), true);
    world.exchange("d", FIRST, &[2], "whole");
    world.exchange("d", FIRST, &[], "whole");
    world.view("d");
    let epoch = if plant == Plant::RollbackGoesOn {
        FIRST
    } else {
        SECOND
    };
    let seq = world.save("d", epoch, count(100), true);
    world.exchange("d", epoch, &[seq], "whole");
    world.view("d");
}

fn order(world: &World, name: &str, epoch: u64, seqs: &[u64]) -> Vec<Value> {
    let device = hex::encode(world.phones[name].device);
    seqs.iter()
        .map(|seq| json!([device, epoch.to_string(), seq]))
        .collect()
}

/// A whole reading of the platform.
fn reading(world: &mut World, total: u64, orders: &[Vec<Value>]) {
    world.dump();
    if !world.rows.contains_key(&(world.phones["b"].device, FIRST, 3)) {
        let (device, epoch) = (hex::encode(world.phones["b"].device), FIRST.to_string());
        world.tell(
            "missing",
            json!({"device": device, "epoch": epoch, "ranges": "3"}),
        );
    }
    world.tell(
        "fork",
        json!({"device": hex::encode(world.phones["b"].device), "epoch": FIRST.to_string(), "seq": 2}),
    );
    world.total(total);
    world.tell(
        "fold",
        json!({"lane": format!("task:{}", hex::encode(TASK)), "order": order(world, "a", FIRST, &[1, 3])}),
    );
    for order in orders {
        world.tell(
            "fold",
            json!({"lane": "count:22222222222222222222222222222222", "order": order}),
        );
    }
    world.tell(
        "task",
        json!({"task": hex::encode(TASK), "holder": "a", "status": "submitted", "late_reports": 1}),
    );
    for number in [1, 2] {
        world.tell(
            "photo",
            json!({"sha256": hex::encode(photo(number)), "bytes": 9, "on_platform": true}),
        );
    }
}

/// A backup is proved, and eight days later a purges what it held.
fn backup(world: &mut World, plant: Plant) {
    world.tell(
        "platform",
        json!({"what": "verified", "incarnation": hex::encode(world.incarnation), "backup": "x"}),
    );
    let to = if plant == Plant::LittleBackedUp { 1 } else { 2 };
    world.vouched.insert((world.phones["a"].device, FIRST), to);
    world.exchange("a", FIRST, &[], "whole");
    world.view("a");
    world.at += 8 * DAY_MS;
    let phone = world.phones.get_mut("a").unwrap();
    phone.purged_to.insert(FIRST, 2);
    phone.logs.get_mut(&FIRST).unwrap().retain(|seq, _| *seq > 2);
    phone.states.retain(|(_, seq), _| *seq > 2);
    world.view("a");
}

/// The platform is put back to what a had purged; everybody offers the rest again.
fn restore(world: &mut World) {
    world.incarnation = [0xe2; 16];
    world.conflicts.clear();
    let a = world.phones["a"].device;
    world.rows.retain(|(device, _, seq), _| *device == a && *seq <= 2);
    world.tell(
        "platform",
        json!({"what": "restored", "incarnation": hex::encode(world.incarnation), "backup": "x"}),
    );
    let all: Vec<(&'static str, u64, Vec<u64>)> = ["a", "b", "c", "d"]
        .into_iter()
        .flat_map(|name| {
            let logs = &world.phones[name].logs;
            logs.iter()
                .map(move |(epoch, log)| (name, *epoch, log.keys().copied().collect()))
                .collect::<Vec<_>>()
        })
        .collect();
    for (name, epoch, seqs) in all {
        world.exchange(name, epoch, &[], "whole");
        world.exchange(name, epoch, &seqs, "whole");
        world.exchange(name, epoch, &[], "whole");
    }
}

fn ending(world: &mut World, plant: Plant) {
    world.tell("healed", json!({"rounds": 3}));
    for name in ["a", "b", "c", "d"] {
        world.view(name);
        let agree = json!({"vault": name, "round": 3, "phone": "aa", "platform": "aa"});
        world.tell("agree", agree);
    }
    let orders = [
        order(world, "b", FIRST, &[2, 3]),
        order(world, "d", FIRST, &[1, 2]),
    ];
    reading(world, 195, &orders);
    if plant != Plant::RollbackGoesOn {
        let device = hex::encode(world.phones["d"].device);
        world.tell(
            "restore_loss",
            json!({"device": device, "epoch": FIRST.to_string(), "ranges": "3"}),
        );
    }
    world.tell("end", json!({}));
}
