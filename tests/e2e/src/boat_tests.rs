//! What a real field book writes to its lifeboat, opened by a real platform when the phone cannot open it any more.

use std::path::Path;
use std::sync::Arc;

use grid_fieldbook::{AttachmentDraft, CaseDraft, FieldBook, Host, LockedBook, UrgentDraft};
use grid_model::terms::{AttachmentRole, CaseKind};

use crate::clock::SeededEntropy;
use crate::contact_tests::{World, count, enroll};

/// A matter found in the field, with a photo.
pub(crate) fn case_with_photo(book: &FieldBook, photo: &[u8]) {
    let attachment = book
        .attach(AttachmentDraft {
            role: AttachmentRole::Before,
            mime: "image/jpeg".to_owned(),
            point: None,
            content: photo.to_vec(),
        })
        .expect("kept");
    book.report_case(CaseDraft {
        case_kind: CaseKind::Environment,
        title: "海漂垃圾".to_owned(),
        description: String::new(),
        place_text: "南岸".to_owned(),
        point: None,
        dispute: None,
        attachments: vec![attachment],
    })
    .expect("saved");
}

fn taken(world: &World, folder: &Path) -> grid_server::BoatOfDevice {
    let report = world
        .hosted
        .platform
        .admin()
        .take_lifeboat(&[folder.to_owned()])
        .expect("taken in");
    assert_eq!(report.photos_left, 0);
    assert_eq!(report.devices.len(), 1, "{report:?}");
    report.devices[0].clone()
}

#[test]
fn the_platform_opens_what_a_phone_without_its_key_has_written() {
    let world = World::new();
    // One record is older than the enrolment; it was sealed anew for the platform.
    let book = world.vault("a");
    enroll(&book, &world.ticket()).expect("enrolled");
    let photo: Vec<u8> = (0..200_000_u32).map(|n| (n / 7) as u8).collect();
    case_with_photo(&book, &photo);
    count(&book);
    book.close().expect("closed");
    // The key is gone; a rescue is recorded all the same.
    let vault = world.folder.path().join("a");
    let host = Host::new(Arc::new(world.clock.clone()), Arc::new(SeededEntropy::new(7, 99)));
    let locked = LockedBook::open(&vault, host).expect("a capture");
    locked
        .start_urgent(UrgentDraft {
            title: "游客落水".to_owned(),
            place_text: "码头".to_owned(),
            point: None,
        })
        .expect("saved");
    drop(locked);
    std::fs::remove_file(vault.join("key")).ok();
    std::fs::write(vault.join("fieldbook.db"), b"damaged").expect("written");

    let boat = taken(&world, &vault);
    assert_eq!(
        (
            boat.job_no.as_str(),
            boat.new,
            boat.parked,
            boat.damaged,
            boat.photos
        ),
        ("P01", 4, 0, 0, 1)
    );
    let again = taken(&world, &vault);
    assert_eq!((again.new, again.photos, again.photos_before), (0, 0, 1));
}

/// Sent and brought, in either order, a change is there once.
#[test]
fn a_phone_that_lives_on_finds_its_records_received() {
    let world = World::new();
    let book = world.vault("a");
    enroll(&book, &world.ticket()).expect("enrolled");
    count(&book);
    let vault = world.folder.path().join("a");
    assert_eq!(taken(&world, &vault).new, 2);
    let transport = book.connect().expect("a transport");
    let report = book
        .sync(
            &transport,
            grid_fieldbook::Budget::default(),
            &grid_fieldbook::CancelToken::default(),
            &mut |_| {},
        )
        .expect("synced");
    assert_eq!(report.received, 2);
    count(&book);
    let later = taken(&world, &vault);
    assert_eq!((later.new, later.parked), (1, 0));
}
