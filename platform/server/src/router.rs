//! Everything the platform answers, and to whom: the table of contents of the server.

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use grid_model::limits::BATCH_BYTES_MAX;
use grid_model::terms::Role;
use grid_wire::lifeboat::SEGMENT_BYTES_MAX;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;

use crate::console::{
    attachments, cases, counts, devices, extensions, login, outline, patrols, records, tasks, workers,
};
use crate::guard::{Access, Routes, Undeclared, delete, get, head, options, patch, post};
use crate::{Platform, device, headers, health, openapi, pages, upload};

/// A header of at most 64 KiB before the batch, and its length.
const SYNC_BYTES_MAX: usize = BATCH_BYTES_MAX + 64 * 1024 + 8;
const ENROLL_BYTES_MAX: usize = 8 * 1024;

const LIVENESS: Access = Access::Open("whoever watches the process has no account; it says nothing but ok");
const SIGNING_IN: Access = Access::Open("who signs in has no session yet; tries are counted for each name");
const SIGNING_OUT: Access = Access::Open("ending a session that is over already is no fault");
const API: Access = Access::Open("the shape of the API is no secret and holds no content");
const ABILITIES: Access =
    Access::Open("tus clients ask before they authenticate; it names version and limits only");

/// Both roles may look, for this purpose.
const fn reads(purpose: &'static str) -> Access {
    Access::Console {
        roles: &[Role::DutyOfficer, Role::StationLeader],
        purpose,
    }
}

/// Only the duty officer may, for this purpose.
const fn duty(purpose: &'static str) -> Access {
    Access::Console {
        roles: &[Role::DutyOfficer],
        purpose,
    }
}

/// The routes. One without `.access(…)` keeps the platform from starting.
#[rustfmt::skip]
pub(crate) fn routes() -> Routes {
    Routes::of([
        // Devices.
        post("/v1/enroll", device::enroll).access(Access::Enrolling).body_bytes_max(ENROLL_BYTES_MAX),
        post("/v1/sync", device::sync).access(Access::Device).body_bytes_max(SYNC_BYTES_MAX),
        post("/v1/lifeboat", device::lifeboat).access(Access::Device).body_bytes_max(SEGMENT_BYTES_MAX),
        options("/v1/uploads", upload::abilities).access(ABILITIES),
        post("/v1/uploads", upload::begin).access(Access::UploadGrant),
        head("/v1/uploads/{upload}", upload::standing).access(Access::UploadGrant),
        patch("/v1/uploads/{upload}", upload::take).access(Access::UploadGrant),
        delete("/v1/uploads/{upload}", upload::end).access(Access::UploadGrant),
        // Signing in and out.
        post("/api/login", login::login).access(SIGNING_IN),
        post("/api/logout", login::logout).access(SIGNING_OUT),
        get("/api/me", login::me).access(reads("to show who is signed in")),
        // Tasks.
        get("/api/tasks", tasks::list).access(reads("to see which tasks need a decision")),
        post("/api/tasks", tasks::dispatch).access(duty("to give a task to a holder")),
        get("/api/tasks/{id}", tasks::one).access(reads("to follow one task")),
        post("/api/tasks/{id}/review", tasks::review).access(reads("to close a task or send it back")),
        post("/api/tasks/{id}/recall", tasks::recall).access(duty("to take a task back")),
        post("/api/tasks/{id}/restore", tasks::restore).access(duty("to let a late report count")),
        get("/api/extensions", extensions::list).access(reads("to see who asks for more time")),
        post("/api/tasks/{id}/extension", extensions::answer).access(reads("to give more time or to refuse it")),
        get("/api/workers", workers::list).access(reads("to choose a holder")),
        get("/api/attachments/{sha256}", attachments::bytes).access(reads("to see what a report shows")),
        // What the field found and did.
        get("/api/cases", cases::list).access(reads("to learn of matters found in the field")),
        get("/api/patrols", patrols::list).access(reads("to plan patrols")),
        get("/api/patrols/{id}", patrols::one).access(reads("to look at one patrol")),
        get("/api/outline", outline::map).access(reads("to draw the map")),
        get("/api/counts", counts::totals).access(reads("to report sums")),
        get("/api/counts/{kind}", counts::entries).access(reads("to explain a sum")),
        // Care and export.
        get("/api/devices", devices::list).access(reads("to help a phone that is silent")),
        get("/api/records", records::list).access(reads("to export the change log")),
        get("/api/conflicts", records::conflicts).access(reads("to compare two records under one number")),
        get("/api/openapi.json", openapi::description).access(API),
        // Health.
        get("/health/live", health::live).access(LIVENESS),
        get("/health/ready", health::ready).access(LIVENESS),
    ])
}

/// The router: the routes, the console's pages for everything else, and the headers that every answer carries.
pub(crate) fn router(platform: &Platform) -> Result<Router, Undeclared> {
    let router = routes().build(platform)?.fallback(pages::page);
    Ok(router
        .layer(from_fn_with_state(platform.clone(), headers::add))
        .with_state(platform.clone()))
}

/// Writes who may call into the description of each operation, and gives each a name of its own.
pub(crate) fn describe_access(document: &mut OpenApi) {
    let routes = routes();
    for route in routes.iter() {
        let operation = document
            .paths
            .paths
            .get_mut(route.path)
            .and_then(|item| operation(item, &route.method));
        let (Some(operation), Some(access)) = (operation, route.access) else {
            continue;
        };
        operation.operation_id = Some(operation_name(&route.method, route.path));
        operation.description = Some(access.describe());
        operation.security = match access {
            Access::Console { .. } => Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(
                "session",
                [],
            )]),
            Access::UploadGrant => Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("grant", [])]),
            Access::Open(_) | Access::Device | Access::Enrolling => None,
        };
    }
}

fn operation<'d>(item: &'d mut PathItem, method: &Method) -> Option<&'d mut Operation> {
    let operation = match method.as_str() {
        "GET" => &mut item.get,
        "POST" => &mut item.post,
        "HEAD" => &mut item.head,
        "PATCH" => &mut item.patch,
        "DELETE" => &mut item.delete,
        "OPTIONS" => &mut item.options,
        _ => return None,
    };
    operation.as_mut()
}

/// `post_api_tasks_id_review` for `POST /api/tasks/{id}/review`.
fn operation_name(method: &Method, path: &str) -> String {
    let words = path
        .split(['/', '.'])
        .map(|word| word.trim_matches(['{', '}']))
        .filter(|word| !word.is_empty());
    words.fold(method.as_str().to_lowercase(), |name, word| {
        format!("{name}_{word}")
    })
}
