//! Content: a record without its random ids, as one canonical text, as one digest.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::FixRow;

/// SHA-256 of a content, or of a sequence of them.
pub(super) type Mark = [u8; 32];

/// Fields of a fact that hold an id born at random; the content only says that there is one.
const ID_FIELDS: [&str; 2] = ["patrol", "task"];

/// The fact as content: ids become `true`, empty lists are left out like everything absent.
pub(super) fn plain(fact: &Value) -> Value {
    let Value::Object(fields) = fact else {
        return fact.clone();
    };
    let mut plain = Map::new();
    for (name, value) in fields {
        let is_id = ID_FIELDS.contains(&name.as_str()) && value.is_string();
        if value.as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        plain.insert(
            name.clone(),
            if is_id { Value::Bool(true) } else { value.clone() },
        );
    }
    Value::Object(plain)
}

/// The canonical text of a record: JSON with sorted keys and no spaces.
pub(super) fn text(worker: &str, kind: &str, recorded_at: &str, fact: &Value) -> String {
    let mut out = String::new();
    let parts = [
        ("fact", plain(fact)),
        ("kind", kind.into()),
        ("recorded_at", recorded_at.into()),
        ("worker", worker.into()),
    ];
    write(
        &Value::Object(
            parts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        ),
        &mut out,
    );
    out
}

/// Writes keys sorted, whatever order the map of this build keeps.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort_unstable();
            out.push('{');
            for (index, name) in names.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(&fields[name], out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        simple => out.push_str(&simple.to_string()),
    }
}

/// The digest of a text.
pub(super) fn mark(text: &str) -> Mark {
    Sha256::digest(text.as_bytes()).into()
}

/// The digest of marks in their order.
pub(super) fn sequence<'a>(marks: impl IntoIterator<Item = &'a Mark>) -> Mark {
    let mut hash = Sha256::new();
    for mark in marks {
        hash.update(mark);
    }
    hash.finalize().into()
}

/// The digest of marks in any order, hex.
pub(super) fn set(mut marks: Vec<Mark>) -> String {
    marks.sort_unstable();
    hex::encode(sequence(&marks))
}

/// The mark of one fix of one officer.
pub(super) fn fix(worker: &str, row: &FixRow) -> Mark {
    let [at_ms, lat, lon, accuracy, speed] = row;
    mark(&format!("{worker} {at_ms} {lat} {lon} {accuracy} {speed}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_and_order_of_keys_do_not_matter_and_everything_else_does() {
        let one = text(
            "P1",
            "counted",
            "t",
            &json!({ "value": 1, "patrol": "0198-a", "attachments": [] }),
        );
        let two = text("P1", "counted", "t", &json!({ "patrol": "0198-b", "value": 1 }));
        assert_eq!(one, two);
        assert_eq!(
            one,
            r#"{"fact":{"patrol":true,"value":1},"kind":"counted","recorded_at":"t","worker":"P1"}"#
        );
        for other in [
            json!({ "value": 1 }),
            json!({ "value": 2, "patrol": "x" }),
            json!({ "value": 1, "patrol": null }),
        ] {
            assert_ne!(text("P1", "counted", "t", &other), one);
        }
    }
}
