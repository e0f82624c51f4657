//! Order inside a lane, and none between lanes.

use grid_model::{ChangeKind, Lane};
use grid_wire::{Entry, Fact, Verdict};

use super::device::report;
use super::world::World;
use crate::HubStore;

/// Accepted at once, folded when its turn comes, in the order of the lane.
pub fn a_held_change_is_folded_when_its_predecessor_arrives<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let lane = Lane::task(task);
    device.record(world.now, lane, Fact::TaskAccepted);
    device.record(world.now, lane, Fact::TaskArrived(Default::default()));
    device.record(world.now, lane, report(1));
    device.record(world.now, lane, report(2));
    let behind = device.push(&world, [3, 4]);
    assert_eq!(behind.verdicts([3, 4]), [Some(Verdict::Accepted); 2]);
    assert_eq!(world.events(task), ["dispatch→assigned"], "held, not folded");
    let again = device.push(&world, [4]);
    assert_eq!(
        again.verdicts([4]),
        [Some(Verdict::Duplicate)],
        "held is accepted"
    );
    device.push(&world, [2]);
    assert_eq!(world.events(task).len(), 2, "only the delivery came between");
    device.push(&world, [1]);
    let expected = [
        "dispatch→assigned",
        "deliver→assigned",
        "accept→accepted",
        "arrive→on_site",
        "submit→submitted",
        "amend→submitted",
    ];
    assert_eq!(world.events(task), expected);
    let versions: Vec<_> = world
        .task(task)
        .reports
        .iter()
        .map(|report| report.fact.version)
        .collect();
    assert_eq!(versions, [1, 2]);
}

/// A report must not stay invisible because a note before it cannot be read.
pub fn a_parked_predecessor_holds_back_nobody<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    let lane = Lane::task(task);
    device.write(lane, |seq, prev_in_lane| Entry {
        seq,
        lane,
        prev_in_lane,
        kind: ChangeKind::TaskAccepted,
        schema_version: 1,
        body: vec![0xff],
    });
    device.record(world.now, lane, report(1));
    device.push(&world, [2]);
    assert_eq!(world.events(task), ["dispatch→assigned"]);
    device.push(&world, [1]);
    assert_eq!(
        world.events(task),
        ["dispatch→assigned", "deliver→assigned", "submit→submitted"]
    );
}

/// A hole in one lane is no reason to wait in another.
pub fn lanes_do_not_wait_for_each_other<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let (first, second) = (world.dispatch(world.worker), world.dispatch(world.worker));
    device.record(world.now, Lane::task(first), Fact::TaskAccepted);
    device.record(world.now, Lane::task(second), Fact::TaskAccepted);
    device.record(world.now, Lane::task(first), report(1));
    device.record(world.now, Lane::task(second), report(1));
    device.push(&world, [2, 3, 4]);
    assert_eq!(
        world.events(second),
        ["dispatch→assigned", "accept→accepted", "submit→submitted"]
    );
    assert_eq!(world.events(first), ["dispatch→assigned"]);
}
