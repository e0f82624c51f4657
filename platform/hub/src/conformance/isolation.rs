//! The isolation law and the store's own identity.

use std::sync::mpsc;

use super::world::{START, SeededEntropy, World, hub_over, seeded_keys, settings};
use super::{must, there};
use crate::store::{Audience, DeskRead as _, DeskWrite as _, StoredSession};
use crate::store::{FeedRead as _, FeedWrite as _, PlatformRead as _, PlatformWrite as _};
use crate::{Hub, HubError, HubStore};
use grid_model::terms::RowKind;
use grid_model::{Sha256, WorkerId};

/// If the closure fails, nothing of it remains, and positions are not handed out again in a way that confuses.
pub fn a_failed_write_leaves_no_trace<S: HubStore>(store: S) {
    let failed: Result<(), HubError> = store.write(|tx| {
        assert_eq!(tx.next_number("x")?, 1);
        tx.feed_touch(Audience::Worker(WorkerId([1; 16])), RowKind::Task, &[1])?;
        Err(HubError::Bug("on purpose"))
    });
    assert!(matches!(failed, Err(HubError::Bug("on purpose"))));
    assert_eq!(must(store.read(|tx| tx.feed_end())), 0);
    assert_eq!(must(store.write(|tx| tx.next_number("x"))), 1);
}

/// What commits while a reader reads is not seen by it.
pub fn a_reader_sees_one_moment<S: HubStore>(store: S) {
    let world = World::over(store);
    let store = world.hub.store();
    let session = StoredSession {
        token_hash: Sha256([5; 32]),
        worker: world.worker,
        began_at_ms: START,
        expires_at_ms: START + 1,
    };
    let (reading, go) = mpsc::channel();
    let (written, done) = mpsc::channel();
    std::thread::scope(|scope| {
        let session = &session;
        scope.spawn(move || {
            must(go.recv());
            must(store.write(|tx| tx.add_session(session)));
            must(written.send(()));
        });
        let both = store.read(|tx| {
            let before = tx.session(session.token_hash)?;
            must(reading.send(()));
            must(done.recv());
            Ok((before, tx.session(session.token_hash)?))
        });
        assert_eq!(must(both), (None, None));
    });
    assert_eq!(
        must(store.read(|tx| tx.session(session.token_hash))),
        Some(session)
    );
}

/// Each series counts by itself; a moved thing gets a new position and its old one is gone.
pub fn series_never_repeat<S: HubStore>(store: S) {
    let numbers = store.write(|tx| Ok([tx.next_number("a")?, tx.next_number("b")?, tx.next_number("a")?]));
    assert_eq!(must(numbers), [1, 1, 2]);
    let worker = WorkerId([1; 16]);
    let touch =
        |id: u8| must(store.write(|tx| tx.feed_touch(Audience::Worker(worker), RowKind::Task, &[id])));
    assert_eq!([touch(7), touch(8), touch(7)], [1, 2, 3]);
    let places = must(store.read(|tx| tx.feed_after(worker, grid_model::OrgId([2; 16]), 0, 10)));
    assert_eq!(
        places.iter().map(|place| place.position).collect::<Vec<_>>(),
        [2, 3]
    );
    assert_eq!(must(store.read(|tx| tx.feed_end())), 3);
}

/// A store belongs to its keys, and is nobody's before it is initialised.
pub fn keys_must_fit_the_store<S: HubStore>(store: S) {
    match Hub::open(store, settings(seeded_keys(1))) {
        Err(HubError::NotInitialised) => {}
        _ => panic!("an empty store was opened"),
    }
}

/// After a restore nothing is issued twice.
pub fn a_new_incarnation_skips_ahead<S: HubStore>(store: S) {
    let hub = hub_over(store);
    let entropy = SeededEntropy::of(9);
    let again = must(Hub::init(hub.store(), START, &hub.keys(), &entropy));
    assert_eq!(again, hub.incarnation(), "initialised once");
    assert!(matches!(
        Hub::init(hub.store(), START, &seeded_keys(8), &entropy),
        Err(HubError::KeysDiffer)
    ));
    must(hub.ready());
    let store = hub.store();
    assert_eq!(must(store.write(|tx| tx.next_number("a"))), 1);
    let next = must(hub.begin_incarnation(START));
    assert_ne!(next, hub.incarnation());
    assert_eq!(there(must(store.read(|tx| tx.platform()))).incarnation, next);
    assert!(hub.ready().is_err(), "the hub must be opened again");
    let numbers = store.write(|tx| Ok([tx.next_number("a")?, tx.next_number("lost in the restore")?]));
    assert_eq!(must(numbers), [1_002, 1_001]);
}
