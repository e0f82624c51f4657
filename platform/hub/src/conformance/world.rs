//! A small world: one station with a desk, two workers, and a clock that the test turns.

use std::sync::Mutex;

use grid_model::deadline::WorkCalendar;
use grid_model::terms::{CaseKind, Level, Role};
use grid_model::{OrgId, TaskId, WorkerId};
use grid_vault::sha256;

use super::device::FakeDevice;
use super::{must, there};
use crate::views::{Session, TaskDetail, TaskDraft};
use crate::{
    Entropy, Hub, HubError, HubSettings, HubStore, LoginOutcome, OrgDraft, PlatformKeys, WorkerDraft,
};

/// Where a test's enrolments come from, unless it says otherwise.
pub const HERE: &str = "here";
/// One minute, ms.
pub const MINUTE: i64 = 60_000;
/// One day, ms.
pub const DAY: i64 = 24 * 60 * MINUTE;
/// When the world begins: 2026-01-14 10:00 in Shanghai, a Wednesday.
pub const START: i64 = 1_768_356_000_000;

/// Random bytes that are the same in every run.
pub struct SeededEntropy(Mutex<u64>);

impl SeededEntropy {
    /// The stream named by `seed`.
    pub const fn of(seed: u64) -> Self {
        Self(Mutex::new(seed << 32))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), HubError> {
        let mut count = self.0.lock().map_err(|_| HubError::Bug("a poisoned lock"))?;
        for piece in bytes.chunks_mut(32) {
            *count += 1;
            piece.copy_from_slice(&sha256(&count.to_be_bytes()).bytes()[..piece.len()]);
        }
        Ok(())
    }
}

/// A hub over the store under test, with people in it.
pub struct World<S> {
    /// The hub under test.
    pub hub: Hub<S>,
    /// The clock, UTC ms.
    pub now: i64,
    /// The station.
    pub org: OrgId,
    /// A worker, job number `W01`.
    pub worker: WorkerId,
    /// Another worker, job number `W02`.
    pub other: WorkerId,
    /// The duty officer's session.
    pub desk: Session,
    made: u8,
}

impl<S: HubStore> World<S> {
    /// The world over an empty store.
    pub fn over(store: S) -> Self {
        let hub = hub_over(store);
        let draft = OrgDraft {
            name: "大鹿岛边境派出所".to_owned(),
            parent: None,
            prefix: "DL".to_owned(),
        };
        let org = must(must(hub.create_org(START, &draft)));
        let person = |job_no: &str, role| must(must(hub.create_worker(START, &person(org, job_no, role))));
        let worker = person("W01", Role::BorderOfficer);
        let other = person("W02", Role::BorderOfficer);
        person("D01", Role::DutyOfficer);
        let desk = sign_in(&hub, START, "D01");
        Self {
            hub,
            now: START,
            org,
            worker,
            other,
            desk,
            made: 0,
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: i64) {
        self.now += ms;
    }

    /// Enrols a new device for this job number.
    pub fn enrol(&mut self, job_no: &str) -> FakeDevice {
        self.made += 1;
        let mut device = FakeDevice::with_seed(self.made);
        let code = must(must(self.hub.issue_code(self.now, job_no, None))).code;
        let answer = must(must(self.hub.enroll(self.now, HERE, &device.enrolment(&code))));
        device.incarnation = Some(answer.incarnation);
        device
    }

    /// Dispatches a simple task to this worker.
    pub fn dispatch(&self, holder: WorkerId) -> TaskId {
        must(must(self.hub.dispatch(self.now, &self.desk, &draft(holder))))
            .summary
            .id
    }

    /// The task as the desk sees it.
    pub fn task(&self, task: TaskId) -> TaskDetail {
        must(must(self.hub.task(self.now, &self.desk, task)))
    }

    /// The newest revision of the task.
    pub fn revision(&self, task: TaskId) -> u64 {
        self.task(task).summary.revision
    }

    /// What happened to the task, in order.
    pub fn events(&self, task: TaskId) -> Vec<String> {
        use grid_model::Coded as _;
        let log = self.task(task).log;
        log.iter()
            .map(|line| format!("{}→{}", line.event.name(), line.to.name()))
            .collect()
    }
}

/// A hub over an empty store, with seeded keys and ids.
pub fn hub_over<S: HubStore>(store: S) -> Hub<S> {
    let keys = seeded_keys(1);
    must(Hub::init(&store, START, &keys, &SeededEntropy::of(2)));
    must(Hub::open(store, settings(keys)))
}

/// The platform's keys named by `seed`.
pub fn seeded_keys(seed: u64) -> PlatformKeys {
    must(PlatformKeys::generate(&SeededEntropy::of(seed)))
}

/// Settings with these keys, a plain calendar and seeded ids.
pub fn settings(keys: PlatformKeys) -> HubSettings {
    // 2026-01-15 is made a day of rest, so that a test can see the calendar at work.
    let calendar = there(WorkCalendar::parse("2026-01-15,0,test").ok());
    HubSettings {
        keys,
        calendar,
        entropy: Box::new(SeededEntropy::of(3)),
    }
}

/// A person whose login name is his job number and whose password hash is `hash`.
pub fn person(org: OrgId, job_no: &str, role: Role) -> WorkerDraft {
    WorkerDraft {
        org,
        name: job_no.to_owned(),
        display_name: format!("角色{job_no}"),
        job_no: job_no.to_owned(),
        role,
        post: None,
        password_hash: Some("hash".to_owned()),
    }
}

/// A session of the person with this login name.
pub fn sign_in<S: HubStore>(hub: &Hub<S>, now_ms: i64, name: &str) -> Session {
    match must(hub.login(now_ms, name, |hash| hash == Some("hash"))) {
        LoginOutcome::In(login) => login.session,
        _ => panic!("{name} cannot sign in"),
    }
}

/// A simple task for this holder.
pub fn draft(holder: WorkerId) -> TaskDraft {
    TaskDraft {
        title: "楼道堆放杂物".to_owned(),
        description: "三单元二层".to_owned(),
        case_kind: CaseKind::Hazard,
        level: Level::Simple,
        holder,
        grid_code: None,
        place_text: "前滩三号院".to_owned(),
        due_at_ms: None,
        reason: None,
    }
}
