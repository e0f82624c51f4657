//! The self-check: does everything the field book says of itself hold?

use std::path::{Path, PathBuf};

use grid_fieldbook::{Check, FieldBook, FileKeyVault};
use grid_screens::{Advice, Lang, check_card};
use serde_json::json;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::{Failure, Snag};
use crate::say::Say;
use crate::setting::Setting;
use crate::table::{Cell, Paint, Table, Tint};

/// Checks the field book.
#[derive(Debug, clap::Args)]
pub(crate) struct Doctor {
    /// Write a support bundle to FILE: sealed to the platform, with nothing personal in it
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
}

/// What a check was made on, and how its answer looks.
pub(crate) struct Examined<'a> {
    pub(crate) checks: Vec<Check>,
    pub(crate) device: Option<String>,
    /// Another process holds the vault: it was looked at through a copy.
    pub(crate) on_copy: bool,
    pub(crate) lang: Lang,
    pub(crate) paint: Paint,
    pub(crate) vault: &'a Path,
    pub(crate) key_file: &'a Path,
}

impl Doctor {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let checks = desk.ask(|book| book.self_check())?;
        if let Some(file) = &self.bundle {
            let bundle = desk.ask(|book| book.support_bundle())?;
            let named = file.display().to_string();
            std::fs::write(file, bundle).map_err(|_| Snag::FileUnwritable.with(&named, desk.lang))?;
        }
        Ok(Examined {
            checks,
            device: Some(desk.book.device().to_string()),
            on_copy: false,
            lang: desk.lang,
            paint: desk.paint,
            vault: desk.vault,
            key_file: desk.key_file,
        }
        .told())
    }

    /// Looks at a vault that another process holds, through a copy that is removed afterwards.
    pub(crate) fn on_copy(
        &self,
        setting: &Setting,
        keys: &FileKeyVault,
        (vault, key_file): (&Path, &Path),
        lang: Lang,
        paint: Paint,
    ) -> Result<Answer, Failure> {
        let scratch = crate::setting::beside(vault).join(format!(".doctor-{}", std::process::id()));
        let host = setting.host.clone();
        let checked = FieldBook::check_copy((vault, &scratch), host, keys, self.bundle.is_some());
        let _ = std::fs::remove_dir_all(&scratch);
        let (checks, bundle) = checked.map_err(|error| Failure::field(&error, lang))?;
        if let (Some(file), Some(bundle)) = (&self.bundle, bundle) {
            let named = file.display().to_string();
            std::fs::write(file, bundle).map_err(|_| Snag::FileUnwritable.with(&named, lang))?;
        }
        Ok(Examined {
            checks,
            device: None,
            on_copy: true,
            lang,
            paint,
            vault,
            key_file,
        }
        .told())
    }
}

impl Examined<'_> {
    fn told(&self) -> Answer {
        let bad = self.checks.iter().filter(|check| !check.ok).count();
        let device = self.device.as_deref().unwrap_or_default();
        let (vault, key_file) = (
            self.vault.display().to_string(),
            self.key_file.display().to_string(),
        );
        let mut table = Table::default();
        let mut listed = Vec::new();
        for check in &self.checks {
            let card = check_card(check, self.lang);
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
        about.pair(Say::Vault.get(self.lang), vault.as_str());
        about.pair(Say::KeyFile.get(self.lang), key_file.as_str());
        if !device.is_empty() {
            about.pair(Say::Device.get(self.lang), device);
        }
        about.pair(Say::Version.get(self.lang), env!("CARGO_PKG_VERSION"));
        let json = json!({
            "ok": bad == 0,
            "checks": listed,
            "vault": vault,
            "key_file": key_file,
            "device": self.device,
            "on_copy": self.on_copy,
            "version": env!("CARGO_PKG_VERSION"),
        });
        let mut text = about.render(self.paint) + "\n" + &table.render(self.paint);
        if self.on_copy {
            text.push_str(Say::LookedAtACopy.get(self.lang));
            text.push('\n');
        }
        if bad == 0 {
            return Answer::new(text + Say::AllGood.get(self.lang), json);
        }
        let mut answer = Answer::new(text, json);
        answer.failure = Some(Failure {
            advice: Box::new(Advice {
                code: "check_failed".to_owned(),
                happened: Say::SomeNeedALook.fill(self.lang, &[&bad.to_string()]),
                meaning: Say::RecordsStand.get(self.lang).to_owned(),
                next: Say::LookAtIt.get(self.lang).to_owned(),
            }),
            exit: Exit::Refused,
            hint: None,
        });
        answer
    }
}
