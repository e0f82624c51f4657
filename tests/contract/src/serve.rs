//! A real platform on loopback for a runner, which asks it by lines of JSON.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use grid_cut::Bed;
use grid_hub::TaskImport;
use grid_model::terms::{CaseKind, Level};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Trouble, place};

/// What a runner may ask.
#[derive(Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
enum Ask {
    /// A ticket that enrols one more vault of the worker.
    Ticket,
    /// A task for the worker.
    Task {
        /// Its number; none is given twice.
        no: String,
        /// Its title.
        title: String,
    },
    /// The worker's posting ended yesterday: what he does on a task from now on is sent back.
    PostingEnded,
    /// It goes on.
    Posted,
    /// How many records there are, and the digest of everything that the phones made the platform hold.
    State,
    /// The link is as if it were not there; `up` puts it back.
    Down,
    /// The link is there again.
    Up,
    /// Ends.
    Stop,
}

/// Serves until it is told to stop or nobody asks any more. The first line tells where.
pub(crate) fn serve(folder: &Path) -> Result<(), Trouble> {
    let bed = Bed::open(folder).map_err(Trouble::of)?;
    say(&json!({ "url": format!("http://{}", bed.address()) }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(Trouble::of)?;
        let answer = match serde_json::from_str(&line) {
            Ok(Ask::Stop) => break,
            Ok(ask) => answer(&bed, folder, ask),
            Err(error) => Err(Trouble::of(error)),
        };
        say(&answer.unwrap_or_else(|error| json!({ "error": error.to_string() })))?;
    }
    bed.stop().map_err(Trouble::of)
}

fn say(value: &Value) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")
        .and_then(|()| out.flush())
        .map_err(Trouble::of)
}

fn answer(bed: &Bed, folder: &Path, ask: Ask) -> Result<Value, Trouble> {
    match ask {
        Ask::Ticket => Ok(json!({ "ticket": ticket(bed)? })),
        Ask::Task { no, title } => {
            let now_ms = bed.platform().now_ms();
            let task = TaskImport {
                no: Some(no),
                title,
                description: String::new(),
                case_kind: CaseKind::Environment,
                level: Level::General,
                holder_job_no: bed.worker().to_owned(),
                grid_code: None,
                place_text: "东口".to_owned(),
                dispatched_at_ms: now_ms,
                due_at_ms: Some(now_ms + DAY_MS),
            };
            let taken = bed
                .platform()
                .hub()
                .import_tasks(now_ms, bed.dispatcher(), &[task])
                .map_err(Trouble::of)?
                .map_err(|refused| Trouble(format!("{refused:?}")))?;
            let id = taken.first().map(|task| task.id.to_string());
            let (due_at_ms, wanted_due_ms) = (now_ms + DAY_MS, now_ms + 2 * DAY_MS);
            Ok(json!({ "task": id, "due_at_ms": due_at_ms, "wanted_due_ms": wanted_due_ms }))
        }
        Ask::PostingEnded => posted(bed, Some(bed.platform().now_ms() - DAY_MS)),
        Ask::Posted => posted(bed, None),
        Ask::State => {
            let state = place::state(folder)?;
            Ok(json!({ "records": state.records, "digest": state.digest }))
        }
        Ask::Down => {
            bed.link().set_open(false);
            Ok(json!({ "link": "down" }))
        }
        Ask::Up => {
            bed.link().set_open(true);
            Ok(json!({ "link": "up" }))
        }
        Ask::Stop => Ok(Value::Null),
    }
}

fn posted(bed: &Bed, until_ms: Option<i64>) -> Result<Value, Trouble> {
    let hub = bed.platform().hub();
    hub.end_posting(bed.worker(), until_ms)
        .map_err(Trouble::of)?
        .map_err(|refused| Trouble(format!("{refused:?}")))?;
    Ok(json!({ "posted_until_ms": until_ms }))
}

/// A ticket whose address is that of the link.
fn ticket(bed: &Bed) -> Result<String, Trouble> {
    let base = format!("http://{}", bed.address());
    let issued = bed.platform().admin().issue_code(bed.worker(), &base, None);
    Ok(issued.map_err(Trouble::of)?.ticket)
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
