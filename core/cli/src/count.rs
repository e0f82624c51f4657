//! Counters: one line, exactly once; a correction is a negative step with a reason.

use grid_fieldbook::{CountDraft, PatrolView};
use grid_screens::model::terms::CountKind;
use grid_screens::{step, tally_text};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::json;
use crate::say::Say;
use crate::table::Tint;
use crate::terms::term;

/// Adds to a counter outside any patrol.
#[derive(Debug, clap::Args)]
pub(crate) struct Count {
    /// What is counted
    #[arg(value_name = "KIND", value_parser = term::<CountKind>())]
    kind: CountKind,
    /// How much to add; negative for a correction
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    value: i64,
    /// Code of the post
    #[arg(long, value_name = "CODE")]
    post: String,
    /// Why, for a correction
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Count {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let draft = CountDraft {
            kind: self.kind,
            value: self.value,
            post: self.post.clone(),
            patrol: None,
            reason: self.reason.clone(),
        };
        counted(desk, draft)
    }
}

/// Adds to a counter in a patrol.
#[derive(Debug, clap::Args)]
pub(crate) struct PatrolCount {
    /// What is counted
    #[arg(value_name = "KIND", value_parser = term::<CountKind>())]
    kind: CountKind,
    /// How much to add; negative for a correction
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    value: i64,
    /// Code of the post [default: the patrol's own]
    #[arg(long, value_name = "CODE")]
    post: Option<String>,
    /// Why, for a correction
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Which patrol: a unique beginning of its id [default: the open one]
    #[arg(long, value_name = "ID")]
    pub(crate) patrol: Option<String>,
}

impl PatrolCount {
    pub(crate) fn run(&self, desk: &Desk<'_>, patrol: &PatrolView) -> Result<Answer, Failure> {
        let draft = CountDraft {
            kind: self.kind,
            value: self.value,
            post: self.post.clone().unwrap_or_else(|| patrol.post.clone()),
            patrol: Some(patrol.id),
            reason: self.reason.clone(),
        };
        counted(desk, draft)
    }
}

fn counted(desk: &Desk<'_>, draft: CountDraft) -> Result<Answer, Failure> {
    let (kind, value) = (draft.kind, draft.value);
    let saved = desk.ask(|book| book.count(draft))?;
    let today = desk.ask(|book| book.tally_today())?;
    let total = today.iter().find(|tally| tally.count_kind == kind);
    let mut text = desk.saved_line(saved, &step(kind, value, desk.lang));
    if let Some(tally) = total {
        let line = Say::TodaySoFar.fill(desk.lang, &[&tally_text(tally, desk.lang)]);
        text.push('\n');
        text.push_str(&desk.paint.tint(&line, Tint::Faint));
    }
    let json = json!({ "saved": json::saved(saved), "today": json!(total.map(json::tally)) });
    Ok(Answer::new(text, json))
}
