//! What an operator sets up, and what a dispatch is checked for.

use grid_model::terms::{CaseKind, Level, Role};
use grid_wire::feed::PostRow;

use super::world::{DAY, START, World, draft, person};
use super::{must, refused, there};
use crate::views::{TaskDraft, TaskQuery, TaskSort};
use crate::{AdminRefusal, DeskRefusal, DivisionRow, HubStore, OrgDraft, TaskImport};

/// Prefixes, login names, job numbers and post codes name one thing each.
pub fn names_numbers_and_prefixes_are_taken_once<S: HubStore>(store: S) {
    let world = World::over(store);
    let hub = &world.hub;
    let org = |prefix: &str| OrgDraft {
        name: "x".to_owned(),
        parent: None,
        prefix: prefix.to_owned(),
    };
    assert_eq!(
        refused(hub.create_org(START, &org("DL"))),
        AdminRefusal::Taken { field: "prefix" }
    );
    assert!(matches!(
        refused(hub.create_org(START, &org("dl-1"))),
        AdminRefusal::Invalid { field: "prefix", .. }
    ));
    let same = person(world.org, "W01", Role::GridWorker);
    assert_eq!(
        refused(hub.create_worker(START, &same)),
        AdminRefusal::Taken { field: "name" }
    );
    let mut same_no = same.clone();
    same_no.name = "else".to_owned();
    assert_eq!(
        refused(hub.create_worker(START, &same_no)),
        AdminRefusal::Taken { field: "job_no" }
    );
    assert_eq!(must(hub.worker_by_job_no("W01")), Some(world.worker));
    assert_eq!(
        refused(hub.issue_code(START, "W99", None)),
        AdminRefusal::NotFound { what: "job_no" }
    );
    let elsewhere = must(must(hub.create_org(START, &org("HY"))));
    let post = PostRow {
        code: "P".to_owned(),
        name: "P".to_owned(),
        lat_e7: 0,
        lon_e7: 0,
        checkpoints: Vec::new(),
    };
    must(must(hub.put_post(world.org, &post)));
    assert_eq!(
        refused(hub.put_post(elsewhere, &post)),
        AdminRefusal::Taken { field: "code" }
    );
    must(must(hub.set_outline(world.org, "{}")));
    let outline = must(hub.outline(&world.desk));
    assert_eq!(
        (outline.shapes, outline.posts),
        (vec!["{}".to_owned()], vec![post])
    );
}

fn import(no: Option<&str>, level: Level) -> TaskImport {
    TaskImport {
        no: no.map(str::to_owned),
        title: "查看护栏".to_owned(),
        description: String::new(),
        case_kind: CaseKind::Hazard,
        level,
        holder_job_no: "W01".to_owned(),
        grid_code: None,
        place_text: "东口".to_owned(),
        dispatched_at_ms: START - DAY,
        due_at_ms: None,
    }
}

/// All or none; a number that is here is left alone; new numbers jump over taken ones.
pub fn a_list_of_tasks_is_taken_in_whole_and_once<S: HubStore>(store: S) {
    let world = World::over(store);
    let hub = &world.hub;
    let bad = [
        import(Some("DL-2026-0001"), Level::Simple),
        import(None, Level::Complex),
    ];
    let refusal = refused(hub.import_tasks(world.now, "D01", &bad));
    assert!(
        matches!(
            refusal,
            AdminRefusal::BadRow {
                row: 2,
                field: "due_at",
                ..
            }
        ),
        "{refusal:?}"
    );
    let count = || must(hub.tasks(world.now, &world.desk, &TaskQuery::default())).total;
    assert_eq!(count(), 0);
    let list = [
        import(Some("DL-2026-0001"), Level::Simple),
        import(None, Level::General),
    ];
    let taken = must(must(hub.import_tasks(world.now, "D01", &list)));
    assert_eq!(
        taken
            .iter()
            .map(|t| (t.no.as_str(), t.created))
            .collect::<Vec<_>>(),
        [("DL-2026-0001", true), ("DL-2026-0002", true)]
    );
    let again = must(must(hub.import_tasks(world.now, "D01", &list[..1])));
    assert_eq!((again[0].id, again[0].created, count()), (taken[0].id, false, 2));
    let first = world.task(taken[0].id);
    // Dispatched on Tuesday 01-13: three natural days later is Friday 01-16, 24:00 in Shanghai.
    assert_eq!(
        (first.summary.created_at_ms, first.summary.due_at_ms),
        (START - DAY, 1_768_579_200_000)
    );
    assert_eq!(
        (first.log[0].occurred_at_ms, first.log[0].received_at_ms),
        (START - DAY, START)
    );
}

/// The next one due first, or the newest first: two orders that differ.
pub fn tasks_are_listed_by_what_is_due_or_by_age<S: HubStore>(store: S) {
    let world = World::over(store);
    let hub = &world.hub;
    let list = [(3, 5), (2, 1), (1, 3)].map(|(days_ago, due_in)| TaskImport {
        dispatched_at_ms: START - days_ago * DAY,
        due_at_ms: Some(START + due_in * DAY),
        ..import(None, Level::Simple)
    });
    let taken = must(must(hub.import_tasks(world.now, "D01", &list)));
    let sorted = |sort| -> Vec<usize> {
        let query = TaskQuery {
            sort,
            ..TaskQuery::default()
        };
        let listed = must(hub.tasks(world.now, &world.desk, &query)).items;
        let place = |id| taken.iter().position(|one| one.id == id);
        listed.iter().filter_map(|task| place(task.id)).collect()
    };
    assert_eq!(sorted(TaskSort::Due), [1, 2, 0]);
    assert_eq!(sorted(TaskSort::Created), [2, 1, 0]);
}

/// Codes, levels and parents fit, or nothing is taken.
pub fn a_division_table_must_hang_together<S: HubStore>(store: S) {
    let world = World::over(store);
    let row = |code: &str, level, parent: Option<&str>| DivisionRow {
        code: code.to_owned(),
        name: "x".to_owned(),
        level,
        parent: parent.map(str::to_owned),
    };
    let table = [
        row("210681101210", 5, Some("210681101000")),
        row("210681101000", 4, Some("210681000000")),
        row("210681000000", 3, Some("210600000000")),
        row("210600000000", 2, Some("210000000000")),
        row("210000000000", 1, None),
    ];
    for bad in [
        row("21068110121", 5, Some("210681101000")),
        row("210681101211", 4, Some("210681000000")),
        row("210681101211", 5, Some("210681000000")),
        row("210681101211", 5, Some("340104008000")),
        row("210681101211", 5, None),
        row("210681101211", 6, Some("210681101000")),
    ] {
        let mut rows = table.to_vec();
        rows.push(bad);
        let refusal = refused(world.hub.import_divisions(&rows));
        assert!(
            matches!(refusal, AdminRefusal::BadRow { row: 6, .. }),
            "{refusal:?}"
        );
    }
    assert_eq!(must(must(world.hub.import_divisions(&table))), 5);
    assert_eq!(
        must(must(world.hub.import_divisions(&table[..1]))),
        1,
        "a parent may be here already"
    );
    let grid = |code: &str| TaskDraft {
        grid_code: Some(code.to_owned()),
        ..draft(world.worker)
    };
    must(must(world.hub.dispatch(
        world.now,
        &world.desk,
        &grid("210681101210001"),
    )));
    for wrong in ["210681101211001", "2106811012100"] {
        let refusal = refused(world.hub.dispatch(world.now, &world.desk, &grid(wrong)));
        assert!(matches!(
            refusal,
            DeskRefusal::Invalid {
                field: "grid_code",
                ..
            }
        ));
    }
}

/// Every field within its limits, and a holder the dispatcher sees.
pub fn a_dispatch_is_checked<S: HubStore>(store: S) {
    let world = World::over(store);
    let base = draft(world.worker);
    let wrong = |change: &dyn Fn(&mut TaskDraft)| {
        let mut draft = base.clone();
        change(&mut draft);
        match refused(world.hub.dispatch(world.now, &world.desk, &draft)) {
            DeskRefusal::Invalid { field, .. } => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wrong(&|d| d.title = " ".to_owned()), "title");
    assert_eq!(wrong(&|d| d.title = "字".repeat(41)), "title");
    assert_eq!(wrong(&|d| d.description = "字".repeat(1_001)), "description");
    assert_eq!(wrong(&|d| d.place_text = "字".repeat(121)), "place_text");
    assert_eq!(wrong(&|d| d.reason = Some("字".repeat(501))), "reason");
    assert_eq!(wrong(&|d| d.level = Level::Complex), "due_at");
    assert_eq!(wrong(&|d| d.due_at_ms = Some(START - 1)), "due_at");
    assert_eq!(wrong(&|d| d.due_at_ms = Some(i64::MAX)), "due_at");
    assert_eq!(wrong(&|d| d.holder = grid_model::WorkerId([1; 16])), "holder_id");
    assert_eq!(
        must(world.hub.tasks(world.now, &world.desk, &TaskQuery::default())).total,
        0
    );
}

/// By the calendar for simple and general matters, by hand for complex ones.
pub fn a_due_time_is_computed_or_typed<S: HubStore>(store: S) {
    let world = World::over(store);
    let base = draft(world.worker);
    let simple = must(must(world.hub.dispatch(world.now, &world.desk, &base)));
    // Wednesday 01-14 and three natural days is Saturday 01-17, which rolls to Monday 01-19, 24:00.
    assert_eq!(simple.summary.due_at_ms, 1_768_838_400_000);
    assert_eq!(
        (simple.summary.no.as_str(), simple.summary.revision),
        ("DL-2026-0001", 1)
    );
    let due_at_ms = START + 15 * DAY;
    let reason = Some("需多部门会商".to_owned());
    let complex = TaskDraft {
        level: Level::Complex,
        due_at_ms: Some(due_at_ms),
        reason: reason.clone(),
        ..base
    };
    let complex = must(must(world.hub.dispatch(world.now, &world.desk, &complex)));
    assert_eq!(
        (complex.summary.no.as_str(), complex.summary.due_at_ms),
        ("DL-2026-0002", due_at_ms)
    );
    assert_eq!(there(complex.log.first()).reason_text, reason);
}
