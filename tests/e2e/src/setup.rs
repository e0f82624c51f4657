//! Sets the island up: organisation, people, posts, outline, divisions, the tasks of before the cut, enrolled vaults.

use std::path::Path;
use std::sync::Arc;

use grid_fieldbook::{FieldBook, FileKeyVault, Host, PhoneDraft, Ticket};
use grid_hub::{OrgDraft, PostDraft, WorkerDraft};
use grid_model::OrgId;
use grid_model::id::PhoneId;
use grid_model::terms::Role;
use grid_scenario::Plan;
use grid_server::{Admin, ListFile};
use grid_wire::feed::CheckpointRow;
use serde_json::json;

use crate::PlayError;
use crate::clock::{SeededEntropy, SimClock};
use crate::host::Hosted;
use crate::link::{Meter, Quality, SimLink};
use crate::play::Phone;
use crate::vault::Vault;

/// Numbers of the island begin with this.
const PREFIX: &str = "DL";
/// A visit within this many metres counts as located; docks and cliffs are wide.
const RADIUS_M: u32 = 100;

/// Who signs in at the console.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Login {
    /// Name to type.
    pub(crate) name: String,
    /// Password to type.
    pub(crate) password: String,
}

/// The two supervisors of the demonstration.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Logins {
    /// Where the console is.
    pub(crate) url: String,
    /// The duty officer: dispatches, reviews, recalls.
    pub(crate) duty: Login,
    /// The station leader: reads everything, reviews.
    pub(crate) leader: Login,
}

/// The organisation, its people, places and lists.
pub(crate) fn station(
    hosted: &Hosted,
    plan: &Plan,
    scenario: &Path,
    passwords: [String; 2],
) -> Result<Logins, PlayError> {
    let admin = hosted.platform.admin();
    let draft = OrgDraft {
        name: "大鹿岛边境派出所".to_owned(),
        parent: None,
        prefix: PREFIX.to_owned(),
    };
    let org = admin.create_org(&draft).map_err(PlayError::admin)?;
    let folder = scenario.parent().unwrap_or(Path::new("."));
    let list = |name: &str| ListFile::read(&folder.join(name)).map_err(PlayError::admin);
    admin
        .import_divisions(&list("divisions.csv")?)
        .map_err(PlayError::admin)?;
    admin
        .set_outline(org, &list("dalu_island.geojson")?)
        .map_err(PlayError::admin)?;
    for post in &plan.posts {
        admin.put_post(org, &post_draft(post)).map_err(PlayError::admin)?;
    }
    let [duty, leader] = passwords;
    let duty = supervisor(admin, org, ("duty", "值班员 D01", "D01"), Role::DutyOfficer, duty)?;
    let leader = supervisor(
        admin,
        org,
        ("leader", "所长 L01", "L01"),
        Role::StationLeader,
        leader,
    )?;
    for officer in &plan.officers {
        let draft = WorkerDraft {
            org,
            name: officer.job_no.to_lowercase(),
            display_name: officer.label.clone(),
            job_no: officer.job_no.clone(),
            role: Role::BorderOfficer,
            post: Some(officer.post.clone()),
            password_hash: None,
        };
        admin.create_worker(draft, None).map_err(PlayError::admin)?;
    }
    Ok(Logins {
        url: hosted.base.clone(),
        duty,
        leader,
    })
}

fn supervisor(
    admin: Admin<'_>,
    org: OrgId,
    (name, display_name, job_no): (&str, &str, &str),
    role: Role,
    password: String,
) -> Result<Login, PlayError> {
    let draft = WorkerDraft {
        org,
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        job_no: job_no.to_owned(),
        role,
        post: None,
        password_hash: None,
    };
    admin
        .create_worker(draft, Some(&password))
        .map_err(PlayError::admin)?;
    Ok(Login {
        name: name.to_owned(),
        password,
    })
}

fn post_draft(post: &grid_scenario::plan::Post) -> PostDraft {
    let place = &post.place;
    let checkpoint = |at: &grid_scenario::plan::Place| CheckpointRow {
        code: at.code.clone(),
        name: at.name.clone(),
        lat_e7: at.point.lat_e7,
        lon_e7: at.point.lon_e7,
        radius_m: RADIUS_M,
    };
    PostDraft {
        code: place.code.clone(),
        name: place.name.clone(),
        lat_e7: place.point.lat_e7,
        lon_e7: place.point.lon_e7,
        checkpoints: post.checkpoints.iter().map(checkpoint).collect(),
    }
}

/// Takes in the tasks that were handed out before the cut, as an operator would: from a list. Answers id and number of
/// each, by the plan's index.
pub(crate) fn tasks_before_the_cut(
    hosted: &Hosted,
    plan: &Plan,
    clock: &SimClock,
) -> Result<Vec<Option<(String, String)>>, PlayError> {
    let before: Vec<_> = plan
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| task.before_cut)
        .collect();
    let line = |task: &grid_scenario::plan::PlannedTask| {
        let mut line = json!({
            "no": task.no,
            "title": task.title,
            "description": task.description,
            "case_kind": task.case_kind,
            "level": task.level,
            "holder_job_no": plan.officers[task.holder].job_no,
            "grid_code": task.grid_code,
            "place_text": task.place_text,
            "dispatched_at": crate::rfc3339(task.dispatched_at_ms),
        });
        if let Some(due_at_ms) = task.due_at_ms {
            line["due_at"] = json!(crate::rfc3339(due_at_ms));
        }
        line.to_string()
    };
    // A list is taken in after what stands in it has happened.
    if let Some(last) = before.iter().map(|(_, task)| task.dispatched_at_ms).max() {
        clock.forward_to(last);
    }
    let lines: Vec<String> = before.iter().map(|(_, task)| line(task)).collect();
    let file = ListFile::of("tasks of before the cut", lines.join("\n"));
    let imported = hosted
        .platform
        .admin()
        .import_tasks("D01", &file)
        .map_err(PlayError::admin)?;
    let mut tasks = vec![None; plan.tasks.len()];
    for ((index, _), task) in before.into_iter().zip(imported) {
        tasks[index] = Some((task.id.to_string(), task.no));
    }
    Ok(tasks)
}

/// What every phone of a demonstration has in common.
pub(crate) struct Shared<'p> {
    /// The plan.
    pub(crate) plan: &'p Plan,
    /// The platform.
    pub(crate) hosted: &'p Hosted,
    /// Its clock.
    pub(crate) clock: SimClock,
    /// Counts what goes over the links.
    pub(crate) meter: Arc<Meter>,
}

impl Shared<'_> {
    /// The phones with a vault for each officer, enrolled on a good link.
    pub(crate) fn phones(&self, folder: &Path) -> Result<Vec<Phone>, PlayError> {
        (0..self.plan.phones.len())
            .map(|index| self.phone(index, folder))
            .collect()
    }

    fn phone(&self, index: usize, folder: &Path) -> Result<Phone, PlayError> {
        let planned = &self.plan.phones[index];
        let clock = SimClock::at(self.plan.enrol_at_ms, index as u64 + 1);
        let draft = PhoneDraft {
            phone: PhoneId([index as u8 + 1; 16]),
            label: planned.label.clone(),
            platform: planned.platform.clone(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let mut vaults = Vec::new();
        for &officer in &planned.officers {
            let vault = self.vault(officer, &draft, &clock, folder)?;
            let link = self.link(&vault, clock.clone())?;
            vaults.push((vault, link));
        }
        Ok(Phone { clock, vaults })
    }

    fn vault(
        &self,
        officer: usize,
        phone: &PhoneDraft,
        clock: &SimClock,
        folder: &Path,
    ) -> Result<Vault, PlayError> {
        let job_no = self.plan.officers[officer].job_no.clone();
        let entropy = Arc::new(SeededEntropy::new(self.plan.seed, officer as u64));
        let host = Host::new(Arc::new(clock.clone()), entropy);
        let keys = FileKeyVault::at(folder.join(format!("{job_no}.key")));
        let book = FieldBook::open(&folder.join(&job_no), host, &keys)?;
        let issued = self
            .hosted
            .platform
            .admin()
            .issue_code(&job_no, &self.hosted.base, None);
        let ticket = Ticket::parse(&issued.map_err(PlayError::admin)?.ticket);
        let ticket = ticket.map_err(|error| PlayError::Phone(error.to_string()))?;
        book.enroll(&ticket, phone, &Default::default())
            .map_err(|error| PlayError::Phone(error.to_string()))?;
        Ok(Vault::new(job_no, officer, book))
    }

    fn link(&self, vault: &Vault, phone: SimClock) -> Result<SimLink, PlayError> {
        let inner = vault
            .book
            .connect()
            .map_err(|error| PlayError::Phone(error.to_string()))?;
        let link = self.plan.link;
        let quality = Quality {
            up_bits_per_s: link.up_bits_per_s.into(),
            down_bits_per_s: link.down_bits_per_s.into(),
            rtt_ms: link.rtt_ms.into(),
        };
        let rule = Plan {
            actions: Vec::new(),
            ..self.plan.clone()
        };
        let clock = phone.clone();
        let cuts = move |request| clock.now_ms() >= rule.cut_at_ms && rule.is_cut(request);
        Ok(SimLink::new(
            inner,
            (phone, self.clock.clone()),
            quality,
            self.meter.clone(),
            Arc::new(cuts),
        ))
    }
}
