//! The two doors of the store: one writer that flushes, readers that never wait for it.
#![allow(clippy::expect_used, reason = "a test may panic")]

use std::sync::mpsc;
use std::thread;

use grid_model::id::{DeviceId, Epoch, PatrolId, TaskId};
use grid_model::lane::{ChangeKind, Lane};
use grid_model::terms::{PatrolType, Transport};
use grid_model::track::TrackPoint;
use grid_store::{Draft, Identity, PatrolRow, PatrolStatus, Store, StoreError};
use grid_vault::DataKey;

const KEY: DataKey = DataKey::from_bytes([7; 32]);

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &KEY).expect("a store");
    let identity = Identity {
        device: DeviceId([1; 16]),
        secret: [2; 32],
        sealing_secret: Some([3; 32]),
        epoch: Epoch(u64::MAX - 5),
    };
    store.write(|tx| tx.create_identity(&identity, 0)).expect("made");
    (folder, store)
}

fn draft(task: u8) -> Draft {
    Draft {
        lane: Lane::task(TaskId([task; 16])),
        kind: ChangeKind::TaskAccepted,
        schema_version: 1,
        body: vec![task; 40],
        files: Vec::new(),
        recorded_at_ms: 0,
    }
}

#[test]
fn a_screen_never_waits_for_a_running_write() {
    let (_folder, store) = store();
    let store = &store;
    let (writing_tx, writing_rx) = mpsc::channel();
    let (read_tx, read_rx) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            store
                .write(|tx| {
                    tx.append(draft(1))?;
                    writing_tx.send(()).expect("told");
                    // The write goes on until the read is done: were the reader to wait, nobody would ever move.
                    read_rx.recv().expect("read");
                    Ok::<_, StoreError>(())
                })
                .expect("written");
        });
        writing_rx.recv().expect("writing");
        let seen = store.read(|tx| tx.outbox_count()).expect("read");
        assert_eq!(seen.saved, 0, "what is not committed is not seen");
        read_tx.send(()).expect("told");
    });
    assert_eq!(store.read(|tx| tx.outbox_count()).expect("read").saved, 1);
}

#[test]
fn an_error_inside_a_write_leaves_no_trace() {
    let (_folder, store) = store();
    let failed = store.write(|tx| {
        tx.append(draft(1))?;
        Err::<(), _>(StoreError::NotFound("task"))
    });
    assert!(matches!(failed, Err(StoreError::NotFound("task"))));
    store.write(|tx| tx.append(draft(2))).expect("written");
    let (head, holds) = store
        .read(|tx| {
            let epoch = tx.current_epoch()?;
            Ok::<_, StoreError>((tx.head(epoch)?, tx.chain_holds(DeviceId([1; 16]), epoch)?))
        })
        .expect("read");
    assert_eq!(head.seq().0, 1);
    assert!(holds);
}

#[test]
fn urgent_goes_first_and_each_lane_keeps_its_order() {
    let (_folder, store) = store();
    let report = |lane| Draft {
        lane,
        kind: ChangeKind::ReportSubmitted,
        ..draft(9)
    };
    let (task, rescue) = (
        Lane::task(TaskId([1; 16])),
        Lane::urgent(grid_model::CaseId([2; 16])),
    );
    for one in [draft(1), report(task), report(rescue)] {
        store.write(|tx| tx.append(one)).expect("written");
    }
    let first = store.read(|tx| tx.unsent(1, usize::MAX)).expect("read");
    assert_eq!(first.entries[0].lane, rescue);
    // The report of the task needs its acceptance before it, although reports go later than acceptances anyway.
    let all = store.read(|tx| tx.unsent(10, usize::MAX)).expect("read");
    let of_task: Vec<_> = all
        .entries
        .iter()
        .filter(|entry| entry.lane == task)
        .map(|entry| entry.prev_in_lane.0)
        .collect();
    assert_eq!(of_task, [0, 1]);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (folder, store) = store();
    store.close().expect("closed");
    grid_store::set_schema_for_tests(folder.path(), &KEY, 99).expect("set");
    let before = std::fs::read(folder.path().join("fieldbook.db")).expect("read");
    let opened = Store::open(folder.path(), &KEY);
    assert!(matches!(
        opened,
        Err(StoreError::TooNew {
            found: 99,
            supported: grid_store::SCHEMA,
        })
    ));
    assert_eq!(
        std::fs::read(folder.path().join("fieldbook.db")).expect("read"),
        before
    );
}

#[test]
fn fixes_are_sealed_from_the_front_of_the_journal() {
    let (_folder, store) = store();
    let id = PatrolId([3; 16]);
    let patrol = PatrolRow {
        id,
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL03".to_owned(),
        status: PatrolStatus::Started,
        started_at_ms: 0,
        ended_at_ms: None,
        fixes: 0,
        sealed: 0,
    };
    store
        .write(|tx| tx.insert_patrol(&patrol, None))
        .expect("written");
    let point = |at_ms| TrackPoint {
        at_ms,
        lat_e7: 1,
        lon_e7: 2,
        accuracy_dm: 3,
        speed_cms: 4,
    };
    for at_ms in 0..5 {
        store
            .write_buffered(|tx| tx.insert_fix(id, &point(at_ms)))
            .expect("written");
    }
    store.write(|tx| tx.fixes_sealed(id, 3)).expect("sealed");
    store.write(|tx| tx.insert_fix(id, &point(5))).expect("written");
    let left = store.read(|tx| tx.unsealed_fixes(id)).expect("read");
    assert_eq!(
        left.iter().map(|point| point.at_ms).collect::<Vec<_>>(),
        [3, 4, 5]
    );
}
