//! The platform in one object: a folder, a hub over it, a clock. The binary, the tests and the demonstration open the same.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::Router;
use grid_hub::{Entropy, Hub, HubError, HubSettings, PlatformKeys, UploadId};
use grid_hub_sqlite::{SqliteSettings, SqliteStore};
use grid_model::DeviceId;
use grid_model::deadline::WorkCalendar;
use grid_wire::Refusal;
use tokio::sync::Semaphore;

use crate::admin::Admin;
use crate::console::Problem;
use crate::device::{Answers, Refused};
use crate::fault::Fault;
use crate::folder::{PlatformFolder, write_private};
use crate::guard::Undeclared;
use crate::password::Passwords;
use crate::upload::{SWEPT_EVERY_MS, Writers};
use crate::{Clock, Settings, StartError, router};

/// Days that are worked, as shipped; a file `work_calendar.csv` in the data folder takes its place.
const WORK_CALENDAR: &str = include_str!("../../../core/model/data/work_calendar.csv");
/// Password checks at one time: each takes as much memory as its cost says.
const PASSWORD_CHECKS_MAX: usize = 4;

/// One platform: cheap to clone, and every clone is the same one.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

struct Parts {
    folder: PlatformFolder,
    hub: Hub<SqliteStore>,
    clock: Arc<dyn Clock>,
    passwords: Passwords,
    password_checks: Semaphore,
    writers: Writers<UploadId>,
    pushing: Writers<DeviceId>,
    answers: Answers,
    swept_at_ms: AtomicI64,
    held: Mutex<Weak<File>>,
}

impl Platform {
    /// Makes a platform in `folder`, or opens the one that is there. Its keys are written to `folder/keys`, mode 0600.
    pub fn make(folder: &Path, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, StartError> {
        let folder = PlatformFolder::make(folder)?;
        let store = SqliteStore::open(&folder.store(), &store_settings(&settings))
            .map_err(|error| refine(error, &folder))?;
        let keys = keys(&folder, &store, &*settings.entropy)?;
        Hub::init(&store, clock.now_ms(), &keys, &*settings.entropy)
            .map_err(|error| refine(error, &folder))?;
        Self::over(folder, store, keys, clock, settings)
    }

    /// Opens the platform that is in `folder`.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, settings: Settings) -> Result<Self, StartError> {
        let folder = PlatformFolder::existing(folder)?;
        let store = SqliteStore::open(&folder.store(), &store_settings(&settings))
            .map_err(|error| refine(error, &folder))?;
        let keys = keys(&folder, &store, &*settings.entropy)?;
        Self::over(folder, store, keys, clock, settings)
    }

    fn over(
        folder: PlatformFolder,
        store: SqliteStore,
        keys: PlatformKeys,
        clock: Arc<dyn Clock>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let calendar = calendar(&folder)?;
        let hub = Hub::open(
            store,
            HubSettings {
                keys,
                calendar,
                entropy: Box::new(settings.entropy),
            },
        );
        let passwords = Passwords::of(settings.password_cost).ok_or(StartError::Store(HubError::Bug(
            "the password cost is none that Argon2 knows",
        )))?;
        Ok(Self(Arc::new(Parts {
            hub: hub.map_err(|error| refine(error, &folder))?,
            folder,
            clock,
            passwords,
            password_checks: Semaphore::new(PASSWORD_CHECKS_MAX),
            writers: Writers::default(),
            pushing: Writers::default(),
            answers: Answers::default(),
            swept_at_ms: AtomicI64::new(i64::MIN),
            held: Mutex::default(),
        })))
    }

    /// Everything the platform answers over HTTP.
    pub fn router(&self) -> Result<Router, Undeclared> {
        router::router(self)
    }

    /// What an operator sets up; the commands of `grid-platform admin` are these.
    pub fn admin(&self) -> Admin<'_> {
        Admin::of(self)
    }

    /// The hub, for whoever runs where blocking is allowed.
    pub fn hub(&self) -> &Hub<SqliteStore> {
        &self.0.hub
    }

    /// The platform's time, UTC ms.
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// Holds the folder against other servers until what is answered is dropped; this platform may hold it twice.
    pub(crate) fn hold(&self) -> Result<Arc<File>, StartError> {
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = held.upgrade() {
            return Ok(file);
        }
        let file = Arc::new(self.0.folder.hold()?);
        *held = Arc::downgrade(&file);
        Ok(file)
    }

    pub(crate) fn folder(&self) -> &PlatformFolder {
        &self.0.folder
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn password_checks(&self) -> &Semaphore {
        &self.0.password_checks
    }

    pub(crate) fn writers(&self) -> &Writers<UploadId> {
        &self.0.writers
    }

    pub(crate) fn pushing(&self) -> &Writers<DeviceId> {
        &self.0.pushing
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.0.answers
    }

    /// Whether the spool is to be swept now; whoever is told so does it. A clock that was set back counts as a long time.
    pub(crate) fn sweep_is_due(&self, now_ms: i64) -> bool {
        let due = |swept_at_ms: i64| {
            let since_ms = now_ms.saturating_sub(swept_at_ms);
            (!(0..SWEPT_EVERY_MS).contains(&since_ms)).then_some(now_ms)
        };
        let swept_at_ms = &self.0.swept_at_ms;
        swept_at_ms
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
    }

    /// Runs `f` where blocking is allowed.
    pub(crate) async fn blocking<T, E, F>(&self, f: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Fault> + Send + 'static,
        F: FnOnce(&Self) -> Result<T, E> + Send + 'static,
    {
        let platform = self.clone();
        tokio::task::spawn_blocking(move || f(&platform))
            .await
            .map_err(|gone| E::from(Fault::from(gone)))?
    }

    /// Asks the hub something that it always answers.
    pub(crate) async fn ask<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Hub<SqliteStore>, i64) -> Result<T, HubError> + Send + 'static,
    {
        self.blocking(move |platform| {
            f(platform.hub(), platform.now_ms()).map_err(|error| Fault::from(error).into())
        })
        .await
    }

    /// Asks the hub something for a supervisor, which it may refuse.
    pub(crate) async fn desk<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Hub<SqliteStore>, i64) -> grid_hub::Desk<T> + Send + 'static,
    {
        self.ask(f).await?.map_err(Problem::from)
    }

    /// Asks the hub something for a device, which it may refuse.
    pub(crate) async fn ask_device<T, F>(&self, f: F) -> Result<T, Refused>
    where
        T: Send + 'static,
        F: FnOnce(&Hub<SqliteStore>, i64) -> Result<Result<T, Refusal>, HubError> + Send + 'static,
    {
        self.blocking(move |platform| {
            f(platform.hub(), platform.now_ms())
                .map_err(Fault::from)?
                .map_err(Refused::from)
        })
        .await
    }
}

fn store_settings(settings: &Settings) -> SqliteSettings {
    SqliteSettings {
        pages_max: settings.store_pages_max,
        ..SqliteSettings::default()
    }
}

/// The platform's keys: those in the folder, or new ones for a store that has none yet.
fn keys(
    folder: &PlatformFolder,
    store: &SqliteStore,
    entropy: &dyn Entropy,
) -> Result<PlatformKeys, StartError> {
    let path = folder.first_keys();
    let differ = || StartError::KeysDiffer {
        folder: folder.keys(),
    };
    match fs::read(&path) {
        Ok(bytes) => {
            let later = later_keys(folder)?;
            keys_of(bytes, later.as_deref()).ok_or_else(differ)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if crate::health::initialised(store).map_err(|error| refine(error, folder))? {
                return Err(differ());
            }
            let keys = PlatformKeys::generate(entropy).map_err(|error| refine(error, folder))?;
            write_private(&path, keys.expose()).map_err(|source| StartError::folder(&path, source))?;
            Ok(keys)
        }
        Err(source) => Err(StartError::folder(&path, source)),
    }
}

/// The text of the keys that came later, if there are any.
fn later_keys(folder: &PlatformFolder) -> Result<Option<String>, StartError> {
    let path = folder.later_keys();
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StartError::folder(&path, source)),
    }
}

/// The keys in these files; `None` when they are none.
pub(crate) fn keys_of(first: Vec<u8>, later: Option<&str>) -> Option<PlatformKeys> {
    let first = PlatformKeys::from_secrets(first.try_into().ok()?)?;
    match later {
        Some(text) => first.with_later(text),
        None => Some(first),
    }
}

/// The operator's calendar, or the shipped one.
pub(crate) fn calendar(folder: &PlatformFolder) -> Result<WorkCalendar, StartError> {
    let path = folder.calendar();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => WORK_CALENDAR.to_owned(),
        Err(source) => return Err(StartError::folder(&path, source)),
    };
    WorkCalendar::parse(&text).map_err(|error| StartError::Calendar {
        path,
        line: error.line,
    })
}

fn refine(error: HubError, folder: &PlatformFolder) -> StartError {
    match error {
        HubError::SchemaTooNew { found, supported } => StartError::NewerSchema { found, supported },
        HubError::KeysDiffer => StartError::KeysDiffer {
            folder: folder.keys(),
        },
        HubError::NotInitialised => StartError::NoPlatform {
            folder: folder.root().to_owned(),
        },
        HubError::Full(_) => StartError::NoSpace { path: folder.store() },
        other => StartError::Store(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_a_newer_program_is_named_as_such() {
        let temp = tempfile::tempdir().expect("a folder");
        let folder = PlatformFolder::make(temp.path()).expect("its parts");
        let error = refine(
            HubError::SchemaTooNew {
                found: 9,
                supported: 1,
            },
            &folder,
        );
        let sentence = error.sentence();
        assert!(
            sentence.en.contains("schema 9") && sentence.en.contains("use the newer grid-platform"),
            "{}",
            sentence.en
        );
        assert!(sentence.zh.contains("请换用新版"), "{}", sentence.zh);
    }
}
