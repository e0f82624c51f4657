//! Whether the process lives and whether it can do its work.

use axum::Json;
use axum::extract::State;
use grid_hub::store::PlatformRead as _;
use grid_hub::{HubError, HubStore as _};
use grid_hub_sqlite::SqliteStore;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Platform;
use crate::console::Problem;
use crate::fault::Fault;

/// All is well.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Well {
    /// Always `ok`.
    status: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health", responses((status = 200, body = Well)))]
pub(crate) async fn live() -> Json<Well> {
    Json(Well { status: "ok" })
}

/// The store and the blob folder can be written.
#[utoipa::path(get, path = "/health/ready", tag = "health", responses(
    (status = 200, body = Well),
    (status = 503, description = "The store or the blob folder cannot be written", body = crate::console::ProblemBody),
))]
pub(crate) async fn ready(State(platform): State<Platform>) -> Result<Json<Well>, Problem> {
    platform
        .blocking(|platform| {
            platform.hub().ready().map_err(Fault::from)?;
            writable(platform.hub().store()).map_err(Fault::from)?;
            platform.folder().blobs_writable().map_err(Fault::from)?;
            Ok(Json(Well { status: "ok" }))
        })
        .await
}

/// Takes the writer's turn and changes nothing.
fn writable(store: &SqliteStore) -> Result<(), HubError> {
    store.write(|tx| tx.platform().map(|_| ()))
}

/// Whether the store belongs to a platform already, so that new keys would lock it.
pub(crate) fn initialised(store: &SqliteStore) -> Result<bool, HubError> {
    store.read(|tx| Ok(tx.platform()?.is_some()))
}
