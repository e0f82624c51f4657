//! Tasks: the list, one task with its log, and what a supervisor decides.

mod shapes;

use axum::Json;
use axum::extract::State;
use grid_hub::views::{Review, TaskDraft, TaskQuery, TaskSort};
use grid_model::TaskId;
use grid_model::terms::ReviewFailReason;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Slice, Told, Which, coded};
use super::shapes::Listed;
use super::{Problem, ProblemBody, Reply};
use crate::Platform;
use crate::guard::SignedIn;
use crate::time::from_rfc3339;

pub(crate) use shapes::{Extension, TaskDetail, TaskSummary};

/// Which tasks.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TasksAsk {
    /// Only those in this status.
    status: Option<String>,
    /// `due` (the next one due first) or `created` (the newest first).
    #[param(default = "due")]
    sort: Option<String>,
    /// Only those whose number, title or place holds this text.
    q: Option<String>,
    /// How many to skip.
    #[param(default = 0)]
    offset: Option<u32>,
    /// How many at most; 500 is the largest.
    #[param(default = 50, maximum = 500)]
    limit: Option<u32>,
}

/// A task to dispatch.
#[derive(Deserialize, ToSchema)]
pub(crate) struct DispatchForm {
    /// At most 40 characters.
    title: String,
    /// At most 1,000 characters.
    description: String,
    /// Kind of matter.
    case_kind: String,
    /// `simple`, `general`, `complex` or `urgent`.
    level: String,
    /// Who gets it: id of a worker.
    holder_id: String,
    /// 15 digits, if known.
    grid_code: Option<String>,
    /// At most 120 characters.
    place_text: String,
    /// RFC 3339; needed for a complex matter, computed from the calendar otherwise.
    due_at: Option<String>,
    /// Why this due time or this holder.
    reason: Option<String>,
}

/// A review of a submitted task.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ReviewForm {
    /// The revision the reviewer saw.
    revision: u64,
    /// `pass` or `fail`.
    result: String,
    /// Needed for `fail`: not_solved, unclear_photo, wrong_place, missing_item, not_told.
    reason_code: Option<String>,
    /// In words, if the code does not say it all.
    reason_text: Option<String>,
}

/// A task to take back.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RecallForm {
    /// The revision the person saw.
    revision: u64,
    /// Why; its holder reads it.
    reason_text: String,
}

/// A late report to let count.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RestoreForm {
    /// The revision the person saw.
    revision: u64,
}

impl TasksAsk {
    fn query(self) -> Result<TaskQuery, Problem> {
        let sort = match self.sort.as_deref() {
            None | Some("" | "due") => TaskSort::Due,
            Some("created") => TaskSort::Created,
            Some(_) => {
                return Err(Problem::field(
                    "sort",
                    "没有这种排序；请选择 due 或 created。",
                    "is due or created; choose again.",
                ));
            }
        };
        let page = Slice {
            offset: self.offset,
            limit: self.limit,
        }
        .page();
        let text = self.q.filter(|text| !text.trim().is_empty());
        Ok(TaskQuery {
            status: coded("status", self.status.as_deref())?,
            sort,
            text,
            page,
        })
    }
}

impl DispatchForm {
    fn draft(self) -> Result<TaskDraft, Problem> {
        let wrong = |field| {
            Problem::field(
                field,
                "不能这样填写；请重新选择。",
                "cannot be taken; choose again.",
            )
        };
        let due_at = self.due_at.filter(|text| !text.is_empty());
        let due_at_ms = due_at
            .map(|text| from_rfc3339(&text).ok_or_else(|| wrong("due_at")))
            .transpose()?;
        Ok(TaskDraft {
            title: self.title,
            description: self.description,
            case_kind: coded("case_kind", Some(&self.case_kind))?.ok_or_else(|| wrong("case_kind"))?,
            level: coded("level", Some(&self.level))?.ok_or_else(|| wrong("level"))?,
            holder: self.holder_id.parse().map_err(|_| wrong("holder_id"))?,
            grid_code: self.grid_code.filter(|code| !code.is_empty()),
            place_text: self.place_text,
            due_at_ms,
            reason: self.reason.filter(|text| !text.trim().is_empty()),
        })
    }
}

impl ReviewForm {
    fn review(self) -> Result<Review, Problem> {
        match self.result.as_str() {
            "pass" => Ok(Review::Pass),
            "fail" => {
                let reason_code: Option<ReviewFailReason> =
                    coded("reason_code", self.reason_code.as_deref())?;
                let missing = || {
                    Problem::field(
                        "reason_code",
                        "必须选择；处置人要知道哪里需要改。",
                        "must be chosen: the holder has to know what to change.",
                    )
                };
                Ok(Review::Fail {
                    reason_code: reason_code.ok_or_else(missing)?,
                    reason_text: self.reason_text,
                })
            }
            _ => Err(Problem::field(
                "result",
                "没有这个选项；请选择通过或退回。",
                "is pass or fail; choose again.",
            )),
        }
    }
}

/// Tasks of this subtree.
#[utoipa::path(get, path = "/api/tasks", tag = "console", params(TasksAsk), responses(
    (status = 200, body = Listed<TaskSummary>),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<TasksAsk>,
) -> Reply<Listed<TaskSummary>> {
    let query = ask.query()?;
    let page = platform
        .ask(move |hub, now_ms| hub.tasks(now_ms, &who, &query))
        .await?;
    Ok(Json(Listed::of(page)))
}

/// One task with its log, its reports and what they name.
#[utoipa::path(get, path = "/api/tasks/{id}", tag = "console", params(("id" = String, Path, description = "UUID")), responses(
    (status = 200, body = TaskDetail),
    (status = 404, description = "not_found", body = ProblemBody),
))]
pub(crate) async fn one(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(task): Which<TaskId>,
) -> Reply<TaskDetail> {
    let detail = platform
        .desk(move |hub, now_ms| hub.task(now_ms, &who, task))
        .await?;
    Ok(Json(detail.into()))
}

/// Gives a new task to a holder.
#[utoipa::path(post, path = "/api/tasks", tag = "console", request_body = DispatchForm,
    params(("x-grid-console" = String, Header, description = "`1`")), responses(
    (status = 200, body = TaskDetail),
    (status = 422, description = "invalid; `field` says which", body = ProblemBody),
))]
pub(crate) async fn dispatch(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Told(form): Told<DispatchForm>,
) -> Reply<TaskDetail> {
    let draft = form.draft()?;
    let detail = platform
        .desk(move |hub, now_ms| hub.dispatch(now_ms, &who, &draft))
        .await?;
    Ok(Json(detail.into()))
}

/// Closes a submitted task or sends it back to its holder.
#[utoipa::path(post, path = "/api/tasks/{id}/review", tag = "console", request_body = ReviewForm,
    params(("id" = String, Path, description = "UUID"), ("x-grid-console" = String, Header, description = "`1`")), responses(
    (status = 200, body = TaskDetail),
    (status = 403, description = "own_work", body = ProblemBody),
    (status = 404, description = "not_found", body = ProblemBody),
    (status = 409, description = "conflict: somebody decided meanwhile; not_now: the status does not allow it", body = ProblemBody),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn review(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(task): Which<TaskId>,
    Told(form): Told<ReviewForm>,
) -> Reply<TaskDetail> {
    let (revision, review) = (form.revision, form.review()?);
    let detail = platform
        .desk(move |hub, now_ms| hub.review(now_ms, &who, task, revision, &review))
        .await?;
    Ok(Json(detail.into()))
}

/// Takes a live task back; its holder reads why at his next contact.
#[utoipa::path(post, path = "/api/tasks/{id}/recall", tag = "console", request_body = RecallForm,
    params(("id" = String, Path, description = "UUID"), ("x-grid-console" = String, Header, description = "`1`")), responses(
    (status = 200, body = TaskDetail),
    (status = 404, description = "not_found", body = ProblemBody),
    (status = 409, description = "conflict or not_now", body = ProblemBody),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn recall(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(task): Which<TaskId>,
    Told(form): Told<RecallForm>,
) -> Reply<TaskDetail> {
    let RecallForm {
        revision,
        reason_text,
    } = form;
    let detail = platform
        .desk(move |hub, now_ms| hub.recall(now_ms, &who, task, revision, &reason_text))
        .await?;
    Ok(Json(detail.into()))
}

/// Lets the late report of a recalled task count.
#[utoipa::path(post, path = "/api/tasks/{id}/restore", tag = "console", request_body = RestoreForm,
    params(("id" = String, Path, description = "UUID"), ("x-grid-console" = String, Header, description = "`1`")), responses(
    (status = 200, body = TaskDetail),
    (status = 404, description = "not_found", body = ProblemBody),
    (status = 409, description = "conflict or not_now", body = ProblemBody),
))]
pub(crate) async fn restore(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(task): Which<TaskId>,
    Told(form): Told<RestoreForm>,
) -> Reply<TaskDetail> {
    let detail = platform
        .desk(move |hub, now_ms| hub.restore(now_ms, &who, task, form.revision))
        .await?;
    Ok(Json(detail.into()))
}
