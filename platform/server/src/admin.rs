//! What an operator sets up: the same operations for the command line, the demonstration and the tests. Calls block.

mod divisions;
mod error;
mod keys;
mod lifeboat;
mod list;
mod posts;
mod tasks;
mod ticket;

use std::path::{Path, PathBuf};

use grid_hub::views::Period;
use grid_hub::{AdminRefusal, HubError, ImportedTask, OrgDraft, OrgView, PostDraft, WorkerDraft};
use grid_model::terms::Role;
use grid_model::{DeviceId, Incarnation, OrgId, WorkerId};

pub use error::AdminError;
pub use lifeboat::{BoatOfDevice, LeftSegment, LifeboatReport};
pub use list::ListFile;
pub use ticket::IssuedTicket;

use crate::console::outline;
use crate::entropy::SystemEntropy;
use crate::{CaPin, Platform, StartError, TlsIdentity, password, tls, words};

/// Characters of a password made here: about 80 bits.
const PASSWORD_CHARS: usize = 16;

/// The operator's side of a platform.
#[derive(Clone, Copy)]
pub struct Admin<'p> {
    platform: &'p Platform,
}

impl<'p> Admin<'p> {
    pub(crate) const fn of(platform: &'p Platform) -> Self {
        Self { platform }
    }

    pub(crate) const fn platform(&self) -> &'p Platform {
        self.platform
    }

    /// Creates an organisation.
    pub fn create_org(&self, draft: &OrgDraft) -> Result<OrgId, AdminError> {
        asked(self.platform.hub().create_org(self.platform.now_ms(), draft))
    }

    /// All organisations.
    pub fn orgs(&self) -> Result<Vec<OrgView>, AdminError> {
        Ok(self.platform.hub().orgs()?)
    }

    /// The organisation whose numbers begin with `prefix`.
    pub fn org(&self, prefix: &str) -> Result<OrgId, AdminError> {
        let found = self.orgs()?.into_iter().find(|org| org.prefix == prefix);
        found.map(|org| org.id).ok_or_else(|| AdminError::NoOrg {
            prefix: prefix.to_owned(),
        })
    }

    /// Creates a person; with a password he can sign in at a desk, if his role has one.
    pub fn create_worker(&self, draft: WorkerDraft, password: Option<&str>) -> Result<WorkerId, AdminError> {
        let password_hash = password.map(|password| self.hash(password)).transpose()?;
        asked(self.platform.hub().create_worker(
            self.platform.now_ms(),
            &WorkerDraft {
                password_hash,
                ..draft
            },
        ))
    }

    /// Sets a person's password and ends his sessions.
    pub fn set_password(&self, job_no: &str, password: &str) -> Result<(), AdminError> {
        let hash = self.hash(password)?;
        asked(self.platform.hub().set_password_hash(job_no, Some(&hash)))
    }

    /// Notes the last civil day (Asia/Shanghai) of a person's posting.
    pub fn end_posting(&self, job_no: &str, last_day: &str) -> Result<(), AdminError> {
        let detail = "is no date such as 2026-01-14";
        let field = "last_day";
        let day = Period::civil_day(last_day);
        let day = day.ok_or(AdminError::Refused(AdminRefusal::Invalid { field, detail }))?;
        asked(self.platform.hub().end_posting(job_no, Some(day.to_ms - 1)))
    }

    /// Creates or replaces a post with its checkpoints.
    pub fn put_post(&self, org: OrgId, post: &PostDraft) -> Result<(), AdminError> {
        asked(self.platform.hub().put_post(org, post))
    }

    /// Takes in posts from a TOML file (`[[post]]`, `[[post.checkpoint]]`). Answers how many.
    pub fn import_posts(&self, org: OrgId, file: &ListFile) -> Result<usize, AdminError> {
        let posts = posts::read(file)?;
        for (line, post) in &posts {
            self.put_post(org, post)
                .map_err(|error| error.in_file(file, |_| *line))?;
        }
        Ok(posts.len())
    }

    /// Sets the shape on an organisation's map: GeoJSON, WGS-84.
    pub fn set_outline(&self, org: OrgId, file: &ListFile) -> Result<(), AdminError> {
        let shape: serde_json::Value =
            serde_json::from_str(&file.text).map_err(|error| file.json_fault(0, &error))?;
        if outline::features(shape).is_empty() {
            return Err(file.fault(1, "type", "holds no GeoJSON geometry", "不含 GeoJSON 图形"));
        }
        asked(self.platform.hub().set_outline(org, &file.text))
            .map_err(|error| error.in_file(file, |row| row))
    }

    /// Takes in the division table from a CSV file (`code,name,level,parent`); all rows or none. Answers how many.
    pub fn import_divisions(&self, file: &ListFile) -> Result<usize, AdminError> {
        let (lines, rows) = divisions::read(file)?;
        let imported = asked(self.platform.hub().import_divisions(&rows));
        imported.map_err(|error| error.in_file(file, |row| line_of(&lines, row)))
    }

    /// Takes in tasks from a file of JSON lines, dispatched by this person; all of them or none.
    pub fn import_tasks(
        &self,
        dispatcher_job_no: &str,
        file: &ListFile,
    ) -> Result<Vec<ImportedTask>, AdminError> {
        let now_ms = self.platform.now_ms();
        let (lines, tasks) = tasks::read(file, now_ms)?;
        let imported = asked(
            self.platform
                .hub()
                .import_tasks(now_ms, dispatcher_job_no, &tasks),
        );
        imported.map_err(|error| error.in_file(file, |row| line_of(&lines, row)))
    }

    /// Issues a single-use enrolment code with its ticket for a platform reached at `url`; valid for 10 minutes unless
    /// said otherwise.
    pub fn issue_code(
        &self,
        job_no: &str,
        url: &str,
        valid_ms: Option<i64>,
    ) -> Result<IssuedTicket, AdminError> {
        let place = ticket::place(url, self.ca_pin()?)?;
        let code = asked(
            self.platform
                .hub()
                .issue_code(self.platform.now_ms(), job_no, valid_ms),
        )?;
        Ok(place.ticket(code))
    }

    /// Revokes a device: it exchanges and uploads nothing any more.
    pub fn revoke(&self, device: DeviceId) -> Result<(), AdminError> {
        asked(self.platform.hub().revoke_device(self.platform.now_ms(), device))
    }

    /// Takes in the lifeboats that lie in these folders, or these segments, and the sealed photos whose keys are in them. What
    /// cannot be opened is named and left.
    pub fn take_lifeboat(&self, paths: &[PathBuf]) -> Result<LifeboatReport, AdminError> {
        lifeboat::take(self.platform, paths)
    }

    /// The text of a phone's support bundle; `None` when the file is none, or was sealed to another platform.
    pub fn open_support(&self, file: &Path) -> Result<Option<String>, AdminError> {
        let bytes = std::fs::read(file).map_err(|source| AdminError::File {
            path: file.to_owned(),
            source,
        })?;
        Ok(self.platform.hub().keys().open_support(&bytes))
    }

    /// Begins a new life of the store after a restore from a backup, so that devices offer again what was lost. Not
    /// while a server works on the folder: it would go on with the old one.
    pub fn begin_incarnation(&self) -> Result<Incarnation, AdminError> {
        let _held = self.platform.hold()?;
        Ok(self.platform.hub().begin_incarnation(self.platform.now_ms())?)
    }

    /// Makes the private certificate authority and a server certificate for these hosts.
    pub fn make_authority(&self, hosts: &[String]) -> Result<CaPin, StartError> {
        tls::make(self.platform.folder(), hosts, self.platform.now_ms())
    }

    /// Makes a new server certificate for these hosts; devices notice nothing.
    pub fn renew_certificate(&self, hosts: &[String]) -> Result<CaPin, StartError> {
        tls::renew(self.platform.folder(), hosts, self.platform.now_ms())
    }

    /// What devices pin, if there is an authority.
    pub fn ca_pin(&self) -> Result<Option<CaPin>, StartError> {
        tls::pin(self.platform.folder())
    }

    /// What `serve` shows on TLS connections.
    pub fn tls_identity(&self) -> Result<TlsIdentity, StartError> {
        TlsIdentity::load(self.platform.folder())
    }

    fn hash(&self, password: &str) -> Result<String, AdminError> {
        if password.chars().count() < password::CHARS_MIN || password.len() > password::BYTES_MAX {
            return Err(AdminError::WeakPassword);
        }
        self.platform
            .passwords()
            .hash(password)
            .ok_or(AdminError::Store(HubError::Bug("a password was not hashed")))
    }
}

/// Whether somebody in this role signs in at a desk.
pub(crate) const fn has_desk(role: Role) -> bool {
    matches!(role, Role::DutyOfficer | Role::StationLeader)
}

/// A password that nobody has chosen, without letters and digits that look alike.
pub(crate) fn made_password() -> Result<String, AdminError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; PASSWORD_CHARS];
    grid_hub::Entropy::fill(&SystemEntropy, &mut bytes)?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect())
}

fn asked<T>(outcome: grid_hub::Admin<T>) -> Result<T, AdminError> {
    outcome?.map_err(AdminError::Refused)
}

/// The line of a row, both from 1.
fn line_of(lines: &[usize], row: usize) -> usize {
    row.checked_sub(1)
        .and_then(|index| lines.get(index))
        .copied()
        .unwrap_or(row)
}

impl AdminError {
    /// The same refusal with the place in the file that caused it.
    fn in_file(self, file: &ListFile, line: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Self::Refused(AdminRefusal::BadRow { row, field, detail }) => {
                file.fault(line(row), field, detail, &words::fault_zh(detail))
            }
            Self::Refused(AdminRefusal::Invalid { field, detail }) => {
                file.fault(line(1), field, detail, &words::fault_zh(detail))
            }
            Self::Refused(AdminRefusal::Taken { field }) => {
                file.fault(line(1), field, "is taken already", "已被使用")
            }
            other => other,
        }
    }
}
