//! The self-check: does everything the field book says of itself hold?

use grid_screens::{Advice, check_card};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::say::Say;
use crate::table::{Cell, Table, Tint};

/// Checks the field book.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {}

impl Doctor {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let checks = desk.ask(|book| book.self_check())?;
        let bad = checks.iter().filter(|check| !check.ok).count();
        let device = desk.book.device().to_string();
        let (vault, key_file) = (
            desk.vault.display().to_string(),
            desk.key_file.display().to_string(),
        );
        let mut table = Table::default();
        let mut listed = Vec::new();
        for check in &checks {
            let card = check_card(check, desk.lang);
            let (mark, tint) = if check.ok {
                ("✓", Tint::Good)
            } else {
                ("!", Tint::Warn)
            };
            let verdict = match check.ok {
                true => card.verdict.clone(),
                false => format!("{} [{}]", card.verdict, check.detail),
            };
            table.row([Cell::new(&format!("{mark} {}", card.name), tint), verdict.into()]);
            listed.push(json!({
                "name": check.name,
                "ok": check.ok,
                "detail": check.detail,
                "verdict": card.verdict,
            }));
        }
        let mut about = Table::default();
        about.pair(desk.say(Say::Vault), vault.as_str());
        about.pair(desk.say(Say::KeyFile), key_file.as_str());
        about.pair(desk.say(Say::Device), device.as_str());
        about.pair(desk.say(Say::Version), env!("CARGO_PKG_VERSION"));
        let json = json!({
            "ok": bad == 0,
            "checks": listed,
            "vault": vault,
            "key_file": key_file,
            "device": device,
            "version": env!("CARGO_PKG_VERSION"),
        });
        let text = about.render(desk.paint) + "\n" + &table.render(desk.paint);
        if bad == 0 {
            return Ok(Answer::new(text + desk.say(Say::AllGood), json));
        }
        let mut answer = Answer::new(text, json);
        answer.failure = Some(Failure {
            advice: Box::new(Advice {
                code: "check_failed".to_owned(),
                happened: Say::SomeNeedALook.fill(desk.lang, &[&bad.to_string()]),
                meaning: desk.say(Say::RecordsStand).to_owned(),
                next: desk.say(Say::LookAtIt).to_owned(),
            }),
            exit: Exit::Refused,
            hint: None,
        });
        Ok(answer)
    }
}
