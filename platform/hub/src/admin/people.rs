//! Organisations, people, codes and devices.

use grid_model::{DeviceId, Incarnation, OrgId, WorkerId};

use super::{Admin, AdminRefusal, IssuedCode, OrgDraft, OrgView, WorkerDraft, found, granted, sound};
use crate::enroll::CODE_VALID_MS;
use crate::entropy::{new_code, new_id};
use crate::store::{
    Access, BackupWrite as _, DeskRead as _, DeskWrite as _, DeviceRead as _, DeviceWrite as _,
    PeopleRead as _, PeopleWrite as _, Platform, PlatformWrite as _, Stored, StoredCode, StoredOrg,
    StoredWorker,
};
use crate::text::needed;
use crate::{Hub, HubError, HubStore};

const NAME_CHARS_MAX: usize = 60;
const PREFIX_CHARS_MAX: usize = 8;
/// How far numbers skip after a restore: more than a store hands out between two backups.
const SKIP_AFTER_RESTORE: u64 = 1_000;

impl<S: HubStore> Hub<S> {
    /// Creates an organisation.
    pub fn create_org(&self, now_ms: i64, org: &OrgDraft) -> Admin<OrgId> {
        let capitals = org
            .prefix
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let shaped = capitals && (1..=PREFIX_CHARS_MAX).contains(&org.prefix.len());
        granted!(sound("name", needed(&org.name, NAME_CHARS_MAX)));
        granted!(sound(
            "prefix",
            (!shaped).then_some("is not 1 to 8 capital letters or digits")
        ));
        self.store.write(|tx| {
            if tx.orgs()?.iter().any(|known| known.prefix == org.prefix) {
                return Ok(Err(AdminRefusal::Taken { field: "prefix" }));
            }
            if let Some(parent) = org.parent {
                granted!(found(tx.org(parent)?, "parent"));
            }
            let id = new_id(self.entropy.as_ref(), now_ms)?;
            let (name, prefix) = (org.name.clone(), org.prefix.clone());
            tx.add_org(&StoredOrg {
                id,
                parent: org.parent,
                name,
                prefix,
                created_at_ms: now_ms,
            })?;
            Ok(Ok(id))
        })
    }

    /// All organisations.
    pub fn orgs(&self) -> Result<Vec<OrgView>, HubError> {
        let orgs = self.store.read(|tx| tx.orgs())?;
        let view = |org: StoredOrg| OrgView {
            id: org.id,
            name: org.name,
            parent: org.parent,
            prefix: org.prefix,
        };
        Ok(orgs.into_iter().map(view).collect())
    }

    /// Creates a person.
    pub fn create_worker(&self, now_ms: i64, worker: &WorkerDraft) -> Admin<WorkerId> {
        granted!(sound("name", needed(&worker.name, NAME_CHARS_MAX)));
        granted!(sound(
            "display_name",
            needed(&worker.display_name, NAME_CHARS_MAX)
        ));
        granted!(sound("job_no", needed(&worker.job_no, NAME_CHARS_MAX)));
        self.store.write(|tx| {
            granted!(found(tx.org(worker.org)?, "org"));
            if tx.worker_by_name(&worker.name)?.is_some() {
                return Ok(Err(AdminRefusal::Taken { field: "name" }));
            }
            if tx.worker_by_job_no(&worker.job_no)?.is_some() {
                return Ok(Err(AdminRefusal::Taken { field: "job_no" }));
            }
            let id = new_id(self.entropy.as_ref(), now_ms)?;
            tx.add_worker(&StoredWorker {
                id,
                org: worker.org,
                name: worker.name.clone(),
                display_name: worker.display_name.clone(),
                job_no: worker.job_no.clone(),
                role: worker.role,
                post: worker.post.clone(),
                password_hash: worker.password_hash.clone(),
                created_at_ms: now_ms,
                posted_until_ms: None,
            })?;
            Ok(Ok(id))
        })
    }

    /// The person with this job number.
    pub fn worker_by_job_no(&self, job_no: &str) -> Result<Option<WorkerId>, HubError> {
        self.store
            .read(|tx| Ok(tx.worker_by_job_no(job_no)?.map(|worker| worker.id)))
    }

    /// Sets or takes away the password hash of the person with this job number; ends his sessions.
    pub fn set_password_hash(&self, job_no: &str, password_hash: Option<&str>) -> Admin<()> {
        self.store.write(|tx| {
            let worker = granted!(found(tx.worker_by_job_no(job_no)?, "job_no"));
            tx.set_password_hash(worker.id, password_hash)?;
            tx.end_sessions_of(worker.id).map(Ok)
        })
    }

    /// Notes that the posting of the person with this job number ended, or lasts. What he did before counts, whenever it
    /// arrives; what he does with a task afterwards is kept and waits for a person (C6). He is given no new tasks.
    pub fn end_posting(&self, job_no: &str, until_ms: Option<i64>) -> Admin<()> {
        self.store.write(|tx| {
            let worker = granted!(found(tx.worker_by_job_no(job_no)?, "job_no"));
            tx.set_posted_until(worker.id, until_ms).map(Ok)
        })
    }

    /// Issues a single-use enrolment code for a worker; `valid_ms` is 10 minutes unless said otherwise.
    pub fn issue_code(&self, now_ms: i64, job_no: &str, valid_ms: Option<i64>) -> Admin<IssuedCode> {
        let expires_at_ms = now_ms.saturating_add(valid_ms.unwrap_or(CODE_VALID_MS));
        let code = new_code(self.entropy.as_ref())?;
        let code_hash = self.code_hash(&code);
        self.store.write(|tx| {
            let worker = granted!(found(tx.worker_by_job_no(job_no)?, "job_no"));
            if tx.code(code_hash)?.is_some() {
                return Err(HubError::Bug("the entropy source repeats itself"));
            }
            let (used_by, used_at_ms) = (None, None);
            let worker = worker.id;
            tx.add_code(&StoredCode {
                code_hash,
                worker,
                issued_at_ms: now_ms,
                expires_at_ms,
                used_by,
                used_at_ms,
            })?;
            Ok(Ok(IssuedCode { code, expires_at_ms }))
        })
    }

    /// Revokes a device: it exchanges and uploads nothing any more. What it sent stays.
    pub fn revoke_device(&self, now_ms: i64, device: DeviceId) -> Admin<()> {
        self.store.write(|tx| {
            let device = granted!(found(tx.device(device)?, "device"));
            if device.revoked_at_ms.is_none() {
                tx.revoke(device.id, now_ms)?;
            }
            Ok(Ok(()))
        })
    }

    /// Begins a new life of the store after a restore: a new incarnation, and numbers and revisions skip ahead so that
    /// nothing is issued twice. Enrolment codes issued before are void. The hub must be opened again afterwards.
    pub fn begin_incarnation(&self, now_ms: i64) -> Result<Incarnation, HubError> {
        self.begin_life(now_ms, |_, _| Ok(()))
    }

    /// Begins a new life of the store, and does `more` in the same transaction. What was backed up of the life before says
    /// nothing about this one.
    pub(crate) fn begin_life(
        &self,
        now_ms: i64,
        more: impl FnOnce(&mut S::Txn<'_>, Incarnation) -> Stored<()>,
    ) -> Result<Incarnation, HubError> {
        let incarnation = new_id(self.entropy.as_ref(), now_ms)?;
        self.store.write(|tx| {
            tx.skip_ahead(SKIP_AFTER_RESTORE)?;
            tx.clear_backed_up()?;
            tx.put_platform(&Platform {
                incarnation,
                signing_public: self.keys().signing_public(),
                sealing_public: self.keys().sealing_public(),
                since_ms: now_ms,
            })?;
            more(tx, incarnation)
        })?;
        Ok(incarnation)
    }

    /// Lines of the access log after `after`, at most `limit` of them: who read what, when and what for.
    pub fn accesses(&self, after: u64, limit: u32) -> Result<Vec<Access>, HubError> {
        self.store.read(|tx| tx.accesses(after, limit))
    }
}
