//! Sending what waits and fetching what is new, within what the link may carry.

use std::io::Write;

use grid_fieldbook::{Budget, CancelToken, LinkError, Outcome, Status, SyncReport};
use grid_screens::model::Coded as _;
use grid_screens::{
    Advice, AdviceKey, Phrase, change_lines, plan_line, short_span, status_line, sync_advice, sync_line,
};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::desk::Desk;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::json;
use crate::progress::Shown;
use crate::say::Say;
use crate::table::{Tint, clip};

/// Syncs.
#[derive(Debug, clap::Args)]
pub(crate) struct Sync {
    /// Use at most so many bytes, both ways
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(4096..))]
    max_bytes: Option<u64>,
    /// Use at most so many seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_seconds: Option<u32>,
    /// The link costs by the byte: of the photos only those of a rescue go
    #[arg(long)]
    metered: bool,
    /// Text only; photos wait for a better link
    #[arg(long)]
    no_photos: bool,
}

impl Sync {
    pub(crate) fn run(&self, desk: &Desk<'_>, json: bool, err: &mut dyn Write) -> Result<Answer, Failure> {
        let transport = desk
            .book
            .connect()
            .map_err(|error| Failure::enroll(&error, desk.lang))?;
        let any = Budget::default();
        let budget = Budget {
            bytes: self.max_bytes.unwrap_or(any.bytes),
            duration_ms: self.max_seconds.map_or(any.duration_ms, |s| i64::from(s) * 1000),
            metered: self.metered,
            photos: !self.no_photos,
        };
        // Who says how many bytes it may take is told before it starts what will stay.
        let limited = budget.bytes != any.bytes || budget.metered;
        let plan = if limited {
            Some(desk.ask(|book| book.plan_sync(budget))?)
        } else {
            None
        };
        if let Some(plan) = plan.filter(|_| !json) {
            // A reader that went away does not stop a sync.
            let _ = writeln!(err, "{}", plan_line(&plan, desk.lang));
        }
        let mut shown = Shown::new(json, desk.setting.terminal.bar, err);
        let mut show = |progress| shown.show(progress, desk.lang);
        let done = desk.ask(|book| book.sync(&transport, budget, &CancelToken::default(), &mut show));
        shown.clear();
        let report = done?;
        let status = desk.ask(|book| book.status())?;
        let mut answer = answer(desk, &report, &status);
        if let Some(plan) = plan {
            answer.json["plan"] = json!({
                "bytes": plan.bytes, "records_go": plan.records_go, "records_stay": plan.records_stay,
                "photos_go": plan.photos_go, "photos_stay": plan.photos_stay,
            });
        }
        Ok(answer)
    }
}

fn answer(desk: &Desk<'_>, report: &SyncReport, status: &Status) -> Answer {
    let advice = sync_advice(&report.summary.outcome, status, desk.lang);
    let exit = Exit::of_sync(&report.summary.outcome);
    // By the host's monotonic clock, in which the engine names the next time.
    let mono_ms = desk.setting.host.clock.now().mono_ms;
    let next_in_ms = report.summary.next_at_ms.map(|at_ms| (at_ms - mono_ms).max(0));
    // The host's wall clock moved on while the link was used.
    let now_ms = desk.setting.host.clock.now().wall_ms;
    let standing = status_line(status, now_ms, desk.lang);
    let json = json::object([
        ("outcome", json!(outcome(&report.summary.outcome))),
        ("detail", detail(&report.summary.outcome)),
        ("received", json!(report.received)),
        ("parked", json!(report.parked)),
        ("pulled", json!(report.pulled)),
        ("photos_done", json!(report.photos_done)),
        ("offered_again", json!(report.offered_again)),
        ("branched", json!(report.branched)),
        ("repaired", json!(report.repaired)),
        ("changes", json::list(&report.changes.items, json::change)),
        ("more_changes", json!(report.changes.more)),
        ("bytes_up", json!(report.summary.bytes_up)),
        ("bytes_down", json!(report.summary.bytes_down)),
        ("turns", json!(report.summary.turns)),
        ("lost", json!(report.summary.lost)),
        ("next_in_ms", json!(next_in_ms)),
        (
            "advice",
            json!({ "code": advice.code, "happened": advice.happened, "meaning": advice.meaning, "next": advice.next }),
        ),
        ("status", json::status(status)),
    ]);
    let mut text = sync_line(report, desk.lang) + "\n";
    for line in change_lines(&report.changes, now_ms, desk.lang) {
        text.push_str(&Say::Changed.fill(desk.lang, &[&clip(&line, 200)]));
        text.push('\n');
    }
    let mut failure = None;
    if exit == Exit::Done {
        text.push_str(&ended(desk, &advice));
    } else {
        let wait = next_in_ms
            .filter(|ms| *ms > 0)
            .map(|ms| short_span(ms, desk.lang));
        failure = Some(Failure {
            advice: Box::new(advice),
            exit,
            hint: wait.map(|wait| {
                let when = Phrase::TryAgainIn.fill(desk.lang, &[&wait]);
                format!("{} · {when}", desk.say(Say::HintSync))
            }),
        });
    }
    text.push_str(&desk.paint.tint(&standing, Tint::Faint));
    let mut answer = Answer::new(text, json);
    answer.failure = failure;
    answer
}

/// How a sync ended that went as asked: what to do is said only when there is something.
fn ended(desk: &Desk<'_>, advice: &Advice) -> String {
    let stop = desk.lang.pick("。", ". ");
    let happened = desk.paint.tint(&advice.happened, Tint::Good);
    let mut text = [&happened, stop, &advice.meaning, stop].concat();
    if advice.code != AdviceKey::Complete.code() {
        text.push_str(&advice.next);
        text.push_str(stop);
    }
    let mut text = text.trim_end().to_owned() + "\n";
    if advice.code == AdviceKey::CompleteSentBack.code() {
        text.push_str(&desk.paint.tint(desk.say(Say::Try), Tint::Faint));
        text.push_str(desk.say(Say::HintParked));
        text.push('\n');
    }
    text
}

const fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Complete => "complete",
        Outcome::BudgetSpent => "budget_spent",
        Outcome::Link(_) => "link",
        Outcome::NotOurPlatform => "not_our_platform",
        Outcome::NewerPlatform => "newer_platform",
        Outcome::Refused(_) => "refused",
        Outcome::BadReceipt => "bad_receipt",
        Outcome::TryLater => "try_later",
        Outcome::Cancelled => "cancelled",
    }
}

fn detail(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Link(error) => json!(match error {
            LinkError::Unreachable => "unreachable",
            LinkError::NameUnknown => "name_unknown",
            LinkError::NameSilent => "name_silent",
            LinkError::NothingListens => "nothing_listens",
            LinkError::CertificateTime => "certificate_time",
            LinkError::Lost => "lost",
            LinkError::WrongCertificate => "wrong_certificate",
            LinkError::BadAddress => "bad_address",
            LinkError::TooLarge => "too_large",
            LinkError::Cancelled => "cancelled",
        }),
        Outcome::Refused(code) => json!(code.name()),
        _ => Value::Null,
    }
}
