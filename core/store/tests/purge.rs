//! Purge: only what a proved backup holds leaves the phone, seven days of platform time later, and never what is unsent.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::sync::Arc;

use grid_model::Coded as _;
use grid_model::id::{DeviceId, Epoch, Incarnation, Seq, TaskId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::ParkReason;
use grid_store::{
    Crew, Draft, Identity, Purged, Store, StoreError, StoreLimits, StoreOptions, TEXT_STAYS_MS,
};
use grid_vault::{DataKey, SignatureKey};
use grid_wire::lifeboat::VaultPrivate;
use grid_wire::{Checkpoint, Receipt, Signed, Verdict};

const KEY: DataKey = DataKey::from_bytes([7; 32]);
const DEVICE: DeviceId = DeviceId([1; 16]);
const EPOCH: Epoch = Epoch(5);
const THIS: Incarnation = Incarnation([3; 16]);
const SAID_AT_MS: i64 = 1_767_571_200_000;

fn store(folder: &std::path::Path) -> Store {
    store_within(folder, StoreLimits::SMALL)
}

fn store_within(folder: &std::path::Path, limits: StoreLimits) -> Store {
    let options = StoreOptions {
        limits,
        ..StoreOptions::default()
    };
    let store = Store::open_with(folder, options, |_| Ok::<_, StoreError>(KEY.clone())).expect("a store");
    if store.read(|tx| tx.identity()).expect("read").is_none() {
        let identity = Identity {
            device: DEVICE,
            secret: [2; 32],
            sealing_secret: Some([3; 32]),
            epoch: EPOCH,
        };
        store.write(|tx| tx.create_identity(&identity, 0)).expect("made");
    }
    let drawn = std::sync::atomic::AtomicU64::new(1);
    let crew = Crew {
        device: DEVICE,
        signer: SignatureKey::from_secret(&[2; 32]).expect("a key"),
        data_key: KEY,
        private: grid_wire::encode(&VaultPrivate::new(
            vec![2; 32],
            vec![3; 32],
            EPOCH,
            None,
            Vec::new(),
        )),
        platform: Vec::new(),
        random: Arc::new(move |buffer| {
            let next = drawn.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            buffer
                .iter_mut()
                .zip(0_u64..)
                .for_each(|(byte, at)| *byte = (next.wrapping_mul(0x9E37_79B9) >> (at % 8)) as u8);
            true
        }),
    };
    store.man_lifeboat(crew).expect("manned");
    store
}

fn append(store: &Store, count: u8) {
    for task in 0..count {
        let draft = Draft {
            lane: Lane::task(TaskId([task; 16])),
            kind: ChangeKind::TaskAccepted,
            schema_version: 1,
            body: vec![task; 200],
            files: Vec::new(),
            recorded_at_ms: 0,
        };
        store.write(|tx| tx.append(draft)).expect("written");
    }
}

/// The platform's word on each position: `None` says nothing.
fn settle(store: &Store, verdicts: &[(u64, Verdict)]) {
    let ranges = Receipt::join(verdicts.iter().map(|(seq, verdict)| (Seq(*seq), *verdict)));
    let receipt = Receipt::new(
        (DEVICE, EPOCH),
        ranges,
        grid_vault::sha256(b""),
        THIS,
        (SAID_AT_MS, 0),
    );
    let proof = Signed {
        bytes: vec![1],
        signature: vec![2],
    };
    store
        .write(|tx| {
            let entries = tx.unsent(1_000, usize::MAX)?.entries;
            tx.settle(&receipt, &proof, &entries)
        })
        .expect("settled");
}

fn vouch(store: &Store, backed_up_to: u64, incarnation: Incarnation) {
    let checkpoint = Checkpoint::new((DEVICE, EPOCH), Seq(backed_up_to), Seq(backed_up_to), incarnation);
    store
        .write(|tx| tx.set_checkpoint(&checkpoint, SAID_AT_MS))
        .expect("kept");
}

fn all_accepted(to: u64) -> Vec<(u64, Verdict)> {
    (1..=to).map(|seq| (seq, Verdict::Accepted)).collect()
}

#[test]
fn a_receipt_alone_purges_nothing_and_a_checkpoint_only_after_seven_days() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    append(&store, 10);
    settle(&store, &all_accepted(10));
    let later = SAID_AT_MS + TEXT_STAYS_MS;
    assert_eq!(store.purge(THIS, i64::MAX).expect("purged"), Purged::default());
    vouch(&store, 6, THIS);
    assert_eq!(store.purge(THIS, later - 1).expect("purged"), Purged::default());
    assert_eq!(
        store.purge(Incarnation([4; 16]), later).expect("purged"),
        Purged::default()
    );
    assert_eq!(store.purge(THIS, later).expect("purged").changes, 6);
    let (left, holds, count) = store
        .read(|tx| {
            Ok::<_, StoreError>((
                tx.records(Seq(0), 100)?.len(),
                tx.chain_holds(DEVICE, EPOCH)?,
                tx.outbox_count()?,
            ))
        })
        .expect("read");
    assert_eq!((left, holds, count.received), (4, true, 10));
    append(&store, 1);
    let head = store.read(|tx| tx.head(EPOCH)).expect("read");
    assert_eq!(head.seq(), Seq(11), "positions go on");
}

#[test]
fn a_lane_goes_on_behind_a_change_that_was_purged() {
    let folder = tempfile::tempdir().expect("a folder");
    // With a log that is never moved, the log of changes alone knows the lanes until the purge.
    let store = store_within(folder.path(), StoreLimits::PHONE);
    append(&store, 10);
    settle(&store, &all_accepted(10));
    vouch(&store, 10, THIS);
    assert_eq!(store.purge(THIS, i64::MAX).expect("purged").changes, 10);
    drop(store);
    let store = store_within(folder.path(), StoreLimits::PHONE);
    append(&store, 1);
    let unsent = store.read(|tx| tx.unsent(10, usize::MAX)).expect("read");
    assert_eq!(unsent.entries[0].prev_in_lane, Seq(1));
}

#[test]
fn what_is_unsent_or_sent_back_stops_the_purge_before_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path());
    append(&store, 8);
    let mut verdicts = all_accepted(5);
    verdicts[3].1 = Verdict::Parked(ParkReason::known()[0]);
    settle(&store, &verdicts);
    vouch(&store, 8, THIS);
    let purged = store.purge(THIS, i64::MAX).expect("purged");
    assert_eq!(purged.changes, 3, "up to the one that was sent back");
    let parked = store.read(|tx| tx.parked(10)).expect("read");
    assert_eq!(parked.len(), 1);
    store
        .write(|tx| tx.retry(parked[0].place))
        .expect("offered again");
    assert_eq!(store.purge(THIS, i64::MAX).expect("purged").changes, 0);
}

#[test]
fn the_lifeboat_gives_up_segments_only_when_all_they_hold_is_purged() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..3 {
        let store = store(folder.path());
        append(&store, 4);
        store.close().expect("closed");
    }
    let store = store(folder.path());
    let segments = || {
        std::fs::read_dir(folder.path().join("lifeboat"))
            .expect("a folder")
            .count()
    };
    assert_eq!(segments(), 3);
    settle(&store, &all_accepted(12));
    vouch(&store, 6, THIS);
    let purged = store.purge(THIS, i64::MAX).expect("purged");
    assert_eq!((purged.changes, purged.segments), (6, 1));
    assert_eq!(segments(), 2);
    let mut kept = Vec::new();
    store
        .read_lifeboat(&mut |_, row| {
            if let grid_store::BoatRow::Change(change, _) = row {
                kept.push(change.entry().seq.0);
            }
        })
        .expect("read");
    assert_eq!(kept, [5, 6, 7, 8, 9, 10, 11, 12]);
}
