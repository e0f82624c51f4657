//! What is recorded on a patrol: where it is, checkpoints, what is seen.

use grid_fieldbook::{FixDraft, ObservationDraft, VisitDraft};
use grid_screens::model::ChangeKind;
use grid_screens::model::terms::{AttachmentRole, ObservationKind, Proof, UnlocatedReason};
use serde_json::json;

use super::{Which, recorded};
use crate::answer::Answer;
use crate::attach::Files;
use crate::desk::Desk;
use crate::failure::{Failure, Snag};
use crate::say::Say;
use crate::table::Tint;
use crate::terms::term;
use crate::{json, pick, place};

/// Records a fix.
#[derive(Debug, clap::Args)]
pub(crate) struct Fix {
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: String,
    /// Speed, metres a second
    #[arg(long, value_name = "M/S", default_value_t = 0.0, hide_default_value = true)]
    speed: f64,
    #[command(flatten)]
    which: Which,
}

/// Records a visit.
#[derive(Debug, clap::Args)]
pub(crate) struct Visit {
    /// Code of the checkpoint
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: String,
    /// How it is shown [default: gps with a position, else none]
    #[arg(long, value_name = "PROOF", value_parser = term::<Proof>())]
    proof: Option<Proof>,
    /// Why there is no position
    #[arg(long, value_name = "WHY", value_parser = term::<UnlocatedReason>(), conflicts_with = "at")]
    unlocated: Option<UnlocatedReason>,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
    #[command(flatten)]
    which: Which,
}

/// Records something seen.
#[derive(Debug, clap::Args)]
pub(crate) struct Observe {
    /// What it is
    #[arg(value_name = "KIND", value_parser = term::<ObservationKind>())]
    kind: ObservationKind,
    /// What you saw, in your own words
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    text: String,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    which: Which,
}

impl Fix {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let point = place::point(Some(&self.at), desk.lang)?;
        let point = point.ok_or_else(|| Snag::NotAPosition.with(&self.at, desk.lang))?;
        let patrol = pick::patrol(desk, self.which.patrol.as_deref())?;
        let draft = FixDraft {
            lat_e7: point.lat_e7,
            lon_e7: point.lon_e7,
            accuracy_dm: point.accuracy_dm.unwrap_or_default(),
            speed_cms: (self.speed.clamp(0.0, 1_000.0) * 100.0).round() as u32,
        };
        // This process ends now: what is buffered is made durable before anything is said.
        desk.ask(|book| book.record_fix(patrol.id, draft).and_then(|_| book.flush_fixes()))?;
        let patrol = desk.ask(|book| book.patrol(patrol.id))?;
        let text = Say::FixKept.fill(desk.lang, &[&patrol.fixes.to_string()]);
        let json = json!({ "durable": true, "patrol": json::patrol(&patrol) });
        Ok(Answer::new(desk.paint.tint(&text, Tint::Good), json))
    }
}

impl Visit {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let patrol = pick::patrol(desk, self.which.patrol.as_deref())?;
        let guessed = if point.is_some() { Proof::Gps } else { Proof::None };
        let draft = VisitDraft {
            checkpoint: self.checkpoint.clone(),
            proof: self.proof.unwrap_or(guessed),
            point,
            unlocated_reason: self.unlocated,
        };
        let saved = desk.ask(|book| book.visit(patrol.id, draft))?;
        let mut answer = recorded(desk, patrol.id, saved, ChangeKind::CheckpointVisited)?;
        answer.json["checkpoint"] = json!(self.checkpoint);
        Ok(answer)
    }
}

impl Observe {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let patrol = pick::patrol(desk, self.which.patrol.as_deref())?;
        let attachments = self.files.keep(desk, AttachmentRole::During, point)?;
        let photos: Vec<String> = attachments
            .iter()
            .map(|photo| photo.sha256().to_string())
            .collect();
        let draft = ObservationDraft {
            kind: self.kind,
            note: self.text.clone(),
            point,
            attachments,
        };
        let saved = desk.ask(|book| book.observe(patrol.id, draft))?;
        let mut answer = recorded(desk, patrol.id, saved, ChangeKind::Observed)?;
        answer.json["attachments"] = json!(photos);
        Ok(answer)
    }
}
