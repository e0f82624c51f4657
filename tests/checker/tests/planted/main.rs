//! A history without fault passes with every invariant checked, and each planted fault is reported under its own number.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod encode;
mod story;
mod world;

use std::collections::BTreeSet;

use grid_checker::{HistoryError, INVARIANTS, Report, check};
use serde_json::{Value, json};
use story::{Plant, history};

fn text(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn report(lines: &[Value]) -> Report {
    check(text(lines).as_bytes()).unwrap()
}

/// The lines of one kind, in their order.
fn all<'l>(lines: &'l mut [Value], event: &'static str) -> impl Iterator<Item = &'l mut Value> {
    lines.iter_mut().filter(move |line| line["ev"] == event)
}

fn of<'l>(
    lines: &'l mut [Value],
    event: &'static str,
    vault: &'static str,
) -> impl Iterator<Item = &'l mut Value> {
    all(lines, event).filter(move |line| line["vault"] == vault)
}

/// Alters one field of the line of this kind at this place among them.
fn set(lines: &mut [Value], event: &'static str, nth: usize, field: &str, value: Value) {
    all(lines, event).nth(nth).unwrap()[field] = value;
}

/// The history with the fault of this number.
fn planted(invariant: u8) -> Vec<Value> {
    let mut lines = history(match invariant {
        4 => Plant::LittleBackedUp,
        23 => Plant::CloneGoesOn,
        24 => Plant::RollbackGoesOn,
        _ => Plant::Nothing,
    });
    let l = &mut lines;
    match invariant {
        1 => of(l, "view", "a")
            .skip(2)
            .for_each(|view| view["epochs"][0]["parked"] = json!("")),
        2 => of(l, "down", "a").for_each(|down| down["pending"] = json!(0)),
        3 => of(l, "view", "a").last().unwrap()["photos_lost"] = json!(1),
        5 => of(l, "view", "b").next().unwrap()["epochs"][0]["saved"] = json!("1"),
        6 => {
            let n = of(l, "request", "d").nth(3).unwrap()["n"].clone();
            all(l, "fate").find(|fate| fate["n"] == n).unwrap()["answer"] = json!("cut");
        }
        7 => set(l, "total", 1, "value", json!(196)),
        8 => {
            let at = lines.iter().position(|line| line["ev"] == "conflict").unwrap();
            lines.remove(at);
        }
        9 => all(l, "fold").next().unwrap()["order"]
            .as_array_mut()
            .unwrap()
            .reverse(),
        10 => lines.retain(|line| line["ev"] != "missing"),
        11 => set(l, "parked", 0, "reason", json!("")),
        12 => set(l, "task", 0, "late_reports", json!(0)),
        13 => {
            set(l, "command", 1, "accepted", json!(true));
            set(l, "command", 1, "revision", json!(5));
        }
        14 => {
            let view = of(l, "view", "b").last().unwrap();
            view["epochs"][0]["saved"] = view["epochs"][0]["received"].take();
            view["epochs"][0]["received"] = json!("");
        }
        15 => set(l, "agree", 1, "phone", json!("bb")),
        16 => set(l, "resent", 0, "resumed_at", json!(0)),
        17 => set(l, "rest", 0, "rest_ms", json!(1)),
        18 => of(l, "local", "a").last().unwrap()["revision"] = json!(0),
        19 => set(l, "refused", 0, "error", json!("the clock is in the future")),
        20 => {
            let row = all(l, "stored").next().unwrap();
            row["to_ms"] = row["from_ms"].clone();
        }
        21 => set(l, "stored", 0, "to_ms", json!(i64::MAX)),
        22 => set(l, "restore_loss", 0, "ranges", json!("1-3")),
        25 => set(l, "migrated", 0, "same", json!(false)),
        26 => set(l, "future", 0, "after", json!("a1")),
        27 => set(l, "salvage", 0, "recovered", json!(3)),
        28 => set(l, "damage", 0, "detected", json!(false)),
        _ => {}
    }
    lines
}

#[test]
fn a_history_without_fault_passes_with_every_invariant_checked() {
    let report = report(&history(Plant::Nothing));
    assert_eq!(report.violations, []);
    assert_eq!(report.unchecked(INVARIANTS), [0u8; 0], "{:?}", report.checked);
}

#[test]
fn every_planted_fault_is_reported_under_its_number_and_no_other() {
    let wrong: Vec<_> = INVARIANTS
        .map(|invariant| (invariant, report(&planted(invariant)).violations))
        .filter(|(invariant, found)| {
            found.is_empty() || found.iter().any(|violation| violation.invariant != *invariant)
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Further faults, each with the numbers under which it must show; a fault may break more than one promise.
#[test]
fn further_faults_are_reported() {
    let found = |alter: &dyn Fn(&mut Vec<Value>)| {
        let mut lines = history(Plant::Nothing);
        alter(&mut lines);
        report(&lines)
            .violations
            .iter()
            .map(|violation| violation.invariant)
            .collect::<BTreeSet<u8>>()
    };
    let gone = found(&|lines| {
        let row = lines
            .iter()
            .position(|line| line["ev"] == "stored" && line["seq"] == 3)
            .unwrap();
        lines.remove(row);
        all(lines, "dump").nth(1).unwrap()["rows"] = json!(9);
    });
    assert!(gone.contains(&6) && gone.contains(&10), "{gone:?}");
    let doubled = found(&|lines| {
        let row = lines.iter().position(|line| line["ev"] == "stored").unwrap();
        lines.insert(row, lines[row].clone());
    });
    assert_eq!(doubled, [7].into());
    let overwritten = found(&|lines| {
        let second = all(lines, "conflict").next().unwrap()["body"].clone();
        let row = all(lines, "stored")
            .find(|line| line["device"] == "02".repeat(16) && line["seq"] == 2)
            .unwrap();
        row["body"] = second;
    });
    assert!(overwritten.contains(&8), "{overwritten:?}");
    let impatient = found(&|lines| {
        let at = lines.iter().position(|line| line["status"] == 429).unwrap();
        lines[at]["retry_after_s"] = json!(3_600);
    });
    assert_eq!(impatient, [17].into());
    let stuck = found(&|lines| {
        let sync = all(lines, "sync").find(|line| line["outcome"] == "link").unwrap();
        sync.as_object_mut().unwrap().remove("next_in_ms");
    });
    assert_eq!(stuck, [14].into());
    let forged = found(&|lines| {
        let key = encode::public(&encode::signing_key(98));
        of(lines, "enrolled", "d").for_each(|line| line["platform_key"] = json!(key));
    });
    assert!(forged.contains(&6) && forged.contains(&4), "{forged:?}");
    let twice = found(&|lines| {
        let op = all(lines, "saved").next().unwrap()["op"].clone();
        all(lines, "saved").nth(1).unwrap()["op"] = op;
    });
    assert!(twice.contains(&7), "{twice:?}");
    let early =
        found(&|lines| of(lines, "view", "a").nth(3).unwrap()["epochs"][0]["backed_up"] = json!("1-3"));
    assert_eq!(early, [4].into());
}

fn error(lines: &[Value]) -> HistoryError {
    check(text(lines).as_bytes()).unwrap_err()
}

#[test]
fn what_cannot_be_read_is_named_by_line_and_field() {
    let lines = history(Plant::Nothing);
    let first = |event: &str| lines.iter().position(|line| line["ev"] == event).unwrap();
    for (event, field, value) in [
        ("request", "body", json!("AAAA")),
        ("request", "body", json!("!")),
        ("saved", "epoch", json!(3)),
        ("view", "epochs", json!([{"epoch": "1"}])),
        ("stored", "device", json!("0102")),
        ("fate", "n", json!(4_000)),
    ] {
        let mut broken = lines.clone();
        let at = first(event);
        broken[at][field] = value;
        let said = error(&broken).to_string();
        assert!(said.starts_with(&format!("line {}, {field}: ", at + 1)), "{said}");
    }
    assert!(
        error(&lines[..9])
            .to_string()
            .contains("stops without the line `end`")
    );
    assert!(
        error(&lines[1..])
            .to_string()
            .starts_with("line 1: the first line is `run`")
    );
    let unknown = [lines[0].clone(), json!({"at": 1, "ev": "teleported"})];
    assert!(error(&unknown).to_string().starts_with("line 2, ev: "));
}

#[test]
fn the_same_history_gives_the_same_report() {
    assert_eq!(report(&planted(8)), report(&planted(8)));
}
