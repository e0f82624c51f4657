//! The feed.

use grid_hub::store::{Audience, FeedPlace, FeedRead, FeedWrite, Stored};
use grid_model::terms::RowKind;
use grid_model::{Coded as _, OrgId, WorkerId};
use rusqlite::params;

use crate::access::{Access, Writes};
use crate::cells::int;

const fn audience_cells(audience: Audience) -> (i64, [u8; 16]) {
    match audience {
        Audience::Worker(id) => (1, id.0),
        Audience::Org(id) => (2, id.0),
    }
}

impl<M> FeedRead for Access<'_, M> {
    fn feed_after(&self, worker: WorkerId, org: OrgId, cursor: u64, limit: u32) -> Stored<Vec<FeedPlace>> {
        self.all(
            "SELECT position, row_kind, row_id FROM feed
             WHERE audience_kind = 1 AND audience_id = ?1 AND position > ?3
             UNION ALL
             SELECT position, row_kind, row_id FROM feed
             WHERE audience_kind = 2 AND audience_id = ?2 AND position > ?3
             ORDER BY position LIMIT ?4",
            params![worker.0, org.0, int(cursor), limit],
            |c| {
                Ok(FeedPlace {
                    position: c.number()?,
                    kind: c.code()?,
                    id: c.take()?,
                })
            },
        )
    }

    fn feed_last(&self, worker: WorkerId, org: OrgId) -> Stored<u64> {
        self.number(
            "SELECT max((SELECT coalesce(max(position), 0) FROM feed WHERE audience_kind = 1 AND audience_id = ?1),
                        (SELECT coalesce(max(position), 0) FROM feed WHERE audience_kind = 2 AND audience_id = ?2))",
            params![worker.0, org.0],
        )
    }

    fn each_in_scope(
        &self,
        worker: WorkerId,
        org: OrgId,
        take: &mut dyn FnMut(RowKind, &[u8], u64),
    ) -> Stored<()> {
        // The unique index holds all that is needed of the feed.
        self.all(
            "SELECT f.row_kind, f.row_id, t.revision FROM feed AS f JOIN task AS t ON t.task_id = f.row_id
             WHERE f.audience_kind = 1 AND f.audience_id = ?1 AND f.row_kind = ?3 AND t.holder_id = ?1
             UNION ALL
             SELECT f.row_kind, f.row_id, p.revision FROM feed AS f JOIN post AS p ON p.post_code = CAST(f.row_id AS TEXT)
             WHERE f.audience_kind = 2 AND f.audience_id = ?2 AND f.row_kind = ?4",
            params![worker.0, org.0, RowKind::Task.code(), RowKind::Post.code()],
            |c| {
                let (kind, id): (RowKind, Vec<u8>) = (c.code()?, c.take()?);
                take(kind, &id, c.number()?);
                Ok(())
            },
        )?;
        Ok(())
    }

    fn feed_end(&self) -> Stored<u64> {
        self.number("SELECT seq FROM sqlite_sequence WHERE name = 'feed'", [])
    }
}

impl FeedWrite for Access<'_, Writes> {
    fn feed_touch(&mut self, audience: Audience, kind: RowKind, id: &[u8]) -> Stored<u64> {
        let (audience_kind, audience_id) = audience_cells(audience);
        self.run(
            "DELETE FROM feed WHERE audience_kind = ?1 AND audience_id = ?2 AND row_kind = ?3 AND row_id = ?4",
            params![audience_kind, audience_id, kind.code(), id],
        )?;
        self.insert(
            "INSERT INTO feed (audience_kind, audience_id, row_kind, row_id) VALUES (?1, ?2, ?3, ?4)",
            params![audience_kind, audience_id, kind.code(), id],
        )
    }
}
