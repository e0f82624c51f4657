//! The hash chain: verified-to and forks.

use grid_model::{Epoch, Lane, Seq, Sha256};
use grid_wire::{Fact, Head, Verdict};

use super::device::FakeDevice;
use super::must;
use super::world::World;
use crate::HubStore;
use crate::views::{DeviceView, PageAsk};

fn five<S: HubStore>(world: &World<S>, device: &mut FakeDevice) {
    for _ in 0..5 {
        device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    }
}

fn view<S: HubStore>(world: &World<S>) -> DeviceView {
    must(world.hub.devices(world.now, &world.desk, PageAsk::default()))
        .items
        .remove(0)
}

/// The mark stands at a signed head with everything below it here.
pub fn verified_to_moves_when_the_gap_closes<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    five(&world, &mut device);
    assert_eq!(device.push(&world, [4, 5]).checkpoint.verified_to(), Seq(0));
    assert_eq!(device.push(&world, [1, 2]).checkpoint.verified_to(), Seq(0));
    let shown = view(&world);
    assert_eq!((shown.received_to, shown.head, shown.unsent), (2, 5, 1));
    let closed = device.push(&world, [3]).checkpoint;
    assert_eq!((closed.verified_to(), closed.backed_up_to()), (Seq(5), Seq(0)));
    let shown = view(&world);
    assert_eq!(
        (shown.received_to, shown.verified_to, shown.unsent, shown.forks),
        (5, 5, 0, 0)
    );
    // A head that was signed before the gap closed counts when it closes, even if the newest head lies further on.
    let mut slow = world.enrol("W01");
    five(&world, &mut slow);
    slow.push(&world, [1, 2]);
    five(&world, &mut slow);
    assert_eq!(slow.push(&world, [3, 4, 5, 6]).checkpoint.verified_to(), Seq(5));
}

/// Both branches are kept; the mark does not move along the wrong one.
pub fn a_differing_head_is_a_fork_and_refuses_nothing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    device.push_all(&world);
    five(&world, &mut device);
    let entries = device.entries(2..=6);
    let wrong = Head::new(Seq(6), Sha256([9; 32]));
    let lied = device.request(&entries, |header| header.head = wrong);
    must(must(device.send(&world, &lied)));
    let shown = view(&world);
    assert_eq!((shown.forks, shown.received_to, shown.verified_to), (1, 6, 1));
    // The true head is believed all the same, and a wrong one below the mark is noticed too.
    let honest = device.push_all(&world);
    assert_eq!(honest.checkpoint.verified_to(), Seq(6));
    assert_eq!(honest.verdicts([6]), [Some(Verdict::Duplicate)]);
    let below = device.request(&[], |header| header.head = Head::new(Seq(2), Sha256([8; 32])));
    must(must(device.send(&world, &below)));
    assert_eq!(view(&world).forks, 2);
}

/// Positions of one life say nothing about another's.
pub fn a_second_epoch_has_a_chain_of_its_own<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    five(&world, &mut device);
    assert_eq!(device.push_all(&world).checkpoint.verified_to(), Seq(5));
    device.begin_epoch(Epoch(u64::MAX));
    device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    let answer = device.push_all(&world);
    assert_eq!(
        (answer.verdicts([1]), answer.checkpoint.verified_to()),
        (vec![Some(Verdict::Accepted)], Seq(1))
    );
    let shown = view(&world);
    assert_eq!((shown.received_to, shown.head, shown.unsent), (1, 1, 0));
}
