//! Recovery of a vault that does not open.

use grid_fieldbook::{FieldBook, Recovery};
use grid_screens::{Lang, recovery_lines};
use serde_json::json;

use crate::answer::Answer;

/// Brings a damaged field book back; the damaged file is kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Recover {}

impl Recover {
    pub(crate) fn told(recovery: &Recovery, book: &FieldBook, lang: Lang) -> Answer {
        let missing: Vec<_> = recovery
            .missing
            .iter()
            .map(|(epoch, first, last)| json!({ "epoch": format!("{:016x}", epoch.0), "from": first.0, "to": last.0 }))
            .collect();
        let json = json!({
            "database_was_whole": recovery.database_was_whole,
            "pages": recovery.pages,
            "pages_damaged": recovery.pages_damaged,
            "from_database": recovery.from_database,
            "from_lifeboat": recovery.from_lifeboat,
            "lifeboat_damaged": recovery.lifeboat_damaged,
            "missing": missing,
            "unsent": recovery.unsent,
            "quarantined": recovery.quarantined,
            "device": book.device().to_string(),
        });
        Answer::new(recovery_lines(recovery, lang).join("\n") + "\n", json)
    }
}
