//! The border itself, without a foreign language: what panics on either side stays on that side.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use grid_ffi::{
    Budget, CancelToken, ClockReading, CountDraft, FieldBook, FieldError, HostClock, HostError, KeyVault,
    LockedBook, Obstacle, RecordState, UrgentDraft,
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

#[test]
fn a_folder_that_cannot_be_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    for (name, detail) in [
        (String::new(), "empty"),
        ("a\0b".to_owned(), "nul"),
        (format!("/{}", "x".repeat(256)), "too_long:255"),
        (file.display().to_string(), "not_a_folder"),
    ] {
        let refused = FieldBook::open(name, Arc::new(OpenKeys), None).err();
        let (field, detail) = ("folder".to_owned(), detail.to_owned());
        assert_eq!(refused, Some(FieldError::InvalidInput { field, detail }));
    }
}

/// While it wraps a key it does what its test wants with another field book, and keeps what came of it.
struct NosyKeys<Call>(Call, Mutex<Vec<Option<FieldError>>>);

impl<Call: Fn() -> Vec<Option<FieldError>> + Send + Sync> KeyVault for NosyKeys<Call> {
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError> {
        let seen = (self.0)();
        self.1.lock().unwrap_or_else(PoisonError::into_inner).extend(seen);
        Ok(key)
    }
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError> {
        Ok(wrapped)
    }
}

#[test]
fn a_callback_begins_no_sync_and_ends_no_capture() {
    let folder = tempfile::tempdir().expect("a folder");
    let book = open(&folder.path().join("one"), Arc::new(OpenKeys)).expect("opened");
    let locked = folder.path().join("locked");
    open(&locked, Arc::new(OpenKeys))
        .expect("opened")
        .close()
        .expect("closed");
    let capture = LockedBook::open(locked.display().to_string(), None).expect("a capture");
    let nosy = Arc::new(NosyKeys(
        move || {
            let budget = Budget {
                bytes: None,
                duration_ms: None,
                metered: false,
                photos: true,
            };
            let begun = Arc::clone(&book).begin_sync(budget).err();
            vec![begun, book.count(count(1)).err(), capture.end().err()]
        },
        Mutex::default(),
    ));
    open(&folder.path().join("two"), nosy.clone()).expect("opened");
    let refused = Some(FieldError::Unavailable {
        obstacle: Obstacle::InsideCallback,
    });
    let seen = nosy.1.lock().expect("what was seen").clone();
    assert!(
        seen.len() >= 2 && seen.iter().all(|seen| *seen == refused),
        "{seen:?}"
    );
}
