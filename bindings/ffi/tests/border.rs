//! The border itself, without a foreign language: what panics on either side stays on that side.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use grid_ffi::{
    Budget, CancelToken, ClockReading, CountDraft, FieldBook, FieldError, HostClock, HostError, KeyVault,
    Obstacle, RecordState, UrgentDraft,
};

/// Keeps the key as it is: it is no secret here.
struct OpenKeys;

impl KeyVault for OpenKeys {
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(key)
    }
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(wrapped)
    }
}

/// Panics, or throws what it is given.
struct BrokenKeys(Option<HostError>);

impl BrokenKeys {
    fn fail(&self) -> Result<Vec<u8>, HostError> {
        match &self.0 {
            Some(error) => Err(error.clone()),
            None => panic!("a key vault that panics"),
        }
    }
}

impl KeyVault for BrokenKeys {
    fn wrap(&self, _: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.fail()
    }
    fn unwrap(&self, _: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.fail()
    }
}

fn open(folder: &Path, keys: Arc<dyn KeyVault>) -> Result<Arc<FieldBook>, FieldError> {
    FieldBook::open(folder.display().to_string(), keys, None)
}

fn count(value: i64) -> CountDraft {
    CountDraft {
        kind: "rescued".to_owned(),
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    }
}

#[test]
fn a_key_vault_that_panics_throws_or_waits_leaves_the_vault_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    open(folder.path(), Arc::new(OpenKeys))
        .expect("opened")
        .close()
        .expect("closed");
    let opened = |thrown| open(folder.path(), Arc::new(BrokenKeys(thrown))).err();
    assert!(matches!(opened(None), Some(FieldError::Internal { .. })));
    let failed = HostError::Failed {
        detail: "no chip".to_owned(),
    };
    assert_eq!(
        opened(Some(failed)),
        Some(FieldError::Internal {
            detail: "the host's key vault failed: no chip".to_owned()
        })
    );
    let locked = FieldError::Unavailable {
        obstacle: Obstacle::Locked,
    };
    assert_eq!(opened(Some(HostError::Locked)), Some(locked));
    assert_eq!(opened(Some(HostError::Lost)), Some(FieldError::Damaged));
    open(folder.path(), Arc::new(OpenKeys)).expect("opened again");
}

/// Panics from the second reading on.
struct FailingClock(AtomicU32);

impl HostClock for FailingClock {
    fn now(&self) -> Result<ClockReading, HostError> {
        assert_eq!(self.0.fetch_add(1, Ordering::SeqCst), 0, "a clock that panics");
        Ok(ClockReading {
            wall_ms: 1_767_571_200_000,
            mono_ms: 0,
            boot: 1,
        })
    }
}

#[test]
fn a_clock_that_panics_does_not_stop_a_rescue() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FailingClock(AtomicU32::new(0)));
    let book = FieldBook::open(
        folder.path().display().to_string(),
        Arc::new(OpenKeys),
        Some(clock),
    )
    .expect("opened");
    let urgent = UrgentDraft {
        title: "落水".to_owned(),
        place_text: String::new(),
        position: None,
    };
    let born = book.start_urgent(urgent).expect("saved");
    assert!(born.saved.recorded_at_ms > 0);
    assert_eq!(book.records(0, 1).expect("records")[0].state, RecordState::Saved);
}

/// At each reading has the book count on another thread, and waits for it, before it says the time.
#[derive(Default)]
struct WaitingClock {
    book: Mutex<Option<Arc<FieldBook>>>,
    busy: AtomicBool,
    stuck: AtomicBool,
}

impl HostClock for WaitingClock {
    fn now(&self) -> Result<ClockReading, HostError> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(book) = book
            && !self.busy.swap(true, Ordering::SeqCst)
        {
            let (done, counted) = mpsc::channel();
            thread::spawn(move || done.send(book.count(count(2)).is_ok()));
            if counted.recv_timeout(Duration::from_secs(20)) != Ok(true) {
                self.stuck.store(true, Ordering::SeqCst);
            }
            self.busy.store(false, Ordering::SeqCst);
        }
        Ok(ClockReading {
            wall_ms: 1_767_571_200_000,
            mono_ms: 0,
            boot: 1,
        })
    }
}

#[test]
fn the_clock_is_read_before_anything_is_locked() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(WaitingClock::default());
    let book = FieldBook::open(
        folder.path().display().to_string(),
        Arc::new(OpenKeys),
        Some(clock.clone()),
    )
    .expect("opened");
    *clock.book.lock().expect("the book") = Some(book.clone());
    book.count(count(1)).expect("saved");
    *clock.book.lock().expect("the book") = None;
    assert!(
        !clock.stuck.load(Ordering::SeqCst),
        "the clock was read under a lock"
    );
    assert_eq!(book.tally_today().expect("a tally")[0].total, 3);
}

#[test]
fn what_is_not_enrolled_or_closed_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let book = open(folder.path(), Arc::new(OpenKeys)).expect("opened");
    let sync = || {
        let budget = Budget {
            bytes: None,
            duration_ms: None,
            metered: false,
            photos: true,
        };
        book.sync(budget, CancelToken::new(), None).err()
    };
    let what = "enrolment".to_owned();
    assert_eq!(sync(), Some(FieldError::NotFound { what }));
    book.close().expect("closed");
    assert_eq!(sync(), Some(FieldError::Closed));
    assert_eq!(book.count(count(1)).err(), Some(FieldError::Closed));
}
