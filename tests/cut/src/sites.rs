//! The platform of a run: in this process, on a real port, over a data folder.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use grid_hub::{CheckpointDraft, OrgDraft, PostDraft, TaskImport, WorkerDraft};
use grid_model::terms::{CaseKind, Level, Role};
use grid_server::{PasswordCost, Platform, Settings, StartError, TlsIdentity};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Trouble;
use crate::time::{START_MS, SeededEntropy, Time};

/// Job number of the person who works in the field.
pub(crate) const WORKER: &str = "W01";
/// Code of his post.
pub(crate) const POST: &str = "DL-01";
/// Job number of who dispatches.
pub(crate) const DESK: &str = "D01";

/// Threads of a run that serve; the phone has its own.
pub(crate) fn runtime() -> Result<Runtime, Trouble> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Trouble::of)
}

/// In memory where there is a place for it: nobody cuts the power here.
pub(crate) fn folder() -> Result<TempDir, Trouble> {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() {
        TempDir::new_in(memory)
    } else {
        TempDir::new()
    };
    made.map_err(Trouble::of)
}

/// Copies a folder that nobody has open.
pub fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(to).map_err(Trouble::of)?;
    for entry in fs::read_dir(from).map_err(Trouble::of)? {
        let entry = entry.map_err(Trouble::of)?;
        let place = to.join(entry.file_name());
        if entry.file_type().map_err(Trouble::of)?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), &place).map_err(Trouble::of)?;
        }
    }
    Ok(())
}

/// A platform that answers until it is stopped.
pub(crate) struct Site {
    pub(crate) platform: Platform,
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), StartError>>,
}

impl Site {
    /// Makes a platform with a station, a post, a worker and a task for him, and serves it.
    pub(crate) fn make(
        runtime: &Runtime,
        folder: &Path,
        time: &Arc<Time>,
        seed: u64,
    ) -> Result<Self, Trouble> {
        Self::serve(runtime, made(folder, time, seed)?, None)
    }

    /// The same over TLS, with an authority made for it.
    pub(crate) fn make_tls(
        runtime: &Runtime,
        folder: &Path,
        time: &Arc<Time>,
        seed: u64,
    ) -> Result<Self, Trouble> {
        let platform = made(folder, time, seed)?;
        let admin = platform.admin();
        admin
            .make_authority(&["127.0.0.1".to_owned()])
            .map_err(Trouble::of)?;
        let identity = admin.tls_identity().map_err(Trouble::of)?;
        Self::serve(runtime, platform, Some(identity))
    }

    /// Serves the platform that is in a folder.
    pub(crate) fn open(
        runtime: &Runtime,
        folder: &Path,
        time: &Arc<Time>,
        seed: u64,
    ) -> Result<Self, Trouble> {
        let platform = Platform::open(folder, time.clone(), settings(seed)).map_err(Trouble::of)?;
        Self::serve(runtime, platform, None)
    }

    fn serve(runtime: &Runtime, platform: Platform, tls: Option<TlsIdentity>) -> Result<Self, Trouble> {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = runtime.block_on(grid_server::listen(any)).map_err(Trouble::of)?;
        let address = listener.local_addr().map_err(Trouble::of)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = platform.clone();
        let serving = runtime.spawn(async move {
            let until = async { stopped.await.unwrap_or_default() };
            serving.serve(listener, tls, until).await
        });
        Ok(Self {
            platform,
            address,
            stop,
            serving,
        })
    }

    /// Lets running requests finish and stops.
    pub(crate) fn stop(self, runtime: &Runtime) -> Result<(), Trouble> {
        // Nobody hears it when the platform has ended by itself; joining tells why.
        let _ = self.stop.send(());
        let ended = runtime.block_on(self.serving).map_err(Trouble::of)?;
        ended.map_err(Trouble::of)
    }
}

/// A platform with a station, a post, a worker and a task for him.
fn made(folder: &Path, time: &Arc<Time>, seed: u64) -> Result<Platform, Trouble> {
    let platform = Platform::make(folder, time.clone(), settings(seed)).map_err(Trouble::of)?;
    people(&platform)?;
    Ok(platform)
}

fn settings(seed: u64) -> Settings {
    Settings {
        password_cost: PasswordCost::QUICK,
        entropy: Arc::new(SeededEntropy::new(seed ^ 0x517e)),
        ..Settings::default()
    }
}

fn people(platform: &Platform) -> Result<(), Trouble> {
    let admin = platform.admin();
    let org = OrgDraft {
        name: "大鹿岛边境派出所".to_owned(),
        parent: None,
        prefix: "DL".to_owned(),
    };
    let org = admin.create_org(&org).map_err(Trouble::of)?;
    admin.put_post(org, &post()).map_err(Trouble::of)?;
    for (job_no, role) in [(DESK, Role::DutyOfficer), (WORKER, Role::BorderOfficer)] {
        let draft = WorkerDraft {
            org,
            name: job_no.to_lowercase(),
            display_name: job_no.to_owned(),
            job_no: job_no.to_owned(),
            role,
            post: None,
            password_hash: None,
        };
        admin.create_worker(draft, None).map_err(Trouble::of)?;
    }
    let task = TaskImport {
        no: None,
        title: "渔网堵住了东码头".to_owned(),
        description: String::new(),
        case_kind: CaseKind::Environment,
        level: Level::General,
        holder_job_no: WORKER.to_owned(),
        grid_code: None,
        place_text: "东码头".to_owned(),
        dispatched_at_ms: START_MS,
        due_at_ms: None,
    };
    let taken = platform.hub().import_tasks(START_MS, DESK, &[task]);
    taken.map_err(Trouble::of)?.map_err(Trouble::of)?;
    Ok(())
}

fn post() -> PostDraft {
    let (lat_e7, lon_e7) = (397_512_345, 1_237_312_345);
    PostDraft {
        code: POST.to_owned(),
        name: "一号岗".to_owned(),
        lat_e7,
        lon_e7,
        checkpoints: vec![CheckpointDraft {
            code: "DL-01-C1".to_owned(),
            name: "灯塔".to_owned(),
            lat_e7,
            lon_e7,
            radius_m: 50,
        }],
    }
}
