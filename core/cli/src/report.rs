//! Disposition reports, on a task, on an own matter or after a rescue.

use grid_fieldbook::ReportDraft;
use grid_screens::model::terms::{AgreementForm, AttachmentRole, Measure, PartyTold, ReportResult};
use grid_screens::model::{TaskEvent, TaskStatus};
use serde_json::json;

use crate::answer::Answer;
use crate::attach::Files;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::terms::term;
use crate::{pick, place, tasks};

/// What a report says.
#[derive(Debug, clap::Args)]
pub(crate) struct Report {
    /// What came of it
    #[arg(long, value_name = "RESULT", value_parser = term::<ReportResult>())]
    result: ReportResult,
    /// What happened, in your own words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,
    /// What was done; may be given again
    #[arg(long, value_name = "MEASURE", value_parser = term::<Measure>())]
    measure: Vec<Measure>,
    /// Whether the person concerned was told
    #[arg(long, value_name = "TOLD", value_parser = term::<PartyTold>())]
    told: Option<PartyTold>,
    /// Form of an agreement reached
    #[arg(long, value_name = "FORM", value_parser = term::<AgreementForm>())]
    agreement: Option<AgreementForm>,
    /// Found and handled on the spot
    #[arg(long)]
    self_handled: bool,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
    #[command(flatten)]
    files: Files,
}

impl Report {
    /// The report as a draft; its files are kept by now.
    pub(crate) fn draft(&self, desk: &Desk<'_>) -> Result<ReportDraft, Failure> {
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let attachments = self.files.keep(desk, AttachmentRole::After, point)?;
        Ok(ReportDraft {
            measures: self.measure.clone(),
            party_told: self.told,
            agreement: self.agreement,
            self_handled: self.self_handled,
            point,
            attachments,
            ..ReportDraft::new(self.result, self.text.as_str())
        })
    }
}

/// Reports on a task.
#[derive(Debug, clap::Args)]
pub(crate) struct Submit {
    /// Number, id, or a unique beginning of the id
    #[arg(value_name = "TASK")]
    task: String,
    #[command(flatten)]
    report: Report,
}

impl Submit {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let task = pick::task(desk, &self.task)?;
        let event = match task.status {
            TaskStatus::Submitted => TaskEvent::Amend,
            TaskStatus::Recalled => TaskEvent::LateReport,
            _ => TaskEvent::Submit,
        };
        let draft = self.report.draft(desk)?;
        let photos: Vec<String> = draft
            .attachments
            .iter()
            .map(|photo| photo.sha256().to_string())
            .collect();
        let saved = tasks::step(desk, &task, desk.book.submit(task.id, draft))?;
        let mut answer = tasks::moved(desk, &task, saved, event)?;
        answer.json["attachments"] = json!(photos);
        Ok(answer)
    }
}
