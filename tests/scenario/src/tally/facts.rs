//! The fact that each action must have become, written from the contract's table by hand.

use serde_json::{Map, Value, json};

use super::Subject;
use crate::photo::Print;
use crate::plan::{Action, Birth, Plan, Point, Report, Shot, What};
use crate::time;

/// The lane, kind and fact of the record an action becomes; `None` for a fix, which becomes part of a segment.
pub(super) fn of(plan: &Plan, action: &Action, prints: &[Print]) -> Option<(Subject, &'static str, Value)> {
    let shots = |shots: &[Shot]| attachments(shots, action.at_ms, prints);
    let made = match &action.what {
        What::Fix { .. } => return None,
        What::StartPatrol {
            patrol,
            patrol_type,
            transport,
            post,
            point,
        } => {
            let mut fact =
                object(json!({ "patrol_type": patrol_type, "transport": transport, "post": post }));
            put_point(&mut fact, *point);
            (Subject::Patrol(*patrol), "patrol_started", fact)
        }
        What::Visit {
            patrol,
            checkpoint,
            proof,
            point,
            unlocated_reason,
        } => {
            let mut fact = object(json!({ "checkpoint": checkpoint, "proof": proof }));
            put_point(&mut fact, *point);
            put(&mut fact, "unlocated_reason", unlocated_reason.as_deref());
            (Subject::Patrol(*patrol), "checkpoint_visited", fact)
        }
        What::Observe {
            patrol,
            kind,
            note,
            point,
            photos,
        } => {
            let mut fact =
                object(json!({ "observation_kind": kind, "note": note, "attachments": shots(photos) }));
            put_point(&mut fact, *point);
            (Subject::Patrol(*patrol), "observed", fact)
        }
        What::Count {
            kind,
            value,
            post,
            patrol,
            reason,
        } => {
            let mut fact = object(json!({ "count_kind": kind, "value": value, "post": post }));
            put(&mut fact, "reason", reason.as_deref());
            let subject = match patrol {
                Some(patrol) => {
                    fact.insert("patrol".to_owned(), Value::Bool(true));
                    Subject::PatrolCounts(*patrol)
                }
                None => Subject::LooseCounts(action.officer as u32),
            };
            (subject, "counted", fact)
        }
        What::Pause { patrol } => (Subject::Patrol(*patrol), "patrol_paused", Map::new()),
        What::Resume { patrol } => (Subject::Patrol(*patrol), "patrol_resumed", Map::new()),
        What::End { patrol } => {
            let fixes = plan
                .patrols
                .get(*patrol as usize)
                .map_or(0, |patrol| patrol.fixes);
            (
                Subject::Patrol(*patrol),
                "patrol_ended",
                object(json!({ "fixes": fixes })),
            )
        }
        What::Accept { task } => (Subject::Task(*task), "task_accepted", Map::new()),
        What::Arrive { task, point } => {
            let mut fact = Map::new();
            put_point(&mut fact, *point);
            (Subject::Task(*task), "task_arrived", fact)
        }
        What::Submit { task, report } => (
            Subject::Task(*task),
            "report_submitted",
            report_fact(report, shots(&report.photos)),
        ),
        What::ReportCase { case, birth } => (
            Subject::Case(*case),
            "case_reported",
            birth_fact(birth, shots(&birth.photos)),
        ),
        What::SubmitCase { case, report } => (
            Subject::Case(*case),
            "report_submitted",
            report_fact(report, shots(&report.photos)),
        ),
        What::StartUrgent {
            case,
            title,
            place_text,
            point,
        } => {
            let mut fact = object(json!({ "title": title, "place_text": place_text }));
            put_point(&mut fact, *point);
            (Subject::Urgent(*case), "urgent_started", fact)
        }
        What::Milestone { case, milestone } => (
            Subject::Urgent(*case),
            "urgent_milestone",
            object(json!({ "milestone": milestone })),
        ),
        What::SubmitUrgent { case, report } => (
            Subject::Urgent(*case),
            "report_submitted",
            report_fact(report, shots(&report.photos)),
        ),
    };
    let (subject, kind, fact) = made;
    Some((subject, kind, Value::Object(fact)))
}

/// The print of a photo, or one that fits no photo.
pub(super) fn print(prints: &[Print], photo: usize) -> Print {
    prints.get(photo).cloned().unwrap_or_else(|| Print {
        sha256: format!("no print of photo {photo}"),
        bytes: 0,
    })
}

fn report_fact(report: &Report, attachments: Value) -> Map<String, Value> {
    let mut fact = object(json!({
        "version": 1,
        "result": report.result,
        "measures": report.measures,
        "narrative": report.narrative,
        "self_handled": report.self_handled,
        "attachments": attachments,
    }));
    put(&mut fact, "party_told", report.party_told.as_deref());
    put(&mut fact, "agreement", report.agreement.as_deref());
    put_point(&mut fact, report.point);
    fact
}

fn birth_fact(birth: &Birth, attachments: Value) -> Map<String, Value> {
    let mut fact = object(json!({
        "case_kind": birth.case_kind,
        "title": birth.title,
        "description": birth.description,
        "place_text": birth.place_text,
        "attachments": attachments,
    }));
    put_point(&mut fact, birth.point);
    if let Some(dispute) = &birth.dispute {
        let parties: Vec<Value> = dispute
            .parties
            .iter()
            .map(|party| json!({ "role": party.role, "label": party.label }))
            .collect();
        let dispute = json!({
            "dispute_type": dispute.dispute_type,
            "scale": dispute.scale,
            "involved_count": dispute.involved_count,
            "parties": parties,
        });
        fact.insert("dispute".to_owned(), dispute);
    }
    fact
}

fn attachments(shots: &[Shot], taken_at_ms: i64, prints: &[Print]) -> Value {
    let one = |shot: &Shot| {
        let print = print(prints, shot.photo as usize);
        let mut item = object(json!({
            "sha256": print.sha256,
            "role": shot.role,
            "mime": "image/jpeg",
            "bytes": print.bytes,
            "taken_at": time::text(taken_at_ms),
        }));
        put_point(&mut item, shot.point);
        Value::Object(item)
    };
    shots.iter().map(one).collect()
}

fn put_point(fact: &mut Map<String, Value>, point: Option<Point>) {
    let Some(point) = point else { return };
    let mut place = object(json!({ "lat_e7": point.lat_e7, "lon_e7": point.lon_e7 }));
    if let Some(accuracy_dm) = point.accuracy_dm {
        place.insert("accuracy_dm".to_owned(), json!(accuracy_dm));
    }
    fact.insert("point".to_owned(), Value::Object(place));
}

fn put(fact: &mut Map<String, Value>, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        fact.insert(name.to_owned(), json!(text));
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Frame, Link};

    fn empty_plan() -> Plan {
        Plan {
            name: String::new(),
            seed: 0,
            village_code: String::new(),
            enrol_at_ms: 0,
            cut_at_ms: 0,
            back_at_ms: 0,
            posts: Vec::new(),
            phones: Vec::new(),
            officers: Vec::new(),
            tasks: Vec::new(),
            patrols: Vec::new(),
            cases: 0,
            photos: Vec::new(),
            frame: Frame {
                width: 1,
                height: 1,
                bytes_min: 0,
                bytes_max: 0,
            },
            actions: Vec::new(),
            windows: Vec::new(),
            link: Link {
                up_bits_per_s: 0,
                down_bits_per_s: 0,
                rtt_ms: 0,
                cut_percent: 0,
            },
        }
    }

    #[test]
    fn a_report_says_what_the_contract_names_and_nothing_that_is_not_there() {
        let report = Report {
            result: "mediated_agreed".to_owned(),
            measures: vec!["mediated".to_owned()],
            narrative: "双方签字。".to_owned(),
            party_told: Some("yes".to_owned()),
            agreement: None,
            self_handled: true,
            point: Some(Point {
                lat_e7: 397_500_000,
                lon_e7: 1_237_300_000,
                accuracy_dm: Some(45),
            }),
            photos: vec![Shot {
                photo: 0,
                role: "after".to_owned(),
                point: None,
            }],
        };
        let action = Action {
            at_ms: 1_768_182_000_007,
            officer: 0,
            what: What::SubmitCase { case: 3, report },
        };
        let prints = [Print {
            sha256: "ab".to_owned(),
            bytes: 12,
        }];
        let (subject, kind, fact) = of(&empty_plan(), &action, &prints).unwrap();
        assert_eq!((subject, kind), (Subject::Case(3), "report_submitted"));
        let expected = json!({
            "version": 1, "result": "mediated_agreed", "measures": ["mediated"], "narrative": "双方签字。",
            "party_told": "yes", "self_handled": true,
            "point": { "lat_e7": 397_500_000, "lon_e7": 1_237_300_000, "accuracy_dm": 45 },
            "attachments": [{ "sha256": "ab", "role": "after", "mime": "image/jpeg", "bytes": 12,
                "taken_at": "2026-01-12T01:40:00.007Z" }],
        });
        assert_eq!(fact, expected);
    }

    #[test]
    fn a_count_on_patrol_goes_to_the_patrols_sheet_and_a_fix_is_no_record() {
        let count = |patrol| What::Count {
            kind: "publicity".to_owned(),
            value: -2,
            post: "DL01".to_owned(),
            patrol,
            reason: Some("多点了一次".to_owned()),
        };
        let fact = |patrol| {
            of(
                &empty_plan(),
                &Action {
                    at_ms: 0,
                    officer: 4,
                    what: count(patrol),
                },
                &[],
            )
            .unwrap()
        };
        let (subject, _, on_patrol) = fact(Some(9));
        assert_eq!(subject, Subject::PatrolCounts(9));
        assert_eq!(on_patrol["patrol"], json!(true));
        let (subject, _, loose) = fact(None);
        assert_eq!(subject, Subject::LooseCounts(4));
        let told = json!({ "count_kind": "publicity", "value": -2, "post": "DL01", "reason": "多点了一次" });
        assert_eq!(loose, told);
        let fix = What::Fix {
            patrol: 0,
            lat_e7: 0,
            lon_e7: 0,
            accuracy_dm: 0,
            speed_cms: 0,
        };
        assert_eq!(
            of(
                &empty_plan(),
                &Action {
                    at_ms: 0,
                    officer: 0,
                    what: fix
                },
                &[]
            ),
            None
        );
    }
}
