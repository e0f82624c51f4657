//! Opening, closing and the two doors: `write` (one at a time, flushed) and `read` (never waits for a writer).

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use grid_vault::DataKey;
use rusqlite::{Connection, TransactionBehavior};

use crate::connect::{DATABASE, WAL, connect, locked, shut};
use crate::disk::{Disk, DiskLock};
use crate::lanes::Tail;
use crate::lifeboat::{Crew, Lifeboat};
use crate::migrate::migrate;
use crate::options::{Flaw, StoreOptions};
use crate::space::{Purpose, Space};
use crate::txn::{Reading, Writing};
use crate::wal::settle_wal;
use crate::{Boarding, Failure, SpaceLeft, StoreError};

/// Oldest SQLite this store runs on: earlier ones can lose committed writes when a checkpoint races (WAL-reset bug).
pub const SQLITE_VERSION_MIN: i32 = 3_051_003;
const READERS: usize = 2;

/// One vault's database and its lifeboat. Cheap to share by reference between threads.
pub struct Store {
    folder: PathBuf,
    key: DataKey,
    pub(crate) options: StoreOptions,
    pub(crate) space: Space,
    phase: AtomicU8,
    pub(crate) writer: Mutex<Option<Writer>>,
    readers: [Mutex<Option<Connection>>; READERS],
    lock: Mutex<Option<Box<dyn DiskLock>>>,
    pub(crate) crew: Mutex<Option<Crew>>,
    pub(crate) second_copy: AtomicBool,
    /// How often it was connected: what lies beside the database may have changed in between.
    pub(crate) wakes: AtomicU64,
    /// The last writer left frames unwritten, or was not closed: the lifeboat may lack what is no change, too.
    pub(crate) owes_frames: AtomicBool,
}

pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) boat: Option<Lifeboat>,
    /// A flush failed: what the file holds is not known before it was opened again.
    pub(crate) poisoned: bool,
    pub(crate) commits: u32,
    /// What is known of the lanes, once it was looked up; nothing after a transaction that was rolled back.
    pub(crate) lanes: Option<Tail>,
}

const OPEN: u8 = 0;
const SUSPENDED: u8 = 1;
const CLOSED: u8 = 2;

impl Store {
    /// Opens the vault in `folder` on the phone's own disk, creating it when it is new, and brings its schema up to date.
    pub fn open(folder: &Path, key: &DataKey) -> Result<Self, StoreError> {
        Self::open_with(folder, StoreOptions::default(), |_| Ok(key.clone()))
    }

    /// Like `open`; `key` is asked only once this vault's lock is held, so that of several openers of a new folder one
    /// makes its key and the others are told `AlreadyOpen`.
    pub fn open_with<E: From<StoreError>>(
        folder: &Path,
        options: StoreOptions,
        key: impl FnOnce(&dyn Disk) -> Result<DataKey, E>,
    ) -> Result<Self, E> {
        let disk = options.disk.clone();
        disk.create_dir_all(&folder.join("attachments"))
            .map_err(StoreError::from)?;
        let lock = locked(&options, folder)?;
        let store = Self {
            folder: folder.to_owned(),
            key: key(&*disk)?,
            space: Space {
                disk,
                folder: folder.to_owned(),
                limits: options.limits,
            },
            options,
            phase: AtomicU8::new(CLOSED),
            writer: Mutex::new(None),
            readers: [const { Mutex::new(None) }; READERS],
            lock: Mutex::new(None),
            crew: Mutex::new(None),
            second_copy: AtomicBool::new(false),
            wakes: AtomicU64::new(0),
            owes_frames: AtomicBool::new(false),
        };
        store.connect_all(&mut held(&store.writer), lock)?;
        Ok(store)
    }

    /// Opens again after `close`; the lifeboat is to be manned again, because the files may be others. Does nothing to an
    /// open store.
    pub fn reopen(&self) -> Result<(), StoreError> {
        let mut writer = held(&self.writer);
        if writer.is_some() {
            return Ok(());
        }
        *held(&self.crew) = None;
        let lock = locked(&self.options, &self.folder)?;
        self.connect_all(&mut writer, lock)
    }

    fn connect_all(
        &self,
        writer: &mut Option<Writer>,
        lock: Option<Box<dyn DiskLock>>,
    ) -> Result<(), StoreError> {
        if rusqlite::version_number() < SQLITE_VERSION_MIN {
            return Err(StoreError::Unreadable("SQLite of this build: older than 3.51.3"));
        }
        self.space.make_room(Purpose::Settle)?;
        // A log that was not put away: buffered fixes came without their frames.
        if self.disk().size(&self.folder.join(WAL))?.unwrap_or(0) > 0 {
            self.owes_frames.store(true, Ordering::Release);
        }
        if self.options.flaw != Some(Flaw::ResetOnDamage) {
            crate::authentic::check_log(self.disk(), &self.folder, &self.key)?;
        }
        let mut connection = self.connect_writer()?;
        migrate(&mut connection, self.options.flaw)?;
        settle_wal(&connection)?;
        *held(&self.lock) = lock;
        let crew = held(&self.crew).clone();
        let opened = writer.insert(Writer {
            connection,
            boat: None,
            poisoned: false,
            commits: 0,
            lanes: None,
        });
        // It was manned before: what the database has more than the segments gets its frames now. A database that knows
        // less than they do is another one than was let go: nothing may be written to it before it was opened anew.
        let manned = match crew.map(|crew| self.man(opened, crew)) {
            Some(Ok(Boarding::Ahead | Boarding::Forked)) => Err(StoreError::WrongKeyOrDamaged),
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Ok(()),
        };
        if let Err(error) = manned {
            let half_open = writer.take();
            *held(&self.lock) = None;
            shut(half_open.map(|writer| writer.connection))?;
            return Err(error);
        }
        self.wakes.fetch_add(1, Ordering::AcqRel);
        self.phase.store(OPEN, Ordering::Release);
        Ok(())
    }

    fn connect_writer(&self) -> Result<Connection, StoreError> {
        let opened = connect(&self.folder, &self.key, &self.options, false);
        if self.options.flaw == Some(Flaw::ResetOnDamage)
            && matches!(opened, Err(StoreError::WrongKeyOrDamaged))
        {
            for name in [DATABASE, WAL, "fieldbook.db-shm"] {
                let _ = self.options.disk.remove(&self.folder.join(name));
            }
            return connect(&self.folder, &self.key, &self.options, false);
        }
        opened
    }

    /// Closes. Returns only when no lock of SQLite or of this vault is held; later calls answer `Closed`.
    pub fn close(&self) -> Result<(), StoreError> {
        self.let_go(CLOSED)
    }

    /// Lets go of every lock and file, as a phone's system asks before it suspends the application. The next call takes
    /// them up again.
    pub fn suspend(&self) -> Result<(), StoreError> {
        match self.phase.load(Ordering::Acquire) {
            CLOSED => Err(StoreError::Closed),
            _ => self.let_go(SUSPENDED),
        }
    }

    /// Whether calls are taken: `Closed` after `close`, whatever there is to do. Wakes nothing.
    pub fn check_open(&self) -> Result<(), StoreError> {
        match self.phase.load(Ordering::Acquire) {
            CLOSED => Err(StoreError::Closed),
            _ => Ok(()),
        }
    }

    fn let_go(&self, phase: u8) -> Result<(), StoreError> {
        let mut writer = held(&self.writer);
        self.phase.store(phase, Ordering::Release);
        // Every step is taken, whatever the one before it came to: no lock may stay.
        let mut done = Ok(());
        for reader in &self.readers {
            done = done.and(shut(held(reader).take()));
        }
        if let Some(mut writer) = writer.take() {
            self.put_lanes_away(&mut writer);
            self.leave(&writer);
            if let Some(boat) = &mut writer.boat {
                boat.close_segment();
            }
            done = done.and(shut(Some(writer.connection)));
        }
        if self.options.flaw == Some(Flaw::CloseKeepsLock) {
            return done;
        }
        let unlocked = held(&self.lock).take().map_or(Ok(()), |mut lock| lock.unlock());
        done.and(unlocked.map_err(StoreError::from))
    }

    /// The open writer; a suspended store wakes, a poisoned one is opened again first.
    pub(crate) fn awake(&self) -> Result<MutexGuard<'_, Option<Writer>>, StoreError> {
        let mut writer = held(&self.writer);
        if writer.is_none() && self.phase.load(Ordering::Acquire) == SUSPENDED {
            let lock = locked(&self.options, &self.folder)?;
            self.connect_all(&mut writer, lock)?;
        }
        if writer.as_ref().is_some_and(|writer| writer.poisoned) {
            self.heal(&mut writer)?;
        }
        if writer.is_none() {
            return Err(StoreError::Closed);
        }
        Ok(writer)
    }

    /// Remembers what a writer that is given up leaves undone.
    fn leave(&self, writer: &Writer) {
        let owes = writer.boat.as_ref().is_none_or(Lifeboat::owes_frames);
        self.owes_frames.fetch_or(owes, Ordering::AcqRel);
    }

    /// After a failed flush the truth is what a fresh look at the files shows, never what memory believes.
    fn heal(&self, writer: &mut Option<Writer>) -> Result<(), StoreError> {
        // A reader that came now would be counted among those that hold the log.
        self.phase.store(SUSPENDED, Ordering::Release);
        for reader in &self.readers {
            shut(held(reader).take())?;
        }
        // Whatever fails from here on, the vault is let go of, and taken up again by the next call.
        let lock = held(&self.lock).take();
        if let Some(old) = writer.take() {
            self.leave(&old);
            shut(Some(old.connection))?;
        }
        self.connect_all(writer, lock)
    }

    /// Runs `f` in a write transaction and returns once it is committed and flushed. An error rolls everything back.
    pub fn write<R, E: Failure>(&self, f: impl FnOnce(&Writing<'_>) -> Result<R, E>) -> Result<R, E> {
        self.write_for(Purpose::Capture, f)
    }

    /// Like `write`, for a purpose that decides how much of the kept-back space it may use.
    pub fn write_for<R, E: Failure>(
        &self,
        purpose: Purpose,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut guard = self.awake()?;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        self.make_room(writer, purpose)?;
        let result = self.transact(writer, f)?;
        self.after_commit(writer);
        Ok(result)
    }

    /// What is committed is saved, however the log is.
    fn after_commit(&self, writer: &mut Writer) {
        if let Err(error) = self.tend_log(writer) {
            writer.poisoned |= error.is_of_connection();
            ::log::warn!("looking at the log: {error}");
        }
    }

    /// Like `write`, but the commit is not flushed: it survives a killed process, and a power cut only once a later
    /// `write` or `flush` has returned. For single track fixes, which are durable within 15 seconds.
    pub fn write_buffered<R, E: Failure>(
        &self,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.write_buffered_for(Purpose::Capture, f)
    }

    /// Like `write_buffered`, for a purpose. For what is made again when a power cut takes it: a sealed batch, rows of a page
    /// before its place is noted.
    pub fn write_buffered_for<R, E: Failure>(
        &self,
        purpose: Purpose,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        // The guard is held throughout: no other write may commit without its flush, whatever happens inside this one.
        let mut guard = self.awake()?;
        let writer = guard.as_mut().ok_or(StoreError::Closed)?;
        self.make_room(writer, purpose)?;
        if let Err(error) = writer.connection.pragma_update(None, "synchronous", "NORMAL") {
            writer.poisoned = true;
            return Err(StoreError::from(error).into());
        }
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.transact_unguarded(writer, f)
        }));
        if let Err(error) = writer.connection.pragma_update(None, "synchronous", "FULL") {
            // A writer that no longer flushes must not be written to.
            writer.poisoned = true;
            return Err(StoreError::from(error).into());
        }
        let result = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        writer.poisoned |= result.as_ref().is_err_and(Failure::is_of_disk);
        let (result, left) = result?;
        if left {
            // A change was sealed on the way: its frame may not go before its flush.
            self.transact(writer, |tx| tx.touch())?;
        }
        self.after_commit(writer);
        Ok(result)
    }

    /// Makes buffered writes durable.
    pub fn flush(&self) -> Result<(), StoreError> {
        self.write(|tx| tx.touch())
    }

    /// One flushed transaction. After a failure of database or disk the writer is opened again before it is used: SQLCipher
    /// goes on failing after one page that could not be read.
    fn transact<R, E: Failure>(
        &self,
        writer: &mut Writer,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let result = self.transact_guarded(writer, f);
        writer.poisoned |= result.as_ref().is_err_and(Failure::is_of_disk);
        result
    }

    fn transact_guarded<R, E: Failure>(
        &self,
        writer: &mut Writer,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let transaction = begin(&mut writer.connection)?;
        let writing = Writing::new(transaction, writer.lanes.take());
        let result = f(&writing)?;
        let what = writing.take_unguarded();
        let mut prepared = None;
        if let Some(boat) = writer.boat.as_mut().filter(|boat| boat.is_due(&what)) {
            let life = writing.current_life()?;
            prepared = boat.prepare(&what, &writing.newest_of(&life)?, life.epoch)?;
            if self.options.flaw == Some(Flaw::FrameBeforeCommit) {
                boat.board(prepared.take());
            }
        }
        let apart = match self.options.flaw {
            Some(Flaw::OutboxApart) => writing.take_outbox()?,
            _ => Vec::new(),
        };
        match writing.commit() {
            Ok(lanes) => writer.lanes = lanes,
            Err(error) => {
                writer.poisoned = !matches!(error, StoreError::Full);
                return Err(error.into());
            }
        }
        if !apart.is_empty() {
            let later = Writing::new(begin(&mut writer.connection)?, None);
            later.put_outbox(&apart)?;
            later.commit()?;
        }
        if let Some(boat) = &mut writer.boat {
            boat.board(prepared);
        }
        self.look_after(writer);
        writer.commits = writer.commits.wrapping_add(1);
        Ok(result)
    }

    /// A transaction whose commit is not flushed. Answers whether it left a change that needs its frame.
    fn transact_unguarded<R, E: Failure>(
        &self,
        writer: &mut Writer,
        f: impl FnOnce(&Writing<'_>) -> Result<R, E>,
    ) -> Result<(R, bool), E> {
        let transaction = begin(&mut writer.connection)?;
        let writing = Writing::new(transaction, writer.lanes.take());
        let result = f(&writing)?;
        let what = writing.take_unguarded();
        match writing.commit() {
            Ok(lanes) => writer.lanes = lanes,
            Err(error) => {
                writer.poisoned = !matches!(error, StoreError::Full);
                return Err(error.into());
            }
        }
        let left = what.iter().any(|one| one.epoch().is_some());
        if let Some(boat) = &mut writer.boat {
            boat.wait(what);
        }
        Ok((result, left))
    }

    /// Runs `f` on a consistent snapshot. Never waits for a running write.
    pub fn read<R, E: Failure>(&self, f: impl FnOnce(&Reading<'_>) -> Result<R, E>) -> Result<R, E> {
        if self.phase.load(Ordering::Acquire) == SUSPENDED {
            drop(self.awake()?);
        }
        let mut guard = self.readers.iter().find_map(free);
        let mut fallback = None;
        let slot = match guard.as_mut() {
            Some(guard) => &mut **guard,
            None => &mut **fallback.insert(held(&self.readers[0])),
        };
        if self.phase.load(Ordering::Acquire) != OPEN {
            return Err(StoreError::Closed.into());
        }
        let connection = match slot {
            Some(connection) => connection,
            None => slot.insert(connect(&self.folder, &self.key, &self.options, true)?),
        };
        let begun = connection.transaction_with_behavior(TransactionBehavior::Deferred);
        let mut distrusted = false;
        let result = begun
            .map_err(|error| StoreError::from(error).into())
            .and_then(|transaction| {
                let reading = Reading::new(transaction, None);
                let result = f(&reading);
                distrusted = reading.is_distrusted();
                result
            });
        if distrusted || result.as_ref().is_err_and(Failure::is_of_disk) {
            // SQLCipher goes on failing after one page that could not be read.
            *slot = None;
        }
        result
    }

    /// How this vault stands with space.
    pub fn space_left(&self) -> Result<SpaceLeft, StoreError> {
        self.space.left()
    }

    /// Makes the kept-back space whole again when there is plenty.
    pub fn refill_ballast(&self) -> Result<(), StoreError> {
        self.space.fill()
    }

    /// Pretends that the disk has room for this many database pages; for tests of what a full disk is told.
    #[doc(hidden)]
    pub fn limit_pages_for_tests(&self, pages: u32) -> Result<(), StoreError> {
        let guard = self.awake()?;
        let writer = guard.as_ref().ok_or(StoreError::Closed)?;
        writer.connection.pragma_update(None, "max_page_count", pages)?;
        Ok(())
    }

    /// The folder of this vault.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The disk below this vault.
    pub fn disk(&self) -> &dyn Disk {
        &*self.options.disk
    }

    pub(crate) const fn data_key(&self) -> &DataKey {
        &self.key
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            ::log::warn!("closing the store: {error}");
        }
    }
}

pub(crate) fn begin(connection: &mut Connection) -> Result<rusqlite::Transaction<'_>, StoreError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// The lock, if nobody holds it.
fn free<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(left)) => Some(left.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// A lock whose holder panicked is taken over: SQLite rolled its transaction back.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
