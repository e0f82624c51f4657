//! A lane's state is the least advanced of its records, whichever of them were received, sent back or offered again.
#![allow(clippy::expect_used, reason = "a test may panic")]

use grid_model::id::{DeviceId, Epoch, Incarnation, Seq, TaskId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::ParkReason;
use grid_store::{Draft, Identity, RecordState, Store, StoreError, StoreOptions};
use grid_vault::DataKey;
use grid_wire::{Receipt, Signed, Verdict};

const DEVICE: DeviceId = DeviceId([1; 16]);
const EPOCH: Epoch = Epoch(5);
const LANES: u8 = 5;

fn store(folder: &std::path::Path) -> Store {
    let store = Store::open(folder, &DataKey::from_bytes([7; 32])).expect("a store");
    let identity = Identity {
        device: DEVICE,
        secret: [2; 32],
        sealing_secret: Some([3; 32]),
        epoch: EPOCH,
    };
    store.write(|tx| tx.create_identity(&identity, 0)).expect("made");
    store
}

/// A small generator of choices.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn lane(number: u64) -> Lane {
    Lane::task(TaskId([u8::try_from(number).expect("few lanes"); 16]))
}

fn draft(choices: &mut Choices) -> Draft {
    let kinds = [ChangeKind::TaskAccepted, ChangeKind::ReportSubmitted];
    Draft {
        lane: lane(choices.below(u64::from(LANES))),
        kind: kinds[usize::from(choices.below(2) == 1)],
        schema_version: 1,
        body: vec![9; 20],
        files: Vec::new(),
        recorded_at_ms: 0,
    }
}

fn append(store: &Store, choices: &mut Choices) {
    let draft = draft(choices);
    store.write(|tx| tx.append(draft)).expect("written");
}

fn settle(store: &Store, choices: &mut Choices) {
    let bytes_max = 20 * (1 + usize::try_from(choices.below(6)).expect("few"));
    let unsent = store.read(|tx| tx.unsent(100, bytes_max)).expect("read");
    let mut verdicts = Vec::new();
    for entry in &unsent.entries {
        match choices.below(5) {
            0 => verdicts.push((entry.seq, Verdict::Parked(ParkReason::Conflict))),
            1 => {}
            _ => verdicts.push((entry.seq, Verdict::Accepted)),
        }
    }
    let receipt = Receipt::new(
        (DEVICE, EPOCH),
        Receipt::join(verdicts),
        grid_vault::sha256(b""),
        Incarnation([3; 16]),
        (0, 0),
    );
    let proof = Signed {
        bytes: vec![1],
        signature: vec![2],
    };
    store
        .write(|tx| tx.settle(&receipt, &proof, &unsent.entries))
        .expect("settled");
}

fn offer_again(store: &Store, choices: &mut Choices) {
    let parked = store.read(|tx| tx.parked(100)).expect("read");
    if parked.is_empty() {
        return;
    }
    let one = choices.below(parked.len() as u64);
    let place = parked[usize::try_from(one).expect("few")].place;
    store.write(|tx| tx.retry(place)).expect("offered again");
}

fn rank(state: RecordState) -> u8 {
    match state {
        RecordState::Parked(_) => 0,
        RecordState::Saved => 1,
        RecordState::Received => 2,
        RecordState::BackedUp => 3,
    }
}

#[test]
fn a_lanes_state_is_the_least_advanced_of_its_records() {
    for seed in 0..4 {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let mut choices = Choices(seed);
        for _ in 0..120 {
            match choices.below(8) {
                0 => settle(&store, &mut choices),
                1 => offer_again(&store, &mut choices),
                _ => append(&store, &mut choices),
            }
            store
                .read(|tx| {
                    let records = tx.records(Seq(0), 1_000)?;
                    for number in 0..u64::from(LANES) {
                        let own = || records.iter().filter(|record| record.lane == lane(number));
                        let least = own().map(|record| record.state).min_by_key(|state| rank(*state));
                        assert_eq!(tx.lane_state(lane(number))?, least, "seed {seed}");
                        let newest = own().find(|record| record.kind == ChangeKind::ReportSubmitted);
                        let found = tx.newest_in_lane(lane(number), ChangeKind::ReportSubmitted)?;
                        assert_eq!(found.map(|entry| entry.seq), newest.map(|record| record.place));
                    }
                    Ok::<_, StoreError>(())
                })
                .expect("read");
        }
    }
}

/// What each lane holds in each life, as a plain list.
type Threads = std::collections::BTreeMap<(u64, u64), Vec<Seq>>;

/// A log that is moved after a few changes.
fn options() -> StoreOptions {
    let mut options = StoreOptions::default();
    options.limits.wal_bytes = 160 * 1024;
    options
}

fn open(folder: &std::path::Path) -> Store {
    Store::open_with(folder, options(), |_| {
        Ok::<_, StoreError>(DataKey::from_bytes([7; 32]))
    })
    .expect("a store")
}

fn copied(from: &std::path::Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a folder");
    for name in ["fieldbook.db", "fieldbook.db-wal"] {
        std::fs::copy(from.join(name), to.path().join(name)).expect("copied");
    }
    to
}

#[test]
fn a_lane_is_threaded_through_rollbacks_reopenings_kills_moves_of_the_log_and_new_epochs() {
    for seed in 0..3 {
        let mut folder = tempfile::tempdir().expect("a folder");
        drop(store(folder.path()));
        let mut open_now = open(folder.path());
        let mut choices = Choices(seed + 100);
        let (mut threads, mut epoch) = (Threads::new(), EPOCH.0);
        for _ in 0..150 {
            match choices.below(16) {
                0 => {
                    drop(open_now);
                    open_now = open(folder.path());
                }
                1 => open_now.suspend().expect("suspended"),
                2 => {
                    // As a killed process leaves it: nothing was put away.
                    let left = copied(folder.path());
                    drop(open_now);
                    folder = left;
                    open_now = open(folder.path());
                }
                3 if choices.below(3) == 0 => {
                    epoch = 5 + choices.below(3);
                    open_now
                        .write(|tx| tx.begin_epoch(DEVICE, Epoch(epoch)))
                        .expect("begun");
                }
                4 => {
                    let undone = open_now.write(|tx| {
                        tx.append(draft(&mut choices))?;
                        Err::<(), _>(StoreError::NotFound("a reason"))
                    });
                    assert!(undone.is_err());
                }
                _ => {
                    for _ in 0..=choices.below(12) {
                        let draft = draft(&mut choices);
                        let lane = u64::from(draft.lane.id[0]);
                        let place = open_now.write(|tx| tx.append(draft)).expect("written");
                        let (_, position) = open_now
                            .read(|tx| tx.key_of(place))
                            .expect("read")
                            .expect("known");
                        threads.entry((epoch, lane)).or_default().push(position);
                    }
                }
            }
            open_now
                .read(|tx| {
                    for ((of, number), thread) in &threads {
                        let found = tx.lane_after(Epoch(*of), lane(*number), Seq(0))?;
                        let found: Vec<Seq> = found.iter().map(|entry| entry.seq).collect();
                        assert_eq!(found, *thread, "seed {seed}, epoch {of}, lane {number}");
                    }
                    Ok::<_, StoreError>(())
                })
                .expect("read");
        }
    }
}

#[test]
fn many_changes_of_one_lane_are_not_looked_up_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    let mut choices = Choices(1);
    for _ in 0..6 {
        store
            .write(|tx| {
                (0..100).try_for_each(|_| {
                    tx.append(Draft {
                        lane: lane(1),
                        ..draft(&mut choices)
                    })
                    .map(|_| ())
                })
            })
            .expect("written");
    }
    store.close().expect("closed");
    grid_store::wait_for_cipher();
    let raw = rusqlite::Connection::open(folder.path().join("fieldbook.db")).expect("opened");
    raw.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))
        .expect("key");
    let mark: i64 = raw
        .query_row("SELECT seq FROM lane_mark", [], |row| row.get(0))
        .expect("a mark");
    assert_eq!(
        mark, 600,
        "six hundred changes are put away, although their lanes are few"
    );
}
