//! SQLite with SQLCipher on the disk in memory: what it promises holds there, and what breaks it is seen to break it.

mod ledger;

use grid_crash::{Fault, Image, Repeat, SimDisk, Subset, Swept, Trial, cut_everywhere, fail_everywhere};
use ledger::{commit, count, open, prepared, read_back, work};
use rusqlite::ErrorCode;

const SUBSETS: u64 = 16;

/// What a round of power cuts did.
#[derive(Debug, Default)]
struct Losses {
    /// Transactions that were committed and are gone.
    lost: i64,
    /// Databases that are no prefix of what was committed, or do not open.
    broken: u64,
}

/// Cuts the power in every operation of `work`, and after the last.
fn losses(image: &Image, synchronous: &str, honest: bool) -> (Losses, Swept) {
    let mut losses = Losses::default();
    let run = |trial: &Trial| {
        trial.disk().set_honest_sync(honest);
        trial.start();
        let mut committed = 0;
        let result = work(trial.disk(), synchronous, &mut committed);
        // Of a removal in closing SQLite does not tell, so a cut there alone may go unnoticed.
        assert!(result.is_ok() || trial.was_struck());
        assert!(result.is_err() || !trial.was_struck() || committed == ledger::TRANSACTIONS);
        committed
    };
    let swept = cut_everywhere(image, SUBSETS, run, |trial, committed, subset, next| {
        let told = || format!("{:?}, {subset:?}", trial.strike());
        match read_back(&next) {
            Ok(there) if there > committed + 1 => panic!("{}: a ghost", told()),
            Ok(there) => losses.lost += (committed - there).max(0),
            Err(error) => {
                losses.broken += 1;
                assert!(!honest, "{}: {error}", told());
            }
        }
    });
    println!("{synchronous}, honest {honest}: {losses:?} {swept:?}");
    (losses, swept)
}

#[test]
fn a_full_sync_loses_nothing_whenever_the_power_is_cut() {
    let (losses, swept) = losses(&prepared().snapshot(), "FULL", true);
    assert_eq!((losses.lost, losses.broken), (0, 0));
    assert!(swept.judged > 800, "{swept:?}");
}

#[test]
fn a_database_that_is_just_being_made_survives_every_cut() {
    let (losses, _) = losses(&SimDisk::empty().snapshot(), "FULL", true);
    assert_eq!((losses.lost, losses.broken), (0, 0));
}

#[test]
fn a_normal_sync_loses_committed_rows_so_the_cuts_bite() {
    let (losses, _) = losses(&prepared().snapshot(), "NORMAL", true);
    assert!(losses.lost > 0 && losses.broken == 0, "{losses:?}");
}

#[test]
fn a_disk_that_lies_about_syncing_breaks_even_a_full_sync() {
    let (losses, _) = losses(&prepared().snapshot(), "FULL", false);
    assert!(losses.lost > 0 && losses.broken > 0, "{losses:?}");
}

#[test]
fn a_second_cut_while_the_first_is_recovered_from_loses_nothing_either() {
    let first = prepared();
    first.mark();
    first.cut_power_at(120);
    let mut committed = 0;
    work(&first, "FULL", &mut committed).unwrap_err();
    assert!(committed > 3);
    for subset in Subset::first(SUBSETS, 7) {
        let image = first.after_power_cut(subset).snapshot();
        let run = |trial: &Trial| {
            trial.start();
            read_back(trial.disk())
        };
        cut_everywhere(&image, 8, run, |trial, _, second, next| {
            assert_kept(
                &next,
                committed,
                &format!("{subset:?}, then {:?}, {second:?}", trial.strike()),
            );
        });
    }
}

#[test]
fn two_connections_see_each_other_and_lock_as_on_a_real_disk() {
    let disk = prepared();
    let mut writer = open(&disk, "FULL").unwrap();
    let reader = open(&disk, "FULL").unwrap();
    commit(&mut writer, 0).unwrap();
    assert_eq!(count(&reader).unwrap(), 1);

    reader
        .execute_batch("BEGIN; SELECT count(*) FROM entry;")
        .unwrap();
    assert_eq!(count(&reader).unwrap(), 1);
    commit(&mut writer, 1).unwrap();
    assert_eq!(count(&reader).unwrap(), 1, "a snapshot stands still");
    let busy: i64 = writer
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .unwrap();
    assert_eq!(busy, 1, "the reader holds the log");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(count(&reader).unwrap(), 2);

    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    reader.busy_timeout(std::time::Duration::ZERO).unwrap();
    let refused = reader.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    writer.execute_batch("COMMIT").unwrap();

    drop(writer);
    assert!(disk.files().iter().any(|file| file.ends_with("ledger.db-wal")));
    drop(reader);
    assert_eq!(
        disk.files(),
        [ledger::path(&disk)],
        "the last one out empties the log"
    );
}

#[test]
fn a_reader_on_another_thread_never_sees_half_a_transaction() {
    let disk = prepared();
    let mut writer = open(&disk, "FULL").unwrap();
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let disk = disk.clone();
                scope.spawn(move || {
                    let connection = open(&disk, "FULL").unwrap();
                    let mut seen = 0;
                    while seen < ledger::TRANSACTIONS {
                        let transaction = connection.unchecked_transaction().unwrap();
                        let now = count(&transaction).unwrap();
                        assert!(now >= seen);
                        seen = now;
                        std::thread::yield_now();
                    }
                })
            })
            .collect();
        for txn in 0..ledger::TRANSACTIONS {
            commit(&mut writer, txn).unwrap();
        }
        for reader in readers {
            reader.join().unwrap();
        }
    });
}

#[test]
fn a_full_disk_says_so_and_loses_nothing() {
    let image = prepared().snapshot();
    let mut refused = 0;
    for room in (0..160).map(|step| step * 1024) {
        let disk = SimDisk::from_snapshot(&image);
        disk.set_capacity(disk.used() + room);
        let mut committed = 0;
        if let Err(error) = work(&disk, "FULL", &mut committed) {
            refused += 1;
            assert!(
                matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DiskFull | ErrorCode::CannotOpen)
                ),
                "{room} bytes of room: {error}"
            );
        }
        let killed = SimDisk::from_snapshot(&disk.snapshot());
        assert_kept(&killed, committed, &format!("{room} bytes of room, killed"));
        for subset in Subset::first(SUBSETS, room) {
            let cut = disk.after_power_cut(subset);
            assert_kept(&cut, committed, &format!("{room} bytes of room, {subset:?}"));
        }
    }
    assert!(refused > 50, "{refused}");
}

#[test]
fn an_operation_that_fails_loses_nothing_that_was_committed() {
    let image = prepared().snapshot();
    for (fault, repeat) in [Fault::Io, Fault::SyncFails, Fault::Full]
        .into_iter()
        .flat_map(|fault| [(fault, Repeat::Once), (fault, Repeat::ForEver)])
    {
        let run = |trial: &Trial| {
            trial.start();
            let mut committed = 0;
            let _ = work(trial.disk(), "FULL", &mut committed);
            committed
        };
        let swept = fail_everywhere(&image, fault, repeat, run, |trial, committed| {
            let killed = SimDisk::from_snapshot(&trial.disk().snapshot());
            assert_kept(&killed, committed, &format!("{:?}, then killed", trial.strike()));
            for subset in Subset::first(4, committed as u64) {
                let cut = trial.disk().after_power_cut(subset);
                assert_kept(&cut, committed, &format!("{:?}, then {subset:?}", trial.strike()));
            }
        });
        println!("{fault:?} {repeat:?}: {swept:?}");
        assert!(swept.struck > 10 && swept.runs > 200, "{fault:?}: {swept:?}");
    }
}

fn assert_kept(disk: &SimDisk, committed: i64, told: &str) {
    match read_back(disk) {
        Ok(there) => assert!(
            there == committed || there == committed + 1,
            "{told}: {there} there, {committed} committed"
        ),
        Err(error) => panic!("{told}: {error}"),
    }
}

#[test]
fn a_read_that_is_cut_short_is_noticed_or_harmless() {
    let disk = prepared();
    work(&disk, "FULL", &mut 0).unwrap();
    disk.settle();
    let run = |trial: &Trial| {
        trial.start();
        read_back(trial.disk())
    };
    let mut noticed = 0;
    fail_everywhere(
        &disk.snapshot(),
        Fault::ShortRead,
        Repeat::Once,
        run,
        |trial, found| match found {
            Ok(there) => assert_eq!(there, ledger::TRANSACTIONS, "{:?}", trial.strike()),
            Err(_) => noticed += 1,
        },
    );
    assert!(noticed > 0);
}

/// A log whose sync failed is shown by the system but not on the medium. Who starts again on it believes it, and writes
/// what follows behind a hole.
#[test]
fn after_a_failed_sync_and_a_restart_only_an_emptied_log_is_safe() {
    let image = prepared().snapshot();
    let mut lost = [0, 0];
    let run = |trial: &Trial| {
        trial.start();
        work_until_killed(trial.disk())
    };
    fail_everywhere(&image, Fault::SyncFails, Repeat::Once, run, |trial, result| {
        if result.is_ok() {
            return;
        }
        for emptied in [false, true] {
            let disk = SimDisk::from_snapshot(&trial.disk().snapshot());
            let mut connection = open(&disk, "FULL").unwrap();
            let there = count(&connection).unwrap();
            if emptied {
                connection
                    .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                    .unwrap();
            }
            commit(&mut connection, there).unwrap();
            let after = disk.after_power_cut(Subset::None);
            lost[usize::from(emptied)] += u64::from(read_back(&after) != Ok(there + 1));
        }
    });
    println!(
        "lost after a failed sync: {} as it is, {} with the log emptied",
        lost[0], lost[1]
    );
    assert!(lost[0] > 0 && lost[1] == 0, "{lost:?}");
}

/// Like `work`, but the connection is not closed when something fails: closing would tidy the log up.
fn work_until_killed(disk: &SimDisk) -> rusqlite::Result<()> {
    let mut connection = std::mem::ManuallyDrop::new(open(disk, "FULL")?);
    for txn in 0..ledger::TRANSACTIONS {
        commit(&mut connection, txn)?;
    }
    drop(std::mem::ManuallyDrop::into_inner(connection));
    Ok(())
}
