//! Folders that a platform opens, and those it leaves alone.

use std::fs;
use std::sync::Arc;

use grid_server::{Platform, StartError, SystemClock};

use crate::world::{World, settings};

fn opened(path: &std::path::Path) -> StartError {
    match Platform::open(path, Arc::new(SystemClock), settings()) {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

#[test]
fn a_folder_without_a_platform_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = opened(folder.path()).sentence();
    let path = folder.path().display().to_string();
    assert!(
        sentence.en.starts_with(&path) && sentence.en.contains("admin init"),
        "{}",
        sentence.en
    );
    assert!(
        sentence.zh.starts_with(&path) && sentence.zh.contains("admin init"),
        "{}",
        sentence.zh
    );
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing was made"
    );
}

#[test]
fn making_a_platform_twice_opens_it() {
    let world = World::start();
    let again = Platform::make(world.path(), Arc::new(world.clock.clone()), settings()).unwrap();
    assert_eq!(again.hub().incarnation(), world.platform.hub().incarnation());
}

#[test]
fn a_store_without_its_keys_is_not_given_others() {
    let folder = World::start().close();
    let (key, aside) = (
        folder.path().join("keys/platform.key"),
        folder.path().join("aside"),
    );
    fs::rename(&key, &aside).unwrap();
    assert!(matches!(opened(folder.path()), StartError::KeysDiffer { .. }));
    assert!(!key.exists(), "no other keys were made");
    fs::write(&key, [7; 96]).unwrap();
    assert!(matches!(opened(folder.path()), StartError::KeysDiffer { .. }));
    fs::rename(&aside, &key).unwrap();
    assert!(Platform::open(folder.path(), Arc::new(SystemClock), settings()).is_ok());
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::start();
    world.platform.admin().make_authority(&[]).unwrap();
    for (path, mode) in [
        ("keys", 0o700),
        ("keys/platform.key", 0o600),
        ("ca", 0o700),
        ("ca/root.key", 0o600),
        ("ca/leaf.key", 0o600),
    ] {
        let found = fs::metadata(world.path().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(found, mode, "{path}: {found:o}");
    }
}

#[test]
fn a_calendar_of_the_folder_is_read_and_its_fault_is_named() {
    let folder = World::start().close();
    fs::write(
        folder.path().join("work_calendar.csv"),
        "date,is_workday,holiday\n2027-01-01,0,元旦\n2027-01-02,holiday,\n",
    )
    .unwrap();
    let sentence = opened(folder.path()).sentence();
    assert!(
        sentence.en.contains("work_calendar.csv line 3 is not"),
        "{}",
        sentence.en
    );
    assert!(
        sentence.zh.contains("work_calendar.csv 第 3 行"),
        "{}",
        sentence.zh
    );
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_a_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data");
    fs::write(&file, "").unwrap();
    let Err(error) = Platform::make(&file, Arc::new(SystemClock), settings()) else {
        panic!("it was made")
    };
    assert!(
        error.to_string().starts_with(&file.display().to_string()),
        "{error}"
    );
}
