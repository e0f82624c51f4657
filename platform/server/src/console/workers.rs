//! People who can be given a task.

use axum::Json;
use axum::extract::State;
use grid_hub::views::WorkerView;
use grid_model::Coded as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reply;
use super::asked::{Asked, Slice};
use super::shapes::Listed;
use crate::Platform;
use crate::guard::SignedIn;

/// A person of this organisation or one below it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Worker {
    /// UUID.
    id: String,
    /// How the person is called.
    name: String,
    /// Job number.
    job_no: String,
    /// Role.
    role: String,
    /// Code of the post, for those who have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    post: Option<String>,
}

impl From<WorkerView> for Worker {
    fn from(view: WorkerView) -> Self {
        let WorkerView {
            id,
            name,
            job_no,
            role,
            post,
        } = view;
        Self {
            id: id.to_string(),
            name,
            job_no,
            role: role.name().into_owned(),
            post,
        }
    }
}

/// People who can be given a task.
#[utoipa::path(get, path = "/api/workers", tag = "console", params(Slice), responses((status = 200, body = Listed<Worker>)))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(slice): Asked<Slice>,
) -> Reply<Listed<Worker>> {
    let page = platform
        .ask(move |hub, now_ms| hub.workers(now_ms, &who, slice.page()))
        .await?;
    Ok(Json(Listed::of(page)))
}
