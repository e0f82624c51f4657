//! Patrols as they stand: one, or the newest.

use grid_screens::patrol_card;
use serde_json::json;

use super::{Which, short};
use crate::answer::Answer;
use crate::desk::{Desk, ROWS_MAX};
use crate::failure::Failure;
use crate::say::Say;
use crate::table::{Cell, Table};
use crate::{json, pick};

/// Lists patrols.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u32,
}

impl Which {
    pub(super) fn show(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
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
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let patrols = desk.ask(|book| book.patrols(self.limit.min(ROWS_MAX)))?;
        let json = json!({ "patrols": json::list(&patrols, json::patrol) });
        if patrols.is_empty() {
            return Ok(Answer::new(desk.say(Say::NoPatrols), json));
        }
        let heads = [
            Say::Id,
            Say::State,
            Say::Kind,
            Say::Post,
            Say::Started,
            Say::Lasted,
            Say::Fixes,
        ];
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
