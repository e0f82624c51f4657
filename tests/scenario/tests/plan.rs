//! The plan of the nine days: the same for the same seed, exact in its numbers, possible for real people on one island.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that hopes in vain fails, which is right"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use grid_scenario::plan::{Deed, Story, What};
use grid_scenario::{Plan, Scenario};

static SCENARIO: LazyLock<Scenario> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/dalu-nine-days.toml");
    Scenario::load(file).expect("the shipped scenario")
});
static PLAN: LazyLock<Plan> = LazyLock::new(|| SCENARIO.expand(20_260_112));

fn many(is_wanted: impl Fn(&What) -> bool) -> usize {
    PLAN.actions
        .iter()
        .filter(|action| is_wanted(&action.what))
        .count()
}

#[test]
fn the_same_seed_gives_the_same_plan_and_another_seed_another() {
    assert_eq!(PLAN.digest(), SCENARIO.expand(20_260_112).digest());
    assert_ne!(PLAN.digest(), SCENARIO.expand(20_260_113).digest());
}

#[test]
fn the_numbers_are_those_of_the_story_under_any_seed() {
    for seed in [1, 2, 3, 99, 2_026, 20_260_112] {
        let plan = SCENARIO.expand(seed);
        let many = |is_wanted: fn(&What) -> bool| plan.actions.iter().filter(|a| is_wanted(&a.what)).count();
        assert_eq!(plan.patrols.len(), 150);
        assert_eq!(many(|what| matches!(what, What::StartPatrol { .. })), 150);
        assert_eq!(many(|what| matches!(what, What::End { .. })), 150);
        assert_eq!(many(|what| matches!(what, What::Count { .. })), 1_700);
        assert_eq!(
            many(|what| matches!(what, What::Count { value, .. } if *value < 0)),
            51
        );
        assert_eq!(many(|what| matches!(what, What::ReportCase { .. })), 12);
        assert_eq!(many(|what| matches!(what, What::SubmitCase { .. })), 12);
        assert_eq!(many(|what| matches!(what, What::StartUrgent { .. })), 4);
        assert_eq!(many(|what| matches!(what, What::SubmitUrgent { .. })), 4);
        assert_eq!(plan.tasks.len(), 40);
        assert_eq!(plan.photos.len(), 300);
        assert_eq!(
            (plan.phones.len(), plan.officers.len(), plan.posts.len()),
            (6, 10, 7)
        );
        let fixes: u32 = plan.patrols.iter().map(|patrol| patrol.fixes).sum();
        assert!((10_000..=20_000).contains(&fixes), "seed {seed}: {fixes} fixes");
    }
}

#[test]
fn every_entry_has_its_kind_and_a_correction_takes_back_no_more_than_there_is() {
    let mut entries: BTreeMap<&str, u32> = BTreeMap::new();
    let mut sums: BTreeMap<(usize, &str), i64> = BTreeMap::new();
    for action in &PLAN.actions {
        let What::Count {
            kind, value, reason, ..
        } = &action.what
        else {
            continue;
        };
        *entries.entry(kind).or_default() += 1;
        let sum = sums.entry((action.officer, kind)).or_default();
        *sum += value;
        assert!(*sum >= 0 && *value != 0, "{kind} {value}");
        assert_eq!(reason.is_some(), *value < 0);
    }
    let wanted: BTreeMap<&str, u32> = SCENARIO
        .fields()
        .counts
        .kinds
        .iter()
        .map(|line| (line.kind.as_str(), line.entries))
        .collect();
    assert_eq!(entries, wanted);
}

#[test]
fn every_position_lies_on_the_island_under_any_seed() {
    for seed in [1, 2, 3, 20_260_112] {
        for action in &SCENARIO.expand(seed).actions {
            let fix = match action.what {
                What::Fix { lat_e7, lon_e7, .. } => Some((lat_e7, lon_e7)),
                _ => action.what.point().map(|point| (point.lat_e7, point.lon_e7)),
            };
            let Some((lat_e7, lon_e7)) = fix else { continue };
            let metres = SCENARIO.outline().metres_outside(lat_e7, lon_e7);
            assert!(
                metres <= 60.0,
                "seed {seed}: {:?} lies {metres} m outside",
                action.what
            );
        }
    }
}

#[test]
fn time_is_ordered_and_nobody_does_two_things_in_one_millisecond() {
    for seed in [1, 2, 3, 20_260_112] {
        let plan = SCENARIO.expand(seed);
        let keys: Vec<_> = plan
            .actions
            .iter()
            .map(|action| (action.at_ms, action.officer))
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            keys.iter()
                .all(|(at_ms, _)| (plan.cut_at_ms..plan.back_at_ms).contains(at_ms))
        );
    }
}

#[test]
fn other_numbers_in_the_file_give_another_plan_that_keeps_them() {
    let folder = SCENARIO.file().parent().unwrap();
    let text = std::fs::read_to_string(SCENARIO.file()).unwrap();
    let text = text
        .replace("days = 9 ", "days = 4 ")
        .replace("patrols = 150", "patrols = 71")
        .replace("urgent = 4", "urgent = 7")
        .replace("minutes_max = 60", "minutes_max = 90")
        .replace("\"dalu_island", &format!("\"{}/dalu_island", folder.display()))
        .replace("\"tracks/", &format!("\"{}/tracks/", folder.display()));
    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("other.toml");
    std::fs::write(&file, text).unwrap();
    let plan = Scenario::load(file).unwrap().expand(3);
    let many = |is_wanted: fn(&What) -> bool| plan.actions.iter().filter(|a| is_wanted(&a.what)).count();
    assert_eq!(plan.back_at_ms - plan.cut_at_ms, 4 * 86_400_000);
    assert_eq!(many(|what| matches!(what, What::End { .. })), 71);
    assert_eq!(many(|what| matches!(what, What::SubmitUrgent { .. })), 7);
    assert_eq!(many(|what| matches!(what, What::Count { .. })), 1_700);
    assert!(
        plan.actions
            .windows(2)
            .all(|pair| (pair[0].at_ms, pair[0].officer) < (pair[1].at_ms, pair[1].officer))
    );
}

/// What a piece of work is, apart from loose counts, which take no time.
fn stint(what: &What) -> Option<(char, u32)> {
    match what {
        What::Count { patrol: None, .. } => None,
        What::Accept { task } | What::Arrive { task, .. } | What::Submit { task, .. } => Some(('t', *task)),
        What::ReportCase { case, .. }
        | What::SubmitCase { case, .. }
        | What::StartUrgent { case, .. }
        | What::Milestone { case, .. }
        | What::SubmitUrgent { case, .. } => Some(('c', *case)),
        patrol => patrol.patrol().map(|patrol| ('p', patrol)),
    }
}

#[test]
fn an_officer_does_one_thing_at_a_time_and_a_phone_is_in_one_hand() {
    let mut whose: BTreeMap<(char, u32), usize> = BTreeMap::new();
    for officer in 0..PLAN.officers.len() {
        let mut finished = BTreeSet::new();
        let mut current = None;
        for action in PLAN.actions_of(officer) {
            let Some(stint) = stint(&action.what) else {
                // A loose count is made between two pieces of work: the current one must be over.
                finished.extend(current.take());
                continue;
            };
            assert!(
                !finished.contains(&stint),
                "officer {officer} goes back to {stint:?}"
            );
            assert_eq!(*whose.entry(stint).or_insert(officer), officer);
            if current.is_some_and(|other| other != stint) {
                finished.extend(current);
            }
            current = Some(stint);
        }
    }
    for phone in &PLAN.phones {
        // From the first to the last action of a shift no other officer touches the phone.
        let on_phone = PLAN
            .actions
            .iter()
            .filter(|action| phone.officers.contains(&action.officer));
        let hands: Vec<usize> = on_phone.map(|action| action.officer).collect();
        let handed_over = hands.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(
            handed_over <= 9 * (phone.officers.len() - 1) + 8,
            "{}: {handed_over}",
            phone.label
        );
    }
}

#[test]
fn a_patrol_begins_rests_and_ends_as_one_does() {
    let mut paused = 0;
    let mut gaps = 0;
    for (index, patrol) in PLAN.patrols.iter().enumerate() {
        let own: Vec<_> = PLAN
            .actions
            .iter()
            .filter(|a| a.what.patrol() == Some(index as u32))
            .collect();
        assert!(matches!(own[0].what, What::StartPatrol { .. }));
        assert!(matches!(own[own.len() - 1].what, What::End { .. }));
        let minutes = (patrol.ended_at_ms - patrol.started_at_ms) / 60_000;
        assert!((20..=60).contains(&minutes), "patrol {index}: {minutes} minutes");
        let mut is_resting = false;
        for action in &own {
            match action.what {
                What::Pause { .. } => (is_resting, paused) = (true, paused + 1),
                What::Resume { .. } => is_resting = false,
                _ => assert!(!is_resting, "patrol {index} rests and does {:?}", action.what),
            }
        }
        let times: Vec<i64> = own
            .iter()
            .filter(|a| matches!(a.what, What::Fix { .. }))
            .map(|a| a.at_ms)
            .collect();
        assert_eq!(times.len(), patrol.fixes as usize);
        assert!(
            times.windows(2).all(|pair| pair[1] - pair[0] >= 9_900),
            "patrol {index}"
        );
        gaps += times
            .windows(2)
            .filter(|pair| pair[1] - pair[0] > 120_000)
            .count();
        let longest = times
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .filter(|ms| *ms <= 120_000)
            .max();
        assert!(
            longest.is_some_and(|ms| ms <= 31_000),
            "patrol {index}: {longest:?}"
        );
    }
    assert!(paused > 10 && gaps > paused, "{paused} pauses, {gaps} gaps");
}

#[test]
fn tasks_are_worked_on_only_when_the_phone_has_them() {
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    for (index, task) in PLAN.tasks.iter().enumerate() {
        *told.entry(format!("{:?}", task.story)).or_default() += 1;
        let work: Vec<_> = PLAN
            .actions
            .iter()
            .filter(|a| stint(&a.what) == Some(('t', index as u32)))
            .collect();
        assert!(work.iter().all(|action| action.officer == task.holder));
        assert_eq!(!work.is_empty(), task.story.is_worked_on(), "{}", task.no);
        assert_eq!(task.before_cut, task.dispatched_at_ms < PLAN.cut_at_ms);
        assert!(task.before_cut || work.is_empty());
        assert_eq!(task.recalled_at_ms.is_some(), task.story.is_recalled());
        if let Some(at_ms) = task.recalled_at_ms {
            assert!(at_ms > PLAN.cut_at_ms && at_ms > task.dispatched_at_ms && at_ms < PLAN.back_at_ms);
        }
        let is_reported = work
            .iter()
            .any(|action| matches!(action.what, What::Submit { .. }));
        assert_eq!(
            is_reported,
            matches!(task.story, Story::Submitted | Story::RecalledFinished)
        );
        assert_eq!(task.expected.late_report, task.story == Story::RecalledFinished);
        assert_eq!(task.due_at_ms.is_some(), task.level == "complex");
        assert!(task.title.chars().count() <= 40);
    }
    let wanted = [6, 4, 3, 12, 2, 4, 6, 3];
    let stories = [
        "Untouched",
        "Accepted",
        "OnSite",
        "Submitted",
        "RecalledUntouched",
        "RecalledFinished",
        "MidcutUntouched",
        "MidcutRecalled",
    ];
    for (story, many) in stories.iter().zip(wanted) {
        assert_eq!(told[*story], many, "{story}");
    }
    let titles: BTreeSet<&str> = PLAN.tasks.iter().map(|task| task.title.as_str()).collect();
    assert_eq!(titles.len(), 40);
}

#[test]
fn the_desk_hands_out_forty_tasks_and_takes_nine_back() {
    let desk = PLAN.desk();
    assert!(desk.windows(2).all(|pair| pair[0].at_ms < pair[1].at_ms));
    assert_eq!(
        desk.iter().filter(|action| action.deed == Deed::Dispatch).count(),
        40
    );
    assert_eq!(
        desk.iter().filter(|action| action.deed == Deed::Recall).count(),
        9
    );
}

#[test]
fn every_photo_belongs_to_one_record_and_is_taken_with_it() {
    let mut seen = BTreeSet::new();
    for action in &PLAN.actions {
        for shot in action.what.photos() {
            let photo = &PLAN.photos[shot.photo as usize];
            assert!(seen.insert(shot.photo));
            assert_eq!((photo.officer, photo.taken_at_ms), (action.officer, action.at_ms));
            assert_eq!(photo.role, shot.role);
        }
    }
    assert_eq!(seen.len(), 300);
    assert_eq!(
        many(|what| matches!(what, What::Submit { report, .. } if report.photos.is_empty())),
        0
    );
    let written = |what: &What| match what {
        What::SubmitCase { report, .. } if report.agreement.as_deref() == Some("written") => {
            report
                .photos
                .iter()
                .filter(|shot| shot.role == "agreement")
                .count()
                != 1
        }
        _ => false,
    };
    assert_eq!(many(written), 0);
}

#[test]
fn one_window_is_short_and_does_not_hold_a_phones_photos() {
    for window in &PLAN.windows {
        assert!((1..=600_000).contains(&(window.closes_at_ms - window.opens_at_ms)));
        assert!(window.opens_at_ms > PLAN.back_at_ms);
    }
    assert!(
        PLAN.windows
            .windows(2)
            .all(|pair| pair[1].opens_at_ms > pair[0].closes_at_ms)
    );
    let window_bytes = u64::from(PLAN.link.up_bits_per_s) / 8 * 600;
    let of_phone = |phone: &grid_scenario::plan::Phone| {
        PLAN.photos
            .iter()
            .filter(|photo| phone.officers.contains(&photo.officer))
            .count() as u64
    };
    let fullest = PLAN.phones.iter().map(of_phone).max().unwrap_or_default();
    assert!(
        fullest * 250_000 > 2 * window_bytes,
        "{fullest} photos, {window_bytes} bytes a window"
    );
}

#[test]
fn three_of_ten_answers_are_cut() {
    let cut = (0..10_000).filter(|&request| PLAN.is_cut(request)).count();
    assert!((2_800..3_200).contains(&cut), "{cut}");
}
