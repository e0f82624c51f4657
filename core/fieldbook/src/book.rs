//! The `FieldBook` object: opening, closing, identity.

use std::path::Path;
use std::sync::Mutex;

use grid_model::id::{DeviceId, Epoch};
use grid_store::{Enrolment, Identity, Store};
use grid_vault::{DataKey, KeyVault, SignatureKey};

use crate::host_system::write_private;
use crate::{FieldError, Host};

/// One worker's durable record on one phone. Share it by reference between threads; calls are short and blocking.
pub struct FieldBook {
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) key: SignatureKey,
    pub(crate) identity: Identity,
    data_key: DataKey,
    /// When the first fix that is not flushed yet was recorded, by the monotonic clock.
    pub(crate) fix_buffered_at: Mutex<Option<i64>>,
    /// One sync at a time; holds how many failed since the last good one.
    pub(crate) syncing: Mutex<u32>,
}

impl FieldBook {
    /// Opens the vault in `folder`, or makes a new one there.
    ///
    /// A vault whose database does not open is reported as `Damaged` and left exactly as it is.
    pub fn open(folder: &Path, host: Host, keys: &dyn KeyVault) -> Result<Self, FieldError> {
        let (store, data_key) = Store::open_with(folder, || data_key(folder, &host, keys))?;
        let found = store.read(|tx| tx.identity().map_err(FieldError::from))?;
        let identity = match found {
            Some(identity) => identity,
            None => create(&store, &host)?,
        };
        if !folder.join(MADE).exists() {
            write_private(&folder.join(MADE), b"")?;
        }
        let key = SignatureKey::from_secret(&identity.secret)?;
        let (fix_buffered_at, syncing) = (Mutex::new(None), Mutex::new(0));
        Ok(Self {
            store,
            host,
            key,
            identity,
            data_key,
            fix_buffered_at,
            syncing,
        })
    }

    /// Closes. Returns when no lock is held and every buffered fix is durable; later calls answer `Closed`.
    pub fn close(&self) -> Result<(), FieldError> {
        let flushed = self.flush_fixes();
        self.store.close()?;
        match flushed {
            Err(FieldError::Closed) => Ok(()),
            other => other,
        }
    }

    /// Opens again after `close`.
    pub fn reopen(&self) -> Result<(), FieldError> {
        Ok(self.store.reopen(&self.data_key)?)
    }

    /// Pretends that the disk has room for this many database pages; for tests of what a full disk is told.
    #[doc(hidden)]
    pub fn limit_space_for_tests(&self, pages: u32) -> Result<(), FieldError> {
        Ok(self.store.limit_pages_for_tests(pages)?)
    }

    /// This vault's own id.
    pub const fn device(&self) -> DeviceId {
        self.identity.device
    }

    /// With whom this vault is enrolled.
    pub(crate) fn enrolment(&self) -> Result<Option<Enrolment>, FieldError> {
        self.store.read(|tx| tx.enrolment().map_err(FieldError::from))
    }
}

/// Says that this vault's first opening was finished: from then on a missing database is damage, not a new vault.
const MADE: &str = "made";

/// The vault's data key: unwrapped by the host, or made and wrapped when the folder is new. The vault's lock is held.
fn data_key(folder: &Path, host: &Host, keys: &dyn KeyVault) -> Result<DataKey, FieldError> {
    let file = folder.join("key");
    let database_bytes = std::fs::metadata(folder.join("fieldbook.db")).map_or(0, |found| found.len());
    if folder.join(MADE).exists() && (database_bytes == 0 || !file.exists()) {
        return Err(FieldError::Damaged);
    }
    match std::fs::read(&file) {
        Ok(wrapped) => Ok(keys.unwrap(&wrapped)?),
        // A database without its key is never overwritten by a new one.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && database_bytes > 0 => {
            Err(FieldError::Damaged)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = DataKey::from_bytes(host.random()?);
            write_private(&file, &keys.wrap(&key)?)?;
            Ok(key)
        }
        Err(error) => Err(error.into()),
    }
}

fn create(store: &Store, host: &Host) -> Result<Identity, FieldError> {
    let mut secret = host.random()?;
    // About one draw in 2^32 is no valid scalar.
    while SignatureKey::from_secret(&secret).is_err() {
        secret = host.random()?;
    }
    let device = DeviceId(host.random()?);
    let identity = Identity {
        device,
        secret,
        epoch: Epoch(u64::from_be_bytes(host.random()?)),
    };
    let wall_ms = host.clock.now().wall_ms;
    store.write(|tx| tx.create_identity(&identity, wall_ms).map_err(FieldError::from))?;
    Ok(identity)
}
