//! Deadline arithmetic (domain §6): the phone and the platform compute the same due time from the same calendar.
//! Civil time is Asia/Shanghai, which has had no other offset than +08:00 since 1991.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

use crate::terms::Level;

const OFFSET_MS: i64 = 8 * 3600 * 1000;

/// Which days are worked, as far as they differ from the plain Monday-to-Friday week.
#[derive(Clone, Debug, Default)]
pub struct WorkCalendar {
    exceptions: BTreeMap<NaiveDate, bool>,
}

/// A line of a calendar file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarError {
    /// Line number, from 1.
    pub line: usize,
}

impl WorkCalendar {
    /// Reads `date,is_workday,holiday` lines (header allowed); days not listed follow the plain week.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let mut exceptions = BTreeMap::new();
        for (index, line) in text
            .lines()
            .enumerate()
            .filter(|(_, l)| !l.is_empty() && !l.starts_with("date,"))
        {
            let wrong = || CalendarError { line: index + 1 };
            let mut fields = line.split(',');
            let date = fields
                .next()
                .and_then(|d| d.parse::<NaiveDate>().ok())
                .ok_or_else(wrong)?;
            let worked = match fields.next() {
                Some("1") => true,
                Some("0") => false,
                _ => return Err(wrong()),
            };
            exceptions.insert(date, worked);
        }
        Ok(Self { exceptions })
    }

    /// Whether `date` is worked; make-up workdays count as workdays.
    pub fn is_workday(&self, date: NaiveDate) -> bool {
        let plain = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        self.exceptions.get(&date).copied().unwrap_or(plain)
    }

    /// Last day of a limit of `days` natural days: the start day is out, a last day of rest rolls on (Civil Code 201, 203).
    pub fn natural_days(&self, start: NaiveDate, days: u64) -> NaiveDate {
        let mut last = start + Days::new(days);
        while !self.is_workday(last) {
            last = last + Days::new(1);
        }
        last
    }

    /// Last day of a limit of `days` workdays, the start day out.
    pub fn work_days(&self, start: NaiveDate, days: u64) -> NaiveDate {
        let mut last = start;
        let mut left = days;
        while left > 0 {
            last = last + Days::new(1);
            left -= u64::from(self.is_workday(last));
        }
        last
    }

    /// Due time of a matter admitted at `start_ms` (UTC ms): 24:00 of its last day. `None` for a complex matter, whose
    /// date is typed at triage, and for levels this build does not know. Source: domain §6.2.
    pub fn due_at_ms(&self, level: Level, start_ms: i64) -> Option<i64> {
        let start = civil_date(start_ms)?;
        match level {
            Level::Simple => Some(end_of_day_ms(self.natural_days(start, 3))),
            Level::General => Some(end_of_day_ms(self.natural_days(start, 7))),
            Level::Urgent => Some(start_ms + 10 * 60 * 1000),
            Level::Complex | Level::Unknown(_) => None,
        }
    }
}

/// The civil date (Asia/Shanghai) of a moment in UTC ms.
pub fn civil_date(at_ms: i64) -> Option<NaiveDate> {
    civil(at_ms).map(|moment| moment.date())
}

/// The civil date and time (Asia/Shanghai) of a moment in UTC ms.
pub fn civil(at_ms: i64) -> Option<NaiveDateTime> {
    let shifted = at_ms.checked_add(OFFSET_MS)?;
    chrono::DateTime::from_timestamp_millis(shifted).map(|moment| moment.naive_utc())
}

/// 24:00 of a civil date in UTC ms.
pub fn end_of_day_ms(date: NaiveDate) -> i64 {
    let next = date.and_time(chrono::NaiveTime::MIN) + TimeDelta::days(1);
    next.and_utc().timestamp_millis() - OFFSET_MS
}

/// The due light (domain §5.2 row 20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// Less than 80 % of the allowance is used.
    Green,
    /// 80 to 100 %.
    Yellow,
    /// Past due.
    Red,
    /// Done, whenever that was: no light burns.
    Done,
}

/// The light of a task dispatched at `created_ms`, due at `due_ms`, seen at `now_ms` (all UTC ms).
pub fn light(created_ms: i64, due_ms: i64, now_ms: i64) -> Light {
    if now_ms > due_ms {
        return Light::Red;
    }
    let allowance = (due_ms - created_ms).max(1);
    let used = now_ms - created_ms;
    if used.saturating_mul(5) >= allowance.saturating_mul(4) {
        Light::Yellow
    } else {
        Light::Green
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar() -> WorkCalendar {
        WorkCalendar::parse(include_str!("../data/work_calendar.csv")).expect("the shipped calendar reads")
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// The table of domain §6.3, computed with a public calendar package.
    #[test]
    fn the_published_vectors_hold() {
        let calendar = calendar();
        for (admitted, natural3, natural7, work3, work7) in [
            (
                "2022-06-02",
                "2022-06-06",
                "2022-06-09",
                "2022-06-08",
                "2022-06-14",
            ),
            (
                "2022-06-03",
                "2022-06-06",
                "2022-06-10",
                "2022-06-08",
                "2022-06-14",
            ),
            (
                "2022-06-10",
                "2022-06-13",
                "2022-06-17",
                "2022-06-15",
                "2022-06-21",
            ),
            (
                "2022-07-22",
                "2022-07-25",
                "2022-07-29",
                "2022-07-27",
                "2022-08-02",
            ),
            (
                "2022-09-30",
                "2022-10-08",
                "2022-10-08",
                "2022-10-10",
                "2022-10-14",
            ),
            (
                "2022-01-30",
                "2022-02-07",
                "2022-02-07",
                "2022-02-09",
                "2022-02-15",
            ),
        ] {
            let start = date(admitted);
            assert_eq!(
                calendar.natural_days(start, 3),
                date(natural3),
                "3 natural days from {admitted}"
            );
            assert_eq!(
                calendar.natural_days(start, 7),
                date(natural7),
                "7 natural days from {admitted}"
            );
            assert_eq!(
                calendar.work_days(start, 3),
                date(work3),
                "3 workdays from {admitted}"
            );
            assert_eq!(
                calendar.work_days(start, 7),
                date(work7),
                "7 workdays from {admitted}"
            );
        }
    }

    #[test]
    fn due_is_the_midnight_that_ends_the_last_day_in_shanghai() {
        // 2022-07-22 10:00 Shanghai → 2022-07-25 24:00 Shanghai = 16:00 UTC.
        let start = 1_658_455_200_000;
        assert_eq!(
            calendar().due_at_ms(Level::Simple, start),
            Some(1_658_764_800_000)
        );
        assert_eq!(calendar().due_at_ms(Level::Complex, start), None);
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(
            WorkCalendar::parse("date,is_workday,holiday\n2022-13-01,1,x").map(|_| ()),
            Err(CalendarError { line: 2 })
        );
    }

    #[test]
    fn lights_change_at_80_and_100_percent() {
        assert_eq!(light(0, 100, 79), Light::Green);
        assert_eq!(light(0, 100, 80), Light::Yellow);
        assert_eq!(light(0, 100, 101), Light::Red);
    }
}
