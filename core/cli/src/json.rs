//! Views as JSON: snake_case keys that stay, terms by their code names, times in RFC 3339 UTC. A value that is not there
//! has no key.

use grid_fieldbook::{
    CaseView, Change, ExtensionView, PatrolStatus, PatrolView, PostView, RecordState, RecordView, Saved,
    Status, TallyView, TaskNews, TaskView,
};
use grid_screens::model::Coded as _;
use grid_screens::model::deadline::Light;
use serde_json::{Map, Value, json};

/// UTC milliseconds as `2026-01-14T02:03:04.123Z`; a time beyond the calendar stays a number.
pub(crate) fn at(ms: i64) -> Value {
    match chrono::DateTime::from_timestamp_millis(ms) {
        Some(moment) => json!(moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()),
        None => json!(ms),
    }
}

/// An object of what is there: null values have no key.
pub(crate) fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    let there = pairs
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value));
    Value::Object(there.collect::<Map<_, _>>())
}

pub(crate) fn list<T>(items: &[T], one: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(one).collect())
}

/// The state of a record and, when it was sent back, the reason.
fn state(state: Option<RecordState>) -> [Value; 2] {
    match state {
        None => [Value::Null, Value::Null],
        Some(RecordState::Saved) => [json!("saved"), Value::Null],
        Some(RecordState::Received) => [json!("received"), Value::Null],
        Some(RecordState::BackedUp) => [json!("backed_up"), Value::Null],
        Some(RecordState::Parked(reason)) => [json!("parked"), json!(reason.name())],
    }
}

pub(crate) fn saved(saved: Saved) -> Value {
    json!({ "seq": saved.seq.0, "recorded_at": at(saved.recorded_at_ms), "state": "saved", "second_copy": saved.second_copy })
}

pub(crate) fn task(task: &TaskView) -> Value {
    let [own_state, park_reason] = state(task.own);
    let light = match task.light {
        Light::Green => "green",
        Light::Yellow => "yellow",
        Light::Red => "red",
        Light::Done => "done",
    };
    object([
        ("id", json!(task.id.to_string())),
        ("no", json!(task.no)),
        ("title", json!(task.title)),
        ("description", json!(task.description)),
        ("case_kind", json!(task.case_kind.name())),
        ("level", json!(task.level.name())),
        ("status", json!(task.status.name())),
        ("grid_code", json!(task.grid_code)),
        ("place_text", json!(task.place_text)),
        ("created_at", at(task.created_at_ms)),
        ("due_at", at(task.due_at_ms)),
        ("light", json!(light)),
        ("reason", json!(task.reason)),
        ("late_report", json!(task.late_report)),
        (
            "extension",
            task.extension.as_ref().map_or(Value::Null, extension),
        ),
        ("own_state", own_state),
        ("park_reason", park_reason),
    ])
}

fn extension(asked: &ExtensionView) -> Value {
    object([
        ("state", json!(asked.state.name())),
        ("wanted_due_at", at(asked.wanted_due_ms)),
        ("answer", json!(asked.answer)),
    ])
}

pub(crate) fn patrol(patrol: &PatrolView) -> Value {
    let status = match patrol.status {
        PatrolStatus::Started => "started",
        PatrolStatus::Paused => "paused",
        PatrolStatus::Ended => "ended",
    };
    object([
        ("id", json!(patrol.id.to_string())),
        ("patrol_type", json!(patrol.patrol_type.name())),
        ("transport", json!(patrol.transport.name())),
        ("post", json!(patrol.post)),
        ("status", json!(status)),
        ("started_at", at(patrol.started_at_ms)),
        ("ended_at", patrol.ended_at_ms.map_or(Value::Null, at)),
        ("fixes", json!(patrol.fixes)),
    ])
}

pub(crate) fn case(case: &CaseView) -> Value {
    let [own_state, park_reason] = state(case.own);
    object([
        ("id", json!(case.id.to_string())),
        ("urgent", json!(case.urgent)),
        ("case_kind", json!(case.case_kind.name())),
        ("title", json!(case.title)),
        ("place_text", json!(case.place_text)),
        ("reported_at", at(case.reported_at_ms)),
        ("reports", json!(case.reports)),
        ("own_state", own_state),
        ("park_reason", park_reason),
    ])
}

pub(crate) fn record(record: &RecordView) -> Value {
    let [state, park_reason] = state(Some(record.state));
    object([
        ("seq", json!(record.seq.0)),
        ("lane", json!(record.lane.to_string())),
        ("kind", json!(record.kind.name())),
        ("words", json!(record.words)),
        ("recorded_at", at(record.recorded_at_ms)),
        ("state", state),
        ("park_reason", park_reason),
        ("photos", json!(record.photos)),
    ])
}

pub(crate) fn change(change: &Change) -> Value {
    match change {
        Change::Task { id, no, title, news } => {
            json!({ "task": id.to_string(), "no": no, "title": title, "news": list(news, task_news) })
        }
        Change::SentBack { record, reason } => {
            json!({ "sent_back": self::record(record), "reason": reason.name() })
        }
    }
}

fn task_news(news: &TaskNews) -> Value {
    match news {
        TaskNews::New { due_at_ms } => json!({ "what": "new", "due_at": at(*due_at_ms) }),
        TaskNews::Status { from, to, reason } => object([
            ("what", json!("status")),
            ("from", json!(from.name())),
            ("to", json!(to.name())),
            ("reason", json!(reason)),
        ]),
        TaskNews::Due { from_ms, to_ms } => {
            json!({ "what": "due", "from": at(*from_ms), "to": at(*to_ms) })
        }
        TaskNews::Text => json!({ "what": "text" }),
        TaskNews::ReportKeptBeside => json!({ "what": "report_kept_beside" }),
        TaskNews::Extension { state, answer } => object([
            ("what", json!("extension")),
            ("state", json!(state.name())),
            ("answer", json!(answer)),
        ]),
        TaskNews::Gone => json!({ "what": "gone" }),
    }
}

pub(crate) fn post(post: &PostView) -> Value {
    let checkpoint = |(code, name): &(String, String)| json!({ "code": code, "name": name });
    json!({ "code": post.code, "name": post.name, "checkpoints": list(&post.checkpoints, checkpoint) })
}

pub(crate) fn tally(tally: &TallyView) -> Value {
    json!({
        "count_kind": tally.count_kind.name(),
        "unit": tally.count_kind.unit(),
        "total": tally.total,
        "entries": tally.entries,
    })
}

pub(crate) fn status(status: &Status) -> Value {
    let worker = status.worker.as_ref().map(|(name, job_no, org, phone_label)| {
        json!({ "name": name, "job_no": job_no, "org": org, "phone_label": phone_label })
    });
    object([
        ("device", json!(status.device.to_string())),
        ("enrolled", json!(status.worker.is_some())),
        ("worker", json!(worker)),
        ("server", json!(status.server)),
        ("saved", json!(status.saved)),
        ("received", json!(status.received)),
        ("parked", json!(status.parked)),
        ("oldest_at", status.oldest_at_ms.map_or(Value::Null, at)),
        ("photos_waiting", json!(status.photos_waiting)),
        ("photos_stored", json!(status.photos_stored)),
        ("photos_failed", json!(status.photos_failed)),
        ("last_contact_at", status.last_contact_ms.map_or(Value::Null, at)),
        (
            "open_patrol",
            json!(status.open_patrol.map(|patrol| patrol.to_string())),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc_with_milliseconds() {
        assert_eq!(at(1_768_356_184_123), json!("2026-01-14T02:03:04.123Z"));
        assert_eq!(at(i64::MAX), json!(i64::MAX));
    }

    #[test]
    fn what_is_not_there_has_no_key() {
        let made = object([
            ("a", json!(1)),
            ("b", Value::Null),
            ("c", json!(Option::<u8>::None)),
        ]);
        assert_eq!(made, json!({ "a": 1 }));
    }
}
