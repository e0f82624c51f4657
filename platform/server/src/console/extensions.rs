//! Requests for more time: those that wait, and their answer.

use axum::Json;
use axum::extract::State;
use grid_hub::views::{ExtensionAnswer, WaitingExtension};
use grid_model::TaskId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::{Asked, Slice, Told, Which};
use super::shapes::Listed;
use super::tasks::{Extension, TaskDetail, TaskSummary};
use super::{Problem, ProblemBody, Reply};
use crate::Platform;
use crate::guard::SignedIn;
use crate::time::from_rfc3339;

/// A request that waits for an answer, with its task.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// The task; `revision` is what the answer must name.
    task: TaskSummary,
    /// The request.
    extension: Extension,
}

impl From<WaitingExtension> for Waiting {
    fn from(view: WaitingExtension) -> Self {
        Self {
            task: view.task.into(),
            extension: view.extension.into(),
        }
    }
}

/// An answer to the request that waits.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ExtensionForm {
    /// The revision the person saw.
    revision: u64,
    /// `grant` or `refuse`.
    result: String,
    /// For `grant`: RFC 3339, if another due time is given than the one that was wanted.
    due_at: Option<String>,
    /// Needed for `refuse`; the holder reads it.
    reason_text: Option<String>,
}

impl ExtensionForm {
    fn answer(self) -> Result<ExtensionAnswer, Problem> {
        let due_at = self.due_at.filter(|text| !text.is_empty());
        match self.result.as_str() {
            "grant" => Ok(ExtensionAnswer::Grant {
                due_at_ms: due_at
                    .map(|text| {
                        from_rfc3339(&text).ok_or_else(|| {
                            Problem::field(
                                "due_at",
                                "不能这样填写；请重新选择。",
                                "cannot be taken; choose again.",
                            )
                        })
                    })
                    .transpose()?,
            }),
            "refuse" => Ok(ExtensionAnswer::Refuse {
                reason: self.reason_text.unwrap_or_default(),
            }),
            _ => Err(Problem::field(
                "result",
                "没有这个选项；请选择同意或不同意。",
                "is grant or refuse; choose again.",
            )),
        }
    }
}

/// Requests for more time that wait for an answer, the one whose task is due next first.
#[utoipa::path(get, path = "/api/extensions", tag = "console", params(Slice), responses(
    (status = 200, body = Listed<Waiting>),
))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(slice): Asked<Slice>,
) -> Reply<Listed<Waiting>> {
    let page = platform
        .ask(move |hub, now_ms| hub.waiting_extensions(now_ms, &who, slice.page()))
        .await?;
    Ok(Json(Listed::of(page)))
}

/// Gives a task more time, or refuses it with a reason. Only the station leader gives it a second time.
#[utoipa::path(post, path = "/api/tasks/{id}/extension", tag = "console", request_body = ExtensionForm,
    params(("id" = String, Path, description = "UUID"), ("x-grid-console" = String, Header, description = "`1`")), responses(
    (status = 200, body = TaskDetail),
    (status = 403, description = "own_work, or needs_head: it was given more time before", body = ProblemBody),
    (status = 404, description = "not_found", body = ProblemBody),
    (status = 409, description = "conflict: the task moved on meanwhile; not_now: no request waits", body = ProblemBody),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn answer(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(task): Which<TaskId>,
    Told(form): Told<ExtensionForm>,
) -> Reply<TaskDetail> {
    let (revision, answer) = (form.revision, form.answer()?);
    let detail = platform
        .desk(move |hub, now_ms| hub.answer_extension(now_ms, &who, task, revision, &answer))
        .await?;
    Ok(Json(detail.into()))
}
