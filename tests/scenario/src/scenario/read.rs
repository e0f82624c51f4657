//! Reads the files of a scenario; says which line or field stopped it.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{Fault, ScenarioError};
use super::fields::Fields;

/// The text of a file that `field` names.
pub(super) fn text(file: &Path, field: &str) -> Result<String, ScenarioError> {
    fs::read_to_string(file).map_err(|error| ScenarioError::Unreadable {
        file: file.to_owned(),
        field: field.to_owned(),
        cause: error.to_string(),
    })
}

/// A file named in the scenario lies in the scenario's folder.
pub(super) fn beside(scenario: &Path, name: &str) -> PathBuf {
    scenario.parent().unwrap_or(Path::new("")).join(name)
}

/// The fields of a scenario's text.
pub(super) fn fields(file: &Path, text: &str) -> Result<Fields, ScenarioError> {
    if let Err(error) = text.parse::<toml::Table>() {
        let line = 1 + up_to(text, error.span()).matches('\n').count();
        let cause = one_line(error.message());
        return Err(ScenarioError::NotToml {
            file: file.to_owned(),
            line,
            cause,
        });
    }
    toml::from_str(text).map_err(|error| fault(text, &error).in_file(file.to_owned()))
}

/// What a typed reader stumbled over, with the field it means.
fn fault(text: &str, error: &toml::de::Error) -> Fault {
    let said = one_line(error.message());
    let before = up_to(text, error.span());
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let table = table_of(text[..line_start + line.len()].lines());
    let path = |field: &str| {
        if table.is_empty() {
            field.to_owned()
        } else {
            format!("{table}.{field}")
        }
    };
    let named = said.split('`').nth(1).unwrap_or_default();
    // A field that the whole file lacks is reported at its beginning, which helps nobody.
    let near = match before.matches('\n').count() {
        0 => String::new(),
        lines => format!(" near line {}", lines + 1),
    };
    if said.starts_with("missing field") {
        let remedy = "write it there as scenarios/README.md says";
        return Fault::of(path(named), format!("is missing{near}"), remedy);
    }
    if said.starts_with("unknown field") {
        let problem = format!("{near} is no field of a scenario").trim().to_owned();
        return Fault::of(path(named), problem, "correct its name or take it out");
    }
    let field = if line.starts_with('[') {
        table.clone()
    } else {
        path(key_before(&before[line_start..]))
    };
    Fault::of(
        field,
        format!("cannot be read{near} ({said})"),
        "correct its value",
    )
}

/// The table of the last of these lines, as a path: `officers[5]` for the sixth `[[officers]]`.
fn table_of<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> String {
    let Some(header) = lines.clone().filter(|line| line.starts_with('[')).last() else {
        return String::new();
    };
    let name = header.trim().trim_matches(['[', ']']);
    if header.starts_with("[[") {
        let earlier = lines.filter(|line| line.trim() == header.trim()).count() - 1;
        return format!("{name}[{earlier}]");
    }
    name.to_owned()
}

/// The key whose value begins where this part of a line ends.
fn key_before(part: &str) -> &str {
    let up_to_key = part.trim_end().trim_end_matches('=').trim_end();
    up_to_key.rsplit([' ', '{', ',', '=']).next().unwrap_or_default()
}

/// The text before the place where something was found.
fn up_to(text: &str, span: Option<std::ops::Range<usize>>) -> &str {
    let at = span.map_or(0, |span| span.start).min(text.len());
    text.get(..at).unwrap_or_default()
}

fn one_line(said: &str) -> String {
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}
