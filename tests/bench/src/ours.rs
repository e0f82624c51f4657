//! The field core with everything on: encryption, chain, outbox, lifeboat, views.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use grid_fieldbook::{Clock, FieldBook, Host, Moment, PatrolDraft, StoreOptions, SystemEntropy};
use grid_model::Seq;
use grid_model::id::{PatrolId, PhoneId, WorkerId};
use grid_model::lane::Lane;
use grid_model::terms::{PatrolType, Transport};
use grid_store::{Crew, Draft, Enrolment, Store};
use grid_vault::{DataKey, KeyVault, KeyVaultError, SealingKey, SignatureKey};

use crate::BenchError;
use crate::plan::{ANCHOR, Plan, Step, View, body};

/// A clock that goes on by 40 ms at each look.
#[derive(Debug, Default)]
struct BenchClock(AtomicI64);

impl Clock for BenchClock {
    fn now(&self) -> Moment {
        let passed = self.0.fetch_add(40, Ordering::Relaxed);
        Moment {
            wall_ms: ANCHOR.wall_ms + passed,
            mono_ms: ANCHOR.mono_ms + passed,
            boot: ANCHOR.boot,
        }
    }
}

/// Keeps the data key as it is: unwrapping is the phone's key store's work, not ours.
struct OpenKeys;

impl KeyVault for OpenKeys {
    fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, KeyVaultError> {
        Ok(key.expose().to_vec())
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<DataKey, KeyVaultError> {
        let bytes = wrapped.try_into().map_err(|_| KeyVaultError::Lost)?;
        Ok(DataKey::from_bytes(bytes))
    }
}

fn options(lifeboat: bool) -> StoreOptions {
    StoreOptions {
        lifeboat,
        ..StoreOptions::default()
    }
}

/// Opens the field book in a folder.
pub(crate) fn open_book(folder: &Path, lifeboat: bool) -> Result<FieldBook, BenchError> {
    let mut host = Host::new(Arc::new(BenchClock::default()), Arc::new(SystemEntropy));
    host.storage = options(lifeboat);
    Ok(FieldBook::open(folder, host, &OpenKeys)?)
}

/// Opens the store below it, with its lifeboat manned.
pub(crate) fn open_store(folder: &Path, lifeboat: bool) -> Result<Store, BenchError> {
    let mut found = None;
    let store = Store::open_with(folder, options(lifeboat), |disk| {
        let bytes = grid_store::read_all(disk, &folder.join("key"))?;
        let key = OpenKeys
            .unwrap(&bytes)
            .map_err(|_| BenchError::Child("no key".to_owned()))?;
        found = Some(key.clone());
        Ok::<_, BenchError>(key)
    })?;
    let data_key = found.ok_or_else(|| BenchError::Child("no key".to_owned()))?;
    let identity = store.read(|tx| tx.identity().map_err(BenchError::from))?;
    let identity = identity.ok_or_else(|| BenchError::Child("no identity".to_owned()))?;
    let signer = SignatureKey::from_secret(&identity.secret).map_err(vault)?;
    store.man_lifeboat(Crew {
        device: identity.device,
        signer,
        data_key,
        private: vec![0; 400],
        platform: platform_key()?,
        random: Arc::new(|buffer| {
            use grid_fieldbook::Entropy as _;
            SystemEntropy.fill(buffer)
        }),
    })?;
    Ok(store)
}

fn vault(error: grid_vault::VaultError) -> BenchError {
    BenchError::Child(error.to_string())
}

fn platform_key() -> Result<Vec<u8>, BenchError> {
    Ok(SealingKey::from_secret(&[3; 32]).map_err(vault)?.public())
}

/// Makes an enrolled vault that holds the tasks of a plan. Answers the running patrol.
pub(crate) fn make_vault(folder: &Path, plan: &Plan, lifeboat: bool) -> Result<PatrolId, BenchError> {
    let book = open_book(folder, lifeboat)?;
    let (patrol, _) = book.start_patrol(PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-01".to_owned(),
        point: None,
    })?;
    book.close()?;
    drop(book);
    let store = open_store(folder, lifeboat)?;
    let sealing_key = platform_key()?;
    store.write(|tx| {
        tx.set_enrolment(&enrolment(sealing_key))?;
        tx.set_anchor(&ANCHOR)?;
        plan.tasks.iter().try_for_each(|task| tx.put_task(task))
    })?;
    store.close()?;
    Ok(patrol)
}

fn enrolment(sealing_key: Vec<u8>) -> Enrolment {
    Enrolment {
        server: "http://127.0.0.1:1".to_owned(),
        authority: Vec::new(),
        phone: PhoneId([1; 16]),
        phone_label: "1号机".to_owned(),
        worker: WorkerId([2; 16]),
        display_name: "网格员".to_owned(),
        job_no: "G0001".to_owned(),
        org_name: "大鹿岛站".to_owned(),
        platform_key: sealing_key.clone(),
        sealing_key,
    }
}

/// What the worker does, one durable call after the other.
pub(crate) fn act(book: &FieldBook, patrol: PatrolId, steps: Vec<(i64, Step)>) -> Result<(), BenchError> {
    for (_, step) in steps {
        match step {
            Step::Accept(id) => book.accept(id)?,
            Step::Arrive(id, point) => book.arrive(id, Some(point))?,
            Step::Submit(id, _, draft) => book.submit(id, draft)?,
            Step::Observe(draft) => book.observe(patrol, draft)?,
            Step::Found(_, draft) => book.report_case(draft)?.1,
        };
    }
    Ok(())
}

/// The same work at the store's level, so many changes in a commit.
pub(crate) fn act_grouped(
    store: &Store,
    steps: Vec<(i64, Step)>,
    per_commit: usize,
) -> Result<(), BenchError> {
    let mut steps = steps.into_iter().peekable();
    while steps.peek().is_some() {
        store.write(|tx| {
            for (at, step) in steps.by_ref().take(per_commit) {
                let (lane, fact, view) = step.fact(at);
                lay(tx, at, (lane, fact), view)?;
            }
            Ok::<_, BenchError>(())
        })?;
    }
    Ok(())
}

/// A step as the field book writes it: the change, and the view that it moves.
pub(crate) fn lay(
    tx: &grid_store::Writing<'_>,
    at: i64,
    (lane, fact): (Lane, grid_wire::Fact),
    view: View,
) -> Result<(), BenchError> {
    append(tx, at, lane, fact)?;
    match view {
        View::None => {}
        View::Task(id, status) => tx.set_local_status(id, status)?,
        View::Case(row) => tx.insert_case(&row, None)?,
    }
    Ok(())
}

pub(crate) fn append(
    tx: &grid_store::Writing<'_>,
    at: i64,
    lane: Lane,
    fact: grid_wire::Fact,
) -> Result<Seq, BenchError> {
    Ok(tx.append(Draft::of(lane, &body(at, fact), at))?)
}
