//! Times in plain words. Inside, times are UTC milliseconds; a person reads Asia/Shanghai.

use grid_model::deadline::{Light, civil};

use crate::{Lang, Phrase, Text};

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A span in its two largest units: `1 天 3 小时`, `3 小时 20 分钟`, `20 分钟`. Negative spans count as none.
pub fn span(ms: i64, lang: Lang) -> String {
    let ms = ms.max(0);
    let (days, hours, minutes) = (ms / DAY_MS, ms % DAY_MS / HOUR_MS, ms % HOUR_MS / MINUTE_MS);
    match (days, hours, minutes) {
        (0, 0, 0) => Phrase::LessThanAMinute.get(lang).to_owned(),
        (0, 0, minutes) => in_minutes(minutes, lang),
        (0, hours, 0) => in_hours(hours, lang),
        (0, hours, minutes) => format!("{} {}", in_hours(hours, lang), in_minutes(minutes, lang)),
        (days, 0, _) => in_days(days, lang),
        (days, hours, _) => format!("{} {}", in_days(days, lang), in_hours(hours, lang)),
    }
}

/// A short span in seconds or in the units of [`span`]: how long to wait before the next try.
pub fn short_span(ms: i64, lang: Lang) -> String {
    match ms.max(0) {
        ms if ms < MINUTE_MS => counted((ms + 999) / 1000, Text::of("{0} 秒", "{0} second"), lang),
        ms => span(ms, lang),
    }
}

/// How long ago: `刚刚`, `5 分钟前`, `3 小时前`, `2 天前`. A time that is still to come is given as a date.
pub fn ago(at_ms: i64, now_ms: i64, lang: Lang) -> String {
    let passed = now_ms.saturating_sub(at_ms);
    if passed <= -MINUTE_MS {
        return moment(at_ms, now_ms, lang);
    }
    let largest = match passed {
        ..MINUTE_MS => return Phrase::JustNow.get(lang).to_owned(),
        MINUTE_MS..HOUR_MS => in_minutes(passed / MINUTE_MS, lang),
        HOUR_MS..DAY_MS => in_hours(passed / HOUR_MS, lang),
        _ => in_days(passed / DAY_MS, lang),
    };
    Phrase::Ago.fill(lang, &[&largest])
}

/// How much time is left until a due time, or by how much it is past; nothing counts once the light is out.
pub fn due(due_at_ms: i64, now_ms: i64, light: Light, lang: Lang) -> String {
    if light == Light::Done {
        return Phrase::ClockStopped.get(lang).to_owned();
    }
    let left = due_at_ms.saturating_sub(now_ms);
    if left <= -MINUTE_MS {
        return Phrase::Over.fill(lang, &[&span(left.saturating_neg(), lang)]);
    }
    match left {
        ..0 => Phrase::JustOver.get(lang).to_owned(),
        0..MINUTE_MS => Phrase::AlmostOver.get(lang).to_owned(),
        _ => Phrase::Left.fill(lang, &[&span(left, lang)]),
    }
}

/// A moment by the clock on the wall: `今天 08:00`, `1月7日 24:00`, `2025年12月31日 09:30`.
pub fn moment(at_ms: i64, now_ms: i64, lang: Lang) -> String {
    wall(at_ms, at_ms, now_ms, lang)
}

/// A due time; midnight is 24:00 of the day it ends, as people say it.
pub fn due_moment(due_at_ms: i64, now_ms: i64, lang: Lang) -> String {
    let ends_a_day = civil(due_at_ms).is_some_and(|moment| moment.format("%H:%M").to_string() == "00:00");
    let day_of = if ends_a_day {
        due_at_ms.saturating_sub(1)
    } else {
        due_at_ms
    };
    wall(due_at_ms, day_of, now_ms, lang)
}

/// The time of `at_ms` on the day of `day_of_ms`.
fn wall(at_ms: i64, day_of_ms: i64, now_ms: i64, lang: Lang) -> String {
    let (Some(at), Some(day_of), Some(now)) = (civil(at_ms), civil(day_of_ms), civil(now_ms)) else {
        // Beyond the calendar: a clock gone wild. The number is better than nothing.
        return format!("{at_ms} ms");
    };
    let clock = if at.date() == day_of.date() {
        at.format("%H:%M").to_string()
    } else {
        "24:00".to_owned()
    };
    match (day_of.date() - now.date()).num_days() {
        0 => return Phrase::Today.fill(lang, &[&clock]),
        1 => return Phrase::Tomorrow.fill(lang, &[&clock]),
        -1 => return Phrase::Yesterday.fill(lang, &[&clock]),
        _ => {}
    }
    let same_year = day_of.format("%Y").to_string() == now.format("%Y").to_string();
    let date = match (lang, same_year) {
        (Lang::Zh, true) => "%-m月%-d日",
        (Lang::Zh, false) => "%Y年%-m月%-d日",
        (Lang::En, true) => "%-d %b",
        (Lang::En, false) => "%-d %b %Y",
    };
    format!("{} {clock}", day_of.format(date))
}

fn in_days(days: i64, lang: Lang) -> String {
    counted(days, Text::of("{0} 天", "{0} day"), lang)
}

fn in_hours(hours: i64, lang: Lang) -> String {
    counted(hours, Text::of("{0} 小时", "{0} hour"), lang)
}

fn in_minutes(minutes: i64, lang: Lang) -> String {
    counted(minutes, Text::of("{0} 分钟", "{0} minute"), lang)
}

fn counted(number: i64, one: Text, lang: Lang) -> String {
    let mut text = one.fill(lang, &[&number.to_string()]);
    if lang == Lang::En && number != 1 {
        text.push('s');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-05 08:00 in Shanghai.
    const NOW: i64 = 1_767_571_200_000;

    fn both(f: impl Fn(Lang) -> String) -> [String; 2] {
        [f(Lang::Zh), f(Lang::En)]
    }

    #[test]
    fn due_time_is_said_in_plain_words() {
        for (offset, zh, en) in [
            (27 * HOUR_MS, "还剩 1 天 3 小时", "1 day 3 hours left"),
            (48 * HOUR_MS, "还剩 2 天", "2 days left"),
            (80 * MINUTE_MS, "还剩 1 小时 20 分钟", "1 hour 20 minutes left"),
            (30_000, "还剩不到 1 分钟", "less than a minute left"),
            (-30_000, "刚到期限", "just past due"),
            (-2 * HOUR_MS, "已超过 2 小时", "2 hours past due"),
        ] {
            assert_eq!(both(|lang| due(NOW + offset, NOW, Light::Green, lang)), [zh, en]);
        }
        assert_eq!(due(NOW, NOW + DAY_MS, Light::Done, Lang::Zh), "不再计时");
    }

    #[test]
    fn the_past_is_told_in_one_unit() {
        for (passed, zh, en) in [
            (0, "刚刚", "just now"),
            (-30_000, "刚刚", "just now"),
            (5 * MINUTE_MS + 59_000, "5 分钟前", "5 minutes ago"),
            (HOUR_MS, "1 小时前", "1 hour ago"),
            (2 * DAY_MS + 5 * HOUR_MS, "2 天前", "2 days ago"),
            (-2 * HOUR_MS, "今天 10:00", "today 10:00"),
        ] {
            assert_eq!(both(|lang| ago(NOW - passed, NOW, lang)), [zh, en]);
        }
    }

    #[test]
    fn moments_are_told_in_shanghai_time_and_midnight_ends_its_day() {
        assert_eq!(both(|lang| moment(NOW, NOW, lang)), ["今天 08:00", "today 08:00"]);
        assert_eq!(
            both(|lang| moment(NOW - DAY_MS, NOW, lang)),
            ["昨天 08:00", "yesterday 08:00"]
        );
        assert_eq!(
            both(|lang| moment(NOW - 5 * DAY_MS, NOW, lang)),
            ["2025年12月31日 08:00", "31 Dec 2025 08:00"]
        );
        let midnight = NOW + 16 * HOUR_MS;
        assert_eq!(
            both(|lang| due_moment(midnight, NOW, lang)),
            ["今天 24:00", "today 24:00"]
        );
        assert_eq!(
            both(|lang| due_moment(midnight + 2 * DAY_MS, NOW, lang)),
            ["1月7日 24:00", "7 Jan 24:00"]
        );
        assert_eq!(moment(i64::MAX, NOW, Lang::En), format!("{} ms", i64::MAX));
    }

    #[test]
    fn waits_are_told_in_seconds() {
        assert_eq!(both(|lang| short_span(4_200, lang)), ["5 秒", "5 seconds"]);
        assert_eq!(both(|lang| short_span(90_000, lang)), ["1 分钟", "1 minute"]);
    }
}
