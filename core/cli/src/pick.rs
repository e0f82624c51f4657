//! Which task, case or patrol is meant: its number, its id, or the beginning of its id if only one begins so.

use grid_fieldbook::{CaseView, FieldError, PatrolView, TaskView};
use grid_screens::model::PatrolId;

use crate::desk::{Desk, ROWS_MAX};
use crate::failure::{Failure, Snag};

/// The task named by number, id or a unique beginning of its id.
pub(crate) fn task(desk: &Desk<'_>, name: &str) -> Result<TaskView, Failure> {
    let tasks = desk.ask(|book| book.tasks(false, ROWS_MAX))?;
    if let Some(at) = tasks.iter().position(|task| same(&task.no, name)) {
        return Ok(tasks[at].clone());
    }
    one(desk, tasks, name, "task", |task| task.id.to_string())
}

/// The case named by a unique beginning of its id.
pub(crate) fn case(desk: &Desk<'_>, name: &str) -> Result<CaseView, Failure> {
    let cases = desk.ask(|book| book.cases(ROWS_MAX))?;
    one(desk, cases, name, "case", |case| case.id.to_string())
}

/// The rescue that is meant: the one named, else the newest.
pub(crate) fn urgent(desk: &Desk<'_>, name: Option<&str>) -> Result<CaseView, Failure> {
    match name {
        Some(name) => case(desk, name),
        None => {
            let cases = desk.ask(|book| book.cases(ROWS_MAX))?;
            let newest = cases.into_iter().find(|case| case.urgent);
            newest.ok_or_else(|| Snag::NoUrgent.with("", desk.lang))
        }
    }
}

/// The patrol that is meant: the one named, else the open one.
pub(crate) fn patrol(desk: &Desk<'_>, name: Option<&str>) -> Result<PatrolView, Failure> {
    let Some(name) = name else {
        let open: Option<PatrolId> = desk.ask(|book| book.status())?.open_patrol;
        let open = open.ok_or_else(|| Snag::NoOpenPatrol.with("", desk.lang))?;
        return desk.ask(|book| book.patrol(open));
    };
    let patrols = desk.ask(|book| book.patrols(ROWS_MAX))?;
    one(desk, patrols, name, "patrol", |patrol| patrol.id.to_string())
}

fn one<T>(
    desk: &Desk<'_>,
    all: Vec<T>,
    name: &str,
    what: &'static str,
    id: impl Fn(&T) -> String,
) -> Result<T, Failure> {
    let wanted = name.trim().to_ascii_lowercase();
    let mut found = all
        .into_iter()
        .filter(|item| !wanted.is_empty() && id(item).starts_with(&wanted));
    match (found.next(), found.next()) {
        (Some(item), None) => Ok(item),
        (Some(_), Some(_)) => Err(Snag::Ambiguous.with(name, desk.lang)),
        (None, _) => Err(Failure::field(&FieldError::NotFound { what }, desk.lang)),
    }
}

fn same(no: &str, name: &str) -> bool {
    no.eq_ignore_ascii_case(name.trim())
}
