//! The `FieldBook` object: opening and closing.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use grid_fieldbook::{FixTimer, Host, SystemEntropy, keep_fixes_durable};

use crate::border::{guarded, refuse_inside_host};
use crate::clock::BorderClock;
use crate::keys::HostKeys;
use crate::{FieldError, HostClock, KeyVault};

/// One worker's durable record on one phone. Share one object between threads; its calls are short and blocking.
///
/// A call that records something returns only when it is durable. Call from a background thread.
#[derive(uniffi::Object)]
pub struct FieldBook {
    book: Arc<grid_fieldbook::FieldBook>,
    clock: Arc<BorderClock>,
    /// Whether a sync is under way; nobody ever waits for it.
    pub(crate) syncing: Arc<AtomicBool>,
    /// Behind the book: what is let go of first is gone when the timer looks.
    _timer: FixTimer,
}

impl FieldBook {
    /// Runs one call: the host's clock is read first, a panic stays here, and no callback gets here.
    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce(&grid_fieldbook::FieldBook) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        refuse_inside_host()?;
        self.look(call)
    }

    /// Runs a call that only looks; a callback may.
    pub(crate) fn look<T>(
        &self,
        call: impl FnOnce(&grid_fieldbook::FieldBook) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        let _reading = self.clock.read();
        guarded(|| call(&self.book))
    }

    /// Runs a call that takes its time, and sees it pass on the host's clock.
    pub(crate) fn long_call<T>(
        &self,
        call: impl FnOnce(&grid_fieldbook::FieldBook) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        refuse_inside_host()?;
        guarded(|| call(&self.book))
    }

    /// The monotonic clock, ms.
    pub(crate) fn mono_ms(&self) -> i64 {
        grid_fieldbook::Clock::now(&*self.clock).mono_ms
    }
}

/// What is wrong with the name of a folder, whatever the disk says of it.
fn unusable(folder: &str) -> Option<&'static str> {
    const NAME_BYTES_MAX: usize = 255;
    if folder.is_empty() {
        return Some("empty");
    }
    if folder.contains('\0') {
        return Some("nul");
    }
    if folder.split('/').any(|name| name.len() > NAME_BYTES_MAX) {
        return Some("too_long:255");
    }
    Path::new(folder).is_file().then_some("not_a_folder")
}

/// What every opening begins with: no callback, a folder, a clock.
pub(crate) fn host_of(
    folder: &str,
    clock: Option<Arc<dyn HostClock>>,
) -> Result<(Arc<BorderClock>, Host), FieldError> {
    refuse_inside_host()?;
    if let Some(problem) = unusable(folder) {
        return Err(FieldError::invalid("folder", problem));
    }
    let clock = Arc::new(BorderClock::new(clock));
    let host = Host::new(clock.clone(), Arc::new(SystemEntropy));
    Ok((clock, host))
}

#[uniffi::export]
impl FieldBook {
    /// Opens the vault in `folder`, or makes a new one there. One folder holds one person's record on this phone.
    ///
    /// A vault whose database does not open is `Damaged` and left exactly as it is. Without `clock` the system's clocks are
    /// used, which is enough on Linux; phones hide theirs and need one.
    #[uniffi::constructor(default(clock = None))]
    pub fn open(
        folder: String,
        key_vault: Arc<dyn KeyVault>,
        clock: Option<Arc<dyn HostClock>>,
    ) -> Result<Arc<Self>, FieldError> {
        let (clock, host) = host_of(&folder, clock)?;
        let keys = HostKeys::new(key_vault);
        let reading = clock.read();
        let opened = guarded(|| Ok(grid_fieldbook::FieldBook::open(Path::new(&folder), host, &keys)?));
        let book = Arc::new(keys.judged(opened)?);
        let timer = keep_fixes_durable(&book).map_err(|error| FieldError::internal(error.to_string()))?;
        drop(reading);
        Ok(Arc::new(Self {
            book,
            clock,
            syncing: Arc::default(),
            _timer: timer,
        }))
    }

    /// Closes. Returns when no lock is held and every buffered fix is durable; later calls answer `Closed`.
    pub fn close(&self) -> Result<(), FieldError> {
        self.call(|book| Ok(book.close()?))
    }

    /// Lets go of every lock and file, as a phone's system asks before it suspends the app; the next call takes them up again.
    pub fn suspend(&self) -> Result<(), FieldError> {
        self.call(|book| Ok(book.suspend()?))
    }

    /// Opens again after `close`, with the key that is still in memory. Does nothing to an open book.
    pub fn reopen(&self) -> Result<(), FieldError> {
        self.call(|book| Ok(book.reopen()?))
    }

    /// Makes buffered track fixes durable now. They are within 15 seconds anyway; for the moment an app goes to sleep.
    pub fn flush_fixes(&self) -> Result<(), FieldError> {
        self.call(|book| Ok(book.flush_fixes()?))
    }
}
