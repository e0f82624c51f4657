//! Patrols: start, pause, end here; what is recorded on the way in `record`, what is shown in `show`. The open patrol is
//! meant unless one is named.

mod record;
mod show;

use clap::Subcommand;
use grid_fieldbook::{FieldBook, FieldError, PatrolDraft, PatrolView, Saved};
use grid_screens::model::terms::{PatrolType, Transport};
use grid_screens::model::{ChangeKind, PatrolId};
use grid_screens::{Worded as _, patrol_card};
use serde_json::json;

use crate::answer::Answer;
use crate::count::PatrolCount;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::say::Say;
use crate::table::Tint;
use crate::terms::term;
use crate::{json, pick, place};
use record::{Fix, Observe, Visit};
use show::List;

/// Patrols.
#[derive(Debug, Subcommand)]
pub(crate) enum Patrol {
    /// Start a patrol
    Start(Start),
    /// Record where you are now
    Fix(Fix),
    /// Record a visit to a checkpoint
    Visit(Visit),
    /// Record something seen
    Observe(Observe),
    /// Add to a counter within the patrol
    Count(PatrolCount),
    /// Pause the patrol
    Pause(Which),
    /// Take a paused patrol up again
    Resume(Which),
    /// End the patrol
    End(Which),
    /// List patrols, the newest first
    List(List),
    /// Show the patrol
    Status(Which),
}

/// Which patrol is meant.
#[derive(Debug, clap::Args)]
pub(crate) struct Which {
    /// Which patrol: a unique beginning of its id [default: the open one]
    #[arg(long, value_name = "ID")]
    patrol: Option<String>,
}

/// Starts a patrol.
#[derive(Debug, clap::Args)]
pub(crate) struct Start {
    /// Kind of patrol
    #[arg(value_name = "TYPE", value_parser = term::<PatrolType>())]
    patrol_type: PatrolType,
    /// Code of the post
    #[arg(long, value_name = "CODE")]
    post: String,
    /// How you move
    #[arg(long, value_name = "HOW", value_parser = term::<Transport>(), default_value = "foot")]
    transport: Transport,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
}

impl Patrol {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Start(start) => start.run(desk),
            Self::Fix(fix) => fix.run(desk),
            Self::Visit(visit) => visit.run(desk),
            Self::Observe(observe) => observe.run(desk),
            Self::Count(count) => count.run(desk, &pick::patrol(desk, count.patrol.as_deref())?),
            Self::Pause(which) => which.step(desk, ChangeKind::PatrolPaused, FieldBook::pause_patrol),
            Self::Resume(which) => which.step(desk, ChangeKind::PatrolResumed, FieldBook::resume_patrol),
            Self::End(which) => which.step(desk, ChangeKind::PatrolEnded, FieldBook::end_patrol),
            Self::List(list) => list.run(desk),
            Self::Status(which) => which.show(desk),
        }
    }
}

impl Start {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let open = desk.ask(|book| book.status())?.open_patrol;
        let draft = PatrolDraft {
            patrol_type: self.patrol_type,
            transport: self.transport,
            post: self.post.clone(),
            point: place::point(self.at.as_deref(), desk.lang)?,
        };
        let (id, saved) = desk.ask(|book| book.start_patrol(draft))?;
        let mut answer = recorded(desk, id, saved, ChangeKind::PatrolStarted)?;
        if let Some(open) = open {
            let patrol = desk.ask(|book| book.patrol(open))?;
            let id = open.to_string();
            let note = Say::AnotherOpen.fill(desk.lang, &[&line(desk, &patrol), short(&id)]);
            answer.text.push_str(&desk.paint.tint(&note, Tint::Warn));
            answer.text.push('\n');
            answer.json["also_open"] = json!(id);
        }
        Ok(answer)
    }
}

impl Which {
    fn step(
        &self,
        desk: &Desk<'_>,
        kind: ChangeKind,
        step: impl FnOnce(&FieldBook, PatrolId) -> Result<Saved, FieldError>,
    ) -> Result<Answer, Failure> {
        let patrol = pick::patrol(desk, self.patrol.as_deref())?;
        let saved = desk.ask(|book| step(book, patrol.id))?;
        recorded(desk, patrol.id, saved, kind)
    }
}

/// What a record of a patrol left behind.
fn recorded(desk: &Desk<'_>, id: PatrolId, saved: Saved, kind: ChangeKind) -> Result<Answer, Failure> {
    let patrol = desk.ask(|book| book.patrol(id))?;
    let text = desk.saved_line(saved, &kind.words(desk.lang));
    let standing = desk
        .paint
        .tint(&format!("\n{}", line(desk, &patrol)), Tint::Faint);
    let json = json!({ "saved": json::saved(saved), "patrol": json::patrol(&patrol) });
    Ok(Answer::new(text + &standing, json))
}

/// A patrol in one line: `海岸线巡逻 · DL03 · 巡逻中 · 历时 20 分钟`.
pub(crate) fn line(desk: &Desk<'_>, patrol: &PatrolView) -> String {
    let card = patrol_card(patrol, desk.now_ms, desk.lang);
    let lasted = format!("{} {}", desk.say(Say::Lasted), card.lasted);
    [card.patrol_type, patrol.post.clone(), card.status, lasted].join(" · ")
}

/// The beginning of an id: enough to name it by.
pub(crate) fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
