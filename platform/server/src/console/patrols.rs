//! Patrols: the list, and one with its track, its silences and what was recorded on it.

mod shapes;

use axum::Json;
use axum::extract::State;
use grid_hub::views::{PatrolQuery, Period};
use grid_model::PatrolId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::asked::{Asked, Slice, Which};
use super::shapes::Listed;
use super::{Problem, ProblemBody, Reply};
use crate::Platform;
use crate::guard::SignedIn;

pub(crate) use shapes::{PatrolDetail, PatrolSummary};

/// Which patrols.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PatrolsAsk {
    /// Only those of this post: its code.
    post: Option<String>,
    /// Only those that started on this day (Asia/Shanghai), such as `2026-01-14`.
    day: Option<String>,
    /// How many to skip.
    #[param(default = 0)]
    offset: Option<u32>,
    /// How many at most; 500 is the largest.
    #[param(default = 50, maximum = 500)]
    limit: Option<u32>,
}

impl PatrolsAsk {
    fn query(self) -> Result<PatrolQuery, Problem> {
        let wrong = || {
            Problem::field(
                "day",
                "应为 2026-01-14 这样的日期；请重新选择。",
                "must be a day such as 2026-01-14; choose it again.",
            )
        };
        let day = self.day.filter(|day| !day.is_empty());
        let period = day
            .map(|day| Period::civil_day(&day).ok_or_else(wrong))
            .transpose()?;
        let page = Slice {
            offset: self.offset,
            limit: self.limit,
        }
        .page();
        Ok(PatrolQuery {
            post: self.post.filter(|post| !post.is_empty()),
            period,
            page,
        })
    }
}

/// Patrols of this subtree, newest first.
#[utoipa::path(get, path = "/api/patrols", tag = "console", params(PatrolsAsk), responses(
    (status = 200, body = Listed<PatrolSummary>),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<PatrolsAsk>,
) -> Reply<Listed<PatrolSummary>> {
    let query = ask.query()?;
    let page = platform
        .ask(move |hub, now_ms| hub.patrols(now_ms, &who, &query))
        .await?;
    Ok(Json(Listed::of(page)))
}

/// One patrol with its track. The access is logged by the hub: a track is a person's.
#[utoipa::path(get, path = "/api/patrols/{id}", tag = "console", params(("id" = String, Path, description = "UUID")), responses(
    (status = 200, body = PatrolDetail),
    (status = 404, description = "not_found", body = ProblemBody),
))]
pub(crate) async fn one(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(patrol): Which<PatrolId>,
) -> Reply<PatrolDetail> {
    let detail = platform
        .desk(move |hub, now_ms| hub.patrol(now_ms, &who, patrol))
        .await?;
    Ok(Json(detail.into()))
}
