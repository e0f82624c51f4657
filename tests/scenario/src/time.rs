//! Times inside are UTC milliseconds; in the platform's JSON they are RFC 3339 texts with milliseconds.

use chrono::{DateTime, SecondsFormat};

/// One minute, ms.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// One day, ms.
pub(crate) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The text the platform's API writes for this time, such as `2026-01-14T02:03:04.123Z`.
pub(crate) fn text(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).map_or_else(
        || at_ms.to_string(),
        |time| time.to_rfc3339_opts(SecondsFormat::Millis, true),
    )
}

/// Reads an RFC 3339 time with any offset; `None` when it is none.
pub(crate) fn parse(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_in_shanghai_is_written_in_utc_with_milliseconds() {
        let at_ms = parse("2026-01-12T06:00:00+08:00").unwrap();
        assert_eq!(text(at_ms + 7), "2026-01-11T22:00:00.007Z");
        assert_eq!(parse("yesterday"), None);
    }
}
