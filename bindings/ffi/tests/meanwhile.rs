//! While code of the host waits, nobody else does: no lock is held around it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use grid_ffi::{
    CancelToken, CountDraft, EnrollOutcome, FieldBook, FieldError, HostError, HttpAnswer, HttpRequest,
    KeyVault, LinkProblem, LockedBook, Obstacle, PhoneDraft, Transport, TransportError, explain,
};

/// What a piece of the host's code waits for: everything that somebody else does meanwhile, on a thread of its own.
type Meanwhile = Box<dyn Fn() + Send + Sync>;

/// Runs it and waits, as the host's code would for another thread of the app; whether it came to its end.
fn ended(meanwhile: &Arc<Mutex<Option<Meanwhile>>>) -> Option<bool> {
    let meanwhile = meanwhile.lock().unwrap_or_else(PoisonError::into_inner).take()?;
    let (done, waited) = mpsc::channel();
    thread::spawn(move || {
        meanwhile();
        done.send(())
    });
    Some(waited.recv_timeout(Duration::from_secs(20)).is_ok())
}

/// The host: its key vault and its carrier, each of which waits for somebody else first.
#[derive(Default)]
struct Host {
    meanwhile: Arc<Mutex<Option<Meanwhile>>>,
    ended: Mutex<Option<bool>>,
}

impl Host {
    fn that_waits_for(meanwhile: impl Fn() + Send + Sync + 'static) -> Arc<Self> {
        let meanwhile: Meanwhile = Box::new(meanwhile);
        Arc::new(Self {
            meanwhile: Arc::new(Mutex::new(Some(meanwhile))),
            ended: Mutex::default(),
        })
    }

    fn wait(&self) {
        if let Some(ended) = ended(&self.meanwhile) {
            *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
        }
    }

    fn others_went_on(&self) -> bool {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) == Some(true)
    }
}

impl KeyVault for Host {
    fn wrap(&self, key: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.wait();
        Ok(key)
    }
    fn unwrap(&self, wrapped: Vec<u8>) -> Result<Vec<u8>, HostError> {
        self.wait();
        Ok(wrapped)
    }
}

impl Transport for Host {
    fn send(&self, _: HttpRequest, _: Arc<CancelToken>) -> Result<HttpAnswer, TransportError> {
        self.wait();
        Err(TransportError::NoLink {
            problem: LinkProblem::Unreachable,
        })
    }
    fn authority(&self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(None)
    }
}

fn open(folder: &Path, keys: Arc<dyn KeyVault>) -> Result<Arc<FieldBook>, FieldError> {
    FieldBook::open(folder.display().to_string(), keys, None)
}

fn count() -> CountDraft {
    CountDraft {
        kind: "rescued".to_owned(),
        value: 1,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    }
}

/// Records into a book and looks at it.
fn use_it(book: &FieldBook) -> Result<(), FieldError> {
    book.count(count())?;
    book.status()?;
    book.tasks(true, 10)?;
    book.records(0, 10).map(drop)
}

#[test]
fn while_a_key_vault_waits_other_vaults_are_used_and_its_own_answers_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mine, other) = (folder.path().join("mine"), folder.path().join("other"));
    let made = open(&mine, Arc::new(Host::default())).expect("made");
    made.close().expect("closed");
    drop(made);
    let (same, beside) = (mine.clone(), other.clone());
    let host = Host::that_waits_for(move || {
        use_it(&open(&beside, Arc::new(Host::default())).expect("another vault")).expect("used");
        // The vault itself is somebody's already: who else wants it is told so, and does not wait.
        let taken = Some(FieldError::Unavailable {
            obstacle: Obstacle::AlreadyOpen,
        });
        assert_eq!(open(&same, Arc::new(Host::default())).err(), taken);
        assert_eq!(LockedBook::open(same.display().to_string(), None).err(), taken);
        explain(FieldError::Closed, "zh-CN".to_owned());
    });
    let book = open(&mine, host.clone()).expect("opened");
    assert!(host.others_went_on(), "somebody waited for the key vault");
    use_it(&book).expect("used");
    // A vault that is made asks for a key to be wrapped, with no other vault waiting for it either.
    let new = folder.path().join("new");
    let host = Host::that_waits_for(move || use_it(&book).expect("used"));
    open(&new, host.clone()).expect("made");
    assert!(host.others_went_on(), "somebody waited for the key vault");
}

#[test]
fn while_a_carrier_waits_the_same_book_is_used() {
    let folder = tempfile::tempdir().expect("a folder");
    let book = open(folder.path(), Arc::new(Host::default())).expect("opened");
    let same = Arc::clone(&book);
    let host = Host::that_waits_for(move || use_it(&same).expect("used"));
    let phone = PhoneDraft {
        phone: "0197a5f0-0000-7000-8000-000000000001".to_owned(),
        label: "phone".to_owned(),
        platform: "linux".to_owned(),
        app_version: "1".to_owned(),
    };
    let ticket = "grid:http://127.0.0.1:1#code=ABCD-EFGH".to_owned();
    let outcome = book.enroll_over(host.clone(), ticket, phone, None);
    let problem = LinkProblem::Unreachable;
    assert_eq!(outcome, Ok(EnrollOutcome::NoLink { problem }));
    assert!(host.others_went_on(), "somebody waited for the carrier");
    assert_eq!(book.tally_today().expect("a tally")[0].total, 1);
}
