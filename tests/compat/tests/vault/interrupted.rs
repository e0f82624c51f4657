//! An upgrade that is interrupted at any operation is taken up again at the next opening, with nothing lost; one that the
//! disk refuses leaves the old vault as good as it was.

use grid_crash::{Fault, Image, Repeat, SimDisk, Trial, VFS, cut_everywhere, fail_everywhere};
use grid_fieldbook::{FieldBook, FieldError};
use grid_store::{Disk as _, StoreLimits};
use rusqlite::{Connection, OpenFlags};

use crate::copy::{Copy, keyed};
use crate::kept::assert_log_is;
use crate::old::Old;
use crate::second_copy::{assert_lifeboat_is_complete, is_segment};

/// What a power cut may leave is judged so often for each place.
const SUBSETS: u64 = 6;

struct World {
    copy: Copy,
    old: Old,
    image: Image,
}

impl World {
    /// The fixture on a disk in memory.
    fn new() -> Self {
        let copy = Copy::of(1);
        let disk = SimDisk::empty();
        for (path, bytes) in copy.files() {
            let below = path.strip_prefix(copy.path("")).expect("below it");
            disk.write_file(below, &bytes).expect("written");
        }
        disk.create_dir_all(&disk.root().join("vault/lifeboat"))
            .expect("made");
        disk.settle();
        Self {
            image: disk.snapshot(),
            old: Old::read(),
            copy,
        }
    }

    fn open(&self, disk: &SimDisk) -> Result<FieldBook, FieldError> {
        let mut host = self.copy.host(StoreLimits::SMALL);
        host.storage.disk = disk.shared();
        FieldBook::open(&disk.root().join("vault"), host, &self.copy.keys())
    }

    fn open_and_close(&self, trial: &Trial) -> Result<(), FieldError> {
        trial.start();
        self.open(trial.disk())?.close()
    }

    /// The next start finds everything, and makes the upgrade whole.
    fn judge(&self, disk: &SimDisk) {
        let book = self.open(disk).expect("the vault opens");
        for check in book.self_check().expect("a check") {
            // One record was sent back before. A torn segment stays, and is counted; what it lacks is elsewhere.
            let told = check.name == "outbox" || check.detail.contains("0 without a second copy, 0 differ");
            assert!(check.ok || told, "{check:?}");
        }
        let status = book.status().expect("a status");
        let expected = |key: &str| self.copy.expected["status"][key].as_u64().expect("a number");
        assert_eq!(
            [status.saved, status.received, status.parked],
            ["saved", "received", "parked"].map(expected)
        );
        book.close().expect("closed");
        let database = disk.root().join("vault/fieldbook.db");
        let sql = Connection::open_with_flags_and_vfs(database, OpenFlags::SQLITE_OPEN_READ_WRITE, VFS);
        let key = self.copy.data_key();
        assert_log_is(&keyed(sql.expect("a database"), &key), &self.old);
        let segments = disk.files().into_iter().filter(|path| is_segment(path));
        let bytes = segments.filter_map(|path| disk.read_file(&path));
        assert_lifeboat_is_complete(bytes, &key, &self.old);
    }
}

#[test]
fn wherever_the_power_is_cut_the_upgrade_is_taken_up_again() {
    let world = World::new();
    let swept = cut_everywhere(
        &world.image,
        SUBSETS,
        |trial| world.open_and_close(trial).is_ok(),
        |_, _, _, next| world.judge(&next),
    );
    println!("{swept:?}");
    assert!(swept.struck > 50, "{swept:?}");
}

#[test]
fn when_the_disk_fills_up_the_upgrade_waits_and_nothing_is_lost() {
    let world = World::new();
    let mut refused = 0;
    let swept = fail_everywhere(
        &world.image,
        Fault::Full,
        Repeat::ForEver,
        |trial| world.open_and_close(trial),
        |trial, answer| {
            refused += u64::from(answer.is_err());
            world.judge(&SimDisk::from_snapshot(&trial.disk().snapshot()));
        },
    );
    println!("{swept:?}, {refused} refused");
    assert!(refused > 20, "{refused} of {swept:?}");
}

#[test]
fn when_an_operation_fails_the_upgrade_waits_and_nothing_is_lost() {
    let world = World::new();
    for repeat in [Repeat::Once, Repeat::ForEver] {
        let swept = fail_everywhere(
            &world.image,
            Fault::Io,
            repeat,
            |trial| world.open_and_close(trial).is_ok(),
            |trial, _| world.judge(&SimDisk::from_snapshot(&trial.disk().snapshot())),
        );
        println!("{swept:?}");
        assert!(swept.struck > 50, "{swept:?}");
    }
}
