//! A host whose clock and randomness a test owns. The same seed gives the same ids, keys and bodies, so that a run that was
//! cut off wrote a beginning of what the whole run writes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use grid_fieldbook::{
    Clock, DataKey, Entropy, FieldBook, FieldError, Host, KeyVault, KeyVaultError, Moment, Recovery,
    StoreLimits, StoreOptions,
};
use grid_store::Flaw;

use crate::SimDisk;

/// Where every test begins: 2026-01-05 08:00 in Shanghai.
pub const START_MS: i64 = 1_767_571_200_000;

/// The folder of the vault below the root of its disk.
const VAULT: &str = "vault";

/// A clock that stands until it is told to go on.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Moment {
        let elapsed = self.0.load(Ordering::SeqCst);
        Moment {
            wall_ms: START_MS + elapsed,
            mono_ms: elapsed,
            boot: 1,
        }
    }
}

/// A stream of bytes from a seed.
#[derive(Debug)]
struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        for word in buffer.chunks_mut(8) {
            let at = self.0.fetch_add(1, Ordering::SeqCst);
            word.copy_from_slice(&crate::dice::mixed(at, at >> 32).to_le_bytes()[..word.len()]);
        }
        true
    }
}

/// Wraps a key by keeping it as it is: the key of these vaults is no secret.
#[derive(Clone, Copy, Debug)]
pub struct OpenKeys;

impl KeyVault for OpenKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        Ok(key.expose().to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        let bytes = wrapped.try_into().map_err(|_| KeyVaultError::Lost)?;
        Ok(DataKey::from_bytes(bytes))
    }
}

/// How a vault is kept in a run: the mistake that its store makes, and whether it has a lifeboat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// A known mistake.
    pub flaw: Option<Flaw>,
    /// Whether there is a second copy.
    pub lifeboat: bool,
}

impl Keeping {
    /// As the product does it.
    pub const WHOLE: Self = Self {
        flaw: None,
        lifeboat: true,
    };
}

/// One phone: a disk, a clock, a random source.
#[derive(Clone)]
pub struct Phone {
    /// Where its vault lies.
    pub folder: PathBuf,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// What a field book is opened with.
    pub host: Host,
}

impl Phone {
    /// A phone with this disk, `elapsed_ms` after the start.
    pub fn new(disk: &SimDisk, seed: u64, elapsed_ms: i64, keeping: Keeping) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(elapsed_ms)));
        let storage = StoreOptions {
            disk: disk.shared(),
            limits: StoreLimits {
                ballast_bytes: 24 * 1024,
                ballast_kept_bytes: 8 * 1024,
                // Checkpoints and new segments come often.
                wal_bytes: 96 * 1024,
                segment_bytes: 16 * 1024,
                ..StoreLimits::SMALL
            },
            lifeboat: keeping.lifeboat,
            flaw: keeping.flaw,
        };
        let entropy = Arc::new(SeededEntropy(AtomicU64::new(seed << 32)));
        let mut host = Host::new(clock.clone(), entropy);
        host.storage = storage;
        let folder = disk.root().join(VAULT);
        Self { folder, clock, host }
    }

    /// Opens the vault, or makes it.
    pub fn open(&self) -> Result<FieldBook, FieldError> {
        FieldBook::open(&self.folder, self.host.clone(), &OpenKeys)
    }

    /// Brings a damaged vault back.
    pub fn recover(&self) -> Result<(FieldBook, Recovery), FieldError> {
        FieldBook::recover(&self.folder, self.host.clone(), &OpenKeys)
    }

    /// The same phone with another disk.
    pub fn on(&self, disk: &SimDisk) -> Self {
        let mut phone = self.clone();
        phone.folder = disk.root().join(VAULT);
        phone.host.storage.disk = disk.shared();
        phone
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }

    /// How much time has passed since the start.
    pub fn elapsed_ms(&self) -> i64 {
        self.clock.0.load(Ordering::SeqCst)
    }
}

/// Takes the database away and leaves the rest.
pub fn lose_database(disk: &SimDisk) -> std::io::Result<()> {
    for name in ["fieldbook.db", "fieldbook.db-wal", "fieldbook.db-shm"] {
        disk.remove_file(&Path::new(VAULT).join(name))?;
    }
    Ok(())
}
