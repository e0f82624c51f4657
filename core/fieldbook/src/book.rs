//! The `FieldBook` object: opening, closing, identity.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use grid_model::id::{DeviceId, Epoch};
use grid_store::{Disk, Enrolment, Identity, Store, read_all, write_durably};
use grid_vault::{DataKey, KeyVault, SignatureKey};
use grid_wire::Forms;

use crate::boat::sealing_secret;
use crate::enroll::KnownLine;
use crate::exchange::CutAnswer;
use crate::rest::Rest;
use crate::{FieldError, Host};

/// One worker's durable record on one phone. Share it by reference between threads; calls are short and blocking.
pub struct FieldBook {
    pub(crate) store: Store,
    pub(crate) host: Host,
    pub(crate) key: SignatureKey,
    pub(crate) identity: Identity,
    pub(crate) data_key: DataKey,
    /// When the first fix that is not flushed yet was recorded, by the monotonic clock.
    pub(crate) fix_buffered_at: Mutex<Option<i64>>,
    /// The way to the platform, with its TLS sessions.
    pub(crate) line: Mutex<Option<KnownLine>>,
    /// One sync at a time.
    pub(crate) syncing: Mutex<()>,
    /// Forms of a batch body that the platform reads, once it was looked up.
    pub(crate) forms: Mutex<Option<Forms>>,
    /// How syncs went lately.
    pub(crate) rest: Mutex<Rest>,
    /// What a mistake that is made on purpose has to remember.
    pub(crate) flawed: crate::flawed::Memory,
    /// What came of an answer that was cut.
    pub(crate) cut_answer: Mutex<Option<CutAnswer>>,
    /// Feed position up to which this phone had everything when a round last ended; 0 until one has.
    pub(crate) whole_to: AtomicU64,
    /// One attachment at a time is kept: the same bytes twice must not be sealed under two keys.
    pub(crate) attaching: Mutex<()>,
    /// Connections of the store after which captures were looked for.
    looked_at_wake: AtomicU64,
}

impl FieldBook {
    /// Opens the vault in `folder`, or makes a new one there. What a crash, an older copy of the database or a capture while
    /// the vault was locked left apart is brought together before this returns.
    ///
    /// A vault whose database does not open is reported as `Damaged` and left exactly as it is: `recover` is the way on.
    pub fn open(folder: &Path, host: Host, keys: &dyn KeyVault) -> Result<Self, FieldError> {
        let mut data = None;
        let store = Store::open_with(folder, host.storage.clone(), |disk| {
            data_key(disk, folder, &host, keys).inspect(|key| data = Some(key.clone()))
        })?;
        let data_key = data.ok_or(FieldError::Damaged)?;
        let disk = &*host.storage.disk;
        let is_made = disk.size(&folder.join(MADE))?.is_some();
        let reset = host.storage.flaw == Some(grid_store::Flaw::ResetOnDamage);
        let found = store.read(|tx| tx.identity().map_err(FieldError::from))?;
        let identity = match found {
            Some(identity) => complete(&store, &host, identity)?,
            // A log that was lost took the identity along: making another would be a new vault in place of the old one.
            None if is_made && !reset => return Err(FieldError::Damaged),
            None => create(&store, &host)?,
        };
        if !is_made {
            write_durably(disk, &folder.join(MADE), b"")?;
        }
        let key = SignatureKey::from_secret(&identity.secret)?;
        let (fix_buffered_at, syncing) = (Mutex::new(None), Mutex::new(()));
        let book = Self {
            store,
            host,
            key,
            identity,
            data_key,
            fix_buffered_at,
            line: Mutex::new(None),
            syncing,
            forms: Mutex::default(),
            rest: Mutex::default(),
            flawed: crate::flawed::Memory::default(),
            cut_answer: Mutex::default(),
            whole_to: AtomicU64::default(),
            attaching: Mutex::new(()),
            looked_at_wake: AtomicU64::new(0),
        };
        book.come_together()?;
        Ok(book)
    }

    /// Brings together what a crash, an older copy or a capture left apart.
    fn come_together(&self) -> Result<(), FieldError> {
        self.man_lifeboat()?;
        self.import_locked()?;
        self.looked_at_wake.store(self.store.wakes(), Ordering::Release);
        self.look_after_space();
        Ok(())
    }

    /// Takes in what was captured while this book was suspended and its vault locked. Trouble with it is no trouble of the
    /// call that woke the book: it is tried again at the next.
    pub(crate) fn look_after_wake(&self) {
        let look = || {
            self.store
                .read(|tx| tx.current_epoch().map_err(FieldError::from))?;
            let wakes = self.store.wakes();
            if self.looked_at_wake.load(Ordering::Acquire) != wakes {
                self.import_locked()?;
                self.looked_at_wake.store(wakes, Ordering::Release);
            }
            Ok::<_, FieldError>(())
        };
        if let Err(error) = look() {
            log::warn!("looking for captures: {error}");
        }
    }

    /// Space is kept back when there is plenty; a phone without plenty still opens.
    fn look_after_space(&self) {
        if let Err(error) = self.store.refill_ballast() {
            log::warn!("keeping space back: {error}");
        }
        if let Err(error) = self.write_capture_grant() {
            log::warn!("making ready for capture while locked: {error}");
        }
    }

    /// Lets go of every lock and file; the next call takes them up again. For a phone's system that is about to suspend the
    /// application.
    pub fn suspend(&self) -> Result<(), FieldError> {
        match self.flush_buffered() {
            Err(FieldError::Closed) | Ok(()) => Ok(self.store.suspend()?),
            Err(error) => {
                self.store.suspend()?;
                Err(error)
            }
        }
    }

    /// Closes. Returns when no lock is held and every buffered fix is durable; later calls answer `Closed`.
    pub fn close(&self) -> Result<(), FieldError> {
        let flushed = self.flush_buffered();
        self.let_go_of_held();
        self.store.close()?;
        match flushed {
            Err(FieldError::Closed) => Ok(()),
            other => other,
        }
    }

    /// Opens again after `close`, and brings together what was left apart meanwhile, as `open` does.
    pub fn reopen(&self) -> Result<(), FieldError> {
        let wakes = self.store.wakes();
        self.store.reopen()?;
        if self.store.wakes() == wakes {
            return Ok(());
        }
        self.come_together().inspect_err(|_| {
            _ = self
                .store
                .close()
                .inspect_err(|error| log::warn!("closing: {error}"))
        })
    }

    /// Pretends that the disk has room for this many database pages; for tests of what a full disk is told.
    #[doc(hidden)]
    pub fn limit_space_for_tests(&self, pages: u32) -> Result<(), FieldError> {
        Ok(self.store.limit_pages_for_tests(pages)?)
    }

    /// The database and its lifeboat, past the use cases; for tests that look at what is kept.
    #[doc(hidden)]
    pub const fn store_for_tests(&self) -> &Store {
        &self.store
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
pub(crate) const MADE: &str = "made";
/// The data key, wrapped by the host.
pub(crate) const KEY: &str = "key";

/// The vault's data key: unwrapped by the host, or made and wrapped when the folder is new. The vault's lock is held.
fn data_key(disk: &dyn Disk, folder: &Path, host: &Host, keys: &dyn KeyVault) -> Result<DataKey, FieldError> {
    let file = folder.join(KEY);
    let database_bytes = disk.size(&folder.join("fieldbook.db"))?.unwrap_or(0);
    let has_key = disk.size(&file)?.is_some();
    let reset = host.storage.flaw == Some(grid_store::Flaw::ResetOnDamage);
    if crate::recover::is_interrupted(disk, folder)? && !reset {
        return Err(FieldError::Damaged);
    }
    if disk.size(&folder.join(MADE))?.is_some() && (database_bytes == 0 || !has_key) && !reset {
        return Err(FieldError::Damaged);
    }
    if has_key {
        return Ok(keys.unwrap(&read_all(disk, &file)?)?);
    }
    // A database without its key is never overwritten by a new one.
    if database_bytes > 0 {
        return Err(FieldError::Damaged);
    }
    let key = DataKey::from_bytes(host.random()?);
    write_durably(disk, &file, &keys.wrap(&key)?)?;
    Ok(key)
}

/// A vault of the first schema gets what it lacks: the chain beside each change, a key for captures.
fn complete(store: &Store, host: &Host, mut identity: Identity) -> Result<Identity, FieldError> {
    let device = identity.device;
    while store.write(|tx| tx.fill_chain(device).map_err(FieldError::from))? {}
    if identity.sealing_secret.is_none() {
        let secret = sealing_secret(host)?;
        store.write(|tx| tx.set_sealing_secret(&secret).map_err(FieldError::from))?;
        identity.sealing_secret = Some(secret);
    }
    Ok(identity)
}

pub(crate) fn create(store: &Store, host: &Host) -> Result<Identity, FieldError> {
    let mut secret = host.random()?;
    // About one draw in 2^32 is no valid scalar.
    while SignatureKey::from_secret(&secret).is_err() {
        secret = host.random()?;
    }
    let device = DeviceId(host.random()?);
    let identity = Identity {
        device,
        secret,
        sealing_secret: Some(sealing_secret(host)?),
        epoch: Epoch(u64::from_be_bytes(host.random()?)),
    };
    let wall_ms = host.clock.now().wall_ms;
    store.write(|tx| tx.create_identity(&identity, wall_ms).map_err(FieldError::from))?;
    Ok(identity)
}
