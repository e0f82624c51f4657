//! Faults of recovery that were found once, each reduced to its smallest form.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use grid_fieldbook::FieldError;

use super::harm::{self, DATABASE, LOG};
use super::oracle::Truth;
use super::phone::{Phone, inside};
use super::vault::{Shape, Vault};
use crate::{Image, SimDisk, cut_everywhere};

fn phone(image: &Image) -> Phone {
    Phone::small(&SimDisk::from_snapshot(image), 3)
}

/// Opens, recovers, and looks whether all of it is there.
fn comes_back(vault: &Vault, phone: &Phone) {
    let (book, _) = phone.recover().unwrap();
    book.close().unwrap();
    let after = Truth::of(&phone.disk.snapshot()).unwrap();
    assert_eq!(vault.truth.lacking_in(&after, true), [""; 0]);
}

#[test]
fn a_lost_log_with_the_identity_in_it_makes_no_new_vault() {
    let vault = Vault::made(Shape::AllInLog, 1).unwrap();
    let phone = phone(&vault.image);
    phone.disk.remove_file(&inside(LOG)).unwrap();
    assert_eq!(phone.open().err(), Some(FieldError::Damaged));
    comes_back(&vault, &phone);
}

#[test]
fn another_vaults_log_is_not_moved_into_the_database() {
    let vault = Vault::made(Shape::Checkpointed, 2).unwrap();
    let other = Vault::made(Shape::Synced, 3).unwrap();
    let phone = phone(&vault.image);
    let foreign = harm::files(&SimDisk::from_snapshot(&other.image));
    phone.disk.write_file(&inside(LOG), &foreign[LOG]).unwrap();
    let before = harm::files(&phone.disk);
    assert_eq!(phone.open().err(), Some(FieldError::Damaged));
    assert!(harm::files(&phone.disk) == before, "it is left exactly as it is");
    comes_back(&vault, &phone);
}

#[test]
fn a_flipped_salt_does_not_let_the_log_go_when_the_connection_closes() {
    let vault = Vault::made(Shape::AllInLog, 4).unwrap();
    let phone = phone(&vault.image);
    let mut database = phone.disk.read_file(&inside(DATABASE)).unwrap();
    database[3] ^= 4;
    phone.disk.write_file(&inside(DATABASE), &database).unwrap();
    let before = harm::files(&phone.disk);
    assert_eq!(phone.open().err(), Some(FieldError::Damaged));
    assert!(harm::files(&phone.disk) == before, "it is left exactly as it is");
    comes_back(&vault, &phone);
}

#[test]
fn a_database_that_was_cut_short_is_left_as_it_is() {
    let vault = Vault::made(Shape::Purged, 6).unwrap();
    let phone = phone(&vault.image);
    let database = phone.disk.read_file(&inside(DATABASE)).unwrap();
    let short = &database[..database.len() * 2 / 3];
    phone.disk.write_file(&inside(DATABASE), short).unwrap();
    let before = harm::files(&phone.disk);
    assert_eq!(phone.open().err(), Some(FieldError::Damaged));
    assert!(harm::files(&phone.disk) == before, "it is left exactly as it is");
    comes_back(&vault, &phone);
}

#[test]
fn segments_that_are_purged_leave_the_journal_its_frames() {
    for seed in 7..10 {
        let vault = Vault::made(Shape::Purged, seed).unwrap();
        let phone = phone(&vault.image);
        phone.disk.remove_file(&inside(DATABASE)).unwrap();
        comes_back(&vault, &phone);
    }
}

/// The power goes at every operation of a recovery: nothing is opened before it went on, and then all is there.
#[test]
fn a_recovery_that_is_cut_off_anywhere_goes_on() {
    for (shape, missing) in [
        (Shape::Synced, false),
        (Shape::Checkpointed, true),
        (Shape::Purged, false),
    ] {
        let vault = Vault::made(shape, 5).unwrap();
        let disk = SimDisk::from_snapshot(&vault.image);
        if missing {
            disk.remove_file(&inside(DATABASE)).unwrap();
        } else {
            let mut database = disk.read_file(&inside(DATABASE)).unwrap();
            database[3 * 4096 + 100] ^= 4;
            disk.write_file(&inside(DATABASE), &database).unwrap();
            let _ = disk.remove_file(&inside(LOG)).unwrap();
        }
        disk.settle();
        let run = |trial: &crate::Trial| {
            trial.start();
            drop(Phone::small(trial.disk(), 3).recover());
        };
        cut_everywhere(&disk.snapshot(), 1, run, |trial, (), subset, disk| {
            let phone = Phone::small(&disk, 4);
            let half_done = disk.read_file(&inside("rebuild/complete")).is_some();
            if half_done {
                assert_eq!(phone.open().err(), Some(FieldError::Damaged));
            }
            let (book, _) = phone.recover().unwrap();
            book.close().unwrap();
            let after = Truth::of(&disk.snapshot()).unwrap();
            let lacks = vault.truth.lacking_in(&after, true);
            assert!(
                lacks.is_empty(),
                "{shape:?} {:?} {subset:?}: {lacks:?}",
                trial.strike()
            );
        });
    }
}
