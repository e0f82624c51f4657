//! What is flushed survives a power cut at that very moment, also when nothing else was written; and how often it is.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use grid_crash::world::{Keeping, Phone};
use grid_crash::{Op, SimDisk, Subset};
use grid_fieldbook::{CountDraft, FixDraft, FixOutcome, PatrolDraft, StoreLimits};
use grid_model::terms::{CountKind, PatrolType, Transport};

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

fn count(value: i64) -> CountDraft {
    CountDraft {
        kind: CountKind::IslandEntryCheck,
        value,
        post: "DL-01".to_owned(),
        patrol: None,
        reason: None,
    }
}

/// Flushes of files and of folders in so many single saves, once everything is open and in use.
fn flushes(keeping: Keeping, saves: i64) -> usize {
    let disk = SimDisk::empty();
    let mut phone = Phone::new(&disk, 1, 0, keeping);
    phone.host.storage.limits = StoreLimits::PHONE;
    phone.host.storage.limits.ballast_bytes = 0;
    let book = phone.open().unwrap();
    for value in 1..=3 {
        book.count(count(value)).unwrap();
    }
    disk.keep_trace();
    disk.mark();
    for value in 1..=saves {
        book.count(count(value)).unwrap();
    }
    let flush = |op: &Op| matches!(op, Op::Sync | Op::SyncDir);
    disk.trace().iter().filter(|(op, _)| flush(op)).count()
}

#[test]
fn a_durable_change_costs_two_flushes_and_one_without_a_lifeboat() {
    assert_eq!(flushes(Keeping::WHOLE, 50), 100);
    let apart = Keeping {
        lifeboat: false,
        ..Keeping::WHOLE
    };
    assert_eq!(flushes(apart, 50), 50);
}
