//! Tasks: list, show, accept, arrive; posts.

use grid_fieldbook::{FieldError, Problem, RecordState, Saved, TaskView};
use grid_screens::model::deadline::Light;
use grid_screens::model::{Coded as _, TaskEvent, TaskStatus};
use grid_screens::{Worded as _, moment, task_card, task_not_now};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::{Desk, ROWS_MAX};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::say::Say;
use crate::table::{Cell, Table, Tint, clip};
use crate::{json, pick, place};

/// Lists tasks.
#[derive(Debug, clap::Args)]
pub(crate) struct Tasks {
    /// Also those that are done, recalled or void
    #[arg(long)]
    all: bool,
}

/// Shows one task.
#[derive(Debug, clap::Args)]
pub(crate) struct One {
    /// Number, id, or a unique beginning of the id
    #[arg(value_name = "TASK")]
    task: String,
}

/// Accepts a task.
#[derive(Debug, clap::Args)]
pub(crate) struct Accept {
    /// Number, id, or a unique beginning of the id
    #[arg(value_name = "TASK")]
    task: String,
}

/// Records the arrival.
#[derive(Debug, clap::Args)]
pub(crate) struct Arrive {
    /// Number, id, or a unique beginning of the id
    #[arg(value_name = "TASK")]
    task: String,
    /// Position, WGS-84 degrees: LAT,LON or LAT,LON,METRES
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    at: Option<String>,
}

/// Lists posts.
#[derive(Debug, clap::Args)]
pub(crate) struct Posts {}

impl Tasks {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let tasks = desk.ask(|book| book.tasks(!self.all, ROWS_MAX))?;
        let json = json!({ "tasks": json::list(&tasks, json::task) });
        if tasks.is_empty() {
            let none = if self.all { Say::NoTasksAtAll } else { Say::NoTasks };
            return Ok(Answer::new(desk.say(none), json));
        }
        let mut text = task_table(desk, &tasks).render(desk.paint);
        text.push_str(&Say::InAll.fill(desk.lang, &[&tasks.len().to_string()]));
        Ok(Answer::new(text, json))
    }
}

/// Tasks as rows: number, title, status, due time, place, own records.
pub(crate) fn task_table(desk: &Desk<'_>, tasks: &[TaskView]) -> Table {
    let heads = [Say::No, Say::State, Say::Due, Say::Title, Say::Place, Say::Own];
    let mut table = Table::headed(&heads.map(|head| desk.say(head)));
    for task in tasks {
        let card = task_card(task, desk.now_ms, desk.lang);
        table.row([
            task.no.as_str().into(),
            Cell::new(&card.status, status_tint(task.status)),
            Cell::new(&card.due, light_tint(task.light)),
            clip(&task.title, 40).into(),
            clip(&task.place_text, 24).into(),
            card.own
                .map_or_else(|| "".into(), |own| Cell::new(&clip(&own, 48), own_tint(task.own))),
        ]);
    }
    table
}

const fn light_tint(light: Light) -> Tint {
    match light {
        Light::Green => Tint::Plain,
        Light::Yellow => Tint::Warn,
        Light::Red => Tint::Bad,
        Light::Done => Tint::Faint,
    }
}

const fn status_tint(status: TaskStatus) -> Tint {
    match status {
        TaskStatus::Rework => Tint::Warn,
        TaskStatus::Assigned => Tint::Strong,
        _ => Tint::Plain,
    }
}

pub(crate) const fn own_tint(own: Option<RecordState>) -> Tint {
    match own {
        Some(RecordState::Parked(_)) => Tint::Warn,
        Some(RecordState::Received | RecordState::BackedUp) => Tint::Good,
        Some(RecordState::Saved) | None => Tint::Plain,
    }
}

impl One {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let task = pick::task(desk, &self.task)?;
        let card = task_card(&task, desk.now_ms, desk.lang);
        let due = format!("{} · {}", card.due, card.due_at);
        let mut table = Table::default();
        table.pair(desk.say(Say::No), Cell::new(&task.no, Tint::Strong));
        table.pair(desk.say(Say::Title), task.title.as_str());
        table.pair(
            desk.say(Say::State),
            Cell::new(&card.status, status_tint(task.status)),
        );
        table.pair(desk.say(Say::Reason), task.reason.as_deref().unwrap_or_default());
        table.pair(desk.say(Say::Due), Cell::new(&due, light_tint(task.light)));
        table.pair(
            desk.say(Say::Kind),
            format!("{} · {}", card.kind, card.level).as_str(),
        );
        table.pair(desk.say(Say::Place), task.place_text.as_str());
        table.pair(desk.say(Say::Grid), task.grid_code.as_str());
        table.pair(desk.say(Say::Description), task.description.as_str());
        table.pair(
            desk.say(Say::Dispatched),
            moment(task.created_at_ms, desk.now_ms, desk.lang),
        );
        let own = card.own.unwrap_or_default();
        table.pair(desk.say(Say::Own), Cell::new(&own, own_tint(task.own)));
        table.pair(desk.say(Say::Note), card.note.unwrap_or_default());
        table.pair(desk.say(Say::Extension), card.extension.unwrap_or_default());
        table.pair(desk.say(Say::NextStep), card.next);
        table.pair(desk.say(Say::Id), task.id.to_string());
        let json = json!({ "task": json::task(&task) });
        Ok(Answer::new(table.render(desk.paint), json))
    }
}

impl Accept {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let task = pick::task(desk, &self.task)?;
        let saved = step(desk, &task, desk.book.accept(task.id))?;
        moved(desk, &task, saved, TaskEvent::Accept)
    }
}

impl Arrive {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let point = place::point(self.at.as_deref(), desk.lang)?;
        let task = pick::task(desk, &self.task)?;
        let saved = step(desk, &task, desk.book.arrive(task.id, point))?;
        moved(desk, &task, saved, TaskEvent::Arrive)
    }
}

/// A step of a task; one that its state does not allow is told with that state.
pub(crate) fn step(
    desk: &Desk<'_>,
    task: &TaskView,
    done: Result<Saved, FieldError>,
) -> Result<Saved, Failure> {
    const NOT_NOW: FieldError = FieldError::InvalidInput {
        field: "task",
        problem: Problem::WrongState,
    };
    done.map_err(|error| match error {
        error if error == NOT_NOW => Failure {
            advice: Box::new(task_not_now(task.status, desk.lang)),
            exit: Exit::Refused,
            hint: Some(format!("grid task {}", task.no)),
        },
        other => Failure::field(&other, desk.lang),
    })
}

/// What a step of a task left behind: the record and the task as it stands now.
pub(crate) fn moved(
    desk: &Desk<'_>,
    task: &TaskView,
    saved: Saved,
    event: TaskEvent,
) -> Result<Answer, Failure> {
    let now = desk.ask(|book| book.task(task.id))?;
    let what = format!("{} {} {}", event.words(desk.lang), task.no, task.title);
    let mut text = desk.saved_line(saved, &what);
    let card = task_card(&now, desk.now_ms, desk.lang);
    let standing = format!("\n{} · {}", card.status, card.next);
    text.push_str(&desk.paint.tint(&standing, Tint::Faint));
    let json = json!({ "saved": json::saved(saved), "event": event.name(), "task": json::task(&now) });
    Ok(Answer::new(text, json))
}

impl Posts {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let posts = desk.ask(|book| book.posts())?;
        let json = json!({ "posts": json::list(&posts, json::post) });
        if posts.is_empty() {
            return Ok(Answer::new(desk.say(Say::NoPosts), json));
        }
        let mut table = Table::headed(&[Say::Code, Say::Name, Say::Checkpoints].map(|head| desk.say(head)));
        for post in &posts {
            let checkpoints = post.checkpoints.iter();
            let checkpoints: Vec<String> = checkpoints.map(|(code, name)| format!("{code} {name}")).collect();
            table.row([
                post.code.as_str().into(),
                post.name.as_str().into(),
                checkpoints.join(desk.lang.pick("、", ", ")).into(),
            ]);
        }
        Ok(Answer::new(table.render(desk.paint), json))
    }
}
