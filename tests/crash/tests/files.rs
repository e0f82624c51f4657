//! What the disk in memory promises about plain files, which is what the store may rely on and no more.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use grid_crash::{Fault, Op, Repeat, SimDisk, Subset};
use grid_store::{Disk as _, Open, read_all, write_durably};

/// Many enough that each random kind comes up often.
const MANY: u64 = 200;

fn content(disk: &SimDisk, name: &str) -> Option<Vec<u8>> {
    disk.read_file(Path::new(name))
}

fn at(disk: &SimDisk, name: &str) -> PathBuf {
    disk.root().join(name)
}

/// All that may be found under a name after a power cut now.
fn outcomes(disk: &SimDisk, name: &str) -> BTreeSet<Option<Vec<u8>>> {
    Subset::first(MANY, 1)
        .map(|subset| content(&disk.after_power_cut(subset), name))
        .collect()
}

#[test]
fn bytes_that_were_not_synced_may_vanish_and_those_that_were_stay() {
    let disk = SimDisk::empty();
    disk.write_file(Path::new("log"), b"old").unwrap();
    let mut file = disk.open(&at(&disk, "log"), Open::Write).unwrap();
    file.write_at(3, b" and more").unwrap();
    assert_eq!(content(&disk, "log").unwrap(), b"old and more");
    let found = outcomes(&disk, "log");
    assert!(found.contains(&Some(b"old".to_vec())));
    assert!(found.contains(&Some(b"old and more".to_vec())));
    assert!(
        found.contains(&Some(b"old\0\0\0\0\0\0\0\0\0".to_vec())),
        "the length alone"
    );
    file.sync().unwrap();
    assert_eq!(outcomes(&disk, "log"), [Some(b"old and more".to_vec())].into());
    assert_eq!(disk.unsynced(), 0);
}

#[test]
fn a_large_write_is_torn_at_sectors_and_never_inside_one() {
    let disk = SimDisk::empty();
    disk.write_file(Path::new("log"), &[0; 4096]).unwrap();
    let mut file = disk.open(&at(&disk, "log"), Open::Write).unwrap();
    file.write_at(700, &[1; 2000]).unwrap();
    let found = outcomes(&disk, "log");
    assert!(found.len() > 10, "{}", found.len());
    for bytes in found {
        let bytes = bytes.unwrap();
        for (sector, bytes) in bytes.chunks(512).enumerate() {
            let inside = |place: &usize| (700..2700).contains(&(sector * 512 + place));
            let written: BTreeSet<u8> = (0..512).filter(inside).map(|place| bytes[place]).collect();
            assert!(written.len() <= 1, "sector {sector} is torn");
            assert!(
                (0..512)
                    .filter(|place| !inside(place))
                    .all(|place| bytes[place] == 0)
            );
        }
    }
}

#[test]
fn a_name_without_a_synced_folder_may_vanish_though_the_bytes_are_synced() {
    let disk = SimDisk::empty();
    disk.create_dir_all(&at(&disk, "a/b")).unwrap();
    let mut file = disk.open(&at(&disk, "a/b/photo"), Open::Create).unwrap();
    file.write_at(0, b"photo").unwrap();
    file.sync().unwrap();
    assert_eq!(
        outcomes(&disk, "a/b/photo"),
        [None, Some(b"photo".to_vec())].into()
    );
    disk.sync_dir(&at(&disk, "a/b")).unwrap();
    assert_eq!(outcomes(&disk, "a/b/photo"), [Some(b"photo".to_vec())].into());
    disk.remove(&at(&disk, "a/b/photo")).unwrap();
    assert_eq!(content(&disk, "a/b/photo"), None);
    assert_eq!(
        outcomes(&disk, "a/b/photo"),
        [None, Some(b"photo".to_vec())].into()
    );
}

#[test]
fn a_renamed_file_has_one_of_its_names_whatever_happens() {
    for (from, to) in [("draft", "final"), ("a/draft", "b/final")] {
        let disk = SimDisk::empty();
        disk.write_file(Path::new(to), b"old").unwrap();
        disk.write_file(Path::new(from), b"new").unwrap();
        disk.rename(&at(&disk, from), &at(&disk, to)).unwrap();
        disk.open(&at(&disk, from), Open::Create).unwrap();
        let folders = |name: &str| at(&disk, name).parent().unwrap().to_owned();
        for synced in [None, Some(folders(to)), Some(folders(from))] {
            if let Some(folder) = &synced {
                disk.sync_dir(folder).unwrap();
            }
            for subset in Subset::first(MANY, 2) {
                let next = disk.after_power_cut(subset);
                let found = (content(&next, from), content(&next, to).unwrap());
                let moved = found.1 == b"new";
                assert!(
                    moved || found == (Some(b"new".to_vec()), b"old".to_vec()),
                    "{subset:?}: {found:?}"
                );
                assert!(
                    moved || synced != Some(folders(from)),
                    "{subset:?}: both folders were synced"
                );
            }
        }
    }
}

#[test]
fn writing_durably_leaves_the_old_or_the_new() {
    let disk = SimDisk::empty();
    write_durably(&disk, &at(&disk, "note"), &[1; 3000]).unwrap();
    disk.settle();
    let image = disk.snapshot();
    let whole = SimDisk::from_snapshot(&image);
    write_durably(&whole, &at(&whole, "note"), &[2; 5000]).unwrap();
    let mut found = BTreeSet::new();
    for n in 0..=whole.ops() {
        let disk = SimDisk::from_snapshot(&image);
        disk.cut_power_at(n);
        let done = write_durably(&disk, &at(&disk, "note"), &[2; 5000]).is_ok();
        assert_eq!(done, n == whole.ops());
        for subset in Subset::first(16, n) {
            let next = disk.after_power_cut(subset);
            let bytes = content(&next, "note").unwrap();
            let new = bytes == [2; 5000];
            assert!(new || (!done && bytes == [1; 3000]), "cut at {n}, {subset:?}");
            found.insert(new);
            // What the cut left behind is in nobody's way.
            write_durably(&next, &at(&next, "note"), b"later").unwrap();
            assert_eq!(outcomes(&next, "note"), [Some(b"later".to_vec())].into());
        }
    }
    assert_eq!(found.len(), 2, "some cuts come early and some late");
}

#[test]
fn writing_durably_without_its_sync_is_found_out() {
    let disk = SimDisk::empty();
    write_durably(&disk, &at(&disk, "note"), &[1; 3000]).unwrap();
    disk.set_honest_sync(false);
    write_durably(&disk, &at(&disk, "note"), &[2; 5000]).unwrap();
    let found = outcomes(&disk, "note");
    assert!(
        found.contains(&Some(Vec::new())),
        "the new name with nothing in it"
    );
    assert!(found.len() > 5);
}

#[test]
fn faults_strike_at_their_point_and_say_what_they_are() {
    let disk = SimDisk::empty();
    let path = at(&disk, "log");
    let mut file = disk.open(&path, Open::Create).unwrap();
    file.write_at(0, &[1; 2048]).unwrap();
    disk.mark();

    disk.fail_at(1, Fault::Full, Repeat::Once);
    file.write_at(2048, &[2; 2048]).unwrap();
    assert_eq!(
        file.write_at(4096, &[3; 2048]).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    assert_eq!(file.len().unwrap(), 4096 + 1024, "half of it was written");
    assert_eq!((disk.ops(), disk.points(), disk.fired()), (2, 3, 1));

    disk.mark();
    disk.fail_at(0, Fault::ShortRead, Repeat::Once);
    assert_eq!(file.read_at(0, &mut [0; 100]).unwrap(), 50);
    assert_eq!(file.read_at(0, &mut [0; 100]).unwrap(), 100);

    disk.mark();
    disk.fail_at(0, Fault::SyncFails, Repeat::Once);
    file.set_len(8).unwrap();
    file.sync().unwrap();
    assert_eq!(disk.fired(), 0, "a cut is no sync");
    file.write_at(0, b"lost").unwrap();
    disk.mark();
    disk.fail_at(0, Fault::SyncFails, Repeat::Once);
    assert_eq!(file.sync().unwrap_err().raw_os_error(), Some(5));
    file.sync().unwrap();
    disk.sync_dir(&disk.root()).unwrap();
    assert_eq!(content(&disk, "log").unwrap(), b"lost\x01\x01\x01\x01");
    assert_eq!(outcomes(&disk, "log"), [Some(vec![1; 8])].into());
    assert_eq!(
        content(&SimDisk::from_snapshot(&disk.snapshot()), "log").unwrap(),
        b"lost\x01\x01\x01\x01"
    );

    disk.mark();
    disk.fail_at(1, Fault::Io, Repeat::ForEver);
    disk.size(&path).unwrap();
    assert!(disk.size(&path).is_err() && file.sync().is_err() && disk.list(&disk.root()).is_err());
}

#[test]
fn after_the_cut_everything_fails_and_the_next_disk_works() {
    let disk = SimDisk::empty();
    let mut file = disk.open(&at(&disk, "log"), Open::Create).unwrap();
    disk.mark();
    disk.cut_power_at(1);
    file.write_at(0, b"a").unwrap();
    assert!(file.sync().is_err() && file.len().is_err() && disk.size(&at(&disk, "log")).is_err());
    assert!(disk.open(&at(&disk, "other"), Open::Create).is_err() && disk.lock(&at(&disk, "lock")).is_err());
    assert_eq!(disk.ops(), 2);
    let next = disk.after_power_cut(Subset::All);
    assert_eq!(read_all(&next, &at(&next, "log")).unwrap(), b"a");
    assert!(disk.after_power_cut(Subset::None).files().is_empty());
}

#[test]
fn a_full_disk_takes_what_fits() {
    let disk = SimDisk::empty();
    disk.set_capacity(1000);
    let mut file = disk.open(&at(&disk, "log"), Open::Create).unwrap();
    file.write_at(0, &[1; 600]).unwrap();
    assert_eq!(disk.free_bytes(&disk.root()).unwrap(), 400);
    assert_eq!(
        file.write_at(600, &[1; 600]).unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    assert_eq!(file.len().unwrap(), 1000);
    assert!(file.set_len(1001).is_err() && disk.open(&at(&disk, "more"), Open::Create).is_err());
    file.write_at(0, &[2; 1000]).unwrap();
    file.set_len(10).unwrap();
    assert_eq!(disk.free_bytes(&disk.root()).unwrap(), 990);
}

#[test]
fn names_locks_and_folders_behave_as_the_system_s_own() {
    let disk = SimDisk::empty();
    let kind = |error: std::io::Error| error.kind();
    assert_eq!(
        disk.open(&at(&disk, "x"), Open::Read).err().map(kind),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        disk.open(&at(&disk, "no/x"), Open::Create).err().map(kind),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(
        disk.remove(&at(&disk, "x")).err().map(kind),
        Some(ErrorKind::NotFound)
    );
    assert_eq!(disk.size(&at(&disk, "x")).unwrap(), None);
    disk.create_dir_all(&at(&disk, "vault/attachments")).unwrap();
    disk.create_dir_all(&at(&disk, "vault/attachments")).unwrap();
    write_durably(&disk, &at(&disk, "vault/attachments/1"), b"1").unwrap();
    disk.open(&at(&disk, "vault/b"), Open::Create).unwrap();
    assert_eq!(disk.list(&at(&disk, "vault")).unwrap(), ["attachments", "b"]);
    assert!(disk.list(&at(&disk, "none")).unwrap().is_empty());
    disk.rename(&at(&disk, "vault"), &at(&disk, "old")).unwrap();
    assert_eq!(content(&disk, "old/attachments/1").unwrap(), b"1");
    disk.sync_dir(&disk.root()).unwrap();
    assert_eq!(outcomes(&disk, "old/attachments/1"), [Some(b"1".to_vec())].into());

    let mut held = disk.lock(&at(&disk, "lock")).unwrap().unwrap();
    assert!(disk.lock(&at(&disk, "lock")).unwrap().is_none());
    held.unlock().unwrap();
    let again = disk.lock(&at(&disk, "lock")).unwrap();
    drop(held);
    assert!(
        disk.lock(&at(&disk, "lock")).unwrap().is_none(),
        "the second holder's lock is its own"
    );
    drop(again);

    let mut file = disk.open(&at(&disk, "old/b"), Open::Read).unwrap();
    assert_eq!(
        file.write_at(0, b"x").err().map(kind),
        Some(ErrorKind::PermissionDenied)
    );
    assert!(disk.remove_file(Path::new("old/b")).unwrap() && !disk.remove_file(Path::new("old/b")).unwrap());
    assert_eq!(file.len().unwrap(), 0, "an open file outlives its name");
    disk.keep_trace();
    disk.size(&at(&disk, "lock")).unwrap();
    write_durably(&disk, &at(&disk, "n"), b"x").unwrap();
    let trace: Vec<_> = disk.trace().into_iter().map(|(op, _)| op).collect();
    assert_eq!(
        trace,
        [
            Op::Look,
            Op::Create,
            Op::SetLen,
            Op::Write,
            Op::Sync,
            Op::Rename,
            Op::SyncDir
        ]
    );
}
