//! Organisations, people, posts and places.

use grid_model::terms::Role;
use grid_model::{OrgId, WorkerId};
use grid_wire::PostRow;

use super::Stored;
use crate::DivisionRow;
use crate::views::{Page, PageAsk};

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredOrg {
    /// Which one.
    pub id: OrgId,
    /// The one above it.
    pub parent: Option<OrgId>,
    /// Its name.
    pub name: String,
    /// What its numbers begin with.
    pub prefix: String,
    /// When it was created, UTC ms.
    pub created_at_ms: i64,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWorker {
    /// Who.
    pub id: WorkerId,
    /// Where the person belongs.
    pub org: OrgId,
    /// The name typed at login.
    pub name: String,
    /// How the person is called.
    pub display_name: String,
    /// Job number.
    pub job_no: String,
    /// Role.
    pub role: Role,
    /// Code of the post.
    pub post: Option<String>,
    /// Password hash, for those who sign in at a desk.
    pub password_hash: Option<String>,
    /// When the person was created, UTC ms.
    pub created_at_ms: i64,
    /// When the posting ended, UTC ms; absent while it lasts.
    pub posted_until_ms: Option<i64>,
}

/// A post as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPost {
    /// Whose post.
    pub org: OrgId,
    /// Its revision, from 1.
    pub revision: u64,
    /// The post as devices get it.
    pub row: PostRow,
}

/// Reads organisations, people and places.
pub trait PeopleRead {
    /// One organisation.
    fn org(&self, id: OrgId) -> Stored<Option<StoredOrg>>;
    /// All organisations, by prefix.
    fn orgs(&self) -> Stored<Vec<StoredOrg>>;
    /// Whether `org` is `root` or below it.
    fn org_within(&self, root: OrgId, org: OrgId) -> Stored<bool>;
    /// One person.
    fn worker(&self, id: WorkerId) -> Stored<Option<StoredWorker>>;
    /// The person with this job number.
    fn worker_by_job_no(&self, job_no: &str) -> Stored<Option<StoredWorker>>;
    /// The person with this login name.
    fn worker_by_name(&self, name: &str) -> Stored<Option<StoredWorker>>;
    /// People within `root`, by job number.
    fn workers_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredWorker>>;
    /// One post.
    fn post(&self, code: &str) -> Stored<Option<StoredPost>>;
    /// Posts within `root`, by code.
    fn posts_within(&self, root: OrgId) -> Stored<Vec<StoredPost>>;
    /// Shapes within `root`: GeoJSON texts.
    fn outlines_within(&self, root: OrgId) -> Stored<Vec<String>>;
    /// One row of the division table.
    fn division(&self, code: &str) -> Stored<Option<DivisionRow>>;
    /// How many rows the division table has.
    fn division_count(&self) -> Stored<u64>;
}

/// Writes organisations, people and places.
pub trait PeopleWrite {
    /// Adds an organisation.
    fn add_org(&mut self, org: &StoredOrg) -> Stored<()>;
    /// Adds a person.
    fn add_worker(&mut self, worker: &StoredWorker) -> Stored<()>;
    /// Sets or takes away a password hash.
    fn set_password_hash(&mut self, worker: WorkerId, password_hash: Option<&str>) -> Stored<()>;
    /// Sets when a person's posting ended, or that it lasts.
    fn set_posted_until(&mut self, worker: WorkerId, until_ms: Option<i64>) -> Stored<()>;
    /// Adds or replaces a post with its checkpoints.
    fn put_post(&mut self, post: &StoredPost) -> Stored<()>;
    /// Sets an organisation's shape.
    fn put_outline(&mut self, org: OrgId, geojson: &str) -> Stored<()>;
    /// Adds or replaces a row of the division table.
    fn put_division(&mut self, row: &DivisionRow) -> Stored<()>;
}
