//! Proofs of a copy, the backed-up mark, and what is known to be missing.

use grid_model::{Epoch, Lane, Seq, Sha256};
use grid_wire::Fact;

use super::device::FakeDevice;
use super::world::World;
use super::{must, there};
use crate::store::{BackupRead as _, BackupWrite as _};
use crate::views::{DeviceView, MissingRange, PageAsk};
use crate::{BackupTag, HubStore, ProofRefusal, prove};

const fn tag(id: u8) -> BackupTag {
    BackupTag {
        id: [id; 16],
        made_at_ms: 1,
        manifest_sha256: Sha256([id; 32]),
    }
}

fn write<S: HubStore>(world: &World<S>, device: &mut FakeDevice, count: u64) {
    for _ in 0..count {
        device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    }
}

fn view<S: HubStore>(world: &World<S>) -> DeviceView {
    must(world.hub.devices(world.now, &world.desk, PageAsk::default()))
        .items
        .remove(0)
}

/// The mark is told in the next page, moves up only, and never stands beyond what is verified.
pub fn the_backed_up_mark_moves_up_and_never_beyond_the_verified_one<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    write(&world, &mut device, 5);
    let before = device.push_all(&world).checkpoint;
    assert_eq!(
        (before.backed_up_to(), before.verified_h),
        (Seq(0), Some(device.head().h))
    );
    let five = must(must(prove(world.hub.store(), 0)));
    assert_eq!((five.changes, five.logs.len()), (5, 1));
    must(must(world.hub.note_backup(world.now, &tag(1), &five)));
    assert_eq!(device.push(&world, []).checkpoint.backed_up_to(), Seq(5));
    write(&world, &mut device, 2);
    let more = device.push_all(&world).checkpoint;
    assert_eq!((more.verified_to(), more.backed_up_to()), (Seq(7), Seq(5)));
    let seven = must(must(prove(world.hub.store(), 0)));
    must(must(world.hub.note_backup(world.now, &tag(2), &seven)));
    // An older backup that is proved again takes nothing back.
    must(must(world.hub.note_backup(world.now, &tag(1), &five)));
    assert_eq!(device.push(&world, []).checkpoint.backed_up_to(), Seq(7));
    assert_eq!(view(&world).backed_up_to, 7);
    assert_eq!(
        must(world.hub.store().read(|tx| tx.proved_backups())).len(),
        2,
        "each is noted once"
    );
    // Whatever stands in the table, nothing is told that is not verified.
    let log = (device.id, device.epoch);
    must(
        world
            .hub
            .store()
            .write(|tx| tx.raise_backed_up(log.0, log.1, Seq(100), 1)),
    );
    let told = device.push(&world, []).checkpoint;
    assert_eq!((told.verified_to(), told.backed_up_to()), (Seq(7), Seq(7)));
    assert_eq!(view(&world).backed_up_to, 7);
}

/// What lies behind a hole is in the copy and counts as nothing; each life of a log has its own mark.
pub fn a_proof_ends_at_the_first_hole<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    write(&world, &mut device, 5);
    let told = device.push(&world, [4, 5]).checkpoint;
    assert_eq!((told.verified_to(), told.verified_h), (Seq(0), None));
    let proof = must(must(prove(world.hub.store(), 0)));
    assert_eq!((proof.changes, proof.logs.len()), (2, 0));
    device.push_all(&world);
    device.begin_epoch(Epoch(9));
    write(&world, &mut device, 2);
    device.push_all(&world);
    let proof = must(must(prove(world.hub.store(), 0)));
    let mut marks: Vec<_> = proof.logs.iter().map(|log| log.verified_to.0).collect();
    marks.sort_unstable();
    assert_eq!((proof.changes, marks), (7, vec![2, 5]));
    must(must(world.hub.note_backup(world.now, &tag(1), &proof)));
    assert_eq!(device.push(&world, []).checkpoint.backed_up_to(), Seq(2));
}

/// A proof speaks for the life that was copied, and only for what this store has too.
pub fn a_proof_of_another_life_moves_nothing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    write(&world, &mut device, 3);
    device.push_all(&world);
    let proof = must(must(prove(world.hub.store(), 0)));
    let log = (device.id, device.epoch);
    let mark = |world: &World<S>| must(world.hub.store().read(|tx| tx.backed_up_to(log.0, log.1)));
    let mut ahead = proof.clone();
    ahead.logs[0].verified_to = Seq(4);
    match must(world.hub.note_backup(world.now, &tag(1), &ahead)) {
        Err(ProofRefusal::Ahead { seq: Seq(4), .. }) => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(mark(&world), Seq(0));
    must(must(world.hub.note_backup(world.now, &tag(1), &proof)));
    assert_eq!(mark(&world), Seq(3));
    let next = must(world.hub.begin_incarnation(world.now));
    assert_eq!(mark(&world), Seq(0), "a new life begins with nothing proved");
    match must(world.hub.note_backup(world.now, &tag(2), &proof)) {
        Err(ProofRefusal::OtherLife { copied, ours }) => {
            assert_eq!((copied, ours), (proof.incarnation, next));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(mark(&world), Seq(0));
    let restored = must(world.hub.begin_restored(world.now, &tag(3), &proof));
    assert_ne!(restored, next);
    assert_eq!(mark(&world), Seq(3));
    let proved = must(world.hub.store().read(|tx| tx.proved_backups()));
    let third = there(proved.iter().find(|backup| backup.id == [3; 16]));
    assert_eq!((third.incarnation, proved.len()), (restored, 2));
}

/// The exact stretches that a signed head speaks of, in every life of a log, as many as a page can bear.
pub fn what_is_missing_is_told_by_position<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    write(&world, &mut device, 8);
    let first = device.epoch;
    device.push(&world, [1, 3, 6]);
    let range = |epoch, from, to| MissingRange { epoch, from, to };
    let early = [range(first, 2, 2), range(first, 4, 5), range(first, 7, 8)];
    let shown = view(&world);
    assert_eq!((&shown.missing[..], shown.missing_count), (&early[..], 5));
    device.begin_epoch(Epoch(u64::MAX));
    write(&world, &mut device, 1);
    device.push_all(&world);
    let shown = view(&world);
    assert_eq!(
        (&shown.missing[..], shown.missing_count, shown.unsent),
        (&early[..], 5, 0)
    );
    // A phone that sends every second change leaves more stretches than are shown.
    write(&world, &mut device, 299);
    device.push(&world, (1..=299).step_by(2));
    let shown = view(&world);
    assert_eq!((shown.missing.len(), shown.missing_count), (100, 5 + 150));
    device.push_all(&world);
    let shown = view(&world);
    assert_eq!((&shown.missing[..], shown.missing_count), (&early[..], 5));
}
