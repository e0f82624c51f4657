//! Counts and the patrols they name.

use grid_model::terms::{CountKind, Role};
use grid_model::{Lane, PatrolId};
use grid_wire::Verdict;

use super::field::{counted, started};
use super::must;
use super::world::{World, person, sign_in};
use crate::views::{CountEntry, PageAsk, PatrolQuery, Period, Session};
use crate::{HubStore, OrgDraft};

fn steps<S: HubStore>(world: &World<S>, who: &Session) -> Vec<CountEntry> {
    let kind = CountKind::TestOrganised;
    must(
        world
            .hub
            .count_entries(world.now, who, kind, Period::ALWAYS, PageAsk::default()),
    )
    .items
}

/// Whoever knows the id of a patrol of somebody else (another organisation, a colleague) can name it, in the fact or by
/// its lane: the count is kept and summed where its writer belongs, and nothing of it shows on that patrol.
pub fn a_count_does_not_write_into_a_strangers_patrol<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let beside = OrgDraft {
        name: "邻岛边境派出所".to_owned(),
        parent: None,
        prefix: "HY".to_owned(),
    };
    let beside = must(must(world.hub.create_org(world.now, &beside)));
    for (job_no, role) in [("W21", Role::BorderOfficer), ("D21", Role::DutyOfficer)] {
        must(must(
            world.hub.create_worker(world.now, &person(beside, job_no, role)),
        ));
    }
    let patrol = PatrolId([3; 16]);
    let mut mine = world.enrol("W01");
    mine.record(world.now, Lane::patrol(patrol), started());
    mine.record(world.now, Lane::patrol_counts(patrol), counted(5, None));
    mine.push_all(&world);
    let (mut colleague, mut stranger) = (world.enrol("W02"), world.enrol("W21"));
    for device in [&mut colleague, &mut stranger] {
        device.record(world.now, Lane::patrol_counts(patrol), counted(100, None));
        device.record(
            world.now,
            Lane::loose_counts(device.id),
            counted(100, Some(patrol)),
        );
        let answer = device.push_all(&world);
        assert_eq!(answer.verdicts([1, 2]), [Some(Verdict::Accepted); 2]);
    }
    let detail = must(must(world.hub.patrol(world.now, &world.desk, patrol)));
    let values: Vec<_> = detail.counts.iter().map(|step| step.value).collect();
    assert_eq!((detail.summary.counts, values), (1, vec![5]));
    let patrols = must(world.hub.patrols(world.now, &world.desk, &PatrolQuery::default()));
    assert_eq!(patrols.items[0].counts, 1);
    // Kept where they belong, without the patrol that is not theirs.
    let told: Vec<_> = steps(&world, &world.desk)
        .iter()
        .map(|step| (step.value, step.patrol))
        .collect();
    assert_eq!(told, [(100, None), (100, None), (5, Some(patrol))]);
    let other_desk = sign_in(&world.hub, world.now, "D21");
    let told: Vec<_> = steps(&world, &other_desk)
        .iter()
        .map(|step| (step.value, step.patrol))
        .collect();
    assert_eq!(told, [(100, None), (100, None)]);
}

/// Counts travel in a lane of their own: a patrol that comes later is joined then.
pub fn a_count_may_arrive_before_its_patrol<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let patrol = PatrolId([3; 16]);
    device.record(world.now, Lane::patrol(patrol), started());
    device.record(world.now, Lane::patrol_counts(patrol), counted(5, None));
    device.push(&world, [2]);
    assert_eq!(steps(&world, &world.desk)[0].patrol, None);
    device.push(&world, [1]);
    assert_eq!(steps(&world, &world.desk)[0].patrol, Some(patrol));
    let detail = must(must(world.hub.patrol(world.now, &world.desk, patrol)));
    assert_eq!(detail.counts.len(), 1);
}
