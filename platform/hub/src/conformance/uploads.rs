//! Uploads and grants.

use grid_model::Sha256;
use grid_model::terms::RefusalCode;

use super::world::{DAY, World};
use super::{must, refused};
use crate::{HubStore, UploadAsk, UploadId};

fn ask(bytes: u64) -> UploadAsk {
    UploadAsk {
        sha256: Sha256([1; 32]),
        mime: "image/jpeg".to_owned(),
        bytes,
    }
}

/// Begun again it is the same upload, where it stood.
pub fn an_upload_goes_on_where_it_stopped<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = world.enrol("W01").id;
    let hub = &world.hub;
    let begun = must(must(hub.upload_begin(world.now, device, &ask(10))));
    assert_eq!((begun.offset, begun.complete), (0, false));
    must(must(hub.upload_advance(world.now, device, begun.id, (0, 6))));
    let again = must(must(hub.upload_begin(world.now, device, &ask(10))));
    assert_eq!((again.id, again.offset), (begun.id, 6));
    for wrong in [(0, 3), (7, 8), (6, 11), (6, 5)] {
        let refusal = refused(hub.upload_advance(world.now, device, begun.id, wrong));
        assert_eq!(refusal.code, RefusalCode::WrongOffset, "{wrong:?}");
    }
    assert_eq!(
        refused(hub.upload_finish(world.now, device, begun.id, true)).code,
        RefusalCode::WrongOffset
    );
    must(must(hub.upload_advance(world.now, device, begun.id, (6, 10))));
    assert!(must(must(hub.upload_finish(world.now, device, begun.id, true))).complete);
    assert!(
        must(must(hub.upload_finish(world.now, device, begun.id, false))).complete,
        "complete is complete"
    );
    assert!(must(must(hub.upload_begin(world.now, device, &ask(10)))).complete);
    let large = ask(grid_model::limits::ATTACHMENT_BYTES_MAX + 1);
    assert_eq!(
        refused(hub.upload_begin(world.now, device, &large)).code,
        RefusalCode::TooLarge
    );
}

/// Another device sends the bytes itself, into a spool of its own.
pub fn knowing_a_hash_is_not_possessing_the_file<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let (mine, theirs) = (world.enrol("W01").id, world.enrol("W02").id);
    let hub = &world.hub;
    let first = must(must(hub.upload_begin(world.now, mine, &ask(4))));
    must(must(hub.upload_advance(world.now, mine, first.id, (0, 4))));
    must(must(hub.upload_finish(world.now, mine, first.id, true)));
    let second = must(must(hub.upload_begin(world.now, theirs, &ask(4))));
    assert!(second.id != first.id && second.offset == 0 && !second.complete);
    assert_eq!(
        refused(hub.upload_state(theirs, first.id)).code,
        RefusalCode::NotFound
    );
    assert_eq!(
        refused(hub.upload_advance(world.now, theirs, first.id, (0, 4))).code,
        RefusalCode::NotFound
    );
    assert_eq!(
        refused(hub.upload_state(mine, UploadId([0; 16]))).code,
        RefusalCode::NotFound
    );
    must(must(hub.upload_advance(world.now, theirs, second.id, (0, 4))));
    assert!(must(must(hub.upload_finish(world.now, theirs, second.id, true))).complete);
}

/// Bytes with another hash are thrown away; the announced size can be corrected.
pub fn wrong_bytes_begin_again<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let device = world.enrol("W01").id;
    let hub = &world.hub;
    let begun = must(must(hub.upload_begin(world.now, device, &ask(4))));
    must(must(hub.upload_advance(world.now, device, begun.id, (0, 4))));
    assert_eq!(
        refused(hub.upload_finish(world.now, device, begun.id, false)).code,
        RefusalCode::HashMismatch
    );
    assert!(!must(hub.blob_known(Sha256([1; 32]))));
    assert_eq!(must(must(hub.upload_state(device, begun.id))).offset, 0);
    must(must(hub.upload_advance(world.now, device, begun.id, (0, 2))));
    let corrected = must(must(hub.upload_begin(world.now, device, &ask(5))));
    assert_eq!(
        (corrected.id, corrected.bytes, corrected.offset),
        (begun.id, 5, 0)
    );
}

/// A grant comes with each answer and lasts a day.
pub fn grants_end_and_die_with_the_device<S: HubStore>(store: S) {
    let mut world = World::over(store);
    let mut device = world.enrol("W01");
    let grant = device.push(&world, []).grant;
    assert_eq!(must(must(world.hub.granted(world.now, &grant))), device.id);
    assert_eq!(
        refused(world.hub.granted(world.now, &grant.replace('.', "-"))).code,
        RefusalCode::NotGranted
    );
    assert_eq!(
        refused(world.hub.granted(world.now + DAY, &grant)).code,
        RefusalCode::NotGranted
    );
    must(must(world.hub.revoke_device(world.now, device.id)));
    assert_eq!(
        refused(world.hub.granted(world.now, &grant)).code,
        RefusalCode::Revoked
    );
}
