//! What a request asks, read so that a fault is answered in the API's own words.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use grid_hub::views::{PageAsk, Period};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::Problem;
use crate::{body, time};

/// The query of the address.
pub(crate) struct Asked<T>(pub(crate) T);

/// An id or a name in the path; anything that is none names nothing.
pub(crate) struct Which<T>(pub(crate) T);

/// The JSON of the body.
pub(crate) struct Told<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(asked)| Self(asked))
            .map_err(|error| Problem::malformed(&error.body_text()))
    }
}

impl<S: Sync + Send, T: std::str::FromStr> FromRequestParts<S> for Which<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let named = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found())?;
        named.parse().map(Self).map_err(|_| Problem::not_found())
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Told<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = body::whole(request).await?;
        // A serde message names fields and types of the API, never what was typed into them, except for unknown words.
        Json::from_bytes(&bytes)
            .map(|Json(told)| Self(told))
            .map_err(|error| Problem::malformed(&error.body_text()))
    }
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Slice {
    /// How many to skip.
    #[param(default = 0)]
    pub(crate) offset: Option<u32>,
    /// How many at most; 500 is the largest.
    #[param(default = 50, maximum = 500)]
    pub(crate) limit: Option<u32>,
}

impl Slice {
    pub(crate) fn page(self) -> PageAsk {
        let usual = PageAsk::default();
        PageAsk {
            offset: self.offset.unwrap_or(usual.offset),
            limit: self.limit.unwrap_or(usual.limit),
        }
        .bounded()
    }
}

/// The period between two days of Asia/Shanghai, both of them in it, or between two RFC 3339 times, the second not in it.
pub(crate) fn period(from: Option<&str>, to: Option<&str>) -> Result<Period, Problem> {
    let wrong = |field| {
        Problem::field(
            field,
            "应为 2026-01-14 这样的日期；请重新选择。",
            "must be a day such as 2026-01-14; choose it again.",
        )
    };
    let bound = |text: &str| match Period::civil_day(text) {
        Some(day) => Some((day.from_ms, day.to_ms)),
        None => time::from_rfc3339(text).map(|at_ms| (at_ms, at_ms)),
    };
    let from_ms = from.map_or(Ok(Period::ALWAYS.from_ms), |text| {
        bound(text).map(|(start, _)| start).ok_or_else(|| wrong("from"))
    })?;
    let to_ms = to.map_or(Ok(Period::ALWAYS.to_ms), |text| {
        bound(text).map(|(_, end)| end).ok_or_else(|| wrong("to"))
    })?;
    Ok(Period { from_ms, to_ms })
}

/// The value of a name in a query, or a problem that names the field.
pub(crate) fn coded<T: grid_model::Coded>(field: &str, name: Option<&str>) -> Result<Option<T>, Problem> {
    let wrong = || {
        Problem::field(
            field,
            "没有这个选项；请重新选择。",
            "has no such choice; choose again.",
        )
    };
    name.filter(|name| !name.is_empty())
        .map(|name| T::from_name(name).ok_or_else(wrong))
        .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_days_holds_its_last_day() {
        let Ok(week) = period(Some("2026-01-12"), Some("2026-01-18")) else {
            panic!("a range")
        };
        assert_eq!(week.to_ms - week.from_ms, 7 * 24 * 3600 * 1000);
        assert_eq!(period(None, None), Ok(Period::ALWAYS));
        assert_eq!(
            period(Some("yesterday"), None).unwrap_err().said(),
            (422, "invalid", Some("from"))
        );
    }
}
