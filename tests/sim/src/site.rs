//! The platform: the real router in this process over a real store in a folder, with its operator.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method as HttpMethod, Request as HttpRequest};
use grid_fieldbook::{Method, Request, Response};
use grid_hub::{CheckpointDraft, OrgDraft, PostDraft, WorkerDraft};
use grid_model::WorkerId;
use grid_model::terms::Role;
use grid_server::{LifeboatReport, PasswordCost, Platform, Settings};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::Trouble;
use crate::clock::{Now, SeededEntropy, SiteClock};

const PASSWORD: &str = "harbour-0713";
/// The two who dispatch and review.
const DESKS: [&str; 2] = ["d01", "d02"];

/// A backup that was proved.
#[derive(Clone, Debug)]
pub(crate) struct Proved {
    pub(crate) folder: PathBuf,
}

/// One platform with its folder, its clock and its supervisors.
pub(crate) struct Site {
    root: TempDir,
    /// Which data folder is served now; a restore makes a new one.
    lives: u32,
    pub(crate) clock: Arc<SiteClock>,
    entropy: Arc<SeededEntropy>,
    runtime: Runtime,
    served: Option<(Platform, Router)>,
    cookies: [String; 2],
    pub(crate) workers: Vec<(String, WorkerId)>,
    pub(crate) proved: Vec<Proved>,
    /// The database may not grow.
    full: bool,
}

/// What a request becomes on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    Whole,
    /// The connection breaks after this many bytes of the body.
    Cut(usize),
    /// A bit of the body at this place is flipped.
    Altered(usize),
}

impl Site {
    pub(crate) fn make(now: Now, seed: u64, workers: usize) -> Result<Self, Trouble> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Trouble::of)?;
        let mut site = Self {
            root: folder()?,
            lives: 0,
            clock: Arc::new(SiteClock {
                now,
                offset_ms: AtomicI64::new(0),
            }),
            entropy: Arc::new(SeededEntropy::new(seed ^ 0x517e)),
            runtime,
            served: None,
            cookies: Default::default(),
            workers: Vec::new(),
            proved: Vec::new(),
            full: false,
        };
        let platform =
            Platform::make(&site.data(), site.clock.clone(), site.settings()).map_err(Trouble::of)?;
        site.people(&platform, workers)?;
        let keys = site.root.path().join("keys.json");
        platform.admin().backup_keys(&keys).map_err(Trouble::of)?;
        site.serve(platform)?;
        Ok(site)
    }

    fn settings(&self) -> Settings {
        Settings {
            password_cost: PasswordCost::QUICK,
            entropy: self.entropy.clone(),
            store_pages_max: self.full.then_some(1),
        }
    }

    fn data(&self) -> PathBuf {
        self.root.path().join(format!("data-{}", self.lives))
    }

    /// How often the platform was put back.
    pub(crate) fn lives(&self) -> u32 {
        self.lives
    }

    /// The database of the platform, for whoever looks at it from outside.
    pub(crate) fn store(&self) -> PathBuf {
        self.data().join("hub.sqlite")
    }

    fn people(&mut self, platform: &Platform, workers: usize) -> Result<(), Trouble> {
        let admin = platform.admin();
        let org = OrgDraft {
            name: "大鹿岛边境派出所".to_owned(),
            parent: None,
            prefix: "DL".to_owned(),
        };
        let org = admin.create_org(&org).map_err(Trouble::of)?;
        admin.put_post(org, &post()).map_err(Trouble::of)?;
        let person = |job_no: &str, role, password| {
            let draft = WorkerDraft {
                org,
                name: job_no.to_lowercase(),
                display_name: job_no.to_owned(),
                job_no: job_no.to_owned(),
                role,
                post: None,
                password_hash: None,
            };
            admin.create_worker(draft, password).map_err(Trouble::of)
        };
        for desk in DESKS {
            person(&desk.to_uppercase(), Role::DutyOfficer, Some(PASSWORD))?;
        }
        for number in 0..workers {
            let job_no = format!("W{number:02}");
            let id = person(&job_no, Role::BorderOfficer, None)?;
            self.workers.push((job_no, id));
        }
        Ok(())
    }

    fn serve(&mut self, platform: Platform) -> Result<(), Trouble> {
        let router = platform.router().map_err(Trouble::of)?;
        self.served = Some((platform, router));
        if self.full {
            // Nobody can sign in: a session is a row, too.
            return Ok(());
        }
        for (desk, name) in DESKS.into_iter().enumerate() {
            self.cookies[desk] = self.sign_in(name)?;
        }
        Ok(())
    }

    fn platform(&self) -> Result<&Platform, Trouble> {
        self.served
            .as_ref()
            .map(|(platform, _)| platform)
            .ok_or(Trouble::Bug("the platform is not served"))
    }

    /// The ticket of a fresh code.
    pub(crate) fn ticket(&self, job_no: &str) -> Result<String, Trouble> {
        let issued = self
            .platform()?
            .admin()
            .issue_code(job_no, "http://127.0.0.1:8787", None)
            .map_err(Trouble::of)?;
        Ok(issued.ticket)
    }

    /// The process is gone and comes again over the same folder.
    pub(crate) fn crash(&mut self) -> Result<(), Trouble> {
        self.served = None;
        let platform =
            Platform::open(&self.data(), self.clock.clone(), self.settings()).map_err(Trouble::of)?;
        self.serve(platform)
    }

    /// The platform's disk is full from now on, or no more.
    pub(crate) fn fill(&mut self, full: bool) -> Result<(), Trouble> {
        self.full = full;
        self.crash()
    }

    /// Makes a backup and proves it.
    pub(crate) fn back_up(&mut self) -> Result<(), Trouble> {
        let store = self.root.path().join("backups");
        let admin = self.platform()?.admin();
        let made = admin.backup(&store).map_err(Trouble::of)?;
        let folder = store.join(&made.name);
        admin.verify_backup(&folder).map_err(Trouble::of)?;
        self.proved.push(Proved { folder });
        Ok(())
    }

    /// The disk is lost; what serves from now on was put back from this backup. Without its photos it is not put back: whether
    /// that was tried before.
    pub(crate) fn restore(&mut self, backup: &Path, without_photos: bool) -> Result<bool, Trouble> {
        self.served = None;
        let before = self.data();
        self.lives += 1;
        let keys = self.root.path().join("keys.json");
        let restored =
            || grid_server::restore(backup, &self.data(), Some(&keys), &*self.clock, &self.settings());
        let photos = backup.parent().unwrap_or(backup).join("blobs");
        let away = photos.with_extension("away");
        let has_photos = std::fs::read_dir(&photos).is_ok_and(|mut shelves| shelves.next().is_some());
        if without_photos && has_photos {
            std::fs::rename(&photos, &away).map_err(Trouble::of)?;
            let refused = restored().is_err();
            std::fs::rename(&away, &photos).map_err(Trouble::of)?;
            if !refused {
                return Err(Trouble::Broken(
                    "a backup was put back without its photos".to_owned(),
                ));
            }
        }
        restored().map_err(Trouble::of)?;
        std::fs::remove_dir_all(before).map_err(Trouble::of)?;
        let platform =
            Platform::open(&self.data(), self.clock.clone(), self.settings()).map_err(Trouble::of)?;
        self.serve(platform)?;
        Ok(without_photos && has_photos)
    }

    /// Takes in the lifeboat in a folder that was copied off a phone.
    pub(crate) fn take_lifeboat(&self, folder: &Path) -> Result<LifeboatReport, Trouble> {
        let taken = self.platform()?.admin().take_lifeboat(&[folder.to_owned()]);
        taken.map_err(Trouble::of)
    }

    /// Sets the platform's clock off the true time by this.
    pub(crate) fn set_off(&self, ms: i64) {
        self.clock.offset_ms.store(ms, Ordering::SeqCst);
    }

    /// Carries a phone's request to the router. `None`: the platform is down, or the connection broke before an answer.
    pub(crate) fn answer(&self, request: &Request, carried: Carried) -> Option<Response> {
        let (_, router) = self.served.as_ref()?;
        let mut built = HttpRequest::builder()
            .method(match request.method {
                Method::Head => HttpMethod::HEAD,
                Method::Post => HttpMethod::POST,
                Method::Patch => HttpMethod::PATCH,
            })
            .uri(&request.path)
            .header("content-length", request.body.len());
        for (name, value) in &request.headers {
            built = built.header(*name, value);
        }
        let body = match carried {
            Carried::Whole => Body::from(request.body.clone()),
            Carried::Cut(at) => broken(&request.body[..at.min(request.body.len())]),
            Carried::Altered(at) => {
                let mut body = request.body.clone();
                if let Some(byte) = body.get_mut(at) {
                    *byte ^= 0x10;
                }
                Body::from(body)
            }
        };
        let answer = self.send(router, built.body(body).ok()?)?;
        (!matches!(carried, Carried::Cut(_))).then_some(answer)
    }

    fn send(&self, router: &Router, request: HttpRequest<Body>) -> Option<Response> {
        self.runtime.block_on(async {
            let answer = router.clone().oneshot(request).await.ok()?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.ok()?.to_bytes().to_vec();
            let headers = parts.headers.iter();
            let headers =
                headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
            Some(Response {
                is_cut: false,
                status: parts.status.as_u16(),
                headers: headers.collect(),
                body,
            })
        })
    }

    fn sign_in(&self, name: &str) -> Result<String, Trouble> {
        let form = serde_json::json!({"name": name, "password": PASSWORD});
        let answer = self.told("/api/login", "", &form)?;
        let cookie = answer
            .header("set-cookie")
            .and_then(|cookie| cookie.split(';').next());
        cookie
            .map(str::to_owned)
            .ok_or(Trouble::Bug("a log-in without a cookie"))
    }

    fn told(&self, path: &str, cookie: &str, told: &Value) -> Result<Response, Trouble> {
        let (_, router) = self
            .served
            .as_ref()
            .ok_or(Trouble::Bug("the platform is not served"))?;
        let request = HttpRequest::post(path)
            .header("x-grid-console", "1")
            .header("content-type", "application/json")
            .header("cookie", cookie)
            .body(Body::from(told.to_string()))
            .map_err(Trouble::of)?;
        self.send(router, request)
            .ok_or(Trouble::Bug("the console got no answer"))
    }

    /// What the first desk sees at a path.
    pub(crate) fn seen(&mut self, path: &str) -> Result<Value, Trouble> {
        let mut answer = self.got(path)?;
        if answer.status == 401 {
            self.cookies[0] = self.sign_in(DESKS[0])?;
            answer = self.got(path)?;
        }
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    fn got(&self, path: &str) -> Result<Response, Trouble> {
        let (_, router) = self
            .served
            .as_ref()
            .ok_or(Trouble::Bug("the platform is not served"))?;
        let request = HttpRequest::get(path)
            .header("cookie", &self.cookies[0])
            .body(Body::empty())
            .map_err(Trouble::of)?;
        self.send(router, request)
            .ok_or(Trouble::Bug("the console got no answer"))
    }

    /// A supervisor tells the platform something; status and what came back. A session that ended is begun anew.
    pub(crate) fn desk(&mut self, desk: usize, path: &str, told: &Value) -> Result<(u16, Value), Trouble> {
        let mut answer = self.told(path, &self.cookies[desk], told)?;
        if answer.status == 401 {
            self.cookies[desk] = self.sign_in(DESKS[desk])?;
            answer = self.told(path, &self.cookies[desk], told)?;
        }
        let json = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        Ok((answer.status, json))
    }
}

/// A body whose connection breaks.
fn broken(arrived: &[u8]) -> Body {
    let arrived = Bytes::copy_from_slice(arrived);
    let gone = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Body::from_stream(futures_util::stream::iter([Ok(arrived), Err(gone)]))
}

/// In memory where there is a place for it: nobody cuts the platform's power here.
pub(crate) fn folder() -> Result<TempDir, Trouble> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        TempDir::new_in(memory)
    } else {
        TempDir::new()
    };
    made.map_err(Trouble::of)
}

fn post() -> PostDraft {
    let (lat_e7, lon_e7) = (397_512_345, 1_237_312_345);
    PostDraft {
        code: "DL-01".into(),
        name: "一号岗".into(),
        lat_e7,
        lon_e7,
        checkpoints: vec![CheckpointDraft {
            code: "DL-01-C1".into(),
            name: "灯塔".into(),
            lat_e7,
            lon_e7,
            radius_m: 50,
        }],
    }
}
