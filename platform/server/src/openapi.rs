//! The API's own description, made from the code of its handlers: OpenAPI 3.1.

use axum::Json;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::{OpenApi, ToSchema};

use crate::console::{
    attachments, cases, counts, devices, extensions, login, outline, patrols, records, tasks, workers,
};
use crate::{device, health, upload};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Grid Fieldbook platform",
        description = "Device API under `/v1` (binary frames of grid-wire, tus 1.0 uploads), console API under `/api` (JSON, cookie session). \
                       Times are RFC 3339 in UTC with milliseconds, ids are UUIDs, hashes are SHA-256 in lower-case hex. Fields that say nothing are absent."
    ),
    tags(
        (name = "device", description = "What field books call"),
        (name = "session", description = "Signing in and out"),
        (name = "console", description = "What supervisors see and decide"),
        (name = "health", description = "For whoever keeps the server running"),
    ),
    paths(
        device::enroll, device::sync, device::lifeboat,
        upload::abilities, upload::begin, upload::standing, upload::take, upload::end,
        login::login, login::logout, login::me,
        tasks::list, tasks::one, tasks::dispatch, tasks::review, tasks::recall, tasks::restore,
        extensions::list, extensions::answer,
        workers::list, attachments::bytes, cases::list, patrols::list, patrols::one, outline::map,
        counts::totals, counts::entries, devices::list, records::list, records::conflicts,
        description, health::live, health::ready,
    )
)]
struct Description;

/// Bytes as they are: what JSON Schema has no word for.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "only its schema is used")]
pub(crate) struct Octets(Vec<u8>);

/// The whole description; what each operation says about its callers comes from the routes' own declarations.
pub(crate) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Description::openapi();
    let components = document.components.get_or_insert_default();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("grid_session")));
    components.add_security_scheme("session", cookie);
    let grant = ApiKeyValue::with_description(
        "Authorization",
        "`Grid ` and the `upload_grant` of the last exchange",
    );
    components.add_security_scheme("grant", SecurityScheme::ApiKey(ApiKey::Header(grant)));
    crate::router::describe_access(&mut document);
    document
}

/// This description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "health", responses((status = 200, description = "OpenAPI 3.1", body = Object)))]
pub(crate) async fn description() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_description_is_the_one_we_agreed_on() {
        let text = document().to_pretty_json().expect("a description");
        insta::assert_snapshot!("openapi", text);
    }

    /// Both ways: no route without a description, no description without a route.
    #[test]
    fn every_declared_route_is_described_and_nothing_else() {
        let document = serde_json::to_value(document()).expect("a description");
        assert_eq!(document["openapi"], "3.1.0");
        let paths = document["paths"].as_object().expect("paths");
        let described: BTreeSet<_> = paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object()
                    .into_iter()
                    .flat_map(|item| item.keys())
                    .map(move |verb| format!("{} {path}", verb.to_uppercase()))
            })
            .collect();
        let declared: BTreeSet<_> = crate::router::routes()
            .iter()
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        assert_eq!(described, declared);
    }
}
