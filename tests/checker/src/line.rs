//! Reads one line of the history, and says which field is at fault when it cannot.

use crate::history::Line;

/// Reads a line. The error names the field that is at fault, as far as there is one, and says why.
pub(crate) fn read(text: &str) -> Result<Line, (String, String)> {
    let why = match serde_json::from_str(text) {
        Ok(line) => return Ok(line),
        Err(error) => error.to_string(),
    };
    Err((field_at_fault(text, &why), why))
}

/// The field whose absence changes the complaint; `serde` does not name it.
fn field_at_fault(text: &str, why: &str) -> String {
    let Ok(serde_json::Value::Object(whole)) = serde_json::from_str(text) else {
        return "the whole line".to_owned();
    };
    if why.starts_with("unknown variant") {
        return "ev".to_owned();
    }
    let missing = why
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    if missing.is_none() && !whole.get("at").is_some_and(serde_json::Value::is_i64) {
        return "at".to_owned();
    }
    // Values are read before it is seen what is missing, so the field at fault takes its complaint away with it. What is
    // missing is missing here, unless it is missing in a list.
    let complaint = |map: serde_json::Map<_, _>| {
        serde_json::from_value::<Line>(map.into())
            .err()
            .map(|error| error.to_string())
    };
    let before = complaint(whole.clone());
    let may_be = |key: &str| !["at", "ev"].contains(&key) && (missing.is_none() || whole[key].is_array());
    let at_fault = whole.keys().filter(|key| may_be(key)).find(|key| {
        let mut without = whole.clone();
        without.remove(*key);
        complaint(without) != before
    });
    at_fault
        .map(String::as_str)
        .or(missing)
        .unwrap_or("the whole line")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_of(text: &str) -> String {
        read(text).unwrap_err().0
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(
            field_of(r#"{"at":1,"ev":"parked","vault":"a","epoch":7,"seq":1,"reason":"x"}"#),
            "epoch"
        );
        assert_eq!(
            field_of(r#"{"at":1,"ev":"parked","vault":"a","epoch":"7","seq":-1,"reason":"x"}"#),
            "seq"
        );
        assert_eq!(
            field_of(r#"{"at":1,"ev":"parked","vault":"a","epoch":"7","seq":1}"#),
            "reason"
        );
        assert_eq!(
            field_of(r#"{"at":1,"ev":"photo","sha256":"ab","bytes":1,"on_platform":true}"#),
            "sha256"
        );
        assert_eq!(field_of(r#"{"at":1,"ev":"teleported"}"#), "ev");
        assert_eq!(field_of(r#"{"at":"x","ev":"end"}"#), "at");
        assert_eq!(field_of(r#"{"ev":"end"}"#), "at");
        assert_eq!(field_of("{"), "the whole line");
    }

    #[test]
    fn fields_that_are_not_known_are_passed_over() {
        assert!(read(r#"{"at":1,"ev":"end","more":[1]}"#).is_ok());
    }
}
