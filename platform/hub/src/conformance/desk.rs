//! Sessions, scope, the access log and exports.

use grid_model::terms::{CountKind, Role};
use grid_model::{Lane, TaskId};
use grid_wire::{Beacon, Fact};

use super::device::report;
use super::field::counted;
use super::world::{DAY, MINUTE, World, draft, person, sign_in};
use super::{must, refused, there};
use crate::views::{PageAsk, Period, TaskQuery};
use crate::{DeskRefusal, HubStore, LoginOutcome, OrgDraft};

/// Twelve hours, or until it is ended.
pub fn a_session_ends_by_time_logout_and_new_password<S: HubStore>(store: S) {
    let world = World::over(store);
    let hub = &world.hub;
    let token = |now| match must(hub.login(now, "D01", |hash| hash == Some("hash"))) {
        LoginOutcome::In(login) => login.token,
        _ => panic!("cannot sign in"),
    };
    let first = token(world.now);
    let session = there(must(hub.session(world.now, &first)));
    assert_eq!(
        (session.worker, session.org_name.as_str()),
        (world.desk.worker, "大鹿岛边境派出所")
    );
    assert!(must(hub.session(world.now + DAY / 2 - 1, &first)).is_some());
    assert!(must(hub.session(world.now + DAY / 2, &first)).is_none());
    let second = token(world.now);
    assert_ne!(first, second);
    must(hub.logout(&first));
    assert!(must(hub.session(world.now, &first)).is_none());
    assert!(must(hub.session(world.now, &second)).is_some());
    must(must(hub.set_password_hash("D01", Some("other"))));
    assert!(must(hub.session(world.now, &second)).is_none());
    assert!(must(hub.session(world.now, "")).is_none());
}

/// Wrong password, no password, no desk, nobody: one answer.
pub fn only_desk_roles_with_the_right_password_get_in<S: HubStore>(store: S) {
    let world = World::over(store);
    let wrong = |name: &str, fits: bool| {
        matches!(
            must(world.hub.login(world.now, name, |_| fits)),
            LoginOutcome::Wrong
        )
    };
    assert!(wrong("D01", false));
    assert!(wrong("W01", true), "a field role has no place at a desk");
    assert!(wrong("nobody", true));
    must(must(world.hub.set_password_hash("D01", None)));
    assert!(wrong("D01", true));
}

/// Per name, so that nobody locks out somebody else.
pub fn ten_wrong_passwords_make_everyone_wait<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let leader = person(world.org, "L01", Role::StationLeader);
    must(must(world.hub.create_worker(world.now, &leader)));
    for _ in 0..10 {
        assert!(matches!(
            must(world.hub.login(world.now, "D01", |_| false)),
            LoginOutcome::Wrong
        ));
    }
    let locked = must(world.hub.login(world.now, "D01", |hash| hash == Some("hash")));
    assert!(matches!(locked, LoginOutcome::TryLater { retry_after_s: 600 }));
    sign_in(&world.hub, world.now, "L01");
    world.pass(10 * MINUTE + 1);
    sign_in(&world.hub, world.now, "D01");
}

/// An organisation sees itself and what is below it.
pub fn a_person_sees_his_subtree_and_nothing_else<S: HubStore>(store: S) {
    let world = World::over(store);
    let hub = &world.hub;
    let org = |prefix: &str, parent| {
        let draft = OrgDraft {
            name: prefix.to_owned(),
            parent,
            prefix: prefix.to_owned(),
        };
        must(must(hub.create_org(world.now, &draft)))
    };
    let (below, beside) = (org("QT", Some(world.org)), org("HY", None));
    let hand = |org, job_no: &str| {
        must(must(
            hub.create_worker(world.now, &person(org, job_no, Role::GridWorker)),
        ))
    };
    let (child, sibling) = (hand(below, "W11"), hand(beside, "W21"));
    must(must(hub.create_worker(
        world.now,
        &person(beside, "D21", Role::DutyOfficer),
    )));
    must(must(hub.create_worker(
        world.now,
        &person(below, "D11", Role::DutyOfficer),
    )));
    let task = must(must(hub.dispatch(world.now, &world.desk, &draft(child))))
        .summary
        .id;
    let not_seen = refused(hub.dispatch(world.now, &world.desk, &draft(sibling)));
    assert!(matches!(
        not_seen,
        DeskRefusal::Invalid {
            field: "holder_id",
            ..
        }
    ));
    let total = |name: &str| {
        let who = sign_in(hub, world.now, name);
        must(hub.tasks(world.now, &who, &TaskQuery::default())).total
    };
    assert_eq!((total("D01"), total("D11"), total("D21")), (1, 1, 0));
    let stranger = sign_in(hub, world.now, "D21");
    assert_eq!(
        refused(hub.task(world.now, &stranger, task)),
        DeskRefusal::NotFound
    );
    assert_eq!(
        refused(hub.recall(world.now, &stranger, task, 1, "x")),
        DeskRefusal::NotFound
    );
    assert_eq!(
        must(hub.workers(world.now, &stranger, PageAsk::default())).total,
        2
    );
    assert_eq!(
        must(hub.workers(world.now, &world.desk, PageAsk::default())).total,
        5
    );
    assert!(must(hub.records(world.now, &stranger, 0, 10)).items.is_empty());
}

/// Who, what, when, what for.
pub fn every_reading_is_logged_before_it_leaves<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    device.record(world.now, Lane::loose_counts(device.id), counted(5, None));
    device.push_all(&world);
    let task = world.dispatch(world.worker);
    must(world.hub.tasks(world.now, &world.desk, &TaskQuery::default()));
    world.task(task);
    must(world.hub.cases(world.now, &world.desk, &Default::default()));
    refused(world.hub.task(world.now, &world.desk, TaskId([1; 16])));
    must(world.hub.records(world.now, &world.desk, 0, 10));
    let (kind, page) = (CountKind::TestOrganised, PageAsk::default());
    must(
        world
            .hub
            .count_entries(world.now, &world.desk, kind, Period::ALWAYS, page),
    );
    must(world.hub.devices(world.now, &world.desk, page));
    must(world.hub.patrols(world.now, &world.desk, &Default::default()));
    must(world.hub.workers(world.now, &world.desk, page));
    // A sum and a map name nobody.
    must(world.hub.count_totals(&world.desk, Period::ALWAYS));
    must(world.hub.outline(&world.desk));
    let lines = must(world.hub.accesses(0, 100));
    let said: Vec<_> = lines
        .iter()
        .map(|line| (line.purpose.as_str(), line.subject.as_str(), line.items))
        .collect();
    let expected = [
        ("decide", "task", 1),
        ("list", "task", 1),
        ("detail", "task", 1),
        ("list", "case", 0),
        ("export", "record", 2),
        ("list", "count", 1),
        ("list", "device", 1),
        ("list", "patrol", 0),
        ("list", "worker", 3),
    ];
    assert_eq!(said, expected);
    assert!(
        lines
            .iter()
            .all(|line| line.worker == world.desk.worker && line.at_ms == world.now)
    );
    assert_eq!(lines[2].subject_ids, task.bytes());
    assert_eq!(lines[5].subject_ids.len(), 8, "the position of the count");
    assert_eq!(lines[6].subject_ids, device.id.bytes());
}

/// In the platform's order, with the bytes as they came.
pub fn records_come_in_pages_with_their_exact_bytes<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let task = world.dispatch(world.worker);
    for version in 1..=5 {
        device.record(world.now, Lane::task(task), report(version));
    }
    device.push_all(&world);
    let (mut after, mut entries) = (0, Vec::new());
    loop {
        let page = must(world.hub.records(world.now, &world.desk, after, 2));
        for record in &page.items {
            assert_eq!(record.body_sha256, grid_vault::sha256(&record.entry.body));
            assert_eq!(
                (record.job_no.as_str(), record.parked, record.device),
                ("W01", None, device.id)
            );
            assert_eq!(record.recorded_at_ms, Some(world.now));
            assert!(matches!(
                record.body.as_ref().map(|body| &body.fact),
                Some(Fact::ReportSubmitted(_))
            ));
        }
        entries.extend(page.items.into_iter().map(|record| record.entry));
        match page.next {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(entries, device.log);
}

/// A care signal: what is on its way, since when.
pub fn devices_show_what_is_missing<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let silent = must(world.hub.devices(world.now, &world.desk, PageAsk::default()))
        .items
        .remove(0);
    assert_eq!(
        (silent.last_contact_at_ms, silent.head, silent.unsent),
        (None, 0, 0)
    );
    for _ in 0..4 {
        device.record(world.now, Lane::loose_counts(device.id), Fact::PatrolPaused);
    }
    world.pass(DAY);
    device.push(&world, [1, 3]);
    let shown = must(world.hub.devices(world.now, &world.desk, PageAsk::default()))
        .items
        .remove(0);
    assert_eq!((shown.received_to, shown.head, shown.unsent), (1, 4, 2));
    assert_eq!(
        (shown.last_contact_at_ms, shown.phone_label.as_str()),
        (Some(world.now), "一号机")
    );
    assert_eq!(
        (shown.worker.id, shown.app_version.as_str()),
        (world.worker, "0.1.0")
    );
    // What an older build does not tell is not known; the rest is what was told last.
    assert_eq!(
        (
            shown.oldest_at_ms,
            shown.free_bytes,
            shown.schema,
            shown.clock_ahead_ms
        ),
        (None, None, None, None)
    );
    let told = Beacon {
        oldest_at_ms: Some(world.now - DAY),
        free_bytes: Some(u64::MAX),
        schema: Some(5),
        clock_ahead_ms: Some(-90_000),
        app_version: "0.2.0".to_owned(),
        ..Beacon::default()
    };
    let request = device.request(&[], |header| header.beacon = told.clone());
    must(must(world.hub.exchange(world.now, &request.to_bytes())));
    let shown = must(world.hub.devices(world.now, &world.desk, PageAsk::default()))
        .items
        .remove(0);
    assert_eq!(
        (
            shown.oldest_at_ms,
            shown.schema,
            shown.clock_ahead_ms,
            shown.app_version.as_str()
        ),
        (told.oldest_at_ms, told.schema, told.clock_ahead_ms, "0.2.0")
    );
    assert!(
        shown.free_bytes >= Some(i64::MAX.unsigned_abs()),
        "a number too large is kept as the largest"
    );
}
