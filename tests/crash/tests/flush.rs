//! What is flushed survives a power cut at that very moment, also when nothing else was written.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use grid_crash::world::{Keeping, Phone};
use grid_crash::{SimDisk, Subset};
use grid_fieldbook::{FixDraft, FixOutcome, PatrolDraft};
use grid_model::terms::{PatrolType, Transport};

#[test]
fn a_flushed_fix_survives_a_power_cut_although_nothing_else_was_written() {
    let disk = SimDisk::empty();
    let phone = Phone::new(&disk, 1, 0, Keeping::WHOLE);
    let book = phone.open().unwrap();
    let draft = PatrolDraft {
        patrol_type: PatrolType::Coastline,
        transport: Transport::Foot,
        post: "DL-03".to_owned(),
        point: None,
    };
    let (patrol, _) = book.start_patrol(draft).unwrap();
    let fix = FixDraft {
        lat_e7: 397_500_000,
        lon_e7: 1_237_300_000,
        accuracy_dm: 50,
        speed_cms: 120,
    };
    assert_eq!(book.record_fix(patrol, fix), Ok(FixOutcome::Buffered));
    book.flush_fixes().unwrap();
    let next = disk.after_power_cut(Subset::None);
    let again = phone.on(&next).open().unwrap();
    assert_eq!(again.patrol(patrol).unwrap().fixes, 1);
}
