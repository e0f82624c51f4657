//! What else can be done with a record that was sent back: say it in other words, hand it over.

use std::path::PathBuf;

use grid_screens::model::id::Seq;
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::failure::{Failure, Snag};
use crate::json;
use crate::say::Say;
use crate::table::Tint;

/// Says a record in other words.
#[derive(Debug, clap::Args)]
pub(crate) struct Amend {
    /// Number of the record that was sent back
    #[arg(value_name = "SEQ")]
    seq: u64,
    /// What it says from now on; everything else stays as it was
    #[arg(long, value_name = "TEXT")]
    text: String,
}

/// Writes a record into a file.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// Number of the record
    #[arg(value_name = "SEQ")]
    seq: u64,
    /// File to write: sealed, only the platform opens it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Amend {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let saved = desk.ask(|book| book.amend(Seq(self.seq), &self.text))?;
        let what = Say::InPlaceOf.fill(desk.lang, &[&self.seq.to_string()]);
        let json = json!({ "saved": json::saved(saved), "amended": { "seq": self.seq } });
        Ok(Answer::new(desk.saved_line(saved, &what), json))
    }
}

impl Export {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let sealed = desk.ask(|book| book.export(Seq(self.seq)))?;
        let named = self.out.display().to_string();
        std::fs::write(&self.out, sealed).map_err(|_| Snag::FileUnwritable.with(&named, desk.lang))?;
        let text = Say::Exported.fill(desk.lang, &[&self.seq.to_string(), &named]);
        let json = json!({ "exported": { "seq": self.seq, "file": named } });
        Ok(Answer::new(desk.paint.tint(&text, Tint::Good), json))
    }
}
