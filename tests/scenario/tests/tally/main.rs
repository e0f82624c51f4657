//! The tally finds no difference where there is none, and the right line where there is one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that hopes in vain fails, which is right"
)]

mod answers;

use std::path::Path;
use std::sync::LazyLock;

use answers::Answers;
use grid_scenario::{Ledger, Plan, Scenario, Tally};
use serde_json::{Value, json};

struct World {
    tally: Tally,
    answers: Answers,
    plan: Plan,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/dalu-nine-days.toml");
    let plan = Scenario::load(file).expect("the shipped scenario").expand(11);
    let tally = Tally::from_plan(&plan, &answers::prints(&plan));
    let answers = Answers::of(&plan, &tally);
    World { tally, answers, plan }
});

/// A change of one record.
type Alter = fn(&mut Value);

/// The ledger after a test has spoilt the answers.
fn spoilt(spoil: impl FnOnce(&mut Answers)) -> Ledger {
    let mut answers = WORLD.answers.clone();
    spoil(&mut answers);
    WORLD.tally.compare(&answers.received())
}

/// The names of the lines that are not right.
fn failed(ledger: &Ledger) -> Vec<&str> {
    assert_eq!(ledger.ok, ledger.lines.iter().all(|line| line.ok));
    assert_eq!(
        ledger.received,
        ledger.recorded - ledger.missing + ledger.doubled + ledger.unexpected
    );
    ledger
        .lines
        .iter()
        .filter(|line| !line.ok)
        .map(|line| line.name.as_str())
        .collect()
}

fn numbers(ledger: &Ledger, name: &str) -> (i64, i64, i64, i64, i64) {
    let line = ledger.line(name).unwrap();
    (
        line.recorded,
        line.received,
        line.missing,
        line.doubled,
        line.unexpected,
    )
}

fn changed(ledger: &Ledger) -> (i64, i64, i64) {
    (ledger.missing, ledger.doubled, ledger.unexpected)
}

#[test]
fn nothing_lost_is_no_difference() {
    let ledger = spoilt(|_| {});
    assert_eq!(failed(&ledger), Vec::<&str>::new());
    assert_eq!(numbers(&ledger, "counted"), (1700, 1700, 0, 0, 0));
    assert_eq!(numbers(&ledger, "patrol_started"), (150, 150, 0, 0, 0));
    assert_eq!(numbers(&ledger, "order:track"), (150, 150, 0, 0, 0));
    assert_eq!(numbers(&ledger, "photos"), (300, 300, 0, 0, 0));
    assert_eq!(numbers(&ledger, "task:recalled_late"), (4, 4, 0, 0, 0));
    let fixes: u32 = WORLD.plan.patrols.iter().map(|patrol| patrol.fixes).sum();
    assert_eq!(ledger.line("fixes").unwrap().recorded, i64::from(fixes));
    let not_fixes = WORLD.plan.actions.len() as i64 - i64::from(fixes);
    let all = not_fixes + i64::from(fixes) + 300;
    assert_eq!(
        ledger.summary_line(),
        format!("recorded {all} received {all} missing 0 duplicated 0")
    );
    let text = ledger.render();
    assert!(
        text.contains("应有") && text.contains("recorded") && text.contains("the tally agrees"),
        "{text}"
    );
    let json = serde_json::to_value(&ledger).unwrap();
    assert_eq!(
        (json["ok"].clone(), json["lines"][0]["name"].clone()),
        (json!(true), json!("task_accepted"))
    );
}

#[test]
fn a_dropped_record_is_missing_from_its_kind_and_its_lane() {
    let ledger = spoilt(|answers| {
        let at = answers.position("checkpoint_visited", 40);
        answers.records.remove(at);
    });
    assert_eq!(failed(&ledger), ["checkpoint_visited", "order:patrol"]);
    assert_eq!(changed(&ledger), (1, 0, 0));
    assert!(
        ledger
            .line("checkpoint_visited")
            .unwrap()
            .note
            .contains("missing")
    );
    assert!(ledger.summary_line().ends_with("missing 1 duplicated 0"));
}

#[test]
fn a_doubled_record_is_doubled_whether_its_key_is_the_same_or_not() {
    let same_key = spoilt(|answers| {
        let at = answers.position("counted", 7);
        answers.records.push(answers.records[at].clone());
    });
    assert_eq!(failed(&same_key), ["counted", "order:count", "keys"]);
    assert_eq!(changed(&same_key), (0, 1, 0));
    let other_key = spoilt(|answers| {
        let at = answers.position("counted", 7);
        let mut again = answers.records[at].clone();
        again["seq"] = json!(900_000);
        answers.records.push(again);
    });
    assert_eq!(failed(&other_key), ["counted", "order:count"]);
    assert_eq!(changed(&other_key), (0, 1, 0));
}

#[test]
fn an_altered_record_is_one_missing_and_one_unexpected() {
    let alterations: [(&str, Alter); 5] = [
        ("counted", |record| record["fact"]["value"] = json!(9_999)),
        ("report_submitted", |record| {
            record["fact"]["narrative"] = json!("别的话")
        }),
        ("observed", |record| {
            record["recorded_at"] = json!("2026-01-14T02:03:04.123Z")
        }),
        ("patrol_ended", |record| record["fact"]["fixes"] = json!(1)),
        ("task_accepted", |record| record["worker"] = json!("DL-P99")),
    ];
    for (kind, alter) in alterations {
        let ledger = spoilt(|answers| {
            let at = answers.position(kind, 2);
            alter(&mut answers.records[at]);
        });
        assert!(failed(&ledger).contains(&kind), "{kind}: {:?}", failed(&ledger));
        assert_eq!(changed(&ledger), (1, 0, 1), "{kind}");
        let note = &ledger.line(kind).unwrap().note;
        assert!(note.contains("missing") && note.contains("unexpected"), "{note}");
    }
}

#[test]
fn a_record_in_another_order_or_another_lane_fails_the_order_and_nothing_else() {
    let swapped = spoilt(|answers| {
        let (one, two) = (
            answers.position("urgent_milestone", 0),
            answers.position("urgent_milestone", 1),
        );
        assert_eq!(answers.records[one]["lane"], answers.records[two]["lane"]);
        let seq = answers.records[one]["seq"].clone();
        answers.records[one]["seq"] = answers.records[two]["seq"].clone();
        answers.records[two]["seq"] = seq;
    });
    assert_eq!(failed(&swapped), ["order:urgent"]);
    assert!(
        swapped
            .line("order:urgent")
            .unwrap()
            .note
            .contains("another order")
    );
    let moved = spoilt(|answers| {
        let (one, two) = (
            answers.position("task_arrived", 0),
            answers.position("task_accepted", 5),
        );
        assert_ne!(answers.records[one]["lane"], answers.records[two]["lane"]);
        answers.records[one]["lane"] = answers.records[two]["lane"].clone();
    });
    assert_eq!(failed(&moved), ["order:task", "links"]);
    assert_eq!(changed(&moved), (0, 0, 0));
}

#[test]
fn a_fix_that_is_lost_doubled_or_moved_is_found_in_its_track() {
    let lost = spoilt(|answers| {
        let at = answers.position("track_segment", 3);
        answers.records[at]["fact"]["points"]
            .as_array_mut()
            .unwrap()
            .pop();
    });
    assert!(
        failed(&lost).starts_with(&["fixes", "order:track"]),
        "{:?}",
        failed(&lost)
    );
    assert_eq!(changed(&lost), (1, 0, 0));
    let moved = spoilt(|answers| {
        let at = answers.position("track_segment", 3);
        answers.records[at]["fact"]["points"][4][1] = json!(1);
    });
    assert_eq!(failed(&moved), ["fixes", "order:track"]);
    assert_eq!(changed(&moved), (1, 0, 1));
    let segment = spoilt(|answers| {
        let at = answers.position("track_segment", 3);
        let mut again = answers.records[at].clone();
        again["seq"] = json!(900_000);
        answers.records.push(again);
    });
    assert_eq!(failed(&segment), ["fixes", "order:track", "track_index"]);
    let points = WORLD.answers.records[WORLD.answers.position("track_segment", 3)]["fact"]["points"].clone();
    assert_eq!(changed(&segment), (0, points.as_array().unwrap().len() as i64, 0));
}

#[test]
fn a_wrong_total_fails_its_own_line() {
    let ledger = spoilt(|answers| {
        let rescued = answers
            .counts
            .iter_mut()
            .find(|count| count["count_kind"] == "rescued")
            .unwrap();
        rescued["total"] = json!(rescued["total"].as_i64().unwrap() + 1);
    });
    assert_eq!(failed(&ledger), ["total:rescued"]);
    let entries = spoilt(|answers| answers.counts[0]["entries"] = json!(1));
    assert_eq!(failed(&entries), ["total:calls_received"]);
    let gone = spoilt(|answers| answers.counts.clear());
    assert_eq!(failed(&gone).len(), 16);
}

#[test]
fn a_photo_that_is_missing_altered_or_anothers_is_found() {
    let missing = spoilt(|answers| drop(answers.photos.remove(100)));
    assert_eq!(failed(&missing), ["photos"]);
    assert_eq!(numbers(&missing, "photos"), (300, 299, 1, 0, 0));
    let altered = spoilt(|answers| answers.photos[100].1.push(0));
    assert_eq!(numbers(&altered, "photos"), (300, 300, 1, 0, 1));
    let anothers = spoilt(|answers| answers.photos[100].0 = "DL-P99".to_owned());
    assert_eq!(numbers(&anothers, "photos"), (300, 300, 1, 0, 1));
    let twice = spoilt(|answers| answers.photos.push(answers.photos[100].clone()));
    assert_eq!(numbers(&twice, "photos"), (300, 301, 0, 1, 0));
}

#[test]
fn a_task_in_another_state_fails_the_line_of_the_state_it_should_have() {
    let late = spoilt(|answers| {
        let task = answers
            .tasks
            .iter_mut()
            .find(|task| task["late_report"] == true)
            .unwrap();
        task["late_report"] = json!(false);
    });
    assert_eq!(failed(&late), ["task:recalled_late"]);
    assert!(
        late.line("task:recalled_late")
            .unwrap()
            .note
            .contains("is recalled, not recalled_late")
    );
    let wrong = spoilt(|answers| {
        let task = answers
            .tasks
            .iter_mut()
            .find(|task| task["status"] == "submitted")
            .unwrap();
        task["status"] = json!("on_site");
    });
    assert_eq!(failed(&wrong), ["task:submitted"]);
    let gone = spoilt(|answers| drop(answers.tasks.remove(0)));
    assert_eq!(failed(&gone)[0], "tasks");
    let doubled = spoilt(|answers| answers.tasks.push(answers.tasks[0].clone()));
    assert_eq!(failed(&doubled), ["tasks"]);
    let renamed = spoilt(|answers| answers.tasks[0]["title"] = json!("别的任务"));
    assert_eq!(failed(&renamed).len(), 1);
}

#[test]
fn parked_records_shared_vaults_and_strange_kinds_are_told() {
    let parked = spoilt(|answers| {
        let at = answers.position("counted", 0);
        answers.records[at]["verdict"] = json!("parked");
        answers.records[at]["reason"] = json!("lane_gap");
    });
    assert_eq!(failed(&parked), ["verdicts"]);
    assert!(parked.line("verdicts").unwrap().note.contains("lane_gap"));
    let strange = spoilt(|answers| {
        let mut stray = answers.records[0].clone();
        (stray["kind"], stray["seq"], stray["lane"]) = (json!("weighed"), json!(900_000), json!("scale:1"));
        answers.records.push(stray);
    });
    assert_eq!(failed(&strange), ["other_kinds", "order:other"]);
    let shared = spoilt(|answers| {
        let (mine, others) = (answers.records[0]["device"].clone(), json!("one device for all"));
        for record in &mut answers.records {
            let is_mine = record["device"] == mine;
            record["device"] = if is_mine {
                others.clone()
            } else {
                record["device"].clone()
            };
        }
    });
    // Renamed as a whole it is still one vault, but loose counts no longer lie on their device's sheet.
    assert_eq!(failed(&shared), ["links"]);
    let two = spoilt(|answers| {
        let devices: Vec<Value> = answers
            .records
            .iter()
            .map(|record| record["device"].clone())
            .collect();
        let other = devices.iter().find(|device| **device != devices[0]).unwrap();
        answers.records[0]["device"] = other.clone();
        answers.records[0]["seq"] = json!(900_000);
    });
    assert!(failed(&two).contains(&"vaults"), "{:?}", failed(&two));
}

#[test]
fn a_player_learns_which_photos_to_download() {
    let named = WORLD.answers.received().photos_named();
    assert_eq!(named.len(), 300);
    let all = WORLD
        .tally
        .photos
        .iter()
        .all(|photo| named.contains(&(photo.worker.clone(), photo.sha256.clone())));
    assert!(all);
}
