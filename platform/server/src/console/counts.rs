//! Counts: sums by kind, and the steps behind a sum.

use axum::Json;
use axum::extract::State;
use grid_hub::views::CountTotal as TotalView;
use grid_model::Coded as _;
use grid_model::terms::CountKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Slice, Which, coded, period};
use super::shapes::{CountEntry, Listed};
use super::{Problem, ProblemBody, Reply};
use crate::Platform;
use crate::guard::SignedIn;

/// Over which days.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CountsAsk {
    /// First day (Asia/Shanghai), such as `2026-01-12`; or an RFC 3339 time.
    from: Option<String>,
    /// Last day, itself included; or an RFC 3339 time, itself not included.
    to: Option<String>,
    /// How many to skip.
    #[param(default = 0)]
    offset: Option<u32>,
    /// How many at most; 500 is the largest.
    #[param(default = 50, maximum = 500)]
    limit: Option<u32>,
}

/// The sums.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountTotals {
    /// One for each kind that was counted.
    items: Vec<CountTotal>,
}

/// A sum of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountTotal {
    /// What is counted.
    count_kind: String,
    /// The unit a person reads beside it, such as 人次.
    unit: String,
    /// The sum.
    total: i64,
    /// How many steps made it.
    entries: u64,
}

impl From<TotalView> for CountTotal {
    fn from(view: TotalView) -> Self {
        let TotalView {
            count_kind,
            total,
            entries,
        } = view;
        Self {
            count_kind: count_kind.name().into_owned(),
            unit: count_kind.unit().to_owned(),
            total,
            entries,
        }
    }
}

/// Sums by kind. Person-times are not people.
#[utoipa::path(get, path = "/api/counts", tag = "console", params(
    ("from" = Option<String>, Query, description = "First day (Asia/Shanghai), such as `2026-01-12`; or an RFC 3339 time"),
    ("to" = Option<String>, Query, description = "Last day, itself included; or an RFC 3339 time, itself not included"),
), responses((status = 200, body = CountTotals), (status = 422, description = "invalid", body = ProblemBody)))]
pub(crate) async fn totals(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<CountsAsk>,
) -> Reply<CountTotals> {
    let period = period(ask.from.as_deref(), ask.to.as_deref())?;
    let totals = platform.ask(move |hub, _| hub.count_totals(&who, period)).await?;
    Ok(Json(CountTotals {
        items: totals.into_iter().map(CountTotal::from).collect(),
    }))
}

/// The steps behind a sum, newest first.
#[utoipa::path(get, path = "/api/counts/{kind}", tag = "console",
    params(("kind" = String, Path, description = "Name of the kind, such as `island_entry_check`"), CountsAsk),
    responses((status = 200, body = Listed<CountEntry>), (status = 404, body = ProblemBody), (status = 422, body = ProblemBody)))]
pub(crate) async fn entries(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Which(kind): Which<String>,
    Asked(ask): Asked<CountsAsk>,
) -> Reply<Listed<CountEntry>> {
    let kind: CountKind = coded("count_kind", Some(&kind))
        .ok()
        .flatten()
        .ok_or_else(Problem::not_found)?;
    let (period, slice) = (
        period(ask.from.as_deref(), ask.to.as_deref())?,
        Slice {
            offset: ask.offset,
            limit: ask.limit,
        },
    );
    let page = platform
        .ask(move |hub, now_ms| hub.count_entries(now_ms, &who, kind, period, slice.page()))
        .await?;
    Ok(Json(Listed::of(page)))
}
