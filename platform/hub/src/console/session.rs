//! Signing in and out.

use grid_model::Sha256;
use grid_model::terms::Role;
use grid_vault::sha256;

use super::{Login, LoginOutcome};
use crate::enroll::{TRIES_WINDOW_MS, WRONG_TRIES_MAX, too_many};
use crate::entropy::random;
use crate::store::{
    DeskRead as _, DeskWrite as _, DeviceRead as _, DeviceWrite as _, HubRead, PeopleRead as _, Stored,
    StoredSession, StoredWorker, TryKind,
};
use crate::text::cut;
use crate::views::Session;
use crate::{Hub, HubError, HubStore};

/// How long a session lasts, ms.
const SESSION_MS: i64 = 12 * 3600 * 1000;
const NAME_CHARS_MAX: usize = 60;

impl<S: HubStore> Hub<S> {
    /// Signs a supervisor in. `verify` gets the stored password hash, or `None` when there is none to compare with (it
    /// should then take as long as it would), and says whether the password fits; no transaction is open meanwhile.
    pub fn login(
        &self,
        now_ms: i64,
        name: &str,
        verify: impl FnOnce(Option<&str>) -> bool,
    ) -> Result<LoginOutcome, HubError> {
        let name = cut(name, NAME_CHARS_MAX);
        let (tries, worker) = self.store.read(|tx| {
            Ok((
                tx.tries_since(TryKind::Login, Some(&name), now_ms - TRIES_WINDOW_MS)?,
                tx.worker_by_name(&name)?,
            ))
        })?;
        if let Some(retry_after_s) = too_many(tries, WRONG_TRIES_MAX, now_ms) {
            return Ok(LoginOutcome::TryLater { retry_after_s });
        }
        let worker = worker.filter(|worker| has_desk(worker.role));
        let hash = worker.as_ref().and_then(|worker| worker.password_hash.as_deref());
        let fits = verify(hash) && hash.is_some();
        let Some(worker) = worker.filter(|_| fits) else {
            self.store
                .write(|tx| tx.add_try(TryKind::Login, &name, now_ms, now_ms - TRIES_WINDOW_MS))?;
            return Ok(LoginOutcome::Wrong);
        };
        let token = Sha256(random(self.entropy.as_ref())?).to_string();
        let expires_at_ms = now_ms + SESSION_MS;
        let session = self.store.write(|tx| {
            let token_hash = token_hash(&token);
            let worker_id = worker.id;
            tx.add_session(&StoredSession {
                token_hash,
                worker: worker_id,
                began_at_ms: now_ms,
                expires_at_ms,
            })?;
            session_of(tx, &worker, expires_at_ms)
        })?;
        Ok(LoginOutcome::In(Login { token, session }))
    }

    /// Ends a session; an unknown token is no error.
    pub fn logout(&self, token: &str) -> Result<(), HubError> {
        self.store.write(|tx| tx.end_session(token_hash(token)))
    }

    /// The session behind a cookie's value, while it lasts.
    pub fn session(&self, now_ms: i64, token: &str) -> Result<Option<Session>, HubError> {
        self.store.read(|tx| {
            let Some(stored) = tx
                .session(token_hash(token))?
                .filter(|stored| now_ms < stored.expires_at_ms)
            else {
                return Ok(None);
            };
            match tx.worker(stored.worker)?.filter(|worker| has_desk(worker.role)) {
                Some(worker) => session_of(tx, &worker, stored.expires_at_ms).map(Some),
                None => Ok(None),
            }
        })
    }
}

/// The roles that this platform signs in at a desk (domain §9).
const fn has_desk(role: Role) -> bool {
    matches!(role, Role::DutyOfficer | Role::StationLeader)
}

fn token_hash(token: &str) -> Sha256 {
    sha256(&[b"grid-session-v1\0", token.as_bytes()].concat())
}

fn session_of<T: HubRead>(tx: &T, worker: &StoredWorker, expires_at_ms: i64) -> Stored<Session> {
    let org = tx
        .org(worker.org)?
        .ok_or(HubError::Bug("a worker without an organisation"))?;
    Ok(Session {
        worker: worker.id,
        name: worker.name.clone(),
        display_name: worker.display_name.clone(),
        role: worker.role,
        org: org.id,
        org_name: org.name,
        expires_at_ms,
    })
}
