//! Cases that are born on a phone: disputes with their reports, and urgent rescues with their steps.

use super::day::OnDuty;
use super::point_at;
use super::stint::Stint;
use crate::dice::Dice;
use crate::plan::{Birth, Dispute, Party, Point, Report, What};
use crate::scenario::{self, Scenario};
use crate::time::MINUTE_MS;

/// Plans all disputes and rescues and gives each to a shift; gives how many cases there are.
pub(super) fn hand_out(dice: &mut Dice, scenario: &Scenario, shifts: &mut [OnDuty]) -> u32 {
    let fields = scenario.fields();
    let (disputes, urgents) = (fields.totals.disputes as usize, fields.totals.urgent as usize);
    let mut case = 0;
    let words = dice.hand_out(disputes, fields.disputes.len());
    for (shift, word) in dice.hand_out(disputes, shifts.len()).into_iter().zip(words) {
        let here = at_post(dice, scenario, &shifts[shift].post);
        shifts[shift]
            .stints
            .push(dispute(dice, case, &fields.disputes[word], here));
        case += 1;
    }
    let words = dice.hand_out(urgents, fields.urgents.len());
    for (shift, word) in dice.hand_out(urgents, shifts.len()).into_iter().zip(words) {
        shifts[shift]
            .stints
            .push(urgent(dice, case, &fields.urgents[word]));
        case += 1;
    }
    case
}

/// A checkpoint of the officer's post, as the phone's fix there.
fn at_post(dice: &mut Dice, scenario: &Scenario, post: &str) -> Option<Point> {
    let post = scenario.fields().posts.iter().find(|other| other.code == post)?;
    let checkpoint = dice.pick(&post.checkpoints)?;
    let accuracy_dm = Some(dice.between(30, 150) as u32);
    dice.percent(80).then_some(Point {
        accuracy_dm,
        ..point_at(checkpoint.lat, checkpoint.lon)
    })
}

fn dispute(dice: &mut Dice, case: u32, words: &scenario::Dispute, point: Option<Point>) -> Stint {
    let party = |party: &scenario::Party| Party {
        role: party.role.clone(),
        label: party.label.clone(),
    };
    let birth = Birth {
        case_kind: "dispute".to_owned(),
        title: words.title.clone(),
        description: words.description.clone(),
        place_text: words.place_text.clone(),
        point,
        dispute: Some(Dispute {
            dispute_type: words.dispute_type.clone(),
            scale: words.scale.clone(),
            involved_count: words.involved_count,
            parties: words.parties.iter().map(party).collect(),
        }),
        photos: Vec::new(),
    };
    let report = Report {
        result: words.result.clone(),
        measures: words.measures.clone(),
        narrative: words.narrative.clone(),
        party_told: words.party_told.clone(),
        agreement: words.agreement.clone(),
        self_handled: true,
        point: point.filter(|_| dice.percent(80)),
        photos: Vec::new(),
    };
    let mut stint = Stint::default();
    stint.add(0, What::ReportCase { case, birth });
    stint.add(
        dice.between(30 * MINUTE_MS, 90 * MINUTE_MS),
        What::SubmitCase { case, report },
    );
    stint.in_order()
}

fn urgent(dice: &mut Dice, case: u32, words: &scenario::Urgent) -> Stint {
    let point = Point {
        accuracy_dm: Some(dice.between(30, 200) as u32),
        ..point_at(words.lat, words.lon)
    };
    // With no fix within ten seconds the place is a named spot only.
    let point = dice.percent(75).then_some(point);
    let mut stint = Stint::default();
    let (title, place_text) = (words.title.clone(), words.place_text.clone());
    stint.add(
        0,
        What::StartUrgent {
            case,
            title,
            place_text,
            point,
        },
    );
    let mut last_ms = 0;
    for step in &words.milestones {
        // Never two taps in one moment: a thumb needs a little time.
        last_ms = (i64::from(step.after_s) * 1000 + dice.between(0, 900)).max(last_ms + 100);
        stint.add(
            last_ms,
            What::Milestone {
                case,
                milestone: step.milestone.clone(),
            },
        );
    }
    let report = Report {
        result: words.result.clone(),
        measures: words.measures.clone(),
        narrative: words.narrative.clone(),
        party_told: words.party_told.clone(),
        agreement: None,
        self_handled: true,
        point,
        photos: Vec::new(),
    };
    stint.add(
        last_ms + dice.between(2 * MINUTE_MS, 8 * MINUTE_MS),
        What::SubmitUrgent { case, report },
    );
    stint.in_order()
}
