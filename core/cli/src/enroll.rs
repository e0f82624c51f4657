//! Enrolment: a ticket, or its parts, makes this vault one the platform knows.

use std::fs;
use std::path::Path;

use grid_fieldbook::{PhoneDraft, Ticket};
use grid_screens::Lang;
use grid_screens::model::PhoneId;
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::{Failure, Snag};
use crate::json;
use crate::say::Say;
use crate::setting::beside;
use crate::table::{Table, Tint};

/// Enrols.
#[derive(Debug, clap::Args)]
pub(crate) struct Enroll {
    /// The whole ticket: grid:ADDRESS#code=CODE&ca=SHA256
    #[arg(value_name = "TICKET", conflicts_with_all = ["server", "code", "ca"], required_unless_present = "server")]
    ticket: Option<String>,
    /// Address of the platform, instead of a ticket
    #[arg(long, value_name = "URL", requires = "code")]
    server: Option<String>,
    /// Single-use code, with --server
    #[arg(long, value_name = "CODE", requires = "server")]
    code: Option<String>,
    /// SHA-256 of the platform's CA certificate, with an https --server
    #[arg(long, value_name = "SHA256", requires = "server")]
    ca: Option<String>,
    /// What people call this phone or machine, at most 40 characters [default: its host name]
    #[arg(long, value_name = "TEXT")]
    phone_label: Option<String>,
    /// Enrol a vault once more that is enrolled already, for the same person: the platform's keys are new ones
    #[arg(long)]
    again: bool,
}

impl Enroll {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let ticket = self.ticket(desk.lang)?;
        let before = desk.ask(|book| book.status())?;
        let machine = Some(desk.setting.machine.clone()).filter(|name| !name.is_empty());
        let phone = PhoneDraft {
            phone: phone_id(desk)?,
            label: self
                .phone_label
                .clone()
                .or(machine)
                .unwrap_or_else(|| "grid".to_owned()),
            platform: std::env::consts::OS.to_owned(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let enrolled = if self.again {
            desk.book.enroll_again(&ticket, &phone, &Default::default())
        } else {
            desk.book.enroll(&ticket, &phone, &Default::default())
        };
        enrolled.map_err(|error| Failure::enroll(&error, desk.lang))?;
        let status = desk.ask(|book| book.status())?;
        let json = json!({ "status": json::status(&status) });
        let mut table = Table::default();
        if let Some((name, job_no, org, phone_label)) = &status.worker {
            table.pair(desk.say(Say::Worker), format!("{name} · {job_no}"));
            table.pair(desk.say(Say::Org), org.as_str());
            table.pair(desk.say(Say::Phone), phone_label.as_str());
        }
        table.pair(desk.say(Say::Platform), status.server.unwrap_or_default());
        let mut text = desk.paint.tint(desk.say(Say::Enrolled), Tint::Good) + "\n";
        text.push_str(&table.render(desk.paint));
        if before.saved > 0 {
            text.push_str(&Say::EnrolledKept.fill(desk.lang, &[&before.saved.to_string()]));
            text.push('\n');
        }
        text.push_str(desk.say(Say::Next));
        text.push_str(desk.say(Say::HintSync));
        Ok(Answer::new(text, json))
    }

    fn ticket(&self, lang: Lang) -> Result<Ticket, Failure> {
        let failure = |error| Failure::ticket(error, lang);
        if let Some(text) = &self.ticket {
            return Ticket::parse(text).map_err(failure);
        }
        let ca = self.ca.as_deref().map(|text| {
            let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
            digits.parse().map_err(|_| Snag::NotAFingerprint.with(text, lang))
        });
        let server = self.server.as_deref().unwrap_or_default();
        let code = self.code.as_deref().unwrap_or_default();
        Ticket::new(server, code, ca.transpose()?).map_err(failure)
    }
}

/// The id of this phone, which all vaults beside each other share: made once, kept in the file `phone`.
fn phone_id(desk: &Desk<'_>) -> Result<PhoneId, Failure> {
    let file = beside(desk.vault).join("phone");
    if let Ok(text) = fs::read_to_string(&file)
        && let Ok(id) = text.trim().parse()
    {
        return Ok(id);
    }
    let mut bytes = [0; 16];
    let id = PhoneId(
        desk.setting
            .host
            .entropy
            .fill(&mut bytes)
            .then_some(bytes)
            .ok_or_else(|| unwritable(&file, desk.lang))?,
    );
    fs::write(&file, format!("{id}\n")).map_err(|_| unwritable(&file, desk.lang))?;
    Ok(id)
}

fn unwritable(file: &Path, lang: Lang) -> Failure {
    Failure {
        exit: Exit::Storage,
        ..Snag::NoFolder.with(&file.display().to_string(), lang)
    }
}
