//! Rescues: one line to start, one a step, a report afterwards. Nothing here waits for a photo, a form or a network.

use clap::Subcommand;
use grid_fieldbook::{CaseView, UrgentDraft};
use grid_screens::Worded as _;
use grid_screens::model::terms::Milestone;
use grid_screens::model::{ChangeKind, Coded as _};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::report::Report;
use crate::say::Say;
use crate::table::Tint;
use crate::terms::term;
use crate::{case, json, pick, place};

/// Rescues.
#[derive(Debug, Subcommand)]
pub(crate) enum Urgent {
    /// Start a rescue: the clock starts now
    Start(Start),
    /// Record a step of the rescue
    Step(Step),
    /// Report on the rescue afterwards
    Report(After),
}

/// Starts a rescue.
#[derive(Debug, clap::Args)]
pub(crate) struct Start {
    /// Where, in words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    place: String,
    /// What it is, in a few words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    title: String,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
}

/// Records a step.
#[derive(Debug, clap::Args)]
pub(crate) struct Step {
    /// Which step
    #[arg(value_name = "STEP", value_parser = term::<Milestone>())]
    step: Milestone,
    /// Which rescue: a unique beginning of its id [default: the newest]
    #[arg(long, value_name = "ID")]
    case: Option<String>,
}

/// Reports on a rescue.
#[derive(Debug, clap::Args)]
pub(crate) struct After {
    /// Which rescue: a unique beginning of its id [default: the newest]
    #[arg(long, value_name = "ID")]
    case: Option<String>,
    #[command(flatten)]
    report: Report,
}

impl Urgent {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Start(start) => start.run(desk),
            Self::Step(step) => step.run(desk),
            Self::Report(after) => after.run(desk),
        }
    }
}

impl Start {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        // A position that does not read is told, but the rescue starts all the same.
        let point = place::point(self.at.as_deref(), desk.lang);
        let draft = UrgentDraft {
            title: self.title.clone(),
            place_text: self.place.clone(),
            point: point.as_ref().copied().ok().flatten(),
        };
        let (id, saved) = desk.ask(|book| book.start_urgent(draft))?;
        let what = [
            ChangeKind::UrgentStarted.words(desk.lang),
            self.title.clone(),
            self.place.clone(),
        ];
        let what: Vec<_> = what.into_iter().filter(|part| !part.is_empty()).collect();
        let mut text = desk.saved_line(saved, &what.join(" "));
        for say in [Say::RescueStep, Say::RescueReport] {
            text.push('\n');
            text.push_str(&desk.paint.tint(desk.say(say), Tint::Faint));
        }
        let view = pick::case(desk, &id.to_string())?;
        let json = json!({ "saved": json::saved(saved), "case": json::case(&view) });
        let mut answer = Answer::new(text, json);
        answer.failure = point.err();
        if let Some(failure) = &mut answer.failure {
            failure.advice.meaning = desk.say(Say::RescueStands).to_owned();
            failure.exit = Exit::Done;
        }
        Ok(answer)
    }
}

impl Step {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let case = pick::urgent(desk, self.case.as_deref())?;
        let saved = desk.ask(|book| book.urgent_milestone(case.id, self.step))?;
        let text = desk.saved_line(saved, &self.step.words(desk.lang));
        let since = desk
            .paint
            .tint(&format!("\n{}", since_start(desk, &case)), Tint::Faint);
        let json = json!({
            "saved": json::saved(saved),
            "milestone": self.step.name(),
            "case": json::case(&pick::case(desk, &case.id.to_string())?),
        });
        Ok(Answer::new(text + &since, json))
    }
}

impl After {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let case = pick::urgent(desk, self.case.as_deref())?;
        case::reported(desk, &case, &self.report)
    }
}

/// How long after T0 this is: `接警后 9 分 20 秒`.
fn since_start(desk: &Desk<'_>, case: &CaseView) -> String {
    let seconds = (desk.now_ms - case.reported_at_ms).max(0) / 1000;
    let (minutes, seconds) = ((seconds / 60).to_string(), (seconds % 60).to_string());
    Say::SinceStart.fill(desk.lang, &[&minutes, &seconds])
}
