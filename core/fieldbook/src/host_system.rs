//! The host of a desktop or server: its clocks, its random source and a key file. Phones bring their own.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use grid_vault::{DataKey, KeyVault, KeyVaultError};
use rustix::time::{ClockId, clock_gettime};

use crate::{Clock, Entropy, FieldBook, Host, Moment};

/// The clocks of a Linux machine: wall time, time since boot (sleep included) and the kernel's boot id.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let up = clock_gettime(SINCE_BOOT);
        Moment {
            wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX),
            mono_ms: up.tv_sec * 1_000 + up.tv_nsec / 1_000_000,
            boot: boot(),
        }
    }
}

/// The clock that goes on while the machine sleeps.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SINCE_BOOT: ClockId = ClockId::Boottime;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SINCE_BOOT: ClockId = ClockId::Monotonic;

/// The first half of the kernel's boot id; no process outlives its boot. Where the kernel tells none, a number of this process:
/// then no moment of another process is measured by one of this.
fn boot() -> u64 {
    static BOOT: OnceLock<u64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        boot_of(&fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default()).unwrap_or_else(
            || {
                let mut number = [0; 8];
                SystemEntropy.fill(&mut number);
                u64::from_ne_bytes(number)
            },
        )
    })
}

fn boot_of(id: &str) -> Option<u64> {
    let digits: String = id.chars().filter(|c| *c != '-').take(16).collect();
    u64::from_str_radix(&digits, 16).ok()
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        getrandom::fill(buffer).is_ok()
    }
}

impl Host {
    /// The host of this machine.
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }
}

/// Keeps the wrapping key in a file that only its owner may read (mode 0600). For the terminal and for tests: a phone uses
/// its hardware key store.
#[derive(Clone, Debug)]
pub struct FileKeyVault {
    file: PathBuf,
}

impl FileKeyVault {
    /// The key file at this path; made at the first use.
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self { file: file.into() }
    }

    fn read(&self) -> Result<[u8; 32], KeyVaultError> {
        let bytes = fs::read(&self.file).map_err(|_| KeyVaultError::Lost)?;
        bytes.try_into().map_err(|_| KeyVaultError::Lost)
    }

    fn create(&self) -> Result<[u8; 32], KeyVaultError> {
        let mut key = [0; 32];
        if !SystemEntropy.fill(&mut key) {
            return Err(KeyVaultError::Locked);
        }
        write_private(&self.file, &key).map_err(|_| KeyVaultError::Locked)?;
        Ok(key)
    }
}

impl KeyVault for FileKeyVault {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        let wrapping = if self.file.exists() {
            self.read()?
        } else {
            self.create()?
        };
        let mut nonce = [0; 12];
        if !SystemEntropy.fill(&mut nonce) {
            return Err(KeyVaultError::Locked);
        }
        key.wrap_with(&wrapping, nonce).map_err(|_| KeyVaultError::Lost)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        DataKey::unwrap_with(&self.read()?, wrapped).map_err(|_| KeyVaultError::Lost)
    }
}

/// Writes a small file that only its owner may read, durable before it has its name.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = path.with_extension("draft");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()
}

/// Flushes buffered track fixes within 15 seconds for as long as the field book lives; a phone's host may call
/// `FieldBook::flush_fixes_if_due` from its own timer instead.
pub fn keep_fixes_durable(book: &Arc<FieldBook>) -> std::io::Result<FixTimer> {
    let book: Weak<FieldBook> = Arc::downgrade(book);
    let timer = thread::Builder::new()
        .name("grid-flush".to_owned())
        .spawn(move || {
            loop {
                thread::park_timeout(Duration::from_secs(5));
                let Some(book) = book.upgrade() else { return };
                if let Err(error) = book.flush_fixes_if_due() {
                    log::warn!("flushing fixes: {error}");
                }
            }
        })?;
    Ok(FixTimer(timer.thread().clone()))
}

/// The thread behind `keep_fixes_durable`. Drop it after the field book: it looks up at once, and ends.
pub struct FixTimer(thread::Thread);

impl Drop for FixTimer {
    fn drop(&mut self) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    /// What the kernel says in /proc, ms; to 10 ms.
    fn uptime_ms() -> i64 {
        let text = fs::read_to_string("/proc/uptime").unwrap();
        let seconds: f64 = text.split(' ').next().unwrap().parse().unwrap();
        (seconds * 1_000.0) as i64
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_systems_clock_is_the_kernels() {
        let before = uptime_ms();
        let now = SystemClock.now();
        let after = uptime_ms();
        assert!(
            (before..=after + 10).contains(&now.mono_ms),
            "{before} {now:?} {after}"
        );
        let told = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        assert_eq!(Some(now.boot), boot_of(&told));
        assert_eq!(
            boot_of("e02a9d49-c823-413e-9aa9-2bd41c219a8a\n"),
            Some(0xe02a_9d49_c823_413e)
        );
        assert_eq!(boot_of(""), None);
    }
}
