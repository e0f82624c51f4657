//! How the field book stands, in one line and a few more.

use grid_screens::{ago, moment, status_line, tally_text, why};
use serde_json::json;

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
            json["why"] = json!(causes);
            json["parked_records"] = json::list(&parked, json::record);
        }
        Ok(Answer::new(text, json))
    }
}
