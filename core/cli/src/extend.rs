//! Asking for more time for a task.

use chrono::{NaiveDate, NaiveTime};
use grid_fieldbook::ExtensionDraft;
use grid_screens::model::TaskEvent;
use grid_screens::model::deadline::end_of_day_ms;

use crate::answer::Answer;
use crate::desk::Desk;
use crate::failure::{Failure, Snag};
use crate::{pick, tasks};

/// Asks for more time.
#[derive(Debug, clap::Args)]
pub(crate) struct Extend {
    /// Number, id, or a unique beginning of the id
    #[arg(value_name = "TASK")]
    task: String,
    /// Due time wanted: a day (its end, 24:00) or a day and a time, such as 2026-01-20 or 2026-01-20T15:30
    #[arg(long, value_name = "TIME")]
    until: String,
    /// Why more time is needed
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Extend {
    pub(crate) fn run(&self, desk: &Desk<'_>) -> Result<Answer, Failure> {
        let task = pick::task(desk, &self.task)?;
        let wanted_due_ms = due_ms(&self.until).ok_or_else(|| Snag::NotATime.with(&self.until, desk.lang))?;
        let draft = ExtensionDraft {
            wanted_due_ms,
            reason: self.reason.clone(),
        };
        let saved = tasks::step(desk, &task, desk.book.request_extension(task.id, draft))?;
        tasks::moved(desk, &task, saved, TaskEvent::RequestExtension)
    }
}

/// The end of a day, or a time of it, by the clock on the wall, in UTC ms. Years have four digits; 24:00 is how due times are
/// shown.
fn due_ms(text: &str) -> Option<i64> {
    let (day, time) = text
        .trim()
        .split_once(['T', ' '])
        .unwrap_or((text.trim(), "24:00"));
    let day: NaiveDate = day.parse().ok().filter(|_| day.len() == 10)?;
    if time == "24:00" {
        return Some(end_of_day_ms(day));
    }
    let time = NaiveTime::parse_from_str(time, "%H:%M").ok()?;
    Some(end_of_day_ms(day.pred_opt()?) + (time - NaiveTime::MIN).num_milliseconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_its_midnight_and_a_time_is_by_the_wall() {
        // 2026-01-20 24:00 in Shanghai.
        let midnight = 1_768_924_800_000;
        assert_eq!(due_ms("2026-01-20"), Some(midnight));
        assert_eq!(due_ms("2026-01-20T24:00"), Some(midnight));
        assert_eq!(
            due_ms("2026-01-20T15:30"),
            Some(midnight - (8 * 60 + 30) * 60_000)
        );
        assert_eq!(due_ms("2026-01-20 00:00"), Some(midnight - 24 * 3_600_000));
        for bad in [
            "",
            "tomorrow",
            "2026-1-20",
            "2026-02-30",
            "2026-01-20T25:00",
            "+2026-01-20",
            "2026-01-20T",
        ] {
            assert_eq!(due_ms(bad), None, "{bad}");
        }
    }
}
