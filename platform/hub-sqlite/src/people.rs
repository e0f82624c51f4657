//! Organisations, people, posts and places.

use grid_hub::DivisionRow;
use grid_hub::store::{PeopleRead, PeopleWrite, Stored, StoredOrg, StoredPost, StoredWorker};
use grid_hub::views::{Page, PageAsk};
use grid_model::{Coded as _, OrgId, WorkerId};
use grid_wire::PostRow;
use grid_wire::feed::CheckpointRow;
use rusqlite::params;

use crate::access::{Access, Writes, within};
use crate::cells::{Cells, int};

fn org(c: &mut Cells<'_>) -> rusqlite::Result<StoredOrg> {
    Ok(StoredOrg {
        id: c.id()?,
        parent: c.id_maybe()?,
        name: c.take()?,
        prefix: c.take()?,
        created_at_ms: c.take()?,
    })
}

macro_rules! worker_columns {
    ($rest:literal) => {
        concat!(
            "SELECT worker_id, org_id, name, display_name, job_no, role, post_code, password_hash, created_at_ms, ",
            "posted_until_ms FROM worker ",
            $rest
        )
    };
}

fn worker(c: &mut Cells<'_>) -> rusqlite::Result<StoredWorker> {
    Ok(StoredWorker {
        id: c.id()?,
        org: c.id()?,
        name: c.take()?,
        display_name: c.take()?,
        job_no: c.take()?,
        role: c.code()?,
        post: c.take()?,
        password_hash: c.take()?,
        created_at_ms: c.take()?,
        posted_until_ms: c.take()?,
    })
}

macro_rules! post_columns {
    ($rest:literal) => {
        concat!(
            "SELECT org_id, revision, post_code, name, lat_e7, lon_e7 FROM post ",
            $rest
        )
    };
}

fn post(c: &mut Cells<'_>) -> rusqlite::Result<StoredPost> {
    let (org, revision) = (c.id()?, c.number()?);
    let (code, name, lat_e7, lon_e7) = (c.take()?, c.take()?, c.take()?, c.take()?);
    Ok(StoredPost {
        org,
        revision,
        row: PostRow {
            code,
            name,
            lat_e7,
            lon_e7,
            checkpoints: Vec::new(),
        },
    })
}

impl<M> Access<'_, M> {
    fn with_checkpoints(&self, mut post: StoredPost) -> Stored<StoredPost> {
        post.row.checkpoints = self.all(
            "SELECT checkpoint_code, name, lat_e7, lon_e7, radius_m FROM checkpoint WHERE post_code = ?1 ORDER BY place",
            [&post.row.code],
            |c| {
                let (code, name, lat_e7, lon_e7) = (c.take()?, c.take()?, c.take()?, c.take()?);
                Ok(CheckpointRow { code, name, lat_e7, lon_e7, radius_m: c.take()? })
            },
        )?;
        Ok(post)
    }
}

impl<M> PeopleRead for Access<'_, M> {
    fn org(&self, id: OrgId) -> Stored<Option<StoredOrg>> {
        let sql = "SELECT org_id, parent_id, name, prefix, created_at_ms FROM org WHERE org_id = ?1";
        self.one(sql, [id.0], org)
    }

    fn orgs(&self) -> Stored<Vec<StoredOrg>> {
        self.all(
            "SELECT org_id, parent_id, name, prefix, created_at_ms FROM org ORDER BY prefix",
            [],
            org,
        )
    }

    fn org_within(&self, root: OrgId, org: OrgId) -> Stored<bool> {
        let sql = within!("SELECT count(*) FROM scope WHERE org_id = ?2");
        Ok(self.number(sql, [root.0, org.0])? > 0)
    }

    fn worker(&self, id: WorkerId) -> Stored<Option<StoredWorker>> {
        self.one(worker_columns!("WHERE worker_id = ?1"), [id.0], worker)
    }

    fn worker_by_job_no(&self, job_no: &str) -> Stored<Option<StoredWorker>> {
        self.one(worker_columns!("WHERE job_no = ?1"), [job_no], worker)
    }

    fn worker_by_name(&self, name: &str) -> Stored<Option<StoredWorker>> {
        self.one(worker_columns!("WHERE name = ?1"), [name], worker)
    }

    fn workers_within(&self, root: OrgId, page: PageAsk) -> Stored<Page<StoredWorker>> {
        self.page(
            (
                within!("SELECT count(*) FROM worker WHERE org_id IN scope"),
                [root.0],
            ),
            (
                within!(worker_columns!(
                    "WHERE org_id IN scope ORDER BY job_no LIMIT ?2 OFFSET ?3"
                )),
                params![root.0, page.limit, page.offset],
            ),
            worker,
        )
    }

    fn post(&self, code: &str) -> Stored<Option<StoredPost>> {
        let found = self.one(post_columns!("WHERE post_code = ?1"), [code], post)?;
        found.map(|post| self.with_checkpoints(post)).transpose()
    }

    fn posts_within(&self, root: OrgId) -> Stored<Vec<StoredPost>> {
        let sql = within!(post_columns!("WHERE org_id IN scope ORDER BY post_code"));
        self.all(sql, [root.0], post)?
            .into_iter()
            .map(|post| self.with_checkpoints(post))
            .collect()
    }

    fn outlines_within(&self, root: OrgId) -> Stored<Vec<String>> {
        let sql = within!("SELECT geojson FROM outline WHERE org_id IN scope ORDER BY org_id");
        self.all(sql, [root.0], |c| c.take())
    }

    fn division(&self, code: &str) -> Stored<Option<DivisionRow>> {
        self.one(
            "SELECT code, name, level, parent_code FROM division WHERE code = ?1",
            [code],
            |c| {
                Ok(DivisionRow {
                    code: c.take()?,
                    name: c.take()?,
                    level: c.take()?,
                    parent: c.take()?,
                })
            },
        )
    }

    fn division_count(&self) -> Stored<u64> {
        self.number("SELECT count(*) FROM division", [])
    }
}

impl PeopleWrite for Access<'_, Writes> {
    fn add_org(&mut self, org: &StoredOrg) -> Stored<()> {
        self.run(
            "INSERT INTO org (org_id, parent_id, name, prefix, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                org.id.0,
                org.parent.map(|id| id.0),
                org.name,
                org.prefix,
                org.created_at_ms
            ],
        )?;
        Ok(())
    }

    fn add_worker(&mut self, worker: &StoredWorker) -> Stored<()> {
        self.run(
            "INSERT INTO worker (worker_id, org_id, name, display_name, job_no, role, post_code, password_hash,
                                 created_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                worker.id.0,
                worker.org.0,
                worker.name,
                worker.display_name,
                worker.job_no,
                worker.role.code(),
                worker.post,
                worker.password_hash,
                worker.created_at_ms
            ],
        )?;
        Ok(())
    }

    fn set_password_hash(&mut self, worker: WorkerId, password_hash: Option<&str>) -> Stored<()> {
        self.run(
            "UPDATE worker SET password_hash = ?2 WHERE worker_id = ?1",
            params![worker.0, password_hash],
        )?;
        Ok(())
    }

    fn set_posted_until(&mut self, worker: WorkerId, until_ms: Option<i64>) -> Stored<()> {
        self.run(
            "UPDATE worker SET posted_until_ms = ?2 WHERE worker_id = ?1",
            params![worker.0, until_ms],
        )?;
        Ok(())
    }

    fn put_post(&mut self, post: &StoredPost) -> Stored<()> {
        let row = &post.row;
        self.run(
            "INSERT INTO post (post_code, org_id, revision, name, lat_e7, lon_e7) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (post_code) DO UPDATE
             SET org_id = ?2, revision = ?3, name = ?4, lat_e7 = ?5, lon_e7 = ?6",
            params![row.code, post.org.0, int(post.revision), row.name, row.lat_e7, row.lon_e7],
        )?;
        self.run("DELETE FROM checkpoint WHERE post_code = ?1", [&row.code])?;
        for (place, checkpoint) in row.checkpoints.iter().enumerate() {
            self.run(
                "INSERT INTO checkpoint (post_code, place, checkpoint_code, name, lat_e7, lon_e7, radius_m)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    row.code,
                    int(place as u64),
                    checkpoint.code,
                    checkpoint.name,
                    checkpoint.lat_e7,
                    checkpoint.lon_e7,
                    checkpoint.radius_m
                ],
            )?;
        }
        Ok(())
    }

    fn put_outline(&mut self, org: OrgId, geojson: &str) -> Stored<()> {
        self.run(
            "INSERT INTO outline (org_id, geojson) VALUES (?1, ?2) ON CONFLICT (org_id) DO UPDATE SET geojson = ?2",
            params![org.0, geojson],
        )?;
        Ok(())
    }

    fn put_division(&mut self, row: &DivisionRow) -> Stored<()> {
        self.run(
            "INSERT INTO division (code, name, level, parent_code) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (code) DO UPDATE SET name = ?2, level = ?3, parent_code = ?4",
            params![row.code, row.name, row.level, row.parent],
        )?;
        Ok(())
    }
}
