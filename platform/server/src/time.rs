//! Times as text: RFC 3339 in JSON, the date of HTTP in headers.

use chrono::{DateTime, SecondsFormat, Utc};

/// A time that leaves the calendar is shown as the beginning of time rather than as a failure.
fn moment(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

/// `2026-01-14T02:03:04.123Z`.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    moment(at_ms).to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `20260114T020304Z`, for names of files.
pub(crate) fn compact(at_ms: i64) -> String {
    moment(at_ms).format("%Y%m%dT%H%M%SZ").to_string()
}

/// UTC ms of an RFC 3339 text with any offset.
pub(crate) fn from_rfc3339(text: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|moment| moment.timestamp_millis())
}

/// `Wed, 14 Jan 2026 02:03:04 GMT`, for the `Date` header: the console corrects a wrong PC clock by it.
pub(crate) fn http_date(at_ms: i64) -> String {
    moment(at_ms).format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_back_what_they_say() {
        let text = rfc3339(1_768_356_184_123);
        assert_eq!(text, "2026-01-14T02:03:04.123Z");
        assert_eq!(from_rfc3339(&text), Some(1_768_356_184_123));
        assert_eq!(
            from_rfc3339("2026-01-14T10:03:04.123+08:00"),
            Some(1_768_356_184_123)
        );
        assert_eq!(compact(1_768_356_184_123), "20260114T020304Z");
        assert_eq!(http_date(1_768_356_184_123), "Wed, 14 Jan 2026 02:03:04 GMT");
    }
}
