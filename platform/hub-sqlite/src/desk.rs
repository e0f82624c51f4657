//! Sessions and the access log.

use grid_hub::store::{Access as Reading, DeskRead, DeskWrite, Stored, StoredSession};
use grid_model::{Sha256, WorkerId};
use rusqlite::params;

use crate::access::{Access, Writes};
use crate::cells::int;

impl<M> DeskRead for Access<'_, M> {
    fn session(&self, token_hash: Sha256) -> Stored<Option<StoredSession>> {
        self.one(
            "SELECT token_hash, worker_id, began_at_ms, expires_at_ms FROM session WHERE token_hash = ?1",
            [token_hash.0],
            |c| {
                let (token_hash, worker, began_at_ms) = (c.hash()?, c.id()?, c.take()?);
                Ok(StoredSession {
                    token_hash,
                    worker,
                    began_at_ms,
                    expires_at_ms: c.take()?,
                })
            },
        )
    }

    fn accesses(&self, after: u64, limit: u32) -> Stored<Vec<Reading>> {
        self.all(
            "SELECT position, worker_id, subject, subject_ids, items, purpose, at_ms FROM access_log
             WHERE position > ?1 ORDER BY position LIMIT ?2",
            params![int(after), limit],
            |c| {
                Ok(Reading {
                    position: c.number()?,
                    worker: c.id()?,
                    subject: c.take()?,
                    subject_ids: c.take()?,
                    items: c.take()?,
                    purpose: c.take()?,
                    at_ms: c.take()?,
                })
            },
        )
    }
}

impl DeskWrite for Access<'_, Writes> {
    fn add_session(&mut self, session: &StoredSession) -> Stored<()> {
        self.run(
            "DELETE FROM session WHERE expires_at_ms <= ?1",
            [session.began_at_ms],
        )?;
        self.run(
            "INSERT INTO session (token_hash, worker_id, began_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![
                session.token_hash.0,
                session.worker.0,
                session.began_at_ms,
                session.expires_at_ms
            ],
        )?;
        Ok(())
    }

    fn end_session(&mut self, token_hash: Sha256) -> Stored<()> {
        self.run("DELETE FROM session WHERE token_hash = ?1", [token_hash.0])?;
        Ok(())
    }

    fn end_sessions_of(&mut self, worker: WorkerId) -> Stored<()> {
        self.run("DELETE FROM session WHERE worker_id = ?1", [worker.0])?;
        Ok(())
    }

    fn add_access(&mut self, access: &Reading) -> Stored<()> {
        self.run(
            "INSERT INTO access_log (worker_id, subject, subject_ids, items, purpose, at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                access.worker.0,
                access.subject,
                access.subject_ids,
                access.items,
                access.purpose,
                access.at_ms
            ],
        )?;
        Ok(())
    }
}
