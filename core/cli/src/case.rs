//! Matters found by the worker himself: report, follow up, list.

use clap::Subcommand;
use grid_fieldbook::{CaseDraft, CaseView, DisputeDraft};
use grid_screens::model::terms::{AttachmentRole, CaseKind, DisputeType, PartyRole, Scale};
use grid_screens::model::{ChangeKind, Coded as _};
use grid_screens::{Lang, Worded as _, case_card};
use serde_json::json;

use crate::answer::Answer;
use crate::attach::Files;
use crate::desk::{Desk, ROWS_MAX};
use crate::failure::{Failure, Snag};
use crate::patrol::short;
use crate::report::Report;
use crate::say::Say;
use crate::table::{Cell, Table, Tint, clip};
use crate::tasks::own_tint;
use crate::terms::term;
use crate::{json, pick, place};

/// Own matters.
#[derive(Debug, Subcommand)]
pub(crate) enum Case {
    /// Report a matter you found
    Report(Found),
    /// Report what came of a matter you found
    Submit(FollowUp),
    /// List the matters reported from here, the newest first
    List(List),
}

/// Reports a matter.
#[derive(Debug, clap::Args)]
pub(crate) struct Found {
    /// Kind of matter [default: dispute, when --dispute-type is given]
    #[arg(long, value_name = "KIND", value_parser = term::<CaseKind>(), required_unless_present = "dispute_type")]
    kind: Option<CaseKind>,
    /// Title, at most 40 characters
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// Description, at most 1,000 characters
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,
    /// Where, in words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    place: String,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
    #[command(flatten)]
    files: Files,
    /// What a dispute is about
    #[arg(long, value_name = "TYPE", value_parser = term::<DisputeType>())]
    dispute_type: Option<DisputeType>,
    /// How many people it involves
    #[arg(long, value_name = "N", requires = "dispute_type")]
    involved: Option<u32>,
    /// How many people, as a class [default: from --involved]
    #[arg(long, value_name = "SCALE", value_parser = term::<Scale>(), requires = "dispute_type")]
    scale: Option<Scale>,
    /// A side of the dispute as A=LABEL, B=LABEL or other=LABEL; a label, never an identity; may be given again
    #[arg(long, value_name = "SIDE=LABEL", requires = "dispute_type")]
    party: Vec<String>,
}

/// Reports on an own matter.
#[derive(Debug, clap::Args)]
pub(crate) struct FollowUp {
    /// Id of the matter, or a unique beginning of it
    #[arg(value_name = "CASE")]
    case: String,
    #[command(flatten)]
    report: Report,
}

/// Lists own matters.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
}

impl Case {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Report(found) => found.run(desk),
            Self::Submit(follow_up) => {
                let case = pick::case(desk, &follow_up.case)?;
                reported(desk, &case, &follow_up.report)
            }
            Self::List(list) => list.run(desk),
        }
    }
}

impl Found {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let dispute = self.dispute(desk.lang)?;
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let draft = CaseDraft {
            case_kind: self.kind.unwrap_or(CaseKind::Dispute),
            title: self.title.clone(),
            description: self.text.clone(),
            place_text: self.place.clone(),
            point,
            dispute,
            attachments: self.files.keep(desk, AttachmentRole::During, point)?,
        };
        let photos: Vec<String> = draft
            .attachments
            .iter()
            .map(|photo| photo.sha256().to_string())
            .collect();
        let (id, saved) = desk.ask(|book| book.report_case(draft))?;
        let view = pick::case(desk, &id.to_string())?;
        let what = format!("{} {}", ChangeKind::CaseReported.words(desk.lang), self.title);
        let text = desk.saved_line(saved, &what);
        let id = desk
            .paint
            .tint(&format!("\n{} {id}", desk.say(Say::Id)), Tint::Faint);
        let json = json!({ "saved": json::saved(saved), "case": json::case(&view), "attachments": photos });
        Ok(Answer::new(text + &id, json))
    }

    fn dispute(&self, lang: Lang) -> Result<Option<DisputeDraft>, Failure> {
        let Some(dispute_type) = self.dispute_type else {
            return Ok(None);
        };
        let parties: Result<Vec<_>, _> = self.party.iter().map(|text| party(text, lang)).collect();
        let parties = parties?;
        let sides = u32::try_from(parties.len()).unwrap_or(u32::MAX);
        let involved_count = self.involved.unwrap_or(sides);
        Ok(Some(DisputeDraft {
            dispute_type,
            scale: self.scale.unwrap_or(scale_of(involved_count)),
            involved_count,
            parties,
        }))
    }
}

fn party(text: &str, lang: Lang) -> Result<(PartyRole, String), Failure> {
    let split = text.split_once('=');
    let read = split.and_then(|(side, label)| Some((PartyRole::from_name(side.trim())?, label.trim())));
    match read.filter(|(_, label)| !label.is_empty()) {
        Some((side, label)) => Ok((side, label.to_owned())),
        None => Err(Snag::NotAParty.with(text, lang)),
    }
}

const fn scale_of(people: u32) -> Scale {
    match people {
        ..50 => Scale::Under50,
        50..100 => Scale::From50To100,
        100..=500 => Scale::From100To500,
        _ => Scale::Over500,
    }
}

/// Reports what came of a matter that was born here.
pub(crate) fn reported(desk: &Desk<'_>, case: &CaseView, report: &Report) -> Result<Answer, Failure> {
    let draft = report.draft(desk)?;
    let photos: Vec<String> = draft
        .attachments
        .iter()
        .map(|photo| photo.sha256().to_string())
        .collect();
    let saved = desk.ask(|book| book.submit_case(case.id, draft))?;
    let view = pick::case(desk, &case.id.to_string())?;
    let card = case_card(&view, desk.now_ms, desk.lang);
    let what = format!("{} {}", ChangeKind::ReportSubmitted.words(desk.lang), card.title);
    let json = json!({ "saved": json::saved(saved), "case": json::case(&view), "attachments": photos });
    Ok(Answer::new(desk.saved_line(saved, &what), json))
}

impl List {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let cases = desk.ask(|book| book.cases(self.limit.min(ROWS_MAX)))?;
        let json = json!({ "cases": json::list(&cases, json::case) });
        if cases.is_empty() {
            return Ok(Answer::new(desk.say(Say::NoCases), json));
        }
        let heads = [
            Say::Id,
            Say::Time,
            Say::Kind,
            Say::Title,
            Say::Place,
            Say::Reports,
            Say::Own,
        ];
        let mut table = Table::headed(&heads.map(|head| desk.say(head)));
        for case in &cases {
            let card = case_card(case, desk.now_ms, desk.lang);
            let tint = if case.urgent { Tint::Strong } else { Tint::Plain };
            table.row([
                short(&case.id.to_string()).into(),
                card.reported.into(),
                Cell::new(&card.kind, tint),
                clip(&card.title, 40).into(),
                clip(&case.place_text, 24).into(),
                case.reports.to_string().into(),
                card.own
                    .map_or_else(|| "".into(), |own| Cell::new(&clip(&own, 48), own_tint(case.own))),
            ]);
        }
        Ok(Answer::new(table.render(desk.paint), json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_follows_the_number_of_people() {
        let scales = [0, 49, 50, 99, 100, 500, 501].map(scale_of);
        assert_eq!(scales.map(|scale| scale.code()), [1, 1, 2, 2, 3, 3, 4]);
    }

    #[test]
    fn a_party_is_a_side_and_a_label() {
        assert_eq!(
            party("A=东口船队", Lang::Zh).expect("a party"),
            (PartyRole::A, "东口船队".to_owned())
        );
        for bad in ["A", "A=", "C=x", "=x", ""] {
            assert_eq!(
                party(bad, Lang::En).expect_err("no party").advice.code,
                "not_a_party"
            );
        }
    }
}
