//! The hub itself: a store, the platform's keys, the work calendar and a source of randomness.

use std::sync::{Arc, PoisonError, RwLock};

use grid_model::Incarnation;
use grid_model::deadline::WorkCalendar;

use crate::entropy::new_id;
use crate::exchange::scope::Sums;
use crate::store::{Platform, PlatformRead as _, PlatformWrite as _};
use crate::{Entropy, HubError, HubStore, PlatformKeys};

/// What a hub is built from, beside its store.
pub struct HubSettings {
    /// The platform's secrets.
    pub keys: PlatformKeys,
    /// Which days are worked (`core/model/data/work_calendar.csv`).
    pub calendar: WorkCalendar,
    /// Where ids, codes and tokens come from.
    pub entropy: Box<dyn Entropy>,
}

/// The platform's rules over a store. Calls are synchronous and short; a server runs them where blocking is allowed.
pub struct Hub<S> {
    pub(crate) store: S,
    keys: RwLock<Arc<PlatformKeys>>,
    pub(crate) calendar: WorkCalendar,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) incarnation: Incarnation,
    pub(crate) sums: Sums,
}

impl<S: HubStore> Hub<S> {
    /// Makes a fresh store this platform's: records its incarnation and public keys. Once made, it answers the same
    /// incarnation again, or [`HubError::KeysDiffer`].
    pub fn init(
        store: &S,
        now_ms: i64,
        keys: &PlatformKeys,
        entropy: &dyn Entropy,
    ) -> Result<Incarnation, HubError> {
        store.write(|tx| {
            if let Some(found) = tx.platform()? {
                return fitting(&found, keys).map(|()| found.incarnation);
            }
            let incarnation = new_id(entropy, now_ms)?;
            tx.put_platform(&Platform {
                incarnation,
                signing_public: keys.signing_public(),
                sealing_public: keys.sealing_public(),
                since_ms: now_ms,
            })?;
            Ok(incarnation)
        })
    }

    /// The hub over an initialised store.
    pub fn open(store: S, settings: HubSettings) -> Result<Self, HubError> {
        let platform = store.read(|tx| tx.platform())?.ok_or(HubError::NotInitialised)?;
        fitting(&platform, &settings.keys)?;
        note_newest(&store, &settings.keys)?;
        let HubSettings {
            keys,
            calendar,
            entropy,
        } = settings;
        Ok(Self {
            store,
            keys: RwLock::new(Arc::new(keys)),
            calendar,
            entropy,
            incarnation: platform.incarnation,
            sums: Sums::default(),
        })
    }

    /// The life of this store; new after every restore.
    pub const fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// The platform's keys as they are now.
    pub fn keys(&self) -> Arc<PlatformKeys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Works with these keys from now on: the same ones with newer ones or with ends, which are durable already.
    pub fn use_keys(&self, keys: PlatformKeys) -> Result<(), HubError> {
        let row = self
            .store
            .read(|tx| tx.platform())?
            .ok_or(HubError::NotInitialised)?;
        fitting(&row, &keys)?;
        note_newest(&self.store, &keys)?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(())
    }

    /// Where randomness comes from, for new keys.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// The store, for what only an operator does (backup).
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Whether the store answers: what `/health/ready` asks.
    pub fn ready(&self) -> Result<(), HubError> {
        match self.store.read(|tx| tx.platform())? {
            Some(platform) if platform.incarnation == self.incarnation => Ok(()),
            Some(_) => Err(HubError::Bug("the store's incarnation changed while it was open")),
            None => Err(HubError::NotInitialised),
        }
    }
}

/// Whether the keys are this store's: it names the newest that it has seen, and they must be among these.
fn fitting(platform: &Platform, keys: &PlatformKeys) -> Result<(), HubError> {
    if keys.fit(&platform.signing_public, &platform.sealing_public) {
        Ok(())
    } else {
        Err(HubError::KeysDiffer)
    }
}

/// Notes the newest public keys in the store, so that keys which lack them are found out to be too old for it.
fn note_newest<S: HubStore>(store: &S, keys: &PlatformKeys) -> Result<(), HubError> {
    let (signing_public, sealing_public) = (keys.signing_public(), keys.sealing_public());
    let noted = |row: &Platform| row.signing_public == signing_public && row.sealing_public == sealing_public;
    if store.read(|tx| tx.platform())?.is_some_and(|row| noted(&row)) {
        return Ok(());
    }
    store.write(|tx| {
        let row = tx.platform()?.ok_or(HubError::NotInitialised)?;
        tx.put_platform(&Platform {
            signing_public: signing_public.clone(),
            sealing_public: sealing_public.clone(),
            ..row
        })
    })
}
