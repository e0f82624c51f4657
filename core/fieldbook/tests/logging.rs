//! What the core has to say reaches whoever holds it through the `log` facade, and names nobody.
#![allow(clippy::expect_used, reason = "a test may panic")]

mod common;

use std::sync::{Mutex, PoisonError};

use common::{World, counted};
use grid_fieldbook::LockedBook;
use log::{LevelFilter, Log, Metadata, Record};

/// A host that keeps the lines.
struct Host(Mutex<Vec<String>>);

static HOST: Host = Host(Mutex::new(Vec::new()));

impl Log for Host {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {}: {}", record.level(), record.target(), record.args());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

#[test]
fn a_host_receives_the_cores_lines() {
    log::set_logger(&HOST).expect("the first logger");
    log::set_max_level(LevelFilter::Info);
    let (world, folder) = (World::new(90), tempfile::tempdir().expect("a folder"));
    let book = world.open(folder.path());
    book.close().expect("closed");
    let locked = LockedBook::open(folder.path(), world.host.clone()).expect("captures");
    for value in 1..=2 {
        locked.count(counted(value)).expect("counted");
    }
    locked.close().expect("closed");
    let capture = folder.path().join("lifeboat/0000000000.locked");
    let mut bytes = std::fs::read(&capture).expect("a capture");
    bytes[8192 + 120] ^= 1;
    std::fs::write(&capture, bytes).expect("damaged");
    book.reopen().expect("open");
    let lines = HOST.0.lock().unwrap_or_else(PoisonError::into_inner).join("\n");
    assert!(lines.contains("WARN grid_fieldbook"), "{lines}");
    assert!(lines.contains("kept in quarantine"), "{lines}");
    assert!(!lines.contains(&folder.path().display().to_string()), "{lines}");
}
