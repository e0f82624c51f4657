//! Own records: list, look for, offer again.

use grid_fieldbook::{RecordState, RecordView};
use grid_screens::model::id::Seq;
use grid_screens::{park_advice, record_card};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::{Desk, ROWS_MAX};
use crate::exit::Exit;
use crate::failure::{Failure, Snag};
use crate::json;
use crate::say::Say;
use crate::table::{Cell, Table, Tint, clip};
use crate::tasks::{own_tint, task_table};

/// Lists own records.
#[derive(Debug, clap::Args)]
pub(crate) struct Records {
    /// Only those the platform sent back, with what to do
    #[arg(long)]
    parked: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
    /// Only those before this record
    #[arg(long, value_name = "SEQ", conflicts_with = "parked")]
    before: Option<u64>,
}

/// Offers something again.
#[derive(Debug, clap::Args)]
pub(crate) struct Retry {
    /// Number of the record that was sent back
    #[arg(value_name = "SEQ", required_unless_present = "photo")]
    seq: Option<u64>,
    /// A photo that was not taken, by its SHA-256
    #[arg(long, value_name = "SHA256", conflicts_with = "seq")]
    photo: Option<String>,
}

/// Finds tasks and records.
#[derive(Debug, clap::Args)]
pub(crate) struct Search {
    /// What to look for; two characters are enough
    #[arg(value_name = "TEXT")]
    text: String,
}

impl Records {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let limit = self.limit.min(ROWS_MAX);
        let records = if self.parked {
            desk.ask(|book| book.parked(limit))?
        } else {
            desk.ask(|book| book.records(Seq(self.before.unwrap_or(0)), limit))?
        };
        let more = records
            .last()
            .filter(|last| !self.parked && last.seq.0 > 1 && records.len() as u64 == u64::from(limit));
        let json = json::object([
            ("records", json::list(&records, json::record)),
            ("next_before", json!(more.map(|last| last.seq.0))),
        ]);
        if records.is_empty() {
            let none = if self.parked {
                Say::NoParked
            } else {
                Say::NoRecords
            };
            return Ok(Answer::new(desk.say(none), json));
        }
        let mut text = record_table(desk, &records).render(desk.paint);
        if self.parked {
            text.push_str(&what_to_do(desk, &records));
        }
        if let Some(last) = more {
            text.push_str(&Say::MoreRecords.fill(desk.lang, &[&last.seq.to_string()]));
        }
        Ok(Answer::new(text, json))
    }
}

fn record_table(desk: &Desk<'_>, records: &[RecordView]) -> Table {
    let heads = [Say::No, Say::Time, Say::Kind, Say::State, Say::Content];
    let mut table = Table::headed(&heads.map(|head| desk.say(head)));
    for record in records {
        let card = record_card(record, desk.now_ms, desk.lang);
        table.row([
            record.seq.to_string().into(),
            card.recorded.into(),
            card.kind.into(),
            Cell::new(&clip(&card.state, 48), own_tint(Some(record.state))),
            clip(&card.words, 48).into(),
        ]);
    }
    table
}

/// For each record that was sent back: what happened, what it means, what to do.
fn what_to_do(desk: &Desk<'_>, records: &[RecordView]) -> String {
    let parts = records.iter().filter_map(|record| match record.state {
        RecordState::Parked(reason) => {
            let seq = record.seq.to_string();
            let mut advice = park_advice(reason, desk.lang);
            advice.happened = Say::RecordNo.fill(desk.lang, &[&seq, &advice.happened]);
            let told = Failure {
                advice: Box::new(advice),
                exit: Exit::Done,
                hint: Some(Say::HintRetry.fill(desk.lang, &[&seq])),
            };
            Some(format!("\n{}", told.text(desk.paint, desk.lang)))
        }
        RecordState::Saved | RecordState::Received | RecordState::BackedUp => None,
    });
    parts.collect()
}

impl Retry {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        if let Some(text) = &self.photo {
            let photo = text
                .trim()
                .parse()
                .map_err(|_| Snag::NotAPhoto.with(text, desk.lang))?;
            desk.ask(|book| book.retry_photo(photo))?;
            let json = json!({ "retry": { "photo": text.trim() } });
            return Ok(Answer::new(desk.say(Say::PhotoWillRetry), json));
        }
        let seq = self.seq.unwrap_or_default();
        desk.ask(|book| book.retry(Seq(seq)))?;
        let text = Say::WillRetry.fill(desk.lang, &[&seq.to_string()]);
        Ok(Answer::new(
            desk.paint.tint(&text, Tint::Good),
            json!({ "retry": { "seq": seq } }),
        ))
    }
}

impl Search {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let found = desk.ask(|book| book.search(&self.text))?;
        let json = json!({
            "tasks": json::list(&found.tasks, json::task),
            "records": json::list(&found.records, json::record),
        });
        let mut parts = Vec::new();
        if !found.tasks.is_empty() {
            parts.push(task_table(desk, &found.tasks).render(desk.paint));
        }
        if !found.records.is_empty() {
            parts.push(record_table(desk, &found.records).render(desk.paint));
        }
        if parts.is_empty() {
            parts.push(Say::NothingFound.fill(desk.lang, &[self.text.trim()]));
        }
        Ok(Answer::new(parts.join("\n"), json))
    }
}
