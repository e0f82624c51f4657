//! Tasks to take in: one JSON object a line.
//!
//! `{"no"?, "title", "description", "case_kind", "level", "holder_job_no", "grid_code"?, "place_text",
//! "dispatched_at"?: RFC 3339 (now when absent), "due_at"?: RFC 3339 (from the calendar when absent)}`

use grid_hub::TaskImport;
use grid_model::Coded;
use serde::Deserialize;

use super::{AdminError, ListFile};
use crate::time::from_rfc3339;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskLine {
    no: Option<String>,
    title: String,
    description: String,
    case_kind: String,
    level: String,
    holder_job_no: String,
    grid_code: Option<String>,
    place_text: String,
    dispatched_at: Option<String>,
    due_at: Option<String>,
}

/// The tasks, each with its line.
pub(super) fn read(file: &ListFile, now_ms: i64) -> Result<(Vec<usize>, Vec<TaskImport>), AdminError> {
    let mut tasks = Vec::new();
    for (line, text) in file.lines() {
        let task: TaskLine = file.json(line, text)?;
        let time = |field: &str, text: Option<String>| {
            let fault = || {
                file.fault(
                    line,
                    field,
                    "is no RFC 3339 time, such as 2026-01-14T10:00:00+08:00",
                    "不是 2026-01-14T10:00:00+08:00 这样的时间",
                )
            };
            text.map(|text| from_rfc3339(&text).ok_or_else(fault)).transpose()
        };
        tasks.push((
            line,
            TaskImport {
                case_kind: coded(file, line, "case_kind", &task.case_kind)?,
                level: coded(file, line, "level", &task.level)?,
                dispatched_at_ms: time("dispatched_at", task.dispatched_at)?.unwrap_or(now_ms),
                due_at_ms: time("due_at", task.due_at)?,
                no: task.no,
                title: task.title,
                description: task.description,
                holder_job_no: task.holder_job_no,
                grid_code: task.grid_code.filter(|code| !code.is_empty()),
                place_text: task.place_text,
            },
        ));
    }
    Ok(tasks.into_iter().unzip())
}

fn coded<T: Coded>(file: &ListFile, line: usize, field: &str, name: &str) -> Result<T, AdminError> {
    T::known()
        .iter()
        .copied()
        .find(|known| known.name() == name)
        .ok_or_else(|| {
            let names: Vec<_> = T::known().iter().map(|known| known.name()).collect();
            let names = names.join(", ");
            file.fault(
                line,
                field,
                &format!("must be one of {names}"),
                &format!("应为其中之一：{names}"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_model::terms::Level;

    const GOOD: &str = r#"{"title":"清理渔网","description":"码头东侧","case_kind":"hazard","level":"simple","holder_job_no":"W01","place_text":"一号码头","due_at":"2026-01-16T00:00:00+08:00"}"#;

    #[test]
    fn a_task_needs_no_more_than_it_says() {
        let (lines, tasks) = read(&ListFile::of("t.jsonl", format!("\n{GOOD}\n")), 77).unwrap();
        assert_eq!(lines, [2]);
        assert_eq!(
            (tasks[0].level, tasks[0].dispatched_at_ms, tasks[0].due_at_ms),
            (Level::Simple, 77, Some(1_768_492_800_000))
        );
    }

    #[test]
    fn faults_name_the_line_and_the_field() {
        for (text, says) in [
            (
                GOOD.replace("\"title\"", "\"titel\""),
                "t.jsonl line 2, field titel: unknown field",
            ),
            (
                GOOD.replace("\"title\":\"清理渔网\",", ""),
                "t.jsonl line 2, field title: missing field",
            ),
            (
                GOOD.replace("hazard", "hazzard"),
                "t.jsonl line 2, field case_kind: must be one of dispute, hazard",
            ),
            (
                GOOD.replace("2026-01-16T", "16.1."),
                "t.jsonl line 2, field due_at: is no RFC 3339 time",
            ),
            ("{".to_owned(), "t.jsonl line 2: EOF"),
        ] {
            let error = read(&ListFile::of("t.jsonl", format!("{GOOD}\n{text}")), 0).unwrap_err();
            assert!(error.to_string().starts_with(says), "{error}");
        }
    }
}
