//! Signing in and out.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use grid_hub::{Login, LoginOutcome, Session};
use grid_model::Coded as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asked::Told;
use super::{Named, Problem, ProblemBody, Reply, cookie};
use crate::guard::{Connection, SignedIn};
use crate::{Platform, password};

/// What is typed to sign in.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LoginForm {
    /// The name the administrator gave.
    name: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
}

/// The person who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// UUID.
    id: String,
    /// The name typed to sign in.
    name: String,
    /// How the person is called.
    display_name: String,
    /// `duty_officer` or `station_leader`.
    role: String,
    /// The organisation whose subtree is seen.
    org: Named,
}

/// Nothing to say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {}

/// Signs in; the session comes as a cookie that no script can read.
#[utoipa::path(
    post, path = "/api/login", tag = "session", request_body = LoginForm,
    params(("x-grid-console" = String, Header, description = "`1`")),
    responses(
        (status = 200, body = Me),
        (status = 401, description = "wrong_login", body = ProblemBody),
        (status = 429, description = "try_later", body = ProblemBody),
    ))]
pub(crate) async fn login(State(platform): State<Platform>, request: Request) -> Result<Response, Problem> {
    let tls = tls(&request);
    let Told(form) = <Told<LoginForm> as axum::extract::FromRequest<()>>::from_request(request, &()).await?;
    match sign_in(&platform, form).await? {
        LoginOutcome::In(login) => Ok(welcome(login, tls, platform.now_ms())),
        LoginOutcome::Wrong => Err(Problem::wrong_login()),
        LoginOutcome::TryLater { retry_after_s } => Err(Problem::wait_to_log_in(retry_after_s)),
    }
}

/// Ends the session.
#[utoipa::path(
    post, path = "/api/logout", tag = "session",
    params(("x-grid-console" = String, Header, description = "`1`")),
    responses((status = 200, body = Done)))]
pub(crate) async fn logout(State(platform): State<Platform>, request: Request) -> Result<Response, Problem> {
    if let Some(token) = cookie::token(request.headers()) {
        platform.ask(move |hub, _| hub.logout(&token)).await?;
    }
    Ok((
        [(header::SET_COOKIE, cookie::taken_away(tls(&request)))],
        Json(Done {}),
    )
        .into_response())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/me", tag = "session", responses(
    (status = 200, body = Me),
    (status = 401, description = "signed_out", body = ProblemBody),
))]
pub(crate) async fn me(SignedIn(session): SignedIn) -> Reply<Me> {
    Ok(Json(session.into()))
}

/// Password checks take memory on purpose, so only a few run at one time; others wait their turn.
async fn sign_in(platform: &Platform, form: LoginForm) -> Result<LoginOutcome, Problem> {
    if form.password.len() > password::BYTES_MAX {
        return Ok(LoginOutcome::Wrong);
    }
    let _turn = platform.password_checks().acquire().await;
    platform
        .blocking(move |platform| {
            let fits = |stored: Option<&str>| platform.passwords().fits(&form.password, stored);
            let outcome = platform.hub().login(platform.now_ms(), &form.name, fits);
            outcome.map_err(|error| crate::fault::Fault::from(error).into())
        })
        .await
}

fn welcome(login: Login, tls: bool, now_ms: i64) -> Response {
    let lasts_s = (login.session.expires_at_ms - now_ms).max(0) / 1000;
    let given = cookie::given(&login.token, tls, lasts_s);
    ([(header::SET_COOKIE, given)], Json(Me::from(login.session))).into_response()
}

fn tls(request: &Request) -> bool {
    request
        .extensions()
        .get::<Connection>()
        .is_some_and(|connection| connection.tls)
}

impl From<Session> for Me {
    fn from(session: Session) -> Self {
        Self {
            id: session.worker.to_string(),
            name: session.name,
            display_name: session.display_name,
            role: session.role.name().into_owned(),
            org: Named {
                id: session.org.to_string(),
                name: session.org_name,
            },
        }
    }
}
