//! A phone on a simulated disk: seeded randomness, a clock that only tests move, a key store that hides nothing.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use grid_fieldbook::{
    Clock, DataKey, Entropy, FieldBook, FieldError, Host, KeyVault, KeyVaultError, Moment, Recovery,
};
use grid_store::{StoreLimits, StoreOptions};

use crate::{Dice, SimDisk};

/// Where a phone's clock begins, UTC ms.
pub(crate) const START_MS: i64 = 1_767_571_200_000;

struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Moment {
        let elapsed = self.0.load(Ordering::SeqCst);
        Moment {
            wall_ms: START_MS + elapsed,
            mono_ms: elapsed,
            boot: 1,
        }
    }
}

struct Seeded(Mutex<Dice>);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(buffer);
        true
    }
}

/// Keeps a key as it is: it is no secret here.
pub(crate) struct OpenKeys;

impl KeyVault for OpenKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        Ok(key.expose().to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        let key = wrapped.try_into().map_err(|_| KeyVaultError::Lost)?;
        Ok(DataKey::from_bytes(key))
    }
}

/// A host with its vault's folder on one disk.
#[derive(Clone)]
pub(crate) struct Phone {
    pub(crate) disk: SimDisk,
    pub(crate) host: Host,
    clock: Arc<Ticks>,
}

impl Phone {
    /// A phone with small limits.
    pub(crate) fn small(disk: &SimDisk, seed: u64) -> Self {
        let options = StoreOptions {
            limits: StoreLimits::SMALL,
            ..StoreOptions::default()
        };
        Self::with(disk, seed, options)
    }

    /// A phone whose store has these options, on this disk.
    pub(crate) fn with(disk: &SimDisk, seed: u64, options: StoreOptions) -> Self {
        let clock = Arc::new(Ticks(AtomicI64::new(0)));
        let entropy = Arc::new(Seeded(Mutex::new(Dice::seeded(seed))));
        let storage = StoreOptions {
            disk: disk.shared(),
            ..options
        };
        Self {
            disk: disk.clone(),
            host: Host {
                storage,
                ..Host::new(clock.clone(), entropy)
            },
            clock,
        }
    }

    /// Where the vault lies.
    pub(crate) fn folder(&self) -> PathBuf {
        self.disk.root().join(VAULT)
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn open(&self) -> Result<FieldBook, FieldError> {
        FieldBook::open(&self.folder(), self.host.clone(), &OpenKeys)
    }

    pub(crate) fn recover(&self) -> Result<(FieldBook, Recovery), FieldError> {
        FieldBook::recover(&self.folder(), self.host.clone(), &OpenKeys)
    }
}

/// The vault's folder below the root of a disk.
pub(crate) const VAULT: &str = "vault";

/// A path inside the vault, below the root of any disk.
pub(crate) fn inside(name: &str) -> PathBuf {
    Path::new(VAULT).join(name)
}
