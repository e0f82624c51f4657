//! Patrols: start, fixes, visits, observations, counts, pause, end. The open patrol is meant unless one is named.

use clap::Subcommand;
use grid_fieldbook::{
    FieldBook, FieldError, FixDraft, ObservationDraft, PatrolDraft, PatrolView, Saved, VisitDraft,
};
use grid_screens::model::terms::{
    AttachmentRole, ObservationKind, PatrolType, Proof, Transport, UnlocatedReason,
};
use grid_screens::model::{ChangeKind, PatrolId};
use grid_screens::{Worded as _, patrol_card};
use serde_json::json;

use crate::answer::Answer;
use crate::attach::Files;
use crate::count::PatrolCount;
use crate::desk::{Desk, ROWS_MAX};
use crate::failure::{Failure, Snag};
use crate::say::Say;
use crate::table::{Cell, Table, Tint};
use crate::terms::term;
use crate::{json, pick, place};

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

/// Lists patrols.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
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

impl Fix {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
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
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
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
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let patrol = pick::patrol(desk, self.which.patrol.as_deref())?;
        let attachments = self.files.keep(desk, AttachmentRole::During, point)?;
        let photos: Vec<String> = attachments.iter().map(|photo| photo.sha256().to_string()).collect();
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

    fn show(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let open = desk.ask(|book| book.status())?.open_patrol;
        if self.patrol.is_none() && open.is_none() {
            return Ok(Answer::new(desk.say(Say::NoPatrolNow), json!({ "patrol": null })));
        }
        let patrol = pick::patrol(desk, self.patrol.as_deref())?;
        let card = patrol_card(&patrol, desk.now_ms, desk.lang);
        let mut table = Table::default();
        table.pair(
            desk.say(Say::Kind),
            format!("{} · {}", card.patrol_type, card.transport),
        );
        table.pair(desk.say(Say::State), card.status);
        table.pair(desk.say(Say::Post), patrol.post.as_str());
        table.pair(desk.say(Say::Started), card.started);
        table.pair(desk.say(Say::Lasted), card.lasted);
        let fixes = Say::FixesCount.fill(desk.lang, &[&patrol.fixes.to_string()]);
        table.pair(desk.say(Say::Fixes), fixes);
        table.pair(desk.say(Say::Id), patrol.id.to_string());
        let json = json!({ "patrol": json::patrol(&patrol) });
        Ok(Answer::new(table.render(desk.paint), json))
    }
}

impl List {
    fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let patrols = desk.ask(|book| book.patrols(self.limit.min(ROWS_MAX)))?;
        let json = json!({ "patrols": json::list(&patrols, json::patrol) });
        if patrols.is_empty() {
            return Ok(Answer::new(desk.say(Say::NoPatrols), json));
        }
        let heads = [Say::Id, Say::State, Say::Kind, Say::Post, Say::Started, Say::Lasted, Say::Fixes];
        let mut table = Table::headed(&heads.map(|head| desk.say(head)));
        for patrol in &patrols {
            let card = patrol_card(patrol, desk.now_ms, desk.lang);
            table.row([
                short(&patrol.id.to_string()).into(),
                card.status.into(),
                card.patrol_type.into(),
                patrol.post.as_str().into(),
                card.started.into(),
                card.lasted.into(),
                Cell::from(patrol.fixes.to_string()),
            ]);
        }
        Ok(Answer::new(table.render(desk.paint), json))
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
