//! Cases born on phones.

use axum::Json;
use axum::extract::State;
use grid_hub::views::{CaseQuery, CaseSummary as CaseView, MilestoneView};
use grid_model::Coded as _;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asked::{Asked, Slice, coded};
use super::shapes::Listed;
use super::{Named, ProblemBody, Reply};
use crate::Platform;
use crate::guard::SignedIn;
use crate::time::rfc3339;

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CasesAsk {
    /// Only those of this kind.
    case_kind: Option<String>,
    /// How many to skip.
    #[param(default = 0)]
    offset: Option<u32>,
    /// How many at most; 500 is the largest.
    #[param(default = 50, maximum = 500)]
    limit: Option<u32>,
}

/// A case in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseSummary {
    /// UUID.
    id: String,
    /// Human number.
    no: String,
    /// Kind of matter.
    case_kind: String,
    /// Title.
    title: String,
    /// Where, in words.
    place_text: String,
    /// Who reported it.
    reporter: Named,
    /// When, by the best evidence. RFC 3339.
    reported_at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
    /// When the platform received it. RFC 3339.
    received_at: String,
    /// A call for help.
    urgent: bool,
    /// Steps of the call, in their order of time.
    milestones: Vec<MilestoneAt>,
    /// How many reports it has.
    reports: u32,
    /// Photos that its records name.
    photos_expected: u32,
    /// Those whose bytes are here.
    photos_here: u32,
}

/// A step of an urgent call.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MilestoneAt {
    /// Which step.
    milestone: String,
    /// When, by the best evidence. RFC 3339.
    at: String,
    /// How far that time can be believed: anchored, inherited, suspect, server.
    clock: String,
}

impl From<MilestoneView> for MilestoneAt {
    fn from(view: MilestoneView) -> Self {
        Self {
            milestone: view.milestone.name().into_owned(),
            at: rfc3339(view.at_ms),
            clock: view.clock.name().into_owned(),
        }
    }
}

impl From<CaseView> for CaseSummary {
    fn from(view: CaseView) -> Self {
        Self {
            id: view.id.to_string(),
            no: view.no,
            case_kind: view.case_kind.name().into_owned(),
            title: view.title,
            place_text: view.place_text,
            reporter: view.reporter.into(),
            reported_at: rfc3339(view.reported_at_ms),
            clock: view.clock.name().into_owned(),
            received_at: rfc3339(view.received_at_ms),
            urgent: view.urgent,
            milestones: view.milestones.into_iter().map(MilestoneAt::from).collect(),
            reports: view.reports,
            photos_expected: view.photos_expected,
            photos_here: view.photos_here,
        }
    }
}

/// Cases born on phones, newest first.
#[utoipa::path(get, path = "/api/cases", tag = "console", params(CasesAsk), responses(
    (status = 200, body = Listed<CaseSummary>),
    (status = 422, description = "invalid", body = ProblemBody),
))]
pub(crate) async fn list(
    State(platform): State<Platform>,
    SignedIn(who): SignedIn,
    Asked(ask): Asked<CasesAsk>,
) -> Reply<Listed<CaseSummary>> {
    let page = Slice {
        offset: ask.offset,
        limit: ask.limit,
    }
    .page();
    let query = CaseQuery {
        case_kind: coded("case_kind", ask.case_kind.as_deref())?,
        page,
    };
    let page = platform
        .ask(move |hub, now_ms| hub.cases(now_ms, &who, &query))
        .await?;
    Ok(Json(Listed::of(page)))
}
