//! How the field book stands, in one line and a few more.

use grid_fieldbook::{Cause, Waiting, WaitingFor};
use grid_screens::{
    Lang, Phrase, Worded as _, ago, moment, size, status_line, tally_text, waiting_advice, why,
};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::desk::{Desk, ROWS_MAX};
use crate::failure::Failure;
use crate::say::Say;
use crate::table::{Cell, Table, Tint};
use crate::{json, patrol};

/// Says how the field book stands.
#[derive(Debug, clap::Args)]
pub(crate) struct StatusOf {
    /// Also say why something waits
    #[arg(long)]
    why: bool,
}

impl StatusOf {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let status = desk.ask(|book| book.status())?;
        let today = desk.ask(|book| book.tally_today())?;
        let line = status_line(&status, desk.now_ms, desk.lang);
        let tint = if status.parked > 0 { Tint::Warn } else { Tint::Good };
        let mut table = Table::default();
        if let Some((name, job_no, org, phone)) = &status.worker {
            table.pair(
                desk.say(Say::Worker),
                [name, job_no, org, phone].map(String::as_str).join(" · "),
            );
        }
        table.pair(
            desk.say(Say::Platform),
            status.server.as_deref().unwrap_or_default(),
        );
        if let Some(at_ms) = status.last_contact_ms {
            let when = format!(
                "{} · {}",
                ago(at_ms, desk.now_ms, desk.lang),
                moment(at_ms, desk.now_ms, desk.lang)
            );
            table.pair(desk.say(Say::LastContact), when);
        }
        if let Some(open) = status.open_patrol {
            let patrol = desk.ask(|book| book.patrol(open))?;
            table.pair(desk.say(Say::OpenPatrol), patrol::line(desk, &patrol));
        }
        let counts: Vec<String> = today.iter().map(|tally| tally_text(tally, desk.lang)).collect();
        table.pair(
            desk.say(Say::TodayCounts),
            counts.join(desk.lang.pick("、", ", ")),
        );
        let mut json = json::status(&status);
        json["line"] = json!(line);
        json["today"] = json::list(&today, json::tally);
        json["vault"] = json!(desk.vault.display().to_string());
        table.pair(
            desk.say(Say::Vault),
            Cell::new(&desk.vault.display().to_string(), Tint::Faint),
        );
        let mut text = desk.paint.tint(&line, tint) + "\n" + &table.render(desk.paint);
        if self.why {
            let parked = desk.ask(|book| book.parked(ROWS_MAX))?;
            let causes = why(&status, &parked, desk.now_ms, desk.lang);
            causes
                .iter()
                .for_each(|cause| text.push_str(&format!("- {cause}\n")));
            let waiting = desk.ask(|book| book.waiting(ROWS_MAX as usize))?;
            let told: Vec<_> = waiting.iter().map(|waiting| told(desk, waiting)).collect();
            // What was sent back has its sentence above.
            for ((line, _), waiting) in told.iter().zip(&waiting) {
                if !matches!(waiting.cause, Cause::SentBack(_)) {
                    text.push_str(line);
                }
            }
            json["waiting"] = told.into_iter().map(|(_, json)| json).collect();
            json["why"] = json!(causes);
            json["parked_records"] = json::list(&parked, json::record);
        }
        Ok(Answer::new(text, json))
    }
}

/// Why a record or a photo has not gone and what would help, as a line and as JSON.
fn told(desk: &Desk<'_>, waiting: &Waiting) -> (String, Value) {
    let advice = waiting_advice(waiting, desk.now_ms, desk.lang);
    let (name, what) = match &waiting.what {
        WaitingFor::Record(record) => (
            format!("#{} {}", record.seq.0, record.kind.words(desk.lang)),
            ("seq", json!(record.seq.0)),
        ),
        WaitingFor::Photo { sha256, bytes } => {
            let short = sha256.get(..8).unwrap_or(sha256);
            let photo = Phrase::WhyPhoto.fill(desk.lang, &[short, &size(*bytes)]);
            (photo, ("photo", json!(sha256)))
        }
    };
    let (why, help) = (advice.happened, advice.next);
    let line = match desk.lang {
        Lang::Zh => format!("- {name}：{why}。{help}。\n"),
        Lang::En => format!("- {name}: {why}. {help}.\n"),
    };
    let json = json::object([
        what,
        ("code", json!(advice.code)),
        ("why", json!(why)),
        ("help", json!(help)),
        ("until_at", waiting.until_ms.map_or(Value::Null, json::at)),
    ]);
    (line, json)
}
