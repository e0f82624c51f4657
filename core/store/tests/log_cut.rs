//! The write-ahead log and the database are never two tellings of the same: whatever of the log is cut off, what is left is
//! one state that was committed.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use grid_model::id::{DeviceId, Epoch, PatrolId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::CountKind;
use grid_store::{Draft, Identity, Store, StoreError, StoreLimits, StoreOptions};
use grid_vault::DataKey;

const KEY: DataKey = DataKey::from_bytes([7; 32]);
const DEVICE: DeviceId = DeviceId([1; 16]);
const COMMITS: u64 = 240;
const DAY: &str = "2026-01-12";
const FILES: [&str; 2] = ["fieldbook.db", "fieldbook.db-wal"];

fn options() -> StoreOptions {
    StoreOptions {
        limits: StoreLimits::SMALL,
        ..StoreOptions::default()
    }
}

fn open(folder: &Path) -> Store {
    Store::open_with(folder, options(), |_| Ok::<_, StoreError>(KEY)).expect("a store")
}

/// One change with its outbox entry, a step of a counter, and rows that fill pages elsewhere.
fn commit(store: &Store, number: u64) {
    let draft = Draft {
        lane: Lane::patrol(PatrolId([(number % 7) as u8; 16])),
        kind: ChangeKind::Observed,
        schema_version: 1,
        body: vec![number as u8; 700],
        files: Vec::new(),
        recorded_at_ms: 0,
    };
    store
        .write(|tx| {
            tx.append(draft)?;
            tx.add_to_tally(DAY, CountKind::Rescued, 1)
        })
        .expect("written");
}

/// Head of the log, unsent changes, steps of the counter.
fn told(store: &Store) -> (u64, u64, u64) {
    store
        .read(|tx| {
            let epoch = tx.current_epoch()?;
            assert!(tx.chain_holds(DEVICE, epoch)?, "the chain");
            let steps = tx.tally(DAY)?.first().map_or(0, |row| row.entries);
            Ok::<_, StoreError>((tx.head(epoch)?.seq().0, tx.outbox_count()?.saved, steps))
        })
        .expect("read")
}

#[test]
fn a_log_that_lost_its_end_shows_a_state_that_was_once_committed() {
    let vault = tempfile::tempdir().expect("a folder");
    let store = open(vault.path());
    let identity = Identity {
        device: DEVICE,
        secret: [2; 32],
        sealing_secret: Some([3; 32]),
        epoch: Epoch(5),
    };
    store.write(|tx| tx.create_identity(&identity, 0)).expect("made");
    store.settle().expect("in the database");
    let (mut moved, mut cut_short) = (0, 0);
    let mut before = u64::MAX;
    for number in 1..=COMMITS {
        commit(&store, number);
        let [_, log] = FILES.map(|name| fs::metadata(vault.path().join(name)).map_or(0, |file| file.len()));
        moved += u64::from(fs::metadata(vault.path().join(FILES[0])).expect("a file").len() != before);
        before = fs::metadata(vault.path().join(FILES[0])).expect("a file").len();
        for part in (0..4).filter(|_| number % 3 == 0) {
            let copy = tempfile::tempdir().expect("a folder");
            for name in FILES {
                fs::copy(vault.path().join(name), copy.path().join(name)).expect("copied");
            }
            let cut = fs::File::options()
                .write(true)
                .open(copy.path().join(FILES[1]))
                .expect("a log");
            cut.set_len(log * part / 4).expect("cut");
            let (head, unsent, steps) = told(&open(copy.path()));
            assert_eq!(
                (unsent, steps),
                (head, head),
                "commit {number}, {part} quarters of the log"
            );
            cut_short += u64::from(head < number);
        }
    }
    assert!(
        moved > 3 && cut_short > 100,
        "{moved} moves, {cut_short} cuts that took something"
    );
    assert_eq!(told(&store), (COMMITS, COMMITS, COMMITS));
}
