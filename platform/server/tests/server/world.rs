//! A platform in a temporary folder with a clock that the test turns, one station, and people in it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grid_hub::conformance::device::FakeDevice;
use grid_hub::{CheckpointDraft, OrgDraft, PostDraft, WorkerDraft};
use grid_model::terms::Role;
use grid_model::{OrgId, TaskId, WorkerId};
use grid_server::{Clock, PasswordCost, Platform, Settings};
use grid_wire::{Attachment, ExchangeResponse};
use grid_wire::{Refusal, enroll};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// 2026-01-14 10:00 in Shanghai, a Wednesday.
pub(crate) const START: i64 = 1_768_356_000_000;
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const DAY: i64 = 24 * 60 * MINUTE;
pub(crate) const PASSWORD: &str = "harbour-0713";
/// What the people of this world are called; a log that holds one of these is a fault.
pub(crate) const NAMES: [&str; 4] = ["值班员甲7731", "所长乙7732", "民警丙7733", "民警丁7734"];

/// A clock that stands still until it is turned.
#[derive(Clone)]
pub(crate) struct SimClock(Arc<AtomicI64>);

impl SimClock {
    pub(crate) fn pass(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for SimClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        password_cost: PasswordCost::QUICK,
        ..Settings::default()
    }
}

/// A platform, its people and its callers.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) clock: SimClock,
    pub(crate) platform: Platform,
    pub(crate) org: OrgId,
    pub(crate) workers: [WorkerId; 2],
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn refusal(&self) -> Refusal {
        grid_wire::exchange::refusal_from(&self.body).unwrap_or_else(|| panic!("no refusal: {self:?}"))
    }
}

impl World {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = SimClock(Arc::new(AtomicI64::new(START)));
        let platform = Platform::make(folder.path(), Arc::new(clock.clone()), settings()).unwrap();
        let admin = platform.admin();
        let org = OrgDraft {
            name: "大鹿岛边境派出所".to_owned(),
            parent: None,
            prefix: "DL".to_owned(),
        };
        let org = admin.create_org(&org).unwrap();
        admin.put_post(org, &post()).unwrap();
        let person = |index: usize, job_no: &str, role, password| {
            let draft = WorkerDraft {
                org,
                name: job_no.to_lowercase(),
                display_name: NAMES[index].to_owned(),
                job_no: job_no.to_owned(),
                role,
                post: None,
                password_hash: None,
            };
            admin.create_worker(draft, password).unwrap()
        };
        person(0, "D01", Role::DutyOfficer, Some(PASSWORD));
        person(1, "S01", Role::StationLeader, Some(PASSWORD));
        let workers = [
            person(2, "W01", Role::BorderOfficer, None),
            person(3, "W02", Role::BorderOfficer, None),
        ];
        let router = platform.router().unwrap();
        Self {
            folder,
            clock,
            platform,
            org,
            workers,
            router,
        }
    }

    /// The same people and the same clock over the platform that was put back into this folder.
    pub(crate) fn put_back(&self, folder: TempDir) -> Self {
        let clock = self.clock.clone();
        let platform = Platform::open(folder.path(), Arc::new(clock.clone()), settings()).unwrap();
        let router = platform.router().unwrap();
        Self {
            folder,
            clock,
            platform,
            org: self.org,
            workers: self.workers,
            router,
        }
    }

    /// Closes the platform and keeps its folder.
    pub(crate) fn close(self) -> TempDir {
        self.folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Answer {
        self.send(Request::post(path).body(body.into()).unwrap()).await
    }

    /// A device enrolled over HTTP for this job number.
    pub(crate) async fn enrol(&self, seed: u8, job_no: &str) -> FakeDevice {
        let mut device = FakeDevice::with_seed(seed);
        let issued = self
            .platform
            .admin()
            .issue_code(job_no, "http://127.0.0.1:8787", None)
            .unwrap();
        let answer = self.post("/v1/enroll", device.enrolment(&issued.code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        device.incarnation = Some(enroll::answer_from(&answer.body).unwrap().unwrap().incarnation);
        device
    }

    /// One exchange over HTTP with everything the device wrote.
    pub(crate) async fn sync(&self, device: &mut FakeDevice) -> ExchangeResponse {
        let entries = device.entries(1..=device.log.len() as u64);
        let request = device.request(&entries, |_| {});
        let answer = self.post("/v1/sync", request.to_bytes()).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let response = ExchangeResponse::from_bytes(&answer.body).unwrap().unwrap();
        device.cursor = response.page.next;
        response
    }

    /// Uploads an attachment in one piece.
    pub(crate) async fn upload(&self, grant: &str, attachment: &Attachment, bytes: &[u8]) {
        let text = |text: &str| STANDARD.encode(text);
        let metadata = format!(
            "sha256 {},mime {}",
            text(&attachment.sha256.to_string()),
            text(&attachment.mime)
        );
        let tus = |verb: &str, path: &str| {
            let request = Request::builder()
                .method(verb)
                .uri(path)
                .header("tus-resumable", "1.0.0");
            request.header("authorization", format!("Grid {grant}"))
        };
        let begin = tus("POST", "/v1/uploads")
            .header("upload-length", bytes.len())
            .header("upload-metadata", metadata);
        let begun = self.send(begin.body(Body::empty()).unwrap()).await;
        let put = tus("PATCH", begun.header("location")).header("upload-offset", "0");
        let put = put.header("content-type", "application/offset+octet-stream");
        assert_eq!(
            self.send(put.body(bytes.to_vec().into()).unwrap()).await.status,
            StatusCode::NO_CONTENT
        );
    }

    pub(crate) async fn login(&self, name: &str, password: &str) -> Answer {
        let form = serde_json::json!({"name": name, "password": password});
        self.send(told("/api/login", "", &form)).await
    }

    /// The session cookie of a supervisor.
    pub(crate) async fn sign_in(&self, name: &str) -> String {
        let answer = self.login(name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.header("set-cookie").split(';').next().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, cookie: &str, path: &str) -> Answer {
        self.send(
            Request::get(path)
                .header("cookie", cookie)
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// A GET that must succeed.
    pub(crate) async fn seen(&self, cookie: &str, path: &str) -> Value {
        let answer = self.get(cookie, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    }

    pub(crate) async fn tell(&self, cookie: &str, path: &str, told: &Value) -> Answer {
        self.send(self::told(path, cookie, told)).await
    }

    /// Dispatches a simple task to `W01` and answers how the console shows it.
    pub(crate) async fn dispatch(&self, cookie: &str) -> Value {
        let answer = self.tell(cookie, "/api/tasks", &draft(self.workers[0])).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }
}

pub(crate) fn id_of(task: &Value) -> TaskId {
    task["id"].as_str().unwrap().parse().unwrap()
}

pub(crate) fn told(path: &str, cookie: &str, told: &Value) -> Request<Body> {
    let request = Request::post(path)
        .header("x-grid-console", "1")
        .header("content-type", "application/json");
    request
        .header("cookie", cookie)
        .body(told.to_string().into())
        .unwrap()
}

pub(crate) fn draft(holder: WorkerId) -> Value {
    serde_json::json!({
        "title": "清理礁石渔网", "description": "东侧礁石挂网7741", "case_kind": "hazard", "level": "simple",
        "holder_id": holder.to_string(), "place_text": "一号码头7742",
    })
}

pub(crate) fn post() -> PostDraft {
    let (lat_e7, lon_e7) = (397_512_345, 1_237_312_345);
    let checkpoint = CheckpointDraft {
        code: "DL-01-C1".into(),
        name: "灯塔".into(),
        lat_e7,
        lon_e7,
        radius_m: 50,
    };
    PostDraft {
        code: "DL-01".into(),
        name: "一号岗".into(),
        lat_e7,
        lon_e7,
        checkpoints: vec![checkpoint],
    }
}
